"""What each stage finds: one table a set, with bootstrap intervals; JSON and a plot beside it.

    python benchmarks/quality.py SET [SET …] [--out FOLDER] [--no-reader]

A SET is a folder with `articles/` and `questions.jsonl` (the form is in docs/evaluation.md), or `seeds` for the sample
corpus. Stages: each search alone, their fusion, then the second stage with one more group of features in each row,
and at last the reading model. Columns: `evidence@k`, a passage among the first k covers half of a gold quote;
`first`, `first 3`: the answer's strings stand in the first sentence, in one of the first three; `AUC`: how well the
stage's surest score tells answerable questions from the others.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index import FaissStore, Options, SentenceTransformerEmbedder, build
from rag.conversation import standalone
from rag.errors import DatelineError
from rag.evaluation import QuestionCase, covers_gold, holds_answer, read_questions
from rag.evidence import read_again
from rag.features import SENTENCE_FEATURES, Evidence, observe
from rag.question import parse_question
from rag.reader import Reader
from rag.records import Turn
from rag.reranker import ReaderReranker, Reread
from rag.retriever import query_terms, retrieve
from rag.scorer import answerability, order_sentences, rank_passages, score_sentences, weights
from rag.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
GROUPS: Mapping[str, tuple[str, ...]] = {  # of features, added one after the other
    "vectors": ("cosine", "cosine_before", "cosine_after", "cosine_near", "cosine_chunk", "cosine_best"),
    "+ words": ("lexical_chunk", "coverage", "coverage_context", "coverage_chunk"),
    "+ names": ("names", "names_context"),
    "+ kind of answer": ("wanted", "wanted_near", "counted", "dated", "target"),
    "+ speaker": ("speaks",),
    "+ form, fusion": ("heading", "short", "first", "fused"),
}
DEPTHS = (1, 5, 10)
SHIPPED: float = Settings.model_fields["answerability_threshold"].default
THRESHOLDS = (SHIPPED, 0.55, 0.6, 0.65, 0.7, 0.75)
ROUNDS = 1000  # of the bootstrap


@dataclass
class Outcome:
    """One question at one stage."""

    case: QuestionCase
    rank: float  # of the first passage that covers a gold quote; infinite where none does
    sentence: float  # place of the first sentence that holds the answer
    sure: float  # the stage's surest score


Ranking = tuple[list[int], list[str], float]  # rows of passages, texts of sentences, surest score


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="+")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "out")
    parser.add_argument("--no-reader", action="store_true")
    arguments = parser.parse_args()
    embedder = SentenceTransformerEmbedder()
    reader = None if arguments.no_reader else open_reader()
    report = {}
    for name in arguments.sets:
        folder = ROOT / "seeds" if name == "seeds" else Path(name) / "articles"
        questions = ROOT / "tests/golden/seeds.jsonl" if name == "seeds" else Path(name) / "questions.jsonl"
        outcomes, seconds = run(folder, read_questions(questions), embedder, reader)
        report[Path(name).name] = show(Path(name).name, outcomes, seconds)
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "quality.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    (arguments.out / "reliability.svg").write_text(reliability_plot(report), encoding="utf-8")
    print(f"\nwritten: quality.json and reliability.svg in {arguments.out.name}/")


def open_reader() -> ReaderReranker | None:
    try:
        return ReaderReranker(Reader.from_package(), weight=weights().reader)
    except DatelineError as error:
        print(f"without the reading model: {error}")
        return None


def run(
    folder: Path, cases: Sequence[QuestionCase], embedder: SentenceTransformerEmbedder, reader: ReaderReranker | None
) -> tuple[dict[str, list[Outcome]], list[float]]:
    with tempfile.TemporaryDirectory() as place:
        build(folder, Path(place), embedder=embedder, options=Options())
        store = FaissStore.open(Path(place))
    outcomes: dict[str, list[Outcome]] = {}
    seconds = []
    for case in cases:
        rankings, spent = rank_all(case, store, embedder, reader)
        seconds.append(spent)
        for stage, (rows, texts, sure) in rankings.items():
            outcomes.setdefault(stage, []).append(outcome(case, store, rows, texts, sure))
    return outcomes, seconds


def rank_all(
    case: QuestionCase, store: FaissStore, embedder: SentenceTransformerEmbedder, reader: ReaderReranker | None
) -> tuple[dict[str, Ranking], float]:
    """Every stage's ranking for one question, and the seconds of retrieval and scoring as the product does them."""
    started = time.perf_counter()
    alone = standalone(case.question, [Turn(earlier) for earlier in case.history])
    question = parse_question(alone.question, context=alone.context)
    vector = embedder.encode([alone.text])[0]
    candidates = retrieve(question, store, vector)
    evidence = observe(question, candidates, store, vector)
    final = score_sentences(question, evidence, store)
    order_sentences(evidence, final)
    spent = time.perf_counter() - started

    lexical = store.lexical.scores(query_terms(question))
    by_words = [int(row) for row in np.argsort(-lexical, kind="stable")[:50]]
    by_chunk, by_sentence = store.nearest(vector, 50), store.nearest_sentences(vector, 100)
    chunk_rows = [hit.row for hit in by_chunk]
    found: dict[str, Ranking] = {
        "BM25": (by_words, [], float(lexical.max(initial=0))),
        "dense": (chunk_rows, [], by_chunk[0].score),
        "dense, sentences": ([hit.row for hit in by_sentence], [], by_sentence[0].score),
        "fused": ([c.row for c in candidates], [], 0.0),
    }
    told = weights().sentence
    included: set[str] = set()
    for group, features in GROUPS.items():
        included.update(features)
        mask = np.array([name in included for name in SENTENCE_FEATURES])
        found[group] = ranking(evidence, evidence.values @ (told * mask))
    sure = answerability(question, evidence, store, final, Reread(final))
    found["+ agreement"] = (*ranking(evidence, final)[:2], sure)
    if reader:
        reread = read_again(question, alone.reading, evidence, final, reader)
        sure = answerability(question, evidence, store, final, reread)
        found["with the reader"] = (*ranking(evidence, reread.scores)[:2], sure)
    return found, spent


