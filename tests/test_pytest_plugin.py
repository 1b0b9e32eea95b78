from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rag import Chatbot
from rag.questions import read_questions
from tests.plugin_runs import QUESTIONS, Inner, without_times

pytest_plugins = ["pytester"]
WRONG = {**QUESTIONS["d04"], "id": "wrong", "answer_any": ["$71 million"]}
UNSAID = {"id": "unsaid", "kind": "un said", "question": QUESTIONS["d04"]["question"], "answerable": False}


@pytest.fixture
def inner(pytester: pytest.Pytester, seeds_index: Path, chatbot: Chatbot, monkeypatch: pytest.MonkeyPatch) -> Inner:
    chatbot.ask("Is all that is needed for an answer loaded?")
    return Inner(pytester, seeds_index, monkeypatch)


def test_loading_the_plugin_loads_nothing_heavy() -> None:
    code = (
        "import sys, rag.pytest_plugin; print([m for m in ('torch', 'numpy', 'faiss', 'openai') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_question_is_a_test(inner: Inner) -> None:
    inner.write("d03", "d15", WRONG, UNSAID)
    result = inner.run("-v")
    result.assert_outcomes(passed=2, failed=2)
    result.stdout.fnmatch_lines(
        [
            "*seeds.questions.jsonl::d03 PASSED*",
            "wrong: answered without “$71 million”",
            "  asked      How much money did China pledge*",
            "  expected   “$71 million”, a gold quote cited",
            "  came       answered: *$70 million*",
            "  gold       cited: 004_5d502a84ab0f63d8.txt “Chinese officials pledged*",
            "  sentence   supported 1.00  [[]1] 004_5d502a84ab0f63d8.txt:*",
            "  look at    cited, not said: *",
            "unsaid: answered, where the articles do not say",
            "  expected   that it abstains",
            "  look at    answered when it should not: *",
            "*citation_recall * 1.000 [[]*",
            "FAILED seeds.questions.jsonl::wrong*",
        ]
    )


def test_selection_by_kind_name_and_last_failure(inner: Inner) -> None:
    inner.write("d03", "d05", "d15", WRONG, UNSAID)
    listed = inner.run("--collect-only", "-q", "-m", "attribution or follow-up or un-said").stdout.str()
    assert [line for line in listed.splitlines() if "::" in line] == [
        f"seeds.questions.jsonl::{name}" for name in ("d03", "d15", "unsaid")
    ]
    inner.run("-x", "-k", "wrong or unsaid").assert_outcomes(failed=1, deselected=3)
    inner.run("--lf").assert_outcomes(failed=1)
    inner.run("seeds.questions.jsonl::d05").assert_outcomes(passed=1)


def test_a_file_of_any_name_and_yaml(inner: Inner) -> None:
    other = inner.write("d05", name="other.jsonl")
    (inner.place / "mine.questions.yaml").write_text(
        "- id: d05\n  question: Until what year may the Russian military base stay in Tajikistan?\n  answerable: true\n  answer_any: [2042]\n"
    )
    inner.run("--dateline", other).assert_outcomes(passed=1)
    inner.run("--dateline", other, ".").assert_outcomes(passed=2)


def test_a_floor_judges_a_whole_set(inner: Inner) -> None:
    inner.write("d05", WRONG)
    low = inner.run("--dateline-floor", "answer_accuracy=0.5")
    low.assert_outcomes(passed=1, xfailed=1)
    assert low.ret == 0
    low.stdout.fnmatch_lines(["*answer_accuracy ≥ 0.5: 0.500 [[]*–*] kept"])
    high = inner.run("--dateline-floor", "answer_accuracy=0.9")
    assert high.ret == 1
    high.stdout.fnmatch_lines(["*answer_accuracy ≥ 0.9: 0.500 [[]*–*] MISSED by 1 question"])
    # A part of the set is no measure for its floor: there each question stands for itself.
    inner.run("--dateline-floor", "answer_accuracy=0.5", "-k", "wrong").assert_outcomes(failed=1, deselected=1)
    # And a floor excuses only what it counts.
    inner.run("--dateline-floor", "citation_recall=0.1").assert_outcomes(passed=1, failed=1)


def test_floors_in_pyproject(inner: Inner) -> None:
    inner.write("d03", WRONG)
    (inner.place / "tox.ini").unlink()
    project = inner.place / "pyproject.toml"
    project.write_text("[tool.pytest.ini_options]\n[tool.dateline.floors]\nanswer_accuracy = 0.6\n")
    assert "MISSED by 1 question" in inner.run().stdout.str()
    project.write_text("[tool.pytest.ini_options]\n[tool.dateline]\nflors = {}\n")
    assert "has no 'flors'; it has articles" in inner.run().stderr.str()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--dateline-floor", "accuracy=1"], "there is no figure 'accuracy'"),
        (["--dateline-floor", "answer_accuracy=90"], "'90', not a number from 0 to 1"),
        (["--dateline", "nowhere.jsonl"], "there is no file"),
        (["--dateline-compare", "nowhere.json"], "cannot be read"),
        (["--dateline-report", "out.json"], "does not end in .html"),
        (["-p", "no:cacheprovider"], "no:cacheprovider"),
    ],
)
def test_wrong_usage_is_told_before_any_work(inner: Inner, options: list[str], message: str) -> None:
    inner.write("d03")
    result = inner.run(*options)
    assert message in result.stderr.str() + result.stdout.str()
    assert result.ret != 0


