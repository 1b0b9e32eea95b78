"""The second stage: which sentence answers, and do the passages hold an answer at all.

Both are linear in features that have names (rag/features.py, rag/agreement.py); the weights are in scorer.json,
made by training/fit_scorer.py. So each ranking can be explained feature by feature.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from index import Span, Store
from index.lexical import terms
from rag.agreement import agreement, source
from rag.features import SENTENCE_FEATURES, Evidence, term_weights
from rag.question import Question
from rag.reranker import Reread
from rag.retriever import Candidate

ANSWERABILITY_FEATURES = (
    "score",  # of the best sentence, tenths
    "cosine",  # the best sentence's, or any better one's
    "cosine_chunk",  # the best sentence's chunk
    "coverage",  # the best sentence with its neighbours
    "coverage_chunk",  # the best sentence's chunk
    "unknown",  # share of the question's words that no article holds
    "names_missing",  # share of the question's names that are not in or beside the best sentence
    "wanted_missing",  # none of the first three sentences has the kind of answer wanted
    "wanted_missing_best",  # the best one has not
    "wanted_near",  # the best one has it beside a word of the question
    "counted_missing",  # none of them has a number before what is to be counted
    "target_missing",  # what is to be named is not in or beside the best sentence
    "speaker",  # how well the best sentence's speaker is the one whose words are asked for
    "speaker_missing",  # the one whose words are asked for is not the best sentence's speaker
)
"""What tells whether the evidence holds the answer where nothing has read it."""
_WORDS_ALONE = frozenset(("score", "coverage", "coverage_chunk", "unknown"))
READ_FEATURES = (
    *(name for name in ANSWERABILITY_FEATURES if name not in _WORDS_ALONE),
    "read_any",  # how surely any article answers: log of the sum of exp of the reader's best scores in them, tenths
    "read_alone",  # the reader's score of the sentence that comes first in the end, by itself (rag/reranker.py), tenths
    "read_alike",  # log(1 + articles in which the same words answer)
    "read_words",  # log(1 + words that answer in the first sentence): of a bare name it is least sure
)
"""What tells it where the reading model has. That the evidence has the question's words says no more then: of one that
only looks answerable it has many, of one that is put in other words few."""
_STILL = [at for at, name in enumerate(ANSWERABILITY_FEATURES) if name not in _WORDS_ALONE]
_READER_SCALE = 10.0  # brings the reader's scores to the size of the other features
_FIRST = 3
_TOLD_ALIKE_FROM = -2.0  # the reader's score from which an article is a witness
_SAME_ARTICLE = 0.5  # what a passage loses for each of its article's that stands before it
_COLUMN = {name: column for column, name in enumerate(SENTENCE_FEATURES)}


@dataclass(frozen=True, slots=True)
class Scored:
    """A sentence that may answer. Spans are in its article; higher scores are better."""

    candidate: Candidate
    span: Span
    score: float
    answer: Span | None = None  # the words of it that answer, when something has read it
    read: float | None = None  # how surely they do, told from "none of these passages answers"

    @property
    def text(self) -> str:
        return self.candidate.chunk.sentence_text(self.span)


@dataclass(frozen=True, slots=True)
class Weights:
    """What scorer.json holds: a weight for each feature, and for what the reader says."""

    sentence: NDArray[np.float64]
    agreement: float  # of what other articles tell alike
    unread: NDArray[np.float64]  # answerability without a reader: its features, then the bias
    read: NDArray[np.float64]  # answerability with one: its features, then the bias
    reader: float  # of the reader's score of a sentence, next to that of the features


@lru_cache(maxsize=1)
def weights() -> Weights:
    """The weights in the package."""
    record = json.loads(resources.files("rag").joinpath("scorer.json").read_text(encoding="utf-8"))
    return Weights(
        np.array([record["sentence"][name] for name in SENTENCE_FEATURES]),
        float(record["agreement"]),
        np.array([record["answerability"][name] for name in (*ANSWERABILITY_FEATURES, "bias")]),
        np.array([record["answerability_read"][name] for name in (*READ_FEATURES, "bias")]),
        float(record["reader"]),
    )


def score_sentences(question: Question, evidence: Evidence, store: Store) -> NDArray[np.float64]:
    """How well each sentence of the evidence answers, shape (sentences,)."""
    alone: NDArray[np.float64] = evidence.values @ weights().sentence
    return alone + weights().agreement * agreement(question, evidence, alone, store)


def order_sentences(evidence: Evidence, scores: NDArray[np.float64], reread: Reread | None = None) -> list[Scored]:
    """All sentences of the evidence, the likeliest to answer first, each with its answering words where known."""
    answers, read = (reread.answers, reread.read) if reread else ({}, {})
    return [
        Scored(evidence.candidate(row), evidence.spans[row], float(scores[row]), answers.get(row), read.get(row))
        for row in sorted(range(len(scores)), key=lambda row: (-scores[row], row))
    ]


def rank_passages(sentences: list[Scored]) -> list[tuple[Candidate, float]]:
    """The candidates by the score of their best sentence, told with each; one article does not fill the list.

    A passage gives way to one of another article that scores little less, the more of its own article stand
    before it (after maximal marginal relevance: Carbonell, Goldstein 1998, doi:10.1145/290941.291025).
    """
    best: dict[int, tuple[Candidate, float]] = {}
    for sentence in sentences:
        best.setdefault(sentence.candidate.row, (sentence.candidate, sentence.score))
    left = list(best.values())
    before: Counter[str] = Counter()
    ranked = []
    while left:
        chosen = max(left, key=lambda item: item[1] - _SAME_ARTICLE * before[item[0].chunk.article])
        left.remove(chosen)
        before[chosen[0].chunk.article] += 1
        ranked.append(chosen)
    return ranked


def answerability(
    question: Question, evidence: Evidence, store: Store, scores: NDArray[np.float64], reread: Reread
) -> float:
    """The probability that the evidence holds the answer; 0 when there is no evidence.

    `scores` are those of its sentences (`score_sentences`), `reread` what became of them.
    """
    if not len(evidence.values):
        return 0.0
    observed = observe_whole(question, evidence, store, scores)
    told = weights().unread
    if reread.read:
        observed, told = observe_reading(evidence, store, observed, reread), weights().read
    return 1 / (1 + math.exp(-float(observed @ told[:-1] + told[-1])))


def observe_whole(
    question: Question, evidence: Evidence, store: Store, scores: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The features of the evidence as a whole, shape (len(ANSWERABILITY_FEATURES),), given its sentences' scores."""
    order = np.argsort(-scores, kind="stable")
    best, first = evidence.values[order[:1]], evidence.values[order[:_FIRST]]
    rarity = term_weights(question, store)
    unknown = sum(weight for term, weight in rarity.items() if not store.lexical.knows(term))

    def missing(feature: str, rows: NDArray[np.float32], *, asked: bool) -> float:
        return 1.0 - float(rows[:, _COLUMN[feature]].max()) if asked else 0.0

    return np.array(
        [
            scores[order[0]] / 10,
            evidence.values[:, _COLUMN["cosine"]].max(),
            best[0, _COLUMN["cosine_chunk"]],
            best[0, _COLUMN["coverage_context"]],
            best[0, _COLUMN["coverage_chunk"]],
            unknown / max(sum(rarity.values()), 1e-9),
            missing("names_context", best, asked=bool(question.names)),
            missing("wanted", first, asked=question.answer_type not in ("other", "manner", "yes_no")),
            missing("wanted", best, asked=question.answer_type not in ("other", "manner", "yes_no")),
            best[0, _COLUMN["wanted_near"]],
            missing("counted", first, asked=bool(question.counted)),
            missing("target", best, asked=bool(question.target)),
            float(best[0, _COLUMN["speaks"]]),
            missing("speaks", best, asked=bool(question.speaker)),
        ],
        np.float64,
    )


