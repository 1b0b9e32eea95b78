"""Impossible examples made of questions that can be answered."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from index.sentences import sentences
from training.examples import Example, Passages, Row
from training.surroundings import Surroundings

_DENIED = 0.2  # of the questions turned: "did not" for "did"
_OPPOSITES = (
    "first last, earliest latest, before after, more less, most least, largest smallest, larger smaller, biggest "
    "smallest, highest lowest, higher lower, longest shortest, longer shorter, oldest youngest, older younger, "
    "best worst, better worse, strongest weakest, stronger weaker, fastest slowest, increase decrease, increased "
    "decreased, increases decreases, rise fall, rose fell, gain lose, gained lost, won lost, win lose, began "
    "ended, begin end, started stopped, start stop, opened closed, open close, built destroyed, founded "
    "dissolved, created destroyed, joined left, entered left, arrived departed, accepted rejected, accept reject, "
    "supported opposed, support oppose, allowed banned, allow forbid, legal illegal, agreed refused, attack "
    "defend, attacked defended, north south, northern southern, east west, eastern western, inside outside, above "
    "below, public private, rich poor, maximum minimum, positive negative, major minor, upper lower, modern "
    "ancient, new old, early late, male female, men women, father mother, brother sister, son daughter, husband "
    "wife, buy sell, bought sold, export import, exported imported, success failure, successful unsuccessful, "
    "common rare, possible impossible, likely unlikely, true false, strengths weaknesses, advantage disadvantage, "
    "same different, always never, directly indirectly, winter summer"
)
OPPOSITES = {one: other for pair in _OPPOSITES.split(", ") for one, other in (pair.split(), reversed(pair.split()))}
_DENIABLE = re.compile(r"\b(?:was|were|is|are|has|have|had|can|could|will|would|be|been)\b(?= [a-z]+(?:ed|en|ing)\b)")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)*|\b[12]\d{3}\b|\b\d{2,}\b")


def absent(row: Row, passages: Passages, chance: random.Random) -> Example | None:
    """The question with passages that look right and lack the answer."""
    lacking = passages.lacking(row, same_group=chance.random() < 0.4)
    if not lacking:
        return None
    chosen = chance.sample(lacking[:4], min(1 + (chance.random() < 0.3), len(lacking)))
    return Example(row.source, "absent", row.question, chosen, None, 0, 0, [])


def removed(row: Row, around: Surroundings) -> Example | None:
    """The question's passage without the sentence of the answer; none when another sentence may hold it."""
    assert row.start is not None
    spans = list(sentences(row.passage))
    rest = [(start, end) for start, end in spans if not start <= row.start < end]
    text = " ".join(row.passage[start:end] for start, end in rest)
    if len(rest) < 2 or len(rest) == len(spans) or any(answer.casefold() in text.casefold() for answer in row.answers):
        return None
    around.same(text, row.passage)
    return Example(row.source, "removed", row.question, [text], None, 0, 0, [])


def swapped(row: Row, names: Mapping[bool, Sequence[str]], chance: random.Random) -> Example | None:
    """The question with another name or number in the place of one of its own, from the same passage if it can."""
    found = list(_NAME.finditer(row.question))
    if not found:
        return None
    match = chance.choice(found)
    own = match.group()
    near = [name for name in _NAME.findall(row.passage) if name[0].isdigit() == own[0].isdigit()]
    told = {word for answer in row.answers for word in answer.split()}

    def usable(name: str) -> bool:
        return name not in row.question and own not in name and told.isdisjoint(name.split())

    choices = [name for name in near if usable(name)] if chance.random() < 0.5 else []
    choices = choices or [name for name in names.get(own[0].isdigit(), ()) if usable(name)]
    if not choices:
        return None
    other = chance.choice(choices)
    question = row.question[: match.start()] + other + row.question[match.end() :]
    return Example(row.source, "swapped", question, [row.passage], None, 0, 0, [])


def turned(row: Row, chance: random.Random) -> Example | None:
    """The question with a word turned into its opposite, or denied."""
    if chance.random() < _DENIED:
        denied = _DENIABLE.search(row.question)
        question = f"{row.question[: denied.end()]} not{row.question[denied.end() :]}" if denied else None
    else:
        found = [match for match in re.finditer(r"[a-z]+", row.question) if match[0] in OPPOSITES]
        match = chance.choice(found) if found else None
        question = match and row.question[: match.start()] + OPPOSITES[match[0]] + row.question[match.end() :]
        question = question and re.sub(r"\ban?(?= (\w))", _article, question)
    return Example(row.source, "turned", question, [row.passage], None, 0, 0, []) if question else None


def _article(match: re.Match[str]) -> str:
    return "an" if match[1] in "aeiou" else "a"


def names_by_group(rows: Sequence[Row]) -> Mapping[str, Mapping[bool, list[str]]]:
    """Names and numbers of a group's questions and passages, by group and by whether they are numbers."""
    found: dict[str, dict[bool, set[str]]] = defaultdict(lambda: {True: set(), False: set()})
    for row in rows:
        for text in (row.question, row.passage):
            for name in _NAME.findall(text):
                found[row.group][name[0].isdigit()].add(name)
    return {group: {kind: sorted(names) for kind, names in kinds.items()} for group, kinds in found.items()}
