from __future__ import annotations

import pytest

from rag.exchange import exchanged

TEXT = "Northern Steel sued the city of Veldmar over the bridge, and Tomas Brandt told Liv Haugen to pay."


@pytest.mark.parametrize(
    "claim",
    [
        "Veldmar sued the city of Northern Steel over the bridge.",
        "Liv Haugen told Tomas Brandt to pay.",
        "Ms Haugen told Mr Brandt to pay for it.",
        "Veldmar sued Northern Steel.",
    ],
)
def test_names_that_changed_places(claim: str) -> None:
    assert exchanged(claim, TEXT)


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("Northern Steel sued the city of Veldmar.", TEXT),
        ("Tomas Brandt told Liv Haugen to pay.", TEXT),
        ("Liv Haugen was told by Tomas Brandt to pay.", TEXT),  # the same, turned round
        ("Veldmar and Northern Steel are in court.", "Northern Steel and Veldmar are in court."),
        ("Haugen met Brandt.", "Brandt met Haugen."),
        ("Oslo beat Bergen in May.", "Oslo beat Bergen in April, and Bergen beat Oslo in May."),
        ("Krog denied this.", TEXT),
    ],
)
def test_what_says_the_same(claim: str, text: str) -> None:
    assert not exchanged(claim, text)


def test_names_that_share_a_word() -> None:
    text = "South Korean police arrested a man whom North Korean agents had sent."
    assert exchanged("North Korean police arrested a man whom South Korean agents had sent.", text)
