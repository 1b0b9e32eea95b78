"""Bytes of a file → documents. A format is a function in a module of its own and a line in the registry here."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import PurePosixPath

from index.encoding import Unreadable
from index.formats import archive, html, markdown, pdf, plain, records
from index.formats.base import Document, Format, Part, Reading, Refused

__all__ = ["SUFFIXES", "Document", "Part", "Reading", "Refused", "Unreadable", "parsers", "read_file", "usable"]

_FORMATS: dict[str, Format] = {
    ".txt": plain.read_text,
    ".md": markdown.read_markdown,
    ".html": html.read_html,
    ".htm": html.read_html,
    ".pdf": pdf.read_pdf,
    ".json": records.read_json,
    ".jsonl": records.read_jsonl,
}
_ARCHIVE = ".zip"
_VERSION = "3"  # changes when the same file would give another article
SUFFIXES = frozenset(_FORMATS) | {_ARCHIVE}


def read_file(name: str, data: bytes, reading: Reading, depth: int = 0) -> Iterator[Part]:
    """What a file holds, by the ending of its name. `depth` counts the archives that it lies in.

    Raises:
        Unreadable: the file, or the rest of it, gives no article; the message is the reason.
    """
    suffix = PurePosixPath(name).suffix.lower()
    try:
        if suffix == _ARCHIVE:
            yield from archive.read_zip(data, reading, depth, read_file)
        elif suffix in _FORMATS:
            yield from _FORMATS[suffix](data, reading)
        else:
            raise Unreadable(f"its kind is not read (only {', '.join(sorted(SUFFIXES))})")
    except Unreadable:
        raise
    except Exception as error:
        # A foreign parser, met with a broken file, can raise anything.
        raise Unreadable(f"it cannot be parsed ({type(error).__name__}: {str(error)[:200]})") from error


def usable() -> frozenset[str]:
    """The endings that can be read with what is installed."""
    return SUFFIXES if find_spec("pypdf") else SUFFIXES - {".pdf"}


def parsers() -> dict[str, str]:
    """The versions of what reads, ours and the foreign parsers': with another one a file may read differently."""
    found = {"dateline": _VERSION}
    for package in ("trafilatura", "markdown-it-py", "pypdf", "py3langid"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "absent"
    return found
