"""A sentence → what its speaker is asked about it, in good English; a doubt asks nothing.

Whole sentences, speakers with a name, whole names: what news exports run together, and what only points at
somebody, makes odd questions.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

import countryinfo

from index.calendar_words import MONTH, WEEKDAY
from index.lexical import STOP_WORDS
from rag.attribution import Speech, attribute
from rag.speakers import is_pronoun

_BASE_FORMS = {  # of verbs of saying: past → as it stands after "did"
    "said": "say", "warned": "warn of", "urged": "urge", "claimed": "claim", "announced": "announce", "denied": "deny",
    "blamed": "blame", "accused": "accuse", "criticized": "criticize", "criticised": "criticise",
    "confirmed": "confirm", "pledged": "pledge", "demanded": "demand", "reported": "report", "stated": "state",
    "described": "describe", "noted": "note", "stressed": "stress", "condemned": "condemn", "insisted": "insist on",
}  # fmt: skip
SAYING = frozenset(_BASE_FORMS)
_ABOUT = frozenset("say note state stress".split())  # verbs that take "about"
_WHOM = frozenset("blame accuse".split())
_NAME = re.compile(r"(?<=\s)(?:[A-Z][\w’'-]*[\w])(?:\s+(?:of\s+)?[A-Z][\w’'-]*[\w])*")
_PARTICLE = r"\s(?:al|bin|ibn|de|del|della|der|den|di|du|el|la|le|van|von)[\s-]"
_GOES_ON = re.compile(rf"[’'\w-]|{_PARTICLE}|\s\d")  # a number belongs to it: Highway 50
_WENT_BEFORE = re.compile(rf"{_PARTICLE}$|\b(?:on|via)\s$")  # said on Facebook, not about it
_POSSESSIVE = re.compile(r"[’']s?$")
_CALENDAR = re.compile(rf"(?:{MONTH}|{WEEKDAY})\b", re.IGNORECASE)
_OWN = frozenset("its his her their our my your this that these those other another some many several one both".split())
_BODIES = frozenset(
    "government ministry embassy police parliament army military court council union party committee commission agency "
    "people leadership administration".split()
)
_QUOTES = re.compile(r"[\"“”]")
_TORN = re.compile(
    # the next sentence, or a headline, without what parts it from this one
    r"[\w%)]\s(?:A|An|The|In|It|He|She|They|We|This|That|These|Those|But|And|Some|Other|There|When|If|As|At|On|For|With)"
    r"\s[a-z\d$€£]|[\w%)]\s(?:Instead|However|Meanwhile|READ MORE)\b|[a-z]\d?[.!?][A-Z][a-z]"
    r"|\b(?P<word>[a-z]+)\s(?P=word)\b|\ufffd|\w\"\w|\"\?|\s-[a-z]|[a-z]-\s",
)
_WHOLE = re.compile(r"[\"“]?[^\W_a-z].*[.!?][\"”]?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question for the words of a speaker; `claim` is what was said."""

    who: str
    verb: str
    about: str
    claim: str

    @property
    def question(self) -> str:
        """The question."""
        return asks(self.who, self.verb, self.about)


def asks(who: str, verb: str, about: str = "") -> str:
    """What somebody said: "What did the mayor say about Oslo?", "Whom did the mayor blame?"."""
    return f"{'Whom' if verb in _WHOM else 'What'} did {who} {verb}{f' about {about}' if about else ''}?"


def ask_speaker(sentence: str, vocabulary: Collection[str]) -> Asked | None:
    """The question that a sentence answers by what somebody says in it; None where there is none without a doubt.

    Args:
        sentence: a sentence of an article.
        vocabulary: the words that the articles write with a small letter.
    """
    speech = attribute(sentence) if is_sound(sentence) else Speech()
    verb, speaker = _BASE_FORMS.get(speech.verb or ""), speech.speaker or ""
    who = as_named(speaker, sentence, vocabulary)
    if not verb or not who or re.search(rf"\b{speech.verb}\s+by\b", sentence):
        return None
    claim = _claim(sentence, speaker, speech.verb or "")
    names = [name for name in whole_names(claim) if name.casefold() not in speaker.casefold()]
    about = next((name for name in names if name not in _demonyms()), "") if verb in _ABOUT else ""
    about = f"the {about}" if about and re.search(rf"\b[Tt]he {re.escape(about)}", claim) else about
    return Asked(who, verb, about, claim) if len(claim.split()) > 2 else None


def is_sound(sentence: str) -> bool:
    """Whether a sentence is one, from its first letter to its stop, with its quotations whole."""
    straight, opening, closing = (sentence.count(mark) for mark in '"“”')
    return (
        bool(_WHOLE.fullmatch(sentence))
        and straight % 2 == 0
        and opening == closing
        and sentence.count("(") == sentence.count(")")
        and not _TORN.search(sentence)
    )


def as_named(phrase: str, sentence: str, vocabulary: Collection[str]) -> str | None:
    """A phrase that names somebody, as it is written inside a question; None where it only points, or is cut."""
    words = phrase.split()
    if (
        not 1 <= len(words) <= 7
        or is_pronoun(phrase)
        or words[0].casefold() in (*_OWN, "a", "an")
        or not phrase[-1].isalnum()
    ):
        return None
    if _QUOTES.search(phrase) or "," in phrase or phrase.count("(") != phrase.count(")"):
        return None
    opens = sentence.lstrip('"“ ').startswith(phrase)
    proper = [word[0].isupper() for word in words]
    if words[0] == "The" or (opens and words[0].casefold() in vocabulary):
        proper[0] = False
    last = words[-1].casefold()
    if not any(proper) or not (proper[-1] or last.endswith("s") or last in _BODIES):
        return None
    lowered = words[0] == "The" or (opens and not proper[0] and len(words) > 1 and not words[1][0].isupper())
    return f"{words[0].lower()} {' '.join(words[1:])}" if lowered else " ".join(words)


def whole_names(text: str) -> list[str]:
    """The names in a text that end where they seem to, in order."""
    found = []
    for match in _NAME.finditer(text):
        name = _POSSESSIVE.sub("", match.group())
        cut = _GOES_ON.match(text, match.end()) or _WENT_BEFORE.search(text[: match.start()])
        plain = name.istitle() and name.casefold() in STOP_WORDS  # "BERGEN – The town": a sentence begins
        if not (cut or plain or is_pronoun(name) or _CALENDAR.match(name)):
            found.append(name)
    return found


def _claim(sentence: str, speaker: str, verb: str) -> str:
    """What is said, of a sentence that tells who says it before, after or between."""
    at = sentence.find(speaker)
    said = min((match.start() for match in re.finditer(rf"\b{verb}\b", sentence)), key=lambda place: abs(place - at))
    before, after = sentence[: min(at, said)], sentence[max(at + len(speaker), said + len(verb)) :]
    return max((after, before), key=len)


@lru_cache(maxsize=1)
def _demonyms() -> frozenset[str]:
    entries = (entry.info() for entry in countryinfo.all_countries())
    return frozenset(str(entry["demonym"]) for entry in entries if entry.get("demonym"))
