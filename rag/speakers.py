"""What can be a speaker: a noun phrase without what hangs on it, or a pronoun."""

from __future__ import annotations

import re

WORD = re.compile(r"[\w’'.&-]+")
_PRONOUN = re.compile(r"^(?:he|she|they|it|i|we|who|which|both|these|those|him|her|them)$", re.IGNORECASE)
_OPENS_PHRASE = re.compile(
    r"^(?:following|amid|despite|during|under|since|in|on|at|for|from|with|without|by|to|of|about|unlike|like|asked|speaking|"
    r"citing|quoting|wearing|greeting|adding)\b",
    re.IGNORECASE,
)
_COLLECTIVE = frozenset("police parliament management media staff government prosecution".split())
_PERSONAL = frozenset(("he", "she", "they", "it", "we"))
_LONGEST_SPEAKER = 12  # words; more is not a name but a failed rule


def is_pronoun(speaker: str) -> bool:
    """Whether a speaker is only pointed at: "he", "they", "who"."""
    return bool(_PRONOUN.match(speaker))


def as_speaker(text: str, *, alone: bool = False) -> str | None:
    """A noun phrase without what hangs on it; None when it does not look like a speaker.

    `alone` lets any single word pass: "according to" says that it is one.
    """
    who = text.strip(" ,;:—–-“”\"'")
    who = who.strip("()") if who.count("(") != who.count(")") or who.startswith("(") else who
    who = re.sub(r"^(?:and|but|as|while|then)\s+", "", who)
    who = re.sub(r"^[^?!]*[?!]\s+", "", who)
    who = re.sub(r"^.*\s(?=(?:He|She|They|We|It)$)", "", who)  # a headline runs on: "Dam bursts They said …"
    words = WORD.findall(who)
    if len(words) > 1 and not _PERSONAL.isdisjoint(
        (words[0].casefold(), words[-1])
    ):  # "it did include", "talks he hid"
        return None
    counted = bool(words) and words[0].isdigit() and not re.match(r"\d+(?:\s?%| per\s?cent)", who)
    if not words or len(words) > _LONGEST_SPEAKER or counted or _OPENS_PHRASE.match(who):
        return None
    plain = len(words) == 1 and words[0][0].islower()
    if plain and not alone and not is_pronoun(words[0]) and not words[0].endswith("s") and words[0] not in _COLLECTIVE:
        return None
    return who
