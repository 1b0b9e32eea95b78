"""Where quotation marks open and close, in text whose marks are often straight, lone, or set beside a space."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index import Span

_QUOTED = re.compile(r"[“\"][^”\"]*(?:[”\"]|$)")


def quotations(sentence: str) -> list[Span]:
    """Spans of what stands in quotation marks; what is before a lone closing mark was opened earlier."""
    spans = [match.span() for match in _QUOTED.finditer(sentence)]
    first = sentence.find('"')
    if first > 0 and "“" not in sentence and re.match(r"[,.?!]\"(?:\s|$)", sentence[first - 1 :]):
        rest = [(first + 1 + start, first + 1 + end) for start, end in quotations(sentence[first + 1 :])]
        return [(-1, first + 1), *rest]
    return spans


def inside(at: int, spans: Sequence[Span]) -> bool:
    """Whether a place lies within one of the spans."""
    return any(start < at < end for start, end in spans)


def continues_quote(sentence: str, before: Sequence[str]) -> bool:
    """Whether a quotation that was opened earlier is still running, or the sentence is nothing but a quotation."""
    if re.fullmatch(r"[\s-]*[“\"][^”\"]+[”\"]?[\s.,]*", sentence):
        return True
    if (
        re.search(r"[.!?][”\"]\s*$", sentence)
        and "“" not in sentence
        and sentence.count('"') + sentence.count("”") == 1
    ):
        return True
    text = " ".join(before)
    return text.count("“") > text.count("”")
