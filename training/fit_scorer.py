"""Make rag/scorer.json: the weights of the second stage.

    python -m training.fit_scorer --sets FOLDER [FOLDER ...] [--also FOLDER ...] [--asked FOLDER ...]
        [--checked FOLDER ...] [--unseen FILE] [--scratch FOLDER] [--write]

Each folder holds `articles/` and `questions.jsonl`. Those of --also are fitted on with the others and not measured
(training/questions.py makes such of the reading model's data); those of --asked teach only what is fitted with the
reader: how much its word counts and what cannot be answered (questions.py makes one of our own questions,
benchmarks/news_questions.py one of the news); nothing is fitted on those of --checked; --scratch keeps their indexes.
Every set counts the same, whatever its size. Weights are drawn to a prior (a Gaussian around PRIOR): what the sets say
nothing of stays there: they ask hardly anyone's words, and have hardly a headline. It leaves out each set in turn and
measures on it, so that a gain on one that loses on another is seen (of what is fitted with the reader, the probability
alone is fitted anew for that); then it fits on all, and with --write writes the file.

Ranking is a softmax over all sentences of a question, whose likelihood is that of the right ones (ListNet's
top-one loss: Cao et al. 2007, doi:10.1145/1273496.1273513); answerability is logistic.

What other articles tell alike (rag/agreement.py) needs the scores of the features and is weighed after them; what
the reading model says (rag/reader.py) is weighed last. Each is one number, found by trying, on all sets together.
The reader is trusted too much on what it was trained on: --unseen FILE names the questions (an id a line) that it
never saw.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from index import SentenceTransformerEmbedder
from rag.features import SENTENCE_FEATURES
from rag.scorer import ANSWERABILITY_FEATURES, READ_FEATURES
from training.samples import Fit, Observed, Sample, load, observe_agreement, read, weighed, whole

PRIOR = {"speaks": 4.5, "heading": -1.5, "short": -1.0, "target": 0.5}
ANSWERABILITY_PRIOR = {
    "names_missing": -1.0,
    "wanted_missing": -0.5,
    "wanted_missing_best": -0.25,
    "counted_missing": -0.75,
    "target_missing": -0.75,
    "speaker": 1.2,
    "speaker_missing": -1.2,
}
RANKING_PULL = 0.006  # how strongly weights are drawn to the prior
ANSWERABILITY_PULL = 0.1  # the same, on features of one spread: a close fit to one set misleads on others
HELD_PULL = 1.0  # on what the sets cannot tell: they ask hardly ever what someone says
HELD = frozenset({"speaker", "speaker_missing"})
AGREEMENT_WEIGHTS = (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0)
READER_WEIGHTS = (0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0)


def minimise(loss: Callable[[torch.Tensor], torch.Tensor], start: torch.Tensor) -> NDArray[np.float64]:
    weights = start.clone().requires_grad_(True)
    optimiser = torch.optim.LBFGS([weights], max_iter=400, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimiser.zero_grad()
        value = loss(weights)
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimiser.step(closure)  # type: ignore[no-untyped-call]
    return weights.detach().numpy()


def fit_ranking(sets: Sequence[Sequence[Sample]]) -> Fit:
    prior = torch.tensor([PRIOR.get(name, 0.0) for name in SENTENCE_FEATURES], dtype=torch.float64)
    parts = [stack([sample for sample in samples if sample.right.any()]) for samples in sets]

    def loss(weights: torch.Tensor) -> torch.Tensor:
        total = RANKING_PULL * ((weights - prior) ** 2).sum() / 2
        for values, right, owner in parts:
            scores = values @ weights
            missed = log_sum(scores, owner) - log_sum(scores[right], owner[right])
            total = total + missed.mean() / len(parts)
        return total

    features = minimise(loss, prior)
    for samples in sets:
        observe_agreement(samples, features)
    tried = [Fit(features, weight) for weight in AGREEMENT_WEIGHTS]
    return max(tried, key=lambda fit: np.mean([firsts(samples, fit)[0] for samples in sets]))


def stack(samples: Sequence[Sample]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """All sentences of all questions: features, whether right, and whose question's they are."""
    values = np.vstack([sample.evidence.values for sample in samples])
    owner = np.repeat(np.arange(len(samples)), [len(sample.right) for sample in samples])
    right = np.concatenate([sample.right for sample in samples])
    return torch.from_numpy(values).double(), torch.from_numpy(right), torch.from_numpy(owner)


