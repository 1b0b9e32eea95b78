""" "And the mayor?", "What about Turin?", "And in 2011?": the earlier question, asked of another."""

from __future__ import annotations

import re

from rag.mentions import mentions
from rag.phrases import Phrase, phrases, subject

_AUX = r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may|might|must)"
_PREPOSITION = re.compile(
    r"(?:according to|because of|in|on|at|by|for|from|to|until|since|with|after|before|during|under|against|of)\b",
    re.IGNORECASE,
)
_DID = r"(?:took|take|went|came|won|lost|left|fell|fled|made|got|gave|said|saw|met|paid|stood|ran|held|live|work|use)"
_COUNTED = re.compile(
    rf"^\W*(?P<asks>how\s+(?:many|much)|which|what)\s+(?P<noun>(?:[\w’'-]+\s+){{1,4}}?)(?={_AUX}\b|{_DID}\b|\w+ed\b|in\b|on\b|at\b)",
    re.IGNORECASE,
)


def counterpart(other: str, earlier: str) -> str | None:
    """The earlier question with `other` in the place of what is like it; None where nothing is."""
    if match := _PREPOSITION.match(other):
        return _placed(other, match[0], earlier)
    if asked := re.match(r"(?:how\s+many|how\s+much|which|what)\s+", other, re.IGNORECASE):
        counted = _COUNTED.match(earlier)
        same = counted is not None and counted["asks"].casefold().split() == asked[0].casefold().split()
        return _put(f"{other} ", earlier, counted.span("asks")[0], counted.end()) if counted and same else None
    head = re.escape(other.split()[-1])
    if same_head := re.search(rf"(?:\b(?:the|a|an)\s+)?(?:\b[A-Z][\w-]*\s+)+{head}\b", earlier):
        return _put(other, earlier, *same_head.span())
    if any(letter.isdigit() for letter in other):
        numbers = list(re.finditer(r"\b[\w$€£]*\d[\w.,]*\b", earlier))
        return _put(other, earlier, *numbers[-1].span()) if numbers else None
    chosen = _like(other, earlier)
    return _put(other, earlier, chosen.start, chosen.end) if chosen else None


def _placed(other: str, preposition: str, earlier: str) -> str:
    """ "in Turin" for "in Rome"; behind the question where it has no such part: "in 2011"."""
    dated = any(letter.isdigit() for letter in other)
    part = rf"\b{preposition}\s+(?:the\s+)?(?:[\w’'-]+(?:\s+(?=(?-i:[A-Z0-9])))?)+"
    parts = [
        match
        for match in re.finditer(part, earlier, re.IGNORECASE)
        if any(letter.isdigit() for letter in match[0]) == dated and (dated or _names(match[0]) == _names(other))
    ]
    if parts:
        return _put(other, earlier, *parts[-1].span())
    return f"{earlier.rstrip(' ?.!')} {other}?"


def _names(text: str) -> bool:
    return any(letter.isupper() for letter in text[1:])


def _like(other: str, earlier: str) -> Phrase | None:
    """The phrase of the earlier question that is of the same kind, what it is about before all; never its only one
    where the kinds differ."""
    asked = next(iter(phrases(f"about {other}")), None)
    found = phrases(earlier)
    if asked is None or not found:
        return None
    doer = subject(earlier)
    if doer is not None and _acts(asked) and _acts(doer):
        return doer
    same = [item for item in found if item.kind == asked.kind and item.named == asked.named]
    if same:
        return doer if doer in same else same[0]
    named = mentions(f"about {other}")
    if not named:
        return None
    inside = [item for item in mentions(earlier) if item.kind == named[0].kind]
    if inside:
        item = inside[0]
        return Phrase(item.text, item.start, item.text, item.kind, item.plural, True, item.start)
    return doer or next((item for item in found if item.named), None)


def _acts(item: Phrase) -> bool:
    return item.kind in ("person", "group", "place") or item.named


def _put(other: str, earlier: str, start: int, end: int) -> str:
    put = earlier[:start] + other + earlier[end:]
    return put[0].upper() + put[1:]
