"""What no closeness in words or meaning excuses: each guard alone can refuse a sentence.

A guard compares the facts of a sentence (rag/facts.py) with those of the span that should bear it out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import lru_cache

from index.calendar_words import MONTH, WEEKDAY
from index.lexical import terms
from index.sentences import sentences
from rag.attribution import speeches
from rag.exchange import exchanged
from rag.facts import MEASURES, Figure, dates, denied, figures, foreseen, hedged, name_words
from rag.names import Name, stand_ins
from rag.speakers import is_pronoun
from rag.voice import reversed_roles

GUARDS = ("number", "date", "name", "negation", "modality", "opposite", "quotation", "speaker")

_QUOTATION = re.compile(r"[“\"]([^“”\"]+)[”\"]")
_REFERS = re.compile(
    r"\b(?:he|she|it|they|him|them|his|hers?|its|their|who|this|these|those|the (?:two|group|company|country|party|man|woman|"
    r"ministry|minister|president|government|city|official|officials|team|agency|court|report|statement))\b",
    re.IGNORECASE,
)
_ACRONYM = re.compile(r"[A-Z][A-Z.]+(?:-[A-Z]+)?s?")
_DAY = re.compile(rf"(?:{WEEKDAY}|{MONTH})$")
_WORD = re.compile(r"\w+(?:[’'.,-]\w+)*")
_SAYING = frozenset(terms("say says said tell told according"))
_HEADS = 2  # words behind a negation of which the first that both have is what it denies
_JOINED = 0.7  # share of a sentence's words from which on the claim says that sentence too
_SWAP = 6  # words; where more are replaced, it is not a swap but another sentence
_SMALL_WORDS = frozenset(("of", "the", "and", "for", "in", "on", "to"))
_OPPOSITES = {
    frozenset(terms(one)): frozenset(terms(other))
    for pair in (
        "rise rose risen increase increased grow grew grown climb climbed gain gained soar soared up/fall fell fallen decrease decreased decline "
        "declined drop dropped shrink shrank lose lost loss plunge plunged down",
        "win won victory victories/lose lost loss defeat defeated",
        "support supported back backed favour favor endorse endorsed approve approved/oppose opposed reject rejected criticise criticize "
        "criticised criticized condemn condemned disapprove",
        "accept accepted agree agreed/reject rejected refuse refused decline declined disagree disagreed",
        "allow allowed permit permitted/ban banned forbid forbidden prohibit prohibited block blocked bar barred prevent prevented",
        "open opened/close closed shut", "start started begin began begun launch launched/end ended stop stopped halt halted cancel cancelled",
        "guilty/innocent", "convict convicted/acquit acquitted", "alive survive survived/dead die died kill killed",
        "arrest arrested detain detained/release released free freed", "hire hired appoint appointed/fire fired dismiss dismissed sack sacked",
        "buy bought purchase purchased/sell sold", "import imports imported/export exports exported", "enter entered arrive arrived/leave left exit",
        "before/after", "first/last", "high higher highest/low lower lowest", "more/less fewer", "best/worst", "better/worse",
        "large larger largest big bigger biggest/small smaller smallest", "old older oldest/young younger youngest new",
        "early earlier earliest/late later latest", "long longer longest/short shorter shortest", "strong stronger/weak weaker", "safe/dangerous unsafe",
        "legal lawful/illegal unlawful", "public/private", "male man men boy husband son father brother king/female woman women girl wife daughter "
        "mother sister queen", "north northern/south southern", "east eastern/west western", "left/right", "minority/majority",
        "success succeed succeeded/failure fail failed", "confirm confirmed admit admitted/deny denied", "praise praised/criticise criticised criticize "
        "criticized condemn condemned", "friend ally allies/enemy enemies", "include included/exclude excluded", "improve improved/worsen worsened",
        "expand expanded/reduce reduced cut", "strengthen strengthened/weaken weakened undermine undermined", "remember/forget", "domestic/foreign",
        "maximum/minimum", "join joined/leave left quit", "love/hate", "attack attacked/defend defended", "push/pull", "remain stay stayed/leave left",
        "morning/evening night afternoon", "monthly/weekly daily yearly annual annually", "temporary/permanent", "positive/negative", "voluntary/mandatory",
    )
    for one, other in (pair.split("/"), reversed(pair.split("/")))
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Evidence:
    """A span that may bear a sentence out, and what it may lean on.

    `before` are the sentences before it, in order, nearest last; `passage` is all of the text that may resolve a
    name; `spelled` are long names by their acronyms, where something else spells them out.
    """

    text: str
    passage: str
    before: Sequence[str] = ()
    spelled: Mapping[str, Name] = field(default_factory=dict)


def refusals(claim: str, evidence: Evidence) -> tuple[str, ...]:
    """The names of the guards (of `GUARDS`) that refuse the claim; empty when none does."""
    return tuple(_refusals(claim, evidence))


def _refusals(claim: str, evidence: Evidence) -> Iterator[str]:
    text, swaps = evidence.text, swapped(claim, evidence)
    claimed, there = figures(claim), figures(text)
    if "number" in swaps or not all(_holds(figure, claimed, there) for figure in claimed):
        yield "number"
    if "date" in swaps or not dates(claim) <= dates(text):
        yield "date"
    if "name" in swaps or missing_names(claim, evidence) or exchanged(claim, text) or reversed_roles(claim, text):
        yield "name"
    if _flips(claim, text):
        yield "negation"
    if _hardens(claim, text):
        yield "modality"
    if opposed(claim, text):
        yield "opposite"
    if not all(_verbatim(quoted, evidence.passage) for quoted in _QUOTATION.findall(claim)):
        yield "quotation"
    if _other_speaker(claim, evidence):
        yield "speaker"


def _holds(figure: Figure, claimed: Sequence[Figure], there: Sequence[Figure]) -> bool:
    """Whether a figure is there: its value, bounded the same way, and not as the number of another thing claimed."""
    elsewhere = [other for other in there if figure.unit and other.unit == figure.unit and other.value != figure.value]
    if figure.value == 1 and not elsewhere:
        return True  # "one" is a pronoun more often than a number
    same = [other for other in there if other.value == figure.value]
    if figure.unit in MEASURES:
        same = [other for other in same if other.unit == figure.unit]
    elif elsewhere:
        # "Seven dead, 13 hurt" does not bear out "13 dead, seven hurt".
        units = {other.unit for other in claimed if other.value != figure.value}
        same = [other for other in same if other.unit == figure.unit or other.unit not in units]
    if figure.bound:
        same = [other for other in same if other.bound == figure.bound]
    return bool(same)


def missing_names(claim: str, evidence: Evidence) -> list[str]:
    """The names of the claim that the evidence does not hold, nor another name for them, nor a word that means them."""
    here = frozenset(terms(evidence.text))
    near = (
        here.union(*(terms(sentence) for sentence in evidence.before[-3:])) if _REFERS.search(evidence.text) else here
    )
    spelled = {**evidence.spelled, **acronyms(evidence.passage)}
    return [word for word in name_words(claim) if not _present(word, near, spelled)]


def _present(word: str, present: frozenset[str], spelled: Mapping[str, Name]) -> bool:
    stems = terms(word)
    for stem in stems:
        if stem in present:
            continue
        others = stand_ins((stem,)).get((stem,), frozenset())
        if any(present.issuperset(other) for other in others):
            continue
        if present.issuperset(spelled.get(stem, ("\0",))):
            continue
        if any(stem in long and short in present for short, long in spelled.items()):
            continue
        return False
    return True


@lru_cache(maxsize=256)
def acronyms(text: str) -> dict[str, Name]:
    """The acronyms of a text whose long names stand in it too: stem of the acronym → stems of the name."""
    found: dict[str, Name] = {}
    for match in _ACRONYM.finditer(text):
        letters = match.group().replace(".", "").replace("-", "").rstrip("s").casefold()
        short = "".join(terms(match.group()))
        if short and 2 <= len(letters) <= 8 and (long := next(_spellings(letters, text), None)):
            found[short] = tuple(terms(long))
    return found


def _spellings(letters: str, text: str) -> Iterator[str]:
    """Runs of names whose initials are these letters, small words counted or not."""
    words = re.finditer(r"[A-Z][\w’'-]*(?:\s+(?:(?:of|the|and|for|in|on|to)\s+)*[A-Z][\w’'-]*)+", text)
    for match in words:
        run = match.group().split()
        named = [word for word in run if word not in _SMALL_WORDS]
        initials = "".join(word[0] for word in named).casefold()
        at = initials.find(letters)
        if at >= 0:
            yield " ".join(named[at : at + len(letters)])


def turned(claim: str, text: str) -> bool:
    """Whether the text denies what the claim states, or only holds it possible, or the other way round."""
    return _flips(claim, text) or _hardens(claim, text)


def _flips(claim: str, text: str) -> bool:
    """Whether one of the two denies what the other states: an odd negation before a word that both have."""
    here, there = denied(claim), denied(_beside(claim, text))
    said, shown = frozenset(terms(claim)), frozenset(terms(text))
    if any(not shown.intersection(stems[:_HEADS]) for stems in here):
        return True  # it denies what the text does not speak of
    heads = {
        next((stem for stem in stems[:_HEADS] if stem in said & shown and stem not in _SAYING), "")
        for stems in (*here, *there)
    }
    if any(_times(head, here) % 2 != _times(head, there) % 2 for head in heads - {""}):
        return True
    # What the text only denies, the claim may not state as well.
    stated, told = Counter(terms(claim)), Counter(terms(_beside(claim, text)))
    return any(stated[head] > _times(head, here) and 0 < told[head] <= _times(head, there) for head in heads - {""})


def _times(stem: str, negations: Sequence[Sequence[str]]) -> int:
    return sum(stem in stems for stems in negations)


def _hardens(claim: str, text: str) -> bool:
    """Whether the claim states, or weakens, what the text only holds possible or foresees, or states."""
    said, beside = frozenset(terms(claim)), _beside(claim, text)
    possible, to_come = hedged(beside) & said, foreseen(beside) & said
    open_still = hedged(claim) | foreseen(claim)
    return bool(possible and not possible & hedged(claim)) or bool(to_come and not to_come & open_still)


def _beside(claim: str, text: str) -> str:
    """The sentences of the text that the claim is about: what another one denies is not what it denies."""
    said = frozenset(terms(claim))
    parts = [text[slice(*span)] for span in sentences(text)]
    if len(parts) < 2:
        return text
    shares = [len(said.intersection(terms(part))) for part in parts]
    return " ".join(part for part, share in zip(parts, shares, strict=True) if 2 * share >= max(shares))


def opposed(claim: str, text: str) -> list[str]:
    """The words of the claim that the text lacks and whose opposite it has."""
    said, there = frozenset(terms(claim)), frozenset(terms(text))
    extra, dropped = said - there, there - said
    return [
        word
        for word in extra
        for one, other in _OPPOSITES.items()
        if word in one and not one & there and other & dropped
    ]


def _verbatim(quoted: str, passage: str) -> bool:
    words = re.findall(r"\w+(?:[’'.-]\w+)*", quoted)
    if not words:
        return True
    return re.search(r"\b" + r"\W+".join(map(re.escape, words)) + r"\b", passage, re.IGNORECASE) is not None


def _other_speaker(claim: str, evidence: Evidence) -> bool:
    """Whether the claim puts its words into the mouth of someone who does not say them in the evidence."""
    claimed = next((speech for speech in speeches(claim) if speech.speaker and not is_pronoun(speech.speaker)), None)
    if claimed is None:
        return False
    said = frozenset(terms(claim)) - frozenset(terms(claimed.speaker or ""))
    parts = [evidence.text[slice(*span)] for span in sentences(evidence.text)]
    own = [frozenset(terms(part)) for part in parts]
    nearest = max(range(len(parts)), key=lambda at: len(said & own[at]))
    # What the claim joins to it speaks with its own voice.
    spoken = [at for at in range(len(parts)) if at == nearest or len(said & own[at]) >= _JOINED * len(own[at])]
    heard = [speech.speaker for at in spoken for speech in speeches(parts[at], [*evidence.before, *parts[:at]])]
    voices = [who for who in heard if who] or [parts[at] for at in spoken]
    present = frozenset(stem for who in voices for stem in terms(who))
    spelled = {**evidence.spelled, **acronyms(evidence.passage)}
    return not any(_present(word, present, spelled) for word in _WORD.findall(claimed.speaker or "") if terms(word))


def swapped(claim: str, evidence: Evidence) -> set[str]:
    """The guards that a swap offends: laid word by word beside the text, the claim has another name, number or day.

    The other sentence of a pair may hold what was put in: that it is there does not make it right.
    """
    found: set[str] = set()
    spelled = {**evidence.spelled, **acronyms(evidence.passage)}
    said = frozenset(terms(claim))
    here = _WORD.findall(claim)
    names = frozenset(name_words(claim))
    text = _beside(claim, evidence.text)
    for span in sentences(text):
        there = _WORD.findall(text[slice(*span)])
        matcher = SequenceMatcher(None, [w.casefold() for w in there], [w.casefold() for w in here], autojunk=False)
        for kind, first, last, start, end in matcher.get_opcodes():
            if kind != "replace" or last - first > _SWAP or end - start > _SWAP:
                continue
            dropped = [word for word in there[first:last] if not said.issuperset(terms(word))]
            old, new = ({figure.value for figure in figures(" ".join(words))} for words in (dropped, here[start:end]))
            if old and new and not old & new:
                found.add("number")
            present = frozenset(stem for word in dropped for stem in terms(word))
            if any(word[0].isupper() and terms(word) for word in dropped):
                other = [w for w in here[start:end] if w in names and not _present(w, present, spelled)]
                found.update("date" if _DAY.match(word) else "name" for word in other)
    return found