def log_sum(scores: torch.Tensor, owner: torch.Tensor) -> torch.Tensor:
    """log Σ exp of the scores of each owner, shape (owners,); owners are 0 … n-1 and each has some."""
    size = int(owner.max()) + 1
    top = torch.full((size,), -torch.inf, dtype=scores.dtype).scatter_reduce(0, owner, scores.detach(), "amax")
    return top + torch.zeros(size, dtype=scores.dtype).scatter_add(0, owner, torch.exp(scores - top[owner])).log()


def fit_answerability(sets: Sequence[Observed], names: Sequence[str]) -> NDArray[np.float64]:
    """A weight for each feature, and last the bias."""
    prior = torch.tensor([ANSWERABILITY_PRIOR.get(name, 0.0) for name in names]).double()
    observed = [(values, labels) for values, labels in sets if not labels.all()]
    spread = np.vstack([values for values, _ in observed]).std(0)
    pull = torch.tensor(
        [HELD_PULL if name in HELD else ANSWERABILITY_PULL * size**2 for name, size in zip(names, spread, strict=True)]
    )
    parts = [
        (torch.from_numpy(np.hstack([values, np.ones((len(values), 1))])), torch.from_numpy(labels).double())
        for values, labels in observed
    ]

    def loss(weights: torch.Tensor) -> torch.Tensor:
        total = (pull * ((weights[:-1] - prior) ** 2)).sum() / 2
        for values, labels in parts:
            total = total + torch.nn.functional.binary_cross_entropy_with_logits(values @ weights, labels) / len(parts)
        return total

    return minimise(loss, torch.cat([prior, torch.zeros(1).double()]))


def auc(scores: NDArray[np.float64], labels: NDArray[np.bool_]) -> float:
    """Area under the ROC curve: how often a positive is above a negative, ties counting half."""
    positive, negative = scores[labels][:, None], scores[~labels][None, :]
    if not positive.size or not negative.size:
        return float("nan")
    return float((positive > negative).mean() + (positive == negative).mean() / 2)


def firsts(samples: Sequence[Sample], fit: Fit, reader: float = 0.0) -> tuple[float, float]:
    """How often the first sentence, and one of the first three, is right; `reader` is its weight."""
    hits = []
    for sample in samples:
        if sample.answerable:
            scores = weighed(sample, fit, reader).scores if reader else fit.scores(sample)
            order = np.argsort(-scores, kind="stable")
            hits.append((sample.right[order[:1]].any(), sample.right[order[:3]].any()))
    first, three = np.mean(hits, axis=0)
    return float(first), float(three)


def measure(samples: Sequence[Sample], fit: Fit, seen: Observed, answer: NDArray[np.float64], reader: float) -> str:
    told = f"answerability AUC {auc(probabilities(seen, answer), seen[1]):.3f}"
    if not any(sample.right.any() for sample in samples):
        return told
    first, three = firsts(samples, fit, reader)
    return f"first {first:.3f}  first three {three:.3f}  {told}"


