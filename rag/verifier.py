"""A sentence and a passage → supported or not. Whatever wrote the sentence, this decides.

Layers, cheapest first: words that stand in the passage as they are, are supported; the span that comes nearest is
found (rag/support.py); a guard refuses alone (rag/guards.py); what is left must reach a score, the weighted sum of
what was seen and of what the witness reads (rag/witness.py), turned into a probability. A judge (rag/judge.py), where
one is set, has the last word on what passes.
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
from rag.parts import parts
from rag.support import ALIGNED, Alignment, align, most_covered
from rag.witness import Witness

LEAST_COVERED = 0.6
"""Share of a sentence's words that its span must hold, whatever else is seen."""
WITNESSED = "witnessed"
"""The name of what the witness says, in verifier.json."""
_COVERED = ALIGNED.index("covered")
_MOST_ODDS = 4.0  # surer than this says no more


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


@lru_cache(maxsize=2)
def calibration(*, witnessed: bool) -> Calibration:
    """The weights in the package: of what is seen, and where a witness reads too, last of what it says."""
    record = json.loads(resources.files("rag").joinpath("verifier.json").read_text(encoding="utf-8"))
    record = record["witnessed" if witnessed else "unwitnessed"]
    weights = np.array([record["weights"][name] for name in ((*ALIGNED, WITNESSED) if witnessed else ALIGNED)])
    return Calibration(weights, float(record["bias"]), float(record["threshold"]))


@dataclass(frozen=True, slots=True)
class Verifier:
    """What judges claims: the embedder that lays them beside passages, a witness that reads, a judge of what passes."""

    embedder: Embedder
    witness: Witness | None = None
    judge: Judge | None = None

    def verify(self, claim: str, passage: str, *, before: Sequence[str] = (), around: str = "") -> Judgement:
        """Judge a claim of one or more sentences against one passage; each sentence must be supported.

        Args:
            claim: the sentence; markers of citations are not part of it.
            passage: the text that should bear it out. The span of the result is in it.
            before: the sentences before the passage in its article, in order: whom its pronouns mean.
            around: the article of the passage, for names that it spells out elsewhere.

        Raises:
            ModelError: the judge cannot be reached.
        """
        if span := _stated(claim, passage):
            return Judgement(True, 1.0, span)
        judgements = [self._judge_sentence(sentence, passage, before, around) for sentence in _said(claim)]
        if not judgements:
            return Judgement(False, 0.0)
        supported = all(judgement.supported for judgement in judgements)
        spans = [judgement.span for judgement in judgements if judgement.span]
        # Of several sentences the weakest one's span is told where they are far apart.
        score = float(np.mean([judgement.score for judgement in judgements]))
        span = (min(start for start, _ in spans), max(end for _, end in spans)) if spans else None
        refused = tuple(dict.fromkeys(guard for judgement in judgements for guard in judgement.refused))
        if supported and self.judge and span and not self.judge.supports(claim, passage[slice(*span)]):
            return Judgement(False, min(score, self._calibration.threshold / 2), span, (self.judge.name,))
        return Judgement(supported, score, span, refused)

    @property
    def _calibration(self) -> Calibration:
        return calibration(witnessed=self.witness is not None)

    def _judge_sentence(self, sentence: str, passage: str, before: Sequence[str], around: str) -> Judgement:
        if span := _stated(sentence, passage):
            return Judgement(True, 1.0, span)
        alignment = align(sentence, passage, self.embedder, before=before, around=around)
        if alignment is None:
            return Judgement(False, 0.0)
        values = witnessed(alignment, sentence, passage, self.witness) if self.witness else alignment.values
        told, limit = probability(values, self._calibration), self._calibration.threshold
        said = alignment.values[_COVERED] >= LEAST_COVERED
        supported = bool(not alignment.refusals and said and told >= limit)
        # What a guard refuses is told as less than what passes, in the order of its own probability.
        return Judgement(supported, told if supported else min(told, limit * told), alignment.span, alignment.refusals)


def witnessed(alignment: Alignment, sentence: str, passage: str, witness: Witness) -> NDArray[np.float64]:
    """What is seen of a sentence beside a passage, and last what the witness says: of the whole, and part by part.

    The parts together count as much as the whole, by the harmonic mean of their odds: one that is not told outweighs
    several that are.
    """

    def odds(claims: Sequence[str]) -> NDArray[np.float64]:
        return np.clip([witness.entailment(claim, passage) for claim in claims], -_MOST_ODDS, _MOST_ODDS)

    read = float(odds([sentence])[0])
    if len(pieces := parts(sentence)) > 1:
        read = (read - float(np.log(np.exp(-odds(pieces)).mean()))) / 2
    return np.append(alignment.values, read)


def probability(values: NDArray[np.float64], told: Calibration) -> float:
    """The estimated probability that the span bears the sentence out."""
    return 1 / (1 + math.exp(-float(values @ told.weights) - told.bias))


def within_reach(claim: str, passage: str) -> bool:
    """Whether the passage has enough of each sentence's words; where not, `verify` refuses, and this is cheaper."""
    return all(most_covered(sentence, passage) >= LEAST_COVERED for sentence in _said(claim))


def _said(claim: str) -> list[str]:
    """The sentences of a claim that say anything."""
    found = (claim[slice(*span)] for span in sentences(claim))
    return [sentence for sentence in found if any(map(str.isalpha, sentence))]


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
