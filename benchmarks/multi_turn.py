"""Conversations: how questions that hang on earlier ones do, by kind; one table, and JSON beside it.

    python benchmarks/multi_turn.py TASKS.jsonl [--out FOLDER] [--llm NAME]

A line of TASKS is {messages: [{role, text}], contexts: [{document_id, text}], answerability, multi_turn, target}, the
form of MTRAG-UN. All contexts together are the articles. Each conversation is given as it went, the agent's answers
included, and its last question is asked twice: understood by the conversation, and as it stands (the columns "alone").

Columns: `answered`; `asked back`; `evidence@5`, one of the first five passages is of a gold article; `cited`, a
citation is; `words`, the share of the content words of the answer that people wrote which stand in ours; `rewritten`,
the share of questions that took something from the conversation.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from index.lexical import terms
from rag import Answer, Chatbot, Settings, Turn

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Row:
    """One task: what came of its last question."""

    kind: str
    answered: bool
    asked_back: bool
    evidence: bool
    evidence_alone: bool
    cited: bool
    words: float
    words_alone: float
    rewritten: bool


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tasks", type=Path)
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "out")
    parser.add_argument("--llm", default="extractive")
    arguments = parser.parse_args()
    tasks = [json.loads(line) for line in arguments.tasks.read_text(encoding="utf-8").splitlines()]
    with tempfile.TemporaryDirectory() as place:
        keys = write_articles(tasks, Path(place) / "articles")
        settings = Settings.load(articles=Path(place) / "articles", index=Path(place) / "index", llm=arguments.llm)
        chatbot = Chatbot.from_settings(settings)
        rows = [run(chatbot, task, keys) for task in tasks]
    show(rows)
    arguments.out.mkdir(parents=True, exist_ok=True)
    told = json.dumps([asdict(row) for row in rows], indent=1)
    (arguments.out / "multi_turn.json").write_text(told + "\n", encoding="utf-8")
    print(f"\nwritten: multi_turn.json in {arguments.out.name}/")


def write_articles(tasks: Sequence[Mapping[str, Any]], folder: Path) -> dict[str, str]:
    """Each context as a file, once; its document → its article's key."""
    folder.mkdir()
    keys: dict[str, str] = {}
    for task in tasks:
        for context in task["contexts"]:
            name = keys.setdefault(context["document_id"], f"{len(keys):04}.txt")
            (folder / name).write_text(context["text"], encoding="utf-8")
    return keys


def run(chatbot: Chatbot, task: Mapping[str, Any], keys: Mapping[str, str]) -> Row:
    *earlier, last = task["messages"]
    history: list[Turn] = []
    for message in earlier:
        if message["role"] == "user":
            history.append(Turn(message["text"]))
        elif history:
            history[-1] = Turn(history[-1].question, message["text"])
    gold = {keys[context["document_id"]] for context in task["contexts"]}
    answer = chatbot.ask(last["text"], history=history)
    alone = chatbot.ask(last["text"], history=history, as_asked=True)
    return Row(
        kind=kind_of(task),
        answered=answer.status == "answered",
        asked_back=answer.clarification is not None,
        evidence=found(answer, gold),
        evidence_alone=found(alone, gold),
        cited=any(citation.article in gold for citation in answer.citations),
        words=overlap(answer, task["target"]),
        words_alone=overlap(alone, task["target"]),
        rewritten=answer.standalone_question != answer.question,
    )


def kind_of(task: Mapping[str, Any]) -> str:
    if task["answerability"] != "ANSWERABLE":
        return str(task["answerability"]).lower()
    turn = str(task["multi_turn"][0])
    return "first question" if turn == "N/A" else turn.lower()


def found(answer: Answer, gold: set[str]) -> bool:
    return any(passage.article in gold for passage in answer.passages[:5])


def overlap(answer: Answer, target: str) -> float:
    wanted = frozenset(terms(target))
    ours = frozenset(terms(answer.text)) if answer.status == "answered" else frozenset()
    return len(wanted & ours) / len(wanted) if wanted else 0.0


def show(rows: Sequence[Row]) -> None:
    names = ("answered", "asked_back", "evidence", "evidence_alone", "cited", "words", "words_alone", "rewritten")
    titles = ("answered", "asked back", "evidence@5", "… alone", "cited", "words", "… alone", "rewritten")
    print(f"{'kind':16}{'n':>5}" + "".join(f"{title:>12}" for title in titles))
    for kind in (*sorted({row.kind for row in rows}), "all"):
        items = [row for row in rows if kind in (row.kind, "all")]
        means = (sum(float(getattr(row, name)) for row in items) / len(items) for name in names)
        print(f"{kind:16}{len(items):>5}" + "".join(f"{mean:>12.2f}" for mean in means))


if __name__ == "__main__":
    main()
