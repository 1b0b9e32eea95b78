"""Runs of pytest inside a test, with the plugin loaded and the index of the seeds at hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

# Loaded before the first inner run: what is imported inside one is forgotten after it, and torch cannot be loaded twice.
from rag import chatbot, cli, comparison, diagnosis, pytest_plugin, report, testing  # noqa: F401
from tests.conftest import GOLDEN, ROOT, SEEDS

QUESTIONS = {record["id"]: record for record in map(json.loads, GOLDEN.read_text(encoding="utf-8").splitlines())}


class Inner:
    """pytest, as called in an empty folder whose articles are the seeds."""

    def __init__(self, pytester: pytest.Pytester, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.pytester = pytester
        self.place = pytester.path
        self.options: tuple[str, ...] = (f"--dateline-articles={SEEDS}", f"--dateline-index={index}")
        # Where Dateline is installed its plugin is loaded by itself; here it is given by hand, once.
        monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        monkeypatch.setenv("PYTHONPATH", str(ROOT))
        pytester.makeini("[pytest]\naddopts = --strict-markers --strict-config\nfilterwarnings = error\n")

    def write(self, *records: str | dict[str, Any], name: str = "seeds.questions.jsonl") -> Path:
        """A questions file of golden questions, by id, and others."""
        path = self.place / name
        chosen = [QUESTIONS[record] if isinstance(record, str) else record for record in records]
        path.write_text("".join(json.dumps(record) + "\n" for record in chosen), encoding="utf-8")
        return path

    def run(self, *arguments: str | Path) -> pytest.RunResult:
        return self.pytester.runpytest_inprocess(*self.options, *map(str, arguments), plugins=[pytest_plugin])

    def process(self, *arguments: str | Path) -> pytest.RunResult:
        """The same in a process of its own."""
        plugins = ("-p", "rag.pytest_plugin", "-p", "xdist")
        return self.pytester.runpytest_subprocess(*plugins, *self.options, *map(str, arguments), timeout=300)


def without_times(value: Any) -> Any:
    """A report without what no two runs have in common."""
    if isinstance(value, dict):
        return {key: without_times(inner) for key, inner in value.items() if key != "seconds"}
    return [without_times(inner) for inner in value] if isinstance(value, list) else value
