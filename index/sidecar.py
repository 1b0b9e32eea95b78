"""The sidecar `articles.csv`: what people know of the articles. It overrides what files and texts tell."""

from __future__ import annotations

import csv
import io
import re

from index.encoding import Unreadable, decode
from index.folder import SIDECAR
from index.formats.fields import named
from index.metadata import Metadata, metadata_from
from index.records import Skipped

_WANTED = "file, title, outlet, author, date, url, language"
_REMARK_CHARS = 200
_SEPARATOR = re.compile(r'"?sep=([,;|\t])"?[,;|\t ]*\n', re.IGNORECASE)  # what Excel writes, and asks for


def read_sidecar(data: bytes, remarks: list[Skipped]) -> dict[str, Metadata]:
    """Metadata by an article's key or by its file. What cannot be used becomes a remark."""
    try:
        text, _, flaw = decode(data)
        columns, rows = _table(text.removeprefix("\ufeff"))
    except (Unreadable, csv.Error) as error:
        remarks.append(Skipped(SIDECAR, f"it cannot be read and overrides nothing: {error}"))
        return {}
    if flaw:
        remarks.append(Skipped(SIDECAR, flaw))
    if "file" not in columns:
        found_names = ", ".join(columns) or "none"
        told = f"it has no column `file` and overrides nothing; wanted are {_WANTED}; found are {found_names}"
        remarks.append(Skipped(SIDECAR, told[:_REMARK_CHARS]))
        return {}
    found: dict[str, Metadata] = {}
    for number, row in rows:
        file = (row.get("file") or "").strip()
        if not file:
            remarks.append(Skipped(SIDECAR, f"row {number} names no article in a column `file`"))
            continue
        given = {name: value for name, value in row.items() if isinstance(name, str) and name != "file"}
        values = named(given, {})
        found[file] = metadata_from(values)
        for ours in ("title", "outlet", "author", "published", "url", "language"):
            if values[ours] is not None and getattr(found[file], ours) is None:
                remarks.append(Skipped(SIDECAR, f"row {number}: {values[ours]!r} is no {ours}"[:_REMARK_CHARS]))
    return found


def _table(text: str) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """The columns, and the rows with their numbers.

    The header tells the separator: an Excel of Europe writes semicolons, or tabs. So does a line `sep=;` before it.
    """
    first, separator = 2, None
    if told := _SEPARATOR.match(text):
        text, separator, first = text[told.end() :], told[1], 3
    header = text.split("\n", 1)[0]
    rows = csv.DictReader(io.StringIO(text), strict=True, delimiter=separator or max(",;\t", key=header.count))
    columns = [name.strip().casefold() for name in rows.fieldnames or ()]
    rows.fieldnames = columns
    return columns, list(enumerate(rows, first))
