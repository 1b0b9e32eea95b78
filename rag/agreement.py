"""What several articles tell alike. An answer that other articles give too is likelier to be the right one.

The redundancy of a corpus as a witness: Dumais, Banko, Brill, Lin, Ng 2002, doi:10.1145/564376.564428. A name, a
number or a date counts for a sentence when sentences of other articles hold it, those that themselves look like
answers counting more. Copies of one text are one witness.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable

import numpy as np
from numpy.typing import NDArray

from index import Chunk, Store
from index.calendar_words import MONTH_NUMBERS, MONTHS
from index.lexical import terms
from rag.features import Evidence
from rag.question import AnswerType, Question

_SOFTNESS = 4.0  # a sentence that scores this much below the best counts 1/e as a witness
_RARE = 7.0  # from this idf on a name's word counts fully: one of 1,000 chunks holds it
_MONTH = rf"(?:{'|'.join(month[:3] for month in MONTHS)})[a-z]*\.?"
_DATE = re.compile(
    rf"\b(?P<day>\d{{1,2}})?(?:st|nd|rd|th)?\s*(?:of\s+)?\b(?P<month>{_MONTH})(?:\s+(?P<after>\d{{1,2}})\b)?"
)
_YEAR = re.compile(r"\b(?:1\d|20)\d\d\b")
_NUMBER = re.compile(r"\d[\d,.]*\d|\d")
_NAME = re.compile(r"\b[A-Z][\w’'-]+(?:\s+(?:of\s+|the\s+|al-|bin\s+|van\s+|de\s+)?[A-Z][\w’'-]+)*")
_NAMED: frozenset[AnswerType] = frozenset(("person", "place", "organisation", "other"))


def agreement(question: Question, evidence: Evidence, scores: NDArray[np.float64], store: Store) -> NDArray[np.float64]:
    """How far other articles tell what each sentence tells, from 0 (none does), shape (sentences,).

    `scores` say how well each sentence answers by itself.
    """
    asked = frozenset(terms(question.text)).union(*(name for others in question.stand_ins.values() for name in others))
    sources = [source(item.chunk, store) for item in evidence.candidates]
    told = [answers(question.answer_type, evidence.text(row), asked) for row in range(len(scores))]
    weights = np.exp((scores - scores.max(initial=-np.inf)) / _SOFTNESS)
    witnesses: dict[Hashable, dict[str, float]] = defaultdict(dict)
    for row, found in enumerate(told):
        own = sources[int(evidence.owner[row])]
        for answer in found:
            witnesses[answer][own] = max(witnesses[answer].get(own, 0.0), float(weights[row]))
    agreed = np.zeros(len(scores))
    for row, found in enumerate(told):
        own = sources[int(evidence.owner[row])]
        for answer in found:
            others = sum(witnesses[answer].values()) - witnesses[answer][own]
            if others:
                agreed[row] = max(agreed[row], _weight(answer, store) * np.log1p(others))
    return agreed


def source(chunk: Chunk, store: Store) -> str:
    """Who tells what a chunk holds: its article, or all copies of that as one."""
    return store.group_of(chunk.article)[0]


def answers(kind: AnswerType, text: str, asked: frozenset[str]) -> frozenset[Hashable]:
    """What of a text may answer a question of this kind, each in a form that is the same however it is written.

    `asked` are the stems of the question: what it names itself does not answer it.
    """
    found: set[Hashable] = set()
    if kind == "date":
        for match in _DATE.finditer(text):
            day = match["day"] or match["after"]
            if day:
                found.add((int(day), MONTH_NUMBERS[match["month"][:3].casefold()]))
        found.update(year for year in _YEAR.findall(text) if year not in asked)
    elif kind in ("number", "money"):
        numbers = (number.rstrip(".,").replace(",", "") for number in _NUMBER.findall(text))
        found.update(number for number in numbers if number not in asked)
    elif kind in _NAMED:
        found.update(
            _Word(stem) for name in _NAME.findall(text) for stem in terms(name) if stem not in asked and len(stem) > 1
        )
    return frozenset(found)


class _Word(str):
    """A stem of a name: unlike a number or a date it may stand in many articles and mean nothing."""

    __slots__ = ()


def _weight(answer: Hashable, store: Store) -> float:
    return min(1.0, store.lexical.idf(answer) / _RARE) if isinstance(answer, _Word) else 1.0
