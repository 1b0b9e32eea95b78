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

from index.calendar_words import MONTH, WEEKDAY

_PROSE_LENGTH = 120  # a line this long with a sentence end in it is the body, not the head
_HEAD_LINES = 25
_HEADING = re.compile(r"(#{1,6})\s+(.*?\w.*?)(?:\s+#+)?")  # of Markdown
_WORD = re.compile(r"\w[\w’'.-]*")
_SENTENCE_END = re.compile(r"[.!?…]['\"”’)]*$")
_CREDIT = re.compile(
    r"^(?:credit|photo|image|picture|source|publication|published|updated|by|caption|share|tags?|topics?|read more|"
    r"subscribe|advertisement|related|recent|file)\b",
    re.IGNORECASE,
)
_NEWS_NAME = (
    r"(?:[A-Z][\w&.’'-]*\s+){0,4}"
    r"(?:Press|News|Times|Post|Agency|Monitor|Herald|Tribune|Gazette|Journal|Chronicle|Telegraph|Guardian|Observer|"
    r"Reuters|AFP|AP|TASS|Interfax|Xinhua|BBC|CNN|Bloomberg|Radio|Television|TV|Daily|Weekly|Review|Today|Wire|"
    r"Service|Courier|Mail|Express|Standard|Globe|Star|Mirror|Independent|Dispatch|Examiner|Inquirer|Bulletin|Sentinel|"
    r"Argus|Advertiser|Record|Reporter)"
)
_OUTLET_FIRST = re.compile(rf"^({_NEWS_NAME})\s*:\s+[A-Z“\"]")
_OUTLET_DATELINE = re.compile(r"^[A-Z][A-Z .,’'-]+(?:,[^()]{0,30})?\s*\(([A-Z][\w .&-]{1,30})\)\s*[-–—]")
_OUTLET_LINE = re.compile(
    r"^(?:publication|outlet|newspaper)\s*:\s*(.+?)(?=\s+(?:volume|issue|no\.|date)\b|\s*[|,;]|$)",
    re.IGNORECASE,
)
_OUTLET_AND_DATE = re.compile(rf"^({_NEWS_NAME})\s*,\s*(?=.*\d{{4}})")
_BETWEEN = re.compile(r"\s*[|·•]\s*|\s+[–—-]\s+")  # the parts of a line "Outlet | date | By Name"
_CAPITALISED = re.compile(r"[A-Z][\w&.’'-]*(?:\s+(?:of|the|and|[A-Z][\w&.’'-]*)){1,4}")
_SECTIONS = frozenset(
    "news world politics business economy finance markets sport sports football culture opinion comment analysis science tech "
    "technology health travel style life arts books film music climate environment education local regional national "
    "international breaking latest top home daily today europe asia africa america americas north south east west "
    "middle central latin us uk eu un and the of".split()
)
_NAME = r"[A-Z][\w’'-]+(?:\s+(?:[A-Z]\.|al|bin|de|van|von|der|[A-Z][\w’'-]+)){1,3}"
_BYLINE = re.compile(rf"^(?:by|author|written by)\s*:?\s+({_NAME})\s*(?:$|[,|·•-])", re.IGNORECASE)
_AUTHOR_NOTE = re.compile(rf"^({_NAME})\s+is\s+(?:an?|the)\s")
_WRITES = re.compile(
    r"\b(?:journalist|correspondent|reporter|writer|editor|columnist|author|contribut\w+|writes|follow(?:ed)?\s+\w+ on)\b",
    re.IGNORECASE,
)
_DATE_LINE = re.compile(
    rf"^(?:(?:published|posted|date|updated)\s*(?:on|at)?\s*:?\s*)?(?:{WEEKDAY},?\s+)?"
    rf"(?:(?P<iso>\d{{4}}(?:-\d{{2}}-\d{{2}}|/\d{{1,2}}/\d{{1,2}}))(?:[T ].*)?"
    rf"|(?P<mdy>{MONTH}\s+\d{{1,2}},?\s+\d{{4}})|(?P<dmy>\d{{1,2}}\s+{MONTH},?\s+\d{{4}}))\.?$",
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
    if match := _DATE_LINE.match(text):
        return _iso_date(match)
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
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if not lines:
        return Metadata()
    head, body = _split_head(lines[:_HEAD_LINES])
    return Metadata(
        title=_title(head, has_body=bool(body)),
        outlet=_outlet(head + body[:1]) or _outlet_alone(head),
        author=_author(head, lines[-1]),
        published=_published(head),
    )


def is_prose(line: str) -> bool:
    """Whether a line is of an article's body rather than of its head."""
    return len(line) >= _PROSE_LENGTH and bool(re.search(r"[.!?…]", line))


def _split_head(lines: list[str]) -> tuple[list[str], list[str]]:
    """The lines before the first line of prose, and the rest."""
    for position, line in enumerate(lines):
        if is_prose(line):
            return lines[:position], lines[position:]
    return lines, []


def _title(head: list[str], *, has_body: bool) -> str | None:
    if not has_body and len(head) < 2:
        return None
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
        and not _DATE_LINE.match(line)
        and _credit_line(line) == Metadata()
        and "http" not in line
    )


