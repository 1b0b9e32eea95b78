"""What is told of an article, by its file or by its own text. Conservative: a doubt gives None.

Exports are messy: some have no headline, some repeat navigation lines, some put the outlet before the first
sentence ("Some Press: As …", "CITY (Agency) — …"), some name the publication in a line of its own.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from index.credits import BYLINE, DATE_LINE, NAME, NEWS_NAME, Credit, credit, is_outlet, iso_date, plain

_PROSE_LENGTH = 120  # a line this long with a sentence end in it is the body, not the head
_WRAPPED_LENGTH = 40  # a line this long that goes on, in small letters, in one as long is the body too
_HEAD_LINES = 25
_HEADING = re.compile(r"(#{1,6})\s+(.*?\w.*?)(?:\s+#+)?")  # of Markdown
_TITLE_LINE = re.compile(r"(?:title|headline)\s*:\s+(\S.*)", re.IGNORECASE)
_WORD = re.compile(r"\w[\w’'.-]*")
_SENTENCE_END = re.compile(r"[.!?…]['\"”’)]*$")
_CREDIT = re.compile(
    r"^(?:credit|photo|image|picture|source|publication|published|updated|by|caption|share|tags?|topics?|read more|"
    r"subscribe|advertisement|related|recent|file)\b",
    re.IGNORECASE,
)
_OUTLET_FIRST = re.compile(rf"^({NEWS_NAME})\s*:\s+[A-Z“\"]")
_OUTLET_DATELINE = re.compile(r"^[A-Z][A-Z .,’'-]+(?:,[^()]{0,30})?\s*\(([A-Z][\w .&-]{1,30})\)\s*[-–—]")
_OUTLET_LINE = re.compile(
    r"^(?:publication|outlet|newspaper)\s*:\s*(.+?)(?=\s+(?:volume|issue|no\.|date)\b|\s*[|,;]|$)",
    re.IGNORECASE,
)
_AUTHOR_NOTE = re.compile(rf"^({NAME})\s+is\s+(?:an?|the)\s")
_WRITES = re.compile(
    r"\b(?:journalist|correspondent|reporter|writer|editor|columnist|author|contribut\w+|writes|follow(?:ed)?\s+\w+ on)\b",
    re.IGNORECASE,
)
_DAY = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)")
_LANGUAGE = re.compile(r"([a-z]{2,3})(?:[-_][a-z0-9_-]+)?", re.IGNORECASE)
_LONGEST = 300  # characters of a title, an outlet or an author; more is no such thing
_EARLIEST_SECONDS = 10**8  # a smaller number is a year or a counter, not seconds since 1970
_LATEST_SECONDS = 10**10  # a greater one counts milliseconds


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is told of an article, by its file or its text; None where nothing is."""

    title: str | None = None
    outlet: str | None = None
    author: str | None = None
    published: str | None = None  # YYYY-MM-DD
    url: str | None = None
    language: str | None = None

    def or_else(self, other: Metadata) -> Metadata:
        """These, and the other's where these are None."""
        names = [item.name for item in fields(self)]
        return Metadata(*(getattr(self, name) or getattr(other, name) for name in names))


def metadata_from(values: dict[str, object]) -> Metadata:
    """Metadata of values that a file or a person gave under our names; what makes no sense is None."""
    return Metadata(
        title=one_line(values.get("title")),
        outlet=one_line(values.get("outlet")),
        author=one_line(values.get("author")),
        published=iso_day(values.get("published")),
        url=_web_address(values.get("url")),
        language=language_code(values.get("language")),
    )


def one_line(value: object) -> str | None:
    """A text on one line; lists are joined, `{"name": …}` is its name; None for anything else, or too long a one."""
    items = value if isinstance(value, list | tuple) else [value]
    names = (item.get("name") if isinstance(item, dict) else item for item in items)
    joined = ", ".join(name for name in names if isinstance(name, str))
    text = " ".join("".join(letter if letter.isprintable() else " " for letter in joined).split())
    return text if text and len(text) <= _LONGEST else None


def iso_day(value: object) -> str | None:
    """A date as YYYY-MM-DD, from a date, a number of seconds (or milliseconds) since 1970, or a text that leaves no doubt.

    "3/4/2024" is a doubt: it is read as nothing.
    """
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        seconds = value / 1000 if value >= _LATEST_SECONDS else value
        if not _EARLIEST_SECONDS <= seconds < _LATEST_SECONDS:  # false for NaN, too
            return None
        return datetime.fromtimestamp(seconds, UTC).date().isoformat()
    if not isinstance(value, str):
        return None
    text = value.strip()
    if match := _DAY.match(text):
        year, _, month, day = match.groups()
        return _day(int(year), int(month), int(day))
    if match := DATE_LINE.match(text):
        return iso_date(match)
    try:
        return parsedate_to_datetime(text).date().isoformat()
    except (ValueError, TypeError, IndexError):
        return None


