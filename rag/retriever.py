"""Question → passages: dense and lexical search over the same chunks, fused by reciprocal rank."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index import Chunk, Embedder, Store
from index.embedder import Vectors
from rag.question import Question

_RRF = 60  # Cormack, Clarke, Büttcher 2009, doi:10.1145/1571941.1572114
_DEPTH = 50  # chunks that each search gives to the fusion
POOL = 20  # chunks that go on to the second stage
STAND_IN_WEIGHT = 0.4  # of a name that stands for one of the question's, next to that name's own 1


@dataclass(frozen=True, slots=True)
class Candidate:
    """A chunk that may hold the answer, with the scores that brought it up."""

    row: int
    chunk: Chunk
    dense: float  # cosine of the chunk, its title included
    sentence: float  # cosine of its best sentence
    lexical: float  # BM25, as a share of the best chunk's
    fused: float  # sum of 1 / (60 + rank)


def retrieve(
    question: Question,
    store: Store,
    vector: Vectors,
    *,
    limit: int = POOL,
    rows: NDArray[np.int64] | None = None,
) -> list[Candidate]:
    """The chunks most likely to hold the answer, best first, by chunk vector, sentence vectors and BM25.

    `rows` are the chunks in scope; None means all.
    """
    lexical = store.lexical.scores(query_terms(question))
    if rows is not None:
        lexical[np.setdiff1d(np.arange(len(lexical)), rows)] = 0
    best_lexical = float(lexical.max(initial=0.0))
    by_words = [int(row) for row in _top(lexical, _DEPTH)]
    by_chunk = [hit.row for hit in store.nearest(vector, _DEPTH, rows=rows)]
    by_sentence = [hit.row for hit in store.nearest_sentences(vector, 2 * _DEPTH, rows=rows)]
    fused = reciprocal_rank([by_words, by_chunk, by_sentence])
    found = sorted(fused, key=lambda row: (-fused[row], row))[:limit]
    cosines = store.chunk_vectors(found) @ vector
    return [
        Candidate(
            row,
            store.chunks[row],
            float(cosine),
            float((store.sentence_vectors(row) @ vector).max()),
            float(lexical[row]) / best_lexical if best_lexical else 0.0,
            fused[row],
        )
        for row, cosine in zip(found, cosines, strict=True)
    ]


def query_terms(question: Question) -> Mapping[str, float]:
    """The terms to look up, with weights: the question's own, and names that stand for its names."""
    weights: dict[str, float] = {}
    for others in question.stand_ins.values():
        for name in others:
            # Of a name of several words each word alone would match too much.
            if len(name) == 1:
                weights[name[0]] = STAND_IN_WEIGHT
    weights.update(dict.fromkeys(question.terms, 1.0))
    return weights


def embed_question(text: str, embedder: Embedder) -> Vectors:
    """The question's unit vector, shape (dimension,)."""
    vector: Vectors = embedder.encode([text])[0]
    return vector


def reciprocal_rank(rankings: Iterable[Sequence[int]]) -> dict[int, float]:
    """Reciprocal-rank fusion: row → sum over the rankings of 1 / (60 + its rank, from 1)."""
    fused: dict[int, float] = {}
    for ranking in rankings:
        for rank, row in enumerate(ranking, start=1):
            fused[row] = fused.get(row, 0.0) + 1 / (_RRF + rank)
    return fused


def _top(scores: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    positive = np.flatnonzero(scores > 0)
    order = np.lexsort((positive, -scores[positive]))
    return positive[order[:k]]
