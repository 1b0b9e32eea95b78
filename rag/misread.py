"""Words that the reading model takes for the answer and that cannot be it: bylines, the question's own words, a bare
weekday where a date is asked for."""

from __future__ import annotations

import re
from dataclasses import replace

from index.calendar_words import WEEKDAY
from index.lexical import terms
from rag.features import Evidence
from rag.question import Question
from rag.reranker import Reread

_CREDITED, _ECHOED, _UNDATED = 6.0, 2.0, 3.0  # what a sentence loses
_CREDIT_BEFORE = re.compile(
    r"(?:\b(?:By|Credit|Picture)|\b(?:[Pp]hoto(?:graph)?s?|[Ww]ritten|[Rr]eport(?:ing|ed)) by)\s*:?\s*$"
)
_CREDIT_AFTER = re.compile(r"\s*/\s*(?:AP|AFP|EPA|Getty|Reuters|Xinhua)\b|\s+hide caption\b", re.IGNORECASE)
_BARE_DAY = re.compile(
    rf"(?:(?:on|last|next|this|the|early|late|following)\s+)*(?:{WEEKDAY}|today|tonight|yesterday|tomorrow)"
    r"(?:\s+(?:morning|afternoon|evening|night))?|\d{1,2}[:.]\d\d(?:\s?[ap]\.?m\.?)?",
    re.IGNORECASE,
)


def corrected(question: Question, evidence: Evidence, reread: Reread) -> Reread:
    """The same with lower scores where what was read cannot be the answer; words that nobody would take for it go."""
    scores, answers = reread.scores.copy(), dict(reread.answers)
    asked = frozenset(terms(question.text))
    dated = question.answer_type == "date" and asked.isdisjoint(("day", "time", "hour"))
    for row, (start, end) in reread.answers.items():
        text, first = evidence.text(row), evidence.spans[row][0]
        before, words, after = text[: start - first], text[start - first : end - first], text[end - first :]
        if _CREDIT_BEFORE.search(before) or _CREDIT_AFTER.match(after):
            scores[row] -= _CREDITED
            del answers[row]
        elif (told := terms(words)) and asked.issuperset(told):
            scores[row] -= _ECHOED
            del answers[row]
        elif dated and _BARE_DAY.fullmatch(words.strip()):
            scores[row] -= _UNDATED
    return replace(reread, scores=scores, answers=answers)
