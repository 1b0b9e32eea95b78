"""Where the evidence disagrees: other figures or dates for the same thing, and what one denies and another says.

A false conflict is worse than none, so two sentences are set against each other only when someone else says the
other one, both speak of one event, and the same thing is counted. What another day's report counts otherwise is not
a conflict but an update.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from index import Article, Span
from index.lexical import terms
from rag.contradictions import (
    SAME_WORDS,
    answered_otherwise,
    counted_next,
    counted_otherwise,
    dated_otherwise,
    denied,
    denied_next,
    is_prose,
    ruled_out,
    shared,
    values,
)
from rag.facts import name_words
from rag.mentions import CALENDAR
from rag.records import ConflictKind
from rag.statements import Statement

_NEAR = 700  # characters within which an article speaks of one event
_SAME_EVENT = 0.65  # cosine of sentences of different articles
_SAME_NAMES = 2  # that they share
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_CALENDAR = frozenset(terms(" ".join(CALENDAR)))
_MOST_SIDES = 4  # of one disagreement
_SAME_NEWS = 31  # days between two reports of one event
_SAME_STORY = 120  # … of which both name the same names


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two statements or more that cannot all be so; of an update the later one comes last."""

    about: str
    kind: ConflictKind
    sides: tuple[Statement, ...]


def disagreements(
    shown: Sequence[tuple[str, Span]], evidence: Sequence[Statement], articles: Mapping[str, Article]
) -> list[Disagreement]:
    """What disagrees with the sentences shown (article and span of each), one for each matter, with all its sides."""
    found: dict[str, list[Disagreement]] = {}
    for one in evidence:
        if not any(article == one.article and _overlap(span, one.span) for article, span in shown):
            continue
        for other in evidence:
            if other is not one and (disagreement := next(_between(one, other, articles), None)):
                found.setdefault(disagreement.about, []).append(disagreement)
    return [_whole(each, articles) for each in found.values()]


def _whole(found: Sequence[Disagreement], articles: Mapping[str, Article]) -> Disagreement:
    """One disagreement of all that are on one matter; the likeliest sentences come first."""
    first = found[0]
    sides = list(first.sides)
    for disagreement in found[1:]:
        # A side that says what another one says is left out.
        new = [side for side in disagreement.sides if side not in sides]
        if disagreement.kind != "denial" and first.kind != "denial" and len(new) == 1 and len(sides) < _MOST_SIDES:
            sides += new if not any(values(new[0].text) == values(side.text) for side in sides) else []
    days = [articles[side.article].published for side in sides]
    if first.kind == "denial" or len(sides) == len(first.sides):
        return first
    if all(days) and len(set(days)) > 1:
        return Disagreement(
            first.about, "update", tuple(sorted(sides, key=lambda s: str(articles[s.article].published)))
        )
    return Disagreement(first.about, "date" if first.about == "the date" else "number", tuple(sides))


def _between(one: Statement, other: Statement, articles: Mapping[str, Article]) -> Iterator[Disagreement]:
    if not _other_voice(one, other):
        return
    told = (
        [*counted_otherwise(one, other), *dated_otherwise(one, other), *denied(one, other)]
        if _one_event(one, other)
        else []
    )
    told += [*denied_next(one, other)]
    told = told or [*counted_next(one, other)]
    shared_names = len(_names(one.text) & _names(other.text) - _CALENDAR)
    days = _SAME_STORY if shared_names >= _SAME_NAMES else _SAME_NEWS
    if not told and _within(days, articles[one.article], articles[other.article]):
        told = [*answered_otherwise(one, other), *ruled_out(one, other)]
    for about, kind in told:
        dates = [articles[side.article].published for side in (one, other)]
        if kind != "denial" and one.article != other.article and all(dates) and dates[0] != dates[1]:
            first, last = (one, other) if str(dates[0]) < str(dates[1]) else (other, one)
            yield Disagreement(about, "update", (first, last))
        else:
            yield Disagreement(about, kind, (one, other))


def _other_voice(one: Statement, other: Statement) -> bool:
    """Whether someone else says it: in one article two speakers who are both named, else another article."""
    first, second = one.speech.speaker, other.speech.speaker
    return one.article != other.article or bool(first and second and not set(terms(first)) & set(terms(second)))


def _one_event(one: Statement, other: Statement) -> bool:
    """Whether both speak of one event: one place of one article, else sentences that name and say nearly the same."""
    years = [_YEAR.findall(side.text) for side in (one, other)]
    if all(years) and not set(years[0]) & set(years[1]):
        return False
    if one.article == other.article:
        return abs(one.span[0] - other.span[0]) <= _NEAR
    here, there = _names(one.text), _names(other.text)
    speakers = frozenset(terms(f"{one.speech.speaker or ''} {other.speech.speaker or ''}"))
    # Where each names what the other does not, they are likely to speak of two things.
    named = len(here & there) >= _SAME_NAMES and (here - speakers <= there or there - speakers <= here)
    close = float(one.vector @ other.vector) >= _SAME_EVENT and shared(one.text, other.text) >= SAME_WORDS
    return named and close and all(map(is_prose, (one.text, other.text)))


def _within(days: int, one: Article, other: Article) -> bool:
    """Whether two articles were published within so many days of each other."""
    if one.key == other.key or not one.published or not other.published:
        return False
    first, last = (date.fromisoformat(day).toordinal() for day in (one.published, other.published))
    return abs(first - last) <= days


def _names(text: str) -> frozenset[str]:
    return frozenset(stem for name in name_words(text) for stem in terms(name))


def _overlap(one: Span, other: Span) -> bool:
    return min(one[1], other[1]) > max(one[0], other[0])
