"""What an article's own text says of itself: title, outlet, author, date. Conservative: a doubt gives None.

Exports are messy: some have no headline, some repeat navigation lines, some put the outlet before the first
sentence ("Some Press: As …", "CITY (Agency) — …"), some name the publication in a line of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

_PROSE_LENGTH = 120  # a line this long with a sentence end in it is the body, not the head
_HEAD_LINES = 25
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
    r"Service)"
)
_OUTLET_FIRST = re.compile(rf"^({_NEWS_NAME})\s*:\s+[A-Z“\"]")
_OUTLET_DATELINE = re.compile(r"^[A-Z][A-Z .,’'-]+(?:,[^()]{0,30})?\s*\(([A-Z][\w .&-]{1,30})\)\s*[-–—]")
_OUTLET_LINE = re.compile(
    r"^(?:publication|outlet|newspaper)\s*:\s*(.+?)(?=\s+(?:volume|issue|no\.|date)\b|\s*[|,;]|$)",
    re.IGNORECASE,
)
_NAME = r"[A-Z][\w’'-]+(?:\s+(?:[A-Z]\.|al|bin|de|van|von|der|[A-Z][\w’'-]+)){1,3}"
_BYLINE = re.compile(rf"^(?:by|author|written by)\s*:?\s+({_NAME})\s*(?:$|[,|·•-])", re.IGNORECASE)
_AUTHOR_NOTE = re.compile(rf"^({_NAME})\s+is\s+(?:an?|the)\s")
_WRITES = re.compile(
    r"\b(?:journalist|correspondent|reporter|writer|editor|columnist|author|contribut\w+|writes|follow(?:ed)?\s+\w+ on)\b",
    re.IGNORECASE,
)
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_DATE_LINE = re.compile(
    rf"^(?:(?:published|posted|date|updated)\s*(?:on|at)?\s*:?\s*)?(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\s+)?"
    rf"(?:(?P<iso>\d{{4}}-\d{{2}}-\d{{2}})(?:[T ].*)?"
    rf"|(?P<mdy>(?:{_MONTHS})\s+\d{{1,2}},?\s+\d{{4}})|(?P<dmy>\d{{1,2}}\s+(?:{_MONTHS}),?\s+\d{{4}}))\.?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the text tells of itself; None where it does not."""

    title: str | None = None
    outlet: str | None = None
    author: str | None = None
    published: str | None = None


def read_metadata(text: str) -> Metadata:
    """Read title, outlet, author and date (YYYY-MM-DD) from an article's text where they stand there."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if not lines:
        return Metadata()
    head, body = _split_head(lines[:_HEAD_LINES])
    return Metadata(
        title=_title(head, has_body=bool(body)),
        outlet=_outlet(head + body[:1]),
        author=_author(head, lines[-1]),
        published=_published(head),
    )


def _split_head(lines: list[str]) -> tuple[list[str], list[str]]:
    """The lines before the first line of prose, and the rest."""
    for position, line in enumerate(lines):
        if len(line) >= _PROSE_LENGTH and re.search(r"[.!?…]", line):
            return lines[:position], lines[position:]
    return lines, []


def _title(head: list[str], *, has_body: bool) -> str | None:
    if not has_body and len(head) < 2:
        return None
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
        and "http" not in line
    )


def _outlet(lines: list[str]) -> str | None:
    for line in lines:
        for pattern in (_OUTLET_LINE, _OUTLET_FIRST, _OUTLET_DATELINE):
            if match := pattern.match(line):
                return match.group(1).strip()
    return None


def _author(head: list[str], last: str) -> str | None:
    for line in head:
        if match := _BYLINE.match(line):
            return match.group(1)
    # The note on the author under an opinion piece: "N. N. is a fellow at …", and it says that the person writes.
    if (match := _AUTHOR_NOTE.match(last)) and _WRITES.search(last):
        return match.group(1)
    return None


def _published(head: list[str]) -> str | None:
    for line in head:
        if match := _DATE_LINE.match(line):
            return _iso_date(match)
    return None


def _iso_date(match: re.Match[str]) -> str | None:
    try:
        if iso := match["iso"]:
            return date.fromisoformat(iso).isoformat()
        written, form = (match["mdy"], "%B %d %Y") if match["mdy"] else (match["dmy"], "%d %B %Y")
        return datetime.strptime(re.sub(r"[,\s]+", " ", written), form).date().isoformat()
    except ValueError:  # "2024-02-31": no such day, so no date
        return None
