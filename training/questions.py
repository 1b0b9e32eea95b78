"""Make question sets of the reading model's data, to fit the second stage on more than the development sets.

    python -m training.questions --data reading.jsonl.xz --out SCRATCH [--conversations TASKS.jsonl]
        [--news NEWS.jsonl.xz] [--seed 4]

Each set is a folder with `articles/` and `questions.jsonl`, as DESIGN.md has it: nq (questions that people asked a
search engine, each passage an article of its own, a quarter of them taken out), wiki and squad (long articles, put
together of their passages), own (our own questions that the reading model has not seen: training/written.py; each
passage an article of its own, a sixth of those asked about taken out), and talks: the last questions of conversations
(benchmarks/multi_turn.py tells their form), of which nothing but whether they can be answered is known. The articles
of the development sets are not among them. Data and sets stay outside the project.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from index.sentences import sentences
from training.lines import read_lines
from training.written import read_written

Row = Mapping[str, Any]
SEARCHED = ("nq-open-gold", "qed")
PASSAGES, ASKED, TAKEN_OUT = 2_000, 1_200, 300
LONGEST = 2_500  # characters: longer passages are tables and lists
LONG = {"wiki": ("squadshifts-wiki", 22), "squad": ("squad2-train", 5)}  # name → source, articles
OF_LONG, IMPOSSIBLE = 700, 300  # questions, at most
OWN_TAKEN_OUT = 6  # one passage of so many
OWN_ASKED = 1_000  # of our own questions, at most
OWN_IMPOSSIBLE = 0.5  # of our questions that only look answerable: about as many as can be answered
DEVELOPMENT = "squad2-dev"  # its articles are those of a development set


def quote(row: Row) -> str:
    """The sentence that the answer stands in."""
    passage: str = row["passage"]
    start: int = row["start"]
    return next((passage[a:b] for a, b in sentences(passage) if a <= start < b), passage)


def question(name: str, row: Row, article: str | None) -> dict[str, Any]:
    """A line of questions.jsonl; without an article it cannot be answered."""
    asked = {"id": name, "kind": row["source"], "question": row["question"], "answerable": article is not None}
    if article is None:
        return asked
    answers = row["answers"] or [row["passage"][row["start"] : row["end"]]]
    return {**asked, "answer_any": answers, "evidence": [{"article": article, "quotes": [quote(row)]}]}


def searched(rows: Sequence[Row], chance: random.Random) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """Short articles, and questions of which some have lost theirs."""
    distinct: dict[str, Row] = {}
    for row in chance.sample(rows, len(rows)):
        if len(row["passage"]) <= LONGEST:
            distinct.setdefault(row["question"].casefold().rstrip("?"), row)
    chosen = list(distinct.values())[:PASSAGES]
    gone = {row["passage"] for row in chosen[ASKED - TAKEN_OUT : ASKED]}
    kept = dict.fromkeys(row["passage"] for row in chosen if row["passage"] not in gone)
    names = {passage: f"{number:05}.txt" for number, passage in enumerate(kept)}
    asked = [question(f"nq{number}", row, names.get(row["passage"])) for number, row in enumerate(chosen[:ASKED])]
    return {name: passage for passage, name in names.items()}, asked


def long_articles(
    name: str, rows: Sequence[Row], size: int, chance: random.Random
) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """Articles put together of their passages, with the questions that were asked of them."""
    groups = chance.sample(sorted({row["group"] for row in rows}), size)
    files = {group: re.sub(r"\W+", "_", group) + ".txt" for group in groups}
    passages = {group: dict.fromkeys(row["passage"] for row in rows if row["group"] == group) for group in groups}
    of_these = [row for row in rows if row["group"] in files]
    can, cannot = ([row for row in of_these if row["answerable"] is told] for told in (True, False))
    chosen = chance.sample(can, min(OF_LONG, len(can))) + chance.sample(cannot, min(IMPOSSIBLE, len(cannot)))
    asked = [
        question(f"{name}{number}", row, files[row["group"]] if row["answerable"] else None)
        for number, row in enumerate(chosen)
    ]
    return {files[group]: "\n\n".join(each) for group, each in passages.items()}, asked


def own(rows: Sequence[Row], news: Path | None, chance: random.Random) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """Our own passages, each an article, and the questions on those set aside, of which some are taken out."""
    groups = {row["passage"]: row["group"] for row in rows if row["source"] != DEVELOPMENT}
    asked = list(read_written(groups, news))
    held = sorted({item.passage for item in asked if item.held})
    gone = frozenset(chance.sample(held, len(held) // OWN_TAKEN_OUT))
    kept = [passage for passage in dict.fromkeys(item.passage for item in asked) if passage not in gone]
    names = {passage: f"{number:05}.txt" for number, passage in enumerate(kept)}
    told = []
    chosen = [item for item in asked if item.held and (item.answer or chance.random() < OWN_IMPOSSIBLE)]
    for number, item in enumerate(chance.sample(chosen, min(OWN_ASKED, len(chosen)))):
        start, end = item.answer or (0, 0)
        row = {
            "source": "own",
            "question": item.question,
            "passage": item.passage,
            "start": start,
            "answers": [item.passage[start:end]],
        }
        told.append(question(f"own{number}", row, names.get(item.passage) if item.answer else None))
    return {name: passage for passage, name in names.items()}, told


def conversations(tasks: Sequence[Row]) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """Last questions with those before them; those that can be understood in several ways are left out."""
    documents = {context["document_id"]: context["text"] for task in tasks for context in task["contexts"]}
    names = {document: f"{number:04}.txt" for number, document in enumerate(documents)}
    asked = []
    for number, task in enumerate(tasks):
        *earlier, last = [message["text"] for message in task["messages"] if message["role"] == "user"]
        if task["answerability"] != "UNDERSPECIFIED":
            record = {"id": f"talk{number}", "question": last, "history": earlier}
            evidence = [{"article": names[context["document_id"]]} for context in task["contexts"]]
            can = task["answerability"] != "UNANSWERABLE"
            asked.append(record | {"answerable": can} | ({"evidence": evidence} if can else {}))
    return {names[document]: text for document, text in documents.items()}, asked


def write_set(folder: Path, articles: Mapping[str, str], asked: Sequence[Row]) -> None:
    """Write `articles/`, by file name, and `questions.jsonl` into a folder."""
    (folder / "articles").mkdir(parents=True, exist_ok=True)
    for name, text in articles.items():
        (folder / "articles" / name).write_text(text, encoding="utf-8")
    lines = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in asked)
    (folder / "questions.jsonl").write_text(lines, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--conversations", type=Path)
    parser.add_argument("--news", type=Path, help="for our own questions on the news")
    parser.add_argument("--seed", type=int, default=4)
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    rows = list(read_lines(arguments.data))
    sets = {"nq": searched([row for row in rows if row["source"] in SEARCHED], chance)}
    for name, (source, size) in LONG.items():
        sets[name] = long_articles(name, [row for row in rows if row["source"] == source], size, chance)
    sets["own"] = own(rows, arguments.news, chance)
    if arguments.conversations:
        lines = arguments.conversations.read_text(encoding="utf-8").splitlines()
        sets["talks"] = conversations([json.loads(line) for line in lines])
    for name, (articles, asked) in sets.items():
        write_set(arguments.out / name, articles, asked)
        print(f"{name}: {len(articles)} articles, {len(asked)} questions")


if __name__ == "__main__":
    main()
