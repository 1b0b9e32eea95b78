"""How two statements contradict each other: by another figure, another day, or a denial. Each way yields what it is
about, and of which kind it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from index.lexical import normalize, terms
from rag.facts import DEAD, HURT, MEASURES, Figure, dates, figures
from rag.records import ConflictKind
from rag.saying import verb_family
from rag.statements import DENIES_THIS, SETS_AGAINST, Statement

Contradiction = tuple[str, ConflictKind]

SAME_WORDS = 0.5
"""Share of the shorter sentence's words that two sentences on one thing have in common."""
_NEXT = 3  # characters between a sentence and the next
_SAME_MATTER = 0.7  # the same share, where both give a sum or a percentage
_TOLL = frozenset(terms("casualty casualties victims toll"))
_TOLLS = frozenset({"dead", "injured", "casualties"})
_PEOPLE = frozenset(
    terms(
        "people persons person men women man woman children civilians soldiers officers policemen others members "
        "workers nationals citizens"
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
_RATIO = re.compile(r"\d\s?(?:to|[-–])\s?$")  # "62 to 38 percent"
_CHANGE = re.compile(r"\bby (?:an? )?(?:[a-z]+ )?[$£€]?$")  # "rose by 5": by how much, not how much
_OF_WHOLE = re.compile(r"\b(?:\d[\d,.]*|[a-z]+) of (?:the|its|their|his|her|all) (?:\w+ )?$")
_PERIOD = re.compile(
    r"\b(?:quarter|half|monthly|annual(?:ly)?|weekly|daily|per (?:year|month|week|day)|a (?:year|month|week|day))\b"
)
_SAME_ASKED = 0.3  # the same share, where the reader took both for answers
_ROUNDED = 0.03  # two figures nearer to each other than this share are one, rounded
_WANTED = re.compile(  # what is wanted, offered or foreseen is not what is
    r"\b(?:demand|ask|want|seek|sought|offer|propos|plan|target|expect|forecast|hope|budget|predict|project)(?:s|ed|ing)?\b"
)
_RULES_OUT = re.compile(r"\b(?:not|never|nor|rather than|instead of)\b([^.;:!?]{0,60})")
_DENIES = frozenset({"deny"})
_ASSERTS = frozenset({"claim", "confirm", "blame", "think"})
_MOST_FIGURES = 4  # of a sentence; a table has more


def shared(one: str, other: str) -> float:
    """Share of the shorter sentence's words, its figures left out, that the longer one has."""
    said, there = (frozenset(word for word in terms(text) if not word[0].isdigit()) for text in (one, other))
    return len(said & there) / max(1, min(len(said), len(there)))


def is_prose(text: str) -> bool:
    """Whether it is a sentence, not a table or a line of scores."""
    return len(figures(text)) <= _MOST_FIGURES and bool(re.search(r"[.!?][\"”’)\]]*$", text))


def counted_otherwise(one: Statement, other: Statement) -> Iterator[Contradiction]:
    """Things that both count, and otherwise."""
    if set(_PERIOD.findall(one.text)) != set(_PERIOD.findall(other.text)):
        return  # a quarter's figure beside a year's
    here, there = _counted(one.text), _counted(other.text)
    if set(here) & _TOLLS and set(there) & _TOLLS and _tolls_differ(here, there):
        yield "how many were killed or hurt", "number"
        return
    for unit in sorted(set(here) & set(there) - _TOLLS):
        if here[unit].isdisjoint(there[unit]) and len(here[unit]) == len(there[unit]) == 1 and _alike(one, other, unit):
            yield _about(unit, one.text), "number"


def counted_next(one: Statement, other: Statement) -> Iterator[Contradiction]:
    """Whether the one that follows sets another figure against that of the one before it: "The union put it at 12"."""
    first, second = sorted((one, other), key=lambda side: side.span)
    if not _follows(first, second) or not SETS_AGAINST.search(second.text) or any(map(_not_so_yet, (first, second))):
        return
    here, there = (_stated_figures(side.text) for side in (first, second))
    if len(here) != 1 or len(there) != 1:
        return
    (figure, kind), (against, other_kind) = here[0], there[0]
    # What the second counts may go without saying, and is then what the first counts.
    if kind and other_kind in (kind, "") and _exclude(figure, against):
        yield ("how many were killed or hurt" if kind in _TOLLS else _about(kind, first.text)), "number"


def _follows(first: Statement, second: Statement) -> bool:
    return first.article == second.article and 0 <= second.span[0] - first.span[1] <= _NEXT


def _not_so_yet(side: Statement) -> bool:
    return bool(_WANTED.search(side.text))


def _stated_figures(text: str) -> list[tuple[Figure, str]]:
    """The figures of a sentence that may count something, each with what it counts ("" where that is not said): no
    year, no time, and of "40 of its 90 members" the 40, of members."""
    found: list[tuple[Figure, str]] = []
    for figure in figures(text):
        counts = _kind(figure, text) or (figure.unit if figure.unit in _PEOPLE else None)
        if found and counts is not None and _OF_WHOLE.search(text[: figure.start]):
            found[-1] = found[-1][0], found[-1][1] or counts
        elif counts is not None and not _is_year(figure):
            found.append((figure, counts))
    return found


def answered_otherwise(one: Statement, other: Statement) -> Iterator[Contradiction]:
    """Another figure or day for what was asked."""
    if not one.answer or not other.answer or not all(is_prose(side.text) for side in (one, other)):
        return
    here, there = (_answering(side) for side in (one, other))
    if len(here) == len(there) == 1:
        (first, kind), (second, other_kind) = here[0], there[0]
        # A sentence that holds the other's figure too speaks of two things, or tells the disagreement itself.
        apart = second.value not in values(one.text) and first.value not in values(other.text)
        apart = apart and bool(_WANTED.search(one.text)) == bool(_WANTED.search(other.text))
        alike = kind not in MEASURES or shared(one.text, other.text) >= _SAME_ASKED
        if kind == other_kind and alike and apart and _exclude(first, second):
            yield ("how many were killed or hurt" if kind in _TOLLS else _about(kind, one.text)), "number"
    days = [dates(side.text[slice(*side.answer)]) for side in (one, other) if side.answer]
    if len(days[0]) == len(days[1]) == 1 and days[0] != days[1]:
        yield "the date", "date"


def values(text: str) -> frozenset[float]:
    """The figures of a sentence, whatever they count."""
    return frozenset(figure.value for figure in figures(text))


def _answering(side: Statement) -> list[tuple[Figure, str]]:
    """The figures in the words that answer, each with what it counts."""
    start, end = side.answer or (0, 0)
    inside = [figure for figure in figures(side.text) if start <= figure.start < end]
    return [(figure, kind) for figure in inside if (kind := _kind(figure, side.text))]


def _exclude(one: Figure, other: Figure) -> bool:
    """Whether two figures for one thing cannot both be so: neither is the other rounded, nor within its bound."""
    for bounded, plain in ((one, other), (other, one)):
        if bounded.bound == "above" and plain.value >= bounded.value:
            return False
        if bounded.bound == "below" and plain.value <= bounded.value:
            return False
    return abs(one.value - other.value) > _ROUNDED * max(abs(one.value), abs(other.value))


def _tolls_differ(here: Mapping[str, frozenset[float]], there: Mapping[str, frozenset[float]]) -> bool:
    """Whether two tolls cannot both be so: deaths beside deaths, and casualties beside both together."""
    both = set(here) & set(there) & _TOLLS
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
    for name, words in (("dead", DEAD), ("injured", HURT), ("casualties", _TOLL)):
        if figure.unit in words:
            return name
    if figure.unit in _PEOPLE:
        after = terms(_CLAUSE.split(text[figure.start : figure.start + _AROUND])[0])
        before = terms(_CLAUSE.split(text[max(0, figure.start - _AROUND) : figure.start])[-1])
        for near in (after, before[-2:]):  # what stands behind the number is surer
            for name, words in (("dead", DEAD), ("injured", HURT)):
                if words.intersection(near):
                    return name
        return None
    before = text[: figure.start]
    if _JOINED.match(text, figure.start) or _CHANGE.search(before) or _RATIO.search(before):
        return None
    return None if _is_year(figure) or figure.unit in _TOO_COMMON else figure.unit


def _is_year(figure: Figure) -> bool:
    return figure.unit not in MEASURES and figure.value == int(figure.value) and 1900 <= figure.value < 2100


def _alike(one: Statement, other: Statement, unit: str) -> bool:
    """Whether a measure, or a thing counted, is that of the same matter: the words around it are the same."""
    needed = _SAME_MATTER if unit in MEASURES else SAME_WORDS / 2
    return shared(one.text, other.text) >= needed


def _about(unit: str, text: str) -> str:
    if unit == "%":
        return "the percentage"
    if unit in MEASURES:
        return "the sum of money"
    word = next((word for word in re.findall(r"[\w’'-]+", text) if normalize(word.split("-")[0]) == unit), unit)
    return f"the number of {word}"


def dated_otherwise(one: Statement, other: Statement) -> Iterator[Contradiction]:
    here, there = dates(one.text), dates(other.text)
    if len(here) == len(there) == 1 and here != there and shared(one.text, other.text) >= SAME_WORDS:
        yield "the date", "date"


def denied(one: Statement, other: Statement) -> Iterator[Contradiction]:
    """Whether one denies what the other says."""
    for denying, saying in ((one, other), (other, one)):
        if verb_family(denying.speech.verb or "") in _DENIES and verb_family(saying.speech.verb or "") in _ASSERTS:
            verb = frozenset(terms(denying.speech.verb or "")) | frozenset(terms(saying.speech.verb or ""))
            speakers = frozenset(terms(denying.speech.speaker or ""))
            matter = frozenset(terms(denying.text)) - verb - speakers
            meant = speakers & frozenset(terms(saying.text))
            if meant and len(matter & frozenset(terms(saying.text))) >= max(2, SAME_WORDS * len(matter)):
                yield "whether it is so", "denial"
                return


def denied_next(one: Statement, other: Statement) -> Iterator[Contradiction]:
    """Whether the one that follows denies the one before it: "She denied this"."""
    first, second = sorted((one, other), key=lambda side: side.span)
    if _follows(first, second) and DENIES_THIS.search(second.text):
        yield "whether it is so", "denial"


def ruled_out(one: Statement, other: Statement) -> Iterator[Contradiction]:
    """Whether one gives an answer of its own and rules out the other's: "in the kitchen, not in the cellar"."""
    for denying, saying in ((one, other), (other, one)):
        if not denying.answer or not saying.answer:
            continue
        said = frozenset(terms(saying.text[slice(*saying.answer)]))
        if not said or said & frozenset(terms(denying.text[slice(*denying.answer)])):
            continue
        if any(said <= frozenset(terms(match[1])) for match in _RULES_OUT.finditer(denying.text)):
            yield "whether it is so", "denial"
            return
