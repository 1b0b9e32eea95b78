from __future__ import annotations

from pathlib import Path

from index import SentenceTransformerEmbedder
from tests.conftest import chatbot_over

WIRE = (
    "The old bridge in Bergen was closed to lorries on Monday by the mayor, Lars Dahl. "
    "Engineers had found cracks in two of its pillars in the spring, and the repair may take until the autumn. "
    "Lorries must take the ferry at Os until then, and the ferry company has asked the city for a second boat."
)


def test_a_wire_copy_is_listed_once_and_the_other_outlets_are_named(
    tmp_path: Path, embedder: SentenceTransformerEmbedder
) -> None:
    texts = {
        "a.txt": f"Valley News: {WIRE}",
        "b.txt": f"Hill Post: {WIRE}",
        "c.txt": "The harbour of Os will get a second ferry next year, the company said, though no date has been set.",
    }
    passages = chatbot_over(texts, tmp_path, embedder).search("Who closed the old bridge in Bergen to lorries?")
    first = passages[0]
    others = {passage.article for passage in passages[1:]}
    assert {first.article} | others == ({"a.txt", "c.txt"} if first.article == "a.txt" else {"b.txt", "c.txt"})
    assert first.also == (("Hill Post",) if first.article == "a.txt" else ("Valley News",))


def test_an_exact_copy_is_named_too(tmp_path: Path, embedder: SentenceTransformerEmbedder) -> None:
    passages = chatbot_over({"a.txt": WIRE, "b.txt": WIRE}, tmp_path, embedder).search(
        "Who closed the bridge in Bergen?"
    )
    assert [passage.article for passage in passages] == ["a.txt"] * len(passages)
    assert passages[0].also == ("b.txt",)
