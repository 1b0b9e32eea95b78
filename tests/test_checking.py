from __future__ import annotations

from pathlib import Path

from index import SentenceTransformerEmbedder
from rag.checking import Checked, check
from rag.llm import Draft
from rag.verifier import Verifier
from tests.conftest import chatbot_over

HARBOUR = "Engineers told Oslo Radio that the harbour crane weighs 90 tonnes and stands on the north quay."
STORM = "The storm of 12 March tore the roof off the old fish market, the mayor said."
TEXTS = {"harbour.txt": f"Harbour\n\n{HARBOUR}\n", "storm.txt": f"Storm\n\n{STORM}\n"}


def checked(place: Path, embedder: SentenceTransformerEmbedder, text: str, *cited: int) -> tuple[Checked, list[str]]:
    chatbot = chatbot_over(TEXTS, place, embedder)
    passages = chatbot.search("harbour crane quay storm roof fish market")
    return check(Draft(text, cited), passages, chatbot.store.articles, Verifier(embedder)), [
        passage.article for passage in passages
    ]


def test_a_wrong_citation_is_repaired_and_one_is_enough(tmp_path: Path, embedder: SentenceTransformerEmbedder) -> None:
    found, order = checked(tmp_path, embedder, "The harbour crane weighs 90 tonnes.", 1, 2)
    assert len(found.spans) == 1
    assert found.spans[0][0] == "harbour.txt"
    assert sorted(order) == sorted(TEXTS)


def test_the_speaker_of_the_evidence_speaks_where_the_sentence_names_none(
    tmp_path: Path, embedder: SentenceTransformerEmbedder
) -> None:
    found, _ = checked(tmp_path, embedder, "The harbour crane weighs 90 tonnes.", 1)
    assert (found.attribution.speaker, found.attribution.via) == ("Engineers", "Oslo Radio")


def test_what_joins_two_articles_cites_both(tmp_path: Path, embedder: SentenceTransformerEmbedder) -> None:
    text = "The harbour crane stands on the north quay, and the storm tore the roof off the old fish market."
    found, _ = checked(tmp_path, embedder, text, 1)
    assert {where[0] for where in found.spans} == set(TEXTS)


def test_what_nothing_bears_out_has_no_span(tmp_path: Path, embedder: SentenceTransformerEmbedder) -> None:
    found, _ = checked(tmp_path, embedder, "The harbour crane weighs 95 tonnes.", 1, 2)
    assert found.spans == ()
