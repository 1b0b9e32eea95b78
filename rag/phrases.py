"""What a question speaks of: its noun phrases, names and "the …" with what hangs on them ("the fire on the ferry").

No parser: a phrase ends where a verb must be left for the question, or where a word of a closed class begins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.lexical import STOP_WORDS, terms
from rag.mentions import BODY, CALENDAR, Kind, Mention, known_place, mentions

_WORD = re.compile(r"[\w€$£](?:[\w’'.-]*\w)?(?:(?<=s)[’'](?=\s))?")
_ARTICLES = frozenset(("the", "a", "an"))
_BEHIND = frozenset("of in on at into against behind near off from with between over for aboard inside outside".split())
_OF = frozenset(("of",))
_OTHER_STOPS = frozenset("near off behind among around across within without per despite since ago else any".split())
_DO = frozenset("do does did will would can could may might must shall should".split())
_BE = frozenset("is are was were be been has have had".split())
_PARTICIPLE = re.compile(
    r"\w{2,}ed$|^(?:built|lost|hurt|held|found|made|shot|sunk|sent|sold|paid|told|left|set|cut|hit|put|begun|broken|bought|"
    r"caught|chosen|done|driven|fallen|flown|forgotten|given|gone|grown|kept|known|led|met|read|run|said|seen|shown|shut|"
    r"spent|stolen|struck|sworn|taken|thought|thrown|torn|won|worn|written|born|beaten|bound|fought|freed|fed|hidden|laid|lent|"
    r"meant|risen|sought|spread|taught|open|over|true|right|wrong|dead|alive|safe)$",
    re.IGNORECASE,
)
_VERBS = frozenset(  # they follow a subject more often than they are part of one
    """say tell give get take make do put pay keep let lose win become begin bring buy build choose come cost cut earn
    fall feel find follow get give go happen have hear hold know last lead leave let lie live lose mean meet move need
    offer open play promise react respond receive reach run see seek sell send serve show spend stand start stay
    stop suffer think try turn understand want win work write agree accept add admit allow announce apologise apologize
    ask become believe blame close criticise criticize decide declare demand deny explain expect fail join refuse reject
    remain replace require resign rise settle vote warn continue""".split()
)
_ROLE = re.compile(
    r"(?:^|\b)(?:mayor|minister|president|premier|chancellor|king|queen|prince|princess|pope|bishop|general|senator|judge|"
    r"secretary|leader|coach|captain|chief|director|governor|sheriff|prosecutor|chair|head|boss|manager|owner|founder|"
    r"commander|engineer|teacher|doctor|driver|pilot|author|researcher|analyst|expert|victim|suspect|boy|girl|man|woman|"
    r"officer|commissioner|ambassador|envoy|lawyer|player|singer|actor|actress|writer|professor|inspector|councillor|"
    r"official|master|keeper|partner|wife|husband|father|mother|son|daughter|brother|sister|successor|deputy|farmer|"
    r"sailor|soldier|worker|student|passenger|resident|survivor|protester|rebel|voter|neighbou?r|critic|parent|pupil|"
    r"patient|migrant|refugee|striker|reporter|correspondent|lawmaker|\w{3,}(?:man|woman|person|ist|keeper))$",
    re.IGNORECASE,
)
_BODY_NOUN = re.compile(
    r"^(?:airline|insurer|supplier|maker|operator|insurance|embassy|hospital|brigade|coastguard|administration|opposition|public|"
    r"regulator|council|city|country|industry|newspaper|outlet|store|shop)$",
    re.IGNORECASE,
)
_EVENT = frozenset(
    terms(
        "attack bombing blast explosion shooting raid strike assault incident killing massacre election vote poll race "
        "referendum crash accident collision derailment disaster fire blaze protest demonstration rally march match "
        "earthquake quake storm flood cyclone hurricane evacuation brawl clash war fight launch meeting summit talks "
        "visit exercise trial inquiry investigation outbreak loss collapse deal dispute shutdown failure festival"
    )
)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A noun phrase as it stands. `head` is its noun, `inner` where the phrase within it begins ("the ferry").

    `named`: it begins with a name. `plural`: it may be "they".
    """

    text: str
    start: int
    head: str
    kind: Kind
    plural: bool
    named: bool
    inner: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @property
    def stems(self) -> frozenset[str]:
        return frozenset(terms(self.text))

    @property
    def event(self) -> bool:
        """Whether it is something that happens, and is not made or owned."""
        return bool(_EVENT.intersection(terms(self.head)))


def phrases(text: str) -> list[Phrase]:
    """The noun phrases of a question, in order, none inside another."""
    named, words = _named(text), _words(text)
    found: list[Phrase] = []
    at = 0
    while at < len(words):
        word, start, _ = words[at]
        name = named.get(start)
        if word.casefold() not in _ARTICLES and name is None:
            at += 1
            continue
        stop = _phrase_end(text, words, at, named)
        first = at + (word.casefold() in _ARTICLES)
        if stop <= first:
            at += 1
            continue
        found.append(_phrase(text, words, at, stop, named))
        at = stop
    return found


def role(noun: str) -> bool:
    """Whether a noun says what a person is: "mayor", "spokeswoman", "drivers"."""
    return bool(_ROLE.search(noun) or _ROLE.search(re.sub(r"s$", "", noun)))


def body(noun: str) -> bool:
    """Whether a noun says that it is a body of people: "company", "union"."""
    return bool(BODY.fullmatch(noun) or _BODY_NOUN.match(noun) or _BODY_NOUN.match(re.sub(r"(?:ies|s)$", "", noun)))


