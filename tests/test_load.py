"""Ten users at once with streaming answers, on one server. The long run is benchmarks/load.py."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.load import ask_at_once, faults, shares
from rag import Chatbot
from rag.evaluation import read_questions
from tests.conftest import GOLDEN
from tests.test_api import serving


def test_every_answer_is_whole_and_its_user_s_own(chatbot: Chatbot, tmp_path: Path) -> None:
    questions = [case.question for case in read_questions(GOLDEN)][:5]
    expected = {question: json.loads(json.dumps(chatbot.ask(question).to_dict())) for question in questions}
    with serving(chatbot, tmp_path) as address:
        asked = ask_at_once(address, shares(questions, users=10, each=2))
    assert [len(answers) for answers in asked] == [2] * 10
    assert faults(asked, expected) == []
    assert [answers[0].answer["question"] for answers in asked] == [*questions, *questions]
