"""The messages of a conversation: questions, pairs of answers, what the reader says of them."""

from __future__ import annotations

from dataclasses import replace
from html import unescape

import pytest

from rag import render
from rag.errors import QuestionError
from rag.records import Answer
from rag.talk import Exchange, Talk, assessed, failed
from rag.transcript import bar, conversation, feedback, invitation, model_label, question, scope_label, scope_problem
from tests.test_render import ELEMENTS, HOSTILE, Page, answered, passage
from tests.test_talk import done, kept


def test_the_messages_of_a_conversation() -> None:
    messages = conversation((done(answered("One.")), Exchange("writing", answered("Two."))))
    assert [message["role"] for message in messages] == ["user", "assistant", "user", "assistant"]
    assert messages[0]["content"].startswith('<div class="asked"><div class="question">Who&#63;</div>')
    assert "#cite-1-1" in messages[1]["content"]
    assert "#cite-2-1" in messages[3]["content"]
    assert "Writing…" in messages[3]["content"]


def test_a_question_that_cannot_be_asked_says_why() -> None:
    answer = failed("x" * 100_000, QuestionError("Too long: 100,000 characters."))
    message = render.message(answer, 1)
    assert message.startswith('<div class="answer failed">')
    assert "Too long: 100,000 characters." in Page(message).text
    assert len(answer.question) < 2_000
    assert len(question("x" * 100_000)) < 2_000
    assert "(100,000 characters)" in question("x" * 100_000)


def test_answers_side_by_side_are_one_message_with_their_models() -> None:
    first, second = (Exchange("done", replace(answered("So."), model=name)) for name in ("one", "two"))
    messages = conversation((first, replace(second, beside=True), done(answered("On."))))
    assert [message["role"] for message in messages] == ["user", "assistant"] * 2
    assert messages[1]["content"].startswith('<div class="pair"><div class="answer answered"><p class="model">one</p>')
    assert Page(messages[1]["content"]).links()[0] == "#cite-1-1"
    assert "#cite-2-1" in Page(messages[1]["content"]).links()
    assert 'class="model"' not in messages[3]["content"]
    assert "#cite-3-1" in messages[3]["content"]


def test_what_can_be_said_of_an_answer() -> None:
    talk = kept(answered("One."), Answer("Where?", "Where?", "abstained"))
    assert Page(feedback(talk.exchanges[0], 1)).links() == [
        "#say-1-right", "#say-1-wrong", "#say-1-wrong_citation", "#say-1-not_supported", "#say-1-missing",
    ]  # fmt: skip
    asking = Exchange("done", Answer("And?", "And?", "abstained", clarification="Which?"), number=3)
    for exchange, asked in (
        (talk.exchanges[1], "Is it right that there is no answer?"),
        (asking, "right to ask back?"),
    ):
        page = Page(feedback(exchange, 2))
        assert page.links() == ["#say-2-right", "#say-2-wrong"]
        assert asked in page.text
    for exchange in (done(answered("One.")), Exchange("writing", answered("One."), number=1)):
        assert feedback(exchange, 1) == ""


def test_where_it_was_right_to_ask_back_the_test_says_so() -> None:
    asking = Answer("And?", "And?", "abstained", clarification="Which?")
    for link, told in (
        ("#say-1-right", "not be answered without asking back"),
        ("#say-1-wrong", "Which sentences answer"),
    ):
        _, said = assessed(kept(asking), link) or (Talk(), None)
        assert said is not None
        assert told in Page(feedback(said, 1)).text


