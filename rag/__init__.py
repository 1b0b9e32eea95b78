"""Question → passages → answer → citations → verdicts. `Chatbot` is the one door."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rag.chatbot import Chatbot
    from rag.composing import Update
    from rag.errors import DatelineError
    from rag.records import Answer, Attribution, Citation, Passage, Sentence, Turn
    from rag.settings import Settings

__version__ = "0.1.0"

__all__ = [
    "Answer",
    "Attribution",
    "Chatbot",
    "Citation",
    "DatelineError",
    "Passage",
    "Sentence",
    "Settings",
    "Turn",
    "Update",
]

_MODULES = {"Chatbot": "chatbot", "Update": "composing", "DatelineError": "errors", "Settings": "settings"}


def __getattr__(name: str) -> object:
    """A name is imported when it is first used: every run of pytest loads the plugin, and must not pay for torch."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES.get(name, 'records')}"), name)
