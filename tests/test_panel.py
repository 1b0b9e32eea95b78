"""The source panel: the article with the span marked to the letter, and where to go on from there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from index import Article, ArticleIndexError
from rag.panel import CONTEXT_CHARS, panel, source, web_address
from tests.test_render import ARTICLE, TEXT, answered, citation
from tests.test_talk import done


@pytest.mark.parametrize(
    ("link", "found"),
    [("#cite-1-1", "The minister said"), ("#cite-1-2", "He left [1] early"), ("#passage-1-1", "Headline")],
)
def test_a_link_of_the_conversation_is_found(link: str, found: str) -> None:
    value = panel((done(answered("One.")),), link, lambda key: ARTICLE)
    assert value is not None
    assert value["mark"] == found
    assert value["before"] + value["mark"] + value["after"] == TEXT
    assert value["link"] == link


@pytest.mark.parametrize(
    "link",
    [
        None, 1, True, [], {}, b"#cite-1-1", "", "#", "cite-1-1",
        "#cite-1-3", "#cite-2-1", "#cite-0-1", "#cite-1-0", "#cite--1-1",
        "#cite-1-1 ", " #cite-1-1", "#cite-1-1\n", "#cite-01-1", "#cite-1-1-1", "#passage-1-3",
        "#cite-9999999-1", "#cite-١-١", "#CITE-1-1",
        "https://evil.example/#cite-1-1", "javascript:#cite-1-1",
    ],
)  # fmt: skip
def test_any_other_link_opens_nothing(link: object) -> None:
    def unreachable(key: str) -> Article:
        raise AssertionError(key)

    assert panel((done(answered("One.")),), link, unreachable) is None


def test_the_panel_tells_where_the_passage_stands() -> None:
    value = source(citation(1, "The minister said"), ARTICLE)
    assert value == {
        "kind": "Cited passage",
        "title": "Headline",
        "outlet": "The Paper",
        "published": "2026-01-02",
        "author": "A. Writer",
        "key": "a/one.txt",
        "told": "Headline\n\n",
        "before": "Headline\n\n",
        "url": None,
        "file": "/api/files/a%2Fone.txt",
        "mark": "The minister said",
        "after": " <b>no</b>.\nHe left [1] early.",
        "note": None,
    }


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("HEADLINE\nThe Paper\nPublished 2 January 2026\n\nBody.", "HEADLINE\nThe Paper\nPublished 2 January 2026\n\n"),
        ("\n# Headline\nBy A. Writer\nBody.", "\n# Headline\nBy A. Writer\n"),
        ("Headline news of the day\nBody.", ""),
        ("3 January 2026\nHeadline\nBody.", ""),
        ("\n\nBody.", ""),
    ],
)
def test_title_and_date_are_told_once(text: str, told: str) -> None:
    article = replace(ARTICLE, text=text)
    value = source(citation(1, "Body.", article), article)
    assert value["told"] == told
    assert value["before"] + value["mark"] + value["after"] == text
    assert source(citation(1, text[: len(told) + 2], article), article)["told"] == ""  # what is marked is shown


def test_an_article_that_changed_is_not_marked_elsewhere() -> None:
    value = source(citation(1, "The minister said"), replace(ARTICLE, text="New. " + TEXT))
    assert (value["before"], value["mark"], value["after"]) == ("", "The minister said", "")
    assert "has changed" in value["note"]


def test_an_article_that_is_gone_still_shows_its_quote() -> None:
    def gone(key: str) -> Article:
        raise ArticleIndexError("no such article")

    value = panel((done(answered("One.")),), "#cite-1-1", gone)
    assert value is not None
    assert value["mark"] == "The minister said"
    assert "is no longer among the articles" in value["note"]


def test_of_a_very_long_article_the_part_around_the_span_is_shown() -> None:
    around = "x" * (2 * CONTEXT_CHARS)
    long = replace(ARTICLE, text=around + "HERE" + around)
    value = source(citation(1, "HERE", long), long)
    assert len(value["before"]) == len(value["after"]) == CONTEXT_CHARS
    assert value["mark"] == "HERE"
    assert "very long" in value["note"]


def test_from_a_citation_the_reader_walks_on() -> None:
    value = panel((done(answered("One.")), done(answered("Two."))), "#cite-2-1", lambda key: ARTICLE)
    assert value is not None
    assert (value["place"], value["previous"], value["next"]) == ("1 of 2", None, "#cite-2-2")
    assert [way["link"] for way in value["cited"]] == ["#cite-2-1", "#cite-2-2"]
    assert [way["link"] for way in value["passages"]] == ["#passage-2-1", "#passage-2-2"]
    last = panel((done(answered("One.")),), "#passage-1-2", lambda key: ARTICLE)
    assert last is not None
    assert (last["place"], last["previous"], last["next"]) == ("2 of 2", "#passage-1-1", None)


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://paper.example/one?a=1", True), ("http://paper.example", True),
        ("javascript:alert(1)", False), ("data:text/html,x", False), ("file:///etc/passwd", False),
        ("//paper.example/one", False), ("https:one", False), ("http://[half", False), ("", False), (None, False),
    ],
)  # fmt: skip
def test_only_an_address_of_the_web_is_a_link(url: str | None, kept: bool) -> None:
    assert web_address(url) == (url if kept else None)
    assert source(citation(1, "He left"), replace(ARTICLE, url=url))["url"] == (url if kept else None)
