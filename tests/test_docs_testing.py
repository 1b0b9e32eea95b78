"""docs/testing-answers.md, done as it says: every command, every example, over ten articles of one's own."""

from __future__ import annotations

import re
import shlex
from collections.abc import Generator, Sequence
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from rag import Chatbot, Settings, cli
from rag.llm import Message, ModelWriter, Usage
from rag.questions import read_questions
from tests.conftest import ROOT
from tests.plugin_runs import Inner

pytest_plugins = ["pytester"]

DOC = (ROOT / "docs" / "testing-answers.md").read_text(encoding="utf-8")
ARTICLES = {
    "harbour.txt": "Lund harbour gets a new quay\n\nThe council of Lund voted to spend $3 million on a new quay on 4 May 2021. "
    "Ada Berg said that the quay would bring Norway closer to Lund. The old quay was closed in March 2020.",
    "bridge.txt": "Vik bridge repaired\n\nThe bridge at Vik was opened on 12 June 2019. Engineers from Oslo repaired 14 pillars. "
    "Mayor Knut Dahl warned that heavy lorries could damage the bridge again.",
    "school.txt": "School feeds itself\n\nPupils in Hamar planted 300 trees on Friday. "
    "Head teacher Siri Moen announced that the school would sell apples in September.",
    "ferry.txt": "Ferry stops at night\n\nThe ferry company Nordlinje cancelled 22 departures in January 2022. "
    "Nordlinje claimed that ice had stopped the boats. The union denied the claim.",
    "museum.txt": "A painting returns\n\nThe museum in Bergen bought a painting by Tora Lie in 2018. "
    "Director Per Vang said Denmark had offered more money for the painting.",
    "hospital.txt": "New ward\n\nThe hospital in Moss opened 40 beds in April 2023. Doctor Eva Strand stated that nurses were missing.",
    "storm.txt": "Storm over the coast\n\nThe storm destroyed 17 boats in Lund on Monday. Police confirmed that nobody was hurt.",
    "library.txt": "Library by bus\n\nThe library in Voss lent 9,000 books in 2020. Librarian Ola Ness promised a second bus.",
    "wolves.txt": "Wolves near farms\n\nFarmers in Elverum lost 60 sheep in August 2021. Minister Liv Aas urged farmers to build fences.",
    "power.txt": "Cheaper power\n\nThe power company Kraft lowered prices in July 2022. Kraft denied that the dam was full.",
}


class Fake:
    """Stands for a hosted model."""

    name = "openai:MODEL"
    context_tokens = 2048

    def count(self, text: str) -> int:
        return len(text) // 4

    def stream(self, messages: Sequence[Message], *, max_tokens: int, usage: Usage) -> Generator[str, None, None]:
        yield "It is not known [1]."


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", DOC, re.MULTILINE | re.DOTALL)


@pytest.fixture
def inner(pytester: pytest.Pytester, seeds_index: Path, chatbot: Chatbot, monkeypatch: pytest.MonkeyPatch) -> Inner:
    chatbot.ask("Is all that is needed for an answer loaded?")
    inner = Inner(pytester, seeds_index, monkeypatch)
    inner.options = ()  # the documentation's are enough
    (inner.place / "tox.ini").unlink()
    (inner.place / "articles").mkdir()
    for name, text in ARTICLES.items():
        (inner.place / "articles" / name).write_text(text + "\n", encoding="utf-8")
    (inner.place / "pyproject.toml").write_text(blocks("toml")[0], encoding="utf-8")
    return inner


def test_every_command(inner: Inner, monkeypatch: pytest.MonkeyPatch) -> None:
    def hosted(settings: Settings) -> ModelWriter:
        assert settings.llm == "openai:MODEL"
        return ModelWriter(Fake(), settings)

    monkeypatch.setattr("rag.testing.open_llm", hosted)
    commands = [line[2:] for block in blocks("console") for line in block.splitlines()]
    assert len(commands) == 12
    told = {}
    for command in commands:
        program, *arguments = shlex.split(command)
        if program == "dateline":
            done = CliRunner().invoke(cli.app, arguments, input="a\n" * 20)
            assert done.exit_code == 0, (command, done.output)
            told[command] = done.output
        else:
            assert program == "pytest"
            result = inner.run(*arguments)
            assert result.ret in (0, 1), (command, result.outlines)
            assert sum(result.parseoutcomes().get(how, 0) for how in ("passed", "failed")) > 0
            told[command] = result.stdout.str()
    questions = read_questions(inner.place / "archive.questions.jsonl")
    assert len(questions) == 12
    assert {gold.article for question in questions for gold in question.evidence} <= ARTICLES.keys()
    assert (inner.place / "reports/now.html").stat().st_size > 10_000
    assert "12 the same" in told["pytest --dateline-compare=reports/now.json"]
    assert "replayed from archive.questions.recorded.jsonl" in told["pytest --dateline-llm=openai:MODEL"]


def test_the_examples_of_questions_and_of_tests(inner: Inner) -> None:
    (inner.place / "one.questions.jsonl").write_text(blocks("json")[0], encoding="utf-8")
    (inner.place / "two.questions.yaml").write_text(blocks("yaml")[0], encoding="utf-8")
    (inner.place / "test_answers.py").write_text(blocks("python")[0], encoding="utf-8")
    inner.run().assert_outcomes(passed=4)
    one, two = read_questions(inner.place / "one.questions.jsonl"), read_questions(inner.place / "two.questions.yaml")
    assert one == two
    (inner.place / "pyproject.toml").write_text("".join(blocks("toml")), encoding="utf-8")
    assert "answer_accuracy ≥ 0.8: 1.000" in inner.run("one.questions.jsonl").stdout.str()


def test_a_test_that_is_right_to_fail(inner: Inner) -> None:
    """The article changes, and the question that it used to answer fails and says why."""
    (inner.place / "one.questions.jsonl").write_text(blocks("json")[0], encoding="utf-8")
    inner.run().assert_outcomes(passed=1)
    article = inner.place / "articles" / "harbour.txt"
    article.write_text(article.read_text(encoding="utf-8").replace("$3 million", "$5 million"), encoding="utf-8")
    result = inner.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["quay: answered without “$3 million”*", "*NOT IN THE ARTICLE: harbour.txt*"])
    lint = ["lint", "one.questions.jsonl", "--articles", "articles", "--index", ".dateline"]
    done = CliRunner().invoke(cli.app, lint)
    assert done.exit_code == 1
    assert "nearest there: “The council of Lund voted to spend $5 million on a new quay" in done.output


def test_the_workflow_is_yaml_and_runs_the_tests() -> None:
    workflow = yaml.safe_load(blocks("yaml")[1])
    runs = [step.get("run", "") for step in workflow["jobs"]["answers"]["steps"]]
    assert any(run.startswith("pytest --dateline-report=") for run in runs)
