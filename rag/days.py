"""A date that a person writes for a filter → a day. A month or a year is its first day, or its last."""

from __future__ import annotations

import calendar
import re
from datetime import date

from index.calendar_words import MONTH, MONTH_NUMBERS
from rag.errors import QuestionError

_NAME = rf"(?P<name>{MONTH}|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_FORMS = [
    re.compile(form, re.IGNORECASE)
    for form in (
        r"(?P<year>\d{4})(?:(?P<mark>[-/.])(?P<month>\d{1,2})(?:(?P=mark)(?P<day>\d{1,2}))?)?",
        rf"(?:{_DAY}\s+)?{_NAME},?\s+(?P<year>\d{{4}})",
        rf"{_NAME}\s+{_DAY},?\s+(?P<year>\d{{4}})",
    )
]
_MEND = "Write 2024-05-03, 3 May 2024, 2024-05 or 2024."


def read_day(text: str | None, *, last: bool = False) -> date | None:
    """The day of "2024-05-03", "3 May 2024", "May 3, 2024"; of "2024-05", "May 2024" or "2024" the first day, or the
    last; None of an empty text.

    Raises:
        QuestionError: it is no date, or no day of the calendar; the message tells the forms.
    """
    words = " ".join((text or "").split())
    if not words:
        return None
    found = next((match for form in _FORMS if (match := form.fullmatch(words))), None)
    if found is None:
        raise QuestionError(f"The date {_quoted(words)} is not one that can be read. {_MEND}")
    told = {"name": None, "month": None, **found.groupdict()}
    year, month, day = int(told["year"] or 0), int(told["month"] or 0), int(told["day"] or 0)
    if told["name"]:
        month = MONTH_NUMBERS[told["name"][:3].casefold()]
    elif not told["month"]:
        month = 12 if last else 1
    try:
        if not told["day"]:
            day = calendar.monthrange(year, month)[1] if last else 1
        return date(year, month, day)
    except ValueError:  # of which calendar.IllegalMonthError is one
        raise QuestionError(f"There is no day {_quoted(words)} in the calendar. {_MEND}") from None


def _quoted(words: str) -> str:
    return f"“{words if len(words) <= 40 else words[:39] + '…'}”"
