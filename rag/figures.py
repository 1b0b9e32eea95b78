"""Scores of questions → figures, how sure they are, and how far they lie below their floors.

Every figure is a sum of what counts for it over a sum of what it is counted over, question by question: so one
resampling of the questions serves all of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Scores = Mapping[str, float | None]

DEPTHS = (1, 3, 5, 10)
SHARES = (
    *(f"evidence_recall@{depth}" for depth in DEPTHS),
    "evidence_mrr",
    "answer_accuracy",
    "citation_recall",
    "citation_precision",
    "abstention_recall",
    "abstention_precision",
)
"""The figures between 0 and 1, where more is better: those that can have a floor."""

_ROUNDS = 1000  # of the bootstrap
_TAIL = 0.025  # outside the interval, on each side


@dataclass(frozen=True, slots=True)
class Row:
    """What the figures need of a question that was asked."""

    answerable: bool
    kind: str
    scores: Scores
    seconds: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Floor:
    """A floor and the figure found; `short` is how many more of `unit` would reach it, 0 where it is kept.

    `value` is None where no question counts for the figure: then the floor is not judged.
    """

    figure: str
    floor: float
    value: float | None
    interval: tuple[float, float] | None
    short: int
    unit: str

    @property
    def kept(self) -> bool:
        """Whether the figure is not below its floor."""
        return self.short == 0

    def __str__(self) -> str:
        if self.value is None or self.interval is None:
            return f"{self.figure} ≥ {self.floor:g}: not judged, no question of the set counts for it"
        low, high = self.interval
        verdict = "kept" if self.kept else f"MISSED by {self.short} {self.unit}{'s' if self.short > 1 else ''}"
        return f"{self.figure} ≥ {self.floor:g}: {self.value:.3f} [{low:.3f}–{high:.3f}] {verdict}"


def passed(scores: Scores) -> bool:
    """Whether a question came out right: answered as it should with a gold quote cited, or abstained as it should."""
    if scores.get("unsupported_shown"):
        return False
    answered = scores.get("answered", scores["answer_accuracy"])  # reports of earlier versions do not tell the first
    if answered is None:  # unanswerable
        return bool(scores["abstained"])
    return bool(answered) and scores["answer_accuracy"] in (None, 1.0) and scores["citation_recall"] in (None, 1.0)


def figures(rows: Sequence[Row]) -> dict[str, Any]:
    """The figures over all questions; one that nothing applies to is None."""
    found: dict[str, Any] = {"questions": len(rows)}
    for name in SHARES:
        found[name] = _ratio(*_sums(name, rows))
    found["unsupported_shown"] = int(sum(row.scores["unsupported_shown"] or 0 for row in rows))
    found["seconds"] = {
        phase: {
            f"p{share}": float(np.percentile([row.seconds.get(phase, 0.0) for row in rows], share)) if rows else 0.0
            for share in (50, 95)
        }
        for phase in ("retrieve", "generate", "verify")
    }
    return found


def by_kind(rows: Sequence[Row]) -> dict[str, dict[str, Any]]:
    """For each kind: its questions, how many came out right, and the interval of that share."""
    kinds: dict[str, list[Row]] = {}
    for row in rows:
        kinds.setdefault(row.kind or "no kind", []).append(row)
    told: dict[str, dict[str, Any]] = {}
    for kind, members in sorted(kinds.items()):
        right = np.array([float(passed(row.scores)) for row in members])
        share = float(right.mean())
        told[kind] = {
            "questions": len(members), "right": int(right.sum()), "share": share,
            "interval": _bootstrap(right, np.ones(len(members))),
        }  # fmt: skip
    return told


def intervals(rows: Sequence[Row]) -> dict[str, tuple[float, float] | None]:
    """The 95 % interval of each figure, by resampling the questions; see `_bootstrap`."""
    return {name: _bootstrap(*_columns(name, rows)) for name in SHARES}


def judge(rows: Sequence[Row], floors: Mapping[str, float]) -> list[Floor]:
    """Each floor with the figure that it is for."""
    judged = []
    for name, floor in floors.items():
        counted, over = _sums(name, rows)
        unit = "citation" if name == "citation_precision" else "question"
        short = _short(counted, over, floor, drops=name.endswith("_precision")) if over else 0
        interval = _bootstrap(*_columns(name, rows))
        judged.append(Floor(name, floor, _ratio(counted, over), interval, short, unit))
    return judged


def _short(counted: float, over: float, floor: float, *, drops: bool) -> int:
    """How many more must count, or, of a precision, how many wrong ones must go, to reach the floor."""
    missing = (over - counted / floor if floor else 0.0) if drops else floor * over - counted
    return max(0, math.ceil(missing - 1e-9))


def _bootstrap(counted: Sequence[float] | Any, over: Sequence[float] | Any) -> tuple[float, float] | None:
    """The percentile interval of a ratio of sums under resampling of the questions (Efron, Tibshirani 1993, ch. 13).

    Where all agree, resampling would find no doubt at all; there the exact bound for "all of n" is given
    (Clopper, Pearson 1934): 20 right of 20 is compatible with a rate of 0.83.
    """
    counted, over = np.asarray(counted, float), np.asarray(over, float)
    keep = over > 0
    counted, over = counted[keep], over[keep]
    if not len(over):
        return None
    share = counted.sum() / over.sum()
    exact = float(_TAIL ** (1 / len(over)))
    if np.all(counted == over):
        return exact, 1.0
    if not counted.any():
        return 0.0, 1 - exact
    draw = np.random.default_rng(0)
    drawn = np.empty(_ROUNDS)
    for turn in range(_ROUNDS):
        rows = draw.integers(0, len(over), len(over))
        drawn[turn] = counted[rows].sum() / over[rows].sum()
    low, high = np.quantile(drawn, (_TAIL, 1 - _TAIL))
    return float(min(low, share)), float(max(high, share))


def _columns(figure: str, rows: Sequence[Row]) -> tuple[list[float], list[float]]:
    """What counts, and what it is counted over, of each question."""
    pairs = [_PARTS.get(figure, _score(figure))(row) for row in rows]
    return [counted for counted, _ in pairs], [over for _, over in pairs]


def _sums(figure: str, rows: Sequence[Row]) -> tuple[float, float]:
    counted, over = _columns(figure, rows)
    return math.fsum(counted), math.fsum(over)


def _score(name: str) -> Callable[[Row], tuple[float, float]]:
    """The mean of a score over the questions that have it."""

    def parts(row: Row) -> tuple[float, float]:
        value = row.scores.get(name)
        return (0.0, 0.0) if value is None else (value, 1.0)

    return parts


_PARTS: Mapping[str, Callable[[Row], tuple[float, float]]] = {
    "citation_precision": lambda row: (row.scores["citations_right"] or 0.0, row.scores["citations"] or 0.0),
    "abstention_recall": lambda row: (0.0, 0.0) if row.answerable else (row.scores["abstained"] or 0.0, 1.0),
    "abstention_precision": lambda row: (
        float(not row.answerable) * (row.scores["abstained"] or 0.0),
        row.scores["abstained"] or 0.0,
    ),
}


def _ratio(counted: float, over: float) -> float | None:
    return counted / over if over else None


def sign_test(better: int, worse: int) -> float:
    """Two-sided p of the sign test: how likely so uneven a change is when better and worse are equally likely."""
    changed = better + worse
    tail = ways = 1  # of all changes being in one direction; then of one less, and so on
    for other in range(1, min(better, worse) + 1):
        ways = ways * (changed - other + 1) // other
        tail += ways
    return min(1.0, 2 * tail / (1 << changed))


def check_floors(floors: Iterable[tuple[str, object]]) -> dict[str, float]:
    """Floors by figure.

    Raises:
        ValueError: a figure is not known, or a floor is no number from 0 to 1.
    """
    checked: dict[str, float] = {}
    for name, value in floors:
        if name not in SHARES:
            raise ValueError(f"there is no figure {name!r} that can have a floor: use {', '.join(SHARES)}")
        try:
            checked[name] = float(value)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            raise ValueError(f"the floor of {name} is {value!r}, not a number from 0 to 1") from None
        if not 0 <= checked[name] <= 1:
            raise ValueError(f"the floor of {name} is {value!r}, not a number from 0 to 1")
    return checked
