from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from index import FaissStore
from rag import cli
from rag.drafting import propose
from rag.evaluation import missing_answers
from rag.llm import Message, Usage
from rag.questions import read_questions, write_questions
from tests.conftest import SEEDS


class Asker:
    """A model that words the same question for every sentence."""

    name = "asker"
    context_tokens = 2048

    def __init__(self, text: str) -> None:
        self.text = text

    def count(self, text: str) -> int:
        return len(text) // 4

    def stream(self, messages: Sequence[Message], *, max_tokens: int, usage: Usage) -> Generator[str, None, None]:
        assert "Sentence: " in messages[-1]["content"]
        yield self.text


def test_proposals_keep_what_a_questions_file_promises(seeds_store: FaissStore, tmp_path: Path) -> None:
    path = tmp_path / "q.yaml"
    proposals = propose(seeds_store, count=40)
    write_questions(path, [proposal.record(f"q{number}") for number, proposal in enumerate(proposals)])
    questions = read_questions(path)
    assert {question.kind for question in questions} == {"fact", "attribution", "temporal", "unanswerable", "follow-up"}
    assert len({(question.history, question.question) for question in questions}) == len(questions) == 40
    for question in questions:
        quotes = [quote for gold in question.evidence for quote in gold.quotes]
        assert bool(quotes) == question.answerable == bool(question.answer_all_any)
        assert all(quote in seeds_store.articles[question.evidence[0].article].text for quote in quotes)
        assert not missing_answers(question, " ".join(quotes))
    assert len({gold.article for question in questions for gold in question.evidence}) == 5


def test_what_is_asked_already_is_not_proposed_again(seeds_store: FaissStore, tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    first = propose(seeds_store, count=5)
    write_questions(path, [proposal.record(f"q{number}") for number, proposal in enumerate(first)])
    assert not set(propose(seeds_store, count=5, known=read_questions(path))) & set(first)


def test_a_model_words_questions_and_nothing_else(seeds_store: FaissStore) -> None:
    asked = "Which border do China and Tajikistan share"
    worded = [
        p for p in propose(seeds_store, count=60, model=Asker(f"1. {asked}? It is long.")) if p.question == f"{asked}?"
    ]
    assert worded
    assert all(p.quote in seeds_store.articles[p.article].text and p.kind == "fact" for p in worded)
    assert all(p.quote for p in propose(seeds_store, count=60, model=Asker("I cannot")) if p.kind == "fact")


def draft(path: Path, index: Path, *options: str, keys: str = "") -> Result:
    arguments = ["draft", str(path), "--articles", str(SEEDS), "--index", str(index), *options]
    return CliRunner().invoke(cli.app, arguments, input=keys)


def test_accept_edit_drop_and_quit_in_the_terminal(seeds_index: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.questions.jsonl"
    done = draft(path, seeds_index, "-n", "6", keys="a\ne\nMy own question?\nmy answer\nd\nq\n")
    assert done.exit_code == 0, done.output
    first, second = read_questions(path)
    assert (first.id, second.id) == ("q01", "q02")
    assert (second.question, second.answer_all_any) == ("My own question?", (("my answer",),))
    assert "quote:    “" in done.stdout


@pytest.mark.parametrize("suffix", ["jsonl", "yaml"])
def test_all_at_once_and_once_more(seeds_index: Path, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"mine.questions.{suffix}"
    for _ in range(2):
        assert "3 of 3 proposals taken" in draft(path, seeds_index, "-n", "3", "--yes").stderr
    assert [question.id for question in read_questions(path)] == [f"q{number:02}" for number in range(1, 7)]
