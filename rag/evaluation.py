"""Questions → answers and their scores. What each figure counts is in docs/evaluation.md."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from index import Article, Span
from rag.errors import QuestionError
from rag.figures import DEPTHS, Row, figures, passed
from rag.filters import Filters, read_filters
from rag.questions import Gold, QuestionCase, read_questions
from rag.records import Answer, Citation, Passage, Turn

__all__ = [
    "Asked",
    "Case",
    "Gold",
    "GoldSeen",
    "QuestionCase",
    "answer_to",
    "ask_case",
    "ask_earlier",
    "case_record",
    "covers_gold",
    "evaluate",
    "fold",
    "gold_spans",
    "holds_answer",
    "metrics",
    "missing_answers",
    "overlaps_gold",
    "read_questions",
    "row",
]


@dataclass(frozen=True, slots=True)
class GoldSeen:
    """What became of one piece of gold evidence: its span in the article (None: it is not there), the rank of the
    first passage that covers half of it, and whether a citation does. `quote` None: any span of the article counts."""

    article: str
    quote: str | None
    span: Span | None
    rank: int | None
    cited: bool


@dataclass(frozen=True, slots=True)
class Case:
    """A question, the answer that it got, and how that answer did. A score that does not apply is None."""

    question: QuestionCase
    answer: Answer
    scores: Mapping[str, float | None]
    gold: tuple[GoldSeen, ...] = ()


class Asked(Protocol):
    """What evaluation needs of a chatbot."""

    def ask(self, question: str, *, history: Sequence[Turn] = (), filters: Filters | None = None) -> Answer: ...

    def article(self, key: str) -> Article: ...

    def recheck(self, answer: Answer) -> list[bool]:
        """For each sentence shown as supported: whether the verifier, run again on its citations, says so."""


def holds_answer(case: QuestionCase, text: str) -> bool:
    """Whether the strings that the answer must hold stand in a text, case and white space folded."""
    return not missing_answers(case, text)


def missing_answers(case: QuestionCase, text: str) -> list[tuple[str, ...]]:
    """The groups of strings of which none stands in a text."""
    folded = fold(text)
    return [group for group in case.answer_all_any if not any(fold(option) in folded for option in group)]


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
        cases.append(ask_case(chatbot, question))
    return cases


def ask_case(chatbot: Asked, question: QuestionCase) -> Case:
    """Ask one question, its history first, and score the answer."""
    answer = answer_to(chatbot, question)
    return Case(question, answer, _scores(chatbot, question, answer), tuple(_gold_seen(chatbot, question, answer)))


def answer_to(chatbot: Asked, question: QuestionCase) -> Answer:
    """The answer to one question, its history asked first, all of it with the question's filters."""
    filters = None if question.filters is None else read_filters(**question.filters)
    history = ask_earlier(chatbot, question.history, filters)
    return chatbot.ask(question.question, history=history, filters=filters)


def ask_earlier(chatbot: Asked, questions: Sequence[str], filters: Filters | None = None) -> list[Turn]:
    """The conversation that these questions make."""
    history: list[Turn] = []
    for question in questions:
        history.append(chatbot.ask(question, history=history, filters=filters).turn)
    return history


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
    for depth in DEPTHS:
        scores[f"evidence_recall@{depth}"] = float(rank is not None and rank <= depth) if with_evidence else None
    scores["evidence_mrr"] = (1 / rank if rank else 0.0) if with_evidence else None
    answered = answer.status == "answered"
    scores["answered"] = float(answered) if case.answerable else None
    told = case.answerable and bool(case.answer_all_any)  # without strings nothing tells whether the text is right
    scores["answer_accuracy"] = float(answered and holds_answer(case, answer.text)) if told else None
    scores["citation_recall"] = float(any(covers_gold(case, *where) for where in cited)) if with_evidence else None
    hits = sum(overlaps_gold(case, *where) for where in cited)
    scores["citation_precision"] = hits / len(cited) if with_evidence and cited else None
    scores["citations"] = float(len(cited)) if with_evidence else None
    scores["citations_right"] = float(hits) if with_evidence else None
    scores["unsupported_shown"] = float(sum(not again for again in chatbot.recheck(answer)))
    return scores


def _gold_seen(chatbot: Asked, case: QuestionCase, answer: Answer) -> list[GoldSeen]:
    found = []
    for gold in case.evidence:
        for quote in gold.quotes or (None,):
            alone = QuestionCase("", "", "", True, evidence=(Gold(gold.article, (quote,) if quote else ()),))
            try:
                article = chatbot.article(gold.article)
            except QuestionError:  # said of the gold, not of the question: there is no such article
                found.append(GoldSeen(gold.article, quote, None, None, False))
                continue
            span = next(iter(gold_spans(alone, article)), None)
            covering = [p.rank for p in answer.passages if covers_gold(alone, *_where(chatbot, p))]
            cited = any(covers_gold(alone, *_where(chatbot, c)) for c in answer.citations)
            found.append(GoldSeen(gold.article, quote, span, min(covering, default=None), cited))
    return found


def _where(chatbot: Asked, found: Passage | Citation) -> tuple[Article, Span]:
    return chatbot.article(found.article), (found.start, found.end)


def row(case: Case) -> Row:
    """What the figures need of a case."""
    return Row(case.question.answerable, case.question.kind, case.scores, case.answer.seconds)


def metrics(cases: Sequence[Case]) -> dict[str, Any]:
    """The figures over all cases; one that nothing applies to is None."""
    return figures([row(case) for case in cases])


def case_record(case: Case) -> dict[str, Any]:
    """A case as JSON values: the form of `eval --json` and of the reports, see docs/evaluation.md."""
    question = case.question
    return {
        "id": question.id,
        "kind": question.kind,
        "question": question.question,
        "history": list(question.history),
        "answerable": question.answerable,
        "expected": [list(group) for group in question.answer_all_any],
        "passed": passed(case.scores),
        "answer": case.answer.to_dict(),
        "scores": dict(case.scores),
        "gold": [asdict(gold) for gold in case.gold],
    }