def probabilities(seen: Observed, answer: NDArray[np.float64]) -> NDArray[np.float64]:
    """How likely it is that each can be answered."""
    found: NDArray[np.float64] = 1 / (1 + np.exp(-(seen[0] @ answer[:-1] + answer[-1])))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", type=Path, nargs="+", required=True)
    parser.add_argument("--also", type=Path, nargs="*", default=[])
    parser.add_argument("--asked", type=Path, nargs="*", default=[])
    parser.add_argument("--checked", type=Path, nargs="*", default=[])
    parser.add_argument("--scratch", type=Path)
    parser.add_argument("--unseen", type=Path, help="ids of the questions that the reader was not trained on")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    folders = [*arguments.sets, *arguments.also, *arguments.asked, *arguments.checked]
    if len({folder.name for folder in folders}) < len(folders):
        parser.error("two folders have one name: results and indexes are kept by it")
    embedder = SentenceTransformerEmbedder()
    with tempfile.TemporaryDirectory() as place:
        scratch = arguments.scratch or Path(place)
        sets, also, asked, checked = (
            {folder.name: load(folder, embedder, scratch) for folder in folders}
            for folders in (arguments.sets, arguments.also, arguments.asked, arguments.checked)
        )
    for names in [[name] for name in sets] + [list(sets)]:
        chosen = [*(sets[name] for name in names), *also.values()]
        fit = fit_ranking(chosen)
        answer = fit_answerability([whole(samples, fit, 0) for samples in chosen], ANSWERABILITY_FEATURES)
        for name, samples in sets.items():
            observe_agreement(samples, fit.features)
            figures = measure(samples, fit, whole(samples, fit, 0), answer, 0)
            print(f"fitted on {'+'.join([*names, *also]):32} measured on {name:10} {figures}")
    print(f"weight of agreement {fit.agreement}")
    if arguments.unseen:
        unseen = set(arguments.unseen.read_text(encoding="utf-8").split())
        sets = {name: [sample for sample in samples if sample.id in unseen] for name, samples in sets.items()}
    asked = {**sets, **asked}
    for samples in [*asked.values(), *checked.values()]:
        observe_agreement(samples, fit.features)
        read(samples, fit)
    known = {name: samples for name, samples in asked.items() if any(s.right.any() for s in samples)}
    weight = max(READER_WEIGHTS, key=lambda w: np.mean([firsts(samples, fit, w)[0] for samples in known.values()]))
    for tried in READER_WEIGHTS:
        found = "  ".join(f"{name} %.3f/%.3f" % firsts(samples, fit, tried) for name, samples in known.items())
        print(f"reader's weight {tried:.2f}: first/first three {found}")
    seen = {name: whole(samples, fit, weight) for name, samples in asked.items()}
    for name in asked:
        without = fit_answerability([each for other, each in seen.items() if other != name], READ_FEATURES)
        found = f"{auc(probabilities(seen[name], without), seen[name][1]):.3f}"
        print(f"with the reader, the probability fitted on all but {name:10} answerability AUC {found}")
    with_reader = fit_answerability(list(seen.values()), READ_FEATURES)
    for name, samples in (asked | checked).items():
        found = measure(samples, fit, seen.get(name) or whole(samples, fit, weight), with_reader, weight)
        print(f"with the reader, fitted on all sets{'' if name in seen else ' but'} {name:10} {found}")
    met = meeting(list(seen.values()), with_reader)
    print(f"abstention's precision meets its recall at {met:.2f} on all sets together")
    if arguments.write:
        write([*sets, *also], list(asked), fit, answer, with_reader, weight)


def meeting(sets: Sequence[Observed], answer: NDArray[np.float64]) -> float:
    """The threshold at which as many questions are refused as cannot be answered, every set counting the same:
    precision equals recall there, so weighted."""
    told = np.concatenate([probabilities(seen, answer) for seen in sets])
    shares = np.concatenate([np.full(len(labels), 1 / len(labels)) for _, labels in sets])
    order = np.argsort(told, kind="stable")
    unanswerable = sum(float((~labels).mean()) for _, labels in sets)
    refused = int(np.searchsorted(np.cumsum(shares[order]), unanswerable + 1e-9, side="right"))
    return float(told[order][min(refused, len(order) - 1)])


def write(
    sets: list[str],
    asked: list[str],
    fit: Fit,
    answer: NDArray[np.float64],
    with_reader: NDArray[np.float64],
    weight: float,
) -> None:
    def named(names: Sequence[str], values: NDArray[np.float64]) -> dict[str, float]:
        return {name: round(float(value), 4) for name, value in zip(names, values, strict=True)}

    record = {
        "about": "made by training/fit_scorer.py; features are explained in rag/features.py and rag/scorer.py",
        "sets": sorted(sets),
        "sets_read": sorted(asked),
        "sentence": named(SENTENCE_FEATURES, fit.features),
        "agreement": fit.agreement,
        "reader": weight,
        "answerability": named((*ANSWERABILITY_FEATURES, "bias"), answer),
        "answerability_read": named((*READ_FEATURES, "bias"), with_reader),
    }
    target = Path(__file__).parent.parent / "rag" / "scorer.json"
    target.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(f"written: {target.name}")


if __name__ == "__main__":
    main()
