"""Feedback becomes questions of a questions file that `eval` and pytest can ask."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rag import Chatbot
from rag.cli import app
from rag.errors import QuestionsFileError
from rag.evaluation import evaluate
from rag.feedback import Feedback, as_question, judged, proposals
from rag.filters import Filters
from rag.questions import Gold, json_lines, read_questions
from rag.records import Passage
from rag.web.conversations import CONVERSATIONS, Conversations
from tests.test_api import DUSHANBE, mounted

PLEDGE = "How much money did China pledge to the Afghan security forces?"


def test_a_wrong_answer_becomes_a_test_that_fails_until_it_is_mended(chatbot: Chatbot, tmp_path: Path) -> None:
    kept = Conversations(tmp_path / "kept.sqlite3")
    id = kept.start("").id
    answer = chatbot.ask(DUSHANBE)
    passage, texts = next(
        (one, found) for one, found in proposals(answer.passages) if one.article != answer.citations[0].article
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


def test_a_wrong_question_back_becomes_a_test_that_fails_and_a_right_one_a_test_that_passes(
    chatbot: Chatbot, tmp_path: Path
) -> None:
    asked = chatbot.ask("And why did it say so?")
    assert asked.clarification
    gold = Gold(chatbot.ask(PLEDGE).citations[0].article)
    said = {"wrong": Feedback("wrong", True, (gold,)), "right": judged(asked, "right")}
    records = [as_question(id, feedback, asked.to_dict(), []) for id, feedback in said.items()]
    file = tmp_path / "q.jsonl"
    file.write_text(json_lines(record for record in records if record), encoding="utf-8")
    wrong, right = evaluate(chatbot, read_questions(file))
    assert wrong.scores["citation_recall"] == 0
    assert right.scores["abstained"] == 1


def test_what_leans_on_the_conversation_keeps_it() -> None:
    scope = {"outlets": ["News"], "words": False}
    answer = {"question": "And when?", "standalone_question": "When did China pledge?", "scope": scope}
    record = as_question("one", Feedback("missing", False), answer, [PLEDGE])
    assert record == {
        "id": "one",
        "kind": "feedback: missing",
        "history": [PLEDGE],
        "question": "And when?",
        "answerable": False,
        "evidence": [],
        "filters": {"outlets": ["News"], "words": False},
    }
    assert as_question("one", Feedback("missing"), answer, []) is None


def test_a_question_keeps_the_filters_that_it_was_asked_with(chatbot: Chatbot, tmp_path: Path) -> None:
    filters = Filters(outlets=("Eurasia Daily Monitor",))
    answer = chatbot.ask(DUSHANBE, filters=filters)
    assert answer.scope == filters.fields()
    assert chatbot.ask(DUSHANBE).scope is None
    record = as_question("one", Feedback("missing", False), answer.to_dict(), [])
    assert record is not None
    file = tmp_path / "q.jsonl"
    file.write_text(json_lines([record, {**record, "id": "two", "filters": {"words": False}}]), encoding="utf-8")
    (narrow, wide) = evaluate(chatbot, read_questions(file))
    assert narrow.answer.filters == "outlet Eurasia Daily Monitor"
    assert {passage.outlet for passage in narrow.answer.passages} == {"Eurasia Daily Monitor"}
    assert wide.answer.filters is None


@pytest.mark.parametrize(
    "filters", [{"since": "soon"}, {"outlet": ["News"]}, {"outlets": "News"}, {"outlets": [1]}, {"words": "no"}, []]
)
def test_filters_that_mean_nothing_are_told(tmp_path: Path, filters: object) -> None:
    file = tmp_path / "q.jsonl"
    file.write_text(json.dumps({"id": "a", "question": "Who?", "answerable": True, "filters": filters}), "utf-8")
    with pytest.raises(QuestionsFileError, match=r"line 1.*filters"):
        read_questions(file)


def test_the_sentences_offered_hold_no_title_and_no_line_of_dates() -> None:
    text = "Mayor closes the bridge at Vik\nPublished 3 January 2017\n\nThe mayor closed it. Boats go instead."
    passages = [Passage(1, "a.txt", 0, len(text), 1.0, text), Passage(2, "b.txt", 0, 30, 1.0, text[:30])]
    (_, sentences), (_, heading) = proposals(passages)
    assert sentences == ["The mayor closed it.", "Boats go instead."]
    assert heading == [text[:30]]  # where there is nothing else


def test_without_feedback_the_command_says_so_and_eval_names_the_mend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATELINE_DATA", str(tmp_path))
    file = tmp_path / "feedback.jsonl"
    said = CliRunner().invoke(app, ["feedback", str(file)])
    assert (said.exit_code, file.exists()) == (0, False)
    assert "nothing is written" in said.stderr
    assert "docs/window.md" in said.stderr
    asked = CliRunner().invoke(app, ["eval", str(file)])
    assert asked.exit_code == 1
    assert "There is no questions file" in asked.stderr
    assert "dateline feedback" in asked.stderr


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
    assert "2 more tell what is wrong, but not what is right: open their conversations in the window" in said.stderr
    kept.assess("ben", id, 1, None)
    said = CliRunner().invoke(app, ["feedback", str(file)])
    assert "1 more tells what is wrong, but not what is right: open its conversation in the window" in said.stderr
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
