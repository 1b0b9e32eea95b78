"""The sentences of the evidence as someone's statements: what is set against each other where sources disagree."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index import Chunk, Span, Store
from rag.attribution import Speech, speeches
from rag.scorer import Scored

_READ = 30  # sentences of the evidence, the likeliest first
_READ_SURELY = 2.5  # the reader's score from which two sentences answer the same question
_AS_SURELY, _AS_LIKELY = 0.5, 1.5  # how much less sure, and likely, one may be than the first that is as good as it
DENIES_THIS = re.compile(
    r"\b(?:den(?:y|ies|ied)|reject(?:s|ed)?|dismiss(?:es|ed)|disput(?:es|ed)) (?:that\b(?! \w)|this|it|them|"
    r"(?:the|these|those|all|any|such)(?: \w+)? (?:accusation|claim|allegation|charge|report|suggestion)s?)\b"
)
"""A sentence that denies what the one before it says."""
SETS_AGAINST = re.compile(
    r"\b(?:but|however|whereas|instead|(?:in|by) contrast|disput\w+|disagree\w*|contradict\w*|only|closer to|"
    r"higher|lower|(?:speaks?|spoke) of|(?:puts?|putting|placed|places|gave|gives|set) (?:the|that|this|it|its|their)|"
    r"other estimates?|the (?:real|true|actual)|as (?:many|few|high|low|much|little) as)\b",
    re.IGNORECASE,
)
"""A sentence that may set a figure of its own against that of the one before it."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of an article with who says it. `span` is in the article.

    `answer` are the words of the text that answer what was asked, where a reader found them surely to do so.
    """

    article: str
    span: Span
    text: str
    speech: Speech
    vector: NDArray[np.float32]
    answer: Span | None = None


def statements(evidence: Sequence[Scored], store: Store) -> list[Statement]:
    """The likeliest sentences of the evidence, with their speakers, and those behind them that speak against them."""
    found: dict[tuple[str, Span], Statement] = {}
    for sentence in evidence[:_READ]:
        chunk, row = sentence.candidate.chunk, sentence.candidate.row
        at = chunk.sentences.index(sentence.span)
        answer = sentence.answer if _answers(sentence, evidence[0]) else None
        found[chunk.article, sentence.span] = _statement(chunk, at, store.sentence_vectors(row)[at], answer)
        for span in chunk.sentences[at + 1 : at + 2]:
            if any(against.search(chunk.sentence_text(span)) for against in (DENIES_THIS, SETS_AGAINST)):
                reply = _statement(chunk, at + 1, store.sentence_vectors(row)[at + 1])
                found.setdefault((chunk.article, span), reply)
    return list(found.values())


def _answers(sentence: Scored, first: Scored) -> bool:
    """Whether the reader takes a sentence for an answer: surely, or as surely as the first, which ranks no better."""
    if sentence.read is None or first.read is None:
        return False
    as_good = sentence.read >= first.read - _AS_SURELY and sentence.score >= first.score - _AS_LIKELY
    return sentence.read >= _READ_SURELY or as_good


def _statement(chunk: Chunk, at: int, vector: NDArray[np.float32], answer: Span | None = None) -> Statement:
    span = chunk.sentences[at]
    text = chunk.sentence_text(span)
    before = [chunk.sentence_text(earlier) for earlier in chunk.sentences[:at]]
    inside = (answer[0] - span[0], answer[1] - span[0]) if answer else None
    return Statement(chunk.article, span, text, speeches(text, before)[0], vector, inside)
