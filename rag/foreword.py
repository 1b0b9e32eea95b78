"""What stands before a passage in its article, for whoever reads the passage alone: the headline, or else the words
that open the article, and the sentence just before. "He resigned on Monday" says little without them."""

from __future__ import annotations

from index import Chunk, Store

_HEADLINE_WORDS = 16  # a few words of each do: more are no better, and every one is read ten times
_BEFORE_WORDS = 20
_ENDS = (".", "!", "?", ":", "…", '"', "”")


def foreword(headline: str, before: str) -> str:
    """The first words of a headline, or of what opens the article, and the last ones before the passage."""
    told = headline.split()[:_HEADLINE_WORDS]
    if told and not told[-1].endswith(_ENDS):
        told[-1] += "."
    return " ".join([*told, *before.split()[-_BEFORE_WORDS:]])


def foreword_of(row: int, store: Store) -> str:
    """What to read before a chunk, given by its row; empty where nothing stands there."""
    chunk = store.chunks[row]
    first = row
    while first and store.chunks[first - 1].article == chunk.article:
        first -= 1
    earlier = (_last_before(chunk, store.chunks[at]) for at in range(row - 1, first - 1, -1))
    before = next(filter(None, earlier), "")
    opening = store.chunks[first].text if before else ""
    return foreword(chunk.title or opening, before)


def _last_before(chunk: Chunk, earlier: Chunk) -> str:
    """The last sentence of an earlier chunk that ends before another begins; empty where none does."""
    spans = [span for span in earlier.sentences if span[1] <= chunk.start]
    return earlier.sentence_text(spans[-1]) if spans else ""
