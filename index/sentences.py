"""Text → spans of paragraphs and sentences, offsets exact.

sentencex finds sentence ends; what a line break means is decided here, since news exports mix three habits:
a line is a paragraph, paragraphs are parted by blank lines, or one paragraph is wrapped over many lines.
The dash, dot or number before an item and a line of dashes under a heading are in no sentence; a short list is in
one with the words that introduce it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import sentencex

from index.encoding import has_text
from index.records import Span

# Longer runs go to sentencex in pieces: it is made for prose, and a file can be one endless line.
_PIECE = 20_000
_WRAP_WIDTH = 110  # hand- and mail-wrapped lines are shorter than this
_RARE_SPACE = re.compile(r"[^\S\n ]")
_BLANK = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)+|(?:^|\n)[^\S\n]*(?:[-=_*~#+|][^\S\n]*){3,}(?=\n|$)")
ENDS_SENTENCE = re.compile(r"[.!?…:;][\"'”’»)\]]*\s*$")

_LINE = re.compile(r"[^\n]+")
_DOT = "[-–—*•‣▪◦●]"
_BULLET = re.compile(rf"{_DOT}(?:\s+|(?=[\"“]?[^\W\d_a-z])|$)")
_NUMBER = re.compile(r"\d{1,3}[.)]")
_NUMBERED = re.compile(r"\(?\d{1,2}[.)][^\S\n]+(?=\S)")
_NUMBERED_END = re.compile(r"(?<!\d)\(?\d{1,2}[.)]\s+$")
_ITEM = rf"(?:\n[^\S\n]*){{1,2}}(?:{_DOT}|\d{{1,2}}[.)])[^\S\n]+"
_LIST = re.compile(rf":[^\S\n]*(?:{_ITEM}\S[^\n]*){{2,}}")
_LIST_LENGTH = 400  # characters; the items of a longer list stand alone
_PHRASE = 8  # words; longer items that end as sentences are sentences
# sentencex takes quotation marks in pairs, and one too many misleads it; a straight one tells by its place what it is.
_MARK = re.compile(r"[\"“”]")
_BEFORE_OPENING, _AFTER_CLOSING = re.compile(r"[\s(\[:;—–-]?$"), re.compile(r"$|[\s.,:;!?)\]—–-]")
_WORD = re.compile(r"[^\W_]+")
# What follows the dot of a name: www.example.Com, Report.Pdf.
_ENDINGS = frozenset(
    "com net org gov edu info io js txt pdf doc docx xls xlsx html htm php csv json jpg jpeg png gif zip exe".split()
)


def paragraphs(text: str) -> Iterator[Span]:
    """Spans of paragraphs: blank lines part them, and so does each line break of unwrapped text."""
    lists = list(_lists(text))
    pending: Span | None = None
    for span in _paragraphs(text):
        while lists and lists[0][1] <= span[0]:
            lists.pop(0)
        if pending and lists and lists[0][0] < span[0]:
            pending = pending[0], span[1]
            continue
        if pending:
            yield pending
        pending = span
    if pending:
        yield pending


def sentences(text: str, start: int = 0, end: int | None = None) -> Iterator[Span]:
    """Spans of the sentences of `text[start:end]`, white space trimmed, every word covered."""
    end = len(text) if end is None else end
    for piece_start, piece_end in _pieces(text, start, end):
        piece = text[piece_start:piece_end]
        cuts = _cuts(piece)
        for first, last in zip([0, *cuts], [*cuts, len(piece)], strict=True):
            span = _without_mark(text, *trim(text, piece_start + first, piece_start + last))
            if span[0] < span[1]:
                yield span


def folded(text: str) -> str:
    """A sentence on one line, as it is shown: the items of a list with semicolons between them, for their dots."""
    return " ".join(_LIST.sub(_told, text).split())


def is_list(text: str) -> bool:
    """Whether a sentence is a list with its introduction."""
    return any(span[1] == len(text) for span in _lists(text))


def says_something(between: str) -> bool:
    """Whether what stands between two sentences holds words, and not only the marks of items and rules."""
    return has_text(_NUMBERED_END.sub("", between))


def trim(text: str, start: int, end: int) -> Span:
    """The span without white space at its ends; empty spans stay empty."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _cuts(piece: str) -> list[int]:
    """Where a sentence ends and the next one begins."""
    # sentencex takes white space for one byte and panics on longer ones; plain spaces keep every offset.
    plain = _paired(_RARE_SPACE.sub(" ", piece))
    found = [boundary["end_index"] for boundary in sentencex.get_sentence_boundaries("en", plain)][:-1]
    lists = list(_lists(piece))
    before, cuts = 0, []
    for cut in found:
        numbered = _NUMBER.fullmatch(piece[before:cut].strip())
        if not numbered and not _in_name(piece, cut) and not any(first < cut < last for first, last in lists):
            cuts.append(cut)
            before = cut
    return cuts