def within(phrase: Phrase, text: str) -> Phrase | None:
    """The phrase that a longer one ends with: "the ferry" of "the fire on the ferry"."""
    if phrase.inner <= phrase.start:
        return None
    words = _words(text)
    places = [place for place, word in enumerate(words) if phrase.inner <= word[1] < phrase.end]
    return _phrase(text, words, places[0], places[-1] + 1, _named(text))


def bare_noun(text: str) -> bool:
    """Whether it speaks of "the …" and does not say which: "the ship", but "the ship in the dock"."""
    return any(item.text.casefold().startswith("the ") and item.inner == item.start for item in phrases(text))


def subject(text: str) -> Phrase | None:
    """What stands behind the auxiliary of a question: "did the mayor say"; else what it begins with."""
    found = phrases(text)
    asked = _DO | _BE
    for item in found:
        before = re.search(r"(\w+)\s+$", text[: item.start])
        if before and before[1].casefold() in asked:
            return item
    return None


def _words(text: str) -> list[tuple[str, int, int]]:
    return [(match[0], match.start(), match.end()) for match in _WORD.finditer(text)]


def _named(text: str) -> dict[int, Mention]:
    return {item.start: item for item in mentions(text)}


def _phrase(text: str, words: Sequence[tuple[str, int, int]], at: int, stop: int, named: dict[int, Mention]) -> Phrase:
    start, end = words[at][1], words[stop - 1][2]
    cut = re.sub(r"[’']s?$", "", text[start:end])
    heads = list(_first_run(words, at + (words[at][0].casefold() in _ARTICLES), stop))
    small = [word for word in heads if word[0].islower()]
    head = re.sub(r"[’']s?$", "", heads[-1])
    begins = words[min(at + 1, stop - 1)][1]
    name = named.get(start) or next((item for where, item in named.items() if start <= where <= begins), None)
    places = range(at + 1, stop - 1)
    inner = next((words[place + 1][1] for place in places if words[place][0].casefold() in _BEHIND), start)
    kind: Kind
    if name is not None and not (small and heads[-1] == small[-1]):
        kind = name.kind
        plural = name.plural
    elif role(head):
        kind, plural = "person", head.endswith("s")
    elif body(head):
        kind, plural = "group", True
    else:
        kind = "thing"
        plural = bool(re.search(r"[^su]s$", head)) or head in ("people", "men", "women", "children")
    return Phrase(cut, start, head, kind, plural, name is not None and not small, inner)


def _first_run(words: Sequence[tuple[str, int, int]], first: int, stop: int) -> Iterator[str]:
    for word, _, _ in words[first:stop]:
        if word.casefold() in _BEHIND:
            return
        yield word


def _phrase_end(text: str, words: Sequence[tuple[str, int, int]], at: int, named: dict[int, Mention]) -> int:
    """The word behind the phrase that begins at word `at`."""
    before = words[at - 1][0].casefold() if at else ""
    stop = _run_end(text, words, at, named)
    name = named.get(words[at][1])
    joins = _OF if name is not None and not words[stop - 1][0][0].islower() else _BEHIND
    while (
        stop < len(words) - 1
        and words[stop][0].casefold() in joins
        and words[stop + 1][0].casefold() not in CALENDAR
        and _joined(text, words, stop)
        and (longer := _run_end(text, words, stop + 1, named)) > stop + 1
    ):
        stop = longer
    if before in _DO and not (stop < len(words) and _content(words[stop][0]) and _joined(text, words, stop)):
        # A verb must be left: the last word that can be one.
        first = at + 1 + (words[at][0].casefold() in _ARTICLES)
        for place in range(stop - 1, first - 1, -1):
            earlier = words[place - 1][0].casefold()
            if _content(words[place][0]) and earlier not in _BEHIND and earlier not in _ARTICLES:
                return place
    return stop


def _run_end(text: str, words: Sequence[tuple[str, int, int]], at: int, named: dict[int, Mention]) -> int:
    """The end of an article, the words behind it and no preposition."""
    place = at + (words[at][0].casefold() in _ARTICLES)
    first = place
    # "in Velmar last": behind a preposition a name without "the" ends with itself.
    # Nor does a noun follow it elsewhere, but an adjective of a country: "did Tajik officials", "was Anna Lind heard".
    bare = place == at and at > 0 and words[at - 1][0].casefold() in _BEHIND
    name = named.get(words[at][1])
    bare = bare or (place == at and name is not None and not known_place(name.text))
    while place < len(words) and (place == first or _joined(text, words, place)):
        word = words[place][0]
        low = word.casefold()
        if low in STOP_WORDS or low in _OTHER_STOPS or low in _ARTICLES:
            break
        if place > first:
            earlier = words[place - 1][0]
            if low in _VERBS or (_PARTICIPLE.search(word) and _ends(text, words, place)):
                break
            if bare and word[0].islower() and earlier[0].isupper() and not re.search(r"[’']s?$", earlier):
                break
        place += 1
    return place


def _ends(text: str, words: Sequence[tuple[str, int, int]], place: int) -> bool:
    """Whether no noun follows a word that may be a participle."""
    if place + 1 >= len(words) or not _joined(text, words, place + 1):
        return True
    return not _content(words[place + 1][0])


def _joined(text: str, words: Sequence[tuple[str, int, int]], place: int) -> bool:
    return text[words[place - 1][2] : words[place][1]].isspace()


def _content(word: str) -> bool:
    return word[0].islower() and word.casefold() not in STOP_WORDS and word.casefold() not in _OTHER_STOPS
