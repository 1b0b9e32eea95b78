"""A drafted sentence → a checked one: the exact spans that bear it out, and who says it.

The numbers that a writer gives are a hint. A sentence that its own passages do not support is tried against the
others (the citation is repaired); of one that joins two each half may have a span of its own; one that none supports
has no span, and is not shown as supported. One citation is enough where one span bears the sentence out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from index import Article, Span
from index.sentences import folded, paragraphs, sentences
from rag.attribution import Speech, attribute
from rag.llm.base import Draft
from rag.records import Answer, Attribution, Passage
from rag.verifier import Judgement, Verifier, within_reach

_JOINT = re.compile(r"[,;] (?:and|but|while) |; ")
_LEAST_WORDS = 4  # of a half
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
    verifier: Verifier,
) -> Checked:
    """Check one drafted sentence against the passages that it cites, then against the others.

    Raises:
        ModelError: the judge cannot be reached.
    """
    if draft.source:
        # Taken word for word: the span is known, only its being verbatim is checked.
        key, (start, end) = draft.source
        if draft.text == folded(articles[key].text[start:end]):
            return _supported(draft, ((key, start, end),), 1.0, articles)
    cited = [passages[number - 1] for number in dict.fromkeys(draft.citations) if 1 <= number <= len(passages)]
    others = [passage for passage in passages if passage not in cited]
    where, score = _find(draft.text, cited, others, articles, verifier)
    if where:
        return _supported(draft, (where,), score, articles)
    # What joins two places: each half must be borne out, by a span of its own.
    halves = _halves(draft.text)
    found = [_find(half, cited, others, articles, verifier) for half in halves]
    spans = tuple(dict.fromkeys(where for where, _ in found if where))
    if found and all(where for where, _ in found):
        return _supported(draft, spans, min(score for _, score in found), articles)
    return Checked(draft.text, (), 0.0, Attribution(None, None))


def _find(
    text: str,
    cited: Sequence[Passage],
    others: Sequence[Passage],
    articles: Mapping[str, Article],
    verifier: Verifier,
) -> tuple[Where | None, float]:
    """The span that bears a text out best, of the passages cited if one of them does, and its score."""
    unjudged = replace(verifier, judge=None)  # a judge is asked of the span alone, and only where it matters
    for group in (cited, others):
        found = []
        for passage in group:
            if not within_reach(text, passage.text):
                continue
            article = articles[passage.article]
            before = _sentences_before(article, passage.start)
            judgement = unjudged.verify(text, passage.text, before=before, around=article.text)
            if judgement.supported and judgement.span:
                start, end = judgement.span
                found.append((judgement.score, (passage.article, passage.start + start, passage.start + end)))
        for _, where in sorted(found, key=lambda item: -item[0]):
            again = _alone(text, where, articles, verifier)
            if again.supported:
                return where, again.score
    return None, 0.0


def _halves(sentence: str) -> list[str]:
    """The two halves of a sentence that joins two, as sentences; none where it does not."""
    parts = [part.strip(" ,.;") for part in _JOINT.split(sentence)]
    if len(parts) != 2 or any(len(part.split()) < _LEAST_WORDS for part in parts):
        return []
    return [f"{part[0].upper()}{part[1:]}." for part in parts]


def _alone(text: str, where: Where, articles: Mapping[str, Article], verifier: Verifier) -> Judgement:
    """Whether a span alone bears a text out; what stands before it only tells whom its pronouns mean."""
    key, start, end = where
    article = articles[key]
    before = _sentences_before(article, start)
    return verifier.verify(text, article.text[start:end], before=before, around=article.text)


def recheck(answer: Answer, articles: Mapping[str, Article], verifier: Verifier) -> list[bool]:
    """For each sentence shown as supported: whether its citations' quotes alone support it."""
    cited = {citation.number: (citation.article, citation.start, citation.end) for citation in answer.citations}
    return [
        _held(sentence.text, [cited[number] for number in sentence.citations], articles, verifier)
        for sentence in answer.sentences
        if sentence.verdict == "supported"
    ]


def _held(text: str, spans: Sequence[Where], articles: Mapping[str, Article], verifier: Verifier) -> bool:
    """Whether one of the spans bears a sentence out, or both of its halves are borne out."""

    def by_one(part: str) -> bool:
        return any(_alone(part, where, articles, verifier).supported for where in spans)

    halves = _halves(text)
    return by_one(text) or bool(halves and all(map(by_one, halves)))


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
