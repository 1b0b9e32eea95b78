"""Question → passages → answer → citations → verdicts. `Chatbot` is the one door."""

from rag.chatbot import Chatbot, Update
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
