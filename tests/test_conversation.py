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
        ("And why did it say so?", "About the Oslo bridge: why did the Northern Front say so?"),
        ("Why?", "Which group attacked the Oslo bridge? Why?"),
        ("When was that?", "Which group attacked the Oslo bridge? When was that?"),
        ("How many did they kill?", "About the Oslo bridge: how many did the Northern Front kill?"),
        ("What about the Malmö bridge?", "Which group attacked the Malmö bridge?"),
        ("Who says so?", "Which group attacked the Oslo bridge? Who says so?"),
        ("Is that true?", "Which group attacked the Oslo bridge? Is that true?"),
        ("What happened next?", "About the Oslo bridge: what happened next?"),
        ("And the mayor?", "About the Oslo bridge: what about the mayor?"),
    ],
)
def test_what_leans_on_the_question_before_takes_what_it_lacks(question: str, text: str) -> None:
    assert standalone(question, HISTORY).text.replace("The Northern", "the Northern") == text


@pytest.mark.parametrize(
    ("turns", "question", "text"),
    [
        # The answer names one man.
        (
            [("What happened to the mill in Harrow?", "The mill burned down, fire chief Anton Reyes said.")],
            "And what did he say?",
            "About the mill in Harrow: what did Anton Reyes say?",
        ),
        # Of two persons she is the one who is a woman.
        (
            [("What happened to the mill in Harrow?", "It burned, Mr Tom Reyes said. Its owner, Mrs Ida Holt, wept.")],
            "And what did she say?",
            "About the mill in Harrow: what did Mrs Ida Holt say?",
        ),
        # A tugboat says nothing, whoever is named behind it.
        (
            [
                (
                    "How many died on the tugboat Marlin?",
                    "Two died on the tugboat Marlin, the mayor of Harrow, Ida Holt, said.",
                )
            ],
            "And what did she say?",
            "About the tugboat Marlin: what did Ida Holt say?",
        ),
        # An office of the question, held by the one whom the answer names.
        (
            [("What did the mayor of Harrow promise?", "A new mill will be built, the mayor, Ida Holt, said.")],
            "Who is she?",
            "Who is Ida Holt?",
        ),
        # What lasts and costs is the strike, not the place.
        (
            [("How long did the bakers' strike in Harrow last?", "HARROW - It ended after nine days.")],
            "How much did it cost the company?",
            "How much did the bakers' strike in Harrow cost the company?",
        ),
        # What was built is the boat, not the fire on it.
        (
            [("Who died in the fire on the tugboat Marlin?", "Two sailors died.")],
            "When was it built?",
            "When was the tugboat Marlin built?",
        ),
        # One role for another, one place for another, one year beside what has none.
        (
            [("What did the union leader say about the wages?", "They are too low.")],
            "And the mayor?",
            "What did the mayor say about the wages?",
        ),
        (
            [("How long did the bakers' strike in Harrow last?", "Nine days.")],
            "And in Turin?",
            "How long did the bakers' strike in Turin last?",
        ),
        (
            [("How long did the bakers' strike in Harrow last?", "Nine days.")],
            "And in 2011?",
            "How long did the bakers' strike in Harrow last in 2011?",
        ),
        (
            [("How many bakers took part in the strike?", "Some 400 did.")],
            "And how many drivers?",
            "How many drivers took part in the strike?",
        ),
        # "a month" is nothing that a talk is about, nor is a single letter a name.
        (
            [("How much do homes lose a month?", "Homes lose 11 crowns.")],
            "Does anybody disagree?",
            "How much do homes lose a month? Does anybody disagree?",
        ),
        (
            [("How many wells were not tested?", "Some 400 wells were not tested for E. coli.")],
            "Why does it matter?",
            "How many wells were not tested? Why does it matter?",
        ),
        # The company is the one that the talk is about.
        ([("What did Nordmill say about the fire?", "It denied it.")], "Whom does the company blame?", None),
        # What a council sells is the mill, not the town; who may sell it is the opposition, not what was sold.
        (
            [("Did the council of Harrow sell the old mill?", "It did.")],
            "How much did it cost?",
            "How much did the old mill cost?",
        ),
        (
            [("Did the council of Harrow sell the old mill?", "It did.")],
            "And the opposition?",
            "Did the opposition sell the old mill?",
        ),
        (
            [("Why did the teachers strike in Kiel?", "Over pay.")],
            "How long?",
            "Why did the teachers strike in Kiel? How long?",
        ),
        (
            [("Why did the teachers strike in Kiel?", "Over pay.")],
            "What did the court decide about the pipeline?",
            "What did the court decide about the pipeline?",
        ),
        ([("Why was Nordmill sold?", "It lost money.")], "Who runs the company?", "Who runs Nordmill?"),
        # What acts, and what it acts on, are two; the owner of a mill and the mill are too.
        (
            [("How much will the mill in Harrow cost?", "Some $2 million.")],
            "Why did the Supreme Court halt it?",
            "Why did the Supreme Court halt the mill in Harrow?",
        ),
        (
            [("What will the mill cost?", "A lot.")],
            "Why did Anna Berg refuse to sell it?",
            "Why did Anna Berg refuse to sell the mill?",
        ),
        (
            [("What will the mill cost?", "A lot.")],
            "Why did the owner of the Solvei sell it?",
            "Why did the owner of the Solvei sell it?",
        ),
        (
            [("What will the mill cost?", "A lot.")],
            "Why did Oslo sell the Solvei before the bank bought it?",
            "Why did Oslo sell the Solvei before the bank bought it?",
        ),
        # Somebody's company, not any that the articles tell of.
        (
            [("Why was Jenny Poole dismissed?", "She came late, a spokesman said.")],
            "What does the company say?",
            "About Jenny Poole: what does the company say?",
        ),
    ],
)
def test_a_follow_up_asks_what_a_person_would_mean(
    turns: list[tuple[str, str]], question: str, text: str | None
) -> None:
    asked = standalone(question, [Turn(*turn) for turn in turns]).text
    assert asked == text if text else "Nordmill" in asked


