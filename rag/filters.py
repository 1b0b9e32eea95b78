"""Which articles are in scope: by date of publication, outlet, article. Applied before the search, never after.

Filters come from settings, the command line, the window, and from plain words in the question ("articles since
March 2021", "according to Valley News"). What was understood is told with the answer, and can be undone.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index import Article, Store
from index.calendar_words import MONTH, MONTH_NUMBERS
from rag.days import read_day
from rag.errors import QuestionError
from rag.outlets import named_outlets

_WHEN = rf"(?:(?P<day>\d{{1,2}})\s+)?(?:(?P<month>{MONTH})\s+)?(?P<year>(?:19|20)\d\d)"
_REPORTS = r"(?:articles?|reports?|stories|coverage|news|published|printed)"
# Only words about the articles themselves: "in October 2016" alone may be when a thing happened, not when it was told.
_PUBLISHED = re.compile(
    rf"\b{_REPORTS}\b[^.?!]{{0,30}}?\b(?P<word>in|from|of|on|since|after|before|until|during)\s+{_WHEN}", re.IGNORECASE
)
_HAPPENED = re.compile(rf"\b(?:in|on|since|after|during)\s+{_WHEN}\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What an article must be to be searched. Empty fields ask nothing.

    Dates are of publication, both ends included. An article without a date passes only with `undated`.
    """

    since: date | None = None
    until: date | None = None
    outlets: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    undated: bool = False

    def __bool__(self) -> bool:
        return bool(self.since or self.until or self.outlets or self.articles)

    def fields(self) -> dict[str, Any]:
        """The filters as `read_filters` takes them: what a person set, and that the question's words set nothing."""
        dates = {name: str(day) for name, day in (("since", self.since), ("until", self.until)) if day}
        names = {name: list(of) for name, of in (("outlets", self.outlets), ("articles", self.articles)) if of}
        return {**dates, **names, "words": False}

    def admits(self, article: Article) -> bool:
        """Whether an article is in scope."""
        if self.articles and not {article.key, *article.also} & set(self.articles):
            return False
        if self.outlets and (article.outlet or "").casefold() not in {outlet.casefold() for outlet in self.outlets}:
            return False
        if not (self.since or self.until):
            return True
        if article.published is None:
            return self.undated
        published = date.fromisoformat(article.published)
        return (self.since or date.min) <= published <= (self.until or date.max)

    def rows(self, store: Store) -> NDArray[np.int64] | None:
        """The store's rows that are in scope; None for all."""
        if not self:
            return None
        admitted = {key for key, article in store.articles.items() if self.admits(article)}
        return np.array([row for row, chunk in enumerate(store.chunks) if chunk.article in admitted], np.int64)

    def __str__(self) -> str:
        parts = []
        if self.since or self.until:
            parts.append(f"published {self._dates()}{', or without a date' if self.undated else ''}{self._open_end()}")
        if self.outlets:
            parts.append(f"outlet {' or '.join(self.outlets)}")
        if self.articles:
            parts.append(f"article {' or '.join(self.articles)}")
        return "; ".join(parts)

    def _open_end(self) -> str:
        return " (what happened then may be told later)" if self.undated and not self.until else ""

    def _dates(self) -> str:
        if self.since and self.until:
            return f"from {self.since} to {self.until}"
        return f"since {self.since}" if self.since else f"until {self.until}"


def read_filters(
    *,
    since: str | None = None,
    until: str | None = None,
    outlets: Iterable[str] | None = None,
    articles: Iterable[str] | None = None,
    words: bool = True,
) -> Filters | None:
    """The filters that a person filled in; None, when none is, leaves it to the words of the question.

    With `words` False those are not read: an empty filter, which admits all, is given instead.

    Raises:
        QuestionError: a date cannot be read (rag/days.py), or the range is empty.
    """
    first, last = read_day(since), read_day(until, last=True)
    if first and last and first > last:
        raise QuestionError(f"The range of dates is empty: since {first} is after until {last}. Change one of them.")
    filters = Filters(since=first, until=last, outlets=tuple(outlets or ()), articles=tuple(articles or ()))
    return filters if filters or not words else None


def understood(question: str, articles: Iterable[Article]) -> Filters:
    """The filters that the words of a question ask for; empty when they ask for none."""
    known = {article.outlet for article in articles if article.outlet}
    outlets = named_outlets(question, known)
    if match := _PUBLISHED.search(question):
        first, last = _period(match)
        word = match["word"].casefold()
        since = None if word in ("before", "until") else last if word == "after" else first
        until = first if word == "before" else last if word in ("until", "in", "from", "of", "on", "during") else None
        return Filters(since=since, until=until, outlets=outlets)
    if match := _HAPPENED.search(question):
        # What happened then cannot have been told before; an article without a date may have told it.
        return Filters(since=_period(match)[0], outlets=outlets, undated=True)
    return Filters(outlets=outlets)


def _period(match: re.Match[str]) -> tuple[date, date]:
    """First and last day of what a match names: a day, a month or a year."""
    year = int(match["year"])
    if not match["month"]:
        return date(year, 1, 1), date(year, 12, 31)
    month = MONTH_NUMBERS[match["month"][:3].casefold()]
    last = calendar.monthrange(year, month)[1]
    if match["day"] and 1 <= int(match["day"]) <= last:
        return (date(year, month, int(match["day"])),) * 2
    return date(year, month, 1), date(year, month, last)