def test_the_sentences_that_may_answer_are_offered_and_what_was_chosen_is_told() -> None:
    talk, said = assessed(kept(answered("One.")), "#say-1-missing") or (Talk(), None)
    assert said is not None
    page = Page(feedback(said, 1))
    assert page.links() == ["#unsay-1", "#gold-1-none", "#gold-1-2-1", "#more-1"]
    assert "Headline" not in [line.strip() for line in page.text.split(".")]
    _, chosen = assessed(talk, "#gold-1-2-1") or (Talk(), None)
    assert chosen is not None
    assert "the answer must cite “The minister said <b>no</b>.”" in Page(feedback(chosen, 1)).text
    (opened,) = [attributes for tag, attributes in Page(feedback(chosen, 1)).elements if tag == "details"]
    assert "open" in opened
    assert "<details><summary>Choose more" in feedback(replace(chosen, choosing=False), 1)
    _, none = assessed(talk, "#gold-1-none") or (Talk(), None)
    assert none is not None
    assert "the articles do not say" in Page(feedback(none, 1)).text


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_shows_and_does_nothing_else(text: str) -> None:
    article = passage(1, 0, 8)
    long = f"{render.visible(text)} and quite some letters behind it"
    answer = replace(
        answered(text), question=text, model=text, passages=(replace(article, text=long, title=text, article=text),)
    )
    talk, _ = assessed(kept(answer), "#say-1-missing") or (Talk(), None)
    pair = (*talk.exchanges, Exchange("done", answer, beside=True))
    told = [message["content"] for message in conversation(pair)]
    told += [bar(Talk(notice=text)), question(text)]
    for message in told:
        page = Page(message)
        assert " ".join(unescape(render.escape(text)).split()) in " ".join(page.text.split())
        assert {tag for tag, _ in page.elements} <= ELEMENTS
        assert all(set(attributes) <= {"class", "href", "title", "role"} for _, attributes in page.elements)
        assert all(
            (link or "").startswith(("#cite-", "#passage-", "#unsay-", "#gold-", "#edit-", "#undo-", "#more-"))
            for link in page.links()
        )
        assert "\n" not in message
        assert not set("`[]!{}$\\*~|") & set(message)


def test_what_a_link_does_is_told_a_screen_reader() -> None:
    talk, said = assessed(kept(answered("One.")), "#say-1-missing") or (Talk(), None)
    assert said is not None
    drawn = [message["content"] for message in conversation(kept(answered("One."), answered("Two.")).exchanges)]
    drawn += [message["content"] for message in conversation(talk.exchanges)] + [bar(replace(talk, editing=1))]
    links = [attributes for text in drawn for tag, attributes in Page(text).elements if tag == "a"]
    for link in links:
        leads = (link["href"] or "").startswith(("#cite-", "#passage-"))
        assert link.get("role") == (None if leads else "button")
    assert len({(link["href"] or "").partition("-")[0] for link in links}) == 8


def test_before_the_first_question_the_window_says_what_to_do() -> None:
    assert invitation(articles=True, uploads=True) == "Ask the articles."
    assert "Add some" in invitation(articles=False, uploads=True)
    assert "articles folder" in invitation(articles=False, uploads=False)


def test_the_bar_tells_what_is_edited_and_what_is_not_kept() -> None:
    assert bar(Talk()) == ""
    talk = kept(answered("One."), answered("Two."))
    assert "all that comes after it are replaced" in bar(replace(talk, editing=1))
    assert "Its answer is replaced" in bar(replace(talk, editing=2))
    assert Page(bar(replace(talk, editing=2))).links() == ["#leave-2"]
    assert "disk is full" in Page(bar(Talk(notice="disk is full"))).text


def test_the_filters_are_told_when_folded_away() -> None:
    assert scope_label() == "All articles"
    assert scope_label(words=False) == "All articles, whatever the question's words say"
    told = scope_label(since="2026-01-01", until=" ", outlets=["The Paper", "News\u202e"], articles=["a.txt"])
    assert told == "Only articles: since 2026-01-01 · The Paper, News · 1 article"
    assert scope_label(since="2026", until="May 2026") == "Only articles: since 2026-01-01 · until 2026-05-31"
    assert scope_label(since="<b>") == "Only articles: since “<b>”?"


def test_a_date_that_cannot_be_read_is_told_as_text() -> None:
    assert scope_problem("2024", "May 2024") == ""
    assert "“<img src=x>”" in Page(scope_problem("<img src=x>")).text
    assert "<img" not in scope_problem("<img src=x>")
    assert model_label("a", "a") == "Answered by a"
    assert model_label("gguf:/models/of/mine/small.gguf") == "Answered by gguf:small.gguf"
    assert model_label("openai:mine/small") == "Answered by openai:mine/small"
    assert model_label("extractive") == "Quoted from the articles, no language model"
    assert model_label("extractive", "b") == "Side by side: Quoted from the articles, no language model; b"
