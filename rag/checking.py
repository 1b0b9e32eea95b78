"""A drafted sentence → a checked one: the exact spans that bear it out, and who says it.

The numbers that a writer gives are a hint. A sentence that its own passages do not support is tried against the
others (the citation is repaired), then against two spans together; one that none supports has no span, and is not
shown as supported. One citation is enough where one span bears the sentence out.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from index import Article, Embedder, Span
from index.lexical import terms
from index.sentences import paragraphs, sentences
from rag.attribution import Speech, attribute
from rag.judge import Judge
from rag.llm.base import Draft
from rag.records import Answer, Attribution, Passage
from rag.verifier import Judgement, verify

_TRIED = 4  # passages whose spans are tried two by two
_BEFORE = 1500  # characters in which the sentences before a span are looked for
_MOST_BEFORE = 4

Where = tuple[str, int, int]
"""An article's key, and a span in it."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A sentence with its verdict: `spans` support it; none means unsupported."""

    text: str
    spans: tuple[Where, ...]
    score: float
    attribution: Attribution
    answer: Span | None = None  # the words of `text` that answer


def check(
    draft: Draft,
    passages: Sequence[Passage],
    articles: Mapping[str, Article],
    embedder: Embedder,
    *,
    judge: Judge | None = None,
) -> Checked:
    """Check one drafted sentence against the passages that it cites, then against the others.

    Raises:
        ModelError: the judge cannot be reached.
    """
    if draft.source:
        # Taken word for word: the span is known, only its being verbatim is checked.
        key, (start, end) = draft.source
        if draft.text.split() == articles[key].text[start:end].split():
            return _supported(draft, ((key, start, end),), 1.0, articles)
    cited = [passages[number - 1] for number in dict.fromkeys(draft.citations) if 1 <= number <= len(passages)]
    others = [passage for passage in passages if passage not in cited]
    tried: list[tuple[float, Where]] = []
    for group in (cited, others):
        found = []
        for passage in group:
            judgement = verify(
                draft.text,
                passage.text,
                embedder,
                before=_sentences_before(articles[passage.article], passage.start),
                around=articles[passage.article].text,
            )
            if judgement.span is None:
                continue
            where = (passage.article, passage.start + judgement.span[0], passage.start + judgement.span[1])
            tried.append((judgement.score, where))
            if judgement.supported:
                found.append((judgement.score, where))
        for _, where in sorted(found, key=lambda item: -item[0]):
            again = bears_out(draft.text, (where,), articles, embedder, judge=judge)
            if again.supported:
                return _supported(draft, (where,), again.score, articles)
    # What joins two places: the spans that came nearest, by twos.
    nearest = [where for _, where in sorted(tried, key=lambda item: -item[0])[:_TRIED]]
    for both in itertools.combinations(nearest, 2):
        if _adds(draft.text, both, articles):
            again = bears_out(draft.text, both, articles, embedder, judge=judge)
            if again.supported:
                return _supported(draft, both, again.score, articles)
    return Checked(draft.text, (), 0.0, Attribution(None, None))


def bears_out(
    sentence: str,
    spans: Sequence[Where],
    articles: Mapping[str, Article],
    embedder: Embedder,
    *,
    judge: Judge | None = None,
) -> Judgement:
    """Whether these spans alone bear a sentence out; what stands before them only tells whom their pronouns mean."""
    text = " ".join(articles[key].text[start:end] for key, start, end in spans)
    article = articles[spans[0][0]]
    before = _sentences_before(article, spans[0][1])
    return verify(sentence, text, embedder, before=before, around=article.text, judge=judge)


def recheck(answer: Answer, articles: Mapping[str, Article], embedder: Embedder) -> list[bool]:
    """For each sentence shown as supported: whether its citations' quotes alone support it."""
    cited = {citation.number: (citation.article, citation.start, citation.end) for citation in answer.citations}
    return [
        bears_out(sentence.text, [cited[number] for number in sentence.citations], articles, embedder).supported
        for sentence in answer.sentences
        if sentence.verdict == "supported"
    ]


def _adds(sentence: str, both: tuple[Where, Where], articles: Mapping[str, Article]) -> bool:
    """Whether each of two spans holds a word of the sentence that the other lacks."""
    said = frozenset(terms(sentence))
    first, second = (said.intersection(terms(articles[key].text[start:end])) for key, start, end in both)
    return bool(first - second) and bool(second - first)


def _supported(draft: Draft, spans: tuple[Where, ...], score: float, articles: Mapping[str, Article]) -> Checked:
    key, start, end = spans[0]
    article = articles[key]
    speech = _speech(draft.text, article, (start, end))
    return Checked(draft.text, spans, score, Attribution(speech.speaker, article.outlet, speech.via), draft.answer)


def _speech(text: str, article: Article, span: Span) -> Speech:
    """Who says it: as the sentence tells, else as the span does that bears it out."""
    before = _sentences_before(article, span[0])
    speech = attribute(text, before)
    if speech.speaker:
        return speech
    first = next(sentences(article.text, *span), span)
    return attribute(article.text[slice(*first)], before)


def _sentences_before(article: Article, start: int) -> list[str]:
    """The few sentences before a place, for pronouns that point back."""
    reach = max(0, start - _BEFORE)
    text = article.text[reach:start]
    spans = [inner for part in paragraphs(text) for inner in sentences(text, *part)]
    return [text[slice(*span)] for span in spans[-_MOST_BEFORE:]]
