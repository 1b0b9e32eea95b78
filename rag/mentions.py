"""The names in a text and what each may be: enough to say which one a pronoun stands for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from index.lexical import STOP_WORDS, terms
from rag.names import stand_ins

Kind = Literal["person", "group", "place", "thing"]

_CAPITAL = r"(?:[A-Z][\w’'.]*|[A-Z0-9]+)(?:-\w+)*"
_NAME = re.compile(
    rf"(?P<the>\b[Tt]he\s+(?:[a-z]+\s+)?)?\b(?P<name>[A-Z][\w’'.]*(?:-\w+)*"
    rf"(?:\s+(?:(?:of|for|and)\s+(?:the\s+)?(?=[A-Z])|(?:de|van|der|von|bin|al|el|la|du|di|da)\s+)*{_CAPITAL})*)"
)
_COORDINATED = re.compile(
    rf"\b({_CAPITAL}(?: {_CAPITAL})*(?:, {_CAPITAL}(?: {_CAPITAL})*)* and {_CAPITAL}(?: {_CAPITAL})*)"
)
BODY = re.compile(
    r"\b(?:aerospace|agency|airlines?|airways|army|associates|association|authority|bank|board|bureau|church|club|college|commission|committee|company|congress|"
    r"corporation|council|court|department|embassy|federation|forces?|foundation|front|fund|government|group|holdings?|house|"
    r"hydraulics|inc|industries|institute|insurance|league|lines|ltd|media|ministry|motors|movement|network|news|office|organi[sz]ation|parliament|party|police|republicans?|press|railways?|senate|"
    r"services?|shipping|society|systems|state|states|team|union|united|university|democrats?)\b",
    re.IGNORECASE,
)
_NO_PERSON = re.compile(  # what a name ends with that is no person's
    r"\b(?:act|accord|agreement|airport|avenue|award|bay|beach|bill|bridge|building|camp|canal|castle|cent(?:er|re)|city|county|"
    r"cup|dam|day|deal|desert|express|forest|games|gulf|hall|harbou?r|hospital|hotel|index|islands?|lake|law|mission|mountains?|"
    r"museum|ocean|olympics|park|peninsula|pipeline|plan|port|prize|programme?|project|province|reef|river|road|school|sea|"
    r"spillway|square|stadium|station|strait|street|theat(?:er|re)|tower|town|train|treaty|tunnel|valley|village|virus|war)$",
    re.IGNORECASE,
)
_TITLE = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|sir|president|minister|chancellor|king|queen|prince|princess|pope|general|senator|judge|mayor|"
    r"secretary|leader|spokes\w+|coach|captain|chief|director)\.?\s+)$",
    re.IGNORECASE,
)
_WHERE = re.compile(
    r"\b(?:in|at|near|off|from|into|around|across|outside|inside|within|toward|towards)\s+(?:the\s+)?$", re.IGNORECASE
)
_SHORT = re.compile(r"\s+\((?:the\s+)?[A-Z][\w-]*[A-Z][\w-]*\)")
_GOES_ON = re.compile(r"\s+(?:a|an|the|this|these|those|their|his|her|its|all|some|many|more|most|such|of|than)\b")
_OPENERS = frozenset(
    "one two three four five six seven eight nine ten eleven twelve dozens hundreds thousands most many "
    "some several few all both another yes meanwhile however moreover instead still later earlier according experts officials analysts".split()
)
CALENDAR = frozenset(
    "january february march april may june july august september october november december monday "
    "tuesday wednesday thursday friday saturday sunday".split()
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A name as it stands in a text, "the" before it included; `plural`: it may be "they"."""

    text: str
    start: int
    kind: Kind
    plural: bool

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @property
    def stems(self) -> frozenset[str]:
        return frozenset(terms(self.text))


def mentions(text: str) -> list[Mention]:
    """The names of a text, in order. A capital that only begins a sentence makes no name."""
    found = []
    for match in _NAME.finditer(text):
        start = match.start("name")
        words = match["name"].rstrip(".’'").split()
        opens = not re.search(r"[\w,;:]\s*$", text[: match.start()]) and not match["the"]
        while opens and words and _only_opens(words, text[match.end() :], text):
            start += len(words[0]) + 1
            words = words[1:]
            opens = False
        while words and words[0].casefold() in ("of", "for", "and", "the"):
            start += len(words[0]) + 1
            words = words[1:]
        name = re.sub(r"[’']s?$", "", " ".join(words))
        if (
            sum(map(str.isalpha, name)) < 2
            or name.casefold() in CALENDAR
            or (len(words) == 1 and name.casefold() in STOP_WORDS)
        ):
            continue
        if _SHORT.match(text, match.end()):
            continue  # news gives a name in full once, and goes on with its short form: so do we
        the = match["the"] if start == match.start("name") and match["the"] else ""
        kind = _kind(name, text[:start], bool(the))
        plural = kind == "group" or (bool(the) and name.endswith("s")) or " and " in name
        found.append(Mention(f"{the}{name}", start - len(the), kind, plural))
    return found


def coordinated(text: str) -> str | None:
    """The first names that stand side by side ("A, B and C")."""
    match = _COORDINATED.search(text)
    return match[1] if match else None


def known_place(name: str) -> bool:
    """Whether it is a country, or the capital of one."""
    stems = tuple(terms(name))
    return stems in stand_ins(stems)


def fresh(found: Sequence[Mention], known: Sequence[Mention]) -> list[Mention]:
    """Those that name something new."""
    return [item for item in found if not any(item.stems & other.stems for other in known)]


def _only_opens(words: Sequence[str], after: str, text: str) -> bool:
    """Whether a capital is only that of a sentence's first word."""
    first = words[0]
    if first.casefold() in STOP_WORDS or first.casefold() in _OPENERS:
        return True
    # "Following a bombing", "Thousands of people": no name goes on like that.
    if len(words) == 1 and (_GOES_ON.match(after) or re.search(r"[a-z]{3}(?:ing|ly)$", first)):
        return True
    # "Protesters in Minsk": written small elsewhere in the text.
    return bool(re.search(rf"\b{re.escape(first[0].lower() + first[1:])}\b", text))


def _kind(name: str, before: str, the: bool) -> Kind:
    if _TITLE.search(before):
        return "person"
    if BODY.search(name) or (name.isupper() and len(name) > 1):
        return "group"
    if known_place(name) or _WHERE.search(before):
        return "place"
    if _NO_PERSON.search(name):
        return "thing"
    if the or len(name.split()) == 1:
        return "group" if the and name.endswith("s") else "thing"
    return "person"
