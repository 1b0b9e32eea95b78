"""A sentence and a passage → supported or not. Whatever wrote the sentence, this decides.

Layers, cheapest first: words that stand in the passage as they are, are supported; the span that comes nearest is
found (rag/support.py); a guard refuses alone (rag/guards.py); what is left must reach a score, the weighted sum of
what was seen, turned into a probability. A judge (rag/judge.py), where one is set, has the last word on what passes.
The weights are in verifier.json, made by training/fit_verifier.py.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from index import Embedder, Span
from index.sentences import sentences
from rag.guards import turned
from rag.judge import Judge
from rag.support import ALIGNED, Alignment, align, most_covered

LEAST_COVERED = 0.6
"""Share of a sentence's words that its span must hold, whatever else is seen."""
_COVERED = ALIGNED.index("covered")


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether a claim is supported, how surely (0 to 1), and by which span of the passage.

    `refused` names the guards that refuse it (`rag.guards.GUARDS`), or the judge.
    """

    supported: bool
    score: float
    span: Span | None = None
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Calibration:
    """What verifier.json holds: a weight for each thing seen, and from which probability on a claim is supported."""

    weights: NDArray[np.float64]
    bias: float
    threshold: float


@lru_cache(maxsize=1)
def calibration() -> Calibration:
    """The weights in the package."""
    record = json.loads(resources.files("rag").joinpath("verifier.json").read_text(encoding="utf-8"))
    weights = np.array([record["weights"][name] for name in ALIGNED])
    return Calibration(weights, float(record["bias"]), float(record["threshold"]))


def verify(
    claim: str,
    passage: str,
    embedder: Embedder,
    *,
    before: Sequence[str] = (),
    around: str = "",
    judge: Judge | None = None,
) -> Judgement:
    """Judge a claim of one or more sentences against one passage; each sentence must be supported.

    Args:
        claim: the sentence; markers of citations are not part of it.
        passage: the text that should bear it out. The span of the result is in it.
        before: the sentences before the passage in its article, in order: whom its pronouns mean.
        around: the article of the passage, for names that it spells out elsewhere.
        judge: a second opinion on what passes.

    Raises:
        ModelError: the judge cannot be reached.
    """
    if span := _stated(claim, passage):
        return Judgement(True, 1.0, span)
    parts = [claim[slice(*span)] for span in sentences(claim)]
    parts = [part for part in parts if any(map(str.isalpha, part))]
    judgements = [_judge_sentence(part, passage, embedder, before, around) for part in parts]
    if not judgements:
        return Judgement(False, 0.0)
    supported = all(judgement.supported for judgement in judgements)
    spans = [judgement.span for judgement in judgements if judgement.span]
    # Of several sentences the weakest one's span is told where they are far apart.
    score = float(np.mean([judgement.score for judgement in judgements]))
    span = (min(start for start, _ in spans), max(end for _, end in spans)) if spans else None
    refused = tuple(dict.fromkeys(guard for judgement in judgements for guard in judgement.refused))
    if supported and judge and span and not judge.supports(claim, passage[slice(*span)]):
        return Judgement(False, min(score, calibration().threshold / 2), span, (judge.name,))
    return Judgement(supported, score, span, refused)


def within_reach(claim: str, passage: str) -> bool:
    """Whether the passage has enough of each sentence's words; where not, `verify` refuses, and this is cheaper."""
    parts = [claim[slice(*span)] for span in sentences(claim)]
    return all(most_covered(part, passage) >= LEAST_COVERED for part in parts if any(map(str.isalpha, part)))


def _judge_sentence(sentence: str, passage: str, embedder: Embedder, before: Sequence[str], around: str) -> Judgement:
    if span := _stated(sentence, passage):
        return Judgement(True, 1.0, span)
    alignment = align(sentence, passage, embedder, before=before, around=around)
    if alignment is None:
        return Judgement(False, 0.0)
    told, limit = probability(alignment), calibration().threshold
    said = alignment.values[_COVERED] >= LEAST_COVERED
    supported = bool(not alignment.refusals and said and told >= limit)
    # What a guard refuses is told as less than what passes, in the order of its own probability.
    return Judgement(supported, told if supported else min(told, limit * told), alignment.span, alignment.refusals)


def probability(alignment: Alignment) -> float:
    """The estimated probability that the span bears the sentence out."""
    told = calibration()
    return 1 / (1 + math.exp(-float(alignment.values @ told.weights) - told.bias))


def _stated(sentence: str, passage: str) -> Span | None:
    """The span that is the sentence word for word, unless the rest of its own sentence denies or doubts it."""
    span = find_verbatim(sentence, passage)
    if span is None:
        return None
    around = " ".join(passage[a:b] for a, b in sentences(passage) if a < span[1] and span[0] < b)
    return None if turned(sentence, around) else span


def find_verbatim(sentence: str, passage: str) -> Span | None:
    """The span of the passage that is the sentence word for word, white space aside."""
    words = sentence.split()
    if not words:
        return None
    match = re.search(r"\s+".join(map(re.escape, words)), passage)
    return match.span() if match else None
