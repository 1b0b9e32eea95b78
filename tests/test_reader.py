"""The reading model with its real weights: what its scores mean, and what happens when they are gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.encoder import BASE_SHA256, CONTEXT_TOKENS, read_packed
from rag.errors import DatelineError, WeightsError
from rag.reader import Reader, Reading

ANSWER = "Ferries to the island of Lomar start again on Monday."
PASSAGES = [
    "The museum was founded in 1911. Its garden is open to everyone. Entrance costs nothing on Sundays.",
    f"The harbour was closed for nine days after the storm. {ANSWER} Fishing boats have to wait longer.",
    "The mayor, Ines Valdor, told reporters that repairs cost about four million crowns.",
]
QUESTION = "When do ferries to Lomar start again?"


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader.from_package()


@pytest.fixture(scope="module")
def readings(reader: Reader) -> list[Reading]:
    return reader.read(QUESTION, PASSAGES)


def test_the_span_that_answers_is_found_in_the_right_passage(readings: list[Reading]) -> None:
    best = max(range(len(PASSAGES)), key=lambda number: readings[number].score)
    start, end, score = readings[best].spans[0]
    assert best == 1
    assert "Monday" in PASSAGES[best][start:end]
    assert score > 0 > max(readings[0].score, readings[2].score)


def test_spans_lie_in_their_passage_best_first(readings: list[Reading]) -> None:
    for passage, reading in zip(PASSAGES, readings, strict=True):
        scores = [score for _, _, score in reading.spans]
        assert scores == sorted(scores, reverse=True)
        assert all(0 <= start < end <= len(passage) for start, end, _ in reading.spans)


def test_a_sentence_has_the_score_of_the_best_answer_inside_it(readings: list[Reading]) -> None:
    start = PASSAGES[1].index(ANSWER)
    before, own, after = readings[1].sentence_scores(
        [(0, start - 1), (start, start + len(ANSWER)), (start + len(ANSWER) + 1, len(PASSAGES[1]))]
    )
    assert own == pytest.approx(readings[1].score)
    assert own > max(before, after)


def test_reading_again_gives_the_same(reader: Reader, readings: list[Reading]) -> None:
    again = reader.read(QUESTION, PASSAGES)
    assert [(reading.null, reading.spans) for reading in again] == [(r.null, r.spans) for r in readings]


def test_a_long_passage_is_read_to_its_end(reader: Reader) -> None:
    filler = "Nothing else of note was said at the meeting that day, which ended early. " * (CONTEXT_TOKENS // 8)
    (reading,) = reader.read(QUESTION, [filler + ANSWER])
    start, end, _ = reading.spans[0]
    assert start >= len(filler)
    assert "Monday" in (filler + ANSWER)[start:end]


def test_what_stands_before_a_passage_is_read_and_never_answers(reader: Reader) -> None:
    passage = "She resigned on Monday and left the town."
    question = "When did Ines Valdor resign?"
    hers, anothers = (
        "Ines Valdor, mayor of Lomar, was accused of theft.",
        "Ulla Brandt, mayor of Tulla, was accused of theft.",
    )
    bare, told, other = reader.read(question, [passage] * 3, ["", hers, anothers])
    assert told.score > max(bare.score, other.score)
    (reading,) = reader.read("Who was accused of theft?", [passage], [hers])
    assert all(0 <= start < end <= len(passage) for start, end, _ in reading.spans)
    assert reading.sentence_scores([(0, len(passage))]) == [pytest.approx(reading.score)]


@pytest.mark.parametrize("passages", [[], [""], ["  "], ["—", "日本"]])
def test_passages_with_nothing_to_read_do_no_harm(reader: Reader, passages: list[str]) -> None:
    found = reader.read(QUESTION, passages)
    assert len(found) == len(passages)
    assert [len(reading.sentence_scores([(0, 1)])) for reading in found] == [1] * len(passages)


def test_an_empty_question_does_no_harm(reader: Reader) -> None:
    assert len(reader.read("", PASSAGES)) == len(PASSAGES)


def test_the_packed_file_names_its_base_and_its_data() -> None:
    header, tensors = read_packed(_packaged())
    assert header["base_sha256"] == BASE_SHA256
    assert {"sha256", "data_sha256", "seed", "figures"} <= header.keys()
    assert "bert.embeddings.position_embeddings.weight" in tensors
    assert _packaged().stat().st_size <= 12_000_000


def test_missing_weights_are_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="cannot be read"):
        Reader.from_package(tmp_path / "none.safetensors")
    assert issubclass(WeightsError, DatelineError)


@pytest.mark.parametrize("damage", ["cut", "changed", "another file"])
def test_damaged_weights_are_an_error_of_ours(tmp_path: Path, damage: str) -> None:
    whole = bytearray(_packaged().read_bytes())
    if damage == "cut":
        del whole[len(whole) // 2 :]
    elif damage == "changed":
        whole[-1_000_000] ^= 0x40
    else:
        whole = bytearray(b"not weights at all")
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(whole)
    with pytest.raises(WeightsError, match=r"cannot be read|damaged"):
        Reader.from_package(damaged)


def _packaged() -> Path:
    from importlib import resources

    return Path(str(resources.files("rag").joinpath("reader.safetensors")))
