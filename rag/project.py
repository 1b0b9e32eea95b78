"""What a project says of its articles, for the tests and for every command: [tool.dateline] of its pyproject.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rag.errors import SettingsError

_NAMES = frozenset({"articles", "index", "llm", "floors"})
_FILE = "pyproject.toml"


def read_project(folder: Path) -> Mapping[str, Any]:
    """The table of the project in a folder; empty where there is none. `articles` and `index` are below the folder.

    Raises:
        SettingsError: the file cannot be read, or the table holds what means nothing.
    """
    path = folder / _FILE
    if not path.is_file():
        return {}
    try:
        tool = tomllib.loads(path.read_text(encoding="utf-8")).get("tool", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SettingsError(f"{path}: {error}") from error
    table = tool.get("dateline", {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        raise SettingsError(f"{path}: tool.dateline is no table")
    if unknown := sorted(table.keys() - _NAMES):
        raise SettingsError(f"{path}: [tool.dateline] has no {unknown[0]!r}; it has {', '.join(sorted(_NAMES))}")
    if wrong := [name for name in ("articles", "index", "llm") if not isinstance(table.get(name, ""), str)]:
        raise SettingsError(f"{path}: [tool.dateline] {wrong[0]} is no text")
    return {name: folder / value if name in ("articles", "index") else value for name, value in table.items()}
