"""The questions that the second stage is fitted on, each with its evidence as the product sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index import FaissStore, Options, SentenceTransformerEmbedder, build
from rag.agreement import agreement
from rag.conversation import Standalone, standalone
from rag.evaluation import QuestionCase, holds_answer, overlaps_gold, read_questions
from rag.features import Evidence, observe
from rag.misread import corrected
from rag.question import Question, parse_question
from rag.reader import Reader
from rag.records import Turn
from rag.reranker import UNREAD, ReaderReranker, Reread
from rag.retriever import retrieve
from rag.scorer import observe_reading, observe_whole


@dataclass
class Sample:
    """One question with its evidence: which sentences are right, and whether it can be answered at all."""

    id: str
    question: Question
    reading: str  # the question as the reader is asked
    evidence: Evidence
    right: NDArray[np.bool_]
    answerable: bool
    store: FaissStore
    agreed: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))  # how far others tell the same
    reread: Reread | None = None  # by the reader alone
    alone: dict[int, float] = field(default_factory=dict)  # row → what the reader says of that sentence by itself


Observed = tuple[NDArray[np.float64], NDArray[np.bool_]]
"""Of each sample: features, shape (samples, features), and whether it can be answered."""


@dataclass(frozen=True)
class Fit:
    """Weights of a sentence: its features', and that of what other articles tell."""

    features: NDArray[np.float64]
    agreement: float

    def scores(self, sample: Sample) -> NDArray[np.float64]:
        scores: NDArray[np.float64] = sample.evidence.values @ self.features + self.agreement * sample.agreed
        return scores


def load(folder: Path, embedder: SentenceTransformerEmbedder, scratch: Path) -> list[Sample]:
    place = scratch / folder.name
    build(folder / "articles", place, embedder=embedder, options=Options())
    store = FaissStore.open(place)
    cases = read_questions(folder / "questions.jsonl")
    alone = [standalone(case.question, [Turn(earlier) for earlier in case.history]) for case in cases]
    vectors = embedder.encode([asked.text for asked in alone])
    return [_sample(*each, store) for each in zip(cases, alone, vectors, strict=True)]


def _sample(case: QuestionCase, asked: Standalone, vector: NDArray[np.float32], store: FaissStore) -> Sample:
    question = parse_question(asked.question, context=asked.context)
    evidence = observe(question, retrieve(question, store, vector), store, vector)
    right = np.zeros(len(evidence.spans), np.bool_)
    told = bool(case.answer_all_any)  # without strings nothing tells which sentence is right
    for row, span in enumerate(evidence.spans):
        article = store.articles[evidence.candidate(row).chunk.article]
        right[row] = told and holds_answer(case, evidence.text(row)) and overlaps_gold(case, article, span)
    return Sample(case.id, question, asked.reading, evidence, right, case.answerable, store)


def observe_agreement(samples: Sequence[Sample], features: NDArray[np.float64]) -> None:
    """How far other articles tell what each sentence tells, by the scores of the features."""
    for sample in samples:
        alone = sample.evidence.values @ features
        sample.agreed = agreement(sample.question, sample.evidence, alone, sample.store)


@lru_cache(maxsize=1)
def reranker() -> ReaderReranker:
    return ReaderReranker(Reader.from_package(), weight=1.0)


def read(samples: Sequence[Sample], fit: Fit) -> None:
    """Let the reading model read what ranks first; what it says is kept with the samples."""
    for sample in samples:
        sample.reread = reranker().reread(sample.reading, sample.evidence, fit.scores(sample))


def read_alone(sample: Sample, reread: Reread) -> Reread:
    """The same with what the reading model says of its first sentence by itself."""
    first = int(np.argmax(reread.scores))
    if first not in sample.alone:
        sample.alone[first] = reranker().alone(sample.reading, sample.evidence.text(first))
    return replace(reread, alone=sample.alone[first])


def weighed(sample: Sample, fit: Fit, reader: float) -> Reread:
    """What the product makes of the reading, at this weight of the reader."""
    assert sample.reread is not None
    scores = fit.scores(sample)
    told = np.array([sample.reread.read.get(row, np.nan) for row in range(len(scores))])
    scores = np.where(np.isnan(told), scores - UNREAD, scores + reader * np.nan_to_num(told))
    return corrected(sample.question, sample.evidence, replace(sample.reread, scores=scores))


def whole(samples: Sequence[Sample], fit: Fit, reader: float) -> Observed:
    """What is seen of each sample's evidence as a whole; `reader` is the weight of the reader, 0 where none reads."""
    observed = np.array([observe_whole(s.question, s.evidence, s.store, fit.scores(s)) for s in samples])
    if reader:
        again = [read_alone(sample, weighed(sample, fit, reader)) for sample in samples]
        pairs = zip(samples, observed, again, strict=True)
        observed = np.array([observe_reading(s.evidence, s.store, seen, read) for s, seen, read in pairs])
    return observed, np.array([sample.answerable for sample in samples])
