"""`gguf:PATH`: a model file in this process, through llama.cpp (xllamacpp, extra `local`).

llama.cpp serves its model on a loopback port; a key that only this process knows keeps others out. So streaming, stop
and time limits are those of any other server: a connection that is closed ends the computing.
"""

from __future__ import annotations

import importlib.util
import secrets
import threading
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import httpx2

from rag.errors import ModelUnavailable, ModelUnusable, SettingsError
from rag.llm.base import Availability, Message, Provider, Usage
from rag.llm.openai import Endpoint, OpenAIModel
from rag.llm.refusals import Mends
from rag.llm.writer import ModelWriter
from rag.settings import Settings

_MAGIC = b"GGUF"
_MOST_CONTEXT = 8192  # tokens, where no setting asks for more: the memory that a context takes grows with it
_QUIET = -1
_loading = threading.Lock()


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A model in memory, served on loopback."""

    server: Any  # it stops when it is let go
    address: str
    key: str
    context_tokens: int

    def post(self, path: str, body: dict[str, Any]) -> Any:
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx2.post(f"{self.address}{path}", json=body, headers=headers, timeout=30).raise_for_status().json()


class GgufModel:
    """A chat model from a file. It is loaded when it is first needed, and once however often it is opened."""

    def __init__(self, path: Path, settings: Settings) -> None:
        self.name = f"gguf:{path.name}"
        self._path = path.resolve()
        self._settings = settings
        _check(path)

    @property
    def context_tokens(self) -> int:
        """Of the file, or less by setting."""
        return self._loaded.context_tokens

    def count(self, text: str) -> int:
        """By the model's own tokenizer."""
        return len(self._loaded.post("/tokenize", {"content": text})["tokens"])

    def stream(self, messages: Sequence[Message], *, max_tokens: int, usage: Usage) -> Generator[str, None, None]:
        loaded = self._loaded
        endpoint = Endpoint(f"{loaded.address}/v1", loaded.key, Mends(f"llama.cpp with {self._path.name}"))
        model = OpenAIModel(self.name, self._path.name, endpoint, self._settings)
        return model.stream(messages, max_tokens=max_tokens, usage=usage)

    @property
    def _loaded(self) -> _Loaded:
        with _loading:
            return _load(self._path, self._settings.context_tokens or _MOST_CONTEXT, self._settings.threads)


@lru_cache(maxsize=2)
def _load(path: Path, context_tokens: int, threads: int) -> _Loaded:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.hostnames, params.port = ["127.0.0.1"], 0
    params.n_ctx, params.n_parallel = context_tokens, 1
    params.cpuparams.n_threads = threads or -1
    params.verbosity, params.ui = _QUIET, False
    key = secrets.token_urlsafe(32)
    params.api_keys = [key]
    try:
        server = xllamacpp.Server(params)
    except RuntimeError as error:
        raise ModelUnusable(f"{path} cannot be loaded: is it a whole GGUF file, and is there memory for it?") from error
    address = server.listening_address
    props = httpx2.get(f"{address}/props", headers={"Authorization": f"Bearer {key}"}, timeout=30).json()
    return _Loaded(server, address, key, int(props["default_generation_settings"]["n_ctx"]))


def _check(path: Path) -> None:
    if importlib.util.find_spec("xllamacpp") is None:
        raise ModelUnavailable('The package xllamacpp is not installed: pip install "dateline[local]".')
    try:
        with path.open("rb") as file:
            begins = file.read(len(_MAGIC))
    except OSError as error:
        raise SettingsError(f"The model file {path} cannot be read: {error.strerror}.") from error
    if begins != _MAGIC:
        raise SettingsError(f"{path} is not a GGUF file.")


def _open(path: str, settings: Settings) -> ModelWriter:
    return ModelWriter(GgufModel(Path(path).expanduser(), settings), settings)


def _probe(settings: Settings) -> Availability:
    named, _, path = settings.llm.partition(":")
    if importlib.util.find_spec("xllamacpp") is None:
        return Availability(False, 'The package xllamacpp is not installed: pip install "dateline[local]".')
    if named != "gguf":
        return Availability(True, "Name a GGUF file: gguf:PATH.")
    try:
        _check(Path(path).expanduser())
    except (ModelUnavailable, SettingsError) as error:
        return Availability(False, str(error))
    return Availability(True, models=(path,))


PROVIDER = Provider("gguf:PATH", _open, _probe)
