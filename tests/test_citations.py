from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.citations import read_markers, split_stream
from rag.llm import Draft, Pending


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
        ("It rained (1).", "It rained.", (1,)),
        ("It rained. (1)", "It rained.", (1,)),
        ("Lars Dahl (8) saw it rain.", "Lars Dahl (8) saw it rain.", ()),
        ("It rained on Lars Dahl (38).", "It rained on Lars Dahl (38).", ()),
        ("It rained [1]-[3].", "It rained.", (1, 2, 3)),
        ("It rained [Passages 1 and 2].", "It rained.", (1, 2)),
        ("It rained (source 2) and snowed.", "It rained and snowed.", (2,)),
        ("It rained 【1†source】.", "It rained.", (1,)),
        ("It rained [[2]].", "It rained.", (2,)),
        ("No marker.", "No marker.", ()),
    ],
)
def test_markers_are_read_and_taken_out(text: str, plain: str, numbers: tuple[int, ...]) -> None:
    assert read_markers(text, 10) == Draft(plain, numbers)


ANSWER = "The mayor closed the bridge. [1] Two men were hurt [2][3]. The river is high, officials said. [1] It fell."
DRAFTS = [
    Draft("The mayor closed the bridge.", (1,)),
    Draft("Two men were hurt.", (2, 3)),
    Draft("The river is high, officials said.", (1,)),
    Draft("It fell.", ()),
]
MARKERS = (
    " [1]", "[2]", " [1, 2]", "[1][3]", " (2)", " (1, 3)", "【3】", " 【1†source】", "[^2]", " [Source 1]", " [sources 1, 3]",
    " (Passage 2)", " [1-3]", "[2–4]", " [1]-[3]", " [[2]]", " [Passage 1 and 2]", " [99]", "",
)  # fmt: skip
SENTENCES = (
    "The mayor closed the bridge", "Dr. Dahl, 38, was hurt", "Prices rose 4.5 percent in [2017 alone]", "Lars Dahl (38) said no",
    "The U.S. Army sent 800 troops (most of them in May)", "It may, officials said, rise by 2 to 3 metres", "A 10-year-old won",
    "“We shall not leave,” the minister said", "The toll (at least 7) rose",
)  # fmt: skip


def split(pieces: Iterable[str], most: int = 10) -> tuple[list[Draft], list[tuple[int, str]]]:
    """The drafts, and each unfinished text with the number of drafts before it."""
    drafts: list[Draft] = []
    pending: list[tuple[int, str]] = []
    for item in split_stream(pieces, most):
        if isinstance(item, Draft):
            drafts.append(item)
        else:
            pending.append((len(drafts), item.text))
    return drafts, pending


def cut(text: str, cuts: Iterable[int]) -> list[str]:
    edges = [0, *sorted({at % (len(text) + 1) for at in cuts}), len(text)]
    return [text[start:end] for start, end in pairwise(edges)]


@st.composite
def answers(draw: st.DrawFn) -> str:
    """What a model may write: sentences with markers of all forms, on lines with or without list marks."""
    parts = draw(st.sampled_from(("", "Answer: ", "**Answer:** ", "- ", "1. ")))
    for sentence in draw(st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=5)):
        marker, end = draw(st.sampled_from(MARKERS)), draw(st.sampled_from((".", "!", "?")))
        parts += draw(st.sampled_from((f"{sentence}{marker}{end}", f"{sentence}{end}{marker}")))
        parts += draw(st.sampled_from((" ", "\n", "\n\n", "\n- ", "\n2. ", " \n* ")))
    return parts


def test_sentences_with_their_markers() -> None:
    assert split([ANSWER])[0] == DRAFTS


@given(answers(), st.lists(st.integers(0, 10_000), max_size=40))
def test_it_does_not_matter_how_the_stream_is_cut(text: str, cuts: list[int]) -> None:
    whole = split([text])[0]
    for pieces in (cut(text, cuts), list(text)):
        drafts, pending = split(pieces)
        assert drafts == whole
        for before, shown in pending:
            # What is shown of a sentence stays: no half marker, no number that vanishes.
            assert " ".join(draft.text for draft in whole[before:]).startswith(shown)
            assert not re.search(r"[\[【(^]\s*(?:\w+\s)?\d*\s*$", shown)
    assert all(not re.search(r"\[\d|【|\(\d\)", draft.text.replace("[2017 alone]", "")) for draft in whole)


def test_sentences_come_before_the_stream_ends() -> None:
    seen: list[str] = []

    def pieces() -> Iterator[str]:
        for word in ("One is done. [1] ", "Two is done. [2] ", "Three is done. [3] ", "Four is "):
            seen.append(word)
            yield word

    first = next(item for item in split_stream(pieces()) if isinstance(item, Draft))
    assert first == Draft("One is done.", (1,))
    assert len(seen) < 4


def test_an_empty_piece_is_passed_on() -> None:
    """So that whoever waits for a silent model can stop."""
    stream = split_stream(iter(["It fell on the river bank", "", ""]))
    assert [next(stream) for _ in range(3)] == [Pending("It fell on the river bank")] * 3
