"""The folder is the truth: what a build reports, what it reuses, and what can be found after any run of changes."""

from __future__ import annotations

import json
import shutil
import tempfile
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index import BuildReport, FaissStore, LiveStore, Options, build, examine, is_current
from index.errors import CorpusError, StoreBusyError, StoreDamagedError
from index.formats import Reading
from index.generations import build_lock
from tests.builds import WordEmbedder
from tests.conftest import write_all

OPTIONS = Options()


class CountingEmbedder(WordEmbedder):
    """Counts what its tokenizer is asked."""

    counted = 0

    def count_tokens(self, texts: list[str]) -> list[int]:  # type: ignore[override]
        self.counted += len(texts)
        return super().count_tokens(texts)


def update(folder: Path, place: Path, embedder: WordEmbedder | None = None, *, rebuild: bool = False) -> BuildReport:
    return build(folder, place, embedder=embedder or WordEmbedder(), options=OPTIONS, rebuild=rebuild)


def texts(place: Path) -> list[str]:
    return sorted(article.text for article in FaissStore.open(place).articles.values())


def test_each_kind_of_change_is_told(folder: Path, tmp_path: Path) -> None:
    write_all(folder, {f"{name}.txt": f"The town of {name} has a mayor." for name in "abcde"})
    update(folder, tmp_path / "index")
    (folder / "a.txt").rename(folder / "z.txt")
    (folder / "b.txt").unlink()
    write_all(folder, {"c.txt": "The town of c has two mayors.", "new.txt": "A new town.", "empty.txt": ""})
    report = update(folder, tmp_path / "index")
    assert report.renamed == (("a.txt", "z.txt"),)
    assert (report.added, report.changed, report.removed) == (("new.txt",), ("c.txt",), ("b.txt",))
    assert report.unchanged == 2
    assert [item.path for item in report.skipped] == ["empty.txt"]
    assert report.embedded == 2
    assert report.published


