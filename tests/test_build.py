from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from index import FaissStore, Options, SentenceTransformerEmbedder, build, formats, is_current
from index.errors import (
    NoArticlesError,
    StoreBusyError,
    StoreDamagedError,
    StoreMismatchError,
    StoreMissingError,
)
from index.formats import plain
from index.generations import build_lock
from tests.conftest import SEEDS, write_all

OPTIONS = Options()


def texts(store: FaissStore) -> set[str]:
    return {chunk.text for chunk in store.chunks}


def test_the_folder_is_the_truth(folder: Path, tmp_path: Path, embedder: SentenceTransformerEmbedder) -> None:
    place = tmp_path / "index"
    write_all(folder, {"a.txt": "Rain fell on the town.", "b.txt": "The bank closed.", "c.txt": "A ship sank."})
    first = build(folder, place, embedder=embedder, options=OPTIONS)
    assert first.added == ("a.txt", "b.txt", "c.txt")
    assert is_current(folder, place, embedder=embedder.fingerprint, options=OPTIONS)

    (folder / "a.txt").unlink()
    write_all(folder, {"b.txt": "The bank opened again.", "d.txt": "A ship was raised."})
    assert not is_current(folder, place, embedder=embedder.fingerprint, options=OPTIONS)
    second = build(folder, place, embedder=embedder, options=OPTIONS)
    assert (second.added, second.changed, second.removed, second.unchanged) == (
        ("d.txt",),
        ("b.txt",),
        ("a.txt",),
        1,
    )
    assert texts(FaissStore.open(place)) == {"The bank opened again.", "A ship sank.", "A ship was raised."}
    assert second.embedded == 2  # a chunk of one sentence is the same text as the sentence
    assert len(list((place / "generations").iterdir())) == 1


def test_building_again_embeds_nothing_and_gives_the_same(
    seeds_index: Path, tmp_path: Path, embedder: SentenceTransformerEmbedder
) -> None:
    place = tmp_path / "index"
    shutil.copytree(seeds_index, place)
    report = build(SEEDS, place, embedder=embedder, options=OPTIONS)
    before, after = FaissStore.open(seeds_index), FaissStore.open(place)
    assert report.embedded == 0
    assert report.fingerprint == before.manifest.fingerprint == after.manifest.fingerprint
    assert after.chunks == before.chunks
    rows = list(range(len(before.chunks)))
    assert np.array_equal(before.chunk_vectors(rows), after.chunk_vectors(rows))


def test_what_was_read_in_an_earlier_way_is_read_anew(
    folder: Path, tmp_path: Path, embedder: SentenceTransformerEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "index"
    write_all(folder, {"a.md": "# Weather\n\n**Rain** fell on the town.", "b.txt": "The bank closed."})
    with monkeypatch.context() as earlier:
        earlier.setattr("index.formats._VERSION", "1")
        earlier.setattr("index.chunker.VERSION", 1)
        earlier.setitem(formats._FORMATS, ".md", plain.read_text)
        build(folder, place, embedder=embedder, options=OPTIONS)
        assert "**Rain**" in FaissStore.open(place, chunking=OPTIONS.chunking).articles["a.md"].text
    assert not is_current(folder, place, embedder=embedder.fingerprint, options=OPTIONS)
    with pytest.raises(StoreMismatchError, match="dateline build"):
        FaissStore.open(place, chunking=OPTIONS.chunking)
    assert build(folder, place, embedder=embedder, options=OPTIONS).changed == ("a.md",)
    assert (
        FaissStore.open(place, chunking=OPTIONS.chunking).articles["a.md"].text == "Weather\n\nRain fell on the town."
    )


@pytest.mark.parametrize("bad", [{}, {"empty.txt": ""}])
def test_nothing_to_index(
    folder: Path, tmp_path: Path, embedder: SentenceTransformerEmbedder, bad: dict[str, str | bytes]
) -> None:
    write_all(folder, bad)
    with pytest.raises(NoArticlesError, match=next(iter(bad), "is empty")):
        build(folder, tmp_path / "index", embedder=embedder, options=OPTIONS)
    report = build(folder, tmp_path / "index", embedder=embedder, options=OPTIONS, empty=True)
    assert (report.articles, FaissStore.open(tmp_path / "index").chunks) == (0, ())
    assert is_current(folder, tmp_path / "index", embedder=embedder.fingerprint, options=OPTIONS)
    write_all(folder, {"a.txt": "Rain fell on the town."})
    assert build(folder, tmp_path / "index", embedder=embedder, options=OPTIONS).added == ("a.txt",)


def test_other_settings_are_refused_with_the_mend(seeds_index: Path, embedder: SentenceTransformerEmbedder) -> None:
    with pytest.raises(StoreMismatchError, match="--rebuild"):
        FaissStore.open(seeds_index, embedder="another-model:123")
    with pytest.raises(StoreMismatchError, match="chunk settings"):
        FaissStore.open(seeds_index, chunking=Options(max_tokens=99).chunking)


def test_no_index(tmp_path: Path) -> None:
    with pytest.raises(StoreMissingError, match="dateline build"):
        FaissStore.open(tmp_path)


@pytest.mark.parametrize("damage", ["truncate", "flip", "delete"])
def test_damage_to_any_file_is_seen_and_named(seeds_index: Path, tmp_path: Path, damage: str) -> None:
    files = [
        path.relative_to(seeds_index) for path in seeds_index.rglob("*") if path.is_file() and path.name != "build.lock"
    ]
    assert len(files) >= 8
    for relative in files:
        place = tmp_path / "copy"
        shutil.copytree(seeds_index, place)
        path = place / relative
        data = bytearray(path.read_bytes())
        if damage == "delete":
            path.unlink()
        elif damage == "truncate":
            path.write_bytes(data[: len(data) // 2])
        else:
            data[len(data) // 2] ^= 0xFF
            path.write_bytes(data)
        with pytest.raises(
            (StoreDamagedError, StoreMissingError),
            match=f"{relative.name}|CURRENT|manifest.json|dateline build",
        ):
            FaissStore.open(place)
        shutil.rmtree(place)


def test_a_second_build_is_told_so(folder: Path, tmp_path: Path, embedder: SentenceTransformerEmbedder) -> None:
    write_all(folder, {"a.txt": "Rain fell."})
    with build_lock(tmp_path / "index"), pytest.raises(StoreBusyError, match="Another process"):
        build(folder, tmp_path / "index", embedder=embedder, options=OPTIONS)


def test_the_manifest_tells_what_was_skipped(
    folder: Path, tmp_path: Path, embedder: SentenceTransformerEmbedder
) -> None:
    write_all(folder, {"a.txt": "Rain fell.", "b.txt": b"\0\1\2"})
    build(folder, tmp_path / "index", embedder=embedder, options=OPTIONS)
    record = json.loads(next((tmp_path / "index").rglob("manifest.json")).read_text())
    assert [item["path"] for item in record["skipped"]] == ["b.txt"]
