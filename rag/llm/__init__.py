"""Who writes the answer. One protocol: a request in, drafted sentences out, each with the passages it cites.

A provider of a language model is one module here with a `stream(messages)`; `open_llm` chooses by name.
"""

from __future__ import annotations

from rag.errors import SettingsError
from rag.llm.base import LLM, Draft, Message, Request, TextModel, Usage
from rag.llm.extractive import Extractive
from rag.llm.openai import OpenAIModel
from rag.llm.writer import ModelWriter
from rag.settings import Settings

__all__ = [
    "LLM",
    "Draft",
    "Extractive",
    "Message",
    "ModelWriter",
    "Request",
    "TextModel",
    "Usage",
    "open_llm",
]


def open_llm(settings: Settings) -> LLM:
    """The writer that the setting `llm` names.

    Raises:
        SettingsError: no provider has this name.
    """
    provider, _, model = settings.llm.partition(":")
    if provider == "extractive" and not model:
        return Extractive()
    if provider == "openai" and model:
        return ModelWriter(OpenAIModel(model, settings), settings)
    raise SettingsError(f"There is no LLM {settings.llm!r}: use extractive, or openai:MODEL (with DATELINE_BASE_URL).")
