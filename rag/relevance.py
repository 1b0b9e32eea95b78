"""Does a supported sentence answer? A weak model copies what is true and beside the question."""

from __future__ import annotations

from collections.abc import Sequence

from rag.checking import Checked
from rag.scorer import Scored

MARGIN = 2.0
"""How far below the likeliest sentence's score a sentence may be that a model's answer rests on."""


def bears_on_question(checked: Checked, sentences: Sequence[Scored]) -> bool:
    """Whether one of the spans that support a sentence holds a sentence that is likely to answer the question.

    `sentences` are those of the evidence, the likeliest first, by the scores that an extractive answer is picked by.
    """
    if not sentences:
        return True
    least = sentences[0].score - MARGIN
    return any(
        scored.candidate.chunk.article == article and scored.span[0] < end and start < scored.span[1]
        for scored in sentences
        if scored.score >= least
        for article, start, end in checked.spans
    )
