"""A small reading model: question and passage → the span that answers, or that none does.

One encoder, the embedder's own, trained further (training/README.md) and kept as a difference to the weights of
the package: rag/reader.safetensors. It reads the question and one passage together, and gives every token a
start and an end score (Devlin et al. 2019, doi:10.18653/v1/N19-1423, section 4.3). The first token stands for
"not in here", and scores are told from it, so that they can be compared between passages (trained for that:
Clark & Gardner 2018, doi:10.18653/v1/P18-1078).
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index import Span
from rag.encoder import base_folder, base_tokenizer, batch_inputs, load_packed, token_ids, token_scores, windows

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from transformers import BertForQuestionAnswering

WEIGHTS_FILE = "reader.safetensors"
QUESTION_TOKENS = 64
FOREWORD_TOKENS = 72
ANSWER_TOKENS = 30
BEST_SPANS = 10
_BATCH = 5  # small: several threads share ten passages, and what a batch holds does not depend on their number
_NOWHERE = -1e4  # a score for what cannot be


@dataclass(frozen=True, slots=True)
class Window:
    """A run of a passage's tokens as the model scored it, each score told from that of "not in here"."""

    offsets: NDArray[np.int64]  # (tokens, 2): character offsets in the passage
    starts: NDArray[np.float32]  # (tokens,)
    ends: NDArray[np.float32]  # (tokens,)


@dataclass(frozen=True)
class Reading:
    """What a passage says to a question. A score above 0 says: rather this than no answer.

    Scores are sums of a start and an end score less those of no answer; they can be compared between passages.
    """

    null: float  # no answer: start and end score summed, as the model gave them
    windows: tuple[Window, ...] = field(repr=False, compare=False)

    @cached_property
    def spans(self) -> tuple[tuple[int, int, float], ...]:
        """The best spans of the passage, best first: start, end, score."""
        best: dict[Span, float] = {}
        for window in self.windows:
            scores = _pair_scores(window.starts, window.ends)
            flat = scores.ravel()
            for at in np.argsort(-flat, kind="stable")[:BEST_SPANS]:
                first, last = divmod(int(at), scores.shape[1])
                if flat[at] > _NOWHERE / 2:
                    span = int(window.offsets[first, 0]), int(window.offsets[first + last, 1])
                    best[span] = max(best.get(span, -np.inf), float(flat[at]))
        ranked = sorted(best.items(), key=lambda item: (-item[1], item[0]))[:BEST_SPANS]
        return tuple((start, end, score) for (start, end), score in ranked)

    @property
    def score(self) -> float:
        """Of the best span: how much likelier it is than that the passage does not answer."""
        return self.spans[0][2] if self.spans else _NOWHERE

    def sentence_scores(self, spans: Sequence[Span]) -> list[float]:
        """For each sentence (a span of the passage) the score of the best answer that stands inside it."""
        return [
            max((_best_inside(window, start, end) for window in self.windows), default=_NOWHERE) for start, end in spans
        ]


class Reader:
    """Reads passages for a question. Deterministic; safe to share between threads.

    Build it with `from_package`; the constructor takes a model that is being trained.
    """

    def __init__(self, model: BertForQuestionAnswering, tokenizer: Tokenizer) -> None:
        import torch

        self._model = model
        self._tokenizer = tokenizer
        # A batch to a thread: threads that part each product wait for each other, long when other work goes on.
        threads = 1 if model.device.type != "cpu" else torch.get_num_threads()
        self._pool = ThreadPoolExecutor(threads, "reader", initializer=torch.set_num_threads, initargs=(1,))

    @classmethod
    def from_package(cls, weights: Path | None = None) -> Reader:
        """The packaged reader; `weights` names another file of training/pack.py.

        Raises:
            WeightsError: weights are missing, damaged, or made for other base weights.
        """
        packed = weights or Path(str(resources.files("rag").joinpath(WEIGHTS_FILE)))
        return cls(load_packed(packed, labels=2), base_tokenizer(base_folder()))

    def read(self, question: str, passages: Sequence[str], forewords: Sequence[str] = ()) -> list[Reading]:
        """What each passage says to the question, in the order of the passages.

        `forewords`, where given, one for each passage, are what stands before them: read, but never an answer.
        """
        before = forewords or [""] * len(passages)
        return self.read_pairs(list(zip([question] * len(passages), passages, before, strict=True)))

    def read_pairs(self, pairs: Sequence[tuple[str, str, str]]) -> list[Reading]:
        """What each passage says to the question before it, with the foreword behind it, in the order given."""
        asked = {text: token_ids(self._tokenizer, text)[:QUESTION_TOKENS] for text in {pair[0] for pair in pairs}}
        pieces = [
            (number, asked[question], [*token_ids(self._tokenizer, foreword)[-FOREWORD_TOKENS:], *ids], offsets)
            for number, (question, passage, foreword) in enumerate(pairs)
            for ids, offsets in windows(self._tokenizer, passage)
        ]
        # Alike in length, a batch has little padding; the longest first, so that no thread is left with one at the end.
        order = sorted(range(len(pieces)), key=lambda at: (-len(pieces[at][2]), at))
        batches = [order[first : first + _BATCH] for first in range(0, len(order), _BATCH)]
        scored = self._pool.map(self._score, ([pieces[at][1:3] for at in batch] for batch in batches))
        scores = {
            at: rows
            for batch, found in zip(batches, scored, strict=True)
            for at, rows in zip(batch, found, strict=True)
        }
        by_pair: list[list[tuple[float, Window]]] = [[] for _ in pairs]
        for at, (number, question_ids, ids, offsets) in enumerate(pieces):
            first = len(question_ids) + 2 + len(ids) - len(offsets)  # behind the foreword
            by_pair[number].append(_window(scores[at], first, offsets))
        return [Reading(min(null for null, _ in each), tuple(window for _, window in each)) for each in by_pair]

    def _score(self, pairs: Sequence[tuple[Sequence[int], Sequence[int]]]) -> NDArray[np.float32]:
        import torch

        with torch.inference_mode():
            scores: NDArray[np.float32] = token_scores(self._model, batch_inputs(pairs)).cpu().numpy()
        return scores


def _window(scores: NDArray[np.float32], first: int, offsets: NDArray[np.int64]) -> tuple[float, Window]:
    own = scores[first : first + len(offsets)] - scores[0]
    return float(scores[0].sum()), Window(offsets, own[:, 0], own[:, 1])


def _pair_scores(starts: NDArray[np.float32], ends: NDArray[np.float32]) -> NDArray[np.float32]:
    """Score of the span from token i to token i + j, shape (tokens, up to ANSWER_TOKENS)."""
    width = min(ANSWER_TOKENS, len(starts))
    if not width:
        return np.empty((0, 0), np.float32)
    padded = np.concatenate([ends, np.full(width - 1, 2 * _NOWHERE, np.float32)])
    scores: NDArray[np.float32] = starts[:, None] + np.lib.stride_tricks.sliding_window_view(padded, width)
    return scores


def _best_inside(window: Window, start: int, end: int) -> float:
    inside = (window.offsets[:, 0] >= start) & (window.offsets[:, 1] <= end)
    if not inside.any():
        return _NOWHERE
    return float(_pair_scores(window.starts[inside], window.ends[inside]).max())
