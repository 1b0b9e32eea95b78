"""The packed files that the scripts of training read: JSON lines, xz."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a file, one a line."""
    with lzma.open(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)
