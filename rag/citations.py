"""Model text → drafted sentences with the numbers that they cite. A marker never reaches the reader half-read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from index.sentences import sentences
from rag.llm.base import Draft

_MARKER = re.compile(
    r"\s*(?:\[\^?(?:source|passage|article)?\s*(?P<inside>\d+(?:\s*[,;–-]\s*\d+)*)\]|【(?P<wide>\d+(?:\s*[,;–-]\s*\d+)*)[^】]*】)",
    re.IGNORECASE,
)
_MARKERS_AT_START = re.compile(
    rf"^(?:{_MARKER.pattern.replace('?P<inside>', '?:').replace('?P<wide>', '?:')})+", re.IGNORECASE
)
_LIST_MARK = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+")
_MOST_IN_RANGE = 20


def split_stream(pieces: Iterable[str]) -> Iterator[Draft]:
    """Cut streamed text into sentences as they are completed, markers read and taken out of the text."""
    pending = ""
    for piece in pieces:
        pending += piece
        spans = list(sentences(pending))
        # The last two may still grow: the next one may open with the marker of the one before it.
        while len(spans) > 2:
            cut = spans[1][0]
            following = _MARKERS_AT_START.match(pending[cut:])
            cut += following.end() if following else 0
            yield from _drafts(pending[:cut])
            pending = pending[cut:]
            spans = list(sentences(pending))
    yield from _drafts(pending)


def _drafts(text: str) -> Iterator[Draft]:
    start = 0
    for span in list(sentences(text)) or []:
        if span[0] < start:
            continue
        end = span[1]
        following = _MARKERS_AT_START.match(text[end:])
        end += following.end() if following else 0
        draft = read_markers(text[span[0] : end])
        start = end
        if draft.text:
            yield draft


def read_markers(text: str) -> Draft:
    """A sentence without its markers, and the numbers that they name, in order, each once."""
    numbers: dict[int, None] = {}
    for match in _MARKER.finditer(text):
        for part in re.split(r"\s*[,;]\s*", match["inside"] or match["wide"]):
            first, _, last = re.sub(r"\s*[–-]\s*", "-", part).partition("-")
            end = int(last) if last else int(first)
            if int(first) <= end <= int(first) + _MOST_IN_RANGE:
                numbers.update(dict.fromkeys(range(int(first), end + 1)))
    plain = _LIST_MARK.sub("", _MARKER.sub("", text))
    return Draft(" ".join(plain.split()), tuple(numbers))
