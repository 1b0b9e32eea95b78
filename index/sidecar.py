"""The sidecar `articles.csv`: what people know of the articles. It overrides what files and texts tell."""

from __future__ import annotations

import csv
import io

from index.encoding import Unreadable, decode
from index.folder import SIDECAR
from index.formats.fields import named
from index.metadata import Metadata, metadata_from
from index.records import Skipped


def read_sidecar(data: bytes, remarks: list[Skipped]) -> dict[str, Metadata]:
    """Metadata by an article's key or by its file. What cannot be used becomes a remark."""
    try:
        text, _, flaw = decode(data)
        rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), strict=True))
    except (Unreadable, csv.Error) as error:
        remarks.append(Skipped(SIDECAR, f"it cannot be read and overrides nothing: {error}"))
        return {}
    if flaw:
        remarks.append(Skipped(SIDECAR, flaw))
    found: dict[str, Metadata] = {}
    for number, row in enumerate(rows, start=2):
        file = (row.get("file") or "").strip()
        if not file:
            remarks.append(Skipped(SIDECAR, f"row {number} names no article in a column `file`"))
            continue
        given = {name: value for name, value in row.items() if isinstance(name, str) and name != "file"}
        values = named(given, {})
        found[file] = metadata_from(values)
        for ours in ("title", "outlet", "author", "published", "url", "language"):
            if values[ours] is not None and getattr(found[file], ours) is None:
                remarks.append(Skipped(SIDECAR, f"row {number}: {values[ours]!r} is no {ours}"[:200]))
    return found
