from __future__ import annotations

import pytest

from rag.conversation import standalone
from rag.records import Turn

HISTORY = [Turn("Which group attacked the Oslo bridge?", "The Northern Front did.")]


@pytest.mark.parametrize("question", ["And why did it say so?", "Why?", "When was that?", "How many did they kill?"])
def test_what_leans_on_the_question_before_takes_it_along(question: str) -> None:
    assert standalone(question, HISTORY).text == f"Which group attacked the Oslo bridge? {question}"


@pytest.mark.parametrize(
    "question", ["Who is the president of France?", "How did Sweden react to the closing of its harbour in Malmö?"]
)
def test_a_new_topic_is_not_dragged_back(question: str) -> None:
    assert standalone(question, HISTORY).text == question


def test_without_history_nothing_is_added() -> None:
    assert standalone("And why?", []).text == "And why?"


def test_a_chain_of_follow_ups_keeps_what_it_hangs_on() -> None:
    history = [*HISTORY, Turn("Why?", "Because of the ferry.")]
    assert standalone("And when?", history).text.startswith("Which group attacked the Oslo bridge? Why?")


def test_for_a_reader_the_earlier_question_asks_nothing_any_more() -> None:
    asked = standalone("And why did it say so?", HISTORY)
    assert asked.reading == "And why did it say so? (group attacked the Oslo bridge)"
    assert standalone("Why?", []).reading == "Why?"
