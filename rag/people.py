"""The persons whom a text names, and whether "he" or "she" can be one of them."""

from __future__ import annotations

import re

from rag.mentions import Mention, known_place, mentions
from rag.phrases import Phrase, body, role
from rag.saying import SAYING_VERBS

_ROLE_BEFORE = re.compile(r"\b(?P<role>[\w-]+)(?:\s+(?:of|for|at|in)\s+[^,.;]{2,50})?,\s+$")
_ROLE_JUST_BEFORE = re.compile(r"\b(?P<role>[a-z][\w-]+)\s+(?:[Dd]r\.?\s+)?$")
_ROLE_AFTER = re.compile(r",\s+(?:an?|the|its|his|her|their)?\s*(?P<words>[^,.;]{2,60})")
_WHO_AFTER = re.compile(r",?\s+who\b")
_SAYS_AFTER = re.compile(rf"\s+(?:\w+ly\s+)?(?:{SAYING_VERBS})\b")
_SAYS_BEFORE = re.compile(rf"\b(?:{SAYING_VERBS})\s+(?:[\w’'-]+\s+){{0,4}}$", re.IGNORECASE)
_MAN = re.compile(
    r"\b(?:mr|sir|lord|king|prince|father|brother|son|husband|boy|actor|pope|\w*(?<!wo)man)\b\.?", re.IGNORECASE
)
_WOMAN = re.compile(
    r"\b(?:mrs|ms|miss|lady|dame|queen|princess|mother|sister|daughter|wife|girl|actress|\w*woman)\b\.?", re.IGNORECASE
)
_HE, _SHE = frozenset(("he", "him", "his")), frozenset(("she", "her", "hers"))
_AROUND = 40  # characters


def people(text: str) -> list[Mention]:
    """The persons of a text, the surest first: who has an office or a voice in it, before any name of two words."""
    found = [(strength, item) for item in mentions(text) if (strength := _strength(item, text))]
    return [item for _, item in sorted(found, key=lambda pair: -pair[0])]


def suits(pronoun: str, item: Mention | Phrase, text: str) -> bool:
    """Whether nothing that the text says of a person speaks against "he" or "she"."""
    around = text[max(0, item.start - _AROUND) : item.start].rpartition(".")[2] + item.text
    behind = re.match(r",\s+(?:an?|the|its)?\s*([^,.;]{2,60})", text[item.end :])
    around += f" {behind[1]}" if behind else ""
    goes_on = re.search(r"\b(he|she|his|her)\b", text[item.end :].partition(". ")[0], re.IGNORECASE)
    said = goes_on[1].casefold() if goes_on else ""
    if pronoun in _HE:
        return not (_WOMAN.search(around) and not _MAN.search(around)) and said not in _SHE
    if pronoun in _SHE:
        return not (_MAN.search(around) and not _WOMAN.search(around)) and said not in _HE
    return True


def _strength(item: Mention, text: str) -> int:
    """0 for no person, 2 for one by office or voice, 1 for what may be one by its form."""
    before, after = text[: item.start], text[item.end :]
    if item.kind in ("group", "place") or known_place(item.text):
        return 0
    nouns = [word for word in item.text.split()[1:-1] if word.islower()] if item.text[:4].casefold() == "the " else []
    if nouns and not any(map(role, nouns)):
        return 0  # "the ferry Pelican", whoever is named behind it
    if any(map(role, item.text.split()[:-1])) or _office(before, after) or _WHO_AFTER.match(after):
        return 2
    if item.kind == "person":
        voiced = _SAYS_AFTER.match(after) or _SAYS_BEFORE.search(before)
        return 2 if voiced else 1
    return 1 if not item.text.casefold().startswith("the ") and _SAYS_AFTER.match(after) else 0


def _office(before: str, after: str) -> bool:
    for pattern in (_ROLE_JUST_BEFORE, _ROLE_BEFORE):
        if (match := pattern.search(before)) and role(match["role"]):
            return True
    behind = _ROLE_AFTER.match(after)
    return behind is not None and any(role(word) and not body(word) for word in behind["words"].split()[:4])
