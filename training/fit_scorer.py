"""Make rag/scorer.json: the weights of the second stage.

    python training/fit_scorer.py --sets FOLDER [FOLDER ...] [--write]

What the reading model (rag/reader.py) says is weighed last, beside the features: its weight by trying, on all
sets together, since it is one number; the probability of an answer with it and without it, each fitted. It is
trusted too much on what it was trained on: --unseen FILE names the questions (an id a line) that it never saw.

Each folder holds `articles/` and `questions.jsonl`. Every set counts the same, whatever its size. Weights are
drawn to a prior (a Gaussian around PRIOR): what the sets say nothing of stays there: they ask hardly anyone's
words, and have hardly a headline. Without --write it trains on each set alone and measures on the others, so
that a gain on one that loses on another is seen; with it, it fits on all and writes the file.

Ranking is a softmax over all sentences of a question, whose likelihood is that of the right ones (ListNet's
top-one loss: Cao et al. 2007, doi:10.1145/1273496.1273513); answerability is logistic.
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
    read: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))  # the reader's score of each sentence
    best: float = 0.0  # … and of its surest answer


def load(folder: Path, embedder: SentenceTransformerEmbedder) -> list[Sample]:
    with tempfile.TemporaryDirectory() as place:
        build(folder / "articles", Path(place), embedder=embedder, options=Options())
        store = FaissStore.open(Path(place))
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


def read(samples: Sequence[Sample], ranking: NDArray[np.float64]) -> None:
    """Let the reading model read what the features rank first; its scores are kept with the samples."""
    reranker = ReaderReranker(Reader.from_package(), weight=1.0)
    for sample in samples:
        scores = sample.evidence.values @ ranking
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


def fit_ranking(sets: Sequence[Sequence[Sample]]) -> NDArray[np.float64]:
    prior = torch.tensor([PRIOR.get(name, 0.0) for name in SENTENCE_FEATURES], dtype=torch.float64)
    usable = [[sample for sample in samples if sample.right.any()] for samples in sets]
    rows = [
        (
            torch.from_numpy(sample.evidence.values).double(),
            torch.from_numpy(sample.right),
            1 / len(samples) / len(sets),
        )
        for samples in usable
        for sample in samples
    ]

    def loss(weights: torch.Tensor) -> torch.Tensor:
        total = RANKING_PULL * ((weights - prior) ** 2).sum() / 2
        for values, right, share in rows:
            scores = values @ weights
            total = total + share * (torch.logsumexp(scores, 0) - torch.logsumexp(scores[right], 0))
        return total

    return minimise(loss, prior)


def whole(
    samples: Sequence[Sample], ranking: NDArray[np.float64], *, with_reader: bool
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    observed = np.array([observe_whole(s.question, s.evidence, s.store, s.evidence.values @ ranking) for s in samples])
    if with_reader:
        observed = np.hstack([observed, np.array([[sample.best / READER_SCALE] for sample in samples])])
    return observed, np.array([sample.answerable for sample in samples])


def fit_answerability(
    sets: Sequence[Sequence[Sample]], ranking: NDArray[np.float64], *, with_reader: bool
) -> NDArray[np.float64]:
    names = (*ANSWERABILITY_FEATURES, "reader") if with_reader else ANSWERABILITY_FEATURES
    prior = torch.tensor([ANSWERABILITY_PRIOR.get(name, 0.0) for name in names] + [0.0]).double()
    pull = torch.tensor([HELD_PULL if name in HELD else ANSWERABILITY_PULL for name in names])
    parts = []
    for samples in sets:
        values, labels = whole(samples, ranking, with_reader=with_reader)
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


def firsts(samples: Sequence[Sample], ranking: NDArray[np.float64], weight: float) -> tuple[float, float]:
    """How often the first sentence, and one of the first three, is right; `weight` is the reader's."""
    answerable = [sample for sample in samples if sample.answerable]
    hits = []
    for sample in answerable:
        scores = sample.evidence.values @ ranking
        order = np.argsort(-(scores + weight * sample.read if weight else scores), kind="stable")
        hits.append((sample.right[order[:1]].any(), sample.right[order[:3]].any()))
    first, three = np.mean(hits, axis=0)
    return float(first), float(three)


