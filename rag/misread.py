"""What cannot be the answer, whoever scored it: a byline, who only tells of it, the question's own words, a bare
weekday or number where a date is asked for, a sum where things are counted, a sentence without a figure where one is,
a toll that tells of nobody dead or hurt, who somebody is where the name does not stand, who holds an office of another
country than the one asked for."""

from __future__ import annotations

import re

import numpy as np

from index.calendar_words import WEEKDAY
from index.lexical import terms
from rag.attribution import attribute
from rag.facts import DEAD, HURT, MEASURES, figures
from rag.features import SENTENCE_FEATURES, Evidence
from rag.offices import asked_country, held_elsewhere
from rag.question import Question
from rag.reranker import Reread
from rag.saying import SAYING_VERBS

_CREDITED, _ECHOED, _SPEAKING, _UNDATED, _FIGURE_LACKING = 6.0, 2.0, 3.0, 3.0, 3.0  # what a sentence loses
_BESIDE = 4.0  # … that does not speak of what is asked for
_NOTHING_READ = -10.0  # as the reader scores a sentence that does not answer at all
_FIGURES = ("number", "money", "date")
_WANTED = SENTENCE_FEATURES.index("wanted")
_CREDIT_BEFORE = re.compile(
    r"(?:\b(?:By|Credit|Picture)|\b(?:[Pp]hoto(?:graph)?s?|[Ww]ritten|[Rr]eport(?:ing|ed)) by)\s*:?\s*$"
)
_CREDIT_AFTER = re.compile(r"\s*/\s*(?:AP|AFP|EPA|Getty|Reuters|Xinhua)\b|\s+hide caption\b", re.IGNORECASE)
_BARE_DAY = re.compile(
    rf"(?:(?:on|last|next|this|the|early|late|following)\s+)*(?:{WEEKDAY}|today|tonight|yesterday|tomorrow)"
    r"(?:\s+(?:morning|afternoon|evening|night))?|\d{1,2}[:.]\d\d(?:\s?[ap]\.?m\.?)?",
    re.IGNORECASE,
)
_BARE_NUMBER = re.compile(r"\d{1,3}")  # an age, where a date is asked for
_HOW_MANY = re.compile(
    r"\bhow many\b(?!\s+(?:\w+\s+)?(?:percent|per cent|dollars|euros|pounds|yuan|rou?bles|rupees))", re.IGNORECASE
)
_DOES = re.compile(rf"^\W*who\s+(?!(?:is|are|was|were|(?:(?:has|have|had)\s+)?(?:{SAYING_VERBS}))\b)\w+", re.IGNORECASE)
"""A question for who did something, other than to say it."""
_WHO_IS = re.compile(
    r"^\W*[Ww]ho (?:is|was|are|were) (?P<name>(?:(?:Mr|Mrs|Ms|Dr)\.? )?[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)*)\W*$"
)
"""A question for who somebody is, who is named."""
_TOLL = terms("casualties toll lives victims")


def corrected(question: Question, evidence: Evidence, reread: Reread) -> Reread:
    """The same with lower scores for what cannot be the answer; words that nobody would take for it go."""
    scores, answers, read = reread.scores.copy(), dict(reread.answers), dict(reread.read)
    if question.answer_type in _FIGURES:  # they are recognised surely enough for it; names and places are not
        scores -= _FIGURE_LACKING * (1.0 - evidence.values[:, _WANTED].astype(np.float64))
    asked = frozenset(terms(question.text))
    dated = question.answer_type == "date" and asked.isdisjoint(("day", "time", "hour"))
    does = bool(_DOES.match(question.text))  # "Who shot X?": hardly the one who tells of it
    many = bool(_HOW_MANY.search(question.text))
    needed, country = _needed(question), asked_country(question.text)
    for row, (start, end) in reread.answers.items():
        text, first = evidence.text(row), evidence.spans[row][0]
        at, to = start - first, end - first
        words = text[at:to]
        if _CREDIT_BEFORE.search(text[:at]) or _CREDIT_AFTER.match(text[to:]):
            lost = _CREDITED
        elif does and words in (attribute(text).speaker or ""):
            lost = _SPEAKING
        elif (many and _is_measure(text, at, to)) or (dated and _BARE_NUMBER.fullmatch(words.strip())):
            lost = _FIGURE_LACKING
        elif (needed and needed.isdisjoint(terms(text))) or (country and held_elsewhere(text, to, country)):
            lost = _BESIDE
        elif (told := terms(words)) and asked.issuperset(told):
            lost = _ECHOED
        else:  # a bare day may be all that is told: it stands out still
            scores[row] -= _UNDATED if dated and _BARE_DAY.fullmatch(words.strip()) else 0.0
            continue
        scores[row] -= lost
        read[row] = _NOTHING_READ
        del answers[row]
    return Reread(scores, answers, read)


def _needed(question: Question) -> frozenset[str]:
    """Stems of which an answer must have one; empty where any words may answer."""
    if named := _WHO_IS.match(question.text):
        return frozenset(terms(named["name"])[-1:])
    asked = frozenset(terms(question.text))
    tolls = [words for words in (DEAD, HURT) if words & asked] if _HOW_MANY.search(question.text) else []
    return frozenset(_TOLL).union(*tolls) if tolls else frozenset()


def _is_measure(text: str, start: int, end: int) -> bool:
    """Whether all figures between two places of a text are sums or shares: nothing is counted in them."""
    units = [figure.unit for figure in figures(text) if start <= figure.start < end]
    return bool(units) and MEASURES.issuperset(units)
