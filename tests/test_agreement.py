from __future__ import annotations

from pathlib import Path

import pytest

from index import SentenceTransformerEmbedder
from rag.agreement import answers
from tests.conftest import chatbot_over

ASKED = frozenset({"ferri", "2022"})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The ferry sailed on 9 November.", "On November 9 it left."),
        ("It sank on the 3rd of May 2021.", "May 3, they said."),
        ("It opened in 1987.", "Since 1987 it has been open."),
    ],
)
def test_a_date_is_one_however_it_is_written(one: str, other: str) -> None:
    assert answers("date", one, ASKED) & answers("date", other, ASKED)


def test_what_the_question_names_is_no_answer() -> None:
    assert not answers("date", "It sailed in 2022.", ASKED)
    assert answers("number", "1,200 came, in 2022", ASKED) == {"1200"}


ODD = "Cup\n\nHenrik Solberg won the Marstrand sailing cup, said the radio."
TOLD = {
    "b.txt": "Race\n\nKarin Lindqvist won the sailing cup of Marstrand after a storm on the last day.",
    "c.txt": "Sports in short\n\nAt Marstrand the regional sailing cup went to Karin Lindqvist on Sunday.",
    "d.txt": "Portrait\n\nKarin Lindqvist, who won the Marstrand sailing cup, began as a child.",
}
ELSE = {  # a name that stands everywhere would say little
    f"{town}.txt": f"{town}\n\nThe council of {town} met on Monday and spoke of roads, schools and the price of bread."
    for town in "Alta Bergen Drammen Egersund Florø Gol Hamar Inndyr Jevnaker Kongsberg Larvik Moss Narvik Odda".split()
}
QUESTION = "Who won the sailing cup of Marstrand?"


def first(texts: dict[str, str], place: Path, embedder: SentenceTransformerEmbedder) -> str:
    return chatbot_over({"a.txt": ODD, **texts, **ELSE}, place, embedder).search(QUESTION)[0].article


@pytest.mark.parametrize("other", sorted(TOLD))
def test_one_against_one_the_wording_decides(other: str, tmp_path: Path, embedder: SentenceTransformerEmbedder) -> None:
    assert first({other: TOLD[other]}, tmp_path, embedder) == "a.txt"


def test_what_several_articles_tell_comes_first(tmp_path: Path, embedder: SentenceTransformerEmbedder) -> None:
    assert first(TOLD, tmp_path, embedder) in TOLD


def test_copies_are_one_witness(tmp_path: Path, embedder: SentenceTransformerEmbedder) -> None:
    """A wire report and its reprints do not outvote: they are one source."""
    wire = "Portrait\n\nKarin Lindqvist, who won the Marstrand sailing cup, began as a child in a small boat of her father's and sailed alone to Denmark when she was only fourteen years old."
    reprints = {f"r{number}.txt": f"{wire}\n\n{number}" for number in range(4)}
    assert first(reprints, tmp_path, embedder) == "a.txt"