def ranking(evidence: Evidence, scores: NDArray[np.float64]) -> Ranking:
    sentences = order_sentences(evidence, scores)
    rows = [candidate.row for candidate, _ in rank_passages(sentences)]
    return rows, [sentence.text for sentence in sentences[:3]], float(scores.max(initial=0))


def outcome(case: QuestionCase, store: FaissStore, rows: list[int], texts: list[str], sure: float) -> Outcome:
    rank = sentence = float("inf")
    if case.answerable:
        for place, row in enumerate(rows, start=1):
            chunk = store.chunks[row]
            if covers_gold(case, store.articles[chunk.article], (chunk.start, chunk.end)):
                rank = place
                break
        sentence = next((place for place, text in enumerate(texts, 1) if holds_answer(case, text)), float("inf"))
    return Outcome(case, rank, sentence, sure)


def show(name: str, outcomes: Mapping[str, Sequence[Outcome]], seconds: Sequence[float]) -> dict[str, object]:
    some = next(iter(outcomes.values()))
    answerable = sum(item.case.answerable for item in some)
    print(f"\n{name}: {len(some)} questions, {answerable} answerable")
    print(
        f"{'stage':18}"
        + "".join(f"{title:>22}" for title in (*(f"evidence@{k}" for k in DEPTHS), "first", "first 3", "AUC"))
    )
    rows: dict[str, object] = {}
    for stage, items in outcomes.items():
        figures: dict[str, tuple[float, float, float] | None] = {}
        can = [item for item in items if item.case.answerable]
        ranks = np.array([item.rank for item in can])
        places = np.array([item.sentence for item in can])
        for depth in DEPTHS:
            figures[f"evidence@{depth}"] = interval((ranks <= depth).astype(float))
        has_sentences = stage not in ("BM25", "dense", "dense, sentences", "fused")
        figures["first"] = interval((places <= 1).astype(float)) if has_sentences else None
        figures["first 3"] = interval((places <= 3).astype(float)) if has_sentences else None
        labels = np.array([item.case.answerable for item in items])
        sure = np.array([item.sure for item in items])
        figures["AUC"] = auc_interval(sure, labels) if stage != "fused" and not labels.all() else None
        print(f"{stage:18}" + "".join(f"{write(figure):>22}" for figure in figures.values()))
        rows[stage] = figures
    p50, p95 = np.percentile(seconds, (50, 95))
    print(f"retrieval and scoring, with the query's embedding: p50 {1000 * p50:.0f} ms, p95 {1000 * p95:.0f} ms")
    last = list(outcomes)[-1]
    curve = reliability(outcomes[last])
    print("probability told → answerable in fact:  " + "  ".join(f"{p:.2f}→{f:.2f} ({n})" for p, f, n in curve))
    refusals = {threshold: abstention(outcomes[last], threshold) for threshold in THRESHOLDS}
    told = "  ".join(f"{t:.2f}→{p:.3f} / {r:.3f}" for t, (p, r) in refusals.items())
    print(f"abstention by threshold, precision / recall (shipped: {SHIPPED}):  {told}")
    return {"stages": rows, "seconds": {"p50": p50, "p95": p95}, "reliability": curve, "abstention": refusals}


