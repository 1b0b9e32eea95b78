"""Bring the index in step with the folder: read it, chunk it, embed what is new, publish."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np

from index import chunker
from index.articles import Corpus, Known, read_corpus
from index.chunker import chunk_article, context_text
from index.embedder import Embedder, Vectors
from index.errors import NoArticlesError, StoreDamagedError, StoreError, StoreMissingError
from index.folder import folder_digest
from index.formats import Reading
from index.generations import JOURNAL, Manifest, build_lock, drop_journal, read_current, sweep, writing
from index.groups import Signatures, group, signatures, text_key
from index.journal import Journal
from index.records import Article, Chunk
from index.report import BuildReport, compare
from index.store import FaissStore

Progress = Callable[[str, int, int], None]
"""Called with (what is done, how many are done, of how many)."""

_EMBED_AT_ONCE = 256
_UNDATED_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What shapes an index. `max_tokens` is a chunk's most tokens, its title included."""

    max_tokens: int = 160
    reading: Reading = field(default_factory=Reading)

    @property
    def chunking(self) -> str:
        """Names the chunk settings: an index is searched only with the ones that it was built with."""
        return f"v{chunker.VERSION}:{self.max_tokens}"


def is_current(articles_dir: Path, index_dir: Path, *, embedder: str, options: Options) -> bool:
    """Whether the index was built from just what the folder holds now, with these settings.

    Raises:
        CorpusError: the folder is not there.
    """
    try:
        _, manifest = read_current(index_dir)
    except StoreError:
        return False
    if (manifest.embedder, manifest.chunking) != (embedder, options.chunking):
        return False
    return folder_digest(articles_dir, options.reading, leave_out=index_dir) == manifest.state


def build(
    articles_dir: Path,
    index_dir: Path,
    *,
    embedder: Embedder,
    options: Options,
    rebuild: bool = False,
    empty: bool = False,
    wait: float = 0.0,
    progress: Progress | None = None,
) -> BuildReport:
    """Make or update the index of a folder and publish it.

    What the index holds already is reused: articles of unchanged files, chunks of unchanged articles, vectors
    of unchanged texts; and the vectors of a build that was interrupted. A folder that has lost all its articles
    gives an index without any: nothing that was deleted can still be found.

    Args:
        articles_dir: the folder of articles.
        index_dir: where the index lives.
        embedder: makes the vectors.
        options: what shapes the index.
        rebuild: reuse nothing of the index in force.
        empty: a folder that never had an article gives an index without any too.
        wait: seconds to wait for another process that is building this index.
        progress: called as the work goes on.

    Raises:
        CorpusError: the folder is not there; or, without `empty`, it holds nothing that can be indexed and never did.
        StoreBusyError: another process is building this index.
        StoreDamagedError: the index in force is damaged and `rebuild` was not asked for.
        StoreWriteError: the disk is full, or may not be written; the index in force is as it was.
    """
    started = time.perf_counter()
    if not articles_dir.is_dir():
        read_corpus(articles_dir)  # says what is wrong, before anything is written
    with build_lock(index_dir, wait=wait):
        previous = None if rebuild else _previous(index_dir, embedder.fingerprint)
        known = _known(previous) if previous else None
        corpus = read_corpus(
            articles_dir, options.reading, leave_out=index_dir, known=known,
            progress=partial(progress, "reading") if progress else None,
        )  # fmt: skip
        if not corpus.articles and previous is None and not empty:
            raise NoArticlesError(_no_articles(articles_dir, corpus))
        store, embedded, published = _update(corpus, previous, index_dir, embedder, options, progress)
    undated = [key for key, article in store.articles.items() if article.published is None]
    changes = compare(previous.articles.values() if previous else (), store.articles.values())
    return BuildReport(
        articles=len(store.articles), chunks=len(store.chunks),
        added=changes.added, changed=changes.changed, renamed=changes.renamed, removed=changes.removed,
        unchanged=changes.unchanged, embedded=embedded, skipped=corpus.skipped, remarks=corpus.remarks,
        seconds=time.perf_counter() - started, fingerprint=store.manifest.fingerprint, published=published,
        undated=len(undated), undated_first=tuple(undated[:_UNDATED_NAMED]),
    )  # fmt: skip


def _previous(index_dir: Path, embedder: str) -> FaissStore | None:
    """The index in force, when there is one that can be built on; what a killed build left beside it is removed."""
    try:
        store = FaissStore.open(index_dir, embedder=embedder)
        sweep(index_dir, keep=read_current(index_dir)[0])
    except StoreDamagedError:
        raise
    except StoreMissingError:
        sweep(index_dir)
        return None
    except StoreError:
        return None
    return store


def _known(previous: FaissStore) -> Known:
    """What need not be parsed again: files that gave whole articles, without a remark or a copy among them."""
    files = previous.manifest.files
    flawed = {item.path for item in (*previous.manifest.skipped, *previous.manifest.remarks)}
    flawed.update(copy.key for article in previous.articles.values() for copy in article.copies)
    # A key is its file's path, alone or with an address inside it: file#id, file/inner, file:line.
    spoiled = {key[:end] for key in flawed for end in _ends_of_path(key)} & files.keys()
    articles: dict[str, list[Article]] = {}
    for article in previous.articles.values():
        if article.file not in spoiled:
            articles.setdefault(article.file, []).append(article)
    return Known(files, previous.manifest.reading, articles)


