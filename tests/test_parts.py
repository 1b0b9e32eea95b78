from __future__ import annotations

from rag.parts import parts


def test_a_sentence_is_cut_where_it_says_another_thing() -> None:
    sentence = (
        "The Aker bridge collapsed during a storm, killing seven people, and the mayor of Oslo resigned two days later."
    )
    assert parts(sentence) == [
        "The Aker bridge collapsed",
        "during a storm killing seven people",
        "and the mayor of Oslo resigned two days later.",
    ]


def test_nothing_is_lost_but_what_parts_it() -> None:
    sentence = "In 2016 it fell; nobody knows why, as the papers burned."
    assert "".join(parts(sentence)).replace(" ", "") == sentence.replace(",", "").replace(";", "").replace(" ", "")


def test_a_short_sentence_is_one_part() -> None:
    assert parts("It fell, and burned.") == ["It fell and burned."]
    assert parts("") == []
