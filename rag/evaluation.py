"""A questions file → figures. What each figure counts is in docs/evaluation.md."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from index import Article, Span
from rag.errors import QuestionsFileError
from rag.records import Answer, Turn

_DEPTHS = (1, 3, 5, 10)
_FIELDS = {
    "id": str,
    "kind": str,
    "question": str,
    "answerable": bool,
    "history": list,
    "answer_any": list,
    "answer_all": list,
    "answer_all_any": list,
    "evidence": list,
}


@dataclass(frozen=True, slots=True)
class Gold:
    """Where the answer stands: quotes of an article; without quotes any span of it counts."""

    article: str
    quotes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QuestionCase:
    """One line of a questions file. Fields that Dateline does not know are kept in `extra`."""

    id: str
    kind: str
    question: str
    answerable: bool
    history: tuple[str, ...] = ()
    answer_all_any: tuple[tuple[str, ...], ...] = ()  # one string of each must stand in the answer
    evidence: tuple[Gold, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """A question, the answer that it got, and how that answer did. A score that does not apply is None."""

    question: QuestionCase
    answer: Answer
    scores: Mapping[str, float | None]


class Asked(Protocol):
    """What evaluation needs of a chatbot."""

    def ask(self, question: str, *, history: Sequence[Turn] = ()) -> Answer: ...

    def article(self, key: str) -> Article: ...

    def recheck(self, answer: Answer) -> list[bool]:
        """For each sentence shown as supported: whether the verifier, run again on its citations, says so."""


def read_questions(path: Path) -> list[QuestionCase]:
    """Read a questions file: one JSON object a line; blank lines are left out.

    Raises:
        QuestionsFileError: the file is not there, or a line is not in the form; the message names the line.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionsFileError(f"The questions file {path} cannot be read: {error}.") from error
    cases = [_case(line, f"{path}, line {number}") for number, line in enumerate(lines, 1) if line.strip()]
    if not cases:
        raise QuestionsFileError(f"The questions file {path} holds no question.")
    seen: set[str] = set()
    for case in cases:
        if case.id in seen:
            raise QuestionsFileError(f"The questions file {path} has two questions with the id {case.id!r}.")
        seen.add(case.id)
    return cases


def _case(line: str, where: str) -> QuestionCase:
    try:
        record = json.loads(line)
    except ValueError as error:
        raise QuestionsFileError(f"{where} is not JSON: {error}.") from error
    if not isinstance(record, dict):
        raise QuestionsFileError(f"{where} is not a JSON object.")
    for name in ("id", "question", "answerable"):
        if name not in record:
            raise QuestionsFileError(f"{where}: the field {name!r} is missing.")
    for name, kind in _FIELDS.items():
        if name in record and not isinstance(record[name], kind):
            raise QuestionsFileError(f"{where}: the field {name!r} must be a {kind.__name__}.")
    try:
        wanted = [record["answer_any"]] if record.get("answer_any") else []
        wanted += [[text] for text in record.get("answer_all", [])]
        wanted += record.get("answer_all_any", [])
        return QuestionCase(
            id=record["id"],
            kind=record.get("kind", ""),
            question=record["question"],
            answerable=record["answerable"],
            history=tuple(map(str, record.get("history", []))),
            answer_all_any=tuple(tuple(map(str, group)) for group in wanted),
            evidence=tuple(Gold(gold["article"], tuple(gold.get("quotes", ()))) for gold in record.get("evidence", [])),
            extra={name: value for name, value in record.items() if name not in _FIELDS},
        )
    except (TypeError, KeyError, AttributeError) as error:
        raise QuestionsFileError(
            f"{where}: the evidence or the answers are not in the expected form ({error})."
        ) from error


def holds_answer(case: QuestionCase, text: str) -> bool:
    """Whether the strings that the answer must hold stand in a text, case and white space folded."""
    folded = fold(text)
    return all(any(fold(option) in folded for option in group) for group in case.answer_all_any)


def fold(text: str) -> str:
    """Case and white space folded."""
    return " ".join(text.casefold().split())


