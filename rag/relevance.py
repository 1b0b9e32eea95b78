"""Does a supported sentence answer? A weak model copies what is true and beside the question."""

from __future__ import annotations

from collections.abc import Sequence

from rag.checking import Checked
from rag.scorer import Scored

ANSWERING = 3
"""An answer of a model holds a sentence that rests on one of so many likeliest sentences, or is none."""

RELEVANT = 12
"""Its other sentences rest on one of so many."""


def standing(checked: Checked, sentences: Sequence[Scored]) -> int | None:
    """The best place, from 1, that the spans which support a sentence have among the likeliest sentences.

    `sentences` are those of the evidence, in the order by which an extractive answer is picked. None: no place.
    """
    for place, scored in enumerate(sentences, start=1):
        for article, start, end in checked.spans:
            if scored.candidate.chunk.article == article and scored.span[0] < end and start < scored.span[1]:
                return place
    return None
