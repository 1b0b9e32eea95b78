"""Words that cannot be the answer do not lead it."""

from __future__ import annotations

import pytest

from index import Options, SentenceTransformerEmbedder, build
from rag import Chatbot, Settings

CROWNING = {
    "film.txt": "Crowds watch. By Anna Holm King Olaf of Norland was crowned on Saturday, in a ceremony long awaited.",
    "crown.txt": "King Olaf of Norland put on the crown that Maud Lind, the archbishop, held out to him.",
    "palace.txt": "King Olaf of Norland received his crown in the cathedral of Stenby on 6 May 2023, the palace said.",
    "fire.txt": "The fire at the fish market of Hamnvik cost 2.3 million euros.",
    "crews.txt": "The crews at Hamnvik, 45 strong, fought the fire at the fish market until noon.",
    "bridge.txt": "The new harbour bridge of Velmo opened to traffic on Monday, two years behind schedule. Mayor Jon Skare cut "
    'the ribbon in front of some 4,000 onlookers.\n\nThe delay was caused by cracks in the eastern pylon. "We chose safety '
    'over speed, and I would do so again," said Mr Skare.\n\nThe contractor, Nord Bygg AS, denies that its concrete was to '
    "blame.",
    "captain.txt": "The captain, Ole Brandt, 52, was questioned by the police for five hours and released.",
    "storm.txt": "Inspector Ola Ness said that unknown men had shot the harbour pilot. Kai Lund, a fisher, is held.",
    "fish.txt": "Danish Foreign Minister Lars Holt flew to Oslo on Monday for talks on fishing rights with Norway.",
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


def test_a_sum_counts_nobody(chatbot: Chatbot) -> None:
    assert "2.3 million" not in told(chatbot, "How many people were killed in the fire at the fish market of Hamnvik?")


def test_who_somebody_is_stands_where_the_name_does(chatbot: Chatbot) -> None:
    assert not any("Nord Bygg" in sentence.text for sentence in chatbot.ask("Who is Mr Skare?").sentences)


def test_a_toll_needs_dead_or_hurt(chatbot: Chatbot) -> None:
    words = told(chatbot, "How many people died in the fire at the fish market of Hamnvik?")
    assert not any(word and "45" in word for word in words)


def test_an_age_is_no_date(chatbot: Chatbot) -> None:
    assert "52" not in told(chatbot, "When was Ole Brandt convicted?")
    assert "52" in str(told(chatbot, "How old is Ole Brandt?"))


def test_an_office_of_another_country_is_not_the_one_asked_for(chatbot: Chatbot) -> None:
    assert "Lars Holt" not in str(told(chatbot, "Who is Norway's foreign minister?"))
    assert "Lars Holt" in str(told(chatbot, "Who is Denmark's foreign minister?"))
