"""The index on disk: a generation is written whole, published by one rename, and read whole or not at all.

built/CURRENT                     the name of the generation in force, and the sha256 of its manifest
built/generations/<name>/         manifest.json (with the sha256 of each other file), articles.jsonl,
                                  chunks.jsonl, chunks.faiss, sentences.faiss, lexical/
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

import faiss
import numpy as np
from numpy.typing import NDArray

from index.chunker import context_text
from index.embedder import Vectors
from index.errors import StoreDamagedError, StoreMismatchError, StoreMissingError
from index.lexical import LexicalIndex
from index.records import Article, Chunk, Hit, Skipped

FORMAT = 1
_MEND = "Run `dateline build --rebuild` to make it anew from the articles."


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a store was built from and with. `fingerprint` is the same for the same content and settings."""

    embedder: str
    chunking: str
    fingerprint: str
    files: Mapping[str, str]  # path below the corpus folder → sha256 of its bytes
    skipped: tuple[Skipped, ...]
    remarks: tuple[Skipped, ...]
    articles: int
    chunks: int
    sentences: int
    built_at: str
    format: int = FORMAT
    checksums: Mapping[str, str] = field(default_factory=dict)  # file of the generation → sha256


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
    ) -> None:
        self.manifest = manifest
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
    ) -> FaissStore:
        """A store of these chunks; row i of `chunk_vectors` is chunks[i], sentences follow in the same order."""
        lexical = LexicalIndex.from_texts([context_text(chunk) for chunk in chunks])
        return cls(manifest, articles, chunks, chunk_vectors, sentence_vectors, lexical)

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

    def chunk_vectors(self, rows: Sequence[int]) -> Vectors:
        return self._chunk_vectors[list(rows)]

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
        generation, manifest = read_current(folder)
        _check_match(manifest, generation, embedder, chunking)
        try:
            return cls._read(generation, manifest)
        except StoreDamagedError:
            # A build may have published, and removed this generation, while it was being read.
            newer, manifest = read_current(folder)
            if newer == generation:
                raise
            _check_match(manifest, newer, embedder, chunking)
            return cls._read(newer, manifest)

    @classmethod
    def _read(cls, generation: Path, manifest: Manifest) -> FaissStore:
        for name, expected in manifest.checksums.items():
            if _sha256(generation / name) != expected:
                raise StoreDamagedError(f"The index file {generation / name} is damaged (checksum differs). {_MEND}")
        articles = [
            Article(**{**record, "also": tuple(record["also"])})
            for record in _read_lines(generation / "articles.jsonl")
        ]
        texts = {article.key: article.text for article in articles}
        chunks = [_chunk(record, texts) for record in _read_lines(generation / "chunks.jsonl")]
        chunk_vectors = _vectors(generation / "chunks.faiss")
        sentence_vectors = _vectors(generation / "sentences.faiss")
        lexical = LexicalIndex.load(generation / "lexical", rows=len(chunks))
        return cls(manifest, articles, chunks, chunk_vectors, sentence_vectors, lexical)

    def publish(self, folder: Path) -> None:
        """Write this store as a new generation, make it the one in force by one rename, remove the others.

        A crash at any moment leaves the last published generation in force. Call it under `build_lock`.
        """
        generations = folder / "generations"
        generations.mkdir(parents=True, exist_ok=True)
        name = f"{_next_number(generations):06d}"
        target = generations / name
        target.mkdir()
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
        faiss.write_index(self._chunk_index, str(target / "chunks.faiss"))
        faiss.write_index(self._sentence_index, str(target / "sentences.faiss"))
        self.lexical.save(target / "lexical")
        files = sorted(path for path in target.rglob("*") if path.is_file())
        checksums = {path.relative_to(target).as_posix(): _sha256(path) for path in files}
        record = {**asdict(self.manifest), "checksums": checksums}
        (target / "manifest.json").write_text(json.dumps(record, ensure_ascii=False, indent=1), encoding="utf-8")
        for path in (*files, target / "manifest.json", target / "lexical", target, generations):
            _fsync(path)
        pointer = folder / "CURRENT.new"
        pointer.write_text(f"{name} {_sha256(target / 'manifest.json')}\n", encoding="utf-8")
        _fsync(pointer)
        os.replace(pointer, folder / "CURRENT")
        _fsync(folder)
        for old in generations.iterdir():
            if old != target:
                shutil.rmtree(old)


def read_current(folder: Path) -> tuple[Path, Manifest]:
    """The generation in force: its folder and its manifest.

    Raises:
        StoreMissingError: there is none.
        StoreDamagedError: the pointer or the manifest is not as it was written.
        StoreMismatchError: another version of Dateline wrote it.
    """
    pointer = folder / "CURRENT"
    try:
        name, expected = pointer.read_text(encoding="ascii").split()
        generation = folder / "generations" / f"{int(name):06d}"
    except FileNotFoundError:
        raise StoreMissingError(f"There is no index in {folder}. Run `dateline build` to make it.") from None
    except ValueError as error:
        raise StoreDamagedError(f"The index file {pointer} is damaged. {_MEND}") from error
    path = generation / "manifest.json"
    if _sha256(path) != expected:
        raise StoreDamagedError(f"The index file {path} is damaged (checksum differs; or {pointer.name} is). {_MEND}")
    record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if record["format"] != FORMAT:
        raise StoreMismatchError(f"The index in {folder} has format {record['format']}, not {FORMAT}. {_MEND}")
    for field_name in ("skipped", "remarks"):
        record[field_name] = tuple(Skipped(**item) for item in record[field_name])
    return generation, Manifest(**record)


def _check_match(manifest: Manifest, generation: Path, embedder: str | None, chunking: str | None) -> None:
    for what, wanted, found in (
        ("embedder", embedder, manifest.embedder),
        ("chunk settings", chunking, manifest.chunking),
    ):
        if wanted is not None and wanted != found:
            raise StoreMismatchError(
                f"The index in {generation} was built with the {what} {found!r}, not {wanted!r}: it cannot be searched "
                f"with these. {_MEND}"
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
    try:
        index = faiss.read_index(str(path))
    except RuntimeError as error:
        raise StoreDamagedError(f"The index file {path} cannot be read. {_MEND}") from error
    return np.ascontiguousarray(index.reconstruct_n(0, index.ntotal), dtype=np.float32)


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


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise StoreDamagedError(f"The index file {path} is missing. {_MEND}") from None


def _next_number(generations: Path) -> int:
    return max((int(path.name) for path in generations.iterdir() if path.name.isdigit()), default=0) + 1


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
