"""Model text → drafted sentences with the numbers that they cite. A marker never reaches the reader half-read.

The text is read character by character, and what is decided depends on the characters so far alone: so it does not
matter how the stream is cut into pieces.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from index import Span
from index.sentences import sentences
from rag.llm.base import Draft, Pending

_WORD = r"(?:sources?|passages?|articles?|refs?\.?|documents?|nos?\.?|#)"
_NUMBERS = r"\d+(?:\s*(?:,|;|–|-|to|and|&)\s*[\^#]?\d+)*"
_SQUARE = rf"\[+\s*\^?{_WORD}?\s*:?\s*\^?(?P<square>{_NUMBERS})\s*\]+"
_WIDE = rf"【\s*{_WORD}?\s*(?P<wide>{_NUMBERS})[^】]{{0,40}}】"
_ROUND = rf"\(\s*(?:{_WORD}\s*(?P<named>{_NUMBERS})|(?P<round>{_NUMBERS}))\s*\)"
_MARKER = re.compile(rf"\s*(?P<range>[–-]\s*)?(?:{_SQUARE}|{_WIDE}|{_ROUND})", re.IGNORECASE)
_SENTENCE_ENDS = re.compile(r"[.!?…][\"'”’»)\]]*\s*$")
_ENDS_BEHIND = re.compile(r"\s*(?:[.!?;]|\[|【|\(|\n|$)")
_HALF_OPEN = re.compile(  # what a marker begins with, at the end of what has come so far
    r"\s*[–-]?\s*(?:\[[^\]]*|【[^】]*|\(\s*[a-z#.]{0,10}\s*(?:[\d\s,;–\-#^&]|to|and)*\)?)?$", re.IGNORECASE
)
_OPENING = re.compile(
    r"\s*(?:(?:[-•]|#+|\d{1,2}[.)])\s+|(?:answer|response|sources?|references?|citations?)\s*:\s*)+", re.IGNORECASE
)
_HEAD = 16  # characters of a line that are read before its list mark or label is taken off
_MAY_END = re.compile(r"(?:[.!?…:;\]】)\"”’»]\s+|\n\s*)\S*\w\S*\s$")
_MOST_IN_RANGE = 20


def split_stream(pieces: Iterable[str], most: int = 99) -> Iterator[Draft | Pending]:
    """Cut streamed text into sentences as they are completed, markers read and taken out of the text.

    `most` is the number of the last passage. After each piece comes what there is of the sentence that it is at.
    """
    coming = ""
    for piece in _lines(pieces):
        for character in piece:
            coming += character
            # Only where a sentence can have ended: the word behind its end shows that no marker follows.
            if character.isspace() and _MAY_END.search(coming[-80:]):
                done = _completed(coming)
                yield from _drafts(coming[:done], most)
                coming = coming[done:]
        yield Pending(_visible(coming, most))
    yield from _drafts(coming, most)


def read_markers(text: str, most: int = 99) -> Draft:
    """A sentence without its markers, and the numbers that they name, in order, each once."""
    numbers: dict[int, None] = {}
    kept, end = [], 0
    for match in _MARKER.finditer(text):
        found = _named(match, text, most)
        if found is None:
            continue
        dash = match["range"] or ""
        if dash and numbers and found:
            found = [*range(min(next(reversed(numbers)), found[0]), found[0]), *found]  # "[1]-[3]"
        kept.append(text[end : match.start()] + ("" if numbers else dash))
        end = match.end()
        numbers.update(dict.fromkeys(found))
    plain = "".join([*kept, text[end:]])
    return Draft(" ".join(plain.split()), tuple(numbers))


def _lines(pieces: Iterable[str]) -> Iterator[str]:
    """The same pieces without what a chat model dresses its lines with: list marks, labels, emphasis."""
    head: str | None = ""
    for piece in pieces:
        plain = ""
        for character in piece.replace("*", ""):
            if head is None:
                plain += character
                head = "" if character == "\n" else None
            else:
                head += character
                if character == "\n" or len(head) == _HEAD:
                    plain += _undressed(head)
                    head = "" if character == "\n" else None
        yield plain
    yield _undressed(head or "")


def _undressed(line: str) -> str:
    opening = _OPENING.match(line)
    return line[opening.end() :] if opening else line


def _named(match: re.Match[str], text: str, most: int) -> list[int] | None:
    """The numbers of a marker, none where they make no sense; None where it is no marker."""
    listed = match["square"] or match["wide"] or match["named"] or match["round"]
    numbers: list[int] = []
    for part in re.split(r"\s*(?:,|;|and|&)\s*", re.sub(r"\s*(?:–|-|to)\s*", "-", listed, flags=re.IGNORECASE)):
        bounds = [int(digits) for digits in re.findall(r"\d+", part)]
        if bounds and bounds[0] <= bounds[-1] <= bounds[0] + _MOST_IN_RANGE:
            numbers.extend(range(bounds[0], bounds[-1] + 1))
    # In round brackets a number may be an age or a year: it cites at the end of a sentence, and such a passage only.
    at_end = _ENDS_BEHIND.match(text, match.end()) or _SENTENCE_ENDS.search(text[: match.start()])
    if match["round"] and not (at_end and numbers and max(numbers) <= most):
        return None
    return numbers


def _completed(coming: str) -> int:
    """Where the last whole sentence ends, its markers included: the one after it has begun with a word."""
    for start, _ in reversed(list(_spans(coming))[1:]):
        start = _behind_markers(coming, start)
        if re.match(r"\W*\w\S*\s", coming[start:]):
            return start
    return 0


def _drafts(text: str, most: int) -> Iterator[Draft]:
    done = 0
    for start, end in list(_spans(text)):
        if end > done:
            start, done = max(start, done), _behind_markers(text, max(end, done))
            draft = read_markers(text[start:done], most)
            if re.search(r"\w", draft.text):
                yield draft


def _spans(text: str) -> Iterator[Span]:
    for line in re.finditer(r"[^\n]+", text):
        yield from sentences(text, *line.span())


def _behind_markers(text: str, at: int) -> int:
    """Markers behind a sentence's end are its own."""
    while match := _MARKER.match(text, at):
        at = match.end()
    return at


def _visible(coming: str, most: int) -> str:
    """What may be shown of a text that goes on: no marker, and nothing that may become one."""
    match = _HALF_OPEN.search(coming)
    whole = coming[: match.start()] if match else coming
    return " ".join(draft.text for draft in _drafts(whole, most))