def test_a_long_talk_keeps_to_its_subject_and_piles_nothing_up() -> None:
    talk = [
        ("How many people died in the fire on the tugboat Marlin?", "Two people died, the coastguard said."),
        ("Who said so?", "The coastguard said so."),
        ("And how many were hurt?", "Four sailors were hurt."),
        ("What caused it?", "A lamp fell over."),
        ("Why?", "The sea was rough."),
        ("When was the boat built?", ""),
    ]
    for length in range(1, len(talk)):
        asked = standalone(talk[length][0], [Turn(*turn) for turn in talk[:length]])
        assert "Marlin" in asked.text
        assert asked.text.count("?") <= 2
        assert len(asked.text.split()) <= 20


def test_a_new_question_makes_a_new_subject() -> None:
    talk = [*HISTORY, Turn("How many seats did the Harbour Party win in Kiel?", "It won nine.")]
    assert standalone("What happened next?", talk).text == "About the Harbour Party and Kiel: what happened next?"


@pytest.mark.parametrize(
    ("asked", "reply", "text"),
    [
        (
            "Why was the captain fined?",
            "The one of the ferry Sund.",
            "About the ferry Sund: why was the captain fined?",
        ),
        ("What did he say?", "Anton Reyes", "What did Anton Reyes say?"),
        ("Why was the captain fined?", "Who is the mayor of Kiel?", "Who is the mayor of Kiel?"),
    ],
)
def test_a_reply_to_a_question_back_fills_the_question_in(asked: str, reply: str, text: str) -> None:
    assert standalone(reply, [Turn(asked, clarification="Which one do you mean?")]).text == text


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
    assert standalone("And when?", history).text == "Which group attacked the Oslo bridge? Why? And when?"


def test_for_a_reader_the_earlier_question_asks_nothing_any_more() -> None:
    assert standalone("And when?", HISTORY).reading == "And when? (group attacked the Oslo bridge)"
    assert standalone("Why?", []).reading == "Why?"
