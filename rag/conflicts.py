"""Where the evidence disagrees: other figures or dates for the same thing, and what one denies and another says.

A false conflict is worse than none, so two sentences are set against each other only when someone else says the
other one, both speak of one event, and the same thing is counted. What another day's report counts otherwise is not
a conflict but an update.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index import Article, Span, Store
from index.lexical import normalize, terms
from rag.attribution import Speech, speeches
from rag.facts import MEASURES, Figure, dates, figures, name_words
from rag.records import ConflictKind
from rag.saying import verb_family
from rag.scorer import Scored

_READ = 30  # sentences of the evidence, the likeliest first
_NEAR = 700  # characters within which an article speaks of one event
_SAME_EVENT = 0.65  # cosine of sentences of different articles
_SAME_MATTER = 0.7  # the same share, where both give a sum or a percentage
_SAME_NAMES = 2  # that they share
_MOST_FIGURES = 4  # of a sentence; a table has more
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_SAME_WORDS = 0.5  # share of the shorter sentence's words
_DEAD = frozenset(terms("dead death deaths died dying kill killed killing fatality fatalities lives slain"))
_HURT = frozenset(terms("injured injury injuries wounded wounding hurt"))
_TOLL = frozenset(terms("casualty casualties victims toll"))
_PEOPLE = frozenset(
    terms(
        "people persons person men women man woman children civilians soldiers officers policemen others members workers nationals citizens"
    )
) | {""}
_TOO_COMMON = frozenset(
    terms(
        "year years month months week weeks day days hour hours minute minutes time times percent o'clock am pm a.m p.m"
    )
) | {""}
_AROUND = 45  # characters beside a number in which it is said what is counted
_CLAUSE = re.compile(r"[,;.]|\b(?:and|but|while|whereas|as)\b")
_JOINED = re.compile(r"[\w.,]+-[a-z]")  # "a 1-yard pass", "a six-month ban": what kind, not how many
_CHANGE = re.compile(r"\bby (?:an? )?(?:[a-z]+ )?[$£€]?$")  # "rose by 5": by how much, not how much
_PERIOD = re.compile(
    r"\b(?:quarter|half|monthly|annual(?:ly)?|weekly|daily|per (?:year|month|week|day)|a (?:year|month|week|day))\b"
)
_DENIES = frozenset({"deny"})
_ASSERTS = frozenset({"claim", "confirm", "blame", "think"})


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of an article with who says it. `span` is in the article."""

    article: str
    span: Span
    text: str
    speech: Speech
    vector: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two statements or more that cannot all be so; of an update the later one comes last."""

    about: str
    kind: ConflictKind
    sides: tuple[Statement, ...]


def statements(evidence: Sequence[Scored], store: Store) -> list[Statement]:
    """The likeliest sentences of the evidence, with their speakers."""
    found = []
    for sentence in evidence[:_READ]:
        chunk = sentence.candidate.chunk
        at = chunk.sentences.index(sentence.span)
        before = [chunk.sentence_text(span) for span in chunk.sentences[:at]]
        vector = store.sentence_vectors(sentence.candidate.row)[at]
        found.append(Statement(chunk.article, sentence.span, sentence.text, speeches(sentence.text, before)[0], vector))
    return found


def disagreements(
    shown: Sequence[tuple[str, Span]], evidence: Sequence[Statement], articles: Mapping[str, Article]
) -> list[Disagreement]:
    """What disagrees with the sentences shown (article and span of each), one for each matter."""
    found: dict[tuple[str, ConflictKind], Disagreement] = {}
    for one in evidence:
        if not any(article == one.article and _overlap(span, one.span) for article, span in shown):
            continue
        for other in evidence:
            disagreement = next(_between(one, other, articles), None) if other is not one else None
            if disagreement:
                # One for each matter: the likeliest sentences come first.
                found.setdefault((disagreement.about, disagreement.kind), disagreement)
    return list(found.values())


def _between(one: Statement, other: Statement, articles: Mapping[str, Article]) -> Iterator[Disagreement]:
    if not _other_voice(one, other) or not _one_event(one, other):
        return
    for about, kind in (*_counts(one, other), *_days(one, other), *_denial(one, other)):
        days = [articles[side.article].published for side in (one, other)]
        if kind != "denial" and one.article != other.article and all(days) and days[0] != days[1]:
            first, last = (one, other) if str(days[0]) < str(days[1]) else (other, one)
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
    close = float(one.vector @ other.vector) >= _SAME_EVENT and _shared(one.text, other.text) >= _SAME_WORDS
    return named and close and all(map(_is_prose, (one.text, other.text)))


def _is_prose(text: str) -> bool:
    """Whether it is a sentence, not a table or a line of scores."""
    return len(figures(text)) <= _MOST_FIGURES and bool(re.search(r"[.!?][\"”’)\]]*$", text))


def _names(text: str) -> frozenset[str]:
    return frozenset(stem for name in name_words(text) for stem in terms(name))


def _shared(one: str, other: str) -> float:
    """Share of the shorter sentence's words, its figures left out, that the longer one has."""
    said, there = (frozenset(word for word in terms(text) if not word[0].isdigit()) for text in (one, other))
    return len(said & there) / max(1, min(len(said), len(there)))


