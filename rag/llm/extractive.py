"""The default writer: no model, the articles' own sentences. It picks those that answer and quotes them."""

from __future__ import annotations

import re
from collections.abc import Generator

from index import Span
from index.lexical import terms
from rag.llm.base import Availability, Draft, Provider, Request, Usage
from rag.question import Question
from rag.scorer import Scored
from rag.settings import Settings

_SHORT_ANSWERS = frozenset({"number", "money", "date", "person", "place", "organisation", "yes_no"})
_MOST_SHORT, _MOST_LONG, _MOST_LISTED = 2, 3, 5  # sentences
_CLOSE = 1.0  # a further sentence is given when its score is at most this far below the first one's
_CLOSE_LISTED = 2.5  # the same where all members of a group are wanted
_CLOSE_COMPARED = 8.0  # the same where two sides are compared: the other side is worded otherwise
_READ_FROM = (
    -2.0
)  # the reader's score from which a further sentence is given; of one side, or one member, it says little
_UNFINISHED = 3.0  # what a heading, or a sentence that is cut off, loses
_SAME = 0.8  # share of a sentence's words that another one already said
_WHOLE = re.compile(r"[.!?…:][\"'”’»)\]]*$")


class Extractive:
    """Quotes the sentences that answer, best first, each with the passage that it stands in."""

    name = "extractive"
    prompts: str | None = None

    def write(self, request: Request, usage: Usage) -> Generator[Draft, None, None]:
        numbers = {(passage.article, passage.start): number for number, passage in enumerate(request.passages, 1)}
        for sentence in choose(request.question, request.sentences):
            chunk = sentence.candidate.chunk
            number = numbers.get((chunk.article, chunk.start))
            if number is not None:
                text = " ".join(sentence.text.split())
                yield Draft(text, (number,), (chunk.article, sentence.span), _answer(sentence, text))


def choose(question: Question, sentences: tuple[Scored, ...]) -> list[Scored]:
    """The sentences to give: the best one, and those close behind it that say something else.

    One for a name or a number, and a second where that gives another one; more for why and how; for a group as many
    as name other members; both sides where they are compared. What was read and does not answer is not added.
    """
    most, margin = _extent(question)
    chosen: list[Scored] = []
    for sentence in sorted(sentences, key=_worth, reverse=True):
        if len(chosen) == most or (chosen and _worth(sentence) < _worth(chosen[0]) - margin):
            break
        if chosen and not (question.compares or question.lists or _answers(sentence)):
            continue
        if not any(_repeats(sentence.text, earlier.text) or _answers_alike(sentence, earlier) for earlier in chosen):
            chosen.append(sentence)
    return chosen


def _answers(sentence: Scored) -> bool:
    return sentence.read is None or sentence.read >= _READ_FROM


def _worth(sentence: Scored) -> float:
    return sentence.score if _WHOLE.search(sentence.text) else sentence.score - _UNFINISHED


def _extent(question: Question) -> tuple[int, float]:
    """How many sentences at most, and how far below the best one's score."""
    if question.compares:
        return _MOST_LONG, _CLOSE_COMPARED
    if question.lists:
        return _MOST_LISTED, _CLOSE_LISTED
    return (_MOST_SHORT if question.answer_type in _SHORT_ANSWERS else _MOST_LONG), _CLOSE


def _answer(sentence: Scored, text: str) -> Span | None:
    """Where the answering words stand in the text that is shown, whose white space is folded."""
    if sentence.answer is None:
        return None
    start = sentence.span[0]
    words = " ".join(sentence.text[sentence.answer[0] - start : sentence.answer[1] - start].split())
    at = text.find(words, max(0, sentence.answer[0] - start - (len(sentence.text) - len(text))))
    return (at, at + len(words)) if at >= 0 and any(map(str.isalnum, words)) else None


def _repeats(text: str, earlier: str) -> bool:
    words = frozenset(terms(text))
    return len(words & frozenset(terms(earlier))) > _SAME * len(words)


def _answers_alike(sentence: Scored, earlier: Scored) -> bool:
    """Whether the words that answer are all among those that answered before, where they are known of both."""
    own, others = _answering(sentence), _answering(earlier)
    return bool(own) and own <= others


def _answering(sentence: Scored) -> frozenset[str]:
    if sentence.answer is None:
        return frozenset()
    start = sentence.span[0]
    return frozenset(terms(sentence.text[sentence.answer[0] - start : sentence.answer[1] - start]))


def _open(model: str, settings: Settings) -> Extractive:
    return Extractive()


def _probe(settings: Settings) -> Availability:
    return Availability(True)


PROVIDER = Provider("extractive", _open, _probe)
