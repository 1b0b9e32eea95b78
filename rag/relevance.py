"""Does a supported sentence answer? A weak model copies what is true and beside the question."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.lexical import terms
from rag.checking import Checked
from rag.llm.base import Draft
from rag.scorer import Scored

ANSWERING = 3
"""An answer of a model holds a sentence that rests on one of so many likeliest sentences, or is none."""

RELEVANT = 12
"""Its other sentences rest on one of so many."""

_WHOLE = re.compile(r"[.!?…][\"'”’»)\]]*$")
_OF_THE_PROMPT = re.compile(
    r"\b(?:the|this|these|each|which|provided|given)\s+(?:(?:provided|given|numbered|above|first|second|third|last)\s+)*"
    r"(?:passages?|contexts?|excerpts?)\b",
    re.IGNORECASE,
)
_POINTS_BACK = re.compile(r"(?:They|He|She|It|This|These|Those)\s+(?:\w+\s+)?also\b")  # goes on from nothing
_LEAST_WORDS = 3
_ROUND = 3  # words


def standing(draft: Draft, checked: Checked, sentences: Sequence[Scored], *, opens: bool) -> int | None:
    """The best place, from 1, that the spans which support a sentence have among the likeliest sentences.

    `sentences` are those of the evidence, in the order by which an extractive answer is picked; what is quoted from
    them was picked so. `opens`: it is the answer's first sentence. None: no place, or no statement.
    """
    if draft.source:
        return 1
    if not _states(draft.text) or (opens and _POINTS_BACK.match(draft.text)):
        return None
    for place, scored in enumerate(sentences, start=1):
        for article, start, end in checked.spans:
            if scored.candidate.chunk.article == article and scored.span[0] < end and start < scored.span[1]:
                return place
    return None


def _states(text: str) -> bool:
    """Whether it is a whole sentence, and speaks of the world: not of the passages, which the reader does not see.

    What says three words in a row twice goes round: "the mining company is the mining company of the mining company".
    """
    words = terms(text)
    runs = [tuple(words[at : at + _ROUND]) for at in range(len(words) - _ROUND + 1)]
    whole = bool(_WHOLE.search(text)) and len(re.findall(r"\w+", text)) >= _LEAST_WORDS
    return whole and len(runs) == len(set(runs)) and not _OF_THE_PROMPT.search(text)
