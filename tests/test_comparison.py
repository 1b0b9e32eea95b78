from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rag.comparison import compare, describe, read_report
from rag.errors import QuestionsFileError


def case(name: str, *, right: bool, text: str = "Seven [1].", **more: Any) -> dict[str, Any]:
    scores = {"answer_accuracy": float(right), "citation_recall": None, "abstained": 0.0, "unsupported_shown": 0.0}
    return {"id": name, "scores": scores, "answer": {"text": text}, **more}


def test_what_became_of_each_question() -> None:
    old = [
        case("a", right=True),
        case("b", right=False),
        case("c", right=True),
        case("d", right=True),
        case("gone", right=True),
    ]
    new = [
        case("a", right=False), case("b", right=True), case("c", right=True, text="7 [1]."), case("d", right=True),
        case("new", right=True),
    ]  # fmt: skip
    found = compare(old, new)
    assert (found.better, found.worse, found.reworded, found.same) == (("b",), ("a",), ("c",), 1)
    assert (found.added, found.removed, found.p) == (("new",), ("gone",), 1.0)
    told = describe(found)
    assert "1 better, 1 worse (sign test p = 1), 1 in other words only, 1 the same" in told[0]
    assert [line.split() for line in told[1:3]] == [["better", "b"], ["worse", "a"]]


def test_the_same_id_in_two_sets() -> None:
    old = [case("a", right=True, set="one"), case("a", right=False, set="two")]
    assert compare(old, old).same == 2
    assert compare(old, [old[0], case("a", right=True, set="two")]).better == ("two::a",)


@pytest.mark.parametrize("content", ["", "[]", '{"cases": [{"id": 1}]}', "{}"])
def test_what_is_no_report(tmp_path: Path, content: str) -> None:
    path = tmp_path / "old.json"
    path.write_text(content)
    with pytest.raises(QuestionsFileError, match=r"old\.json is no report"):
        read_report(path)


def test_a_report_is_read(tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    path.write_text(json.dumps({"cases": [case("a", right=True)]}))
    assert read_report(path)["cases"][0]["id"] == "a"
