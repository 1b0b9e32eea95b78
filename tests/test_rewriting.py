from __future__ import annotations

from collections.abc import Generator, Sequence

import pytest

from rag.errors import ModelUnavailable
from rag.llm import Message, ModelWriter, Usage
from rag.prompt import count_tokens
from rag.records import Turn
from rag.rewriting import understand
from rag.settings import Settings
from tests.conftest import Scripted

HISTORY = [Turn("Which group attacked the Oslo bridge?", "The Northern Front did it on Monday.")]
BY_RULES = "Which group attacked the Oslo bridge? And why?"


class Speaking:
    """A chat model that says what it is told."""

    name = "speaking"
    context_tokens = 2000

    def __init__(self, *texts: str | Exception) -> None:
        self.texts = list(texts)
        self.asked: list[str] = []

    def count(self, text: str) -> int:
        return count_tokens(text)

    def stream(self, messages: Sequence[Message], *, max_tokens: int, usage: Usage) -> Generator[str, None, None]:
        self.asked.append(messages[-1]["content"])
        text = self.texts.pop(0)
        if isinstance(text, Exception):
            raise text
        yield from (text[at : at + 3] for at in range(0, len(text), 3))


def test_the_model_says_it_when_there_is_one() -> None:
    model = Speaking(' "Why did the Northern Front attack the Oslo bridge?"\nBecause …')
    asked = understand("And why?", HISTORY, ModelWriter(model, Settings.load()))
    assert asked.text == "Why did the Northern Front attack the Oslo bridge?"
    assert "Q: Which group attacked the Oslo bridge?" in model.asked[0]


@pytest.mark.parametrize(
    "written",
    [
        "",
        "I cannot do that.",
        "And why?",
        "Why did the Southern League burn the Oslo bridge?",  # it knows what nobody said
        "When did the Northern Front attack the Oslo bridge?",  # it asks something else
        "Why did it attack the Oslo bridge?",  # it still leans
        "Why did the Northern Front attack the Oslo bridge, " * 20 + "?",
    ],
)
def test_what_does_not_hold_gives_way_to_the_rules(written: str) -> None:
    assert understand("And why?", HISTORY, ModelWriter(Speaking(written), Settings.load())).text == BY_RULES


def test_a_model_that_fails_gives_way_to_the_rules() -> None:
    model = Speaking(ModelUnavailable("gone"))
    assert understand("And why?", HISTORY, ModelWriter(model, Settings.load())).text == BY_RULES


def test_a_question_that_stands_alone_is_not_given_to_the_model() -> None:
    model = Speaking()
    question = "Who is the president of France?"
    assert understand(question, HISTORY, ModelWriter(model, Settings.load())).text == question
    assert model.asked == []


def test_a_writer_without_a_model_goes_by_the_rules() -> None:
    assert understand("And why?", HISTORY, Scripted()).text == BY_RULES
