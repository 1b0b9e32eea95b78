"""The plugs: what the chatbot asks of a writer, what a writer asks of a language model, what a provider is."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypedDict, runtime_checkable

from index import Span
from rag.question import Question
from rag.records import Passage, Turn
from rag.scorer import Scored
from rag.settings import Settings


class Message(TypedDict):
    """One message for a chat model."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Request:
    """All that a writer may use. Passages are numbered from 1 in their order; `sentences` are the likeliest first.

    `history` is the conversation that the question hangs on; empty where it stands alone.
    """

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


@dataclass(frozen=True, slots=True)
class Pending:
    """What the model has written of the sentence that it is at, without its markers; it is only ever added to.

    It comes again while nothing new does, so that whoever waits can stop.
    """

    text: str


@dataclass(slots=True)
class Usage:
    """Tokens that a model read and wrote, as it reports them, else as we count them."""

    prompt_tokens: int = 0
    completion_tokens: int = 0


class LLM(Protocol):
    """Writes an answer sentence by sentence. `prompts` names the content of its prompts; None: it has none."""

    name: str
    prompts: str | None

    def write(self, request: Request, usage: Usage) -> Generator[Draft | Pending, None, None]:
        """Draft the answer; no draft at all means that the passages do not tell. Closing the iterator stops it.

        Raises:
            ModelUnavailable: the model cannot be reached or refuses.
            ModelUnusable: its output cannot be used.
        """


@runtime_checkable
class Rewriter(Protocol):
    """A writer that can also say a follow-up as a question of its own."""

    def rewrite(self, question: str, history: Sequence[Turn]) -> str:
        """The question on its own, as the model says it: to be checked.

        Raises:
            ModelError: the model gave none.
        """


class TextModel(Protocol):
    """A chat model: messages in, pieces of text out as they come."""

    name: str

    @property
    def context_tokens(self) -> int:
        """Tokens that it reads and writes in all."""

    def count(self, text: str) -> int:
        """Tokens of a text: by the model's own tokenizer where it is to be had, else by tiktoken."""

    def stream(self, messages: Sequence[Message], *, max_tokens: int, usage: Usage) -> Generator[str, None, None]:
        """The answer's pieces; an empty one while nothing comes. Closing the iterator ends the model's work.

        Raises:
            ModelError: the model cannot be had, or its answer cannot be used.
        """


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether a provider can be used now: its models as far as they are known, or the reason and the mend."""

    usable: bool
    why: str = ""
    models: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Provider:
    """A source of writers. `form` is how a setting names one: "openai:MODEL"; `open` gets what stands for MODEL."""

    form: str
    open: Callable[[str, Settings], LLM]
    probe: Callable[[Settings], Availability]
