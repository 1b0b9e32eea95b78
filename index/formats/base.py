"""What every format gives: documents, and the parts of a file that gave none, with the reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from index.metadata import Metadata

_NOTES = ("readme", "license", "licence")  # notes about a folder are not articles of it


def is_note(name: str) -> bool:
    """Whether a file is a note about its folder rather than an article of it."""
    return PurePosixPath(name).stem.casefold() in _NOTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How files are read, and how much of them: a cap that is passed gives a reason, never an endless build.

    `json_fields` names the field of your JSON records for one of ours: {"text": "article_body"}. Ours are
    key, text, title, outlet, author, published, url, language.
    """

    max_file_bytes: int = 20_000_000
    max_articles: int = 1_000_000
    max_archive_bytes: int = 200_000_000  # of all that an archive unpacks to
    max_archive_members: int = 20_000
    max_archive_ratio: int = 200  # bytes unpacked for one packed
    max_archive_depth: int = 1  # archives in archives; 1 reads no inner archive
    json_fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Document:
    """One article as a file holds it. `inner` is its address within the file, "" when it is the whole file."""

    text: str
    encoding: str
    metadata: Metadata = field(default_factory=Metadata)
    inner: str = ""
    remark: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """A part of a file that gives no article, and why."""

    inner: str
    reason: str


Part = Document | Refused
Format = Callable[[bytes, Reading], Iterable[Part]]
"""Reads the bytes of a file. Raises Unreadable when the whole of it gives nothing."""
