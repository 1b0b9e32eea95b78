"""The plug: what the chatbot asks of a writer, and what a writer asks of a language model."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypedDict

from index import Span
from rag.question import Question
from rag.records import Passage, Turn
from rag.scorer import Scored


class Message(TypedDict):
    """One message for a chat model."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Request:
    """All that a writer may use. Passages are numbered from 1 in their order; `sentences` are the likeliest first."""

    question: Question
    standalone: str
    passages: tuple[Passage, ...]
    sentences: tuple[Scored, ...]
    history: tuple[Turn, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A sentence as written, not yet checked. `citations` are numbers of passages.

    `source` is set when the sentence was taken word for word: the article and the span there. `answer` are the
    words of `text` that answer the question, where they are known.
    """

    text: str
    citations: tuple[int, ...] = ()
    source: tuple[str, Span] | None = None
    answer: Span | None = None


@dataclass(slots=True)
class Usage:
    """Tokens that a model read and wrote, as it reports them, else as we count them."""

    prompt_tokens: int = 0
    completion_tokens: int = 0


class LLM(Protocol):
    """Writes an answer sentence by sentence."""

    name: str

    def write(self, request: Request, usage: Usage) -> Generator[Draft, None, None]:
        """Draft the answer; no draft at all means that the passages do not tell. Closing the iterator stops it.

        Raises:
            ModelUnavailable: the model cannot be reached or refuses.
            ModelUnusable: its output cannot be used.
        """


class TextModel(Protocol):
    """A chat model: messages in, pieces of text out as they come. Closing the iterator ends the model's work."""

    name: str

    def stream(self, messages: Sequence[Message], *, max_tokens: int, usage: Usage) -> Generator[str, None, None]: ...
