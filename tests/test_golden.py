"""The twenty questions on the sample articles, through the plugin that users have; and that it notices what is broken."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rag import Chatbot, Settings
from rag.evaluation import Case, QuestionCase, evaluate, read_questions
from rag.evidence import Gathered, gather
from rag.llm import Draft
from rag.verifier import Judgement
from tests.conftest import GOLDEN, Scripted
from tests.plugin_runs import QUESTIONS, Inner
from tests.test_chatbot import check_promises

pytest_plugins = ["pytester"]

SEED_QUESTIONS = GOLDEN.parents[2] / "benchmarks" / "seed_questions.jsonl"
FLOORS = {
    "evidence_recall@5": 0.95,
    "answer_accuracy": 0.85,
    "citation_recall": 0.85,
    "citation_precision": 0.6,
    "abstention_recall": 0.6,
    "abstention_precision": 0.6,
}
SOME = ("d01", "d04", "d05", "d08", "d09", "d14", "d16", "d20")  # enough to notice what is broken on purpose
OPTIONS = [f"--dateline-floor={figure}={floor}" for figure, floor in FLOORS.items()]


@pytest.fixture
def inner(pytester: pytest.Pytester, seeds_index: Path, chatbot: Chatbot, monkeypatch: pytest.MonkeyPatch) -> Inner:
    chatbot.ask("Is all that is needed for an answer loaded?")
    return Inner(pytester, seeds_index, monkeypatch)


@pytest.fixture(scope="module")
def cases(chatbot: Chatbot) -> Sequence[Case]:
    return evaluate(chatbot, read_questions(GOLDEN))


def test_floors_and_nothing_unsupported(inner: Inner) -> None:
    result = inner.run("--dateline", GOLDEN, *OPTIONS, "--dateline-report=golden.html")
    assert result.ret == 0, result.stdout.str()
    report = json.loads((inner.place / "golden.json").read_text(encoding="utf-8"))
    assert report["metrics"]["unsupported_shown"] == 0
    (judged,) = report["floors"].values()
    assert {floor["figure"]: floor["floor"] for floor in judged if floor["value"] is not None} == FLOORS


def test_offsets_and_numbers_of_every_answer(cases: Sequence[Case], chatbot: Chatbot) -> None:
    for case in cases:
        check_promises(chatbot, case.answer)


@pytest.mark.parametrize(
    "question",
    [case for file in (GOLDEN, SEED_QUESTIONS) for case in read_questions(file) if case.evidence],
    ids=lambda question: question.id,
)
def test_gold_quotes_stand_in_the_articles(question: QuestionCase, chatbot: Chatbot) -> None:
    for gold in question.evidence:
        for quote in gold.quotes:
            assert quote in chatbot.article(gold.article).text


# Mutations: what is broken on purpose must make the run fail, and loudly


def test_a_changed_gold_quote_fails_its_question(inner: Inner) -> None:
    changed = json.loads(json.dumps(QUESTIONS["d04"]).replace("$70 million in military", "$70 million in civil"))
    inner.write("d05", changed)
    result = inner.run()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*gold       NOT IN THE ARTICLE: 004*", "*look at    questions file: *dateline lint*"])


def test_a_reversed_retriever_misses_the_floors(inner: Inner, monkeypatch: pytest.MonkeyPatch) -> None:
    def worst_first(*arguments: Any, **options: Any) -> Gathered:
        found = gather(*arguments, **options)
        return replace(found, passages=found.passages[::-1], sentences=found.sentences[::-1])

    inner.write(*SOME)
    assert inner.run(*OPTIONS).ret == 0
    monkeypatch.setattr("rag.chatbot.gather", worst_first)
    result = inner.run(*OPTIONS)
    assert result.ret == 1
    missed = [line for line in result.outlines if "MISSED by" in line]
    assert {line.split()[0] for line in missed} >= {"evidence_recall@5", "answer_accuracy", "citation_recall"}


def test_a_verifier_that_lets_everything_through_is_noticed(inner: Inner, monkeypatch: pytest.MonkeyPatch) -> None:
    def inventive(settings: Settings) -> Scripted:
        return Scripted(Draft("The mayor of the moon sold 12 green cheeses to Jupiter.", (1,)))

    monkeypatch.setattr("rag.testing.open_llm", inventive)
    inner.write(*SOME)
    asked = ["--dateline-llm=openai:inventive", *OPTIONS]
    # Refused, the invention gives way to the articles' own sentences: the same model does no harm.
    kept = inner.run(*asked)
    assert kept.ret == 0, kept.stdout.str()

    def lenient(verifier: object, sentence: str, passage: str, **_: object) -> Judgement:
        return Judgement(True, 1.0, (0, len(passage)))

    monkeypatch.setattr("rag.checking.within_reach", lambda sentence, passage: True)
    monkeypatch.setattr("rag.verifier.Verifier.verify", lenient)
    result = inner.run(*asked)
    assert result.ret == 1
    assert [line for line in result.outlines if line.split()[:1] == ["answer_accuracy"] and "MISSED by" in line]