def _paired(text: str) -> str:
    """The text with its quotations in curly marks, and a letter for an opening mark that nothing closes."""
    letters = list(text)
    opened: int | None = None
    for match in _MARK.finditer(text):
        at = match.start()
        opens = text[at] == "“" or bool(_BEFORE_OPENING.match(text[max(0, at - 1) : at]))
        closes = text[at] == "”" or bool(_AFTER_CLOSING.match(text[at + 1 : at + 2]))
        if not opens and not closes:  # within a word
            letters[at] = "X"
            continue
        closes = opened is not None if opens and closes else closes
        if opened is not None:
            letters[opened] = "“" if closes else "X"
        letters[at] = "”" if closes else "X"
        opened = None if closes else at
    return "".join(letters)


def _in_name(text: str, cut: int) -> bool:
    """Whether a cut goes through the name of a place in the web or of a file."""
    if text[cut - 1] != ".":
        return False
    word = _WORD.match(text, cut)
    return word is not None and word[0].casefold() in _ENDINGS


def _without_mark(text: str, start: int, end: int) -> Span:
    """The span behind the mark of an item. A short phrase keeps its number: "2. Norway" may be a place in a ranking."""
    if match := _BULLET.match(text, start, end):
        return trim(text, match.end(), end)
    match = _NUMBERED.match(text, start, end)
    if match and (ENDS_SENTENCE.search(text[match.end() : end]) or len(text[match.end() : end].split()) > _PHRASE):
        return match.end(), end
    return start, end


def _lists(text: str) -> Iterator[Span]:
    """Short lists of phrases, each from the colon that introduces it."""
    for match in _LIST.finditer(text):
        items = re.split(_ITEM, match[0])[1:]
        told = [len(item.split()) > _PHRASE and re.search(r"[.!?…]\W*$", item) for item in items[:-1]]
        if len(match[0]) <= _LIST_LENGTH and not any(told):
            yield match.span()


def _told(match: re.Match[str]) -> str:
    first, *items = re.split(rf"(?:\n[^\S\n]*){{1,2}}{_DOT}[^\S\n]+", match[0])
    return f"{first.strip()} {'; '.join(item.strip().rstrip(',;') for item in items)}" if items else match[0]


def _paragraphs(text: str) -> Iterator[Span]:
    position = 0
    for match in _BLANK.finditer(text):
        yield from _lines(text, position, match.start())
        position = match.end()
    yield from _lines(text, position, len(text))


def _lines(text: str, start: int, end: int) -> Iterator[Span]:
    """The paragraphs of a block: the items of a list, its lines, or the whole of it where it is wrapped."""
    lines: list[Span] = []  # of the paragraph so far, or of several that are a line each
    for line in _LINE.finditer(text, start, end):
        span = trim(text, *line.span())
        if span[0] == span[1]:
            continue
        in_item = bool(lines) and _is_item(text, lines[0])
        ended = not lines or in_item or ENDS_SENTENCE.search(text[slice(*lines[-1])])
        if lines and ended and _is_item(text, span):
            yield from _block(text, lines)
            lines = []
        lines.append(span)
    yield from _block(text, lines)


def _is_item(text: str, line: Span) -> bool:
    return bool(_BULLET.match(text, *line) or _NUMBERED.match(text, *line))


def _block(text: str, lines: list[Span]) -> Iterator[Span]:
    if not _is_wrapped([text[start:end] for start, end in lines]):
        yield from lines
    else:
        yield lines[0][0], lines[-1][1]


def _is_wrapped(lines: list[str]) -> bool:
    """Whether the lines are one paragraph broken at a column: alike in length, most ending in mid-sentence."""
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
