from __future__ import annotations

import pytest

from index import SentenceTransformerEmbedder
from rag.support import align
from rag.verifier import Verifier, find_verbatim, witnessed
from rag.witness import Witness, open_witness

PASSAGE = (
    "Norwegian officials said on Monday that seven people were killed when the old bridge near Oslo collapsed. "
    "The engineer Lars Dahl has not confirmed the cause. The repair may cost $70 million, according to the ministry."
)


@pytest.fixture(scope="module", params=["packaged", "none"])
def verifier(request: pytest.FixtureRequest, embedder: SentenceTransformerEmbedder) -> Verifier:
    return Verifier(embedder, open_witness(request.param))


@pytest.mark.parametrize(
    "sentence",
    [
        "The engineer Lars Dahl has not confirmed the cause.",
        "Seven people were killed when the old bridge near Oslo collapsed.",
        "Norwegian officials said 7 people were killed when the old bridge near Oslo collapsed.",
        "According to the ministry, the repair may cost $70 million.",
    ],
)
def test_what_the_passage_says_is_supported(sentence: str, verifier: Verifier) -> None:
    judgement = verifier.verify(sentence, PASSAGE)
    assert judgement.supported
    assert judgement.span is not None


@pytest.mark.parametrize(
    "sentence",
    [
        "Nine people were killed when the old bridge near Oslo collapsed.",
        "Seven people were killed when the old bridge near Bergen collapsed.",
        "The engineer Lars Dahl has confirmed the cause.",
        "The repair may cost $17 million, according to the ministry.",
        "Officials “knew for years” that the old bridge near Oslo would collapse, killing seven people.",
        "Emmanuel Macron is the president of France.",
        "",
    ],
)
def test_what_it_does_not_say_is_refused(sentence: str, verifier: Verifier) -> None:
    assert not verifier.verify(sentence, PASSAGE).supported


@pytest.mark.parametrize(
    "passage",
    [
        "The firm’s lawyer denied that the firm hid the report.",
        "The union accused the firm of plans by which the firm hid the report.",
    ],
)
def test_words_that_the_passage_denies_or_only_alleges_are_refused(passage: str, verifier: Verifier) -> None:
    assert not verifier.verify("the firm hid the report", passage).supported
    assert verifier.verify(passage, passage).supported


def test_the_span_is_the_sentence_that_bears_it_out(verifier: Verifier) -> None:
    judgement = verifier.verify("Lars Dahl has not confirmed the cause.", PASSAGE)
    assert judgement.span is not None
    assert "Lars Dahl has not confirmed the cause." in PASSAGE[slice(*judgement.span)]


def test_verbatim_is_word_for_word_whatever_the_white_space() -> None:
    assert find_verbatim("has not confirmed", "He has\n  not confirmed it.") == (3, 22)
    assert find_verbatim("has confirmed", "He has not confirmed it.") is None
    assert find_verbatim("(a+b", "x (a+b) y") == (2, 6)


def test_the_witness_is_asked_of_each_part_too(embedder: SentenceTransformerEmbedder) -> None:
    witness = Witness.from_package()

    def read(claim: str) -> float:
        alignment = align(claim, PASSAGE, embedder)
        assert alignment is not None
        return float(witnessed(alignment, claim, PASSAGE, witness)[-1])

    told = ["Seven people were killed", "when the old bridge near Oslo collapsed"]
    untold = "the deadliest accident in forty years."
    of_parts = [witness.entailment(part, PASSAGE) for part in (*told, untold)]
    assert min(of_parts[:2]) > 0 > of_parts[2]
    assert read(f"{' '.join(told)}, {untold}") < sum(of_parts) / 3  # what is not told outweighs the rest
    one = "A bridge collapsed near Oslo."
    assert read(one) == pytest.approx(witness.entailment(one, PASSAGE))