def test_a_broken_file_is_told_with_its_line(inner: Inner) -> None:
    inner.write({"id": "x"})
    inner.run().stdout.fnmatch_lines(["*seeds.questions.jsonl, line 1: the field 'question' is missing."])


def test_articles_that_are_not_there(inner: Inner) -> None:
    inner.write("d03")
    result = inner.run("--dateline-articles", "nowhere")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*nowhere does not exist*"])


def test_a_report_that_cannot_be_written_fails_the_run(inner: Inner) -> None:
    inner.write("d05")
    (inner.place / "taken").write_text("a file")
    result = inner.run("--dateline-report=taken/out.html")
    result.stdout.fnmatch_lines(["MISSED: the report cannot be written: *"])
    assert result.ret == 1


def test_two_runs_and_two_workers_give_the_same_report(inner: Inner) -> None:
    path = inner.write("d01", "d05", "d12", "d15", "d18")
    (inner.place / "out").mkdir()
    inner.run("--dateline-report", "out/one.html")
    two = inner.process("-n", "2", "--dateline-report", "out/two.html", "--dateline-compare", "out/one.json")
    two.stdout.fnmatch_lines(["compared: 0 better, 0 worse (sign test p = 1), 0 in other words only, 5 the same"])
    one, other = (json.loads((inner.place / f"out/{name}.json").read_text(encoding="utf-8")) for name in ("one", "two"))
    assert [case["id"] for case in one["cases"]] == sorted(case.id for case in read_questions(path))
    assert json.dumps(without_times(one)) == json.dumps(without_times(other))
    assert one["cases"][0]["answer"]["seconds"]


def test_the_fixture_and_its_assertions(inner: Inner) -> None:
    inner.pytester.makepyfile(
        test_answers="""
        def test_right(dateline):
            answer = dateline.ask("How much money did China pledge to the Afghan security forces?")
            assert answer.says("$70 MILLION")
            assert answer.cites("004_5d502a84ab0f63d8.txt", "pledged $70 million in military assistance")
            assert not answer.abstained
            assert dateline.ask("Who is the president of France?").abstained
            warned = dateline.ask("What did the Chinese embassy in Dushanbe tell its citizens to do?")
            assert warned.speaker("Chinese embassy")

        def test_says(dateline):
            assert dateline.ask("How much money did China pledge to the Afghan security forces?").says("$71 million")

        def test_cites(dateline):
            answer = dateline.ask("How much money did China pledge to the Afghan security forces?")
            assert answer.cites("004_5d502a84ab0f63d8.txt", "words that are not there")

        def test_history(dateline):
            earlier = "Which group claimed responsibility for the Kabul restaurant bombing?"
            answer = dateline.ask("And why did it say it did so?", history=[earlier])
            assert answer.says("Uyghur")
            assert answer.speaker("somebody else")
        """
    )
    result = inner.run("test_answers.py")
    result.assert_outcomes(passed=1, failed=3)
    result.stdout.fnmatch_lines(
        [
            "E * assert “$71 million” does not stand in <answered: *",
            "*answers*",
            "How much money did China pledge to the Afghan security forces?",
            "E * assert “words that are not there” does not stand in 004_5d502a84ab0f63d8.txt*",
            "E * assert said by *",
        ]
    )


def test_the_fixture_over_a_folder_that_the_test_names(inner: Inner) -> None:
    articles = inner.place / "own"
    articles.mkdir()
    text = "The harbour of Lund was closed on Friday.\n\nThe mayor, Ada Berg, said the quay would be repaired by May.\n"
    (articles / "harbour.txt").write_text(text)
    inner.pytester.makepyfile(
        test_own="""
        def test_own(dateline):
            answer = dateline.over("own").ask("Until when would the quay be repaired?")
            assert answer.says("by May") and answer.cites("harbour.txt") and answer.speaker("Ada Berg")
        """
    )
    inner.run("test_own.py").assert_outcomes(passed=1)
    kept = list((inner.place / ".pytest_cache/d/dateline").iterdir())
    inner.run("test_own.py").assert_outcomes(passed=1)
    assert list((inner.place / ".pytest_cache/d/dateline").iterdir()) == kept
