"""`ollama:MODEL`: a model that Ollama has pulled, by Ollama's OpenAI-compatible door."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

from rag.errors import ModelUnreachable
from rag.llm.base import Availability, Provider
from rag.llm.openai import Endpoint, OpenAIModel
from rag.llm.refusals import Mends
from rag.llm.writer import ModelWriter
from rag.settings import Settings

ADDRESS = "http://127.0.0.1:11434"


def _address(settings: Settings) -> str:
    """Ollama's own address; the base URL may be given with or without the /v1 of its OpenAI-compatible door."""
    return (settings.address("ollama") or ADDRESS).rstrip("/").removesuffix("/v1")


def _mends(settings: Settings, model: str = "MODEL") -> Mends:
    return Mends(
        f"Ollama at {_address(settings)}",
        start="Start it with `ollama serve`, or set DATELINE_BASE_URL.",
        key="It asks for one: set DATELINE_BASE_URL to an Ollama that does not.",
        model=f"Get it with `ollama pull {model}`.",
    )


def pulled(settings: Settings) -> tuple[str, ...]:
    """The names of the models that Ollama has.

    Raises:
        ModelUnreachable: it is not running, or something else listens there.
    """
    try:
        with urllib.request.urlopen(f"{_address(settings)}/api/tags", timeout=settings.connect_seconds) as response:
            return tuple(sorted(str(model["name"]) for model in json.load(response)["models"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        mends = _mends(settings)
        raise ModelUnreachable(f"{mends.server} cannot be reached. {mends.start}") from error


def _open(model: str, settings: Settings) -> ModelWriter:
    # No key: one that is set for a hosted service is none of Ollama's business.
    endpoint = Endpoint(f"{_address(settings)}/v1", None, _mends(settings, model))
    return ModelWriter(OpenAIModel(f"ollama:{model}", model, endpoint, settings), settings)


def _probe(settings: Settings) -> Availability:
    try:
        models = pulled(settings)
    except ModelUnreachable as error:
        return Availability(False, str(error))
    return Availability(True, models=models) if models else Availability(False, "No model: `ollama pull MODEL`.")


PROVIDER = Provider("ollama:MODEL", _open, _probe)