def abstention(items: Sequence[Outcome], threshold: float) -> tuple[float, float]:
    """Of the questions refused below a threshold the share that cannot be answered, and of these the share refused."""
    refused = [item for item in items if item.sure < threshold]
    right = sum(not item.case.answerable for item in refused)
    cannot = sum(not item.case.answerable for item in items)
    return right / max(1, len(refused)), right / max(1, cannot)


def interval(values: NDArray[np.float64]) -> tuple[float, float, float]:
    """Mean and its 95 % bootstrap interval."""
    return bootstrap(lambda rows: float(values[rows].mean()), len(values))


def auc_interval(scores: NDArray[np.float64], labels: NDArray[np.bool_]) -> tuple[float, float, float]:
    def area(rows: NDArray[np.int64]) -> float:
        positive, negative = scores[rows][labels[rows]], scores[rows][~labels[rows]]
        if not len(positive) or not len(negative):
            return 0.5
        ordered = np.sort(negative)
        below = np.searchsorted(ordered, positive, "left") + np.searchsorted(ordered, positive, "right")
        return float(below.mean() / 2 / len(negative))

    return bootstrap(area, len(scores))


def bootstrap(figure: Callable[[NDArray[np.int64]], float], size: int) -> tuple[float, float, float]:
    if not size:
        return (float("nan"),) * 3
    draw = np.random.default_rng(0)
    drawn = [figure(draw.integers(0, size, size)) for _ in range(ROUNDS)]
    low, high = np.percentile(drawn, (2.5, 97.5))
    return figure(np.arange(size)), float(low), float(high)


def write(figure: tuple[float, float, float] | None) -> str:
    return "–" if figure is None else f"{figure[0]:.3f} [{figure[1]:.3f}–{figure[2]:.3f}]"


def reliability(items: Sequence[Outcome]) -> list[tuple[float, float, int]]:
    """(mean probability told, share answerable, how many) in ten bins of equal width, empty ones left out."""
    told = np.array([item.sure for item in items])
    true = np.array([item.case.answerable for item in items])
    bins = np.minimum((told * 10).astype(int), 9)
    return [
        (float(told[bins == b].mean()), float(true[bins == b].mean()), int((bins == b).sum()))
        for b in range(10)
        if (bins == b).any()
    ]


def reliability_plot(report: Mapping[str, Mapping[str, object]]) -> str:
    """The reliability curves as SVG: the nearer to the diagonal, the truer the probability."""
    size, edge = 360, 40
    colours = ("#1f5a92", "#b5541c", "#3a7d44", "#7a4b94")
    parts = [f'<path d="M{edge} {edge + size}L{edge + size} {edge}" stroke="#999" stroke-dasharray="4"/>']
    for colour, (name, found) in zip(colours * 9, report.items(), strict=False):
        curve = found["reliability"]
        assert isinstance(curve, list)
        points = [(edge + p * size, edge + (1 - f) * size) for p, f, _ in curve]
        parts.append(
            f'<polyline fill="none" stroke="{colour}" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}"/>'
        )
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points]
        at = edge + 14 + 16 * list(report).index(name)
        parts.append(
            f'<text x="{edge + 8}" y="{at}" fill="{colour}" font-family="sans-serif" font-size="12">{name}</text>'
        )
    frame = f'<rect x="{edge}" y="{edge}" width="{size}" height="{size}" fill="none" stroke="#444"/>'
    label = 'font-family="sans-serif" font-size="12"'
    texts = (
        f'<text x="{edge}" y="{edge + size + 28}" {label}>probability told</text>'
        f'<text x="{edge}" y="24" {label}>answerable in fact</text>'
    )
    whole = size + 2 * edge
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole} {whole}">{frame}{texts}{"".join(parts)}</svg>\n'
    )


if __name__ == "__main__":
    main()
