"""Questions and claims of our own on passages of the reading data and of the news: written.jsonl, claims.jsonl.

For each passage three or four questions that it answers, most of them in other words than its own, and four that it
seems to answer and does not: a word turned into its opposite, another name or kind, roles exchanged, the like of what
it tells (last year's, the women's), a detail or a scope that it does not tell. For other passages three claims that
they bear out in other words, and three with one part that they do not tell, that is changed, or that goes too far.

A large language model (Claude) wrote them at our bidding. Only questions, claims and places are kept here; the
passages stay where they are, named by their sha256, or by an article of the news and a span of its text (with single
spaces). A line: {"sha256"} or {"article", "span"}, and "yes": [[question, start, end of the answer in the passage]],
"no": [question], or "true": [claim], "false": [claim].
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index import Span
from training.lines import read_lines

QUESTIONS = Path(__file__).with_name("written.jsonl")
CLAIMS = Path(__file__).with_name("claims.jsonl")
NEWS_GROUP = "news "  # then the article's id
HELD_SHARE = 12  # one passage of so many is set aside, to measure on


@dataclass(frozen=True, slots=True)
class Written:
    """A question on a passage of an article or group; `answer` is its span there, None where there is none."""

    question: str
    passage: str
    group: str
    answer: Span | None
    held: bool


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim on a passage, and whether the passage bears all of it out."""

    text: str
    passage: str
    supported: bool
    held: bool


def read_written(groups: Mapping[str, str], news: Path | None = None, *, file: Path = QUESTIONS) -> Iterator[Written]:
    """The questions whose passages are at hand: `groups` maps those of the reading data to their groups, `news` is a
    file of articles."""
    for record, passage, group, held in _placed(file, groups, news):
        for question, start, end in record["yes"]:
            yield Written(question, passage, group, (start, end), held)
        for question in record["no"]:
            yield Written(question, passage, group, None, held)


def read_claims(passages: Iterable[str], news: Path | None = None, *, file: Path = CLAIMS) -> Iterator[Claim]:
    """The claims whose passages are at hand: among `passages`, or in `news`, a file of articles."""
    for record, passage, _, held in _placed(file, dict.fromkeys(passages, ""), news):
        for supported, claims in ((True, record["true"]), (False, record["false"])):
            for claim in claims:
                yield Claim(claim, passage, supported, held)


def _placed(
    file: Path, groups: Mapping[str, str], news: Path | None
) -> Iterator[tuple[dict[str, Any], str, str, bool]]:
    """The records whose passages are at hand, each with its passage, that one's group and whether it is set aside."""
    passages = {hashlib.sha256(text.encode()).hexdigest(): (text, group) for text, group in groups.items()}
    articles = {each["id"]: " ".join(each["text"].split()) for each in read_lines(news)} if news else {}
    with file.open(encoding="utf-8") as lines:
        for record in map(json.loads, lines):
            if "article" in record:
                passage = articles.get(record["article"], "")[slice(*record["span"])]
                group = f"{NEWS_GROUP}{record['article']}"
            else:
                passage, group = passages.get(record["sha256"], ("", ""))
            if passage:
                digest = int(hashlib.sha256(passage.encode()).hexdigest(), 16)
                yield record, passage, group, digest % HELD_SHARE == 0