def _outlet(lines: list[str]) -> str | None:
    for line in lines:
        for pattern in (_OUTLET_LINE, _OUTLET_FIRST, _OUTLET_DATELINE):
            if match := pattern.match(line):
                return match.group(1).strip()
        if outlet := _credit_line(line).outlet:
            return outlet
    return None


def _outlet_alone(head: list[str]) -> str | None:
    """An outlet on a line of its own, below the headline and above a byline or a date."""
    for line, below in itertools.pairwise(head[1:]):
        if _is_outlet(line) and (_BYLINE.match(below) or _DATE_LINE.match(below)):
            return one_line(line)
    return None


def _credit_line(line: str) -> Metadata:
    """What a line of parts tells: "Outlet | date | By Name", "Outlet — date", "Outlet, date"; nothing without a date."""
    named = _OUTLET_AND_DATE.match(line)
    parts = [named[1], line[named.end() :]] if named else _BETWEEN.split(line)
    days = [match for part in parts if (match := _DATE_LINE.match(part))]
    if len(parts) < 2 or len(days) != 1:
        return Metadata()
    authors = [match[1] for part in parts if (match := _BYLINE.match(part))]
    others = [part for part in parts if not _DATE_LINE.match(part) and not _CREDIT.match(part)]
    outlets = [part for part in others if _is_outlet(part)]
    if not outlets and authors and len(others) == 1 and "|" in line and _CAPITALISED.fullmatch(others[0]):
        outlets = [part for part in others if _SECTIONS.isdisjoint(part.casefold().split())]
    if len(outlets) != 1 and not authors:
        return Metadata()  # "The landing — 6 June 1944" is a headline
    return Metadata(
        outlet=one_line(outlets[0]) if len(outlets) == 1 else None,
        author=authors[0] if authors else None,
        published=_iso_date(days[0]),
    )


def _is_outlet(name: str) -> bool:
    """Whether a name is one of a newspaper or the like, and not of a section of it."""
    known = re.fullmatch(_NEWS_NAME, name) or (name.isupper() and re.fullmatch(_NEWS_NAME, name.title()))
    return bool(known) and not _SECTIONS.issuperset(name.casefold().split())


def _author(head: list[str], last: str) -> str | None:
    for line in head:
        if match := _BYLINE.match(line):
            return match.group(1)
        if author := _credit_line(line).author:
            return author
    # The note on the author under an opinion piece: "N. N. is a fellow at …", and it says that the person writes.
    if (match := _AUTHOR_NOTE.match(last)) and _WRITES.search(last):
        return match.group(1)
    return None


def _published(head: list[str]) -> str | None:
    for line in head:
        if match := _DATE_LINE.match(line):
            return _iso_date(match)
        if day := _credit_line(line).published:
            return day
    return None


def _iso_date(match: re.Match[str]) -> str | None:
    try:
        if iso := match["iso"]:
            return date(*map(int, re.split("[-/]", iso))).isoformat()
        written, form = (match["mdy"], "%B %d %Y") if match["mdy"] else (match["dmy"], "%d %B %Y")
        return datetime.strptime(re.sub(r"[,\s]+", " ", written), form).date().isoformat()
    except ValueError:  # "2024-02-31": no such day, so no date
        return None
