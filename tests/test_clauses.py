from __future__ import annotations

import pytest

from rag.clauses import DATE, NUMBER, base_form, read_clause


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        ("The bridge was closed on Monday, the mayor said.", "When was the bridge closed?"),
        ("In March 2019, the parliament also passed a law on water.", None),
        ("In March 2019, Norway also passed a law on water.", "When did Norway pass a law on water?"),
        ("Ada Berg left the council on 4 May 2020 after a dispute.", "When did Ada Berg leave the council?"),
        ("It was closed on Monday.", None),
        ("Nobody knows why.", None),
        ("A fire destroyed the wing in Veldmar on Tuesday night.", "When did a fire destroy the wing in Veldmar?"),
        ('Ada Berg called the bridge "a monument" on Monday.', None),
        ("A report published in 1998 by the bank shows that it fell.", None),
        ("Ada Berg told reporters he had left on Monday.", None),
        ("The minister told reporters that it was late.", "When did the minister tell reporters that it was late?"),
    ],
)
def test_a_statement_becomes_a_question(sentence: str, question: str | None) -> None:
    clause = read_clause(sentence)
    if question is None:
        assert clause is None
        return
    assert clause
    assert clause.asked("When", DATE.sub("", clause.rest), base_form(clause.verb, ())) == question


@pytest.mark.parametrize(
    ("past", "base"),
    [("carried", "carry"), ("stopped", "stop"), ("killed", "kill"), ("pledged", "pledge"), ("decided", "decide"),
     ("opened", "open"), ("created", "create"), ("won", "win"), ("signed", "sign"),
     ("cancelled", "cancel"), ("voted", "vote"), ("visited", "visit")],
)  # fmt: skip
def test_base_form(past: str, base: str) -> None:
    assert base_form(past, ()) == base


def test_the_corpus_decides_between_spellings() -> None:
    assert base_form("hoped", {"hope"}) == "hope"


def test_numbers_with_what_is_counted() -> None:
    money = NUMBER.match("$70 million in aid")
    assert money
    assert (money["number"], bool(money["money"])) == ("$70 million", True)
    people = NUMBER.match("1,200 drug dealers were arrested")
    assert people
    assert (people["number"], people["noun"]) == ("1,200", "drug dealers")
