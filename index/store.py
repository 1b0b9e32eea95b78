"""The index in memory and on disk: exact search by vector and by words over the chunks of the articles.

A generation's files: articles.jsonl, chunks.jsonl, chunks.faiss, sentences.faiss, minhash.npy, lexical/.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import faiss
import numpy as np
from numpy.typing import NDArray

from index.chunker import context_text
from index.embedder import Vectors
from index.errors import StoreDamagedError, StoreMismatchError
from index.generations import MEND, Manifest, current_pointer, publish, read_current, verify
from index.groups import Signatures
from index.lexical import LexicalIndex
from index.records import Article, Chunk, Hit, Source

__all__ = ["FaissStore", "Manifest", "Store", "read_current"]


class Store(Protocol):
    """What searching needs of an index: FAISS on a disk here, a cluster elsewhere."""

    @property
    def manifest(self) -> Manifest: ...

    @property
    def articles(self) -> Mapping[str, Article]:
        """Articles by key."""

    @property
    def chunks(self) -> Sequence[Chunk]:
        """Chunks by row."""

    @property
    def lexical(self) -> LexicalIndex:
        """BM25 over the chunks, by row."""

    def nearest(self, vector: Vectors, k: int, *, rows: NDArray[np.int64] | None = None) -> list[Hit]:
        """The k chunks nearest to a unit vector of shape (dimension,), best first; among `rows` where given."""

    def nearest_sentences(self, vector: Vectors, k: int, *, rows: NDArray[np.int64] | None = None) -> list[Hit]:
        """The chunks of the k nearest sentences, best first, each chunk once with its best sentence's score."""

    def sentence_vectors(self, row: int) -> Vectors:
        """Vectors of a chunk's sentences, shape (sentences, dimension)."""

    def chunk_vectors(self, rows: Sequence[int]) -> Vectors:
        """Vectors of chunks, shape (len(rows), dimension)."""

    def group_of(self, key: str) -> tuple[str, ...]:
        """Keys of an article and its near-duplicates, in the order of the articles; of the article alone, if none."""