def test_what_is_unchanged_is_neither_parsed_nor_chunked_nor_embedded(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_all(folder, {f"{name}.txt": f"The town of {name} has a mayor. He is old." for name in "abc"})
    update(folder, tmp_path / "index")
    write_all(folder, {"b.txt": "The town of b has none."})
    (folder / "c.txt").rename(folder / "d.txt")
    parsed: list[str] = []
    monkeypatch.setattr("index.articles.read_file", _spy(parsed))
    embedder = CountingEmbedder()
    update(folder, tmp_path / "index", embedder)
    assert parsed == ["b.txt", "d.txt"]  # a renamed file is read again, for its key; its chunks are taken over
    assert embedder.encoded == 1
    assert embedder.counted <= 3


def _spy(names: list[str]) -> object:
    from index.formats import read_file

    def spy(name: str, data: bytes, reading: Reading) -> object:
        names.append(name)
        return read_file(name, data, reading)

    return spy


def test_an_index_in_step_is_left_alone(folder: Path, tmp_path: Path) -> None:
    write_all(folder, {"a.txt": "Rain fell."})
    update(folder, tmp_path / "index")
    pointer = (tmp_path / "index" / "CURRENT").read_text()
    assert not update(folder, tmp_path / "index").published
    assert (tmp_path / "index" / "CURRENT").read_text() == pointer
    assert update(folder, tmp_path / "index", rebuild=True).published


def test_a_file_that_cannot_be_parsed_is_never_told_as_indexed_and_is_tried_again(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_all(folder, {"good.txt": "Rain fell.", "bad.json": '{"text": "Snow fell."}'})

    def explode(data: bytes, reading: Reading) -> None:
        raise ZeroDivisionError("a bug")

    with monkeypatch.context() as patch:
        patch.setitem(__import__("index.formats").formats._FORMATS, ".json", explode)
        first = update(folder, tmp_path / "index")
    assert first.added == ("good.txt",)
    assert "ZeroDivisionError" in first.skipped[0].reason
    second = update(folder, tmp_path / "index")
    assert second.added == ("bad.json",)
    assert second.skipped == ()


def test_a_folder_that_lost_everything_leaves_nothing_to_be_found(folder: Path, tmp_path: Path) -> None:
    write_all(folder, {"a.txt": "Rain fell."})
    update(folder, tmp_path / "index")
    (folder / "a.txt").unlink()
    assert update(folder, tmp_path / "index").removed == ("a.txt",)
    store = FaissStore.open(tmp_path / "index")
    assert store.nearest(WordEmbedder().encode(["rain"])[0], 5) == []
    assert store.lexical.scores({"rain": 1.0}).shape == (0,)
    assert examine(folder, tmp_path / "index", embedder=WordEmbedder(), options=OPTIONS).healthy
    write_all(folder, {"b.txt": "Snow fell."})
    assert update(folder, tmp_path / "index").added == ("b.txt",)


def test_an_index_inside_the_folder_is_no_part_of_it(folder: Path) -> None:
    write_all(folder, {"a.txt": "Rain fell."})
    update(folder, folder / "index")
    report = update(folder, folder / "index")
    assert (report.articles, report.skipped, report.published) == (1, (), False)
    assert is_current(folder, folder / "index", embedder=WordEmbedder.fingerprint, options=OPTIONS)


def test_a_second_build_waits_when_told_to(folder: Path, tmp_path: Path) -> None:
    write_all(folder, {"a.txt": "Rain fell."})
    holding, done = threading.Event(), threading.Event()

    def hold() -> None:
        with build_lock(tmp_path / "index"):
            holding.set()
            done.wait(10)

    other = threading.Thread(target=hold)
    other.start()
    assert holding.wait(10)
    with pytest.raises(StoreBusyError, match="Another process"):
        update(folder, tmp_path / "index")
    threading.Timer(0.3, done.set).start()
    report = build(folder, tmp_path / "index", embedder=WordEmbedder(), options=OPTIONS, wait=10)
    other.join()
    assert report.published


def test_a_folder_that_is_gone_harms_nothing(folder: Path, tmp_path: Path) -> None:
    write_all(folder, {"a.txt": "Rain fell."})
    update(folder, tmp_path / "index")
    shutil.rmtree(folder)
    with pytest.raises(CorpusError, match="does not exist"):
        update(folder, tmp_path / "index")
    assert texts(tmp_path / "index") == ["Rain fell."]


def test_other_ways_of_reading_read_everything_anew(folder: Path, tmp_path: Path) -> None:
    write_all(folder, {"a.json": json.dumps({"text": "Rain fell.", "inhalt": "Snow fell."})})
    update(folder, tmp_path / "index")
    mapped = Options(reading=Reading(json_fields={"text": "Inhalt"}))
    assert not is_current(folder, tmp_path / "index", embedder=WordEmbedder.fingerprint, options=mapped)
    build(folder, tmp_path / "index", embedder=WordEmbedder(), options=mapped)
    assert texts(tmp_path / "index") == ["Snow fell."]


def test_a_new_generation_is_taken_up_and_a_broken_one_is_not(
    folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    place = tmp_path / "index"
    write_all(folder, {"a.txt": "Rain fell."})
    update(folder, place)
    live = LiveStore(place, every=0)
    first = live.now()
    assert live.now() is first
    write_all(folder, {"a.txt": "Snow fell."})
    update(folder, place)
    second = live.now()
    assert [article.text for article in second.articles.values()] == ["Snow fell."]
    assert [article.text for article in first.articles.values()] == ["Rain fell."]  # for the question in flight
    write_all(folder, {"a.txt": "Hail fell."})
    update(folder, place)
    next((place / "generations").rglob("chunks.jsonl")).write_text("")
    assert live.now() is second
    assert "stays in use" in caplog.text
    update(folder, place, rebuild=True)
    assert [article.text for article in live.now().articles.values()] == ["Hail fell."]
    shutil.rmtree(place)
    assert [article.text for article in live.now().articles.values()] == ["Hail fell."]


def test_readers_never_see_half_an_index(folder: Path, tmp_path: Path) -> None:
    """Generations are published one after the other while readers open them and ask a live store."""
    place = tmp_path / "index"
    write_all(folder, {"a.txt": "Version 0.", "b.txt": "Also version 0."})
    update(folder, place)
    live, failures, stop = LiveStore(place, every=0), [], threading.Event()

    def read() -> None:
        while not stop.is_set():
            for store in (FaissStore.open(place), live.now()):
                versions = {article.text.rstrip(".").split()[-1] for article in store.articles.values()}
                if len(versions) != 1:
                    failures.append(versions)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for version in range(1, 15):
        write_all(folder, {"a.txt": f"Version {version}.", "b.txt": f"Also version {version}."})
        update(folder, place)
    stop.set()
    for reader in readers:
        reader.join()
    assert failures == []
    assert {article.text for article in live.now().articles.values()} == {"Version 14.", "Also version 14."}


NAMES = st.sampled_from(["a.txt", "b.txt", "c.md", "deep/d.txt", "e.json", "A.txt"])
BODIES = st.integers(0, 5).map(lambda number: f"Report {number}. The river rose {number} metres. Nobody was hurt.")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), NAMES, BODIES),
        st.tuples(st.just("rename"), NAMES, NAMES),
        st.tuples(st.just("delete"), NAMES),
        st.tuples(st.just("spoil"), NAMES),
        st.tuples(st.just("corrupt"), st.integers(0, 100)),
        st.tuples(st.just("rebuild")),
        st.tuples(st.just("build")),
    ),
    min_size=1,
    max_size=9,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
