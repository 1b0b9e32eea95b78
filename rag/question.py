"""What a question asks for: its words, its names, the kind of answer it wants, whose words it wants."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from index.lexical import terms
from rag.names import Name, stand_ins
from rag.saying import SAYING_VERBS, verb_family

AnswerType = Literal[
    "number", "money", "date", "person", "place", "organisation", "reason", "manner", "yes_no", "other"
]

_WORD = re.compile(r"\w+(?:[’'.-]\w+)*")
_NAME = re.compile(r"\b[A-Z][\w’'.-]*(?:\s+(?:of\s+|the\s+|al-)?[A-Z][\w’'.-]*)*")
_FRAME = frozenset(terms("many much accord given name kind type"))  # they ask, and say nothing of what is asked for
_UNCOUNTED = frozenset(terms("people persons money time times percent dead"))  # said in too many other words
_SELF_EVIDENT = frozenset(
    terms("group company organization organisation agency name term word thing type reason country city")
)
_LEAD = re.compile(
    r"^\W*(?:and|but|so|then|also|well|ok|please|tell me|do you know|can you tell me)[,\s]+", re.IGNORECASE
)
_TYPE_PATTERNS: tuple[tuple[AnswerType, str], ...] = (
    (
        "money",
        r"\bhow much\b(?=[^?]*\b(?:cost|costs|pay|pays|paid|spend|spent|price|worth|money|pledged?|donat\w+|invest\w+|"
        r"owe[sd]?|earn\w*|raised?|budget|fund\w*|loan\w*|lent|charged?|fined?)\b)"
        r"|\bwhat (?:is|was|are|were|will be|would be) the (?:\w+ )?(?:cost|price|budget|fee|fine)\b|\bhow expensive\b",
    ),
    (
        "number",
        r"\bhow (?:many|much|old|long|far|large|big|high|tall|often)\b"
        r"|\b(?:what|which) (?:\w+ )?(?:number|share|percent\w*|proportion|amount|age|cost|price|sum|rate|population|size)\b",
    ),
    (
        "date",
        # "What is kept when …?" asks for no date, nor does "Did it stop when …?"
        r"^(?!(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may|might)\b)"
        r"(?:(?!\b(?:what|which|who|whom|whose|why|how|where)\b)[^?])*?\bwhen\b|\b(?:what|which) (?:year|date|dates|day|month|century|decade|time)\b|\bhow (?:recently|soon)\b",
    ),
    (
        "place",
        r"\bwhere\b|\b(?:what|which) (?:country|city|town|place|region|province|state|area|district|village|"
        r"location|river|island|continent|venue|stadium)\b",
    ),
    (
        "reason",
        r"\bwhy\b|\b(?:what|which) (?:reasons?|causes?|motiv\w+)\b|\bwhat (?:caused|led|prompted|made)\b|\bwhat .* for\?*$|\bhow come\b",
    ),
    (
        "person",
        r"\bwho(?:se|m)?\b|\b(?:what|which) (?:person|man|woman|president|minister|leader|player|actor|actress|singer|"
        r"director|author|king|queen|coach|scientist)\b|\bwhat (?:is|was) the name of the (?:\w+ )?(?:man|woman|person|president|leader)\b",
    ),
    (
        "organisation",
        r"\b(?:what|which) (?:is|was|are|were) the names? of (?:the |an? )?(?!\w*\s?(?:man|woman|person|president|leader))|"
        r"\b(?:what|which) (?:\w+ )?(?:group|company|organi[sz]ation|agency|party|team|university|school|bank|"
        r"institution|firm|hotel|restaurant|brand|airline|newspaper|outlet|magazine|law|treaty|operation|"
        r"militants?|groups|companies|ministry|network|studio|club)\b",
    ),
    ("yes_no", r"^(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may|might)\b"),
    ("manner", r"^how\b|\bin what way\b|\bwhat (?:steps|measures)\b"),
)
_TYPES = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _TYPE_PATTERNS)
_WHO_IS = re.compile(
    r"^\W*(?:(?i:and|but|so)\s+)?(?i:who)\s+(?:is|was|are|were)\s+(?!The\b)[A-Z][\w’'.-]*(?:\s+(?:[A-Z][\w’'.-]*|de|van|der|von|bin|al|"
    r"el|la|di|da))*\W*$"
)
_PEOPLE_COUNTED = re.compile(
    r"\b(how\s+many)\s+(?=(?:(?:were|was|are|have\s+been|had\s+been|remain)\s+(?:\w+ly\s+|still\s+)?(?:hurt|injured|wounded|"
    r"killed|dead|missing|rescued|arrested|detained|jailed|evacuated|displaced|infected|trapped|homeless|saved|hospitali[sz]ed)|"
    r"died|survived|drowned|escaped|fled|perished)\b)",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"\bhow (?:many|much)\s+(?:of (?:the )?)?((?:\w+[\s-]+){0,3}?\w+?)\b(?=\s+(?:is|are|was|were|do|does|did|has|have|had|"
    r"can|could|will|would|in|of|on|at|to|from|for|with|by|took|take|live|died|attended|\w+ed)\b|\s*\?|$)",
    re.IGNORECASE,
)
_VERBS_AFTER = (
    r"is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may|might|in|of|on|at|to|from|for|with|by|that|"
    r"which|who|\w+ed"
)
_TARGET = re.compile(
    rf"\b(?:what|which)\s+(?P<noun>(?!(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|of|kind|type)\b)"
    rf"(?:\w+[\s-]+){{0,2}}?\w+?)\s+(?:{_VERBS_AFTER})\b"
    r"|\b(?:what|which) (?:is|was|are|were) the names? of (?:the |an? )?(?P<named>[^?,]{2,60}?)(?=\s+(?:that|which|who|in|on|at|hit|"
    r"\w+ed|by|from|to)\b|[?,]|$)",
    re.IGNORECASE,
)
_COMPARES = re.compile(
    r"\b(?:differ\w*|compar\w+|contrast\w*|disagree\w*|contradict\w*|versus|vs|discrepanc\w+|conflict(?:s|ing)? (?:accounts?|"
    r"claims?|figures?|reports?))\b",
    re.IGNORECASE,
)
_LISTS = re.compile(
    r"\b(?:what|which) (?:(?:are|were) (?:all )?(?:the |some )?(?:names of )?)?(?:(?!(?:is|was|does|has|this|of)\b)\w+ ){0,2}?"
    r"(?!\w*(?:ss|us|is|news|series|always|politics|does|was|has|happens)\b)\w{3,}s\b(?! (?:name|capital|is|was|does|has)\b)"
    r"|\bwho (?:are|were) (?!you)|\b(?:list|name) (?:all|the|every)\b",
    re.IGNORECASE,
)
_FIGURES = re.compile(
    r"\b(?:figures?|numbers?|tolls?|counts?|estimates?|sums?|totals?|percentages?|shares?)\b", re.IGNORECASE
)
_SPEAKER = re.compile(
    rf"\b(?:do|does|did|has|have|had|could|would)\s+(?P<asked>(?:the\s+)?[^?,]{{2,60}}?)\s+(?:\w+ly\s+)?(?P<verb>{SAYING_VERBS})\b"
    r"|\b(?:given|offered|made|issued|claimed|reported|stated|published) by (?P<given>[^?]{2,80}?)(?=\s+(?:differ|compare|"
    r"contrast|disagree)\b|[?,]|$)"
    rf"|\baccording to (?P<according>(?:the\s+)?[^?,]{{2,60}}?)(?=[?,]|$)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Question:
    """A question, taken apart. All words are stems (`index.lexical.normalize`)."""

    text: str
    terms: tuple[str, ...]  # distinct, in order, without stop words
    names: frozenset[str]  # stems of the words written as names, and numbers
    stand_ins: dict[Name, frozenset[Name]]  # a name of the question → names that may stand for it
    answer_type: AnswerType
    counted: frozenset[str]  # "how many drug dealers": what is counted
    target: frozenset[str]  # "which hotel": what is to be named
    speaker: frozenset[str]  # "what did the embassy say": whose words are asked for
    lists: bool  # "which countries": each member of a group is wanted
    compares: bool  # "how do the figures differ": both sides are wanted
    saying: str | None  # "whom does X blame": the kind of act (`saying.verb_family`)
    saying_term: str | None  # … and the word itself


def parse_question(text: str, *, context: str = "") -> Question:
    """Take a question apart; any text can be asked.

    `context` is an earlier question that this one leans on: it lends its words, not what it asks for.
    """
    plain = _LEAD.sub("", text).strip()
    whole = f"{context} {plain}" if context else plain
    asked_about = _COMPARES.sub(" ", whole)
    words = tuple(dict.fromkeys(word for word in terms(asked_about) if word not in _FRAME))
    kind = answer_type(plain)
    counted = _COUNTED.search(plain) if kind == "number" else None
    target = _TARGET.search(plain)
    speaker = _SPEAKER.search(plain)
    return Question(
        text=text,
        terms=words,
        names=_names(plain),
        stand_ins=stand_ins(tuple(terms(whole))),
        answer_type=kind,
        counted=frozenset(terms(counted.group(1))) - _UNCOUNTED if counted else frozenset(),
        target=_target(target, kind) if target else frozenset(),
        speaker=frozenset(terms(speaker["asked"] or speaker["given"] or speaker["according"]))
        if speaker
        else frozenset(),
        lists=kind not in ("number", "money", "date") and bool(_LISTS.search(plain)),
        compares=bool(_COMPARES.search(plain)),
        saying=verb_family(speaker["verb"]) if speaker and speaker["verb"] else None,
        saying_term=next(iter(terms(speaker["verb"])), None) if speaker and speaker["verb"] else None,
    )


def spelled_out(text: str) -> str:
    """The question with what everybody hears in it: "how many were hurt" asks of people."""
    return _PEOPLE_COUNTED.sub(r"\1 people ", text)


def _target(match: re.Match[str], kind: AnswerType) -> frozenset[str]:
    """The noun to be named, unless its kind says it all: a year, a city, a group is named without the word."""
    found = frozenset(terms(match["noun"] or match["named"]))
    return frozenset() if kind in ("date", "place", "person", "number") or found & _SELF_EVIDENT else found


def answer_type(text: str) -> AnswerType:
    """The kind of answer that a question wants, by its question word."""
    if _WHO_IS.match(text):
        return "other"  # who it is, is told by what he is: no other person is wanted
    if _COMPARES.search(text) and _FIGURES.search(text):
        return "number"
    found = [
        (match.start(), order, kind) for order, (kind, pattern) in enumerate(_TYPES) if (match := pattern.search(text))
    ]
    # The question word that comes first asks; among patterns at one place the more special is listed first.
    return min(found)[2] if found else "other"


def _names(text: str) -> frozenset[str]:
    found: set[str] = set()
    for match in _NAME.finditer(text):
        for word in _WORD.findall(match.group()):
            # A capital at the start of the question says nothing, unless the word has another one inside.
            if match.start() == 0 and word == _WORD.findall(match.group())[0] and word[1:].islower():
                continue
            found.update(terms(word))
    found.update(stem for stem in terms(text) if any(letter.isdigit() for letter in stem))
    return frozenset(found)
