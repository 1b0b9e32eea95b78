"""Bring the index in step with the folder: read it, chunk it, embed what is new, publish."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import filelock
import numpy as np

from index import chunker
from index.articles import Corpus, read_corpus
from index.chunker import chunk_article, context_text
from index.embedder import Embedder, Vectors
from index.errors import NoArticlesError, StoreBusyError, StoreDamagedError, StoreError
from index.records import Article, Chunk, Skipped
from index.store import FaissStore, Manifest, read_current

Progress = Callable[[str, int, int], None]
"""Called with (what is done, how many are done, of how many)."""

_EMBED_AT_ONCE = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What shapes an index. `max_tokens` is a chunk's most tokens, its title included."""

    max_tokens: int = 160
    max_file_bytes: int = 20_000_000

    @property
    def chunking(self) -> str:
        """Names the chunk settings: an index is searched only with the ones that it was built with."""
        return f"v{chunker.VERSION}:{self.max_tokens}"


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did. Paths are below the articles folder."""

    articles: int
    chunks: int
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int
    embedded: int  # texts that had to be embedded; the rest was reused
    skipped: tuple[Skipped, ...]
    remarks: tuple[Skipped, ...]
    seconds: float
    fingerprint: str


def is_current(articles_dir: Path, index_dir: Path, *, embedder: str, options: Options) -> bool:
    """Whether the index was built from just what the folder holds now, with these settings."""
    try:
        _, manifest = read_current(index_dir)
    except StoreError:
        return False
    if (manifest.embedder, manifest.chunking) != (embedder, options.chunking):
        return False
    corpus = read_corpus(articles_dir, max_file_bytes=options.max_file_bytes)
    return _content(corpus) == (dict(manifest.files), manifest.skipped)


def build(
    articles_dir: Path,
    index_dir: Path,
    *,
    embedder: Embedder,
    options: Options,
    rebuild: bool = False,
    progress: Progress | None = None,
) -> BuildReport:
    """Make or update the index of a folder and publish it.

    Vectors of texts that the index already holds are reused; `rebuild` embeds everything anew.

    Raises:
        CorpusError: the folder is not there, or holds nothing that can be indexed.
        StoreBusyError: another process is building this index.
        StoreDamagedError: the index in force is damaged and `rebuild` was not asked for.
    """
    started = time.perf_counter()
    corpus = read_corpus(articles_dir, max_file_bytes=options.max_file_bytes)
    if not corpus.articles:
        raise NoArticlesError(_no_articles(articles_dir, corpus))
    max_tokens = min(options.max_tokens, embedder.window)
    with build_lock(index_dir):
        previous = None if rebuild else _previous(index_dir, embedder.fingerprint)
        chunks: list[Chunk] = []
        for number, article in enumerate(corpus.articles):
            if progress:
                progress("chunking", number, len(corpus.articles))
            chunks += chunk_article(article, max_tokens=max_tokens, count_tokens=embedder.count_tokens)
        chunk_texts = [context_text(chunk) for chunk in chunks]
        sentence_texts = [chunk.sentence_text(span) for chunk in chunks for span in chunk.sentences]
        vectors, embedded = _embed(chunk_texts + sentence_texts, embedder, previous, progress)
        manifest = Manifest(
            embedder=embedder.fingerprint,
            chunking=options.chunking,
            fingerprint=_fingerprint(corpus.articles, embedder.fingerprint, options.chunking),
            files=corpus.files,
            skipped=corpus.skipped,
            remarks=corpus.remarks,
            articles=len(corpus.articles),
            chunks=len(chunk_texts),
            sentences=len(sentence_texts),
            built_at=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        store = FaissStore.from_chunks(
            manifest, corpus.articles, chunks, vectors[: len(chunks)], vectors[len(chunks) :]
        )
        store.publish(index_dir)
    before = dict(previous.manifest.files) if previous else {}
    now = corpus.files
    return BuildReport(
        articles=len(corpus.articles),
        chunks=len(chunks),
        added=tuple(sorted(now.keys() - before.keys())),
        changed=tuple(sorted(key for key in now.keys() & before.keys() if now[key] != before[key])),
        removed=tuple(sorted(before.keys() - now.keys())),
        unchanged=sum(1 for key in now if before.get(key) == now[key]),
        embedded=embedded,
        skipped=corpus.skipped,
        remarks=corpus.remarks,
        seconds=time.perf_counter() - started,
        fingerprint=manifest.fingerprint,
    )


@contextmanager
def build_lock(index_dir: Path) -> Iterator[None]:
    """Hold the index for writing. The lock is the system's: it dies with its process."""
    index_dir.mkdir(parents=True, exist_ok=True)
    try:
        with filelock.FileLock(index_dir / "build.lock", timeout=0):
            yield
    except filelock.Timeout:
        raise StoreBusyError(
            f"Another process is building the index in {index_dir}. Try again when it has finished."
        ) from None


def _previous(index_dir: Path, embedder: str) -> FaissStore | None:
    """The index in force, when there is one whose vectors can be reused."""
    try:
        return FaissStore.open(index_dir, embedder=embedder)
    except StoreDamagedError:
        raise
    except StoreError:
        return None


def _embed(
    texts: Sequence[str], embedder: Embedder, previous: FaissStore | None, progress: Progress | None
) -> tuple[Vectors, int]:
    """Vectors of the texts, shape (len(texts), dimension), and how many texts had to be embedded."""
    known = dict(previous.texts_and_vectors()) if previous else {}
    new = sorted({text for text in texts if text not in known}, key=lambda text: (len(text), text))
    for start in range(0, len(new), _EMBED_AT_ONCE):
        if progress:
            progress("embedding", start, len(new))
        batch = new[start : start + _EMBED_AT_ONCE]
        known.update(zip(batch, embedder.encode(batch), strict=True))
    if progress and new:
        progress("embedding", len(new), len(new))
    return np.stack([known[text] for text in texts]), len(new)


def _content(corpus: Corpus) -> tuple[dict[str, str], tuple[Skipped, ...]]:
    return corpus.files, corpus.skipped


def _fingerprint(articles: Sequence[Article], embedder: str, chunking: str) -> str:
    content = sorted((article.key, hashlib.sha256(article.text.encode()).hexdigest()) for article in articles)
    return hashlib.sha256(json.dumps([content, embedder, chunking]).encode()).hexdigest()


def _no_articles(folder: Path, corpus: Corpus) -> str:
    if not corpus.skipped:
        return f"The articles folder {folder} is empty. Put text files (.txt) into it, or name another with --articles."
    reasons = "; ".join(f"{item.path}: {item.reason}" for item in corpus.skipped[:5])
    return f"No file in the articles folder {folder} can be indexed ({len(corpus.skipped)} skipped: {reasons})."
