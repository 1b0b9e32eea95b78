"""Text → the facts that a sentence must not get wrong: figures with their units, dates, names, denials, hedges.

All are read off the surface and normalised, so that "seven" is 7, "$70m" is 70 million dollars and "20 October" is
October 20. What is compared with them, and what a difference means, is in rag/guards.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from index.calendar_words import MONTH_NUMBERS
from index.lexical import STOP_WORDS, normalize, terms

Bound = Literal["", "above", "below"]

_UNITS = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_SMALL = {word: float(value) for value, word in enumerate(_UNITS.split())} | {
    word: 10.0 * value for value, word in enumerate(_TENS.split(), start=2)
}
_SCALES = {
    "dozen": 12.0, "hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12,
    "k": 1e3, "m": 1e6, "mn": 1e6, "mln": 1e6, "bn": 1e9, "bln": 1e9, "tn": 1e12,
}  # fmt: skip
_CURRENCIES = {
    "$": "$", "us$": "$", "£": "£", "€": "€", "¥": "¥", "₽": "₽", "₹": "₹",
    "dollar": "$", "usd": "$", "pound": "£", "gbp": "£", "sterl": "£", "euro": "€", "eur": "€", "yuan": "¥", "renminbi": "¥",
    "rubl": "₽", "roubl": "₽", "rupe": "₹",
    "crown": "kr", "krona": "kr", "kronor": "kr", "krone": "kr", "kroner": "kr", "franc": "franc", "yen": "yen", "peso": "peso",
    "lira": "lira", "zloti": "zloty", "shill": "shilling", "somoni": "somoni", "teng": "tenge", "dirham": "dirham",
}  # fmt: skip
_WORDS = "|".join(sorted(_SMALL, key=len, reverse=True))
_BIG = "hundred|thousand|million|billion|trillion|dozen"
_FIGURE = re.compile(
    rf"(?P<sign>(?:US)?[$£€¥₽₹])?\s?(?<![\w.])(?:(?P<digits>\d+(?:[.,]\d+)*)(?:st|nd|rd|th)?|(?P<words>(?:a\s+(?=dozen|hundred|thousand|million|billion))?"
    rf"\b(?:{_WORDS}|(?:(?<=a\s)(?:{_BIG})))(?:[\s-]+(?:and\s+)?(?:{_WORDS}|{_BIG}))*))"
    rf"(?:[\s-]?(?P<scale>{_BIG}|mln|bln|mn|bn|tn|[mk](?![\w/²]))s?\b)?"
    r"(?P<percent>\s?%|[\s-]per\s?cent(?:age points?)?\b)?",
    re.IGNORECASE,
)
_MONTH = (
    r"(?P<{0}>Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?|July?|Aug(?:ust|\.)?|Sept?(?:ember|\.)?|"
    r"Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"
)
_DAY = r"(?P<{0}>[0-3]?\d)(?:st|nd|rd|th)?(?:\s?[–-]\s?(?P<{1}>[0-3]?\d)(?:st|nd|rd|th)?)?"
_DATE = re.compile(
    rf"\b(?:{_MONTH.format('month')}\s+{_DAY.format('day', 'to')}(?!\d)|{_DAY.format('day2', 'to2')}(?:\s+of)?\s+{_MONTH.format('month2')})\b",
    re.IGNORECASE,
)
_ISO_DATE = re.compile(r"\b(?:19|20)\d\d-(?P<month>[01]\d)-(?P<day>[0-3]\d)\b")
_PAIRED = re.compile(r"\b(?:both|pair|duo|couple|twins?)\b", re.IGNORECASE)
_ABOVE = re.compile(
    r"\b(?:more than|over|at least|above|exceed(?:s|ed|ing)?|upwards? of|no (?:less|fewer) than|in excess of)\s*(?:\w+\s)?$",
    re.IGNORECASE,
)
_BELOW = re.compile(
    r"\b(?:less than|fewer than|under|below|at most|up to|no more than|nearly|almost|not even)\s*(?:\w+\s)?$",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w+(?:[’'.,-]\w+)*")
_NEGATION = re.compile(
    r"\b(?:no|not|never(?!-)|none|neither|nor|without|cannot|den(?:y|ies|ied)|refus\w+|withh[eo]\w+|fail(?:s|ed)? to|declin(?:es?|ed) to|"
    r"lack(?:s|ed)?|unable|instead of|rather than|rul(?:es?|ed) out|reject(?:s|ed)?|stopp?(?:s|ed) short of)\b|n[’']t\b",
    re.IGNORECASE,
)
_HEDGE = re.compile(
    r"\b(?:may|might|could|possibl[ey]|perhaps|alleged(?:ly)?|reportedly|unconfirmed|unclear|unknown|unlikely|likely|"
    r"suspected|purported(?:ly)?|accus(?:e[sd]?|ing)(?=\s[^,;.]*\bof\b)|accusations?|expected to|plan(?:s|ned|ning)? to|considering|potential(?:ly)?|whether|if|"
    r"demand(?:s|ed|ing)?|(?:ask|call)(?:s|ed|ing)? for|"
    r"threaten(?:s|ed)? to|hop(?:es?|ed|ing) to|want(?:s|ed)? to|seek(?:s|ing)? to)\b"
)
_FORESEEN = re.compile(r"\b(?:will|shall|(?:is|are|was|were) (?:going|set|about|due|to)(?: to)?)\b")
_REACH = 5  # words behind a negation or a hedge that it may govern
_HEDGE_REACH = 2


DEAD = frozenset(terms("dead death deaths died dying kill killed killing fatality fatalities lives slain"))
HURT = frozenset(terms("injured injury injuries wounded wounding hurt"))
"""Stems of the words that say who was killed, and who was hurt."""
MEASURES = frozenset({"%", *_CURRENCIES.values()})
"""Units that a figure must keep."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with what it counts. `unit` is "%", a currency sign, or the stem of the next word; "" when none.

    `start` is where it stands in the text.
    """

    value: float
    unit: str = ""
    bound: Bound = ""
    start: int = field(default=0, compare=False)


def figures(text: str) -> list[Figure]:
    """The numbers of a text in order, in digits or words, scaled, each with its unit. Days of dates are left out."""
    dated = [match.span() for match in _DATE.finditer(text) if int(match["day"] or match["day2"]) <= 31]
    found = [Figure(2.0, start=match.start()) for match in _PAIRED.finditer(text)]
    for match in _FIGURE.finditer(text):
        at = match.start("digits") if match["digits"] else match.start("words")
        if any(start <= at < end for start, end in dated):
            continue
        value = _value(match)
        if value is None:
            continue
        before = text[: match.start()]
        bound: Bound = "above" if _ABOVE.search(before) else "below" if _BELOW.search(before) else ""
        found.append(Figure(value, _unit(match, text[match.end() :]), bound, at))
    return found


def _value(match: re.Match[str]) -> float | None:
    if match["digits"]:
        digits = match["digits"]
        # A comma parts thousands; anywhere else it is a decimal comma or a list, and the figure is kept as written.
        plain = digits.replace(",", "") if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", digits) else digits
        try:
            value = float(plain.replace(",", "."))
        except ValueError:
            return None
    else:
        value = _worded(match["words"].casefold())
    scale = (match["scale"] or "").casefold()
    return round(value * _SCALES.get(scale, 1.0), 6)


def _worded(words: str) -> float:
    total = current = 0.0
    for word in re.findall(r"[a-z]+", words):
        if word in _SMALL:
            current += _SMALL[word]
        elif word in _SCALES:
            scale = _SCALES[word]
            if scale >= 1e3:
                total, current = total + max(current, 1.0) * scale, 0.0
            else:
                current = max(current, 1.0) * scale
    return total + current


def _unit(match: re.Match[str], after: str) -> str:
    if match["percent"]:
        return "%"
    if match["sign"]:
        return _CURRENCIES[match["sign"].casefold()]
    following = re.match(r"[\s-]+(?:of\s+(?:the\s+)?)?(?:US\s+)?([^\W\d_][\w’'-]*)", after)
    if not following or following[1].casefold() in STOP_WORDS:
        return ""
    stem = normalize(following[1].split("-")[0])
    return _CURRENCIES.get(stem, stem)


def dates(text: str) -> frozenset[tuple[int, int]]:
    """(month, day) of every date that names both; of a range both ends."""
    found: set[tuple[int, int]] = set()
    for match in _DATE.finditer(text):
        month = MONTH_NUMBERS[(match["month"] or match["month2"])[:3].casefold()]
        for day in (match["day"], match["to"], match["day2"], match["to2"]):
            if day and 1 <= int(day) <= 31:
                found.add((month, int(day)))
    found.update((int(match["month"]), int(match["day"])) for match in _ISO_DATE.finditer(text))
    return frozenset(found)


def name_words(text: str) -> list[str]:
    """The words written as names, in order: with a capital that the start of a sentence does not explain."""
    found = []
    for match in _WORD.finditer(text):
        word = match.group()
        if not word[0].isupper() or word.casefold() in STOP_WORDS or word in ("I", "Mr", "Mrs", "Ms", "Dr"):
            continue
        opens = not match.start() or re.search(r"[.!?:\n]\s*[“\"‘'(]?\s*$|^[“\"‘'(]+$", text[: match.start()])
        if opens and word[1:].islower():
            continue
        found.append(word)
    return found


def denied(text: str) -> list[list[str]]:
    """For each negation the stems that follow it closely enough to be what it denies, the nearest first."""
    return _governed(_NEGATION, text)


def hedged(text: str) -> frozenset[str]:
    """The stems that follow a hedge ("may", "allegedly", "planned to") closely enough to be what it weakens."""
    return frozenset(stem for found in _governed(_HEDGE, text) for stem in found[:_HEDGE_REACH])


def foreseen(text: str) -> frozenset[str]:
    """The stems that follow a future ("will", "is set to") closely enough to be what has not happened yet."""
    return frozenset(stem for found in _governed(_FORESEEN, text) for stem in found[:_HEDGE_REACH])


def _governed(pattern: re.Pattern[str], text: str) -> list[list[str]]:
    found = [terms(re.split(r"[,;:.—–]", text[match.end() :])[0])[:_REACH] for match in pattern.finditer(text)]
    return [stems for stems in found if stems]
