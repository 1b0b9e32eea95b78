"""The doctor: holds an existing index against every promise made of it, and says the mend."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.build import Options
from index.chunker import context_text
from index.embedder import Embedder, Vectors
from index.encoding import has_text
from index.errors import ArticleIndexError
from index.folder import SIDECAR, folder_digest
from index.generations import MEND, Manifest, leftovers, read_current
from index.records import Article, Chunk
from index.sentences import says_something
from index.store import FaissStore

_OPENS = "it opens, and every file is as it was written"
_UNIT = 1e-3  # how far a vector's length may be from 1
_SAME = 1e-3  # how far a vector may be from the one that its text gives now
_SAMPLES = 16
_SHOWN = 5
_UPDATE = "Run `dateline build` to bring it in step."


@dataclass(frozen=True, slots=True)
class Finding:
    """One promise: whether it is kept, what was seen, and the mend when it is not."""

    promise: str
    kept: bool
    seen: str
    mend: str | None = None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All findings, in the order of the examination; it ends at the first that leaves nothing to examine."""

    findings: tuple[Finding, ...]

    @property
    def healthy(self) -> bool:
        """Whether every promise is kept."""
        return all(finding.kept for finding in self.findings)


def examine(articles_dir: Path, index_dir: Path, *, embedder: Embedder, options: Options) -> Diagnosis:
    """Examine an index. Writes nothing."""
    try:
        store = FaissStore.open(index_dir, embedder=embedder.fingerprint, chunking=options.chunking)
        generation, _ = read_current(index_dir)
    except ArticleIndexError as error:
        seen, mend, how = str(error).partition("Run `")  # each error ends with its mend
        return Diagnosis((Finding(_OPENS, False, seen.strip(), mend + how or MEND),))
    files = len(store.manifest.checksums) + 1
    opened = Finding(_OPENS, True, f"{files} files of {generation.name}")
    step = _in_step(articles_dir, index_dir, store.manifest, options)
    return Diagnosis((opened, *_findings(store, embedder), step, _left(index_dir, generation)))


def _findings(store: FaissStore, embedder: Embedder) -> Iterator[Finding]:
    chunks, sentences = len(store.chunks), sum(len(chunk.sentences) for chunk in store.chunks)
    counted = {"articles": len(store.articles), "chunks": chunks, "sentences": sentences}
    promised = {name: getattr(store.manifest, name) for name in counted}
    listed = ", ".join(f"{count} {name}" for name, count in counted.items())
    yield _finding("it holds what its manifest says", _differences(counted, promised), listed)
    yield _finding("every offset is exact", list(_wrong_offsets(store)), f"{chunks} chunks, {sentences} sentences")
    yield _finding("every chunk fits the embedder's window", _too_long(store, embedder), f"{embedder.window} tokens")
    yield _finding("the vectors are finite, of unit length, one each", list(_wrong_vectors(store, embedder)), "all")
    yield _finding("a text gives the vector that is kept", _changed_vectors(store, embedder), f"{_SAMPLES} tried")
    known = store.lexical.rows_on_disk if chunks else 0
    wrong_rows = [] if known == chunks else [f"{known} rows for {chunks} chunks"]
    yield _finding("the words of every chunk are indexed", wrong_rows, f"{known} rows")
    yield _finding("groups of near-duplicates are whole", list(_wrong_groups(store)), "all")


def _finding(promise: str, wrong: Sequence[str], seen: str) -> Finding:
    if not wrong:
        return Finding(promise, True, seen)
    more = f" and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
    return Finding(promise, False, "; ".join(wrong[:_SHOWN]) + more, MEND)


def _differences(counted: dict[str, int], promised: dict[str, int]) -> list[str]:
    return [f"{counted[name]} {name}, not {promised[name]}" for name in counted if counted[name] != promised[name]]


def _wrong_offsets(store: FaissStore) -> Iterator[str]:
    """Chunks that are not their article's text, and words that no sentence, or more than one, covers."""
    of_article: dict[str, list[Chunk]] = {key: [] for key in store.articles}
    for chunk in store.chunks:
        if chunk.article in of_article:
            of_article[chunk.article].append(chunk)
        else:
            yield f"{chunk.article} is not in the index"
    for article in store.articles.values():
        yield from wrong_offsets(article, of_article[article.key])


