from __future__ import annotations

import math

import pytest

from rag.figures import Row, by_kind, check_floors, figures, intervals, judge, sign_test


def row(right: bool | None, *, citations: int = 0, good: int = 0, abstained: bool = False, kind: str = "fact") -> Row:
    """`right` None: the question is unanswerable."""
    answerable = right is not None
    scores = {
        **{f"evidence_recall@{depth}": None for depth in (1, 3, 5, 10)},
        "evidence_mrr": None,
        "answer_accuracy": float(right) if right is not None else None,
        "citation_recall": None,
        "citation_precision": good / citations if citations else None,
        "citations": float(citations),
        "citations_right": float(good),
        "abstained": float(abstained),
        "unsupported_shown": 0.0,
    }
    return Row(answerable, kind, scores, {"retrieve": 0.1})


def test_a_small_set_is_less_sure_than_a_large_one() -> None:
    few = [row(number % 10 != 0) for number in range(20)]
    many = few * 100
    narrow, wide = intervals(many)["answer_accuracy"], intervals(few)["answer_accuracy"]
    assert narrow
    assert wide
    assert wide[0] < narrow[0] < 0.9 < narrow[1] < wide[1] <= 1
    assert wide[1] - wide[0] > 5 * (narrow[1] - narrow[0])


def test_all_right_is_not_certainty() -> None:
    exact = 0.025 ** (1 / 20)
    assert intervals([row(True)] * 20)["answer_accuracy"] == (exact, 1.0)
    assert intervals([row(False)] * 20)["answer_accuracy"] == (0.0, 1 - exact)
    assert intervals([row(None)])["answer_accuracy"] is None


def test_intervals_are_the_same_each_time() -> None:
    rows = [row(number % 3 == 0) for number in range(50)]
    assert intervals(rows) == intervals(rows)


def test_a_missed_floor_tells_by_how_many_questions() -> None:
    rows = [row(number < 15) for number in range(20)]
    (floor,) = judge(rows, {"answer_accuracy": 0.9})
    assert (floor.value, floor.short, floor.kept) == (0.75, 3, False)
    fixed = [row(number < 18) for number in range(20)]
    assert judge(fixed, {"answer_accuracy": 0.9})[0].kept
    assert judge([], {"answer_accuracy": 0.9})[0].value is None


def test_a_floor_of_precision_counts_what_must_go() -> None:
    rows = [row(True, citations=5, good=3), row(True, citations=5, good=3)]
    (floor,) = judge(rows, {"citation_precision": 0.75})
    assert (floor.value, floor.short, floor.unit) == (0.6, 2, "citation")
    assert 6 / (10 - floor.short) >= 0.75 > 6 / (10 - floor.short + 1)


def test_by_kind() -> None:
    rows = [row(True), row(False), row(None, kind="unanswerable", abstained=True)]
    told = by_kind(rows)
    assert (told["fact"]["right"], told["fact"]["questions"], told["unanswerable"]["share"]) == (1, 2, 1.0)
    assert figures(rows)["abstention_recall"] == 1


@pytest.mark.parametrize(("better", "worse", "p"), [(0, 0, 1), (5, 0, 2 / 32), (1, 1, 1), (8, 2, 2 * 56 / 1024)])
def test_sign_test_by_hand(better: int, worse: int, p: float) -> None:
    assert sign_test(better, worse) == pytest.approx(p)
    assert sign_test(worse, better) == sign_test(better, worse)


def test_sign_test_of_many() -> None:
    assert 0 < sign_test(3000, 2500) < 1e-9 < sign_test(2760, 2740)
    assert not math.isnan(sign_test(10_000, 0))


def test_floors_that_mean_nothing() -> None:
    assert check_floors([("answer_accuracy", "0.9")]) == {"answer_accuracy": 0.9}
    for name, value in (("speed", 1), ("answer_accuracy", "high"), ("answer_accuracy", 1.5)):
        with pytest.raises(ValueError, match=r"figure|number"):
            check_floors([(name, value)])
