"""Make rag/scorer.json: the weights of the second stage.

    python training/fit_scorer.py --sets FOLDER [FOLDER ...] [--also FOLDER ...] [--scratch FOLDER] [--write]

Each folder holds `articles/` and `questions.jsonl`. Those of --also are fitted on with the others and not measured
(training/questions.py makes such of the reading model's data); --scratch keeps their indexes. Every set counts the
same, whatever its size. Weights are drawn to a prior (a Gaussian around PRIOR): what the sets say nothing of stays
there: they ask hardly anyone's words, and have hardly a headline. Without --write it leaves out each set in turn
and measures on it, so that a gain on one that loses on another is seen; with it, it fits on all and writes the file.

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
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from index import FaissStore, Options, SentenceTransformerEmbedder, build
from rag.agreement import agreement
from rag.evaluation import QuestionCase, holds_answer, overlaps_gold, read_questions
from rag.features import SENTENCE_FEATURES, Evidence, observe
from rag.question import Question, parse_question
from rag.reader import Reader
from rag.reranker import ReaderReranker
from rag.retriever import retrieve
from rag.scorer import ANSWERABILITY_FEATURES, READER_SCALE, observe_whole

PRIOR = {"speaks": 4.5, "heading": -1.5, "short": -1.0, "target": 0.5}
ANSWERABILITY_PRIOR = {
    "names_missing": -2.0,
    "wanted_missing": -1.0,
    "wanted_missing_best": -0.5,
    "counted_missing": -1.5,
    "target_missing": -1.5,
    "speaker": 1.2,
    "speaker_missing": -1.2,
}
RANKING_PULL = 0.006  # how strongly weights are drawn to the prior
ANSWERABILITY_PULL = 0.002
HELD_PULL = 1.0  # on what the sets cannot tell: they ask hardly ever what someone says
HELD = frozenset({"speaker", "speaker_missing"})
AGREEMENT_WEIGHTS = (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0)
READER_WEIGHTS = (0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0)


@dataclass
class Sample:
    """One question with its evidence: which sentences are right, and whether it can be answered at all."""

    id: str
    question: Question
    evidence: Evidence
    right: NDArray[np.bool_]
    answerable: bool
    store: FaissStore
    agreed: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))  # how far others tell the same
    read: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))  # the reader's score of each sentence
    best: float = 0.0  # … and of its surest answer


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
    cases = [case for case in read_questions(folder / "questions.jsonl") if not case.history]
    vectors = embedder.encode([case.question for case in cases])
    return [_sample(case, vector, store) for case, vector in zip(cases, vectors, strict=True)]


def _sample(case: QuestionCase, vector: NDArray[np.float32], store: FaissStore) -> Sample:
    question = parse_question(case.question)
    evidence = observe(question, retrieve(question, store, vector), store, vector)
    right = np.zeros(len(evidence.spans), np.bool_)
    for row, span in enumerate(evidence.spans):
        article = store.articles[evidence.candidate(row).chunk.article]
        right[row] = holds_answer(case, evidence.text(row)) and overlaps_gold(case, article, span)
    return Sample(case.id, question, evidence, right, case.answerable, store)


def observe_agreement(samples: Sequence[Sample], features: NDArray[np.float64]) -> None:
    """How far other articles tell what each sentence tells, by the scores of the features."""
    for sample in samples:
        alone = sample.evidence.values @ features
        sample.agreed = agreement(sample.question, sample.evidence, alone, sample.store)


def read(samples: Sequence[Sample], fit: Fit) -> None:
    """Let the reading model read what ranks first; its scores are kept with the samples."""
    reranker = ReaderReranker(Reader.from_package(), weight=1.0)
    for sample in samples:
        scores = fit.scores(sample)
        reread = reranker.reread(sample.question.text, sample.evidence, scores)
        sample.read = reread.scores - scores
        sample.best = reread.best or 0.0


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


def whole(samples: Sequence[Sample], fit: Fit, *, with_reader: bool) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    observed = np.array([observe_whole(s.question, s.evidence, s.store, fit.scores(s)) for s in samples])
    if with_reader:
        observed = np.hstack([observed, np.array([[sample.best / READER_SCALE] for sample in samples])])
    return observed, np.array([sample.answerable for sample in samples])


def fit_answerability(sets: Sequence[Sequence[Sample]], fit: Fit, *, with_reader: bool) -> NDArray[np.float64]:
    names = (*ANSWERABILITY_FEATURES, "reader") if with_reader else ANSWERABILITY_FEATURES
    prior = torch.tensor([ANSWERABILITY_PRIOR.get(name, 0.0) for name in names] + [0.0]).double()
    pull = torch.tensor([HELD_PULL if name in HELD else ANSWERABILITY_PULL for name in names])
    parts = []
    for samples in sets:
        values, labels = whole(samples, fit, with_reader=with_reader)
        if labels.all():
            continue  # nothing to tell apart
        values = np.hstack([values, np.ones((len(values), 1))])
        parts.append((torch.from_numpy(values), torch.from_numpy(labels).double()))

    def loss(weights: torch.Tensor) -> torch.Tensor:
        total = (pull * ((weights - prior)[:-1] ** 2)).sum() / 2
        for values, labels in parts:
            total = total + torch.nn.functional.binary_cross_entropy_with_logits(values @ weights, labels) / len(parts)
        return total

    return minimise(loss, prior)


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
            scores = fit.scores(sample)
            order = np.argsort(-(scores + reader * sample.read if reader else scores), kind="stable")
            hits.append((sample.right[order[:1]].any(), sample.right[order[:3]].any()))
    first, three = np.mean(hits, axis=0)
    return float(first), float(three)


def measure(samples: Sequence[Sample], fit: Fit, answer: NDArray[np.float64], reader: float) -> str:
    first, three = firsts(samples, fit, reader)
    values, labels = whole(samples, fit, with_reader=bool(reader))
    scores = values @ answer[:-1] + answer[-1]
    return f"first {first:.3f}  first three {three:.3f}  answerability AUC {auc(scores, labels):.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", type=Path, nargs="+", required=True)
    parser.add_argument("--also", type=Path, nargs="*", default=[])
    parser.add_argument("--scratch", type=Path)
    parser.add_argument("--unseen", type=Path, help="ids of the questions that the reader was not trained on")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    embedder = SentenceTransformerEmbedder()
    with tempfile.TemporaryDirectory() as place:
        scratch = arguments.scratch or Path(place)
        sets, also = (
            {folder.name: load(folder, embedder, scratch) for folder in folders}
            for folders in (arguments.sets, arguments.also)
        )
    for names in [[name] for name in sets] + [list(sets)]:
        chosen = [*(sets[name] for name in names), *also.values()]
        fit = fit_ranking(chosen)
        answer = fit_answerability(chosen, fit, with_reader=False)
        for name, samples in sets.items():
            observe_agreement(samples, fit.features)
            print(f"fitted on {'+'.join([*names, *also]):32} measured on {name:10} {measure(samples, fit, answer, 0)}")
    print(f"weight of agreement {fit.agreement}")
    if arguments.unseen:
        unseen = set(arguments.unseen.read_text(encoding="utf-8").split())
        sets = {name: [sample for sample in samples if sample.id in unseen] for name, samples in sets.items()}
    every = list(sets.values())
    for samples in every:
        read(samples, fit)
    weight = max(READER_WEIGHTS, key=lambda tried: np.mean([firsts(samples, fit, tried)[0] for samples in every]))
    for tried in READER_WEIGHTS:
        found = "  ".join(f"{name} %.3f/%.3f" % firsts(samples, fit, tried) for name, samples in sets.items())
        print(f"reader's weight {tried:.2f}: first/first three {found}")
    for names in [[name] for name in sets] + [list(sets)]:
        with_reader = fit_answerability([sets[name] for name in names], fit, with_reader=True)
        for name, samples in sets.items():
            figures = measure(samples, fit, with_reader, weight)
            print(f"with the reader, fitted on {'+'.join(names):16} {name:10} {figures}")
    print(f"abstention's precision meets its recall at {meeting(every, fit, with_reader):.2f} on all sets together")
    if arguments.write:
        write([*sets, *also], fit, answer, with_reader, weight)


def meeting(sets: Sequence[Sequence[Sample]], fit: Fit, answer: NDArray[np.float64]) -> float:
    """The threshold at which as many questions are refused as cannot be answered: precision equals recall there."""
    values, labels = (
        np.concatenate(parts) for parts in zip(*(whole(s, fit, with_reader=True) for s in sets), strict=True)
    )
    told = np.sort(1 / (1 + np.exp(-(values @ answer[:-1] + answer[-1]))))
    return float(told[int((~labels).sum())])


def write(
    sets: list[str], fit: Fit, answer: NDArray[np.float64], with_reader: NDArray[np.float64], weight: float
) -> None:
    def named(names: Sequence[str], values: NDArray[np.float64]) -> dict[str, float]:
        return {name: round(float(value), 4) for name, value in zip(names, values, strict=True)}

    record = {
        "about": "made by training/fit_scorer.py; features are explained in rag/features.py and rag/scorer.py",
        "sets": sorted(sets),
        "sentence": named(SENTENCE_FEATURES, fit.features),
        "agreement": fit.agreement,
        "reader": weight,
        "answerability": named((*ANSWERABILITY_FEATURES, "bias"), answer),
        "answerability_read": named((*ANSWERABILITY_FEATURES, "reader", "bias"), with_reader),
    }
    target = Path(__file__).parent.parent / "rag" / "scorer.json"
    target.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(f"written: {target.name}")


if __name__ == "__main__":
    main()
