"""Keeping in step: offsets over many real articles, and what one changed article costs beside a full build.

python benchmarks/sync.py ARTICLES.jsonl[.xz] [--limit N] [--offsets-only]
"""

from __future__ import annotations

import argparse
import json
import lzma
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from index import Article, BuildReport, FaissStore, Options, Reading, SentenceTransformerEmbedder, build, examine
from index.articles import read_corpus
from index.chunker import chunk_article, context_text
from index.doctor import wrong_offsets
from index.embedder import Embedder

OPTIONS = Options(reading=Reading(max_file_bytes=1_000_000_000))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("articles", type=Path, help="articles, one JSON object a line; .xz is unpacked")
    parser.add_argument("--limit", type=int, help="take only this many articles")
    parser.add_argument("--offsets-only", action="store_true", help="embed nothing")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "articles")
        folder.mkdir()
        lines = list(read_lines(given.articles))[: given.limit]
        (folder / "news.jsonl").write_text("\n".join(lines), encoding="utf-8")
        embedder = SentenceTransformerEmbedder()
        check_offsets(folder, embedder)
        if not given.offsets_only:
            compare_builds(folder, lines, Path(place, "index"), embedder)


def read_lines(path: Path) -> Iterator[str]:
    """The lines of a file, unpacked where it ends in .xz."""
    with lzma.open(path, "rb") if path.suffix == ".xz" else path.open("rb") as file:
        for line in file:
            yield line.decode().rstrip("\n")


def check_offsets(folder: Path, embedder: Embedder) -> None:
    """Chunk every article and count what is not exact, and what the embedder would not read whole."""
    started = time.perf_counter()
    corpus = read_corpus(folder, OPTIONS.reading)
    took = time.perf_counter() - started
    places = sum(1 + len(article.copies) for article in corpus.articles)
    print(
        f"{places} articles read in {took:.1f} s, {len(corpus.articles)} of them with a text of their own; "
        f"{len(corpus.skipped)} skipped"
    )
    started = time.perf_counter()
    chunks = sentences = wrong = outside = longest = 0
    for article in corpus.articles:
        found = chunk_article(article, max_tokens=OPTIONS.max_tokens, count_tokens=embedder.count_tokens)
        sizes = [size + 2 for size in embedder.count_tokens([context_text(chunk) for chunk in found])]
        chunks += len(found)
        sentences += sum(len(chunk.sentences) for chunk in found)
        wrong += sum(1 for _ in wrong_offsets(article, found))
        outside += sum(1 for size in sizes if size > embedder.window)
        longest = max(longest, *sizes)
    print(
        f"{chunks} chunks, {sentences} sentences: {wrong} with a wrong offset, {outside} outside the window of "
        f"{embedder.window} tokens (the longest has {longest}); chunked in {time.perf_counter() - started:.1f} s"
    )


def compare_builds(folder: Path, lines: list[str], place: Path, embedder: Embedder) -> None:
    """A full build, one with nothing changed, and one with a changed article."""
    full = build(folder, place, embedder=embedder, options=OPTIONS)
    show("from nothing", full, full)
    show("nothing changed", build(folder, place, embedder=embedder, options=OPTIONS), full)
    record = json.loads(lines[len(lines) // 2])
    record["text"] += " Nothing of the kind was ever said before in Torvik."
    lines[len(lines) // 2] = json.dumps(record)
    (folder / "news.jsonl").write_text("\n".join(lines), encoding="utf-8")
    one = build(folder, place, embedder=embedder, options=OPTIONS)
    show("one article changed", one, full)
    print(f"changed: {', '.join(one.changed)}; groups of near-duplicates: {groups(FaissStore.open(place))}")
    for finding in examine(folder, place, embedder=embedder, options=OPTIONS).findings:
        print(f"{'ok' if finding.kept else 'BROKEN':7}{finding.promise}: {finding.seen}")


def show(what: str, report: BuildReport, full: BuildReport) -> None:
    print(
        f"{what:20} {report.seconds:8.2f} s  {report.embedded:7} texts embedded  "
        f"{report.seconds / full.seconds:.4f} of the full build's time, "
        f"{report.embedded / full.embedded:.5f} of its texts"
    )


def groups(store: FaissStore) -> str:
    members: list[Article] = [article for article in store.articles.values() if article.group]
    return f"{len({article.group for article in members})} with {len(members)} articles"


if __name__ == "__main__":
    main()
