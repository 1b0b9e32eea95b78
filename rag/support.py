"""What can be seen of a claim beside a passage: numbers with a plain meaning, and the span that bears the claim out.

Each sentence of the claim is laid beside every sentence of the passage and every pair of neighbours. The nearest
few by words are compared in meaning; the best of those is the span. rag/verifier.py weighs what is seen.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from index import Embedder, Span
from index.lexical import terms
from index.sentences import sentences
from rag.facts import figures, name_words
from rag.guards import GUARDS, Evidence, acronyms, refusals
from rag.parts import parts

ALIGNED = (
    "cosine",  # of the sentence and the span
    "cosine_best",  # of the sentence and any span that was compared
    "covered",  # share of the sentence's words in the span
    "covered_rare",  # the same, words that are rare in the passage counting more
    "part",  # of the sentence's weakest part (rag/parts.py): share of words in one sentence of the passage, or cosine
    "part_cosine",  # cosine of its weakest part with the nearest of the sentences that have most of its words
    "covered_two",  # … in the two sentences of the passage that together cover most
    "pairs",  # share of the sentence's neighbouring words that are neighbours in the span
    "pairs_passage",  # … that are neighbours anywhere in the passage
    "order",  # longest run of the sentence's words in their order, gaps allowed, as a share
    "run",  # longest run without a gap, as a share
    "missing",  # how many words the span lacks (log)
    "missing_passage",  # how many the passage lacks (log)
    "names",  # share of the names in the span; 1 when there is none
    "names_passage",  # … in the passage
    "figures",  # share of the figures in the span; 1 when there is none
    "figures_passage",
    *GUARDS,  # 1 where the guard refuses
)
_ENOUGH = {  # more than this says no more: what is reworded is not less true, only what is changed
    "cosine": 0.7, "cosine_best": 0.7, "covered": 0.6, "covered_rare": 0.6, "covered_two": 0.7,
    "part": 0.6, "pairs": 0.4, "pairs_passage": 0.5, "order": 0.6, "run": 0.3,
}  # fmt: skip
_COMPARED = 6  # spans compared in meaning
_OF_PART = 3  # sentences compared with a part of the claim
_GAP = 3  # words between two that still count as neighbours


@dataclass(frozen=True, slots=True)
class Alignment:
    """A sentence of a claim with the span of the passage that comes nearest, and what was seen of the two."""

    values: NDArray[np.float64]  # shape (len(ALIGNED),)
    span: Span
    refusals: tuple[str, ...]


def align(
    claim: str, passage: str, embedder: Embedder, *, before: Sequence[str] = (), around: str = ""
) -> Alignment | None:
    """Lay one sentence beside a passage; None when either has no words.

    `before` are the sentences before the passage in its article, `around` is the article.
    """
    said = terms(claim)
    single, spans, words = _spans(passage)
    if not said or not single:
        return None
    rarity = _rarity(said, words[: len(single)])
    everywhere = frozenset(itertools.chain.from_iterable(words[: len(single)]))
    covers = [_covered(rarity, frozenset(found)) for found in words]
    # Of spans that cover the same the shorter one bears the sentence out.
    nearest = sorted(range(len(spans)), key=lambda at: (-covers[at], len(words[at]), at))[:_COMPARED]
    pieces = [_Part.of(part, said, rarity, words[: len(single)]) for part in parts(claim)]
    compared = [*nearest, *dict.fromkeys(at for piece in pieces for at in piece.nearest if at not in nearest)]
    texts = [claim, *(piece.text for piece in pieces), *(passage[slice(*spans[at])] for at in compared)]
    vectors = embedder.encode(texts)
    row = {at: vectors[1 + len(pieces) + number] for number, at in enumerate(compared)}
    cosines = np.array([row[at] @ vectors[0] for at in nearest])
    part_cosines = [
        max(float(row[at] @ own) for at in piece.nearest)
        for piece, own in zip(pieces, vectors[1 : 1 + len(pieces)], strict=True)
    ]
    best = max(
        range(len(nearest)), key=lambda i: covers[nearest[i]] + float(cosines[i]) - 0.02 * (nearest[i] >= len(single))
    )
    span, there = spans[nearest[best]], words[nearest[best]]
    text = passage[slice(*span)]
    earlier = [*before, *(passage[slice(*other)] for other in single if other[1] <= span[0])]
    evidence = Evidence(text, passage, earlier, acronyms(around))
    refused = refusals(claim, evidence)
    present = frozenset(there)
    missing = [word for word in dict.fromkeys(said) if word not in present]
    distinct = frozenset(said)
    names, counted = name_words(claim), figures(claim)
    neighbours = list(itertools.pairwise(said))
    values = [
        float(cosines[best]),
        float(cosines.max()),
        len(distinct & present) / len(distinct),
        covers[nearest[best]],
        min(max(piece.covered, cosine) for piece, cosine in zip(pieces, part_cosines, strict=True)),
        min(part_cosines),
        _covered_two(rarity, words[: len(single)]),
        _share(_near(one, other, there) for one, other in neighbours),
        _share(any(_near(one, other, found) for found in words[: len(single)]) for one, other in neighbours),
        _common_subsequence(said, there) / len(said),
        _common_run(said, there) / len(said),
        math.log1p(len(missing)),
        math.log1p(sum(word not in everywhere for word in distinct)),
        _share(present.issuperset(terms(name)) for name in names),
        _share(everywhere.issuperset(terms(name)) for name in names),
        _share(any(f.value == other.value for other in figures(text)) for f in counted),
        _share(any(f.value == other.value for other in figures(passage)) for f in counted),
        *(float(guard in refused) for guard in GUARDS),
    ]
    limits = [_ENOUGH.get(name, math.inf) for name in ALIGNED]
    return Alignment(np.minimum(np.array(values, np.float64), limits), span, refused)


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of the claim: how much of it the best sentence of the passage covers, and which ones cover most."""

    text: str
    covered: float
    nearest: tuple[int, ...]

    @classmethod
    def of(
        cls, text: str, said: Sequence[str], rarity: Mapping[str, float], sentences: Sequence[Sequence[str]]
    ) -> _Part:
        own = {word: rarity.get(word, 1.0) for word in terms(text) or said}
        covers = [_covered(own, frozenset(found)) for found in sentences]
        nearest = sorted(range(len(covers)), key=lambda at: -covers[at])[:_OF_PART]
        return cls(text, max(covers), tuple(nearest))


