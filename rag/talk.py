"""The conversation of a window: its exchanges, what a link in it means, and how each step changes it.

Everything here is a value; rag/render.py draws it, rag/web/window.py keeps it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rag.feedback import Feedback, Judgement, answered_by, fitting, judged
from rag.records import Answer, Citation, Passage, Turn

if TYPE_CHECKING:  # the façade loads models; a conversation needs only the shape of an update
    from rag.composing import Phase, Update

_QUESTION_CHARS = 1200  # of a question that could not be asked so much is kept
_STOPPED = "Stopped before the answer was complete."
_LINK = re.compile(
    r"#(?P<act>cite|passage|undo|all|edit|leave|say|gold|unsay|more)-(?P<turn>[1-9][0-9]{0,5})"
    r"(?:-(?P<word>none|[a-z_]{1,20})|-(?P<number>[1-9][0-9]{0,5})(?:-(?P<place>[1-9][0-9]{0,5}))?)?"
)
_SHAPES = {
    "cite": "number",
    "passage": "number",
    "say": "word",
    "undo": None,
    "all": None,
    "edit": None,
    "leave": None,
    "unsay": None,
    "more": None,
}


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and its answer so far.

    `beside` says that it answers the question before it once more, by another model. `number` is its place in the
    kept conversation; None while it is not kept. `further` are passages that were looked up to find the one that
    answers; None until somebody looks. `choosing` says that the reader is at choosing the sentences that answer.
    """

    phase: Phase
    answer: Answer
    pending: str = ""
    beside: bool = False
    number: int | None = None
    feedback: Feedback | None = None
    further: tuple[Passage, ...] | None = None
    choosing: bool = False


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation. `id` names it where it is kept, and is empty before; `editing` is the exchange asked anew."""

    id: str = ""
    exchanges: tuple[Exchange, ...] = ()
    editing: int | None = None
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """What a link of ours means. `turn` counts from 1."""

    act: str
    turn: int
    word: str = ""
    number: int = 0
    place: int = 0


def read_link(link: object) -> Link | None:
    """The meaning of a link; None when it is none of ours. `link` is not trusted."""
    match = _LINK.fullmatch(link) if isinstance(link, str) else None
    if match is None:
        return None
    act, word, number, place = match["act"], match["word"], match["number"], match["place"]
    filled = ("word" if word else "place" if place else "number") if word or number else None
    whole = filled == "place" or word == "none" if act == "gold" else filled == _SHAPES[act]
    return Link(act, int(match["turn"]), word or "", int(number or 0), int(place or 0)) if whole else None


def find(exchanges: Sequence[Exchange], link: object) -> Citation | Passage | None:
    """The citation or passage that a link points at; None when there is no such thing. `link` is not trusted."""
    read = read_link(link)
    if read is None or read.turn > len(exchanges):
        return None
    answer = exchanges[read.turn - 1].answer
    if read.act == "cite":
        return next((citation for citation in answer.citations if citation.number == read.number), None)
    if read.act == "passage":
        return next((passage for passage in answer.passages if passage.rank == read.number), None)
    return None


def asked_again(exchanges: Sequence[Exchange], link: object) -> str | None:
    """The question that a link asks again: as it was written, or, of all articles, as it was understood.

    None when there is none. `link` is not trusted.
    """
    read = read_link(link)
    if read is None or read.act not in ("undo", "all") or read.turn > len(exchanges):
        return None
    answer = exchanges[read.turn - 1].answer
    return answer.question if read.act == "undo" else answer.standalone_question


def edited(talk: Talk, link: object) -> Talk | None:
    """The conversation whose question is being edited, or no longer; None when the link says neither.

    `link` is not trusted.
    """
    read = read_link(link)
    if read is None or read.act not in ("edit", "leave") or read.turn > len(talk.exchanges):
        return None
    return replace(talk, editing=read.turn if read.act == "edit" else None)


def edited_question(talk: Talk) -> str:
    """The question that is being edited; "" when none is."""
    return talk.exchanges[talk.editing - 1].answer.question if talk.editing else ""


def assessed(talk: Talk, link: object) -> tuple[Talk, Exchange] | None:
    """The conversation with what a reader says of an answer, and that exchange. `link` is not trusted."""
    read = read_link(link)
    if read is None or read.act not in ("say", "gold", "unsay") or read.turn > len(talk.exchanges):
        return None
    exchange = talk.exchanges[read.turn - 1]
    if not is_judged(exchange):
        return None
    feedback: Feedback | None = None
    if read.act != "unsay":
        feedback = _said(exchange, read)
        if feedback is None:
            return None
    exchange = replace(exchange, feedback=feedback, choosing=read.act == "gold")
    return replace(talk, exchanges=_put(talk.exchanges, read.turn, exchange)), exchange


def unfound(talk: Talk, link: object) -> tuple[int, Answer] | None:
    """The exchange, and its answer, for which a reader looks further for the passage that answers; None for no such.

    `link` is not trusted.
    """
    read = read_link(link)
    if read is None or read.act != "more" or read.turn > len(talk.exchanges):
        return None
    exchange = talk.exchanges[read.turn - 1]
    return (read.turn, exchange.answer) if is_judged(exchange) and exchange.further is None else None


def found_further(talk: Talk, turn: int, passages: Iterable[Passage]) -> Talk:
    """The conversation with what was found for an exchange besides its answer's passages, ranked behind them."""
    exchange = talk.exchanges[turn - 1]
    seen = {(passage.article, passage.start) for passage in exchange.answer.passages}
    new = [passage for passage in passages if (passage.article, passage.start) not in seen]
    ranks = itertools.count(1 + max((passage.rank for passage in exchange.answer.passages), default=0))
    further = tuple(replace(passage, rank=rank) for rank, passage in zip(ranks, new, strict=False))
    return replace(talk, exchanges=_put(talk.exchanges, turn, replace(exchange, further=further, choosing=True)))


