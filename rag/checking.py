"""A drafted sentence → a checked one: the exact spans that bear it out, and who says it.

The numbers that a writer gives are a hint. A sentence that its own passages do not support is tried against the
others (the citation is repaired); one that none supports has no span, and is not shown as supported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from index import Article, Embedder, Span
from index.sentences import paragraphs, sentences
from rag.attribution import attribute
from rag.llm.base import Draft
from rag.records import Answer, Attribution, Passage
from rag.verifier import verify


@dataclass(frozen=True, slots=True)
class Checked:
    """A sentence with its verdict: `spans` (article, start, end) support it; none means unsupported."""

    text: str
    spans: tuple[tuple[str, int, int], ...]
    score: float
    attribution: Attribution
    answer: Span | None = None  # the words of `text` that answer


def check(draft: Draft, passages: Sequence[Passage], articles: Mapping[str, Article], embedder: Embedder) -> Checked:
    """Check one drafted sentence against the passages that it cites, then against the others."""
    if draft.source:
        # Taken word for word: the span is known, only its being verbatim is checked.
        key, (start, end) = draft.source
        if draft.text.split() == articles[key].text[start:end].split():
            return _supported(draft, (key, start, end), 1.0, articles[key])
    cited = [passages[number - 1] for number in draft.citations if 1 <= number <= len(passages)]
    others = [passage for passage in passages if passage not in cited]
    for passage in (*cited, *others):
        judgement = verify(draft.text, passage.text, embedder)
        if judgement.supported and judgement.span:
            start, end = judgement.span
            where = (passage.article, passage.start + start, passage.start + end)
            return _supported(draft, where, judgement.score, articles[passage.article])
    return Checked(draft.text, (), 0.0, Attribution(None, None))


def recheck(answer: Answer, embedder: Embedder) -> list[bool]:
    """For each sentence shown as supported: whether its citations' quotes alone support it."""
    quotes = {citation.number: citation.quote for citation in answer.citations}
    return [
        any(verify(sentence.text, quotes[number], embedder).supported for number in sentence.citations)
        for sentence in answer.sentences
        if sentence.verdict == "supported"
    ]


def _supported(draft: Draft, where: tuple[str, int, int], score: float, article: Article) -> Checked:
    speech = attribute(draft.text, _sentences_before(article, (where[1], where[2])))
    return Checked(draft.text, (where,), score, Attribution(speech.speaker, article.outlet), draft.answer)


def _sentences_before(article: Article, span: Span) -> list[str]:
    """The few sentences before a span, for pronouns that point back."""
    reach = max(0, span[0] - 1500)
    spans = [
        inner
        for part in paragraphs(article.text[reach : span[0]])
        for inner in sentences(article.text[reach : span[0]], *part)
    ]
    return [article.text[reach + start : reach + end] for start, end in spans[-4:]]
