"""What is wrong with a file of questions itself, before any answer is blamed for it."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from index import Article, Store
from index.lexical import terms
from index.sentences import sentences
from rag.evaluation import Asked, answer_to, fold, missing_answers
from rag.filters import understood
from rag.questions import Gold, QuestionCase

KINDS = ("fact", "attribution", "temporal", "conflict", "cross-article", "follow-up", "unanswerable")
"""The kinds of question that a set should have examples of."""

_CLOSEST = 20  # sentences that share most words with a quote, compared letter by letter
_SHOWN = 160


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong ("error": the question cannot be judged by it), or worth a look ("note")."""

    level: Literal["error", "note"]
    id: str  # of the question; empty for the whole set
    line: int
    what: str

    def __str__(self) -> str:
        where = f"line {self.line}, {self.id}: " if self.id else ""
        return f"{self.level:5}  {where}{self.what}"


def lint(questions: Sequence[QuestionCase], store: Store, chatbot: Asked) -> list[Finding]:
    """Look at the questions; what is unanswerable is asked, and an answer to it is a note."""
    findings: list[Finding] = []
    for question in questions:
        for what in (*_gold(question, store), *_answers(question, store)):
            findings.append(Finding("error", question.id, question.line, what))
        for what in (*_unanswerable(question, chatbot), *_scope(question, store)):
            findings.append(Finding("note", question.id, question.line, what))
    findings += _duplicates(questions)
    return [*sorted(findings, key=lambda finding: (finding.line, finding.level)), *_kinds(questions)]


def nearest_text(quote: str, articles: Sequence[Article]) -> tuple[str, str] | None:
    """(article, text) of the sentence that comes nearest to a quote; None where nothing is like it."""
    words = frozenset(terms(quote))
    found = [
        (len(words.intersection(terms(article.text[start:end]))), article.key, article.text[start:end])
        for article in articles
        for start, end in sentences(article.text)
    ]
    found.sort(key=lambda item: (-item[0], item[1], item[2]))
    matcher = difflib.SequenceMatcher(autojunk=False)
    matcher.set_seq2(fold(quote))
    best: tuple[float, str, str] = (0.0, "", "")
    for shared, key, text in found[:_CLOSEST]:
        matcher.set_seq1(fold(text))
        kept = sum(block.size for block in matcher.get_matching_blocks()) / max(1, len(fold(quote)))
        if shared and kept > best[0]:
            best = (kept, key, text)
    return (best[1], best[2]) if best[0] else None


def _gold(question: QuestionCase, store: Store) -> Iterator[str]:
    for gold in question.evidence:
        article = _article(gold, store)
        if article is None:
            close = difflib.get_close_matches(gold.article, store.articles, n=1)
            yield f"there is no article {gold.article!r}" + (f"; did you mean {close[0]!r}?" if close else "")
            continue
        for quote in gold.quotes:
            if quote in article.text:
                continue
            elsewhere = [other.key for other in store.articles.values() if quote in other.text]
            if elsewhere:
                yield f"the quote “{_short(quote)}” stands in {elsewhere[0]}, not in {gold.article}"
            else:
                near = nearest_text(quote, [article])
                hint = f"; nearest there: “{_short(near[1])}”" if near else ""
                yield f"the quote “{_short(quote)}” does not stand in {gold.article}{hint}"


def _answers(question: QuestionCase, store: Store) -> Iterator[str]:
    if not question.answerable:
        if question.evidence or question.answer_all_any:
            yield "it is not answerable, yet it has evidence or answers"
        return
    if not question.evidence and not question.answer_all_any:
        yield "it has neither answers nor evidence: any answer at all would pass"
    texts = [text for gold in question.evidence for text in gold.quotes or _whole(gold, store)]
    for group in missing_answers(question, " ".join(texts)) if texts else ():
        yield f"no gold quote holds {' or '.join(f'“{option}”' for option in group)}"


def _unanswerable(question: QuestionCase, chatbot: Asked) -> Iterator[str]:
    if question.answerable:
        return
    answer = answer_to(chatbot, question)
    if answer.status == "answered":
        sure = f"{answer.answerability:.2f}"
        yield f"it is meant to be unanswerable, and looks answerable ({sure}): “{_short(answer.text)}”"


def _scope(question: QuestionCase, store: Store) -> Iterator[str]:
    filters = understood(question.question, store.articles.values())
    for gold in question.evidence:
        article = _article(gold, store)
        if filters and article and not filters.admits(article):
            yield f"its words leave {gold.article} out of scope ({filters})"


def _duplicates(questions: Sequence[QuestionCase]) -> Iterator[Finding]:
    seen: dict[tuple[object, ...], QuestionCase] = {}
    for question in questions:
        asked = (tuple(map(fold, question.history)), tuple(sorted(terms(question.question))) or fold(question.question))
        if earlier := seen.get(asked):
            yield Finding(
                "error", question.id, question.line, f"it asks the same as {earlier.id} (line {earlier.line})"
            )
        seen.setdefault(asked, question)


def _kinds(questions: Sequence[QuestionCase]) -> Iterator[Finding]:
    kinds = {question.kind for question in questions}
    if missing := [kind for kind in KINDS if kind not in kinds]:
        yield Finding("note", "", 0, f"no question of kind {', '.join(missing)}")
    if all(question.answerable for question in questions):
        yield Finding("note", "", 0, "every question is answerable: a machine that never abstains would pass")


def _article(gold: Gold, store: Store) -> Article | None:
    found = store.articles.get(gold.article)
    return found or next((article for article in store.articles.values() if gold.article in article.also), None)


def _whole(gold: Gold, store: Store) -> tuple[str, ...]:
    article = _article(gold, store)
    return (article.text,) if article else ()


def _short(text: str) -> str:
    folded = " ".join(text.split())
    return folded if len(folded) <= _SHOWN else folded[: _SHOWN - 1] + "…"
