from __future__ import annotations

from pathlib import Path

import pytest

from index import FaissStore, SentenceTransformerEmbedder
from rag.asking import ask_speaker, is_sound, whole_names
from rag.examples import example_questions
from tests.conftest import chatbot_over

VOCABULARY = frozenset("fire chief researchers other neighbours union said the police its secretary sessions".split())


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        (
            "Fire chief Anders Vik said the roof of the museum had been burning since noon.",
            "What did fire chief Anders Vik say?",
        ),
        ("The Taliban said they had met the president of Iran in Kabul.", "What did the Taliban say about Iran?"),
        ("“It is not a cost of the bridge,” Mr Solli said.", "What did Mr Solli say?"),
        ("Mr Brandt accused the city of having hidden the cracks.", "Whom did Mr Brandt accuse?"),
        ("The minister of trade, Ada Berg, said that it was over by noon in Oslo.", None),
        ("Its secretary Dag Rognli said the members had voted for the offer.", None),
        ("He said the members had voted for the offer.", None),
        ("A British newspaper said the members had voted for the offer.", None),
        ("Researchers said the members had voted for the offer.", None),
        ("Other neighbours said the members had voted for the offer.", None),
        ("The attack was claimed by Red Dawn, and nobody was hurt in it.", None),
        ('Mr Solli said it was "a cost of the bridge.', None),
    ],
)
def test_only_somebody_with_a_name_is_asked_about(sentence: str, question: str | None) -> None:
    asked = ask_speaker(sentence, VOCABULARY)
    assert (asked and asked.question) == question


def test_what_is_said_is_found_on_either_side_of_who_says_it() -> None:
    for sentence in ("“We chose the slow way,” said Mr Brandt.", "Mr Brandt said: “We chose the slow way.”"):
        asked = ask_speaker(sentence, VOCABULARY)
        assert asked
        assert "chose the slow way" in asked.claim


@pytest.mark.parametrize(
    "torn",
    [
        "Strike planned at the plant A further stoppage is due to begin tomorrow.",
        "The ministers met on Saturday Instead, they issued a statement.",
        "They called the the position wrong.",
        'isn"t the way it was told.',
        "It ended there.The next day it rained.",
        "the end of a sentence.",
        "It has no end",
    ],
)
def test_what_is_run_together_or_torn_is_no_sentence(torn: str) -> None:
    assert not is_sound(torn)
    assert is_sound("The minister of Norway met Mr Berg in Oslo, and said: “It is over.”")


def test_names_are_whole_and_no_days() -> None:
    assert whole_names("On Monday Bashar al-Assad met Zayed bin Sultan of the Bank of England’s board in May.") == [
        "Bank of England"
    ]
    assert whole_names("BERGEN - The town of Voss sues the US, Mayor Vik said.") == ["Voss", "US", "Mayor Vik"]
    assert whole_names("He wrote on Facebook that They closed the Highway 50 near Sacramento.") == ["Sacramento"]


def test_examples_name_whom_they_ask_about(seeds_store: FaissStore) -> None:
    found = example_questions(seeds_store)
    assert len(found) == 4
    assert all(question.endswith("?") and question.split()[1] == "did" for question in found)


def test_examples_are_of_several_stories(tmp_path: Path, embedder: SentenceTransformerEmbedder) -> None:
    files = {
        f"{story}-{day}.txt": f"{name} Dahl said on day {day} that the work would take a year.\n"
        for story, name in (("bridge", "Anna"), ("mine", "Ben"), ("port", "Cleo"), ("zoo", "Dora"))
        for day in range(5)
    }
    found = example_questions(chatbot_over(files, tmp_path, embedder).store)
    assert sorted(question.split()[2] for question in found) == ["Anna", "Ben", "Cleo", "Dora"]
