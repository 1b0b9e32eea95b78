"""Copies and reprints: one article for the same text, a group for nearly the same, and nothing dropped."""

from __future__ import annotations

import json
import random
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from index import FaissStore, Options, build
from index.groups import group, signatures, text_key
from tests.builds import WordEmbedder
from tests.conftest import write_all
from tests.test_crash import article

WIRE = " ".join(article(number) for number in (1, 2, 3))


def rows_of(texts: list[str]) -> dict[str, str]:
    keys = [f"{number}.txt" for number in range(len(texts))]
    return group(keys, signatures(texts, {}))


def test_reprints_are_grouped_and_others_are_not() -> None:
    reprint = f"By Our Staff\n{WIRE}\nCopyright of the Wire."
    shortened = WIRE[: int(0.9 * len(WIRE))]
    other = " ".join(article(number) for number in (7, 8, 9))
    assert rows_of([WIRE, other, reprint, shortened]) == {"0.txt": "0.txt", "2.txt": "0.txt", "3.txt": "0.txt"}


def test_what_only_shares_its_words_is_no_reprint() -> None:
    words = WIRE.split()
    random.Random(1).shuffle(words)
    assert rows_of([WIRE, " ".join(words)]) == {}
    assert rows_of(["Yes.", "No.", ""]) == {}


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(6)))
def test_members_are_like_the_first_whatever_the_order(order: list[int]) -> None:
    texts = [WIRE + f" Edition {number}." * number for number in range(3)] + [article(number) for number in (4, 5, 6)]
    rows = signatures([texts[number] for number in order], {})
    leaders = group([str(number) for number in order], rows)
    assert set(leaders) == {"0", "1", "2"}
    assert len(set(leaders.values())) == 1


def test_signatures_are_reused_by_text() -> None:
    known = {text_key("a b c d e"): signatures(["another text altogether"], {})[0]}
    assert (signatures(["a b c d e"], known)[0] == known[text_key("a b c d e")]).all()


def test_the_store_knows_the_group_and_holds_every_member(folder: Path, tmp_path: Path) -> None:
    records = [
        {"id": "a", "outlet": "Wire", "text": WIRE},
        {"id": "b", "outlet": "Gazette", "text": WIRE},  # to the letter
        {"id": "c", "outlet": "Herald", "text": WIRE + " It was first published by the Wire."},
        {"id": "d", "outlet": "Post", "text": article(9)},
    ]
    write_all(folder, {"news.jsonl": "\n".join(map(json.dumps, records))})
    report = build(folder, tmp_path / "index", embedder=WordEmbedder(), options=Options())
    store = FaissStore.open(tmp_path / "index")
    assert list(store.articles) == ["news.jsonl#a", "news.jsonl#c", "news.jsonl#d"]
    first = store.articles["news.jsonl#a"]
    assert [(copy.key, copy.outlet) for copy in first.copies] == [("news.jsonl#b", "Gazette")]
    assert first.also == ("news.jsonl#b",)
    assert store.group_of("news.jsonl#a") == store.group_of("news.jsonl#c") == ("news.jsonl#a", "news.jsonl#c")
    assert store.group_of("news.jsonl#d") == ("news.jsonl#d",)
    assert {chunk.article for chunk in store.chunks} == set(store.articles)
    assert report.added == ("news.jsonl#a", "news.jsonl#b", "news.jsonl#c", "news.jsonl#d")


def test_a_copy_takes_the_place_of_the_first_when_that_goes(folder: Path, tmp_path: Path) -> None:
    write_all(folder, {"a.json": json.dumps({"text": WIRE, "outlet": "Wire"})})
    write_all(folder, {"b.json": json.dumps({"text": WIRE, "outlet": "Gazette"}), "c.txt": WIRE + " More."})
    build(folder, tmp_path / "index", embedder=WordEmbedder(), options=Options())
    (folder / "a.json").unlink()
    report = build(folder, tmp_path / "index", embedder=WordEmbedder(), options=Options())
    assert (report.removed, report.unchanged, report.embedded) == (("a.json",), 2, 0)
    store = FaissStore.open(tmp_path / "index")
    assert [(item.key, item.outlet) for item in store.articles.values()] == [("b.json", "Gazette"), ("c.txt", None)]
    assert store.group_of("c.txt") == ("b.json", "c.txt")
