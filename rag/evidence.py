"""Question → the evidence for it: passages in order, sentences in order, and is it enough.

First stage (retriever), second stage (features and their weights), and what reads again, if anything does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from index import Embedder, Store
from rag.features import Evidence, observe
from rag.filters import Filters
from rag.misread import corrected
from rag.question import Question
from rag.reranker import ReaderReranker, Reranker, Reread
from rag.retriever import POOL, Candidate, embed_question, retrieve
from rag.scorer import Scored, answerability, order_sentences, rank_passages, score_sentences

_HALF_LIFE = 30.0  # days


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the articles hold for a question, the likeliest first; `answerability` is a probability."""

    passages: tuple[tuple[Candidate, float], ...]
    sentences: tuple[Scored, ...]
    answerability: float


@dataclass(frozen=True, slots=True)
class Recency:
    """A preference for newer articles, counted back from a day; None stands for the newest article's."""

    weight: float
    today: date | None = None

    def bonus(self, evidence: Evidence, store: Store) -> NDArray[np.float64]:
        """What each sentence gains, shape (sentences,): `weight` for today's, half of it every 30 days earlier."""
        dates = [store.articles[item.chunk.article].published for item in evidence.candidates]
        days = [date.fromisoformat(day).toordinal() if day else None for day in dates]
        today = self.today.toordinal() if self.today else max((day for day in days if day), default=0)
        gains = [self.weight * 0.5 ** (max(0, today - day) / _HALF_LIFE) if day else 0.0 for day in days]
        gained: NDArray[np.float64] = np.array(gains)[evidence.owner]
        return gained


def gather(
    question: Question,
    text: str,
    store: Store,
    embedder: Embedder,
    *,
    reranker: Reranker | None = None,
    reading: str | None = None,
    filters: Filters | None = None,
    recency: Recency | None = None,
    pool: int = POOL,
) -> Gathered:
    """Find the passages and sentences for a question; `text` is the whole of it, with what it leans on.

    `reading` is how the question is put to what reads again, where that is not the whole text; `filters` say which
    articles are in scope, `recency` how much newer ones are preferred, `pool` how many chunks go on to the second
    stage.
    """
    # A question of stop words alone would bring up passages by chance: they are not evidence.
    if not question.terms:
        return Gathered((), (), 0.0)
    vector = embed_question(text, embedder)
    rows = filters.rows(store) if filters else None
    candidates = retrieve(question, store, vector, limit=pool, rows=rows)
    if not candidates:
        return Gathered((), (), 0.0)
    evidence = observe(question, candidates, store, vector)
    scores = score_sentences(question, evidence, store)
    reread = read_again(question, reading or text, evidence, scores, reranker)
    probability = answerability(question, evidence, store, scores, reread)
    scores = reread.scores
    if recency is not None:
        scores = scores + recency.bonus(evidence, store)
    sentences = order_sentences(evidence, scores, reread)
    return Gathered(tuple(rank_passages(sentences)), tuple(sentences), probability)


def read_again(
    question: Question, reading: str, evidence: Evidence, scores: NDArray[np.float64], reranker: Reranker | None
) -> Reread:
    """What the reranker makes of the evidence, corrected; `reading` is the question as it is put to it."""
    reread = corrected(question, evidence, reranker.reread(reading, evidence, scores) if reranker else Reread(scores))
    if not isinstance(reranker, ReaderReranker) or not reread.read:
        return reread
    return replace(reread, alone=reranker.alone(reading, evidence.text(int(np.argmax(reread.scores)))))
