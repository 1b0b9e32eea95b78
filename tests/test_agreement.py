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


def test_what_several_articles_tell_comes_first(tmp_path: Path, embedder: SentenceTransformerEmbedder) -> None:
    """Three say Lindqvist; the one that says otherwise comes first where only one does."""
    odd = "The regional sailing cup of Marstrand was won by Henrik Solberg, they said at first."
    told = {
        "b.txt": "Race\n\nKarin Lindqvist won the sailing cup of Marstrand after a storm on the last day.",
        "c.txt": "Sports in short\n\nAt Marstrand the regional sailing cup went to Karin Lindqvist on Sunday.",
        "d.txt": "Portrait\n\nKarin Lindqvist, who won the Marstrand sailing cup, began as a child.",
    }
    question = "Who won the sailing cup of Marstrand?"
    for folder in ("two", "four"):
        (tmp_path / folder).mkdir()
    alone = chatbot_over({"a.txt": "Cup\n\n" + odd, "z.txt": told["d.txt"]}, tmp_path / "two", embedder)
    several = chatbot_over({"a.txt": "Cup\n\n" + odd, **told}, tmp_path / "four", embedder)
    assert alone.search(question)[0].article == "a.txt"
    assert several.search(question)[0].article != "a.txt"


def test_copies_are_one_witness(tmp_path: Path, embedder: SentenceTransformerEmbedder) -> None:
    """A wire report and its reprints do not outvote: they are one source."""
    odd = "The regional sailing cup of Marstrand was won by Henrik Solberg, they said at first."
    wire = "Portrait\n\nKarin Lindqvist, who won the Marstrand sailing cup, began as a child in a small boat of her father's and sailed alone to Denmark when she was only fourteen years old."
    reprints = {f"r{number}.txt": wire + f"\n\n{number}" for number in range(4)}
    chatbot = chatbot_over({"a.txt": "Cup\n\n" + odd, **reprints}, tmp_path, embedder)
    question = "Who won the sailing cup of Marstrand?"
    assert chatbot.search(question)[0].article == "a.txt"
