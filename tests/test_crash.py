"""Builds that are killed, or find no room: the last generation answers, and the next build finishes the work."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from index import FaissStore, Options, build, examine
from index.errors import StoreMissingError
from index.generations import JOURNAL
from tests.builds import WordEmbedder
from tests.conftest import ROOT

Ask = Callable[..., dict[str, Any]]
OPTIONS = Options()
SUBJECTS = "minister ship harbour teacher river bank court engine museum forest bridge farmer".split()
VERBS = "opened closed praised sold visited rebuilt measured lost found painted".split()


def article(number: int, version: int = 1) -> str:
    words = random.Random(1000 * number + version)
    lines = [
        f"The {words.choice(SUBJECTS)} {words.choice(VERBS)} {words.randrange(10_000)} {words.choice(SUBJECTS)}s "
        f"on day {words.randrange(365)} of year {1900 + number}."
        for _ in range(12)
    ]
    return "\n\n".join(" ".join(lines[at : at + 3]) for at in range(0, 12, 3))


def write_version(folder: Path, version: int) -> None:
    """Version 1, or version 2: articles changed, added, removed and renamed."""
    folder.mkdir(exist_ok=True)
    for number in range(40):
        name = f"moved-{number}.txt" if version == 2 and number % 10 == 3 else f"{number}.txt"
        if version == 1 or number % 10 != 4:
            (folder / name).write_text(article(number, 2 if version == 2 and number % 2 else 1))


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    command = [sys.executable, "-m", "tests.builds"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdin
        assert process.stdout

        def ask(articles: Path, index: Path, **how: Any) -> dict[str, Any]:
            assert process.stdin
            assert process.stdout
            process.stdin.write(json.dumps({"articles": str(articles), "index": str(index), **how}) + "\n")
            process.stdin.flush()
            answer: dict[str, Any] = json.loads(process.stdout.readline())
            return answer

        yield ask
        process.stdin.close()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders v1 and v2 of articles, and the index of v1."""
    place = tmp_path_factory.mktemp("world")
    write_version(place / "v1", 1)
    write_version(place / "v2", 2)
    for version in ("v1", "v2"):
        build(place / version, place / f"index-{version}", embedder=WordEmbedder(), options=OPTIONS)
    return place


def content(index: Path) -> tuple[str, list[tuple[str, int, str]]]:
    store = FaissStore.open(index)
    return store.manifest.fingerprint, sorted((chunk.article, chunk.start, chunk.text) for chunk in store.chunks)


def check_after_crash(world: Path, index: Path, *, had_index: bool) -> bool:
    """Hold a crash to all promises; whether the new generation was in force already."""
    old, new = content(world / "index-v1"), content(world / "index-v2")
    embedder = WordEmbedder()
    try:
        now = content(index)
    except StoreMissingError:
        assert not had_index
        now = None
    if now:
        assert now in ([old, new] if had_index else [new])
        store = FaissStore.open(index)
        text = store.chunks[7].text
        assert store.chunks[store.nearest(embedder.encode([text])[0], 1)[0].row].text == text
        diagnosis = examine(world / "v2", index, embedder=embedder, options=OPTIONS)
        broken = [finding for finding in diagnosis.findings if not finding.kept]
        assert [finding.promise for finding in broken] == ([] if now == new else ["it is in step with the folder"])
    build(world / "v2", index, embedder=embedder, options=OPTIONS)
    assert content(index) == new
    assert examine(world / "v2", index, embedder=embedder, options=OPTIONS).healthy
    assert {path.name for path in index.iterdir()} == {"CURRENT", "build.lock", "generations"}
    assert len(list((index / "generations").iterdir())) == 1
    return now == new


def test_killed_at_any_moment(world: Path, tmp_path: Path, ask: Ask) -> None:
    """SIGKILL before each of many acts on the disk, the switch among them, and at random times between."""
    acts = next(number for number in range(60, 1000, 10) if not killed(world, tmp_path, ask, kill_event=number))
    moments: list[dict[str, Any]] = [{"kill_event": at} for at in range(0, acts, max(1, acts // 34))]
    whole = ask(world / "v2", fresh(world, tmp_path), embed_seconds=0.05)["seconds"]
    times = random.Random(7)
    moments += [{"kill_after": times.uniform(0, whole), "embed_seconds": 0.05} for _ in range(20)]
    assert len(moments) >= 50
    switched = 0
    for moment in moments:
        index = fresh(world, tmp_path)
        code = ask(world / "v2", index, **moment)["code"]
        assert code in (0, -9)
        switched += check_after_crash(world, index, had_index=True)
    assert 0 < switched < len(moments)  # kills on both sides of the switch


def test_killed_before_there_was_an_index(world: Path, tmp_path: Path, ask: Ask) -> None:
    for number in range(0, 90, 9):
        index = tmp_path / f"from-nothing-{number}"
        ask(world / "v2", index, kill_event=number)
        check_after_crash(world, index, had_index=False)


def test_the_next_build_takes_up_what_was_embedded(world: Path, tmp_path: Path, ask: Ask) -> None:
    index, whole, rest = tmp_path / "index", WordEmbedder(), WordEmbedder()
    assert ask(world / "v1", index, kill_encode=2)["code"] == -9
    with (index / JOURNAL).open("ab") as file:
        file.write(b"torn")
    report = build(world / "v1", index, embedder=rest, options=OPTIONS)
    build(world / "v1", tmp_path / "other", embedder=whole, options=OPTIONS)
    assert report.embedded == rest.encoded == whole.encoded - 512  # two batches were kept
    assert content(index) == content(world / "index-v1")
    assert not (index / JOURNAL).exists()


def test_a_journal_that_was_changed_is_not_believed(world: Path, tmp_path: Path, ask: Ask) -> None:
    index, rest = tmp_path / "index", WordEmbedder()
    ask(world / "v1", index, kill_encode=2)
    data = bytearray((index / JOURNAL).read_bytes())
    data[-(len(data) // 3)] ^= 0xFF
    (index / JOURNAL).write_bytes(data)
    build(world / "v1", index, embedder=rest, options=OPTIONS)
    assert content(index) == content(world / "index-v1")
    assert examine(world / "v1", index, embedder=rest, options=OPTIONS).healthy


@pytest.mark.parametrize("most_bytes", [0, 20, 1_000, 20_000, 50_000])
def test_a_full_disk(world: Path, tmp_path: Path, ask: Ask, most_bytes: int) -> None:
    index = fresh(world, tmp_path)
    assert ask(world / "v2", index, most_bytes=most_bytes)["code"] == 3
    assert content(index) == content(world / "index-v1")
    assert not check_after_crash(world, index, had_index=True)


def fresh(world: Path, tmp_path: Path) -> Path:
    index = tmp_path / "index"
    shutil.rmtree(index, ignore_errors=True)
    shutil.copytree(world / "index-v1", index)
    return index


def killed(world: Path, tmp_path: Path, ask: Ask, **how: Any) -> bool:
    return bool(ask(world / "v2", fresh(world, tmp_path), **how)["code"])