class FaissStore:
    """A generation in memory: exact inner-product search over chunks and over sentences."""

    def __init__(
        self,
        manifest: Manifest,
        articles: Sequence[Article],
        chunks: Sequence[Chunk],
        chunk_vectors: Vectors,
        sentence_vectors: Vectors,
        lexical: LexicalIndex,
        signatures: Signatures,
    ) -> None:
        self.manifest = manifest
        self.signatures = signatures  # MinHash, by the order of the articles
        self.articles = {article.key: article for article in articles}
        self.chunks = tuple(chunks)
        self.lexical = lexical
        self._chunk_index = _flat_index(chunk_vectors)
        self._sentence_index = _flat_index(sentence_vectors)
        self._chunk_vectors = chunk_vectors
        self._sentence_vectors = sentence_vectors
        counts = np.array([len(chunk.sentences) for chunk in self.chunks], np.int64)
        self._first_sentence = np.concatenate(([0], np.cumsum(counts)))
        self._chunk_of_sentence = np.repeat(np.arange(len(self.chunks)), counts)

    @classmethod
    def from_chunks(
        cls,
        manifest: Manifest,
        articles: Sequence[Article],
        chunks: Sequence[Chunk],
        chunk_vectors: Vectors,
        sentence_vectors: Vectors,
        signatures: Signatures,
    ) -> FaissStore:
        """A store of these chunks; row i of `chunk_vectors` is chunks[i], sentences follow in the same order."""
        lexical = LexicalIndex.from_texts([context_text(chunk) for chunk in chunks])
        return cls(manifest, articles, chunks, chunk_vectors, sentence_vectors, lexical, signatures)

    def nearest(self, vector: Vectors, k: int, *, rows: NDArray[np.int64] | None = None) -> list[Hit]:
        return _search(self._chunk_index, vector, k, rows)

    def nearest_sentences(self, vector: Vectors, k: int, *, rows: NDArray[np.int64] | None = None) -> list[Hit]:
        if rows is not None:
            rows = np.flatnonzero(np.isin(self._chunk_of_sentence, rows))
        best: dict[int, float] = {}
        for hit in _search(self._sentence_index, vector, k, rows):
            best.setdefault(int(self._chunk_of_sentence[hit.row]), hit.score)
        return [Hit(row, score) for row, score in best.items()]

    def sentence_vectors(self, row: int) -> Vectors:
        return self._sentence_vectors[self._first_sentence[row] : self._first_sentence[row + 1]]

    @property
    def all_sentence_vectors(self) -> Vectors:
        """Vectors of the sentences of all chunks, in order."""
        return self._sentence_vectors

    def chunk_vectors(self, rows: Sequence[int]) -> Vectors:
        return self._chunk_vectors[list(rows)]

    def group_of(self, key: str) -> tuple[str, ...]:
        leader = self.articles[key].group
        return self._groups[leader] if leader else (key,)

    @cached_property
    def _groups(self) -> dict[str, tuple[str, ...]]:
        groups: dict[str, list[str]] = {}
        for article in self.articles.values():
            if article.group:
                groups.setdefault(article.group, []).append(article.key)
        return {leader: tuple(keys) for leader, keys in groups.items()}

    def texts_and_vectors(self) -> Iterator[tuple[str, Vectors]]:
        """Every text that was embedded, chunk or sentence, with its vector: what a next build can reuse."""
        for row, chunk in enumerate(self.chunks):
            yield context_text(chunk), self._chunk_vectors[row]
            for span, vector in zip(chunk.sentences, self.sentence_vectors(row), strict=True):
                yield chunk.sentence_text(span), vector

    @classmethod
    def open(cls, folder: Path, *, embedder: str | None = None, chunking: str | None = None) -> FaissStore:
        """Open the generation in force, whole. Opening writes nothing.

        Args:
            folder: where the index lives.
            embedder: fingerprint of the embedder that will make the query's vectors, when it is known.
            chunking: the chunk settings asked for, when they matter.

        Raises:
            StoreMissingError: there is no index here.
            StoreDamagedError: a file is missing or changed; the message names it.
            StoreMismatchError: the index was built with another embedder or other chunk settings.
        """
        while True:
            pointer = current_pointer(folder)
            try:
                generation, manifest = read_current(folder)
                _check_match(manifest, generation, embedder, chunking)
                return cls._read(generation, manifest)
            except StoreDamagedError:
                # A build may have published, and removed this generation, while it was being read.
                if current_pointer(folder) == pointer:
                    raise

    @classmethod
    def _read(cls, generation: Path, manifest: Manifest) -> FaissStore:
        verify(generation, manifest)
        try:
            articles = [_article(record) for record in _read_lines(generation / "articles.jsonl")]
            texts = {article.key: article.text for article in articles}
            chunks = [_chunk(record, texts) for record in _read_lines(generation / "chunks.jsonl")]
            chunk_vectors = _vectors(generation / "chunks.faiss")
            sentence_vectors = _vectors(generation / "sentences.faiss")
            lexical = LexicalIndex.load(generation / "lexical", rows=len(chunks))
            signatures = np.load(generation / "minhash.npy", allow_pickle=False)
        except (OSError, RuntimeError, ValueError) as error:
            raise StoreDamagedError(f"The index in {generation} cannot be read: {error}. {MEND}") from error
        return cls(manifest, articles, chunks, chunk_vectors, sentence_vectors, lexical, signatures)

    def publish(self, folder: Path) -> None:
        """Write this store as a new generation and put it in force. Call it under `build_lock`.

        Raises:
            StoreWriteError: it cannot be written; the last generation stays in force.
        """
        publish(folder, self.manifest, self._write)

    def _write(self, target: Path) -> None:
        _write_lines(target / "articles.jsonl", (asdict(article) for article in self.articles.values()))
        _write_lines(
            target / "chunks.jsonl",
            (
                {
                    "article": c.article,
                    "start": c.start,
                    "end": c.end,
                    "sentences": c.sentences,
                    "title": c.title,
                }
                for c in self.chunks
            ),
        )
        # By way of memory: faiss itself reports a full disk as it reports a bug.
        (target / "chunks.faiss").write_bytes(faiss.serialize_index(self._chunk_index).tobytes())
        (target / "sentences.faiss").write_bytes(faiss.serialize_index(self._sentence_index).tobytes())
        np.save(target / "minhash.npy", self.signatures, allow_pickle=False)
        self.lexical.save(target / "lexical")


def _check_match(manifest: Manifest, generation: Path, embedder: str | None, chunking: str | None) -> None:
    for what, wanted, found in (
        ("embedder", embedder, manifest.embedder),
        ("chunk settings", chunking, manifest.chunking),
    ):
        if wanted is not None and wanted != found:
            raise StoreMismatchError(
                f"The index in {generation} was built with the {what} {found!r}, not {wanted!r}: it cannot be searched "
                f"with these. {MEND}"
            )


def _flat_index(vectors: Vectors) -> faiss.IndexFlatIP:
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    return index


def _search(index: faiss.IndexFlatIP, vector: Vectors, k: int, rows: NDArray[np.int64] | None) -> list[Hit]:
    available = index.ntotal if rows is None else len(rows)
    k = min(k, available)
    if k <= 0:
        return []
    parameters = None if rows is None else faiss.SearchParameters(sel=faiss.IDSelectorBatch(rows))  # type: ignore[call-arg]
    scores, found = index.search(vector.reshape(1, -1), k, params=parameters)
    return [Hit(int(row), float(score)) for row, score in zip(found[0], scores[0], strict=True) if row >= 0]


def _vectors(path: Path) -> Vectors:
    index = faiss.read_index(str(path))
    return np.ascontiguousarray(index.reconstruct_n(0, index.ntotal), dtype=np.float32)


def _article(record: Mapping[str, Any]) -> Article:
    return Article(**{**record, "copies": tuple(Source(**copy) for copy in record["copies"])})


def _chunk(record: Mapping[str, Any], texts: Mapping[str, str]) -> Chunk:
    start, end = record["start"], record["end"]
    sentences = tuple((first, last) for first, last in record["sentences"])
    return Chunk(record["article"], start, end, texts[record["article"]][start:end], sentences, record["title"])


def _read_lines(path: Path) -> Iterable[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def _write_lines(path: Path, records: Iterable[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for record in records:
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