def test_any_run_of_changes_leaves_just_the_folder_to_be_found(steps: list[tuple[str, ...]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder, place = Path(name, "articles"), Path(name, "index")
        folder.mkdir()
        write_all(folder, {"first.txt": "The first report. It stays."})
        update(folder, place)
        for step in steps:
            _take(step, folder, place)
            if step[0] == "corrupt":
                with pytest.raises(StoreDamagedError, match="--rebuild"):
                    update(folder, place)
            update(folder, place, rebuild=step[0] in ("corrupt", "rebuild"))
            assert texts(place) == sorted(_truth(folder))
            assert is_current(folder, place, embedder=WordEmbedder.fingerprint, options=OPTIONS)
        store = FaissStore.open(place)
        update(folder, Path(name, "anew"))
        assert FaissStore.open(Path(name, "anew")).manifest.fingerprint == store.manifest.fingerprint
        assert examine(folder, place, embedder=WordEmbedder(), options=OPTIONS).healthy


def _take(step: tuple[str, ...], folder: Path, place: Path) -> None:
    match step:
        case ("write", name, body):
            write_all(folder, {name: json.dumps({"text": body}) if name.endswith(".json") else body})
        case ("rename", old, new):
            if (folder / old).exists():
                (folder / new).parent.mkdir(exist_ok=True)
                (folder / old).replace(folder / new)
        case ("delete", name):
            (folder / name).unlink(missing_ok=True)
        case ("spoil", name):
            write_all(folder, {name: b"\x00\x01\x02 no text"})
        case ("corrupt", number):
            files = sorted(path for path in (place / "generations").rglob("*") if path.is_file())
            path = files[int(number) % len(files)]
            data = bytearray(path.read_bytes())
            data[-1] ^= 0xFF
            path.write_bytes(data)


def _truth(folder: Path) -> set[str]:
    """The texts that the folder holds, by a reading of our own: as simple as the files of this test."""
    found = set()
    for path in folder.rglob("*"):
        data = path.read_bytes() if path.is_file() else b"\0"
        if b"\0" in data:
            continue
        body = data.decode()
        if path.suffix != ".json":
            found.add(body)
        elif body.startswith("{"):
            found.add(json.loads(body)["text"])
    return found