def _ends_of_path(key: str) -> list[int]:
    return [position for position, letter in enumerate(key) if letter in "#/:"] + [len(key)]


def _update(
    corpus: Corpus,
    previous: FaissStore | None,
    index_dir: Path,
    embedder: Embedder,
    options: Options,
    progress: Progress | None,
) -> tuple[FaissStore, int, bool]:
    """The store of a corpus, how many texts had to be embedded for it, and whether it had to be published."""
    rows = signatures([article.text for article in corpus.articles], _known_signatures(previous))
    leaders = group([article.key for article in corpus.articles], rows)
    articles = [replace(article, group=leaders.get(article.key)) for article in corpus.articles]
    fingerprint = _fingerprint(articles, embedder.fingerprint, options.chunking)
    if previous and _is_same(previous.manifest, fingerprint, corpus):
        drop_journal(index_dir)  # a build that was killed right after its publishing has left it
        return previous, 0, False
    chunks = _chunks(articles, previous, embedder, options, progress)
    chunk_texts = [context_text(chunk) for chunk in chunks]
    sentence_texts = [chunk.sentence_text(span) for chunk in chunks for span in chunk.sentences]
    vectors, embedded = _embed(chunk_texts + sentence_texts, embedder, previous, index_dir, progress)
    manifest = Manifest(
        embedder=embedder.fingerprint,
        chunking=options.chunking,
        fingerprint=fingerprint,
        files=corpus.files,
        skipped=corpus.skipped,
        remarks=corpus.remarks,
        articles=len(articles),
        chunks=len(chunk_texts),
        sentences=len(sentence_texts),
        built_at=datetime.now(UTC).isoformat(timespec="seconds"),
        state=corpus.state,
        reading=corpus.reading,
    )
    store = FaissStore.from_chunks(manifest, articles, chunks, vectors[: len(chunks)], vectors[len(chunks) :], rows)
    if progress:
        progress("publishing", 0, 1)
    store.publish(index_dir)
    return store, embedded, True


def _is_same(manifest: Manifest, fingerprint: str, corpus: Corpus) -> bool:
    now = (fingerprint, corpus.state, corpus.files, corpus.skipped, corpus.remarks)
    return now == (manifest.fingerprint, manifest.state, manifest.files, manifest.skipped, manifest.remarks)


def _known_signatures(previous: FaissStore | None) -> dict[bytes, Signatures]:
    if previous is None:
        return {}
    keys = (text_key(article.text) for article in previous.articles.values())
    return dict(zip(keys, previous.signatures, strict=True))


def _chunks(
    articles: Sequence[Article],
    previous: FaissStore | None,
    embedder: Embedder,
    options: Options,
    progress: Progress | None,
) -> list[Chunk]:
    """The chunks of the articles, in order; those of a text and title that was chunked before are taken over."""
    known: dict[tuple[str, str | None], list[Chunk]] = {}
    if previous and previous.manifest.chunking == options.chunking:
        for chunk in previous.chunks:
            article = previous.articles[chunk.article]
            known.setdefault((article.text, article.title), []).append(chunk)
    max_tokens = min(options.max_tokens, embedder.window)
    chunks: list[Chunk] = []
    for number, article in enumerate(articles, start=1):
        if same := known.get((article.text, article.title)):
            chunks += (replace(chunk, article=article.key) for chunk in same)
        else:
            chunks += chunk_article(article, max_tokens=max_tokens, count_tokens=embedder.count_tokens)
        if progress:
            progress("chunking", number, len(articles))
    return chunks


def _embed(
    texts: Sequence[str],
    embedder: Embedder,
    previous: FaissStore | None,
    index_dir: Path,
    progress: Progress | None,
) -> tuple[Vectors, int]:
    """Vectors of the texts, shape (len(texts), dimension), and how many texts had to be embedded."""
    known = dict(previous.texts_and_vectors()) if previous else {}
    journal = Journal(index_dir / JOURNAL, embedder=embedder.fingerprint, dimension=embedder.dimension)
    missing = {text for text in texts if text not in known}
    known.update({text: vector for text in missing if (vector := journal.get(text)) is not None})
    new = sorted((text for text in missing if text not in known), key=lambda text: (len(text), text))
    for start in range(0, len(new), _EMBED_AT_ONCE):
        if progress:
            progress("embedding", start, len(new))
        batch = new[start : start + _EMBED_AT_ONCE]
        vectors = embedder.encode(batch)
        with writing(index_dir):
            journal.append(batch, vectors)
        known.update(zip(batch, vectors, strict=True))
    if progress and new:
        progress("embedding", len(new), len(new))
    rows = [known[text] for text in texts]
    return np.stack(rows) if rows else np.empty((0, embedder.dimension), np.float32), len(new)


def _fingerprint(articles: Sequence[Article], embedder: str, chunking: str) -> str:
    content = sorted(
        hashlib.sha256(json.dumps(asdict(article), sort_keys=True).encode()).hexdigest() for article in articles
    )
    return hashlib.sha256(json.dumps([content, embedder, chunking]).encode()).hexdigest()


def _no_articles(folder: Path, corpus: Corpus) -> str:
    if not corpus.skipped:
        return f"The articles folder {folder} is empty. Put articles into it, or name another with --articles."
    reasons = "; ".join(f"{item.path}: {item.reason}" for item in corpus.skipped[:5])
    return f"No file in the articles folder {folder} can be indexed ({len(corpus.skipped)} skipped: {reasons})."
