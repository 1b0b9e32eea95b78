from __future__ import annotations

import json
from typing import Any

import pytest

from rag.conversation import standalone
from rag.records import Turn
from tests.conftest import GOLDEN

CASES = [json.loads(line) for line in (GOLDEN.parent / "follow_ups.jsonl").read_text(encoding="utf-8").splitlines()]
HISTORY = [Turn("Which group attacked the Oslo bridge?", "The Northern Front did.")]
FLOOR = 0.9


def right(case: dict[str, Any]) -> bool:
    """Whether the rules make of a follow-up what the case wants of it."""
    text: str = standalone(case["question"], [Turn(**turn) for turn in case["history"]]).text
    if case.get("same"):
        return bool(text == case["question"])
    said = text.casefold()
    return (
        text != case["question"]
        and all(part.casefold() in said for part in case["has"])
        and not any(part.casefold() in said for part in case["has_not"])
    )


@pytest.mark.parametrize("half", ["seen", "unseen"])
def test_follow_ups_are_understood_by_rules_alone(half: str) -> None:
    cases = [case for case in CASES if case["half"] == half]
    wrong = [case["id"] for case in cases if not right(case)]
    assert len(wrong) <= (1 - FLOOR) * len(cases), wrong


def test_no_question_that_stands_alone_is_rewritten() -> None:
    alone = [case for case in CASES if case.get("same")]
    assert len(alone) >= 15
    assert [case["id"] for case in alone if not right(case)] == []


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("And why did it say so?", "Which group attacked the Oslo bridge? And why did the Northern Front say so?"),
        ("Why?", "Which group attacked the Oslo bridge? Why?"),
        ("When was that?", "Which group attacked the Oslo bridge? When was that?"),
        ("How many did they kill?", "Which group attacked the Oslo bridge? How many did the Northern Front kill?"),
        ("What about the Malmö bridge?", "Which group attacked the Malmö bridge?"),
    ],
)
def test_what_leans_on_the_question_before_takes_what_it_lacks(question: str, text: str) -> None:
    assert standalone(question, HISTORY).text.replace("The Northern", "the Northern") == text


@pytest.mark.parametrize(
    "question", ["Who is the president of France?", "How did Sweden react to the closing of its harbour in Malmö?"]
)
def test_a_new_topic_is_not_dragged_back(question: str) -> None:
    assert standalone(question, HISTORY).text == question


def test_the_same_question_once_more_is_not_doubled() -> None:
    asked = "How much did the quay cost?"
    assert standalone(asked, [Turn(asked, "It cost $3 million.")]).text == asked


def test_without_history_nothing_is_added() -> None:
    assert standalone("And why?", []).text == "And why?"


def test_a_chain_of_follow_ups_keeps_what_it_hangs_on() -> None:
    history = [*HISTORY, Turn("Why?", "Because of the ferry.")]
    assert standalone("And when?", history).text.startswith("Which group attacked the Oslo bridge? Why?")


def test_for_a_reader_the_earlier_question_asks_nothing_any_more() -> None:
    assert standalone("And when?", HISTORY).reading == "And when? (group attacked the Oslo bridge)"
    assert standalone("Why?", []).reading == "Why?"
