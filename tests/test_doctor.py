"""The doctor finds each broken promise, also where every checksum is right, and says the mend."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from index import Chunk, FaissStore, Options, SentenceTransformerEmbedder, build, examine
from index.generations import build_lock
from index.lexical import LexicalIndex
from rag.cli import app
from tests.builds import WordEmbedder
from tests.conftest import SEEDS, write_all

OPTIONS = Options()
Parts = dict[str, object]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> FaissStore:
    place = tmp_path_factory.mktemp("index")
    build(SEEDS, place, embedder=WordEmbedder(), options=OPTIONS)
    return FaissStore.open(place)


def broken(folder: Path, place: Path) -> dict[str, str]:
    diagnosis = examine(folder, place, embedder=WordEmbedder(), options=OPTIONS)
    assert all(finding.kept or finding.mend for finding in diagnosis.findings)
    return {finding.promise: finding.seen for finding in diagnosis.findings if not finding.kept}


def published(store: FaissStore, place: Path, **changed: object) -> Path:
    """An index as a faulty builder would have written it: every checksum is right."""
    rows = list(range(len(store.chunks)))
    parts: Parts = {
        "manifest": store.manifest,
        "articles": list(store.articles.values()),
        "chunks": store.chunks,
        "chunk_vectors": store.chunk_vectors(rows),
        "sentence_vectors": store.all_sentence_vectors,
        "lexical": store.lexical,
        "signatures": store.signatures,
    }
    with build_lock(place):
        FaissStore(**{**parts, **changed}).publish(place)  # type: ignore[arg-type]
    return place


def test_nothing_is_wrong_with_a_good_index(store: FaissStore, tmp_path: Path) -> None:
    assert broken(SEEDS, published(store, tmp_path / "index")) == {}


def test_the_sidecar_is_no_file_of_articles(folder: Path, tmp_path: Path) -> None:
    write_all(folder, {"a.txt": "Rain fell on the town.", "articles.csv": "file,outlet\na.txt,Wire\n"})
    build(folder, tmp_path / "index", embedder=WordEmbedder(), options=OPTIONS)
    findings = examine(folder, tmp_path / "index", embedder=WordEmbedder(), options=OPTIONS).findings
    assert "1 files, 0 skipped with a reason" in {finding.seen for finding in findings}


def moved(chunk: Chunk) -> Chunk:
    return replace(chunk, sentences=tuple((start + 1, end) for start, end in chunk.sentences))


def spoiled(value: float) -> Callable[[FaissStore], Parts]:
    def spoil(store: FaissStore) -> Parts:
        vectors = store.all_sentence_vectors.copy()
        vectors[3] *= value
        return {"sentence_vectors": vectors}

    return spoil


@pytest.mark.parametrize(
    ("spoil", "promise"),
    [
        (lambda store: {"chunks": [moved(store.chunks[0]), *store.chunks[1:]]}, "every offset is exact"),
        (spoiled(float("nan")), "the vectors are finite"),
        (spoiled(1.5), "the vectors are finite"),
        (lambda store: {"lexical": LexicalIndex.from_texts(["one text"])}, "the words of every chunk"),
        (lambda store: {"manifest": replace(store.manifest, articles=99)}, "what its manifest says"),
        (
            lambda store: {"chunk_vectors": np.roll(store.chunk_vectors(list(range(len(store.chunks)))), 1, axis=0)},
            "a text gives the vector",
        ),
        (
            lambda store: {"articles": [replace(item, group="nobody.txt") for item in store.articles.values()]},
            "groups of near-duplicates",
        ),
    ],
)
def test_what_a_faulty_builder_wrote_is_found(
    store: FaissStore, tmp_path: Path, spoil: Callable[[FaissStore], Parts], promise: str
) -> None:
    found = broken(SEEDS, published(store, tmp_path / "index", **spoil(store)))
    assert len(found) == 1
    assert promise in next(iter(found))


def test_damage_is_found_and_named(store: FaissStore, tmp_path: Path) -> None:
    place = published(store, tmp_path / "index")
    next(place.rglob("sentences.faiss")).unlink()
    (finding,) = examine(SEEDS, place, embedder=WordEmbedder(), options=OPTIONS).findings
    assert "sentences.faiss is missing" in finding.seen
    assert "--rebuild" in (finding.mend or "")


def test_a_folder_that_moved_on_is_told(folder: Path, tmp_path: Path) -> None:
    write_all(folder, {"a.txt": "Rain fell."})
    build(folder, tmp_path / "index", embedder=WordEmbedder(), options=OPTIONS)
    write_all(folder, {"b.txt": "Snow fell."})
    assert list(broken(folder, tmp_path / "index")) == ["it is in step with the folder"]
    shutil.rmtree(folder)
    assert list(broken(folder, tmp_path / "index")) == ["it is in step with the folder"]


def test_the_command(seeds_index: Path, tmp_path: Path, embedder: SentenceTransformerEmbedder) -> None:
    where = ["--articles", str(SEEDS), "--index"]
    good = CliRunner().invoke(app, ["doctor", *where, str(seeds_index)])
    assert good.exit_code == 0
    assert "BROKEN" not in good.output
    place = tmp_path / "index"
    shutil.copytree(seeds_index, place)
    (place / "CURRENT").write_text("nonsense")
    bad = CliRunner().invoke(app, ["doctor", "--json", *where, str(place)])
    assert bad.exit_code == 1
    assert '"healthy": false' in bad.output
    assert "dateline build --rebuild" in bad.output
