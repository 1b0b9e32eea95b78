from __future__ import annotations

from index import FaissStore, SentenceTransformerEmbedder
from rag.question import parse_question
from rag.retriever import embed_question, query_terms, reciprocal_rank, retrieve


def test_reciprocal_rank() -> None:
    fused = reciprocal_rank([[7, 8], [8]])
    assert fused == {7: 1 / 61, 8: 1 / 62 + 1 / 61}


def test_names_that_stand_for_the_questions_are_looked_up_too() -> None:
    weights = query_terms(parse_question("Whom does Dushanbe blame?"))
    assert weights["dushanb"] == 1.0
    assert 0 < weights["tajik"] < 1


def test_the_best_comes_first_and_each_chunk_once(
    seeds_store: FaissStore, embedder: SentenceTransformerEmbedder
) -> None:
    text = "How much money did China pledge to the Afghan security forces?"
    found = retrieve(parse_question(text), seeds_store, embed_question(text, embedder), limit=10)
    assert "$70 million" in found[0].chunk.text
    assert len({candidate.row for candidate in found}) == 10
    assert [c.fused for c in found] == sorted((c.fused for c in found), reverse=True)
