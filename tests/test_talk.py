"""The conversation of a window: what its links mean, and how each step changes it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag import render
from rag.composing import Update
from rag.errors import QuestionError
from rag.feedback import Feedback
from rag.questions import Gold
from rag.records import Answer, Passage, Turn
from rag.talk import (
    Exchange,
    Link,
    Talk,
    asked_again,
    assessed,
    begun,
    edited,
    edited_question,
    failed,
    found_further,
    grown,
    history,
    read_link,
    stopped,
    unfound,
)
from tests.test_render import Page, answered


def done(answer: Answer) -> Exchange:
    return Exchange("done", answer)


def kept(*answers: Answer) -> Talk:
    """A conversation whose answers are kept, and can be judged."""
    return Talk("1", tuple(Exchange("done", answer, number=at) for at, answer in enumerate(answers, start=1)))


@pytest.mark.parametrize(
    ("link", "read"),
    [
        ("#cite-1-2", Link("cite", 1, number=2)),
        ("#undo-3", Link("undo", 3)),
        ("#edit-1", Link("edit", 1)),
        ("#say-1-wrong_citation", Link("say", 1, word="wrong_citation")),
        ("#gold-2-3-4", Link("gold", 2, number=3, place=4)),
        ("#gold-2-none", Link("gold", 2, word="none")),
        ("#unsay-9", Link("unsay", 9)),
        ("#more-1", Link("more", 1)),
    ],
)
def test_a_link_is_read(link: str, read: Link) -> None:
    assert read_link(link) == read


@pytest.mark.parametrize(
    "link",
    [None, 7, "#cite-1", "#cite-1-2-3", "#cite-1-none", "#say-1", "#say-1-2", "#gold-1", "#gold-1-2", "#gold-1-right",
     "#edit-1-1", "#edit-0", "#unsay-1-right", "#wipe-1", "#say-1-<b>", "#edit-1\n", "edit-1", "#gold-1-2-0"],
)  # fmt: skip
def test_any_other_link_means_nothing(link: object) -> None:
    assert read_link(link) is None
    talk = kept(answered("One."))
    assert edited(talk, link) is None
    assert assessed(talk, link) is None


def test_what_was_understood_can_be_undone() -> None:
    turns = [done(answered("So.")), done(replace(answered("So."), question="And why?"))]
    assert asked_again(turns, "#undo-2") == "And why?"
    for link in ("#undo-3", "#undo-0", "#undo-", "#cite-1-1", "undo-2", None, 2, "#all-3", "#all-1-1"):
        assert asked_again(turns, link) is None


def test_of_all_articles_it_is_asked_as_it_was_understood() -> None:
    asked = replace(answered("So."), question="And in 2016?", standalone_question="Who left in 2016?")
    assert asked_again([done(asked)], "#all-1") == "Who left in 2016?"


def test_history_is_what_was_asked_and_answered() -> None:
    refused = done(failed("", QuestionError("Empty.")))
    abstained = done(Answer("Where?", "Where?", "abstained", text="They do not say."))
    turns = (done(answered("One.")), refused, abstained)
    assert history(turns) == (Turn("Who?", "One."), Turn("Where?", ""))


def test_a_stopped_answer_keeps_what_it_has_and_says_so() -> None:
    finished = done(answered("One."))
    assert stopped(Talk()) == Talk()
    assert stopped(Talk("", (finished,))) == Talk("", (finished,))
    (_, partial) = stopped(Talk("", (finished, Exchange("writing", answered("Two [1]."))))).exchanges
    page = Page(render.message(partial.answer, 2, partial.phase))
    assert "Two" in page.text
    assert "Stopped before the answer was complete." in page.text
    unbegun = (
        Exchange("searching", Answer("Q?", "Q?", "answered")),
        Exchange("searching", Answer("Q?", "Q?", "answered")),
    )
    nothing, neither = stopped(Talk("", unbegun)).exchanges
    assert nothing.answer.status == neither.answer.status == "failed"


def test_an_edited_question_takes_the_place_of_all_that_followed() -> None:
    talk = kept(answered("One."), answered("Two."), answered("Three."))
    editing = edited(talk, "#edit-2")
    assert editing is not None
    assert edited_question(editing) == "Who?"
    left = edited(editing, "#leave-2")
    assert left == talk
    assert edited(talk, "#edit-4") is None
    asked = begun(editing, "Who else?", ["extractive"])
    assert [one.answer.question for one in asked.exchanges] == ["Who?", "Who else?"]
    assert asked.editing is None


def test_two_models_answer_side_by_side_and_history_holds_one_of_them() -> None:
    talk = begun(kept(answered("One.")), "And why?", ["a", "b"])
    assert [(one.phase, one.answer.model, one.beside) for one in talk.exchanges[1:]] == [
        ("searching", "a", False),
        ("searching", "b", True),
    ]
    talk = grown(talk, 2, Update("done", replace(answered("Two."), question="And why?")))
    talk = grown(talk, 3, Update("done", replace(answered("Another."), question="And why?")))
    assert history(talk.exchanges) == (Turn("Who?", "One."), Turn("And why?", "Two."))


def test_a_right_answer_is_a_test_with_one_choice() -> None:
    said = assessed(kept(answered("One.")), "#say-1-right")
    assert said is not None
    feedback = said[1].feedback
    assert feedback is not None
    assert feedback.answerable
    assert feedback.evidence == (Gold("a/one.txt", ("The minister said", "He left [1] early")),)
    taken_back = assessed(said[0], "#unsay-1")
    assert taken_back is not None
    assert taken_back[0] == kept(answered("One."))


def test_a_wrong_answer_is_a_test_with_two_choices() -> None:
    talk, said = assessed(kept(answered("One.")), "#say-1-wrong_citation") or (Talk(), None)
    assert said is not None
    assert said.feedback is not None
    assert said.feedback.answerable is None
    shown = assessed(talk, "#gold-1-2-1")
    assert shown is not None
    assert shown[1].feedback is not None
    (gold,) = shown[1].feedback.evidence
    assert gold == Gold("a/one.txt", ("The minister said <b>no</b>.",))
    none = assessed(talk, "#gold-1-none")
    assert none is not None
    assert none[1].feedback is not None
    assert (none[1].feedback.answerable, none[1].feedback.evidence) == (False, ())
    for link in ("#gold-1-2-9", "#gold-1-9-1", "#gold-2-none"):
        assert assessed(talk, link) is None


def test_several_sentences_may_answer_and_each_can_be_dropped_again() -> None:
    talk, _ = assessed(kept(answered("One.")), "#say-1-missing") or (Talk(), None)
    other = Passage(3, "a/two.txt", 0, 30, 0.5, "He left for the coast at noon.")
    talk = found_further(talk, 1, [other])
    golds = [Gold("a/one.txt", ("The minister said <b>no</b>.",)), Gold("a/two.txt", (other.text,))]
    for link, evidence in (
        ("#gold-1-2-1", golds[:1]),
        ("#gold-1-3-1", golds),
        ("#gold-1-2-1", golds[1:]),
        ("#gold-1-3-1", []),
    ):
        talk, said = assessed(talk, link) or (Talk(), None)
        assert said is not None
        assert said.feedback == Feedback("missing", True if evidence else None, tuple(evidence))


def test_the_passage_that_answers_may_be_found_further_on() -> None:
    talk, _ = assessed(kept(answered("One.")), "#say-1-missing") or (Talk(), None)
    assert unfound(talk, "#more-1") == (1, talk.exchanges[0].answer)
    ranks = [one.rank for one in talk.exchanges[0].answer.passages]
    same = talk.exchanges[0].answer.passages[0]
    other = replace(same, article="a/two.txt", start=7, text="He left for the coast at noon.")
    talk = found_further(talk, 1, [same, other])
    (found,) = talk.exchanges[0].further or ()
    assert (found.article, found.rank) == ("a/two.txt", max(ranks) + 1)
    assert unfound(talk, "#more-1") is None
    shown = assessed(talk, f"#gold-1-{found.rank}-1")
    assert shown is not None
    assert shown[1].feedback is not None
    assert shown[1].feedback.evidence == (Gold("a/two.txt", ("He left for the coast at noon.",)),)
    for link in ("#more-2", "#edit-1", None):
        assert unfound(kept(answered("One.")), link) is None


def test_what_is_not_kept_or_not_meant_cannot_be_judged() -> None:
    assert assessed(Talk("1", (done(answered("One.")),)), "#say-1-right") is None
    abstained = Answer("Where?", "Where?", "abstained")
    assert assessed(kept(replace(abstained, status="failed")), "#say-1-right") is None  # stopped before it began
    assert assessed(kept(abstained), "#say-1-wrong_citation") is None
    assert assessed(kept(abstained), "#say-1-missing") is None  # all of it is
    assert assessed(kept(abstained), "#say-1-wrong") is not None
    assert assessed(kept(answered("One.")), "#gold-1-2-1") is None  # nothing was said to be wrong
