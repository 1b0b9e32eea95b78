"""What stands before the passages of the training data, as the product gives it to the reader (rag/foreword.py)."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.sentences import sentences
from rag.foreword import foreword
from training.examples import LONER, OUR_OWN, Row
from training.lines import read_lines
from training.written import NEWS_GROUP

IN_ORDER = frozenset({"squad2-dev", "squad2-train", "squadshifts-wiki", "xquad-en"})
"""Sources whose passages stand in the order of their article."""
HEADLINE, TITLE, BEFORE = 0.7, 0.5, 0.7  # how often each is shown while learning; a title rather than the opening


@dataclass(frozen=True, slots=True)
class Place:
    """What is known of where a passage stands; empty where nothing is."""

    title: str = ""
    opening: str = ""  # what opens the article, where the passage does not
    before: str = ""


class Surroundings:
    """Places by passage. A passage that was made of another one has that one's: see `same`."""

    def __init__(self) -> None:
        self._places: dict[str, Place] = {}

    @classmethod
    def from_rows(cls, rows: Sequence[Row], news: Path | None) -> Surroundings:
        """Those of rows; of our own questions on the news, in their articles."""
        found = cls()
        found.add_groups((row.source, row.group, row.passage) for row in rows if row.source != OUR_OWN)
        of_news: dict[str, dict[str, None]] = defaultdict(dict)
        for row in rows:
            if row.source == OUR_OWN and row.group.startswith(NEWS_GROUP):
                of_news[row.group.removeprefix(NEWS_GROUP)][row.passage] = None
        for article in read_lines(news) if news else ():
            if passages := of_news.get(article["id"]):
                found.add_article(article["title"], " ".join(article["text"].split()), passages)
        return found

    def add_groups(self, rows: Iterable[tuple[str, str, str]]) -> None:
        """Passages with their source and group, in the order of the data."""
        groups: dict[tuple[str, str], dict[str, None]] = {}
        for source, group, passage in rows:
            groups.setdefault((source, group), {})[passage] = None
        for (source, group), passages in groups.items():
            if source in LONER:  # their groups are no articles
                continue
            title, opening, before = group.replace("_", " "), "", ""
            for passage in passages:
                self._places.setdefault(passage, Place(title, opening, before))
                if source in IN_ORDER and (spans := list(sentences(passage))):
                    opening = opening or passage
                    before = passage[slice(*spans[-1])]

    def add_article(self, title: str, text: str, passages: Iterable[str]) -> None:
        """Passages of one article."""
        spans = list(sentences(text))
        for passage in passages:
            at = text.find(passage)
            earlier = [span for span in spans if span[1] <= at]
            self._places[passage] = Place(title, text[:at], text[slice(*earlier[-1])]) if earlier else Place(title)

    def same(self, passage: str, other: str) -> None:
        """Say that a passage was made of another one."""
        self._places[passage] = self._places.get(other, Place())

    def foreword(self, passage: str) -> str:
        """As the product gives it."""
        place = self._places.get(passage, Place())
        return foreword(place.title or place.opening, place.before)

    def drawn(self, passage: str, chance: random.Random) -> str:
        """Parts of it by chance: an article may tell no headline, a passage may open it. Chance knows no answer."""
        place = self._places.get(passage, Place())
        headlines = [told for told in (place.title, place.opening) if told]
        headline = headlines[0 if chance.random() < TITLE else -1] if headlines else ""
        return foreword(
            headline if chance.random() < HEADLINE else "", place.before if chance.random() < BEFORE else ""
        )
