from __future__ import annotations

import numpy as np

from index import FaissStore, SentenceTransformerEmbedder
from index.chunker import context_text


def test_search_is_exact(seeds_store: FaissStore, embedder: SentenceTransformerEmbedder) -> None:
    vector = embedder.encode(["military assistance for the Afghan security forces"])[0]
    rows = list(range(len(seeds_store.chunks)))
    cosines = seeds_store.chunk_vectors(rows) @ vector
    hits = seeds_store.nearest(vector, 10)
    assert [hit.row for hit in hits] == list(np.argsort(-cosines)[:10])
    assert np.allclose([hit.score for hit in hits], np.sort(cosines)[::-1][:10], atol=1e-6)


def test_sentence_search_gives_each_chunk_once_with_its_best(
    seeds_store: FaissStore, embedder: SentenceTransformerEmbedder
) -> None:
    vector = embedder.encode(["Chinese officials pledged $70 million"])[0]
    hits = seeds_store.nearest_sentences(vector, 60)
    assert len({hit.row for hit in hits}) == len(hits)
    for hit in hits:
        assert np.isclose(hit.score, (seeds_store.sentence_vectors(hit.row) @ vector).max(), atol=1e-6)


def test_rows_limit_the_search(seeds_store: FaissStore, embedder: SentenceTransformerEmbedder) -> None:
    vector = embedder.encode(["border"])[0]
    rows = np.array([row for row, chunk in enumerate(seeds_store.chunks) if chunk.article.startswith("003")])
    assert {hit.row for hit in seeds_store.nearest(vector, 100, rows=rows)} == set(rows)
    assert {hit.row for hit in seeds_store.nearest_sentences(vector, 1000, rows=rows)} == set(rows)
    assert seeds_store.nearest(vector, 5, rows=np.array([], np.int64)) == []


def test_vectors_are_those_of_the_texts(seeds_store: FaissStore, embedder: SentenceTransformerEmbedder) -> None:
    chunk = seeds_store.chunks[7]
    assert np.allclose(seeds_store.chunk_vectors([7])[0], embedder.encode([context_text(chunk)])[0], atol=1e-5)
    sentence = chunk.sentence_text(chunk.sentences[1])
    assert np.allclose(seeds_store.sentence_vectors(7)[1], embedder.encode([sentence])[0], atol=1e-5)


def test_offsets_point_into_the_articles(seeds_store: FaissStore) -> None:
    for chunk in seeds_store.chunks:
        assert seeds_store.articles[chunk.article].text[chunk.start : chunk.end] == chunk.text