def _counts(one: Statement, other: Statement) -> Iterator[tuple[str, ConflictKind]]:
    """Things that both count, and otherwise."""
    if set(_PERIOD.findall(one.text)) != set(_PERIOD.findall(other.text)):
        return  # a quarter's figure beside a year's
    here, there = _counted(one.text), _counted(other.text)
    people = {"dead", "injured", "casualties"}
    if set(here) & people and set(there) & people and _tolls_differ(here, there):
        yield "how many were killed or hurt", "number"
        return
    for unit in sorted(set(here) & set(there) - people):
        if here[unit].isdisjoint(there[unit]) and len(here[unit]) == len(there[unit]) == 1 and _alike(one, other, unit):
            yield _about(unit, one.text), "number"


def _tolls_differ(here: Mapping[str, frozenset[float]], there: Mapping[str, frozenset[float]]) -> bool:
    """Whether two tolls cannot both be so: deaths beside deaths, and casualties beside both together."""
    both = set(here) & set(there) & {"dead", "injured", "casualties"}
    if both:
        # Where one figure agrees, the other is likely to be part of a whole.
        return all(here[kind].isdisjoint(there[kind]) for kind in both)
    for whole, parts in ((here, there), (there, here)):
        if "casualties" in whole:
            dead, hurt = parts.get("dead", frozenset({0.0})), parts.get("injured", frozenset({0.0}))
            sums = {a + b for a in dead for b in hurt} | dead | hurt
            return whole["casualties"].isdisjoint(sums)
    return False


def _counted(text: str) -> dict[str, frozenset[float]]:
    """What a sentence counts → its figures: "dead", "injured", "casualties", a measure, or the thing's stem."""
    found: dict[str, set[float]] = {}
    for figure in figures(text):
        if kind := _kind(figure, text):
            found.setdefault(kind, set()).add(figure.value)
    return {kind: frozenset(values) for kind, values in found.items()}


def _kind(figure: Figure, text: str) -> str | None:
    for name, words in (("dead", _DEAD), ("injured", _HURT), ("casualties", _TOLL)):
        if figure.unit in words:
            return name
    if figure.unit in _PEOPLE:
        after = terms(_CLAUSE.split(text[figure.start : figure.start + _AROUND])[0])
        before = terms(_CLAUSE.split(text[max(0, figure.start - _AROUND) : figure.start])[-1])
        for near in (after, before[-2:]):  # what stands behind the number is surer
            for name, words in (("dead", _DEAD), ("injured", _HURT)):
                if words.intersection(near):
                    return name
        return None
    if _JOINED.match(text, figure.start) or _CHANGE.search(text[: figure.start]):
        return None
    year = figure.unit not in MEASURES and figure.value == int(figure.value) and 1900 <= figure.value < 2100
    return None if year or figure.unit in _TOO_COMMON else figure.unit


def _alike(one: Statement, other: Statement, unit: str) -> bool:
    """Whether a measure, or a thing counted, is that of the same matter: the words around it are the same."""
    needed = _SAME_MATTER if unit in MEASURES else _SAME_WORDS / 2
    return _shared(one.text, other.text) >= needed


def _about(unit: str, text: str) -> str:
    if unit == "%":
        return "the percentage"
    if unit in MEASURES:
        return "the sum of money"
    word = next((word for word in re.findall(r"[\w’'-]+", text) if normalize(word.split("-")[0]) == unit), unit)
    return f"the number of {word}"


def _days(one: Statement, other: Statement) -> Iterator[tuple[str, ConflictKind]]:
    here, there = dates(one.text), dates(other.text)
    if len(here) == len(there) == 1 and here != there and _shared(one.text, other.text) >= _SAME_WORDS:
        yield "the date", "date"


def _denial(one: Statement, other: Statement) -> Iterator[tuple[str, ConflictKind]]:
    """Whether one denies what the other says."""
    for denying, saying in ((one, other), (other, one)):
        if verb_family(denying.speech.verb or "") in _DENIES and verb_family(saying.speech.verb or "") in _ASSERTS:
            verb = frozenset(terms(denying.speech.verb or "")) | frozenset(terms(saying.speech.verb or ""))
            speakers = frozenset(terms(denying.speech.speaker or ""))
            matter = frozenset(terms(denying.text)) - verb - speakers
            meant = speakers & frozenset(terms(saying.text))
            if meant and len(matter & frozenset(terms(saying.text))) >= max(2, _SAME_WORDS * len(matter)):
                yield "whether it is so", "denial"
                return


def _overlap(one: Span, other: Span) -> bool:
    return min(one[1], other[1]) > max(one[0], other[0])
