"""Two names that changed places: "A sued B" is not borne out by "B sued A", though every word stands there."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from index.lexical import STOP_WORDS, terms

_WORD = re.compile(r"\w+(?:[’'.,-]\w+)*")
_TITLES = frozenset(("mr", "mrs", "ms", "dr", "sir", "lord", "lady"))
_ALIKE = 0.75  # how much of the words between them must be the same, in order
_MUTUAL = frozenset(terms("and or with versus met meet meets married marry fought between played drew nor joined"))
"""What may stand between two names that can change places."""


@dataclass(frozen=True, slots=True)
class _Named:
    """A run of words with capitals: from which word to which, and its stems."""

    first: int
    last: int
    stems: frozenset[str]


def exchanged(claim: str, text: str) -> bool:
    """Whether two names stand in the claim the other way round, with the same words between them as in the text."""
    said, there = _WORD.findall(claim), _WORD.findall(text)
    claimed = list(_names(said))
    shown = [name for name in _names(there) if any(name.stems & other.stems for other in claimed)]
    own = {(one.first, other.first): _between(there, one, other) for one, other in itertools.combinations(shown, 2)}
    for first, second in itertools.combinations(claimed, 2):
        one_only, other_only = first.stems - second.stems, second.stems - first.stems  # North Korea, South Korea
        if not one_only or not other_only:
            continue
        words = _between(said, first, second)
        if not words or {stem for word in words for stem in terms(word)} <= _MUTUAL:
            continue
        ways = [
            (one.stems & one_only and other.stems & other_only, one.stems & other_only and other.stems & one_only)
            for one, other in itertools.combinations(shown, 2)
            if _alike(words, own[one.first, other.first])
        ]
        if any(reverse for _, reverse in ways) and not any(same for same, _ in ways):
            return True
    return False


def _names(words: list[str]) -> Iterator[_Named]:
    at = 0
    while at < len(words):
        last = at
        while last < len(words) and words[last][0].isupper():
            last += 1
        stems = frozenset(
            stem for word in words[at:last] if word.casefold() not in STOP_WORDS | _TITLES for stem in terms(word)
        )
        if stems:
            yield _Named(at, last, stems)
        at = max(last, at + 1)


def _between(words: list[str], one: _Named, other: _Named) -> list[str]:
    return [word.casefold() for word in words[one.last : other.first]]


def _alike(one: list[str], other: list[str]) -> bool:
    """Whether the same stands between: the same words in order, or of one the words that count and little besides."""
    if SequenceMatcher(None, one, other, autojunk=False).ratio() >= _ALIKE:
        return True
    if ("by" in one) != ("by" in other):
        return False  # "A sued B", "B was sued by A"
    first, second = ({stem for word in words for stem in terms(word)} for words in (one, other))
    fewer, more = sorted((first, second), key=len)
    return bool(fewer - _MUTUAL) and fewer <= more and len(more) - len(fewer) <= 1
