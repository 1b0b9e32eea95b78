from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.citations import read_markers, split_stream
from rag.llm import Draft


@pytest.mark.parametrize(
    ("text", "plain", "numbers"),
    [
        ("It rained [1].", "It rained.", (1,)),
        ("It rained. [1][2]", "It rained.", (1, 2)),
        ("It rained [1, 3].", "It rained.", (1, 3)),
        ("It rained [2-4].", "It rained.", (2, 3, 4)),
        ("It rained 【2】.", "It rained.", (2,)),
        ("It rained [^1].", "It rained.", (1,)),
        ("It rained [Source 2].", "It rained.", (2,)),
        ("It rained [1] and [1] snowed.", "It rained and snowed.", (1,)),
        ("It rained in [2017 alone].", "It rained in [2017 alone].", ()),
        ("It rained [1-999999].", "It rained.", ()),
        ("- It rained.", "It rained.", ()),
        ("No marker.", "No marker.", ()),
    ],
)
def test_markers_are_read_and_taken_out(text: str, plain: str, numbers: tuple[int, ...]) -> None:
    assert read_markers(text) == Draft(plain, numbers)


ANSWER = "The mayor closed the bridge. [1] Two men were hurt [2][3]. The river is high, officials said. [1] It fell."
DRAFTS = [
    Draft("The mayor closed the bridge.", (1,)),
    Draft("Two men were hurt.", (2, 3)),
    Draft("The river is high, officials said.", (1,)),
    Draft("It fell.", ()),
]


def test_sentences_with_their_markers() -> None:
    assert list(split_stream([ANSWER])) == DRAFTS


@given(st.lists(st.integers(1, len(ANSWER) - 1), max_size=30))
def test_it_does_not_matter_how_the_stream_is_cut(cuts: list[int]) -> None:
    edges = [0, *sorted(set(cuts)), len(ANSWER)]
    pieces = [ANSWER[start:end] for start, end in pairwise(edges)]
    assert list(split_stream(pieces)) == DRAFTS


def test_sentences_come_before_the_stream_ends() -> None:
    seen: list[str] = []

    def pieces() -> Iterator[str]:
        for word in ("One is done. [1] ", "Two is done. [2] ", "Three is done. [3] ", "Four is "):
            seen.append(word)
            yield word

    first = next(split_stream(pieces()))
    assert first == Draft("One is done.", (1,))
    assert len(seen) < 4
