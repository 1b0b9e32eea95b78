from __future__ import annotations

import pytest

from rag.facts import dates, denied, figures, hedged, name_words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("seven people", [(7, "peopl")]),
        ("twenty-five dead and two hundred hurt", [(25, "dead"), (200, "hurt")]),
        ("$70m, or $70 million", [(70e6, "$"), (70e6, "$")]),
        ("1.5 billion euros", [(1.5e9, "€")]),
        ("4 percent, 4% and 4 per cent", [(4, "%"), (4, "%"), (4, "%")]),
        ("1,200 troops", [(1200, "troop")]),
        ("a dozen men", [(12, "men")]),
        ("the 14-member delegation", [(14, "member")]),
        ("On October 20, 2016, it rained", [(2016, "")]),
        ("no number at all", []),
    ],
)
def test_figures(text: str, found: list[tuple[float, str]]) -> None:
    assert [(figure.value, figure.unit) for figure in figures(text)] == found


def test_bounds_and_places() -> None:
    more, less = figures("More than 500 came, fewer than 20 left.")
    assert (more.bound, less.bound) == ("above", "below")
    assert "More than 500 came, fewer than 20 left."[less.start :].startswith("20")


@pytest.mark.parametrize(
    "text", ["October 20", "20 October", "Oct. 20, 2016", "20th of October", "2016-10-20", "october 20"]
)
def test_a_day_however_written(text: str) -> None:
    assert dates(text) == {(10, 20)}


def test_both_ends_of_a_range() -> None:
    assert dates("On October 20–24, troops met") == {(10, 20), (10, 24)}


def test_names_are_not_the_first_word() -> None:
    assert name_words("The engineer Lars Dahl left. Nobody saw ISIS-K. “Officials” did.") == ["Lars", "Dahl", "ISIS-K"]


def test_what_is_denied_and_what_only_may_be() -> None:
    assert denied("Dahl has not confirmed the cause.") == [["confirm", "caus"]]
    assert denied("A never-before-seen bridge") == []
    assert {"cost"} <= hedged("It may cost a lot")
