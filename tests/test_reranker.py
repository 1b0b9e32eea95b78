from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from index import FaissStore, SentenceTransformerEmbedder
from rag.errors import SettingsError
from rag.evidence import gather
from rag.features import Evidence
from rag.question import parse_question
from rag.reranker import ReaderReranker, Reread, Scores, open_reranker

QUESTION = "How much money did China pledge to the Afghan security forces?"


class Backwards:
    """Turns the order round: it shows that the plug decides."""

    name = "backwards"

    def reread(self, question: str, evidence: Evidence, scores: Scores) -> Reread:
        return Reread(-scores)


def texts(store: FaissStore, embedder: SentenceTransformerEmbedder, reranker: object) -> Sequence[str]:
    found = gather(parse_question(QUESTION), QUESTION, store, embedder, reranker=reranker)  # type: ignore[arg-type]
    return [sentence.text for sentence in found.sentences]


def test_the_plug_decides_the_order(seeds_store: FaissStore, embedder: SentenceTransformerEmbedder) -> None:
    plain, turned = texts(seeds_store, embedder, None), texts(seeds_store, embedder, Backwards())
    assert "$70 million" in plain[0]
    assert "$70 million" in turned[-1]


def test_the_reader_marks_the_words_that_answer(seeds_store: FaissStore, embedder: SentenceTransformerEmbedder) -> None:
    reader = open_reranker("reader", reader_weight=1.0)
    found = gather(parse_question(QUESTION), QUESTION, seeds_store, embedder, reranker=reader)
    first = found.sentences[0]
    assert first.answer is not None
    start, end = first.answer
    assert first.span[0] <= start < end <= first.span[1]
    assert "$70 million" in seeds_store.articles[first.candidate.chunk.article].text[start:end]
    assert np.isfinite(first.score)


def test_a_sentence_by_itself_does_not_answer_a_question_with_another_name(
    seeds_store: FaissStore, embedder: SentenceTransformerEmbedder
) -> None:
    reader = open_reranker("reader", reader_weight=1.0)
    assert isinstance(reader, ReaderReranker)
    first = gather(parse_question(QUESTION), QUESTION, seeds_store, embedder, reranker=reader).sentences[0]
    told = reader.alone(QUESTION, first.text)
    assert told == reader.alone(QUESTION, first.text)
    assert told > reader.alone(QUESTION.replace("China", "India"), first.text) + 2.0


@pytest.mark.parametrize("name", ["", "magic", "none:x", "cross-encoder:", "cross-encoder:no-such-model"])
def test_a_name_that_means_nothing(name: str) -> None:
    with pytest.raises(SettingsError):
        open_reranker(name, reader_weight=1.0)


def test_none() -> None:
    assert open_reranker("none", reader_weight=1.0) is None
