"""The twenty questions on the sample articles: floors for the whole, exactness for each."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from rag import Chatbot
from rag.evaluation import Case, QuestionCase, evaluate, metrics, read_questions
from tests.conftest import GOLDEN
from tests.test_chatbot import check_promises

FLOORS = {
    "evidence_recall@5": 0.95,
    "answer_accuracy": 0.85,
    "citation_recall": 0.85,
    "citation_precision": 0.6,
    "abstention_recall": 0.6,
    "abstention_precision": 0.6,
}


@pytest.fixture(scope="module")
def cases(chatbot: Chatbot) -> Sequence[Case]:
    return evaluate(chatbot, read_questions(GOLDEN))


@pytest.mark.parametrize("figure", FLOORS)
def test_floor(cases: Sequence[Case], figure: str) -> None:
    assert metrics(cases)[figure] >= FLOORS[figure]


def test_nothing_unsupported_is_shown(cases: Sequence[Case]) -> None:
    assert metrics(cases)["unsupported_shown"] == 0


def test_offsets_and_numbers_of_every_answer(cases: Sequence[Case], chatbot: Chatbot) -> None:
    for case in cases:
        check_promises(chatbot, case.answer)


@pytest.mark.parametrize("question", read_questions(GOLDEN), ids=lambda question: question.id)
def test_gold_quotes_stand_in_the_articles(question: QuestionCase, chatbot: Chatbot) -> None:
    for gold in question.evidence:
        for quote in gold.quotes:
            assert quote in chatbot.article(gold.article).text
