"""What a reader says of an answer, and the question of a questions file that it becomes.

A wrong answer becomes a test with two choices: what is wrong, and the sentence that answers (or several, or that none
does).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from index.sentences import ENDS_SENTENCE, paragraphs, sentences
from rag.questions import Gold
from rag.records import Answer, Passage

Judgement = Literal["right", "wrong", "wrong_citation", "not_supported", "missing"]
JUDGEMENTS: tuple[Judgement, ...] = get_args(Judgement)
_FEWEST_LETTERS = 10  # a shorter sentence of a passage is a heading or a scrap


@dataclass(frozen=True, slots=True)
class Feedback:
    """A judgement of an answer, and what would have been right.

    `answerable` is None until it is told; `evidence` holds the quotes that answer.
    """

    judgement: Judgement
    answerable: bool | None = None
    evidence: tuple[Gold, ...] = ()


def judged(answer: Answer, judgement: Judgement) -> Feedback:
    """The feedback of the first choice. A right answer tells all: what it cites is the evidence. Where it was right not
    to answer, or to ask back, the test is that nothing is answered."""
    if judgement != "right":
        return Feedback(judgement)
    if answer.status != "answered":
        return Feedback(judgement, answerable=False)
    return Feedback(judgement, True, _evidence((citation.article, citation.quote) for citation in answer.citations))


def fitting(answer: Answer) -> tuple[Judgement, ...]:
    """The judgements that can be meant of this answer: one that says nothing cites nothing wrong."""
    return JUDGEMENTS if answer.status == "answered" else ("right", "wrong")


def proposals(passages: Iterable[Passage]) -> Iterator[tuple[Passage, list[str]]]:
    """The passages, each with the sentences that could be the one that answers, to the letter.

    Titles and lines of dates and names, which end as no sentence does, are left out where there are sentences.
    """
    for passage in passages:
        text = passage.text
        spans = [span for part in paragraphs(text) for span in sentences(text, *part)]
        found = [text[start:end] for start, end in spans]
        found = [one for one in found if sum(map(str.isalpha, one)) >= _FEWEST_LETTERS]
        yield passage, [one for one in found if ENDS_SENTENCE.search(one)] or found


def answered_by(feedback: Feedback, passages: Iterable[Passage], rank: int, place: int) -> Feedback | None:
    """The feedback once the reader has chosen a sentence, or chosen it again, which takes it back: the `place`-th,
    from 1, of the passage of this rank."""
    for passage, texts in proposals(passages):
        if passage.rank == rank and 1 <= place <= len(texts):
            quotes = [(gold.article, quote) for gold in feedback.evidence for quote in gold.quotes]
            one = (passage.article, texts[place - 1])
            quotes = [quote for quote in quotes if quote != one] if one in quotes else [*quotes, one]
            return Feedback(feedback.judgement, True if quotes else None, _evidence(quotes))
    return None


def _evidence(quotes: Iterable[tuple[str, str]]) -> tuple[Gold, ...]:
    """Quotes, each with its article, as gold: one for each article."""
    grouped: dict[str, list[str]] = {}
    for article, quote in quotes:
        grouped.setdefault(article, []).append(quote)
    return tuple(Gold(article, tuple(texts)) for article, texts in grouped.items())


def as_question(
    id: str, feedback: Feedback, answer: Mapping[str, Any], history: Sequence[str]
) -> dict[str, Any] | None:
    """The feedback as an object of a questions file; None while it does not tell what would be right.

    `answer` is in the form of docs/answer.md, `history` the questions before it. What the answer took nothing from is
    left out of the question; the filters that were set go with it.
    """
    if feedback.answerable is None:
        return None
    leaning = answer["standalone_question"] != answer["question"] or answer.get("clarification")
    record = {
        "id": id,
        "kind": f"feedback: {feedback.judgement.replace('_', ' ')}",
        "history": list(history) if leaning else [],
        "question": answer["question"],
        "answerable": feedback.answerable,
        "evidence": [{"article": gold.article, "quotes": list(gold.quotes)} for gold in feedback.evidence],
    }
    return record if answer.get("scope") is None else record | {"filters": dict(answer["scope"])}
