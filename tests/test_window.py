"""What the window does, without a browser: asks, keeps, opens again, edits, compares, and says what went wrong."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from index import FaissStore, SentenceTransformerEmbedder
from rag import Chatbot, Settings
from rag.errors import SettingsError
from rag.feedback import Feedback
from rag.llm import LLM, Draft, Pending, Request, Usage
from rag.talk import Talk, stopped
from rag.web.conversations import Conversations
from rag.web.library import Library
from rag.web.models import Models
from rag.web.window import Window
from tests.conftest import Scripted
from tests.test_api import DUSHANBE
from tests.test_conversations import PLEDGE
from tests.test_library import BRIDGE, QUAY, SECRET, Shelf

ALL: dict[str, Any] = {"since": "", "until": "", "outlets": [], "articles": [], "words": True}


@pytest.fixture
def kept(tmp_path: Path) -> Conversations:
    return Conversations(tmp_path / "kept.sqlite3")


@pytest.fixture
def window(chatbot: Chatbot, settings: Settings, kept: Conversations) -> Window:
    return Window(Library(chatbot, settings), kept, Models(chatbot, settings))


def last(talks: Iterator[Talk]) -> Talk:
    return list(talks)[-1]


def test_an_answer_is_kept_and_comes_back_after_a_restart(
    window: Window, chatbot: Chatbot, settings: Settings, kept: Conversations
) -> None:
    talks = list(window.ask("", Talk(), PLEDGE, scope=ALL))
    phases = list(dict.fromkeys(talk.exchanges[0].phase for talk in talks))
    assert phases == ["searching", "reading", "writing", "checking", "done"]
    talk = last(window.ask("", talks[-1], "And when?", scope=ALL))
    assert "China" in talk.exchanges[1].answer.standalone_question
    judged = window.follow("", talk, "#say-1-right")
    assert judged is not None
    again = Window(Library(chatbot, settings), kept, Models(chatbot, settings))  # another process would do the same
    assert again.open("", talk.id) == judged
    assert again.open("ada", talk.id).notice.startswith("The conversation cannot be opened.")
    ids: list[object] = ["", None, {}, "' OR 1=1 --"]
    for id in ids:
        assert again.open("", id).exchanges == ()


def test_an_edited_question_replaces_what_followed_also_where_it_is_kept(window: Window, kept: Conversations) -> None:
    talk = last(window.ask("", Talk(), PLEDGE, scope=ALL))
    talk = last(window.ask("", talk, "And when?", scope=ALL))
    editing = window.follow("", talk, "#edit-1")
    assert editing is not None
    talk = last(window.ask("", editing, DUSHANBE, scope=ALL))
    assert [one.answer.question for one in talk.exchanges] == [DUSHANBE]
    assert [answer["question"] for answer in kept.answers("", talk.id)] == [DUSHANBE]


def test_half_a_character_in_a_question_is_no_reason_not_to_keep_it(window: Window) -> None:
    talk = last(window.ask("", Talk(), f"\ud800 {PLEDGE}", scope=ALL))
    assert (talk.notice, talk.exchanges[0].number) == ("", 1)
    assert window.open("", talk.id).exchanges[0].answer.question == f"\ufffd {PLEDGE}"


def test_what_cannot_be_asked_is_told_and_not_kept(window: Window, kept: Conversations) -> None:
    talk = last(window.ask("", Talk(), " ", scope=ALL, other="gguf:/etc/passwd"))
    assert [one.answer.status for one in talk.exchanges] == ["failed"]
    talk = last(window.ask("", talk, DUSHANBE, scope=ALL | {"since": "soon"}))
    assert "Write 2024-05-03" in (talk.exchanges[-1].answer.explanation or "")
    assert kept.list("") == ()
    talk = last(window.ask("", talk, DUSHANBE, scope=ALL))
    assert talk.exchanges[-1].number == 1


def test_what_is_shown_of_an_answer_is_kept_as_a_stopped_one(window: Window, kept: Conversations) -> None:
    talks = window.ask("", Talk(), DUSHANBE, scope=ALL)
    unbegun = next(talks)
    assert window.open("", unbegun.id) == stopped(unbegun)
    assert window.open("", unbegun.id).exchanges[0].answer.status == "failed"
    partial = next(talk for talk in talks if talk.exchanges[0].answer.sentences)
    assert window.follow("", partial, "#edit-1") is None  # not while it is at work
    assert window.open("", partial.id) == stopped(partial)
    assert kept.turns("", partial.id)[0].answer == partial.exchanges[0].answer.text
    talks.close()  # the reader stops it, or has left
    assert window.open("", partial.id) == stopped(partial)
    assert kept.list("")[0].turns == 1
    whole = last(window.ask("", stopped(partial), PLEDGE, scope=ALL))
    assert window.open("", whole.id) == whole
    assert [one.number for one in whole.exchanges] == [1, 2]


def test_an_answer_that_was_edited_away_does_not_come_back(window: Window, kept: Conversations) -> None:
    talks = window.ask("", Talk(), DUSHANBE, scope=ALL)
    left = next(talks)
    there = window.open("", left.id)  # the same in another window
    editing = window.follow("", there, "#edit-1")
    assert editing is not None
    now = last(window.ask("", editing, PLEDGE, scope=ALL))
    assert "not kept" in last(talks).notice
    assert window.open("", left.id) == now


def test_two_models_answer_side_by_side(
    chatbot: Chatbot, settings: Settings, kept: Conversations, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = beside(chatbot, settings, kept, monkeypatch, Scripted())
    talk = last(window.ask("", Talk(), DUSHANBE, scope=ALL, other="openai:small"))
    assert [(one.answer.model, one.beside, one.number) for one in talk.exchanges] == [
        ("extractive", False, 1),
        ("scripted", True, 2),
    ]
    assert window.open("", talk.id) == talk
    assert len(kept.turns("", talk.id)) == 1
    same = last(window.ask("", Talk(), DUSHANBE, scope=ALL, model="openai:small", other="openai:small"))
    assert len(same.exchanges) == 1


def beside(
    chatbot: Chatbot, settings: Settings, kept: Conversations, monkeypatch: pytest.MonkeyPatch, writer: LLM
) -> Window:
    """A window whose second model, "openai:small", is this writer."""
    models = Models(chatbot, settings)
    monkeypatch.setattr("rag.web.models.availability", lambda _: {"openai:MODEL": Available()})
    monkeypatch.setattr("rag.web.models.open_llm", lambda _: writer)
    assert models.look() == ("extractive", "openai:small")
    return Window(Library(chatbot, settings), kept, models)


def test_two_models_work_at_the_same_time_and_stopping_ends_both(
    chatbot: Chatbot, settings: Settings, kept: Conversations, monkeypatch: pytest.MonkeyPatch
) -> None:
    endless = Endless()
    window = beside(chatbot, settings, kept, monkeypatch, endless)
    talks = window.ask("", Talk(), DUSHANBE, scope=ALL, model="openai:small", other="extractive")
    # The first never ends, and yet the second comes to its end.
    talk = next(talk for talk in talks if talk.exchanges[1].phase == "done")
    assert talk.exchanges[1].answer.status == "answered"
    assert talk.exchanges[0].phase != "done"
    assert [one.number for one in talk.exchanges] == [1, 2]
    talks.close()
    assert endless.closed.wait(30)
    again = window.open("", talk.id)
    assert [one.answer.status for one in again.exchanges] == ["failed", "answered"]
    assert [one.beside for one in again.exchanges] == [False, True]


def test_what_one_model_fails_at_does_not_lose_the_other(window: Window) -> None:
    for model, other in (("extractive", "openai:gone"), ("openai:gone", "extractive")):
        talk = last(window.ask("", Talk(), DUSHANBE, scope=ALL, model=model, other=other))
        told = {one.answer.status: one.answer.explanation or "" for one in talk.exchanges}
        assert set(told) == {"answered", "failed"}
        assert "openai:gone" in told["failed"]
        assert [one.phase for one in talk.exchanges] == ["done", "done"]


class Endless:
    """A writer that goes on for ever, until it is closed."""

    name = "endless"
    prompts: str | None = None

    def __init__(self) -> None:
        self.closed = threading.Event()

    def write(self, request: Request, usage: Usage) -> Generator[Draft | Pending, None, None]:
        try:
            while not self.closed.wait(0.02):
                yield Pending("Still at it")
        finally:
            self.closed.set()


class Available:
    usable, why, models = True, "", ("small",)


def test_only_a_model_that_was_found_is_opened(chatbot: Chatbot, settings: Settings) -> None:
    models = Models(chatbot, settings)
    assert models.chatbot(None) is models.chatbot("extractive") is chatbot
    for name in ("gguf:/etc/passwd", "openai:other", "nothing"):
        with pytest.raises(SettingsError, match="not among those"):
            models.chatbot(name)


def test_a_file_that_cannot_be_written_stops_no_answer(window: Window, tmp_path: Path) -> None:
    (tmp_path / "kept.sqlite3").write_bytes(b"no database at all, but long enough to be taken for one" * 20)
    talk = last(window.ask("", Talk(), DUSHANBE, scope=ALL))
    assert talk.exchanges[0].answer.status == "answered"
    assert "not kept" in talk.notice
    assert window.follow("", talk, "#say-1-right") is None
    assert "cannot be opened" in window.open("", "1").notice


def test_feedback_in_the_window_is_kept(window: Window, kept: Conversations) -> None:
    talk = last(window.ask("", Talk(), DUSHANBE, scope=ALL))
    for link in ("#say-1-missing", "#gold-1-none"):
        talk = window.follow("", talk, link) or Talk()
    assert kept.exchanges("", talk.id)[0].feedback == Feedback("missing", False)
    kept.delete("", talk.id)
    told = window.follow("", talk, "#unsay-1")
    assert told is not None
    assert "not kept" in told.notice
    assert "not kept" in last(window.ask("", talk, PLEDGE, scope=ALL)).notice


def test_the_sentence_that_answers_is_looked_for_in_all_articles(window: Window, kept: Conversations) -> None:
    talk = last(window.ask("", Talk(), PLEDGE, scope=ALL))
    for link in ("#say-1-missing", "#more-1"):
        talk = window.follow("", talk, link) or Talk()
    answer, further = talk.exchanges[0].answer, talk.exchanges[0].further or ()
    assert len(further) > len(answer.passages)
    assert not {(one.article, one.start) for one in further} & {(one.article, one.start) for one in answer.passages}
    chosen = window.follow("", talk, f"#gold-1-{further[-1].rank}-1")
    assert chosen is not None
    (question,), _ = kept.questions("")
    assert question["evidence"][0]["article"] == further[-1].article
    assert question["evidence"][0]["quotes"][0] in further[-1].text


def test_what_can_be_chosen_is_what_this_user_sees(tmp_path: Path, embedder: SentenceTransformerEmbedder) -> None:
    texts: dict[str, str | bytes] = {"a.txt": BRIDGE, "up/ada/b.md": f"---\noutlet: Lund Times\n---\n{QUAY}"}
    shelf = Shelf(tmp_path, embedder, texts)
    library = Library(shelf.chatbot, shelf.settings)
    window = Window(library, Conversations(tmp_path / "kept.sqlite3"), Models(shelf.chatbot, shelf.settings))
    hers, his = window.choices("ada"), window.choices("ben")
    assert [key for _, key in hers.articles] == ["a.txt", "up/ada/b.md"]
    assert (hers.outlets, his.outlets) == (("Lund Times",), ())
    assert [key for _, key in his.articles] == ["a.txt"]
    (shelf.articles / "c.txt").write_text(SECRET, encoding="utf-8")
    shelf.chatbot.update_index()
    assert "c.txt" in [key for _, key in window.choices("ben").articles]
    assert window.choices("ben").examples == ("What did the mayor Ola Nordmann say?",)


def test_a_source_is_shown_of_what_the_conversation_cites(
    window: Window, seeds_store: FaissStore, embedder: SentenceTransformerEmbedder
) -> None:
    talk = last(window.ask("", Talk(), DUSHANBE, scope=ALL))
    value = window.source("", talk, "#cite-1-1")
    assert value is not None
    assert value["before"] + value["mark"] + value["after"] == seeds_store.articles[value["key"]].text
    assert window.source("", talk, "#cite-2-1") is None