def wrong_offsets(article: Article, chunks: Iterable[Chunk]) -> Iterator[str]:
    """What is not exact in an article's chunks."""
    text, at = article.text, 0
    for chunk in chunks:
        where = f"{article.key}:{chunk.start}-{chunk.end}"
        if not 0 <= chunk.start < chunk.end <= len(text) or text[chunk.start : chunk.end] != chunk.text:
            yield f"{where} is not the article's text"
            return
        for start, end in chunk.sentences:
            if not chunk.start <= start < end <= chunk.end or start < at:
                yield f"{where}: the sentence {start}-{end} is out of place"
                return
            if says_something(text[at:start]):
                yield f"{article.key}:{at}-{start} is in no sentence"
            at = end
    if has_text(text[at:]):
        yield f"{article.key}:{at}-{len(text)} is in no sentence"


def _too_long(store: FaissStore, embedder: Embedder) -> list[str]:
    special = 2
    sizes = embedder.count_tokens([context_text(chunk) for chunk in store.chunks])
    return [
        f"{chunk.article}:{chunk.start}-{chunk.end} has {size + special} tokens"
        for chunk, size in zip(store.chunks, sizes, strict=True)
        if size + special > embedder.window
    ]


def _wrong_vectors(store: FaissStore, embedder: Embedder) -> Iterator[str]:
    rows = list(range(len(store.chunks)))
    yield from _wrong(store.chunk_vectors(rows), len(rows), embedder.dimension, "chunk")
    sentences = sum(len(chunk.sentences) for chunk in store.chunks)
    yield from _wrong(store.all_sentence_vectors, sentences, embedder.dimension, "sentence")


def _wrong(vectors: Vectors, count: int, dimension: int, what: str) -> Iterator[str]:
    if vectors.shape != (count, dimension):
        yield f"{what} vectors of shape {vectors.shape}, not {(count, dimension)}"
        return
    lengths = np.linalg.norm(vectors, axis=1)
    for row in np.flatnonzero(~(np.abs(lengths - 1) <= _UNIT)):  # so that NaN is wrong, too
        yield f"{what} {row} has a vector of length {lengths[row]}"


def _changed_vectors(store: FaissStore, embedder: Embedder) -> list[str]:
    """A few chunks, evenly spread, embedded anew."""
    rows = sorted({int(row) for row in np.linspace(0, len(store.chunks) - 1, _SAMPLES)}) if store.chunks else []
    now = embedder.encode([context_text(store.chunks[row]) for row in rows])
    apart = np.abs(now - store.chunk_vectors(rows)).max(axis=1, initial=0.0)
    found = zip(rows, apart, strict=True)
    return [f"chunk {row} is {distance:.4f} away" for row, distance in found if not distance <= _SAME]


def _wrong_groups(store: FaissStore) -> Iterator[str]:
    for article in store.articles.values():
        if article.group and (article.group not in store.articles or len(store.group_of(article.key)) < 2):
            yield f"{article.key} is in the group of {article.group}, which is not there or is empty"


def _in_step(articles_dir: Path, index_dir: Path, manifest: Manifest, options: Options) -> Finding:
    promise = "it is in step with the folder"
    try:
        now = folder_digest(articles_dir, options.reading, leave_out=index_dir)
    except ArticleIndexError as error:
        return Finding(promise, False, str(error), _UPDATE)
    if now != manifest.state:
        return Finding(promise, False, f"{articles_dir} or the settings changed since {manifest.built_at}", _UPDATE)
    files = len(manifest.files.keys() - {SIDECAR})
    return Finding(promise, True, f"{files} files, {len(manifest.skipped)} skipped with a reason")


def _left(index_dir: Path, generation: Path) -> Finding:
    left = leftovers(index_dir, generation)
    seen = f"the next build removes or uses {', '.join(left)}" if left else "none"
    return Finding("what a killed build left harms nothing", True, seen)