def language_code(value: object) -> str | None:
    """The language of a tag: "en" of "en", "EN" or "en-GB"; None of anything that is no language tag."""
    match = _LANGUAGE.fullmatch(value.strip()) if isinstance(value, str) else None
    return match[1].lower() if match else None


def _web_address(value: object) -> str | None:
    text = value.strip() if isinstance(value, str) else ""
    return text if re.fullmatch(r"https?://[^\s<>\"]{3,2000}", text) else None


def site_of(url: str | None) -> str | None:
    """The site of an address: "bbc.co.uk" of "https://www.bbc.co.uk/news/1"."""
    host = (urlsplit(url).hostname or "") if url else ""
    return host.removeprefix("www.") or None


def _day(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def read_metadata(text: str) -> Metadata:
    """Read title, outlet, author and date (YYYY-MM-DD) from an article's text where they stand there."""
    lines = [plain(line.strip()) for line in text.split("\n") if line.strip()]
    if not lines:
        return Metadata()
    head, body = _split_head(lines[:_HEAD_LINES])
    credits = [credit(line, text, below=at > 0) for at, line in enumerate(head)]
    bare = [match[2] if (match := _HEADING.fullmatch(line)) else line for line in head]
    alone = None if any(one.outlet for one in credits) else _outlet_alone(bare)
    headlines = [
        line for line, words, one in zip(head, bare, credits, strict=True) if one == Credit() and words != alone
    ]
    return Metadata(
        title=_title(headlines, has_body=bool(body) or len(head) > 1),
        outlet=_outlet(head, credits, body) or one_line(alone),
        author=_author(head, credits, lines[-1]),
        published=_published(head, credits),
    )


def is_prose(line: str) -> bool:
    """Whether a line is of an article's body rather than of its head."""
    return len(line) >= _PROSE_LENGTH and bool(re.search(r"[.!?…]", line))


def _split_head(lines: list[str]) -> tuple[list[str], list[str]]:
    """The lines before the first line of prose, and the rest."""
    for position, (line, below) in enumerate(itertools.zip_longest(lines, lines[1:], fillvalue="")):
        wrapped = min(len(line), len(below)) >= _WRAPPED_LENGTH and below[0].islower()
        if is_prose(line) or wrapped:
            return lines[:position], lines[position:]
    return lines, []


def _title(head: list[str], *, has_body: bool) -> str | None:
    if not has_body:
        return None
    labelled = next((match[1] for line in head if (match := _TITLE_LINE.match(line))), None)
    if labelled:
        return one_line(labelled)
    headings = [match for line in head if (match := _HEADING.fullmatch(line))]
    if headings:
        return one_line(min(headings, key=lambda match: len(match[1]))[2])
    candidates = [line for line in head if _looks_like_headline(line)]
    if not candidates:
        return None
    # An export repeats its headline (in the navigation, over the picture) more often than anything else.
    return max(candidates, key=lambda line: (candidates.count(line), -candidates.index(line)))


def _looks_like_headline(line: str) -> bool:
    words = _WORD.findall(line)
    return (
        3 <= len(words) <= 30
        and len(line) <= 200
        and line[0].isprintable()
        and not (line[0].isalpha() and line[0].islower())
        and not _SENTENCE_END.search(line.rstrip("?!"))
        and not _CREDIT.match(line)
        and not DATE_LINE.match(line)
        and "http" not in line
    )


def _outlet(head: list[str], credits: list[Credit], body: list[str]) -> str | None:
    for line, told in zip([*head, *body[:1]], [*credits, Credit()], strict=False):
        for pattern in (_OUTLET_LINE, _OUTLET_FIRST, _OUTLET_DATELINE):
            if match := pattern.match(line):
                return match.group(1).strip()
        if told.outlet:
            return told.outlet
    return None


def _outlet_alone(head: list[str]) -> str | None:
    """An outlet on a line of its own beside a byline or a date; as the first line also above a headline that has one."""
    for at, line in enumerate(head):
        if not is_outlet(line):
            continue
        above, below = head[at - 1 : at], head[at + 1 : at + 2]
        titled = any(map(_looks_like_headline, head[1:]))
        beside = any(map(_is_dated, (*above, *below) if at else (below if titled else ())))
        if beside or (
            at == 0 and titled and below and _looks_like_headline(below[0]) and any(map(_is_dated, head[2:3]))
        ):
            return one_line(line)
    return None


def _is_dated(line: str) -> bool:
    return bool(BYLINE.match(line) or DATE_LINE.match(line))


def _author(head: list[str], credits: list[Credit], last: str) -> str | None:
    for line, told in zip(head, credits, strict=True):
        if match := BYLINE.match(line):
            return match[1]
        if told.author:
            return told.author
    # The note on the author under an opinion piece: "N. N. is a fellow at …", and it says that the person writes.
    if (match := _AUTHOR_NOTE.match(last)) and _WRITES.search(last):
        return match.group(1)
    return None


def _published(head: list[str], credits: list[Credit]) -> str | None:
    for line, told in zip(head, credits, strict=True):
        if match := DATE_LINE.match(line):
            return iso_date(match)
        if told.published:
            return told.published
    return None
