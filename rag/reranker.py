"""The second stage's plug: sentences scored once by features may be scored again by something that reads them.

`reader` is our own reading model (rag/reader.py); `cross-encoder:NAME` any sentence-transformers CrossEncoder, by
name or folder (none can be assumed present); `none` keeps the scores of the features.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index import Span
from index.lexical import terms
from rag.cross_encoders import load_cross_encoder
from rag.errors import SettingsError, WeightsError
from rag.features import Evidence
from rag.reader import Reader

Scores = NDArray[np.float64]
"""One score a sentence of the evidence, shape (sentences,); higher is better."""

READ_PASSAGES = 10
_READ_SENTENCES = 30
_LEFT_OUT = 10  # words of a question, one at a time
_WORD = re.compile(r"[\w’'.-]+")
UNREAD = 20.0  # what was not read comes after what was
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reread:
    """New scores for all sentences; of those that were read, row → the words that answer (a span in the article), and
    row → how surely they do, told from "none of these passages answers". `alone` is how surely the first one does when
    it is read by itself (`ReaderReranker.alone`)."""

    scores: Scores
    answers: Mapping[int, Span] = field(default_factory=dict)
    read: Mapping[int, float] = field(default_factory=dict)
    alone: float = 0.0


class Reranker(Protocol):
    """Scores the sentences of the evidence again."""

    name: str

    def reread(self, question: str, evidence: Evidence, scores: Scores) -> Reread:
        """Read the best of the evidence, given the scores of the features."""


class ReaderReranker:
    """The reading model over the first passages; its score of a sentence is added to that of the features."""

    name = "reader"

    def __init__(self, reader: Reader, *, weight: float) -> None:
        self._reader = reader
        self._weight = weight

    def reread(self, question: str, evidence: Evidence, scores: Scores) -> Reread:
        order = np.argsort(-scores, kind="stable")
        owners = list(dict.fromkeys(int(evidence.owner[row]) for row in order))[:READ_PASSAGES]
        passages = [evidence.candidates[owner].chunk.text for owner in owners]
        readings = self._reader.read(question, passages, [evidence.forewords[owner] for owner in owners])
        again: Scores = scores - UNREAD
        answers: dict[int, Span] = {}
        sure: dict[int, float] = {}
        for owner, reading in zip(owners, readings, strict=True):
            start = evidence.candidates[owner].chunk.start
            rows = np.flatnonzero(evidence.owner == owner)
            spans = [(evidence.spans[row][0] - start, evidence.spans[row][1] - start) for row in rows]
            for row, inside, read in zip(rows, spans, reading.sentence_scores(spans), strict=True):
                sure[int(row)] = read
                again[row] = scores[row] + self._weight * read
                answer = next((s for s in reading.spans if inside[0] <= s[0] and s[1] <= inside[1]), None)
                if answer:
                    answers[int(row)] = (start + answer[0], start + answer[1])
        return Reread(again, answers, sure)

    def alone(self, question: str, sentence: str) -> float:
        """How surely one sentence answers, read by itself: the least, while any one word of the question is left out.

        A question that only looks answerable has a word that the sentence does not go with. Without that word the
        reader is surer; what answers in truth it doubts whichever word is missing, but not much.
        """
        words = [match.span() for match in _WORD.finditer(question) if terms(match[0])][:_LEFT_OUT]
        asked = [question, *(question[:start] + question[end:] for start, end in words)]
        return min(reading.score for reading in self._reader.read_pairs([(one, sentence, "") for one in asked]))


class CrossEncoderReranker:
    """A sentence-transformers CrossEncoder over (question, sentence with its neighbours).

    Raises:
        SettingsError: the model cannot be loaded.
    """

    def __init__(self, model: str) -> None:
        self.name = f"cross-encoder:{Path(model).name}"
        self._model = load_cross_encoder(model, role="cross-encoder")

    def reread(self, question: str, evidence: Evidence, scores: Scores) -> Reread:
        first = np.argsort(-scores, kind="stable")[:_READ_SENTENCES]
        read = self._model.predict([(question, evidence.context(int(row))) for row in first], show_progress_bar=False)
        again: Scores = scores - scores.max() - UNREAD
        again[first] = np.asarray(read, np.float64)
        return Reread(again)


def open_reranker(name: str, *, reader_weight: float) -> Reranker | None:
    """The reranker that a setting names; None for `none`, and for a reader whose weights cannot be used.

    Raises:
        SettingsError: there is none of this name, or it cannot be loaded.
    """
    kind, _, model = name.partition(":")
    if kind == "none" and not model:
        return None
    if kind == "reader" and not model:
        try:
            return ReaderReranker(Reader.from_package(), weight=reader_weight)
        except WeightsError as error:
            _log.warning("%s The answers are found without it.", error)
            return None
    if kind == "cross-encoder" and model:
        return CrossEncoderReranker(model)
    raise SettingsError(f"There is no reranker {name!r}: use reader, none, or cross-encoder:NAME-OR-FOLDER.")
