from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from index import FaissStore, SentenceTransformerEmbedder
from rag.errors import SettingsError
from rag.evidence import gather
from rag.features import Evidence
from rag.question import parse_question
from rag.reranker import ReaderReranker, Reread, Scores, open_reranker
from tests.conftest import chatbot_over

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


FILLING = " ".join(
    f"Speaker number {number} told the meeting that the harbour needs repair." for number in range(1, 11)
)
MAYORS = {"Ines Valdor": "Monday", "Ulla Brandt": "Friday", "Petra Lund": "Sunday"}


def test_who_she_is_stands_before_the_passage(tmp_path: Path, embedder: SentenceTransformerEmbedder) -> None:
    articles = {
        f"{at}.txt": f"The council met to speak of the budget.\n\n{FILLING} The mayor, {mayor}, had been accused of "
        f"theft all summer long.\n\nShe resigned on {day} after a long night of talks. {FILLING}"
        for at, (mayor, day) in enumerate(MAYORS.items())
    }
    chatbot_over(articles, tmp_path, embedder)
    store = FaissStore.open(tmp_path / "index")
    assert sum(chunk.text.startswith("She resigned") for chunk in store.chunks) == len(MAYORS)
    reader = open_reranker("reader", reader_weight=0.5)
    for mayor, day in MAYORS.items():
        asked = f"When did {mayor} resign?"
        found = gather(parse_question(asked), asked, store, embedder, reranker=reader)
        assert found.sentences[0].text.startswith(f"She resigned on {day}")
