"""Questions to begin with, made from the articles themselves: nothing is asked that they do not tell."""

from __future__ import annotations

import math
import re

from index import Store
from rag.asking import ask_speaker

_MOST = 4
_SEARCHED = 1000  # chunks: every visitor's window asks


def example_questions(store: Store) -> tuple[str, ...]:
    """A few questions, at most one an article, from all over the folder: what did a named speaker say?"""
    chunks = store.chunks[:_SEARCHED]
    vocabulary = {word for chunk in chunks for word in re.findall(r"\b[a-z]+\b", chunk.text)}
    articles = list(dict.fromkeys(chunk.article for chunk in chunks))
    apart = math.ceil(len(articles) / _MOST)  # neighbours in a folder often tell one story
    turn = {article: (at % apart, at) for at, article in enumerate(articles)}
    found: dict[str, str] = {}
    for chunk in sorted(chunks, key=lambda chunk: turn[chunk.article]):
        if chunk.article in found:
            continue
        for span in chunk.sentences:
            if asked := ask_speaker(chunk.sentence_text(span), vocabulary):
                found[chunk.article] = asked.question
                break
        if len(found) == _MOST:
            break
    return tuple(dict.fromkeys(found.values()))
