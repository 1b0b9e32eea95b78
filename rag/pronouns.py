"""Words that point back: which of them point out of the question, and to what in the turn before it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from index.lexical import terms
from rag.mentions import Mention, coordinated, fresh, mentions
from rag.people import people, suits
from rag.phrases import Phrase, phrases, subject, within
from rag.question import AnswerType

_PRONOUN = re.compile(
    r"\b(?:(?P<person>he|him|his|she|her|hers)|(?P<many>they|them|their|theirs)|(?P<it>it|its)|(?P<there>there)"
    r"|(?P<event>this|these|those|that)|(?P<other>(?:which|this|that|the other|another) ones?|the (?:former|latter|others)(?!\s+\w)|(?:do|did|done) so))\b",
    re.IGNORECASE,
)
_OBJECTS = frozenset(("him", "her", "them"))
_ACTING = re.compile(
    r"\b(?:do|does|did|has|have|had|will|would|can|could|should|must|may|might)\s+(?:the\s+)?$", re.IGNORECASE
)
_ACTED_ON = re.compile(r"\s+(?:(?:want|plan|try|hope|need|decide|refuse|threaten)(?:ed|d)?\s+to\s+)?[a-z]+\s+$")
_POSSESSIVE = frozenset(("his", "their", "its"))
_DUMMY = re.compile(  # "it" and "there" that stand for nothing
    r"\bit\s+(?:takes?|took|rain\w*|snow\w*|seems?|(?:true|possible|legal|illegal|likely|safe|normal|known|clear)\s+(?:that|to|for|if|whether|who|how|why)|that)\b"
    r"|\bit\s+costs?\s+to\b|\b(?:is|was)\s+it\s+(?:(?-i:[A-Z])|(?:an?\s+)?\w+\s+(?:that|to)\b)|\btime\s+is\s+it\b|\bit\s+(?:is|was)\s+\w+\s+(?:that|to|who)\b"
    r"|\b(?:is|are|was|were|be|been)\s+there\b|n[’']t\s+there\b"
    r"|\bthere\s+(?:is|are|was|were|be|been|has|have|any|must|may|might|can|could|will|would|should)\b",
    re.IGNORECASE,
)
_POINTING_THAT = re.compile(
    r"(?:\b(?:is|was|were|did|does|do|has|after|before|of|about|for|to|from|by|at|in|on|with|since|like|than|because of)\s+)$",
    re.IGNORECASE,
)
_NOT_POINTING = re.compile(
    r"^(?:this|these|that|those)\s+(?:(?:year|week|month|day|days|time|season|summer|winter|spring|autumn|century|morning|"
    r"evening|weekend)\b|who\b|which\b|that\b|of\b|\w+ed\b)",
    re.IGNORECASE,
)
_DEMONSTRATIVE = re.compile(
    r"\b(?P<word>this|that|these|those)\s+(?P<noun>[A-Za-z][\w-]*(?:\s+[a-z]+(?=\W*$))?)", re.IGNORECASE
)
_THEN = re.compile(r"^that\s+(?:year|week|month|day|time|season|summer|winter)\b", re.IGNORECASE)
_INDEFINITE = re.compile(r"\b(?:an?|any|some|every|each|no)\s+\w+", re.IGNORECASE)
_PLURAL = re.compile(
    r"\b(?!(?:does|has|was|is|this|its|his|news|plays|says)\b)[a-z]{3,}[^su\W]s\b|\bpeople\b|\bmen\b|\bwomen\b|\bchildren\b"
)
_ASKED_SUBJECT = re.compile(  # who or what is asked for comes before the verb; in "What did they say" it does not
    r"^\W*(?:and\s+)?(?:who\s+(?!else\b)|(?:which|what|whose|how many)\s+(?:\w+\s+)+?)"
    r"(?!(?:did|does|do|has|have|had|was|were|is|are|will|would|can|could)\b)\w+\s",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"\b(?:how many|(?P<which>which|what))\s+(?P<noun>(?:\w+\s)?(?:\w+s|people|men|women|children))\b", re.IGNORECASE
)
_IS = re.compile(r"^\W*what\s+(?:is|are|was|were)\b", re.IGNORECASE)
_WHERE_IS = re.compile(r"^\W*where\s+(?:is|are)\b", re.IGNORECASE)
_THE = re.compile(r"[Tt]he\s+[A-Z]")
_ACTS = re.compile(  # "it" does something
    r"\b(?:do|does|did|has|have|had|will|would|can|could|may|might|must|shall|should)\s+it\s+(?:\w+ly\s+)?(?P<verb>[a-z]+)",
    re.IGNORECASE,
)
_HAPPENS = re.compile(
    r"(?:affect\w*|beg[aiu]n|break|broken?|caus\w*|contain\w*|continu\w*|cost\w*|cover\w*|do|done|end\w*|fall|happen\w*|hit|"
    r"land\w*|last\w*|look|matter|mean|occur\w*|been|be|open\w*|sink|spread|start\w*|stop\w*|take|taken|weigh|work)$",
    re.IGNORECASE,
)
_DONE = re.compile(
    r"\bit\s+(?:be\s+|been\s+|ever\s+|often\s+)*(?:done|happen\w*|occur\w*|true|right|correct|certain|confirmed)\b",
    re.IGNORECASE,
)
_MADE = re.compile(
    r"\b(?:built|build|made|designed?|founded|owned?|owns|operated?|bought|sold|named|called|registered|insured|carry|"
    r"carrying|land|sink|sail)\b",
    re.IGNORECASE,
)
_VERB_AFTER = re.compile(
    r"(?:ed|ing)$|^(?:say|get|win|lose|do|make|take|give|have|go|tell|pay|want|agree|leave|send|close|of|in|to)$"
)
_SAME: tuple[frozenset[str], ...] = tuple(  # words that news uses for the same thing
    frozenset(terms(words))
    for words in (
        "attack attacks bombing blast explosion shooting raid strike strikes assault incident killing massacre bomb attacked",
        "deal agreement accord treaty pact contract agree agreed",
        "election elections vote poll ballot referendum",
        "company firm business group",
        "crash accident collision derailment disaster crashed derailed",
        "fire blaze wildfire",
        "protest demonstration rally march",
        "earthquake quake tremor",
        "ruling decision verdict judgment judgement",
        "law bill act legislation",
    )
)


@dataclass(frozen=True, slots=True)
class Pronoun:
    """A word of a question that points out of it. `event`: to what happened, not to a name."""

    word: str
    start: int
    end: int
    group: str
    possessive: bool
    event: bool


def pointing(question: str) -> list[Pronoun]:
    """The words that point out of the question, in order: nothing before them in it can be meant."""
    return [pronoun for pronoun in _pronouns(question) if not _inside(pronoun, question)]


def antecedent(pronoun: Pronoun, question: str, asked: str, answer: str, wanted: AnswerType) -> str | None:
    """What a pronoun of a question stands for, in the question before it or that one's answer; None if nothing fits.

    `wanted` is the kind of answer that was asked for.
    """
    if pronoun.group == "person":
        return _person(pronoun, asked, answer, wanted)
    if pronoun.group == "many":
        return _many(asked, answer, wanted)
    if pronoun.group == "there":
        return _there(asked, answer, wanted)
    return _it(question, asked, answer, wanted)


def _person(pronoun: Pronoun, asked: str, answer: str, wanted: AnswerType) -> str | None:
    """Whom the question named; else the one whom the answer names as what the question called him; else its first."""
    found = [item for item in phrases(asked) if item.kind == "person" and not item.plural]
    known = frozenset(stem for item in found for stem in item.stems)
    told = [item for item in people(answer) if suits(pronoun.word, item, answer)]
    new = [item.text for item in told if not item.stems & known]
    if wanted == "person" and new:
        return new[0]
    named = [item.text for item in found if item.named and suits(pronoun.word, item, asked)]
    if named:
        return named[0]
    return next(iter([*(new if len(new) == 1 else ()), *(item.text for item in found if not item.named), *new]), None)


def _many(asked: str, answer: str, wanted: AnswerType) -> str | None:
    there, told = phrases(asked), mentions(answer)
    counted = _COUNTED.search(asked)
    asks = wanted in ("person", "organisation") or (counted is not None and counted["which"])
    if asks and (names := coordinated(answer)):
        return names
    new = fresh(told, mentions(asked)) if wanted in ("person", "organisation") else []
    if groups := [item.text for item in new if item.plural]:
        return groups[0]
    if counted:
        return f"the {counted['noun']}"
    if several := [item.text for item in there if item.plural]:
        return several[0]
    if several := [item.text for item in told if item.plural]:
        return several[0]
    # "The Greens" may be they, "The Alliance" too; "the fire" may not.
    named = [item.text for item in there if item.named] + [item.text for item in told]
    return next((name for name in named if _THE.match(name)), None)


def _there(asked: str, answer: str, wanted: AnswerType) -> str | None:
    there, told = mentions(asked), mentions(answer)
    if there and _WHERE_IS.match(asked):
        return f"in {_with_head(there[0], asked)}"
    places = [*(fresh(told, there) if wanted == "place" else ()), *there, *told]
    return next((f"in {item.text}" for item in places if item.kind == "place"), None)


def _it(question: str, asked: str, answer: str, wanted: AnswerType) -> str | None:
    """A thing or a body of people that the question spoke of: what acts, was made or happened, as the verb wants it."""
    if _DONE.search(question):
        return None
    acts = (match := _ACTS.search(question)) is not None and not _HAPPENS.match(match["verb"])
    new = [item.text for item in fresh(mentions(answer), mentions(asked)) if item.kind in ("group", "thing")]
    acts_known = acts and any(item.named and item.kind == "group" for item in phrases(asked))
    if wanted == "organisation" or (wanted == "person" and acts and new and not acts_known):
        return next(iter(new), None)  # it is what was asked for: None where the answer is not known
    own = frozenset(terms(question))
    outer = phrases(asked)
    found = [part for item in outer for part in _parts(item, asked)]
    found = [item for item in found if not own.intersection(terms(item.head))]
    doer = subject(asked)

    def order(item: Phrase) -> tuple[bool, ...]:
        event = item.event and bool(_MADE.search(question))
        doing = item.text == (doer.text if doer else "")
        person = item.kind == "person"
        if acts:
            return (
                person,
                item.event,
                item.kind == "place" and not doing,
                item not in outer,
                not (item.named or item.kind == "group"),
            )
        return (person, item.kind == "place", event, item not in outer, doing)

    if all(item.kind == "person" for item in found) and not (found and _IS.match(asked)):
        return next(iter(new), None)
    chosen = min(found, key=order)
    return re.sub(r"^an? ", "the ", chosen.text, flags=re.IGNORECASE)


def _parts(item: Phrase, text: str) -> list[Phrase]:
    inner = within(item, text)
    return [item, *(_parts(inner, text) if inner else ())]


def same_thing(question: str, before: str) -> bool:
    """Whether the question speaks of "the …" that the turn before spoke of, by the same or a like word."""
    known = frozenset(terms(before))
    for match in re.finditer(r"\b(?:the|this|that|these|those)\s+(\w+)", question, re.IGNORECASE):
        for stem in terms(match[1]):
            if stem in known or any(stem in like and like & known for like in _SAME):
                return True
    return False


def demonstrative(question: str) -> str | None:
    """The noun of "this …" or "that …" in a question, if it has one."""
    for match in _DEMONSTRATIVE.finditer(question):
        if not _NOT_POINTING.match(match[0]) and _points(question, match.start(), match["word"].casefold()):
            return str(match["noun"])
    return None


def _pronouns(question: str) -> Iterator[Pronoun]:
    dummies = [match.span() for match in _DUMMY.finditer(question)]
    for match in _PRONOUN.finditer(question):
        word, group = match[0].casefold(), str(match.lastgroup)
        if any(start <= match.start() < end for start, end in dummies):
            continue
        if group == "event" and not _points(question, match.start(), word):
            continue
        following = re.match(r"\s+([a-z]+)", question[match.end() :])
        owned = word in _POSSESSIVE or (
            word == "her" and bool(following) and bool(terms(following[1] if following else ""))
        )
        yield Pronoun(word, match.start(), match.end(), group, owned, group in ("event", "other"))


def _points(question: str, start: int, word: str) -> bool:
    rest = question[start:]
    if _THEN.match(rest):
        return True
    if _NOT_POINTING.match(rest):
        return False
    if word != "that":
        return True
    # "that" also joins clauses: it points at the end, and behind a preposition or an auxiliary.
    alone = re.match(r"that\W*$", rest, re.IGNORECASE)
    return bool(alone) or bool(_POINTING_THAT.search(question[:start]))


def _inside(pronoun: Pronoun, question: str) -> bool:
    """Whether something before the pronoun in the question itself can be meant by it."""
    before = question[: pronoun.start]
    named = mentions(before)
    if pronoun.group == "there":
        return any(item.kind == "place" for item in named)
    if named:
        return not pronoun.event and not _is_object(pronoun, question, named)
    if (
        (pronoun.group in ("person", "many") or pronoun.possessive)
        and (pronoun.possessive or pronoun.word not in _OBJECTS)
        and _ASKED_SUBJECT.match(before)
    ):
        return True  # "Which countries closed their borders": the countries'; but "Who succeeded him"
    if pronoun.group == "many":
        return bool(_PLURAL.search(before))
    return pronoun.group in ("person", "it") and bool(_INDEFINITE.search(before))


def _is_object(pronoun: Pronoun, question: str, named: list[Mention]) -> bool:
    """Whether what acts is all that is named, and acts on the pronoun: "Why did the court halt it" means another."""
    if len(named) > 1 or pronoun.possessive or re.search(r"\w", question[pronoun.end :]):
        return False
    between = question[named[0].end : pronoun.start]
    return bool(_ACTING.search(question[: named[0].start])) and bool(_ACTED_ON.fullmatch(between))


def _with_head(item: Mention, text: str) -> str:
    """The name with the noun behind it that it only qualifies ("the Keystone" → "the Keystone pipeline")."""
    following = re.match(r"\s+([a-z]{3,})\b(?:\s+(\w+))?", text[item.end :])
    if not item.text.casefold().startswith("the ") or following is None or not terms(following[1]):
        return item.text
    # Behind "did the …" a verb must be left: "did the Oroville dam overflow", but "did the Commission demand".
    asked = re.search(r"\b(?:do|does|did)\s+$", text[: item.start], re.IGNORECASE)
    if _VERB_AFTER.search(following[1]) or (asked and not (following[2] and terms(following[2]))):
        return item.text
    return f"{item.text} {following[1]}"
