"""Who writes the answer. One protocol: a request in, drafted sentences out, each with the passages it cites.

A provider of a language model is one module here with a `PROVIDER`, and one line in `PROVIDERS`.
"""

from __future__ import annotations

from rag.errors import SettingsError
from rag.llm import anthropic, extractive, gguf, ollama, openai
from rag.llm.base import LLM, Availability, Draft, Message, Pending, Provider, Request, Rewriter, TextModel, Usage
from rag.llm.extractive import Extractive
from rag.llm.writer import ModelWriter
from rag.settings import Settings

__all__ = [
    "LLM",
    "PROVIDERS",
    "Availability",
    "Draft",
    "Extractive",
    "Message",
    "ModelWriter",
    "Pending",
    "Provider",
    "Request",
    "Rewriter",
    "TextModel",
    "Usage",
    "availability",
    "open_llm",
]

PROVIDERS: tuple[Provider, ...] = (
    extractive.PROVIDER,
    openai.PROVIDER,
    ollama.PROVIDER,
    gguf.PROVIDER,
    anthropic.PROVIDER,
)


def open_llm(settings: Settings) -> LLM:
    """The writer that the setting `llm` names.

    Raises:
        SettingsError: no provider has this name.
        ModelUnavailable: it lacks a key or a package.
    """
    name, _, model = settings.llm.partition(":")
    for provider in PROVIDERS:
        known, _, wanted = provider.form.partition(":")
        if name == known and bool(model) == bool(wanted):
            return provider.open(model, settings)
    forms = ", ".join(provider.form for provider in PROVIDERS)
    raise SettingsError(f"There is no LLM {settings.llm!r}. There are: {forms}. See docs/models.md.")


def availability(settings: Settings) -> dict[str, Availability]:
    """Form of each provider → whether it can be used now. Servers are asked, for a few seconds at most."""
    return {provider.form: provider.probe(settings) for provider in PROVIDERS}
