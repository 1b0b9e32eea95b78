"""Offsets over real news, where the benchmarks' data is beside the project. None of it is part of the project."""

from __future__ import annotations

import json
import lzma
import os
from pathlib import Path

import pytest

from index import Article, SentenceTransformerEmbedder
from index.articles import read_corpus
from index.chunker import chunk_article, context_text
from index.doctor import wrong_offsets
from tests.conftest import ROOT

NEWS = Path(os.environ.get("DATELINE_BENCHMARKS", ROOT.parent / "shared" / "benchmarks")) / "news-2017.jsonl.xz"
EVERY = 40


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> tuple[Article, ...]:
    if not NEWS.exists():
        pytest.skip(f"{NEWS} is not there: name its folder in DATELINE_BENCHMARKS")
    folder = tmp_path_factory.mktemp("news")
    with lzma.open(NEWS, "rt", encoding="utf-8") as file:
        lines = [line for number, line in enumerate(file) if number % EVERY == 0]
    (folder / "news.jsonl").write_text("".join(lines), encoding="utf-8")
    corpus = read_corpus(folder)
    assert corpus.skipped == ()
    assert sum(1 + len(article.copies) for article in corpus.articles) == len(lines)
    first = json.loads(lines[0])
    assert corpus.articles[0].text == first["text"]
    assert corpus.articles[0].title == first["title"]
    return corpus.articles


def test_every_offset_is_exact_and_every_chunk_fits(
    news: tuple[Article, ...], embedder: SentenceTransformerEmbedder
) -> None:
    for article in news:
        chunks = chunk_article(article, max_tokens=160, count_tokens=embedder.count_tokens)
        assert list(wrong_offsets(article, chunks)) == []
        assert all(size + 2 <= 160 for size in embedder.count_tokens([context_text(chunk) for chunk in chunks]))


def test_their_days_and_addresses_are_read(news: tuple[Article, ...]) -> None:
    assert all(article.published and article.published[:4] in ("2016", "2017") for article in news)
    assert all(article.url for article in news)
    assert {article.language for article in news} <= {"en", None}
