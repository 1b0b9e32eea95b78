"""Words that cannot be the answer do not lead it."""

from __future__ import annotations

import pytest

from index import Options, SentenceTransformerEmbedder, build
from rag import Chatbot, Settings

CROWNING = {
    "film.txt": "Crowds watch. By Anna Holm King Olaf of Norland was crowned on Saturday, in a ceremony long awaited.",
    "crown.txt": "King Olaf of Norland put on the crown that Maud Lind, the archbishop, held out to him.",
    "palace.txt": "King Olaf of Norland received his crown in the cathedral of Stenby on 6 May 2023, the palace said.",
    "storm.txt": "Inspector Ola Ness said that unknown men had shot the harbour pilot. Kai Lund, a fisher, is held.",
    "shots.txt": "The chancellor of Norland was shot dead on Friday.\n\n"
    "Photo by Karl Brenner The chancellor of Norland, who was killed in Stenby, speaks to voters.",
}


@pytest.fixture(scope="module")
def chatbot(embedder: SentenceTransformerEmbedder, tmp_path_factory: pytest.TempPathFactory) -> Chatbot:
    place = tmp_path_factory.mktemp("misread")
    articles, index = place / "articles", place / "index"
    articles.mkdir()
    for name, text in CROWNING.items():
        (articles / name).write_text(text, encoding="utf-8")
    build(articles, index, embedder=embedder, options=Options())
    return Chatbot.from_settings(Settings.load(articles=articles, index=index))


def told(chatbot: Chatbot, question: str) -> list[str | None]:
    """The words that stand out in each sentence of the answer."""
    answer = chatbot.ask(question)
    return [span and answer.text[slice(*span)] for span in (one.answer_span for one in answer.sentences)]


def test_who_wrote_a_report_did_not_do_what_it_tells(chatbot: Chatbot) -> None:
    assert told(chatbot, "Who crowned King Olaf of Norland?") == ["Maud Lind"]


def test_the_name_under_a_picture_does_not_stand_out(chatbot: Chatbot) -> None:
    assert "Karl Brenner" not in told(chatbot, "Who killed the chancellor of Norland?")


def test_a_date_comes_before_a_bare_weekday(chatbot: Chatbot) -> None:
    assert told(chatbot, "When was King Olaf of Norland crowned?") == ["6 May 2023"]


def test_a_bare_weekday_is_better_than_nothing(chatbot: Chatbot) -> None:
    assert told(chatbot, "When was the chancellor of Norland shot?") == ["Friday"]


def test_who_tells_of_a_deed_is_not_who_did_it(chatbot: Chatbot) -> None:
    assert "Inspector Ola Ness" not in told(chatbot, "Who shot the harbour pilot?")
    assert told(chatbot, "Who said that unknown men had shot the harbour pilot?") == ["Inspector Ola Ness"]