def is_judged(exchange: Exchange) -> bool:
    """Whether a reader can say something of it: it is kept, and it is an answer, an abstention or a question back."""
    return exchange.phase == "done" and exchange.answer.status != "failed" and exchange.number is not None


def begun(talk: Talk, question: str, models: Sequence[str]) -> Talk:
    """The conversation with the question asked of each model, at its end or in place of what is edited."""
    before = talk.exchanges if talk.editing is None else talk.exchanges[: talk.editing - 1]
    blanks = [Answer(question, question, "abstained", "no_evidence", model=model) for model in models]
    asked = [Exchange("searching", blank, beside=at > 0) for at, blank in enumerate(blanks)]
    return replace(talk, exchanges=(*before, *asked), editing=None, notice="")


def grown(talk: Talk, turn: int, update: Update) -> Talk:
    """The conversation with the answer of exchange `turn` as it stands now."""
    before = talk.exchanges[turn - 1]
    after = replace(before, phase=update.phase, answer=update.answer, pending=update.pending)
    return replace(talk, exchanges=_put(talk.exchanges, turn, after))


def numbered(talk: Talk, turn: int, number: int) -> Talk:
    """The conversation whose exchange `turn` is kept under this number."""
    after = replace(talk.exchanges[turn - 1], number=number)
    return replace(talk, exchanges=_put(talk.exchanges, turn, after))


def stopped(talk: Talk) -> Talk:
    """The conversation after the stop button: an unfinished answer keeps what it has and says so."""
    if all(exchange.phase == "done" for exchange in talk.exchanges):
        return talk
    return replace(talk, exchanges=tuple(map(ended, talk.exchanges)))


def ended(exchange: Exchange) -> Exchange:
    """The exchange as it is when it is stopped now; a finished one as it is."""
    if exchange.phase == "done":
        return exchange
    answer = replace(exchange.answer, explanation=_STOPPED)
    if not answer.sentences:
        answer = replace(answer, status="failed", reason=None)
    return replace(exchange, phase="done", answer=answer, pending="")


def history(exchanges: Iterable[Exchange]) -> tuple[Turn, ...]:
    """What a follow-up question may refer to."""
    told = (one.answer for one in exchanges if one.answer.status != "failed" and not one.beside)
    return tuple(answer.turn for answer in told)


def failed(text: str, error: Exception) -> Answer:
    """The answer to a question that could not be asked: it says why."""
    kept = text if len(text) <= _QUESTION_CHARS else text[: _QUESTION_CHARS - 1] + "…"
    return Answer(kept, kept, "failed", explanation=str(error))


def _said(exchange: Exchange, read: Link) -> Feedback | None:
    answer, before = exchange.answer, exchange.feedback
    if read.act == "say":
        wanted: tuple[Judgement, ...] = fitting(answer)
        return next((judged(answer, judgement) for judgement in wanted if judgement == read.word), None)
    if before is None or before.judgement == "right":
        return None
    if read.word == "none":
        return Feedback(before.judgement, answerable=False)
    return answered_by(before, (*answer.passages, *(exchange.further or ())), read.number, read.place)


def _put(exchanges: tuple[Exchange, ...], turn: int, exchange: Exchange) -> tuple[Exchange, ...]:
    return (*exchanges[: turn - 1], exchange, *exchanges[turn:])
