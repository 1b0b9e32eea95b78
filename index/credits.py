"""The lines at an article's head that tell who printed it, who wrote it and when: "Outlet, date, by Name" in its forms.

Conservative: a doubt gives None. A place, a section, a headline or a sentence is never taken for an outlet.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from index.calendar_words import MONTH, MONTH_NUMBERS, WEEKDAY

NEWS_NAME = (
    r"(?:[A-Z][\w&.’'-]*\s+){0,4}"
    r"(?:Press|News|Times|Post|Agency|Monitor|Herald|Tribune|Gazette|Journal|Chronicle|Telegraph|Guardian|Observer|"
    r"Reuters|AFP|AP|TASS|Interfax|Xinhua|BBC|CNN|Bloomberg|Radio|Television|TV|Daily|Weekly|Review|Today|Wire|"
    r"Service|Courier|Mail|Express|Standard|Globe|Star|Mirror|Independent|Dispatch|Examiner|Inquirer|Enquirer|Bulletin|"
    r"Sentinel|Argus|Advertiser|Record|Reporter|Ledger|Courant|Intelligencer|Messenger|Spectator|Newswire|Newspaper|"
    r"Broadcasting|Zeitung|Tageblatt|Kurier|Anzeiger|Tidende|Dagblad|Dagbladet|Nyheter)"
)
_LONGEST = 150  # characters of such a line
_SECTIONS = frozenset(
    "news world politics business economy finance markets sport sports football culture opinion comment analysis "
    "science tech technology health travel style life arts book books film music climate environment education local "
    "regional national international breaking latest top home daily today europe asia africa america americas north "
    "south east west middle central latin us uk eu un and the of special report exclusive live update updates review "
    "editorial interview press release background feature features".split()
)
_PLACE_WORDS = frozenset(
    "new san santa st st. saint los las fort port mount lake rio são sao tel abu addis hong kuala buenos phnom cape "
    "city beach springs falls island islands county province district valley region coast".split()
)
_CAPITALISED = re.compile(r"[A-Z][\w&.’'-]*(?:\s+(?:of|the|and|[A-Z][\w&.’'-]*)){1,4}")
_SHORT_NAME = re.compile(r"(?:[A-Z][\w.’'-]*)(?:\s+[A-Z][\w.’'-]*){0,2}")
_EMPHASIS = re.compile(r"([*_]{1,3})(\S(?:.*\S)?)\1")
_LABEL = re.compile(
    r"(?:source|from|published (?:in|by)|first published in|outlet|publication)\b\s*:?\s*", re.IGNORECASE
)
_ROLE = re.compile(
    r"(?:(?:our|senior|chief|special|foreign|staff|political|science|business)\s+)*"
    r"(?:staff|writer|correspondent|reporter|editor|columnist|contributor)(?:\s+in\s+[A-Z]\w+)?",
    re.IGNORECASE,
)

_FIRST = r"[^\W\d_a-zß-öø-ÿ][\w’'-]+"  # a word that begins in a capital, of any alphabet that has them
_INITIALS = r"(?:[^\W\d_a-z]\.\s*)"
NAME = rf"(?:{_INITIALS}+{_FIRST}|{_FIRST}(?:\s+(?:[^\W\d_a-z]\.|al|bin|de|da|van|von|der|den|{_FIRST})){{1,3}})"
BYLINE = re.compile(
    rf"^(?i:by|author|written by|(?:text|words) by)\s*:?\s+({NAME}(?:\s+and\s+{NAME})?)\s*(?:$|[,|·•-])"
)

_MONTH = rf"(?:{MONTH}|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)"
_WEEKDAY = rf"(?:{WEEKDAY}|(?:Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun)\b\.?)"
_ISO = r"(?P<iso>\d{4}(?:-\d{2}-\d{2}|/\d{1,2}/\d{1,2}))"
_WORDS = rf"(?P<mdy>{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}})|(?P<dmy>\d{{1,2}}(?:st|nd|rd|th)?\s+{_MONTH},?\s+\d{{4}})"
_CLOCK = r"(?:[,\s]+(?:at\s+)?\d{1,2}[:.]\d{2}(?:\s*[ap]\.?m\.?)?(?:\s+\(?[A-Z]{2,4}\b\)?)?)?"
_DATED = rf"(?:(?:published|posted|date|updated)\s*(?:on|at)?\s*:?\s*)?(?:{_WEEKDAY},?\s+)?"
DATE_LINE = re.compile(rf"^{_DATED}(?:{_ISO}(?:[T ].*)?|(?:{_WORDS}){_CLOCK})\.?$", re.IGNORECASE)
_DATE_WITHIN = re.compile(
    rf"(?<![\w/-])(?:on\s+)?{_DATED}(?:{_ISO}(?:[T ]\d\d:\d\d[\w:+.]*)?|{_WORDS}){_CLOCK}(?![\w/-])", re.IGNORECASE
)
_STRONG = re.compile(r"\s*[|·•]\s*|\s+[–—-]\s+")  # the parts of a line "Outlet | date | By Name"
_WEAK = re.compile(r"\s*[,;()]\s*|\s+(?=[Bb]y\s+[A-Z])")


@dataclass(frozen=True, slots=True)
class Credit:
    """What a line tells; `published` is YYYY-MM-DD."""

    outlet: str | None = None
    author: str | None = None
    published: str | None = None


def credit(line: str, text: str = "", *, below: bool = False) -> Credit:
    """What a line of parts tells: outlet, date and "by Name", in any order, between bars, dots, dashes or commas.

    Nothing is told without a date. A name that no newspaper's word marks is an outlet only `below` another line, beside
    a byline, and where nothing in the article's `text` speaks of it as of a place.
    """
    days = list(_DATE_WITHIN.finditer(line)) if len(line) <= _LONGEST else []
    if len(days) != 1:
        return Credit()
    sides = (line[: days[0].start()], line[days[0].end() :])
    strong = bool(_STRONG.search(line))
    parts = [part for side in sides for part in (_STRONG if strong else _WEAK).split(side)]
    parts = [part for part in (part.strip(" ,;:()[]|·•–—-") for part in parts) if part]
    authors = [match[1] for part in parts if (match := BYLINE.match(part))]
    others = [part for part in parts if not BYLINE.match(part) and not _ROLE.fullmatch(part)]
    names = [_LABEL.sub("", part, count=1) if _LABEL.match(part) else part for part in others]
    outlets = [name for name in names if is_outlet(name)]
    rest = [name for name in names if name not in outlets]
    if not strong and any(not _SHORT_NAME.fullmatch(name) for name in rest) and len(names) > 1:
        return Credit()  # a sentence, or a headline
    if not outlets and authors and len(rest) == 1 and below and not re.search(r"\s[–—-]\s", line):
        outlets = [name for name in rest if _could_be_outlet(name, text)]
    if len(outlets) != 1 and not (authors and (strong or not rest)):
        return Credit()  # "The landing — 6 June 1944" is a headline
    return Credit(outlets[0] if len(outlets) == 1 else None, authors[0] if authors else None, iso_date(days[0]))


def plain(line: str) -> str:
    """A line without the marks of emphasis around the whole of it."""
    while match := _EMPHASIS.fullmatch(line):
        line = match[2]
    return line


def is_outlet(name: str) -> bool:
    """Whether a name is one of a newspaper or the like, and not of a section of it."""
    known = re.fullmatch(NEWS_NAME, name) or (name.isupper() and re.fullmatch(NEWS_NAME, name.title()))
    return bool(known) and not _SECTIONS.issuperset(name.casefold().split())


def _could_be_outlet(name: str, text: str) -> bool:
    words = name.casefold().split()
    if not _CAPITALISED.fullmatch(name) or name.isupper() or not _SECTIONS.isdisjoint({*words} - {"the", "of", "and"}):
        return False
    as_place = re.search(rf"\b(?:in|near|from|at|to|of|outside)\s+{re.escape(name)}\b", text)
    return _PLACE_WORDS.isdisjoint(words) and not as_place


def iso_date(match: re.Match[str]) -> str | None:
    """The day of a match of DATE_LINE as YYYY-MM-DD; None where there is no such day."""
    if iso := match["iso"]:
        year, month, day = map(int, re.split("[-/]", iso))
    else:
        written = match["mdy"] or match["dmy"]
        day, year = map(int, re.findall(r"\d+", written))
        month = MONTH_NUMBERS[re.findall(r"[a-z]{3,}", written, re.IGNORECASE)[0][:3].casefold()]
    try:
        return date(year, month, day).isoformat()
    except ValueError:  # "2024-02-31": no such day, so no date
        return None