def most_covered(claim: str, passage: str) -> float:
    """The largest share of a sentence's words that any one span of the passage holds; 1 where it has none."""
    said = frozenset(terms(claim))
    _, _, words = _spans(passage)
    return max((len(said.intersection(found)) for found in words), default=0) / len(said) if said else 1.0


@lru_cache(maxsize=64)
def _spans(passage: str) -> tuple[list[Span], list[Span], list[list[str]]]:
    """The sentences of a passage; these and every two neighbours; the words of each of those."""
    single = list(sentences(passage))
    spans = single + [(first[0], second[1]) for first, second in itertools.pairwise(single)]
    return single, spans, [terms(passage[slice(*span)]) for span in spans]


def _rarity(said: Sequence[str], texts: Sequence[Sequence[str]]) -> dict[str, float]:
    """How much each word counts: its rarity among the sentences of the passage."""
    seen: Counter[str] = Counter()
    for found in texts:
        seen.update(frozenset(found))
    return {word: math.log1p((len(texts) + 0.5) / (seen[word] + 0.5)) for word in said}


def _covered(rarity: Mapping[str, float], present: frozenset[str]) -> float:
    return sum(weight for word, weight in rarity.items() if word in present) / sum(rarity.values())


def _covered_two(rarity: Mapping[str, float], texts: Sequence[Sequence[str]]) -> float:
    """The share that the best sentence covers, with what the best one beside it adds."""
    found = [frozenset(text) for text in texts]
    first = max(found, key=lambda present: _covered(rarity, present))
    return max(_covered(rarity, first | other) for other in found)


def _share(found: Iterable[bool]) -> float:
    items = [bool(item) for item in found]
    return sum(items) / len(items) if items else 1.0


def _near(one: str, other: str, there: Sequence[str]) -> bool:
    return any(word == one and other in there[max(0, at - 1 - _GAP) : at + 2 + _GAP] for at, word in enumerate(there))


def _common_subsequence(one: Sequence[str], other: Sequence[str]) -> int:
    row = [0] * (len(other) + 1)
    for word in one:
        last = 0
        for at, there in enumerate(other, start=1):
            last, row[at] = row[at], (last + 1 if word == there else max(row[at], row[at - 1]))
    return row[-1]


def _common_run(one: Sequence[str], other: Sequence[str]) -> int:
    best, row = 0, [0] * (len(other) + 1)
    for word in one:
        row = [0, *(row[at] + 1 if word == there else 0 for at, there in enumerate(other))]
        best = max(best, *row)
    return best
