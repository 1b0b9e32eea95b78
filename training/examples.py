"""What the reader learns from, as data: a row of the sources, an example made of it, and passages that look alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from index.lexical import LexicalIndex, terms

OUR_OWN = "written"  # the source of our own questions
LONER = frozenset({"squadshifts-reddit", "squadshifts-amazon"})  # questions that mean nothing away from their passage
_DEPTH = 24  # passages of BM25 that are looked at for negatives


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the data: `passage[start:end]` is the answer."""

    source: str
    group: str
    question: str
    passage: str
    answerable: bool
    start: int | None
    end: int | None
    answers: list[str]


@dataclass(frozen=True, slots=True)
class Example:
    """A question with passages. `passages[gold][start:end]` is the answer; no gold, no answer."""

    source: str
    kind: str
    question: str
    passages: list[str]
    gold: int | None
    start: int
    end: int
    answers: list[str]
    forewords: list[str] = field(default_factory=list)  # what is read before each passage


class Passages:
    """All passages, to find those that look like an answer's and are not."""

    def __init__(self, rows: Sequence[Row]) -> None:
        group = {row.passage: row.group for row in rows if row.source not in LONER}
        self.texts = list(group)
        self.groups = np.array(list(group.values()))
        self._folded = [text.casefold() for text in self.texts]
        self._index = LexicalIndex.from_texts(self.texts)

    def lacking(self, row: Row, *, same_group: bool) -> list[str]:
        """Passages without the answer, the most alike first."""
        scores = self._index.scores(dict.fromkeys(terms(row.question), 1.0))
        if same_group:
            scores = np.where(self.groups == row.group, scores, 0)
        order = np.argsort(-scores, kind="stable")[:_DEPTH]
        answers = [answer.casefold() for answer in row.answers]
        return [
            self.texts[at]
            for at in order
            if scores[at] > 0
            and self.texts[at] != row.passage
            and not any(answer in self._folded[at] for answer in answers)
        ]


def alone(row: Row) -> Example:
    """The question with its own passage."""
    if row.start is None or row.end is None:
        return Example(row.source, "written", row.question, [row.passage], None, 0, 0, [])
    return Example(row.source, "answerable", row.question, [row.passage], 0, row.start, row.end, row.answers)
