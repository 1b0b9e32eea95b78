from __future__ import annotations

from datetime import date

import pytest

from rag.days import read_day
from rag.errors import QuestionError


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024-05-03", "2024-05-03", "2024-05-03"),
        (" 2024/5/3 ", "2024-05-03", "2024-05-03"),
        ("3 May 2024", "2024-05-03", "2024-05-03"),
        ("May 3rd, 2024", "2024-05-03", "2024-05-03"),
        ("3 sept. 2024", "2024-09-03", "2024-09-03"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("February 2023", "2023-02-01", "2023-02-28"),
        ("2024", "2024-01-01", "2024-12-31"),
    ],
)
def test_a_day_a_month_or_a_year(text: str, first: str, last: str) -> None:
    assert (read_day(text), read_day(text, last=True)) == (date.fromisoformat(first), date.fromisoformat(last))


def test_nothing_is_no_date() -> None:
    assert read_day(None) is read_day("  ") is None


@pytest.mark.parametrize(
    "text", ["yesterday", "3/4/2024", "24-05-03", "May", "3 May", "2024-05-03T10:00", "2024-5/3", "٢٠٢٤-xx", "x" * 500]
)
def test_what_leaves_a_doubt_is_refused_with_the_forms(text: str) -> None:
    with pytest.raises(QuestionError, match=r"is not one that can be read\. Write 2024-05-03, 3 May 2024"):
        read_day(text)


@pytest.mark.parametrize("text", ["2024-13-40", "2023-02-29", "31 April 2024", "2024-00", "0000", "2024-05-00"])
def test_a_day_that_no_calendar_has_is_refused(text: str) -> None:
    for last in (False, True):
        with pytest.raises(QuestionError, match=r"in the calendar\. Write 2024-05-03"):
            read_day(text, last=last)
