from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from index import Article, FaissStore, SentenceTransformerEmbedder
from index.records import Source
from rag.abstention import explain_scope
from rag.errors import QuestionError
from rag.filters import Filters, read_filters, understood
from tests.conftest import chatbot_over

ARTICLES = [
    Article("a.txt", "A", outlet="Valley News", published="2021-03-12"),
    Article("b.txt", "B", outlet="Hill Post", published="2016-10-02", copies=(Source("copy.txt"),)),
    Article("c.txt", "C"),
]


def admitted(filters: Filters) -> str:
    return "".join(article.key[0] for article in ARTICLES if filters.admits(article))


@pytest.mark.parametrize(
    ("filters", "keys"),
    [
        (Filters(), "abc"),
        (Filters(since=date(2021, 3, 12)), "a"),
        (Filters(until=date(2021, 3, 11)), "b"),
        (Filters(since=date(2020, 1, 1), undated=True), "ac"),
        (Filters(outlets=("valley news",)), "a"),
        (Filters(articles=("copy.txt", "c.txt")), "bc"),
        (Filters(outlets=("Hill Post",), since=date(2020, 1, 1)), ""),
    ],
)
def test_scope(filters: Filters, keys: str) -> None:
    assert admitted(filters) == keys


@pytest.mark.parametrize(
    ("question", "filters"),
    [
        ("Who closed the bridge?", Filters()),
        ("Who closed the bridge, according to Valley News?", Filters(outlets=("Valley News",))),
        ("What did the Hill Post report?", Filters(outlets=("Hill Post",))),
        ("Who closed the Valley News building?", Filters()),
        ("As the Valley News reports, who closed the bridge?", Filters(outlets=("Valley News",))),
        ("Who closed it according to a report in Hill Post?", Filters(outlets=("Hill Post",))),
        ("Who closed it, according to Hill Post and the Valley News?", Filters(outlets=("Hill Post", "Valley News"))),
        ("Who closed it in October 2016?", Filters(since=date(2016, 10, 1), undated=True)),
        ("What do articles from October 2016 say?", Filters(since=date(2016, 10, 1), until=date(2016, 10, 31))),
        ("What do articles published since 12 March 2021 say?", Filters(since=date(2021, 3, 12))),
        ("Which reports before 2020 name him?", Filters(until=date(2020, 1, 1))),
        ("Will it last until 2042?", Filters()),
    ],
)
def test_plain_words(question: str, filters: Filters) -> None:
    assert understood(question, ARTICLES) == filters


def test_it_says_what_it_is() -> None:
    assert (
        str(Filters(since=date(2021, 1, 1), outlets=("Hill Post",))) == "published since 2021-01-01; outlet Hill Post"
    )


def test_of_what_happened_in_a_year_it_says_why_later_articles_count() -> None:
    since = "published since 2017-01-01, or without a date (what happened then may be told later)"
    assert str(understood("Who closed the bridge in 2017?", ARTICLES)) == since
    assert str(understood("What do articles from 2017 say?", ARTICLES)) == "published from 2017-01-01 to 2017-12-31"


def test_as_fields_they_are_read_again() -> None:
    for filters in (Filters(), Filters(since=date(2021, 1, 1), outlets=("Hill Post",), articles=("a.txt",))):
        assert read_filters(**filters.fields()) == filters


def test_an_outlet_is_not_said_to_be_unknown(tmp_path: Path, embedder: SentenceTransformerEmbedder) -> None:
    article = "---\noutlet: Gazette\n---\nThe mayor of Vik closed the bridge on Monday.\n"
    chatbot = chatbot_over({"a.md": article}, tmp_path, embedder)
    for question in ("Who founded the Gazette?", "Who founded Xanadupolis according to the Gazette?"):
        answer = chatbot.ask(question)
        assert answer.status == "abstained"
        assert "“Gazette”" not in (answer.explanation or "")
    assert "No article mentions “Xanadupolis”" in (answer.explanation or "")


def test_a_month_is_not_said_to_be_unknown(tmp_path: Path, embedder: SentenceTransformerEmbedder) -> None:
    article = "---\noutlet: Gazette\ndate: 2021-11-04\n---\nThe mayor of Vik closed the bridge for good.\n"
    chatbot = chatbot_over({"a.md": article}, tmp_path, embedder)
    answer = chatbot.ask("Who founded Xanadupolis on a Monday in November 2021?")
    assert "No article mentions “Xanadupolis”." in (answer.explanation or "")


def test_rows(seeds_store: FaissStore) -> None:
    rows = Filters(outlets=("DID Press",)).rows(seeds_store)
    assert rows is not None
    assert {seeds_store.chunks[row].article[:3] for row in rows} == {"000"}
    assert Filters().rows(seeds_store) is None


def test_what_a_person_fills_in() -> None:
    assert read_filters() is None
    assert read_filters(words=False) == Filters()
    assert read_filters(since=" 2021-03-12 ", outlets=["A"]) == Filters(since=date(2021, 3, 12), outlets=("A",))
    with pytest.raises(QuestionError, match="“soon” is not one that can be read"):
        read_filters(since="soon")
    with pytest.raises(QuestionError, match="is empty"):
        read_filters(since="2021-03-12", until="2021-03-11")


def test_a_scope_that_holds_no_article_is_told(seeds_store: FaissStore) -> None:
    said = explain_scope("Nothing.", Filters(outlets=("Nonesuch",)), seeds_store)
    assert "No article is in scope" in said
    assert "DID Press" in said
    dated = explain_scope("Nothing.", Filters(since=date(2020, 1, 1)), seeds_store)
    assert "5 article(s) without a date" in dated
