from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from index import FaissStore, SentenceTransformerEmbedder
from rag import Chatbot, Settings
from rag.filters import Filters
from rag.llm import Extractive
from tests.conftest import chatbot_over

OLD = "Bridge Closed in Bergen\n2019-02-01\n\nThe old bridge in Bergen was closed to lorries by the mayor, Lars Dahl, who said that it would open again in the summer of that year."
NEW = "Bridge Closed in Bergen Again\n2021-06-01\n\nThe old bridge in Bergen was closed to lorries by the mayor, Erna Berg, who said that it would open again in the autumn of that year."
QUESTION = "Which mayor closed the old bridge in Bergen to lorries?"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, embedder: SentenceTransformerEmbedder) -> Path:
    folder = tmp_path_factory.mktemp("dated")
    chatbot_over({"old.txt": OLD, "new.txt": NEW}, folder, embedder)
    return folder


def ask(place: Path, embedder: SentenceTransformerEmbedder, filters: Filters | None = None, **settings: object) -> str:
    chosen = Settings.load(articles=place / "articles", index=place / "index", **settings)
    chatbot = Chatbot(FaissStore.open(place / "index"), embedder, Extractive(), chosen)
    return chatbot.ask(QUESTION, filters=filters).citations[0].article


def test_newer_articles_are_preferred_where_asked(place: Path, embedder: SentenceTransformerEmbedder) -> None:
    assert ask(place, embedder, recency_weight=10) == "new.txt"


def test_as_on_a_day_what_came_later_is_out_of_scope(place: Path, embedder: SentenceTransformerEmbedder) -> None:
    assert ask(place, embedder, as_of=date(2020, 1, 1), recency_weight=10) == "old.txt"


def test_filters_come_before_the_search(place: Path, embedder: SentenceTransformerEmbedder) -> None:
    assert ask(place, embedder, Filters(until=date(2020, 1, 1))) == "old.txt"
    assert ask(place, embedder, Filters(articles=("new.txt",))) == "new.txt"


def test_nothing_in_scope(place: Path, embedder: SentenceTransformerEmbedder) -> None:
    settings = Settings.load(articles=place / "articles", index=place / "index")
    chatbot = Chatbot(FaissStore.open(place / "index"), embedder, Extractive(), settings)
    answer = chatbot.ask(QUESTION, filters=Filters(outlets=("Nobody",)))
    assert (answer.status, answer.reason, answer.passages) == ("abstained", "no_evidence", ())
    assert "outlet Nobody" in answer.text


def test_words_in_the_question_are_understood_and_told(place: Path, embedder: SentenceTransformerEmbedder) -> None:
    settings = Settings.load(articles=place / "articles", index=place / "index")
    chatbot = Chatbot(FaissStore.open(place / "index"), embedder, Extractive(), settings)
    told = chatbot.ask("Which mayor, in articles from June 2021, closed the bridge in Bergen?")
    assert told.filters == "published from 2021-06-01 to 2021-06-30"
    assert {passage.article for passage in told.passages} == {"new.txt"}
    undone = chatbot.ask(told.question, filters=Filters())
    assert undone.filters is None
    assert {passage.article for passage in undone.passages} == {"old.txt", "new.txt"}


def test_where_a_figure_is_asked_for_a_sentence_without_one_comes_later(
    tmp_path: Path, embedder: SentenceTransformerEmbedder
) -> None:
    text = (
        "Lumo, a maker of bicycles in Bergen, has shown its first folding bicycle, the Lumo Fold, to buyers from Oslo. "
        "Its frame is of birch wood. Made for commuters, it weighs little and is sold at 9,400 crowns."
    )
    answer = chatbot_over({"fold.txt": text}, tmp_path, embedder).ask("How much does the Lumo Fold cost?")
    assert answer.sentences[0].text.endswith("sold at 9,400 crowns.")


def test_a_reprint_makes_an_answer_no_surer(tmp_path: Path, embedder: SentenceTransformerEmbedder) -> None:
    report = OLD.replace("2019-02-01\n\n", "")
    one = chatbot_over({"wire.txt": report}, tmp_path / "one", embedder).ask(QUESTION)
    copies = {f"paper{number}.txt": report for number in range(4)}
    many = chatbot_over(copies, tmp_path / "many", embedder).ask(QUESTION)
    assert many.answerability == pytest.approx(one.answerability, abs=0.02)


def test_an_answer_that_is_among_the_stop_words(tmp_path: Path, embedder: SentenceTransformerEmbedder) -> None:
    text = "The quay of Lund fell into the sea on Friday. The mayor, Ada Berg, said that it would be repaired by May."
    answer = chatbot_over({"quay.txt": text}, tmp_path, embedder).ask("By when will the quay of Lund be repaired?")
    assert "by May" in answer.text
