"""Make a question set of the news: 75 articles, and our own questions on them.

    python -m benchmarks.news_questions NEWS.jsonl.xz --out FOLDER

Writes `articles/` and `questions.jsonl`, which `quality.py` and `dateline eval` read. The articles are of the half of
the news that nothing is learned from. The questions are in news_questions.jsonl: a large language model (Claude) wrote
them at our bidding, article in hand, half of them such as no article of the 75 answers. Only questions, the strings of
an answer and places are kept here. A line: {"question"}, and where it is answered {"article", "span", "answers"}, the
span being that of the sentence.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from training.lines import read_lines
from training.questions import write_set

QUESTIONS = Path(__file__).with_suffix(".jsonl")


def questions(texts: Mapping[str, str], *, file: Path = QUESTIONS) -> Iterator[dict[str, Any]]:
    """The lines of questions.jsonl; `texts` holds the articles by id.

    Raises:
        KeyError: an article is not among them.
    """
    with file.open(encoding="utf-8") as lines:
        for number, record in enumerate(map(json.loads, lines)):
            asked = {"id": f"news{number}", "kind": "news", "question": record["question"]}
            if "article" not in record:
                yield asked | {"answerable": False}
                continue
            quote = texts[record["article"]][slice(*record["span"])]
            evidence = [{"article": f"{record['article']}.txt", "quotes": [quote]}]
            yield asked | {"answerable": True, "answer_any": record["answers"], "evidence": evidence}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("news", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    texts = {article["id"]: article["text"] for article in read_lines(options.news)}
    asked = list(questions(texts))
    names = sorted({place["article"] for line in asked for place in line.get("evidence", ())})
    write_set(options.out, {name: texts[name.removesuffix(".txt")] for name in names}, asked)
    print(f"{len(names)} articles, {len(asked)} questions")


if __name__ == "__main__":
    main()
