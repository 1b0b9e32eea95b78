from __future__ import annotations

from pathlib import Path

import pytest

from index import SentenceTransformerEmbedder
from rag.filters import Filters
from rag.outlets import named_outlets, without_outlets
from tests.conftest import chatbot_over

OUTLETS = ("BBC News", "Hill Post", "The Daily Wire", "US Today")


@pytest.mark.parametrize(
    ("question", "named", "rest"),
    [
        ("Who closed the bridge, according to the Hill Post?", ("Hill Post",), "Who closed the bridge?"),
        ("According to Daily Wire, who closed it in May?", ("The Daily Wire",), "Who closed it in May?"),
        ("As the BBC reported, who closed the bridge?", ("BBC News",), "Who closed the bridge?"),
        ("Who, as told by The Daily Wire, closed it?", ("The Daily Wire",), "Who closed it?"),
        ("How many died according to a report in the BBC?", ("BBC News",), "How many died?"),
        ("What cost more according to BBC News, Hill Post and the Daily Wire?",
         ("BBC News", "Hill Post", "The Daily Wire"), "What cost more?"),
        ("What did the Hill Post report about the toll?", ("Hill Post",), "What about the toll?"),
        ("What did Hill Post report?", ("Hill Post",), "What did Hill Post report?"),
        ("And according to Hill Post?", ("Hill Post",), "And according to Hill Post?"),
        ("Who closed it, according to Hill Poster?", (), None),
        ("Who owns the Hill Post?", (), None),
        ("Who closed it, according to US officials?", (), None),
        ("What did the bbc say about it?", (), None),
        ("", (), None),
    ],
)  # fmt: skip
def test_whose_reports_are_asked_for(question: str, named: tuple[str, ...], rest: str | None) -> None:
    assert named_outlets(question, OUTLETS) == named
    assert without_outlets(question, named) == (question if rest is None else rest)


def test_a_short_name_that_two_bear_is_neither() -> None:
    assert named_outlets("Who closed it, according to the BBC?", ["BBC News", "BBC Sport"]) == ()


def test_only_its_articles_are_asked_for_what_the_question_asks(
    tmp_path: Path, embedder: SentenceTransformerEmbedder
) -> None:
    told = "---\noutlet: {}\n---\nThe harbour bridge of Vik cost {} million euros, the city said on Monday.\n"
    texts = {"a.md": told.format("Hill Post", 412), "b.md": told.format("Valley News", 455)}
    chatbot = chatbot_over(texts, tmp_path, embedder)
    for question in (
        "How much did the bridge cost, according to Valley News?",
        "As the Valley News reports, what did the bridge cost?",
    ):
        answer = chatbot.ask(question)
        assert (answer.filters, answer.scope, answer.standalone_question) == ("outlet Valley News", None, question)
        assert "455 million" in answer.text
        assert "412" not in answer.text
    everything = chatbot.ask("How much did the bridge cost, according to Valley News?", filters=Filters())
    assert everything.filters is None
