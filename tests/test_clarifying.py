from __future__ import annotations

from pathlib import Path

import pytest

from index import SentenceTransformerEmbedder, Store
from rag.clarifying import ask_back, which_one
from rag.records import Turn
from tests.conftest import chatbot_over

HISTORY = [Turn("Which group attacked the Oslo bridge?", "The Northern Front did.")]


@pytest.mark.parametrize(
    ("question", "asks"),
    [
        ("And why?", "What do you want to know"),
        ("What did he say?", "Whom do you mean by “he”"),
        ("Did they agree?", "Whom or what do you mean by “they”"),
        ("What happened there?", "Which place do you mean by “there”"),
        ("Why did it close?", "What do you mean by “it”"),
    ],
)
def test_what_points_at_nothing_is_asked_back_in_one_line(question: str, asks: str) -> None:
    line = ask_back(question, [])
    assert line
    assert line.startswith(asks)
    assert "\n" not in line
    assert ask_back(question, HISTORY) is None


@pytest.mark.parametrize(
    "question",
    ["Who is the president of France?", "Which countries closed their borders?", "Is there life on Mars?", "Who won?"],
)
def test_what_can_be_looked_for_is_not(question: str) -> None:
    assert ask_back(question, []) is None


LOANS = {
    "farm.txt": "Farmers may ask for a loan from the seed fund in spring. The state library lends them books on soil.",
    "home.txt": "A loan for a first home is given by the savings bank to young couples. The library of Ostrava is closed.",
    "player.txt": "The basketball player was born in Brno. A famous basketball player of Kladno broke his leg on Friday.",
    "club.txt": "The club's basketball player, a famous joker, was born on a ship. Nobody saw the state library's old cat.",
}


@pytest.fixture(scope="module")
def loans(tmp_path_factory: pytest.TempPathFactory, embedder: SentenceTransformerEmbedder) -> Store:
    return chatbot_over(LOANS, tmp_path_factory.mktemp("loans"), embedder).store


@pytest.mark.parametrize(
    ("question", "asks"),
    [
        ("What documents are needed for the loan?", "Which loan do you mean?"),
        ("What does this state library offer?", "Which state library do you mean?"),
        ("When was the famous basketball player born?", "Which famous basketball player do you mean?"),
    ],
)
def test_one_of_many_that_the_articles_do_not_tell_of(question: str, asks: str, loans: Store) -> None:
    line = which_one(question, [], loans)
    assert line
    assert line.startswith(asks)


def test_what_was_spoken_of_is_not_asked_for(loans: Store) -> None:
    assert which_one("How long was the loan discussed?", [Turn("Who gives the loan?")], loans) is None
    assert which_one("Who is the president of France?", [], loans) is None
    assert which_one("Who is the president of the court of auditors?", [], loans) is None
    assert which_one("Who called the loan a gift?", [], loans) is None


def test_the_only_one_is_not_asked_for_nor_one_that_there_is_not(loans: Store) -> None:
    assert which_one("How old was the couple?", [], loans) is None
    assert which_one("Who fined the submarine?", [], loans) is None


def test_it_is_not_asked_back_twice_in_a_row(tmp_path: Path, embedder: SentenceTransformerEmbedder) -> None:
    chatbot = chatbot_over(LOANS, tmp_path, embedder)
    asked = chatbot.ask("How many documents are needed for the loan?")
    assert asked.clarification == "Which loan do you mean? Name it, and ask again."
    again = chatbot.ask("How many documents are needed for the loan?", history=[asked.turn])
    assert again.clarification is None
    reply = chatbot.ask("The one of the savings bank.", history=[asked.turn])
    assert reply.standalone_question == "About the savings bank: how many documents are needed for the loan?"


def test_one_of_many_that_the_articles_tell_of(tmp_path: Path, embedder: SentenceTransformerEmbedder) -> None:
    texts = {
        "port.txt": "A ferry hit the pier of Lindholm on Monday. The captain of the ferry was fined 400 euros.",
        "bank.txt": "Robbers dug a tunnel into a bank in Sorrel. The captain of the guards was fined for sleeping.",
        "sport.txt": "The volleyball team of Ostrava lost. The captain was fined by the club for a rude gesture.",
    }
    answer = chatbot_over(texts, tmp_path, embedder).ask("Why was the captain fined?")
    assert answer.clarification == "Which captain do you mean? Name it, and ask again."
    assert (answer.status, answer.sentences) == ("abstained", ())


def test_one_event_that_many_articles_tell_of_is_not_asked_for(
    tmp_path: Path, embedder: SentenceTransformerEmbedder
) -> None:
    texts = {
        "one.txt": "A ferry hit the pier of Lindholm on Monday. The captain was fined for speeding, the coast guard said.",
        "two.txt": "After the ferry hit Lindholm's pier on Monday its captain was fined for speeding.",
        "three.txt": "The ferry that rammed the pier in Lindholm was too fast: the captain was fined for speeding.",
    }
    answer = chatbot_over(texts, tmp_path, embedder).ask("Why was the captain fined?")
    assert answer.clarification is None
    assert answer.status == "answered"
    assert "speeding" in answer.text
