"""What an index knows of its folder, place by place: the articles, further places of a text, files that gave none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from index.lexical import terms
from index.records import Article, Source
from index.store import Store

State = Literal["indexed", "duplicate", "skipped"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A place of the folder and what became of it.

    `article` holds its text; None when it was skipped. `reason` says why it was skipped, or which flaw it was read
    with. A duplicate has exactly the text of `article`, which is indexed under its own key.
    """

    key: str
    file: str
    state: State
    article: Article | None = None
    source: Article | Source | None = None  # what this very place tells of the article
    reason: str | None = None

    @property
    def words(self) -> str:
        """The words that it is found by: title, outlet, author and key, in folded case."""
        known = (self.source.title, self.source.outlet, self.source.author) if self.source else ()
        return " ".join(filter(None, (*known, self.key))).casefold()


def entries(store: Store) -> Iterator[Entry]:
    """Every place that the index knows of."""
    files = store.manifest.files
    remarks = {item.path: item.reason for item in store.manifest.remarks}
    for article in store.articles.values():
        yield Entry(article.key, article.file, "indexed", article, article, remarks.get(article.key))
        for copy in article.copies:
            yield Entry(copy.key, file_of(copy.key, files), "duplicate", article, copy)
    for item in store.manifest.skipped:
        yield Entry(item.path, file_of(item.path, files), "skipped", reason=item.reason)


def file_of(key: str, files: Mapping[str, str]) -> str:
    """The file that a key points into (file, file#id, file/inner, file:line); the key itself where none is known."""
    ends = (at for at in range(len(key), 0, -1) if at == len(key) or key[at] in "#/:")
    return next((key[:end] for end in ends if key[:end] in files), key)


def find(store: Store, found: Sequence[Entry], query: str, *, text: bool = False) -> list[Entry]:
    """The entries that hold every word of the query; with `text` a word in the article's text counts too."""
    words = query.casefold().split()
    if text:  # words that no index knows, "the" and "of", narrow nothing down
        words = [word for word in words if terms(word)] or words
    for word in words:
        inside = _articles_with(store, word) if text else frozenset()
        found = [item for item in found if word in item.words or (item.article and item.article.key in inside)]
    return list(found)


def _articles_with(store: Store, word: str) -> frozenset[str]:
    stems = terms(word)
    if not stems:
        return frozenset()
    rows = np.logical_and.reduce([store.lexical.scores({stem: 1.0}) > 0 for stem in stems])
    return frozenset(store.chunks[int(row)].article for row in np.flatnonzero(rows))
