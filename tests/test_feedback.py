"""Feedback becomes questions of a questions file that `eval` and pytest can ask."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rag import Chatbot
from rag.cli import app
from rag.evaluation import evaluate
from rag.feedback import Feedback, as_question, judged, proposals
from rag.questions import Gold, json_lines, read_questions
from rag.web.conversations import CONVERSATIONS, Conversations
from tests.test_api import DUSHANBE, mounted

PLEDGE = "How much money did China pledge to the Afghan security forces?"


def test_a_wrong_answer_becomes_a_test_that_fails_until_it_is_mended(chatbot: Chatbot, tmp_path: Path) -> None:
    kept = Conversations(tmp_path / "kept.sqlite3")
    id = kept.start("").id
    answer = chatbot.ask(DUSHANBE)
    passage, texts = next(
        (one, found) for one, found in proposals(answer) if one.article != answer.citations[0].article
    )
    number = kept.add("", id, answer.to_dict())
    kept.assess("", id, number, Feedback("wrong_citation", True, (Gold(passage.article, (texts[0],)),)))
    file = tmp_path / "feedback.jsonl"
    file.write_text(json_lines(kept.questions("")[0]), encoding="utf-8")
    (case,) = read_questions(file)
    (done,) = evaluate(chatbot, [case])
    assert done.scores["citation_recall"] == 0
    assert case.kind == "feedback: wrong citation"


def test_a_right_answer_becomes_a_test_that_passes(chatbot: Chatbot, tmp_path: Path) -> None:
    answer = chatbot.ask(PLEDGE)
    record = as_question("one", judged(answer, "right"), answer.to_dict(), ["earlier"])
    assert record is not None
    assert record["history"] == []  # the answer took nothing from it
    file = tmp_path / "q.jsonl"
    file.write_text(json_lines([record]), encoding="utf-8")
    (done,) = evaluate(chatbot, read_questions(file))
    assert done.scores["citation_recall"] == 1


def test_what_leans_on_the_conversation_keeps_it() -> None:
    answer = {"question": "And when?", "standalone_question": "When did China pledge?", "filters": "outlet News"}
    record = as_question("one", Feedback("missing", False), answer, [PLEDGE])
    assert record == {
        "id": "one",
        "kind": "feedback: missing",
        "history": [PLEDGE],
        "question": "And when?",
        "answerable": False,
        "evidence": [],
        "asked_of": "outlet News",
    }
    assert as_question("one", Feedback("missing"), answer, []) is None


def test_the_command_adds_what_the_file_does_not_have_yet(
    chatbot: Chatbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATELINE_DATA", str(tmp_path))
    kept, file = Conversations(tmp_path / CONVERSATIONS), tmp_path / "feedback.jsonl"
    answer = chatbot.ask(PLEDGE).to_dict()
    for user in ("ada", "ben"):
        id = kept.start(user).id
        kept.add(user, id, answer)
        kept.add(user, id, answer, beside=True)
        kept.assess(user, id, 1, Feedback("missing"))
        kept.assess(user, id, 2, Feedback("not_supported", False))
    said = CliRunner().invoke(app, ["feedback", str(file)])
    assert (said.exit_code, len(read_questions(file))) == (0, 2)
    assert "2 more tell what is wrong, but not what is right" in said.stderr
    assert CliRunner().invoke(app, ["feedback", str(file)]).exit_code == 0
    assert len(read_questions(file)) == 2
    assert len(kept.questions("ada")[0]) == 1


def test_feedback_is_a_user_s_own_and_goes_with_the_answer(chatbot: Chatbot, tmp_path: Path) -> None:
    client = mounted(chatbot, tmp_path)
    id = client.post("/api/conversations", json={}).json()["id"]
    client.post("/api/ask", json={"question": PLEDGE, "conversation": id})
    kept = Conversations(tmp_path / "data" / CONVERSATIONS)
    kept.assess("", id, 1, Feedback("missing", False))
    (line,) = client.get("/api/feedback").text.splitlines()
    assert json.loads(line)["question"] == PLEDGE
    assert kept.exchanges("", id)[0].feedback == Feedback("missing", False)
    kept.assess("", id, 1, None)
    assert client.get("/api/feedback").text == ""
    kept.assess("", id, 1, Feedback("missing", False))
    kept.cut("", id, 1)
    assert client.get("/api/feedback").text == ""
    assert kept.exchanges("", id) == ()
