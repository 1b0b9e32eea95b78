"""A part of a store, for somebody who may see no more: nothing of the rest is left in it, not even in its figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from index.listing import file_of
from index.records import Article
from index.store import FaissStore


def restrict(store: FaissStore, visible: Callable[[str], bool]) -> FaissStore:
    """The store of the articles that lie in a visible file; the store itself when all of its files are visible.

    An article that is indexed under a hidden place and has a visible copy takes that copy's name. Word statistics
    and near-duplicates are counted anew: those of the whole would tell what the hidden articles hold.
    """
    files = store.manifest.files
    keys = {key for article in store.articles.values() for key in (article.key, *article.also)}
    hidden = {key for key in keys if not visible(file_of(key, files))}
    if not hidden and all(map(visible, (*files, *(item.path for item in store.manifest.skipped)))):
        return store
    seen = {key: shown for key, article in store.articles.items() if (shown := _seen(article, hidden, files))}
    told = {key for key, shown in seen.items() if shown.key == key}  # of a copy the remark names the hidden place
    numbers = [number for number, key in enumerate(store.articles) if key in seen]
    rows = [row for row, chunk in enumerate(store.chunks) if chunk.article in seen]
    chunks = [store.chunks[row] for row in rows]
    chunks = [replace(chunk, article=seen[chunk.article].key, title=seen[chunk.article].title) for chunk in chunks]
    sentences = [store.sentence_vectors(row) for row in rows]
    none = store.all_sentence_vectors[:0]
    manifest = replace(
        store.manifest,
        files={file: digest for file, digest in files.items() if visible(file)},
        skipped=tuple(item for item in store.manifest.skipped if visible(file_of(item.path, files))),
        remarks=tuple(item for item in store.manifest.remarks if item.path in told),
        articles=len(seen),
        chunks=len(chunks),
        sentences=sum(map(len, sentences)),
    )
    return FaissStore.from_chunks(
        manifest,
        _grouped(list(seen.values())),
        chunks,
        store.chunk_vectors(rows),
        np.concatenate([none, *sentences]),
        store.signatures[numbers],
    )


def _seen(article: Article, hidden: set[str], files: Mapping[str, str]) -> Article | None:
    copies = tuple(copy for copy in article.copies if copy.key not in hidden)
    if article.key not in hidden:
        return replace(article, copies=copies)
    if not copies:
        return None
    first, *rest = copies
    return replace(
        article,
        key=first.key,
        file=file_of(first.key, files),
        title=first.title,
        outlet=first.outlet,
        author=first.author,
        published=first.published,
        url=first.url,
        copies=tuple(rest),
    )


def _grouped(articles: list[Article]) -> list[Article]:
    """The articles, each group named by the first that is left of it, and none where only one is left."""
    sizes = Counter(article.group for article in articles)
    leaders: dict[str, str] = {}
    for article in articles:
        if article.group and sizes[article.group] > 1:
            leaders.setdefault(article.group, article.key)
    return [replace(article, group=leaders.get(article.group or "")) for article in articles]
