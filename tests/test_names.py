from __future__ import annotations

import pytest

from index.lexical import terms
from rag.names import stand_ins


@pytest.mark.parametrize(
    ("text", "stands_in"),
    [
        ("Oslo", "Norwegian"),
        ("Norwegian officials", "Norway"),
        ("Bishkek", "Kyrgyzstan"),
        ("Kazakh leaders", "Kazakhstan"),
        ("Seoul", "South Korea"),
        ("the White House and Washington", "American"),
        ("UK ministers", "British"),
    ],
)
def test_a_capital_its_country_and_its_people_stand_for_each_other(text: str, stands_in: str) -> None:
    found = stand_ins(tuple(terms(text)))
    assert any(tuple(terms(stands_in)) in others for others in found.values())


def test_names_of_two_words_are_one_name() -> None:
    found = stand_ins(tuple(terms("North Korea")))
    assert list(found) == [tuple(terms("North Korea"))]
    assert tuple(terms("Seoul")) not in next(iter(found.values()))


def test_other_words_have_none() -> None:
    assert stand_ins(tuple(terms("the bank closed its doors"))) == {}
