"""Text → spans of paragraphs and sentences, offsets exact.

sentencex finds sentence ends; what a line break means is decided here, since news exports mix three habits:
a line is a paragraph, paragraphs are parted by blank lines, or one paragraph is wrapped over many lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import sentencex

from index.records import Span

# Longer runs go to sentencex in pieces: it is made for prose, and a file can be one endless line.
_PIECE = 20_000
_WRAP_WIDTH = 110  # hand- and mail-wrapped lines are shorter than this
_RARE_SPACE = re.compile(r"[^\S\n ]")
_BLANK = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)+")
ENDS_SENTENCE = re.compile(r"[.!?…:;][\"'”’»)\]]*\s*$")


def paragraphs(text: str) -> Iterator[Span]:
    """Spans of paragraphs: blank lines part them, and so does each line break of unwrapped text."""
    position = 0
    for match in _BLANK.finditer(text):
        yield from _lines(text, position, match.start())
        position = match.end()
    yield from _lines(text, position, len(text))


def sentences(text: str, start: int = 0, end: int | None = None) -> Iterator[Span]:
    """Spans of the sentences of `text[start:end]`, white space trimmed, every visible character covered."""
    end = len(text) if end is None else end
    for piece_start, piece_end in _pieces(text, start, end):
        # sencentex takes white space for one byte and panics on longer ones; plain spaces keep every offset.
        piece = _RARE_SPACE.sub(" ", text[piece_start:piece_end])
        for boundary in sentencex.get_sentence_boundaries("en", piece):
            span = trim(text, piece_start + boundary["start_index"], piece_start + boundary["end_index"])
            if span[0] < span[1]:
                yield span


def trim(text: str, start: int, end: int) -> Span:
    """The span without white space at its ends; empty spans stay empty."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _lines(text: str, start: int, end: int) -> Iterator[Span]:
    block = text[start:end]
    if not _is_wrapped(block):
        offset = start
        for line in block.split("\n"):
            span = trim(text, offset, offset + len(line))
            if span[0] < span[1]:
                yield span
            offset += len(line) + 1
        return
    span = trim(text, start, end)
    if span[0] < span[1]:
        yield span


def _is_wrapped(block: str) -> bool:
    """Whether the block is one paragraph broken at a column: lines alike in length, most ending in mid-sentence."""
    lines = block.strip().split("\n")
    if len(lines) < 2:
        return False
    full = lines[:-1]
    longest = max(map(len, lines))
    if longest > _WRAP_WIDTH or min(map(len, full)) < 0.6 * longest:
        return False
    return sum(1 for line in full if not ENDS_SENTENCE.search(line)) > len(full) / 2


def _pieces(text: str, start: int, end: int) -> Iterator[Span]:
    while end - start > _PIECE:
        cut = max(text.rfind(mark, start + _PIECE // 2, start + _PIECE) for mark in (". ", "\n", " "))
        cut = start + _PIECE if cut < 0 else cut + 1
        yield start, cut
        start = cut
    yield start, end
