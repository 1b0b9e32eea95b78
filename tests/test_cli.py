"""The command line as scripts call it: its output and its exit status; mostly in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from rag import cli
from tests.conftest import GOLDEN, SEEDS, write_all


def dateline(*arguments: object, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "rag", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, **(env or {})}, timeout=300, check=False
    )


def invoked(*arguments: object) -> Result:
    """The same in this process, which need not load the models each time."""
    done = CliRunner().invoke(cli.app, list(map(str, arguments)))
    assert done.exit_code == 0, done.output
    return done


def as_json(*arguments: object) -> Any:
    done = dateline(*arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_ask(seeds_index: Path) -> None:
    answer = as_json("ask", "who does Dushanbe blame for the attacks?", "--articles", SEEDS, "--index", seeds_index)
    assert {
        "question", "standalone_question", "status", "reason", "text", "sentences", "citations", "passages", "conflicts",
        "model", "usage", "seconds",
    } <= set(answer)  # fmt: skip
    assert answer["status"] == "answered"
    assert "Taliban" in answer["text"]
    citation = answer["citations"][0]
    text = (SEEDS / citation["article"]).read_bytes().decode()
    assert text[citation["start"] : citation["end"]] == citation["quote"]


def test_each_citation_tells_who_says_it_and_where(seeds_index: Path) -> None:
    told = invoked(
        "ask", "who does Dushanbe blame for the attacks?", "--outlet", "DID Press",
        "--articles", SEEDS, "--index", seeds_index,
    ).stdout  # fmt: skip
    assert "[1] Tajik officials — DID Press, Afghan–Tajik Border Insecurity" in told
    assert "(Only these articles were asked: outlet DID Press.)" in told


def test_ask_with_history_in_words(seeds_index: Path, tmp_path: Path) -> None:
    history = tmp_path / "history.json"
    history.write_text('["Which group claimed responsibility for the Kabul restaurant bombing?"]')
    done = invoked(
        "ask", "And why did it say it did so?", "--history", history, "--articles", SEEDS, "--index", seeds_index
    )
    assert "Uyghur" in done.stdout
    assert "[1]" in done.stdout
    assert done.stderr == ""


def test_what_a_follow_up_was_understood_as_is_shown_and_undone(seeds_index: Path, tmp_path: Path) -> None:
    history = tmp_path / "history.json"
    history.write_text('["How much money did China pledge to the Afghan security forces?"]')
    asked = ("ask", "And when?", "--history", history, "--articles", SEEDS, "--index", seeds_index)
    assert "(Understood as: How much money did China pledge" in invoked(*asked).stdout
    assert "Understood as" not in invoked(*asked, "--as-asked").stdout


def test_models_that_can_be_used_now() -> None:
    found = {item["provider"]: item for item in as_json("models", "--llm", "extractive")}
    assert set(found) == {"extractive", "openai:MODEL", "ollama:MODEL", "gguf:PATH", "anthropic:MODEL"}
    assert found["extractive"] == {"provider": "extractive", "usable": True, "why": "", "models": []}
    assert all(item["usable"] or item["why"] for item in found.values())
    assert "not usable ollama:MODEL" in dateline("models", env={"DATELINE_CONNECT_SECONDS": "0.5"}).stdout


def test_search(seeds_index: Path) -> None:
    passages = as_json("search", "narcotics on the border", "-k", 3, "--articles", SEEDS, "--index", seeds_index)
    assert [passage["rank"] for passage in passages] == [1, 2, 3]


def test_eval(seeds_index: Path) -> None:
    report = as_json("eval", GOLDEN, "--articles", SEEDS, "--index", seeds_index)
    assert len(report["cases"]) == 20
    assert set(report["cases"][0]) >= {"id", "answer", "scores"}
    assert report["metrics"]["unsupported_shown"] == 0
    assert report["config"]["index_fingerprint"]
    assert "api_key" not in json.dumps(report)


def test_build_reports_what_was_skipped(folder: Path, tmp_path: Path) -> None:
    write_all(folder, {"a.txt": "Rain fell on the town of Bergen.", "bad.txt": b"\0\0", "empty.txt": ""})
    report = as_json("build", "--articles", folder, "--index", tmp_path / "index")
    assert report["added"] == ["a.txt"]
    assert [item["path"] for item in report["skipped"]] == ["bad.txt", "empty.txt"]


def test_build_tells_which_articles_have_no_date(folder: Path, tmp_path: Path) -> None:
    write_all(folder, {"a.md": "---\ndate: 2021-03-12\n---\nRain fell on Bergen.", "b.txt": "A ship sank off Vik."})
    told = invoked("build", "--articles", folder, "--index", tmp_path / "index").stdout
    assert "1 without a date" in told
    assert "articles.csv can say it (README.md): b.txt\n" in told
    write_all(folder, {f"{name}.txt": f"A ship sank off {name}." for name in ("c", "d", "e")})
    told = invoked("build", "--articles", folder, "--index", tmp_path / "index").stdout
    assert "4 without a date" in told
    assert ": b.txt, c.txt, d.txt, …\n" in told


@pytest.mark.parametrize("command", [("ask", "why?"), ("build",)])
def test_a_folder_that_is_not_there_is_told_before_a_model_is_loaded(command: tuple[str, ...]) -> None:
    done = dateline(*command, "--articles", "/nowhere", env={"DATELINE_EMBEDDER": "/no-model"})
    assert done.returncode == 1
    assert done.stderr.startswith("The articles folder /nowhere does not exist.")


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["ask", "why?", "--articles", "/nowhere"], 1, "does not exist"),
        (["ask", "", "--articles", SEEDS], 1, "question is empty"),
        (["ask", "why?", "--articles", SEEDS, "--llm", "magic"], 1, "no LLM 'magic'"),
        (["ask", "why?", "--articles", SEEDS, "--history", "/nowhere.json"], 1, "/nowhere.json"),
        (["eval", "/nowhere.jsonl"], 1, "/nowhere.jsonl"),
        (["ask"], 2, "Missing argument"),
        (["ask", "why?", "--all", "--outlet", "DID Press"], 2, "--all asks all articles"),
        (["search", "why?", "--all", "--since", "2026-01-01"], 2, "--all asks all articles"),
        (["dance"], 2, "No such command"),
    ],
)
def test_failures_are_clear(arguments: list[object], status: int, message: str, seeds_index: Path) -> None:
    done = dateline(*arguments, env={"DATELINE_INDEX": str(seeds_index)})
    assert done.returncode == status
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_bad_setting_is_named() -> None:
    done = dateline("ask", "why?", env={"DATELINE_CHUNK_TOKENS": "many"})
    assert done.returncode == 1
    assert "chunk_tokens" in done.stderr
    assert "Traceback" not in done.stderr
