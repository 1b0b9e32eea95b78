from __future__ import annotations

from pathlib import Path

import numpy as np

from index.lexical import LexicalIndex, terms

TEXTS = ["Attacks on the mine killed two.", "The mine reopened.", "A minister's visit to São Paulo."]


def test_terms_fold_case_accents_possessives_and_endings() -> None:
    assert terms("The Minister’s attacks; São Paulo’s U.S. visits") == [
        "minist",
        "attack",
        "sao",
        "paulo",
        "us",
        "visit",
    ]


def test_scores_by_row_and_weight() -> None:
    index = LexicalIndex.from_texts(TEXTS)
    scores = index.scores({"mine": 1.0, "attack": 1.0, "nowher": 1.0})
    assert scores[0] > scores[1] > scores[2] == 0
    assert np.allclose(index.scores({"mine": 0.5}), 0.5 * index.scores({"mine": 1.0}))


def test_rarity() -> None:
    index = LexicalIndex.from_texts(TEXTS)
    assert index.idf("nowher") > index.idf("attack") > index.idf("mine")
    assert index.knows("paulo")
    assert not index.knows("nowher")


def test_saved_and_loaded_it_scores_the_same(tmp_path: Path) -> None:
    index = LexicalIndex.from_texts(TEXTS)
    index.save(tmp_path / "lexical")
    again = LexicalIndex.load(tmp_path / "lexical", rows=3)
    assert np.array_equal(index.scores({"mine": 1.0}), again.scores({"mine": 1.0}))
    assert again.idf("mine") == index.idf("mine")
    assert not list((tmp_path / "lexical").glob("*.pkl"))
