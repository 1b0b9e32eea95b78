"""Questions of our own on passages of the reading data and of the news: training/written.jsonl.

For each passage three questions that it answers, most of them in other words than its own, and four that it seems to
answer and does not: a word turned into its opposite, another name or kind, roles exchanged, a detail or a scope that
it does not tell. A large language model (Claude) wrote them at our bidding. Only questions and places are kept here;
the passages stay where they are, named by their sha256, or by an article of the news and a span of its text (with
single spaces). A line: {"sha256"} or {"article", "span"}, "yes": [[question, start, end of the answer in the
passage]], "no": [question].
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from index import Span
from training.lines import read_lines

FILE = Path(__file__).with_name("written.jsonl")
HELD_SHARE = 12  # one passage of so many is set aside, to measure on


@dataclass(frozen=True, slots=True)
class Written:
    """A question on a passage of an article or group; `answer` is its span there, None where there is none."""

    question: str
    passage: str
    group: str
    answer: Span | None
    held: bool


def read_written(groups: Mapping[str, str], news: Path | None = None, *, file: Path = FILE) -> Iterator[Written]:
    """The questions whose passages are at hand: `groups` maps those of the reading data to their groups, `news` is a
    file of articles."""
    passages = {hashlib.sha256(text.encode()).hexdigest(): (text, group) for text, group in groups.items()}
    articles = {each["id"]: " ".join(each["text"].split()) for each in read_lines(news)} if news else {}
    with file.open(encoding="utf-8") as lines:
        for record in map(json.loads, lines):
            if "article" in record:
                passage = articles.get(record["article"], "")[slice(*record["span"])]
                group = f"news {record['article']}"
            else:
                passage, group = passages.get(record["sha256"], ("", ""))
            if not passage:
                continue
            held = int(hashlib.sha256(passage.encode()).hexdigest(), 16) % HELD_SHARE == 0
            for question, start, end in record["yes"]:
                yield Written(question, passage, group, (start, end), held)
            for question in record["no"]:
                yield Written(question, passage, group, None, held)
