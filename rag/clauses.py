"""A plain sentence → subject, verb, rest: as much grammar as it takes to turn a statement into a question."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from index.calendar_words import MONTH, WEEKDAY

DATE = re.compile(
    rf"\b(?:on|in|until|by|since)\s+(?P<date>(?:{MONTH}(?:\s+\d{{1,2}})?(?:,?\s+(?:19|20)\d\d)?|"
    rf"\d{{1,2}}\s+{MONTH}(?:\s+(?:19|20)\d\d)?|(?:19|20)\d\d|{WEEKDAY}(?:\s+(?:morning|afternoon|evening|night))?))\b",
    re.IGNORECASE,
)
"""A date with the word before it; the group `date` is the date alone."""

_FEW = "two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty hundred".split()
NUMBER = re.compile(
    rf"(?<![\w.,$])(?P<number>(?P<money>[$£€]\s?)?(?:\d+(?:[.,]\d+)*|{'|'.join(_FEW)})(?:\s+(?:hundred|thousand|million|billion))?)"
    r"\s+(?:(?P<noun>(?:[a-z][\w-]+\s+){0,2}?[a-z][\w-]+s|people|percent)\b)?"
)
"""A number and the thing counted."""

_IRREGULAR = dict(
    pair.split("/")
    for pair in (  # and regular ones that the rules below would spell wrong
        "began/begin bought/buy brought/bring broke/break built/build came/come chose/choose drew/draw fell/fall felt/feel "
        "fought/fight found/find gave/give got/get grew/grow held/hold hit/hit kept/keep killed/kill knew/know led/lead "
        "left/leave lost/lose made/make met/meet paid/pay put/put ran/run rose/rise said/say saw/see sent/send set/set "
        "shot/shoot sold/sell spent/spend spoke/speak stood/stand struck/strike took/take thought/think told/tell "
        "won/win wrote/write opened/open offered/offer entered/enter ordered/order covered/cover suffered/suffer "
        "visited/visit limited/limit edited/edit"
    ).split()
)
_PRONOUN = re.compile(r"(?:he|she|it|they|we|i|you|this|that|these|those|there|who|which|what|here)\b", re.IGNORECASE)
_NO_SUBJECT = frozenset(
    "that which who whom whose when where while as if after before because although though but and or in on at by for from "
    "with to since until during amid despite under not no has have had is are be been being will would could may might".split()
)
_LEAD = re.compile(r"^(?P<lead>(?:In|On|At|Since|During|Earlier|Last|Early|Late|Meanwhile|However)\b[^,]{0,40}),\s+")
_ADVERB = re.compile(r"^(?:Thus|Then|Also|Later|Yet|So)\s+|\s+(?:also|then|later|again|still|already|once|\w+ly)$")
_SILENT_E = re.compile(
    r"(?:[^aeiou][aiou]d|at|ut|[^aeiou]ot|vit|[^aeiou]ik|ok|re)$"
)  # decided, created, executed, liked
_VOWELS = re.compile(r"[aeiouy]+")
_TOKEN = re.compile(r"\S+")
_ENDS = re.compile(r"[,;:—–“”\"]|\.$|\s(?:which|who|while|as|after|because|although|but)\s")
_CUTS = frozenset(':“”"')  # a question that ends here would be torn out of a quotation
_BY = re.compile(rf"(?:{DATE.pattern}\s+)?by\s(?!\d)", re.IGNORECASE)  # "a report published in May by the bank shows"
_RUNS_ON = re.compile(  # a second verb in the present or past that no conjunction brings
    r"(?:(?!\b(?:that|who|which|what|how|whether|if|where|when|why|how)\b).)*?"
    r"\s(?:is|are|was|were|has|have|had|shows?|says?|said|will|would|can|could|may|might)\s"
)
_MOST_SUBJECT, _MOST_REST = 7, 140  # words; characters


@dataclass(frozen=True, slots=True)
class Clause:
    """A sentence taken apart; `passive` where "was" or "were" stands before the verb."""

    lead: str
    subject: str
    verb: str
    rest: str
    passive: str  # "was", "were" or nothing

    def asked(self, word: str, rest: str, base: str) -> str:
        """The clause as a question with a question word: "When was it opened", "When did they open it"."""
        verb = self.verb if self.passive else base
        parts = [word, self.passive or "did", inside(self.subject), verb, rest]
        return " ".join(" ".join(parts).split()).rstrip(" ,;") + "?"


def inside(phrase: str) -> str:
    """A phrase as it is written inside a sentence: "The mayor" becomes "the mayor"."""
    first, _, others = phrase.partition(" ")
    return f"{first.lower()} {others}" if first in ("The", "A", "An") else phrase


def read_clause(sentence: str) -> Clause | None:
    """Take a sentence apart; None where its start is not a subject and a verb in the past."""
    text = " ".join(sentence.split())
    lead = _LEAD.match(text)
    body = text[lead.end() :] if lead else text
    tokens = list(_TOKEN.finditer(body))
    for at, token in enumerate(tokens[: _MOST_SUBJECT + 1]):
        word = token.group()
        if word.lower() in ("was", "were") and at and at + 1 < len(tokens) and is_past(tokens[at + 1].group()):
            return _clause(lead, body, token.start(), tokens[at + 1], word)
        if at and is_past(word) and word.islower():
            return _clause(lead, body, token.start(), token, "")
        if word.lower().strip(",") in _NO_SUBJECT or word.endswith((",", ";", ":", "—")):
            return None
    return None


def _clause(
    lead: re.Match[str] | None, body: str, subject_end: int, verb: re.Match[str], passive: str
) -> Clause | None:
    subject = _ADVERB.sub("", body[:subject_end].strip())
    rest, cut, _ = _split(_ENDS, body[verb.end() :])
    rest = rest.strip()
    named = subject[:1].isupper() and not _PRONOUN.match(subject) and not subject.endswith(("’s", "'s"))
    if not named or len(rest) > _MOST_REST or rest.rpartition(" ")[2].lower() in _NO_SUBJECT:
        return None
    if cut in _CUTS or _RUNS_ON.match(rest) or (not passive and _BY.match(rest)):
        return None
    return Clause(lead["lead"] if lead else "", subject, verb.group(), rest, passive)


def _split(pattern: re.Pattern[str], text: str) -> tuple[str, str, str]:
    """A text at the first match of a pattern, as `str.partition` does it."""
    match = pattern.search(text)
    return (text[: match.start()], match.group(), text[match.end() :]) if match else (text, "", "")


def is_past(word: str) -> bool:
    """Whether a word looks like a verb in the past."""
    return word in _IRREGULAR or bool(re.fullmatch(r"[a-z]{2,}[^e\W]ed", word))


def base_form(verb: str, known: Collection[str]) -> str:
    """The infinitive of a verb in the past; of two spellings the one among the known words."""
    if verb in _IRREGULAR:
        return _IRREGULAR[verb]
    stem = verb.removesuffix("ed")
    if stem.endswith("i"):
        return stem[:-1] + "y"
    doubled = len(stem) > 2 and stem[-1] == stem[-2]
    likely = stem
    if doubled and (stem[-1] not in "lsfz" or (stem[-1] == "l" and len(_VOWELS.findall(stem)) > 1)):
        likely = stem[:-1]  # stopped, cancelled; but killed, passed
    elif not doubled and (stem[-1] in "cgsuvz" or _SILENT_E.search(stem)):
        likely = stem + "e"
    return next((form for form in (likely, stem, stem + "e") if form in known), likely)
