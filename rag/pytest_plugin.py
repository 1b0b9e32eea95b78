"""Questions as tests: each one of a `*.questions.jsonl` or `.questions.yaml` is an item; see docs/testing-answers.md.

This module is loaded in every run of pytest, so nothing heavy is imported before a question is asked.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rag.errors import DatelineError
from rag.pytest_run import Run
from rag.questions import QuestionCase, read_questions

if TYPE_CHECKING:
    from rag.evaluation import Case
    from rag.testing import Desk

_RUN = pytest.StashKey[Run]()

_PATTERN = re.compile(r"\.questions\.(?:jsonl|ya?ml)$")
_HAVE_A_MEANING = ("skip", "skipif", "xfail", "usefixtures", "parametrize", "filterwarnings", "dateline")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("dateline", "answers tested like code")
    add = group.addoption
    add(
        "--dateline",
        action="append",
        default=[],
        metavar="QUESTIONS",
        help="ask the questions of this file; more than once",
    )
    add("--dateline-articles", metavar="DIR", help="the folder of articles")
    add("--dateline-index", metavar="DIR", help="where its index lives (default: in pytest's cache)")
    add("--dateline-llm", metavar="NAME", help="who writes the answers (default: extractive)")
    add("--dateline-floor", action="append", default=[], metavar="FIGURE=VALUE", help="fail below; more than once")
    add("--dateline-report", metavar="FILE.html", help="write the report, and FILE.json beside it")
    add("--dateline-compare", metavar="OLD.json", help="tell what is better and worse than in an earlier report")
    add("--dateline-record", action="store_true", help="ask the model for what its recordings lack, and keep it")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "dateline: a question that is asked of the articles")
    run = Run(config)
    config.stash[_RUN] = run
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Collected(run), "dateline-collected")
    if run.named:
        paths = list(map(str, run.named))
        chosen = config.args_source is pytest.Config.ArgsSource.ARGS
        config.args = [*config.args, *paths] if chosen else paths


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> QuestionsFile | None:
    if _PATTERN.search(file_path.name) or file_path in parent.config.stash[_RUN].named:
        return QuestionsFile.from_parent(parent, path=file_path)
    return None


class QuestionsFile(pytest.File):
    """A file of questions."""

    def collect(self) -> Iterator[QuestionItem]:
        try:
            questions = read_questions(self.path)
        except DatelineError as error:
            raise self.CollectError(str(error)) from error
        for name in sorted({marker for question in questions for marker in _markers(question.kind)}):
            self.config.addinivalue_line("markers", f"{name}: questions of this kind")
        for question in questions:
            yield QuestionItem.from_parent(self, name=question.id, question=question, of=len(questions))


class QuestionItem(pytest.Item):
    """A question, marked with its kind."""

    def __init__(self, *, question: QuestionCase, of: int, **rest: Any) -> None:
        super().__init__(**rest)
        self.question = question
        self.of = of  # questions of its file
        self.alone = False  # not all of them were selected: it stands for itself, whatever the floors
        self.case: Case | None = None
        for name in ("dateline", *_markers(question.kind)):
            self.add_marker(name)

    def setup(self) -> None:
        self.chatbot = self.config.stash[_RUN].bench.chatbot()

    def runtest(self) -> None:
        from rag.diagnosis import diagnose, explain
        from rag.evaluation import ask_case

        self.case = ask_case(self.chatbot, self.question)
        if found := diagnose(self.case):
            floors = {} if self.alone else self.config.stash[_RUN].floors
            if all(problem.figure in floors for problem in found.problems):
                counted = ", ".join(dict.fromkeys(problem.figure for problem in found.problems))
                self.add_marker(pytest.mark.xfail(reason=f"judged by the floor of {counted}", strict=False))
            pytest.fail(explain(self.case, found), pytrace=False)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        from index import ArticleIndexError

        if isinstance(excinfo.value, DatelineError | ArticleIndexError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.question.line - 1, f"{self.question.kind or 'question'} {self.name}"


@pytest.fixture(scope="session")
def dateline(pytestconfig: pytest.Config) -> Desk:
    """Ask the articles: `answer = dateline.ask("…")`; `dateline.over(folder)` asks those of another folder."""
    from rag.testing import Desk

    return Desk(pytestconfig.stash[_RUN].bench)


def pytest_collection_finish(session: pytest.Session) -> None:
    items = [item for item in session.items if isinstance(item, QuestionItem)]
    selected: dict[Path, int] = {}
    for item in items:
        selected[item.path] = selected.get(item.path, 0) + 1
    for item in items:
        item.alone = selected[item.path] < item.of


def pytest_runtest_setup(item: pytest.Item) -> None:
    run = item.config.stash[_RUN]
    if isinstance(item, QuestionItem) or "dateline" in getattr(item, "fixturenames", ()):
        run.bench.beside = item.path
        run.bench.asked.clear()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if call.when == "call" and isinstance(item, QuestionItem) and item.case:
        # A plain attribute of a report, so that pytest-xdist brings it from the workers.
        report.dateline = item.config.stash[_RUN].outcome(item.path, item.of, item.case)  # type: ignore[attr-defined]
    elif call.when == "call" and report.failed and "dateline" in getattr(item, "funcargs", ()):
        asked = item.config.stash[_RUN].bench.asked
        report.sections.append(("answers", "\n".join(f"{answer.question}\n  {answer.text}" for answer in asked)))
    return report


class Collected:
    """Hooks of the process that the workers report to."""

    def __init__(self, run: Run) -> None:
        self.run = run

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if outcome := getattr(report, "dateline", None):
            self.run.add(outcome)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if not self.run.finish() and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if lines := self.run.summary():
            terminalreporter.section("dateline")
            for line in lines:
                terminalreporter.line(line, red="MISSED" in line)


def _markers(kind: str) -> list[str]:
    """The kind as the name of a marker; none for no kind."""
    name = re.sub(r"[^\w-]+", "-", kind).strip("-")
    return [f"kind-{name}" if name in _HAVE_A_MEANING else name] if name else []
