"""Draw the sentences of tests/data/speakers.jsonl, which are then labelled by hand.

    python benchmarks/sample_speakers.py news-2017.jsonl.xz > unlabelled.jsonl

A line holds the sentence, up to four sentences before it in its article, the kind that its surface looks like (as
many of each), and the half that it belongs to: `dev` is for finding rules, `test` for the figure alone. Both are
decided here, before any rule has seen a sentence.
"""

from __future__ import annotations

import argparse
import json
import lzma
import random
import re
from collections import Counter
from pathlib import Path

from index.sentences import sentences

KINDS = ("direct", "indirect", "according_to", "pronoun", "none")
EACH = 34
CONTEXT = 4
SEED = 2017
_SAID = r"(?:said|says|told|tells|claimed|warned|insisted|argued|denied|added|announced|accused|wrote|tweeted|explained|believes?|noted)"
_MOJIBAKE = re.compile(r"[\"”’']\?|\?[a-z]|�|\w\?\w")


def looks(sentence: str) -> str:
    """The kind that a sentence looks like on its surface. Only for drawing: the label is a person's."""
    quoted = re.search(r"[“\"][^”\"]{30,}", sentence)
    if re.search(r"\baccording to\b", sentence, re.IGNORECASE):
        return "according_to"
    if re.search(
        rf"\b(?:he|she|they)\s+(?:also\s+|later\s+)?{_SAID}\b|\b{_SAID} (?:he|she)\b", sentence, re.IGNORECASE
    ):
        return "pronoun"
    if quoted:
        return "direct"
    return "indirect" if re.search(rf"\b{_SAID}\b", sentence) else "none"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("news", type=Path)
    with lzma.open(parser.parse_args().news, "rt", encoding="utf-8") as file:
        articles = [json.loads(line) for line in file]
    draw = random.Random(SEED)
    draw.shuffle(articles)
    taken: Counter[str] = Counter()
    for article in articles:
        text = article["text"]
        spans = list(sentences(text))
        if len(spans) < CONTEXT + 1:
            continue
        at = draw.randrange(CONTEXT, len(spans))
        sentence, before = text[slice(*spans[at])], [text[slice(*span)] for span in spans[at - CONTEXT : at]]
        kind = looks(sentence)
        if not 40 <= len(sentence) <= 320 or taken[kind] == EACH or _MOJIBAKE.search(" ".join([*before, sentence])):
            continue
        half = ("dev", "test")[taken[kind] % 2]
        taken[kind] += 1
        record = {"id": article["id"], "half": half, "looks": kind, "before": before, "sentence": sentence}
        print(json.dumps(record, ensure_ascii=False))
        if all(taken[kind] == EACH for kind in KINDS):
            return


if __name__ == "__main__":
    main()
