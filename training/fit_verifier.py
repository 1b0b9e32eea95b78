"""Make rag/verifier.json: how much each thing seen of a claim beside its passage counts (rag/support.py).

    python benchmarks/corruptions.py NEWS.jsonl.xz --half dev --out corruptions.jsonl
    python training/fit_verifier.py PAIRS.jsonl corruptions.jsonl [--write]

A file holds lines {set, passage, claim, supported}, labelled by people or made. Every set counts the same. The fit
is logistic; no weight may have the
wrong sign, and all are drawn to a prior: in each group of like features the same, in units of their spread, since
equal weights travel best from one set to another (Dawes 1979, doi:10.1037/0003-066X.34.7.571). Each set is measured
with weights that were fitted on the other sets; what is written is fitted on all.

A claim's score is the mean over its sentences; a verdict asks it of each. Two sets of weights are made: of what is
seen alone, and with what the witness says.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.metrics import roc_auc_score

from index import Embedder, SentenceTransformerEmbedder
from index.sentences import sentences
from rag.guards import GUARDS
from rag.support import ALIGNED, align
from rag.verifier import LEAST_COVERED, WITNESSED, find_verbatim, witnessed
from rag.witness import Witness

GROUPS: Mapping[str, float] = {  # the prior: how much all features of a group count together
    "cosine cosine_best": 1.0,
    "covered covered_rare covered_two": 1.0,
    "part part_cosine": 2.0,
    "pairs pairs_passage": 1.0,
    "names names_passage": 1.0,
    "figures figures_passage": 1.0,
    " ".join(GUARDS): 3.0,
    WITNESSED: 5.0,
}
AGAINST = frozenset({"missing", "missing_passage", *GUARDS})
PULL = 3.0  # how strongly the weights are drawn to the prior

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Claim:
    """A labelled claim: a row for each of its sentences, of what is seen and last what the witness says; and whether
    all of it stands verbatim in the passage."""

    rows: Matrix
    supported: bool
    verbatim: bool


@dataclass(frozen=True, slots=True)
class Fit:
    weights: Matrix
    bias: float

    def probabilities(self, claim: Claim) -> Matrix:
        return 1 / (1 + np.exp(-(claim.rows @ self.weights + self.bias)))


def observe(claim: str, passage: str, supported: bool, embedder: Embedder, witness: Witness) -> Claim | None:
    parts = [claim[slice(*span)] for span in sentences(claim)]
    found = [(align(part, passage, embedder), part) for part in parts]
    rows = [witnessed(alignment, part, passage, witness) for alignment, part in found if alignment]
    return Claim(np.stack(rows), supported, find_verbatim(claim, passage) is not None) if rows else None


def load(files: Sequence[Path], embedder: Embedder, witness: Witness) -> dict[str, list[Claim]]:
    """The claims of each set; a line that names none belongs to the set of its file."""
    sets: dict[str, list[Claim]] = {}
    for path in files:
        for line in path.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            found = observe(record["claim"], record["passage"], bool(record["supported"]), embedder, witness)
            if found:
                sets.setdefault(record.get("set", path.stem), []).append(found)
    return sets


def fit(sets: Sequence[Sequence[Claim]]) -> Fit:
    names = (*ALIGNED, WITNESSED)[: sets[0][0].rows.shape[1]]
    means = [np.array([claim.rows.mean(axis=0) for claim in claims]) for claims in sets]
    labels = [np.array([claim.supported for claim in claims]) for claims in sets]
    spread = np.concatenate(means).std(axis=0) + 1e-3
    means = [rows / spread for rows in means]
    sign = np.array([-1.0 if name in AGAINST else 1.0 for name in names])
    prior = np.zeros(len(names))
    for group, weight in GROUPS.items():
        for name in set(group.split()) & set(names):
            prior[names.index(name)] = weight / len(group.split())
    prior *= sign
    size = len(names)
    shares = [np.where(right, 0.5 / right.sum(), 0.5 / (~right).sum()) / len(sets) for right in labels]

    def loss(told: Matrix) -> tuple[float, Matrix]:
        # The last number is the prior's own scale: how sure the whole is.
        weights, bias, scale = told[:size], told[size], told[size + 1]
        apart = weights - scale * prior
        total = PULL * float(apart @ apart) / 2
        slope = np.zeros(size + 2)
        slope[:size], slope[size + 1] = PULL * apart, -PULL * float(apart @ prior)
        for rows, right, share in zip(means, labels, shares, strict=True):
            scores = rows @ weights + bias
            total += float((share * (np.logaddexp(0, scores) - right * scores)).sum())
            off = share * (1 / (1 + np.exp(-scores)) - right)
            slope[:size] += rows.T @ off
            slope[size] += off.sum()
        return total, slope

    bounds = [(0, None) if way > 0 else (None, 0) for way in sign] + [(None, None), (0, None)]
    found = minimize(loss, np.concatenate([prior / 3, [0.0, 0.3]]), jac=True, method="L-BFGS-B", bounds=bounds).x
    return Fit(found[:size] / spread, float(found[size]))


def verdicts(claims: Sequence[Claim], fitted: Fit, threshold: float) -> NDArray[np.bool_]:
    guards = slice(ALIGNED.index(GUARDS[0]), len(ALIGNED))
    return np.array(
        [
            claim.verbatim
            or (
                not claim.rows[:, guards].any()
                and bool((claim.rows[:, ALIGNED.index("covered")] >= LEAST_COVERED).all())
                and bool((fitted.probabilities(claim) >= threshold).all())
            )
            for claim in claims
        ]
    )


def measure(name: str, claims: Sequence[Claim], fitted: Fit, thresholds: Sequence[float]) -> None:
    labels = np.array([claim.supported for claim in claims])
    scores = np.array([1.0 if claim.verbatim else fitted.probabilities(claim).mean() for claim in claims])
    print(f"{name:16} {len(claims):5} claims, {labels.mean():.2f} supported; AUC {roc_auc_score(labels, scores):.3f}")
    for threshold in thresholds:
        passed = verdicts(claims, fitted, threshold)
        right = (passed & labels).sum()
        print(
            f"    threshold {threshold:.2f}: supported {passed.sum():4}, precision {right / max(1, passed.sum()):.3f}, "
            f"recall {right / labels.sum():.3f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument(
        "--thresholds", type=float, nargs=2, default=(0.5, 0.54),
        help="shipped: from which probability on a claim is supported, without the witness and with it",
    )  # fmt: skip
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    sets = load(options.files, SentenceTransformerEmbedder(), Witness.from_package())
    alone = {name: [replace(claim, rows=claim.rows[:, :-1]) for claim in claims] for name, claims in sets.items()}
    thresholds = sorted({0.3, 0.4, 0.5, 0.6, 0.7, 0.8, *options.thresholds})
    record: dict[str, object] = {
        "about": "made by training/fit_verifier.py; what is weighed is explained in rag/support.py",
        "sets": sorted(sets),
    }
    for kind, observed, threshold in zip(("unwitnessed", "witnessed"), (alone, sets), options.thresholds, strict=True):
        print(kind)
        for name, claims in observed.items():
            measure(name, claims, fit([others for other, others in observed.items() if other != name]), thresholds)
        fitted = fit(list(observed.values()))
        names = (*ALIGNED, WITNESSED)[: len(fitted.weights)]
        record[kind] = {
            "weights": {name: round(float(weight), 4) for name, weight in zip(names, fitted.weights, strict=True)},
            "bias": round(fitted.bias, 4),
            "threshold": threshold,
        }
    if options.write:
        target = Path(__file__).parent.parent / "rag" / "verifier.json"
        target.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        print(f"written: {target.name}")


if __name__ == "__main__":
    main()