def gold_spans(case: QuestionCase, article: Article) -> list[Span]:
    """Spans of the gold quotes in an article; all of it where the evidence names no quote."""
    spans: list[Span] = []
    for gold in case.evidence:
        if gold.article != article.key and gold.article not in article.also:
            continue
        if not gold.quotes:
            spans.append((0, len(article.text)))
        for quote in gold.quotes:
            at = article.text.find(quote)
            if at >= 0:
                spans.append((at, at + len(quote)))
    return spans


def overlaps_gold(case: QuestionCase, article: Article, span: Span) -> bool:
    """Whether a span shares a character with a gold quote."""
    return any(min(span[1], end) > max(span[0], start) for start, end in gold_spans(case, article))


def covers_gold(case: QuestionCase, article: Article, span: Span) -> bool:
    """Whether a span covers at least half of a gold quote; any span does where the evidence names no quote."""
    whole = (0, len(article.text))
    return any(
        gold == whole or 2 * (min(span[1], gold[1]) - max(span[0], gold[0])) >= gold[1] - gold[0]
        for gold in gold_spans(case, article)
    )


def evaluate(
    chatbot: Asked, questions: Sequence[QuestionCase], *, progress: Callable[[int, int], None] | None = None
) -> list[Case]:
    """Ask every question, its history first, and score the answers."""
    cases: list[Case] = []
    for number, question in enumerate(questions):
        if progress:
            progress(number, len(questions))
        history: list[Turn] = []
        for earlier in question.history:
            history.append(Turn(earlier, chatbot.ask(earlier, history=history).text))
        answer = chatbot.ask(question.question, history=history)
        cases.append(Case(question, answer, _scores(chatbot, question, answer)))
    return cases


def _scores(chatbot: Asked, case: QuestionCase, answer: Answer) -> dict[str, float | None]:
    cited = [(chatbot.article(c.article), (c.start, c.end)) for c in answer.citations]
    ranks = [
        passage.rank
        for passage in answer.passages
        if covers_gold(case, chatbot.article(passage.article), (passage.start, passage.end))
    ]
    with_evidence = case.answerable and bool(case.evidence)
    rank = min(ranks, default=None)
    scores: dict[str, float | None] = {"abstained": float(answer.status == "abstained")}
    for depth in _DEPTHS:
        scores[f"evidence_recall@{depth}"] = float(rank is not None and rank <= depth) if with_evidence else None
    scores["evidence_mrr"] = (1 / rank if rank else 0.0) if with_evidence else None
    right = answer.status == "answered" and holds_answer(case, answer.text)
    scores["answer_accuracy"] = float(right) if case.answerable else None
    scores["citation_recall"] = float(any(covers_gold(case, *where) for where in cited)) if with_evidence else None
    hits = sum(overlaps_gold(case, *where) for where in cited)
    scores["citation_precision"] = hits / len(cited) if with_evidence and cited else None
    scores["citations"] = float(len(cited)) if with_evidence else None
    scores["citations_right"] = float(hits) if with_evidence else None
    scores["unsupported_shown"] = float(sum(not again for again in chatbot.recheck(answer)))
    return scores


def metrics(cases: Sequence[Case]) -> dict[str, Any]:
    """The figures over all cases; one that nothing applies to is None."""
    figures: dict[str, Any] = {"questions": len(cases)}
    for name in (
        *(f"evidence_recall@{depth}" for depth in _DEPTHS),
        "evidence_mrr",
        "answer_accuracy",
        "citation_recall",
    ):
        figures[name] = _mean(case.scores[name] for case in cases)
    given = sum(case.scores["citations"] or 0 for case in cases)
    figures["citation_precision"] = (
        sum(case.scores["citations_right"] or 0 for case in cases) / given if given else None
    )
    abstained = [case for case in cases if case.scores["abstained"]]
    figures["abstention_recall"] = _mean(case.scores["abstained"] for case in cases if not case.question.answerable)
    figures["abstention_precision"] = _mean(float(not case.question.answerable) for case in abstained)
    figures["unsupported_shown"] = int(sum(case.scores["unsupported_shown"] or 0 for case in cases))
    figures["seconds"] = {
        phase: {
            f"p{share}": float(np.percentile([case.answer.seconds.get(phase, 0.0) for case in cases], share))
            for share in (50, 95)
        }
        for phase in ("retrieve", "generate", "verify")
    }
    return figures


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
