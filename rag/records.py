"""What an answer is made of. `Answer.to_dict` is the one form that window, command line, API and tests share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from index import Span

Status = Literal["answered", "abstained", "failed"]
Reason = Literal["no_evidence", "insufficient_evidence", "unsupported", "model_unavailable", "model_unusable"]
Verdict = Literal["supported", "unsupported", "not_a_claim"]
ConflictKind = Literal["number", "date", "denial", "update"]


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier exchange of the conversation. `clarification` is the line that asked back instead of an answer."""

    question: str
    answer: str = ""
    clarification: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk retrieved for a question. `start`, `end` are offsets in the article; `score` orders passages."""

    rank: int
    article: str
    start: int
    end: int
    score: float
    text: str
    title: str | None = None
    outlet: str | None = None
    published: str | None = None
    also: tuple[str, ...] = ()  # outlets (else articles) that print the same


@dataclass(frozen=True, slots=True)
class Citation:
    """A numbered span shown for a sentence: `article.text[start:end] == quote`, always."""

    number: int
    article: str
    title: str | None
    outlet: str | None
    published: str | None
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who says it, and the outlet that reports it; None where the text does not tell.

    `via` is another outlet that the speaker told, as the sentence says: "analysts told Al Jazeera".
    """

    speaker: str | None
    outlet: str | None
    via: str | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the answer. `start`, `end` and `answer_span` are offsets in the answer's text."""

    text: str
    start: int
    end: int
    citations: tuple[int, ...]
    verdict: Verdict
    score: float
    attribution: Attribution = Attribution(None, None)
    answer_span: Span | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """One side of a disagreement, and the citation that holds it; who says it, reported where and when."""

    text: str
    citation: int
    speaker: str | None = None
    outlet: str | None = None
    published: str | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """Claims of the evidence that cannot all be so. Of an "update" the later report comes last."""

    about: str
    claims: tuple[Claim, ...]
    kind: ConflictKind = "number"


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one question, with everything that it rests on.

    `answered` means at least one supported sentence with a citation. `answerability` is the estimated
    probability that the passages hold the answer. `explanation` says in words why there is no answer.
    """

    question: str
    standalone_question: str
    status: Status
    reason: Reason | None = None
    text: str = ""
    sentences: tuple[Sentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    passages: tuple[Passage, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    model: str = "extractive"
    usage: Mapping[str, int] = field(default_factory=lambda: {"prompt_tokens": 0, "completion_tokens": 0})
    seconds: Mapping[str, float] = field(default_factory=dict)
    answerability: float = 0.0
    explanation: str | None = None
    filters: str | None = None  # which articles were in scope, in words; None: all
    scope: Mapping[str, Any] | None = None  # the filters that were set, by field; None: the question's words set them
    removed: tuple[str, ...] = ()  # sentences of the model that nothing supports, or that do not answer
    clarification: str | None = None  # what must be said before the question can be answered, in one line
    prompts: str | None = None  # names the content of the prompts; None: no model wrote

    @property
    def turn(self) -> Turn:
        """What a later question may refer to."""
        return Turn(self.question, self.text if self.status == "answered" else "", self.clarification or "")

    def to_dict(self) -> dict[str, Any]:
        """The answer as JSON values, in the form that docs/answer.md gives."""
        return asdict(self)