def observe_reading(
    evidence: Evidence, store: Store, observed: NDArray[np.float64], reread: Reread
) -> NDArray[np.float64]:
    """The features of evidence that was read, shape (len(READ_FEATURES),), given those of `observe_whole`.

    Words that several articles give for an answer are likelier to be one: see rag/agreement.py.
    """
    first = int(np.argmax(reread.scores))
    sources = {row: source(evidence.candidate(row).chunk, store) for row in reread.read}
    surest: dict[str, float] = {}  # a wire report and its reprints are one source
    for row, score in reread.read.items():
        surest[sources[row]] = max(surest.get(sources[row], score), score)
    texts = {row: _words(evidence, row, span) for row, span in reread.answers.items()}
    words = {row: _told(text) for row, text in texts.items()}
    answer = words.get(first, frozenset())
    alike = {
        sources[row]
        for row, other in words.items()
        if answer and reread.read[row] > _TOLD_ALIKE_FROM and (other <= answer or answer <= other)
    }
    told = [
        float(np.logaddexp.reduce(list(surest.values()))) / _READER_SCALE,
        reread.alone / _READER_SCALE,
        np.log1p(len(alike)),
        np.log1p(len(texts.get(first, "").split())),
    ]
    return np.concatenate([observed[_STILL], told])


def _told(words: str) -> frozenset[str]:
    """Stems of what answers; "May" and "IT" are among the stop words, and answer all the same."""
    return frozenset(terms(words)) or frozenset((words.casefold(),))


def _words(evidence: Evidence, row: int, span: Span) -> str:
    start = evidence.spans[row][0]
    return evidence.text(row)[span[0] - start : span[1] - start]
