from __future__ import annotations

import pytest

from rag.question import answer_type, parse_question, spelled_out


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("How many drivers were hurt?", "number"),
        ("How much will the repairs cost?", "money"),
        ("How much rain fell?", "number"),
        ("What share of the vote did she win?", "number"),
        ("When did the dam break?", "date"),
        ("Until what year may the base stay?", "date"),
        ("Do you know when the dam broke?", "date"),
        ("What did she do when the dam broke?", "other"),
        ("Who leads the party?", "person"),
        ("Which company built the dam?", "organisation"),
        ("What was the name of the ship?", "organisation"),
        ("Where did they meet?", "place"),
        ("Why did the bank close?", "reason"),
        ("Has Norway signed the treaty?", "yes_no"),
        ("How did the mayor react?", "manner"),
        ("How do the figures given by the police and the union differ?", "number"),
        ("Tell me about the dam.", "other"),
        ("", "other"),
    ],
)
def test_the_kind_of_answer(text: str, kind: str) -> None:
    assert parse_question(text).answer_type == kind


def test_names_numbers_and_stop_words() -> None:
    question = parse_question("What did Norway's Erna Berg say in 2017 about the dam?")
    assert question.names == {"norway", "erna", "berg", "2017"}
    assert "about" not in question.terms
    assert "dam" in question.terms


def test_whose_words_are_asked_for() -> None:
    asked = parse_question("Whom does Oslo blame for the flood?")
    assert asked.speaker == {"oslo"}
    assert asked.saying == "blame"
    assert parse_question("How many died, according to the Red Cross?").speaker == {"red", "cross"}
    assert parse_question("How many died?").speaker == frozenset()


def test_what_is_counted_and_what_is_to_be_named() -> None:
    assert parse_question("How many fishing boats were lost?").counted == {"fish", "boat"}
    assert parse_question("Which hotel did the delegation stay at?").target == {"hotel"}
    assert parse_question("Which year did it open?").target == frozenset()


def test_an_earlier_question_lends_its_words_alone() -> None:
    question = parse_question("And why did it close?", context="When did the Oslo bank open?")
    assert question.answer_type == "reason"
    assert {"oslo", "bank", "close"} <= set(question.terms)


@pytest.mark.parametrize("text", ["?" * 500, "a" * 100_000, "\u202e\u0000\ufffd", "who who who " * 2000])
def test_any_text_can_be_taken_apart(text: str) -> None:
    parse_question(text)


@pytest.mark.parametrize(
    ("text", "lists"),
    [
        ("Which countries signed the treaty?", True),
        ("What are the names of the victims?", True),
        ("Who were the attackers?", True),
        ("Which bus was hit?", False),
        ("What is the news?", False),
        ("Who was killed?", False),
        ("How many boats were lost?", False),
    ],
)
def test_whether_all_members_of_a_group_are_wanted(text: str, lists: bool) -> None:
    assert parse_question(text).lists is lists


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Who is Ida Holt?", "other"),
        ("And who was Anna de Vries?", "other"),
        ("Who is the mayor of Harrow?", "person"),
        ("Who is Ida Holt's husband?", "person"),
        ("Who is Ida Holt suing?", "person"),
    ],
)
def test_who_somebody_is_asks_for_no_other_person(text: str, kind: str) -> None:
    assert answer_type(text) == kind


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("And how many were hurt?", "And how many people were hurt?"),
        ("How many died on the boat?", "How many people died on the boat?"),
        ("How many sailors were hurt?", "How many sailors were hurt?"),
        ("How many were sold?", "How many were sold?"),
    ],
)
def test_how_many_were_hurt_asks_of_people(text: str, spelled: str) -> None:
    assert spelled_out(text) == spelled
