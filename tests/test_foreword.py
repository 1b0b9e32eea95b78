"""What is read before a passage: the headline, or else what opens the article, and the sentence before."""

from __future__ import annotations

from pathlib import Path

import pytest

from index import FaissStore, SentenceTransformerEmbedder
from rag.foreword import foreword, foreword_of
from tests.conftest import chatbot_over

OPENING = "The council of Lomar met on Tuesday to speak of the ferries that no longer sail."
FILLING = [
    f"Speaker number {number} told the meeting that the harbour needs repair before winter." for number in range(30)
]
TITLE = "Lomar Council Demands Ferries"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, embedder: SentenceTransformerEmbedder) -> FaissStore:
    folder: Path = tmp_path_factory.mktemp("forewords")
    body = " ".join([OPENING, *FILLING])
    chatbot_over({"bare.txt": body, "titled.txt": f"{TITLE}\n2024-03-05\n\n{body}"}, folder, embedder)
    return FaissStore.open(folder / "index")


def rows(store: FaissStore, article: str) -> list[int]:
    found = [row for row, chunk in enumerate(store.chunks) if chunk.article == article]
    assert len(found) > 2
    return found


def test_the_passage_that_opens_an_article_needs_nothing(store: FaissStore) -> None:
    assert foreword_of(rows(store, "bare.txt")[0], store) == ""


def test_a_later_passage_has_the_opening_words_and_the_sentence_before(store: FaissStore) -> None:
    for row in rows(store, "bare.txt")[1:]:
        number = int(store.chunks[row].text.split()[2])
        assert foreword_of(row, store).startswith("The council of Lomar met on Tuesday")
        assert foreword_of(row, store).endswith(FILLING[number - 1])


def test_the_headline_stands_for_the_opening(store: FaissStore) -> None:
    first, second, *_ = rows(store, "titled.txt")
    assert foreword_of(first, store) == f"{TITLE}."
    number = int(store.chunks[second].text.split()[2])
    assert foreword_of(second, store) == f"{TITLE}. {FILLING[number - 1]}"


@pytest.mark.parametrize(
    ("headline", "before", "told"),
    [
        ("", "", ""),
        ("Floods", "", "Floods."),
        ("Who won?", "It rained.", "Who won? It rained."),
        ("", "It  rained\nall day.", "It rained all day."),
    ],
)
def test_a_headline_ends_as_a_sentence_does(headline: str, before: str, told: str) -> None:
    assert foreword(headline, before) == told


def test_of_what_is_long_the_near_end_is_kept() -> None:
    words = [f"word{number}" for number in range(200)]
    told = foreword(" ".join(words), " ".join(words)).split()
    assert told[0] == "word0"
    assert told[-1] == "word199"
    assert len(told) < 60