def measure(samples: Sequence[Sample], ranking: NDArray[np.float64], answer: NDArray[np.float64], weight: float) -> str:
    first, three = firsts(samples, ranking, weight)
    values, labels = whole(samples, ranking, with_reader=bool(weight))
    scores = values @ answer[:-1] + answer[-1]
    return f"first {first:.3f}  first three {three:.3f}  answerability AUC {auc(scores, labels):.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", type=Path, nargs="+", required=True)
    parser.add_argument("--unseen", type=Path, help="ids of the questions that the reader was not trained on")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    embedder = SentenceTransformerEmbedder()
    sets = {folder.name: load(folder, embedder) for folder in arguments.sets}
    choices = [[name] for name in sets] + [list(sets)]
    for names in choices:
        chosen = [sets[name] for name in names]
        ranking = fit_ranking(chosen)
        answer = fit_answerability(chosen, ranking, with_reader=False)
        for name, samples in sets.items():
            print(f"fitted on {'+'.join(names):16} measured on {name:10} {measure(samples, ranking, answer, 0)}")
    if arguments.unseen:
        unseen = set(arguments.unseen.read_text(encoding="utf-8").split())
        sets = {name: [sample for sample in samples if sample.id in unseen] for name, samples in sets.items()}
    every = list(sets.values())
    for samples in every:
        read(samples, ranking)
    weight = max(READER_WEIGHTS, key=lambda tried: np.mean([firsts(samples, ranking, tried)[0] for samples in every]))
    for tried in READER_WEIGHTS:
        found = "  ".join(f"{name} %.3f/%.3f" % firsts(samples, ranking, tried) for name, samples in sets.items())
        print(f"reader's weight {tried:.2f}: first/first three {found}")
    for names in choices:
        with_reader = fit_answerability([sets[name] for name in names], ranking, with_reader=True)
        for name, samples in sets.items():
            figures = measure(samples, ranking, with_reader, weight)
            print(f"with the reader, fitted on {'+'.join(names):16} {name:10} {figures}")
    print(f"abstention's precision meets its recall at {meeting(every, ranking, with_reader):.2f} on all sets together")
    if arguments.write:
        write(sorted(sets), ranking, answer, with_reader, weight)


def meeting(sets: Sequence[Sequence[Sample]], ranking: NDArray[np.float64], answer: NDArray[np.float64]) -> float:
    """The threshold at which as many questions are refused as cannot be answered: precision equals recall there."""
    values, labels = (
        np.concatenate(parts) for parts in zip(*(whole(s, ranking, with_reader=True) for s in sets), strict=True)
    )
    told = np.sort(1 / (1 + np.exp(-(values @ answer[:-1] + answer[-1]))))
    return float(told[int((~labels).sum())])


def write(
    sets: list[str],
    ranking: NDArray[np.float64],
    answer: NDArray[np.float64],
    with_reader: NDArray[np.float64],
    weight: float,
) -> None:
    def named(names: Sequence[str], values: NDArray[np.float64]) -> dict[str, float]:
        return {name: round(float(value), 4) for name, value in zip(names, values, strict=True)}

    record = {
        "about": "made by training/fit_scorer.py; features are explained in rag/features.py and rag/scorer.py",
        "sets": sets,
        "sentence": named(SENTENCE_FEATURES, ranking),
        "reader": weight,
        "answerability": named((*ANSWERABILITY_FEATURES, "bias"), answer),
        "answerability_read": named((*ANSWERABILITY_FEATURES, "reader", "bias"), with_reader),
    }
    target = Path(__file__).parent.parent / "rag" / "scorer.json"
    target.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(f"written: {target.name}")


if __name__ == "__main__":
    main()
