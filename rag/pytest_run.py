"""One run of pytest over questions: its options, what came of each question, floors, comparison and report."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rag.errors import DatelineError, SettingsError
from rag.project import read_project

if TYPE_CHECKING:
    from rag.evaluation import Case
    from rag.figures import Floor
    from rag.testing import Bench


class Run:
    """What the options say, and what the questions gave. Outcomes are JSON values: they come from other processes.

    Raises:
        pytest.UsageError: an option or the table [tool.dateline] means nothing.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._outcomes: dict[tuple[str, str], dict[str, Any]] = {}
        self._judged: dict[str, list[Floor]] = {}
        self._told: list[str] = []
        start = config.invocation_params.dir
        self.named = [(start / name).resolve() for name in config.getoption("--dateline")]
        for path in self.named:
            if not path.is_file():
                raise pytest.UsageError(f"--dateline: there is no file {path}")
        self._page = config.getoption("--dateline-report")
        if self._page and not self._page.endswith(".html"):
            raise pytest.UsageError(f"--dateline-report: {self._page} does not end in .html; the JSON goes beside it")
        try:
            self._table = read_project(config.rootpath)
        except SettingsError as error:
            raise pytest.UsageError(str(error)) from error
        self.floors = self._read_floors()
        self._old = self._read_old()

    def _read_floors(self) -> dict[str, float]:
        """Floors by figure: the options', else the table's."""
        given = [option.partition("=")[::2] for option in self._config.getoption("--dateline-floor")]
        told = {**self._table.get("floors", {}), **dict(given)}
        if not told:
            return {}
        from rag.figures import check_floors

        try:
            return check_floors(told.items())
        except ValueError as error:
            raise pytest.UsageError(f"--dateline-floor or [tool.dateline.floors]: {error}") from error

    def _read_old(self) -> dict[str, Any] | None:
        option = self._config.getoption("--dateline-compare")
        if not option:
            return None
        from rag.comparison import read_report

        try:
            return read_report(self._config.invocation_params.dir / option)
        except DatelineError as error:
            raise pytest.UsageError(f"--dateline-compare: {error}") from error

    @cached_property
    def bench(self) -> Bench:
        """The chatbots of this run."""
        from rag.testing import Bench

        cache = getattr(self._config, "cache", None)
        if cache is None:
            raise pytest.UsageError("the indexes live in pytest's cache: run without `-p no:cacheprovider`")
        settings: dict[str, Any] = {"llm": self._config.getoption("--dateline-llm")}
        for name in ("articles", "index"):
            if option := self._config.getoption(f"--dateline-{name}"):
                settings[name] = self._config.invocation_params.dir / option
        record, root = self._config.getoption("--dateline-record"), self._config.rootpath
        return Bench(settings, cache.mkdir("dateline"), record=record, project=root)

    def outcome(self, path: Path, of: int, case: Case) -> dict[str, Any]:
        """What is told of a question. `of`: how many its file holds."""
        from rag.recording import recording_beside
        from rag.report import told

        recording = self.bench.recordings.get(recording_beside(path))
        used = recording.take_used() if recording else []
        root = self._config.rootpath
        name = path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
        return {"path": str(path), "of": of, "used": used, "case": {"set": name, **told(case)}}

    def add(self, outcome: dict[str, Any]) -> None:
        """Take in an outcome; of a question that is run again the last one counts."""
        self._outcomes[outcome["path"], outcome["case"]["id"]] = outcome

    def finish(self) -> bool:
        """Judge the floors of the sets that ran whole, and write what was asked for. False: a floor is missed."""
        if not self._outcomes:
            return True
        from rag.figures import judge
        from rag.report import figure_lines, rows

        cases = [self._outcomes[key]["case"] for key in sorted(self._outcomes)]
        for path, outcomes in self._sets().items():
            name, members = outcomes[0]["case"]["set"], [outcome["case"] for outcome in outcomes]
            of = outcomes[0]["of"]
            whole = len(outcomes) == of
            part = "" if whole else f"{len(outcomes)} of "
            note = "" if whole else "; each stands for itself, floors judge whole sets"
            self._told.append(f"{name}: {part}{of} questions{note}")
            self._told += figure_lines(rows(members))
            if whole:
                self._judged[name] = judge(rows(members), self.floors)
                self._told += [f"  {floor}" for floor in self._judged[name]]
                self._prune(path, outcomes)
        if self._old is not None:
            from rag.comparison import compare, describe

            self._told += describe(compare(self._old["cases"], cases))
        kept = all(floor.kept for judged in self._judged.values() for floor in judged)
        return self._write_report(cases) and kept

    def _write_report(self, cases: list[dict[str, Any]]) -> bool:
        """Write the report, if one is asked for. False: it cannot be written."""
        if not self._page:
            return True
        from index import ArticleIndexError
        from rag.report import write_report

        page = self._config.invocation_params.dir / self._page
        floors = {name: judged for name, judged in self._judged.items() if judged}
        try:
            written = write_report(page, cases, self.bench.settings_for(), self.bench.store(), floors, old=self._old)
        except (OSError, ArticleIndexError) as error:
            self._told.append(f"MISSED: the report cannot be written: {error}")
            return False
        self._told.append(f"report: {written[0]} and {written[1].name}")
        return True

    def summary(self) -> list[str]:
        """What to tell at the end of the run."""
        return self._told

    def _sets(self) -> dict[str, list[dict[str, Any]]]:
        sets: dict[str, list[dict[str, Any]]] = {}
        for (path, _), outcome in sorted(self._outcomes.items()):
            sets.setdefault(path, []).append(outcome)
        return sets

    def _prune(self, path: str, outcomes: list[dict[str, Any]]) -> None:
        """Leave out of a recording that was just made whole what no prompt asks for any more."""
        from rag.recording import Recording, recording_beside

        file = recording_beside(Path(path))
        if self._config.getoption("--dateline-record"):
            Recording(file).keep_only({key for outcome in outcomes for key in outcome["used"]})
        elif any(outcome["used"] for outcome in outcomes):
            self._told.append(f"  the model's outputs were replayed from {file.name}")
