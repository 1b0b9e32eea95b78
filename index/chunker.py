"""Article → Chunks: whole sentences that together fit the embedder's window."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from index.records import Article, Chunk, Span
from index.sentences import paragraphs, sentences

CountTokens = Callable[[Sequence[str]], list[int]]

_SPECIAL_TOKENS = 2  # the model's own marks at both ends
_TITLE_TOKENS = 40  # a longer headline is cut: the text needs the room
_LONGEST = 1000  # characters; a longer "sentence" is looked at word by word
VERSION = 3  # changes when the same article would give other chunks


def context_text(chunk: Chunk) -> str:
    """What is embedded and searched for a chunk: its article's title, then its text."""
    return f"{chunk.title}\n{chunk.text}" if chunk.title else chunk.text


def chunk_article(article: Article, *, max_tokens: int, count_tokens: CountTokens) -> list[Chunk]:
    """Cut an article into chunks of whole sentences, at most `max_tokens` tokens each with its title.

    Paragraphs stay whole where they fit; short ones are joined. A sentence longer than a chunk is cut
    between words. Every word of the article is in exactly one chunk and one sentence.
    """
    title = _fitting_title(article.title, count_tokens)
    room = max_tokens - _SPECIAL_TOKENS - (count_tokens([title])[0] if title else 0)
    chunks: list[Chunk] = []
    for spans in _pack(article.text, room, count_tokens):
        start, end = spans[0][0], spans[-1][1]
        chunks.append(Chunk(article.key, start, end, article.text[start:end], tuple(spans), title))
    return chunks


def _fitting_title(title: str | None, count_tokens: CountTokens) -> str | None:
    while title and count_tokens([title])[0] > _TITLE_TOKENS:
        title = title.rpartition(" ")[0]
    return title or None


def _pack(text: str, room: int, count_tokens: CountTokens) -> Iterator[list[Span]]:
    """Groups of sentences, each group at most `room` tokens: a paragraph, several short ones, or a part of one."""
    pending: list[Span] = []
    filled = before = 0
    for paragraph in paragraphs(text):
        parts = [part for span in sentences(text, *paragraph) for part in _fitting(text, span, room, count_tokens)]
        # What stands before a sentence and is in none, a dash or a rule, takes room too.
        starts = [before, *(end for _, end in parts)]
        sizes = count_tokens([text[start:end] for start, (_, end) in zip(starts, parts, strict=False)])
        total, before = sum(sizes), starts[-1]
        # What is pending stays with a paragraph that fits beside it, or that a mere heading belongs to.
        if pending and filled + total > room and filled > room // 4:
            yield pending
            pending, filled = [], 0
        # A paragraph for several chunks is cut into equal parts rather than a full one and a scrap.
        share = (filled + total) / max(1, math.ceil((filled + total) / room))
        for part, size in zip(parts, sizes, strict=True):
            if pending and (filled + size > room or (total > room and filled + size / 2 > share)):
                yield pending
                pending, filled = [], 0
            pending.append(part)
            filled += size
        # A paragraph that fills most of a chunk is a unit of its own.
        if filled > room // 2:
            yield pending
            pending, filled = [], 0
    if pending:
        yield pending


def _fitting(text: str, span: Span, room: int, count_tokens: CountTokens) -> Iterator[Span]:
    """The sentence, or, where it is longer than a chunk, parts of it cut between words (in a word, at the last)."""
    start, end = span
    while end - start > _LONGEST or count_tokens([text[start:end]])[0] > room:
        cut = min(end, start + _LONGEST)
        while count_tokens([text[start:cut]])[0] > room:
            cut = start + max(1, (cut - start) * 2 // 3)
        if cut < end:
            space = max(text.rfind(mark, start + 1, cut) for mark in (" ", "\t", "\n", "\u00a0"))
            cut = space if space > start else cut
        yield start, cut
        start = cut
        while start < end and text[start].isspace():
            start += 1
        if start >= end:
            return
    yield start, end
