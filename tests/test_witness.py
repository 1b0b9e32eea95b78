from __future__ import annotations

import logging
import shutil
from importlib import resources
from pathlib import Path

import pytest

from rag.encoder import BASE_SHA256, read_packed
from rag.errors import SettingsError, WeightsError
from rag.witness import WEIGHTS_FILE, Witness, open_witness

PASSAGE = (
    "Norwegian officials said on Monday that seven people were killed when the old bridge near Oslo collapsed. "
    "The engineer Lars Dahl has not confirmed the cause."
)
FILLER = "The harbour council of Bergen met on the quay and spoke about herring, ropes and the price of ice. "


@pytest.fixture(scope="module")
def witness() -> Witness:
    return Witness.from_package()


def packaged() -> Path:
    return Path(str(resources.files("rag").joinpath(WEIGHTS_FILE)))


@pytest.mark.parametrize(
    ("said", "not_said"),
    [
        ("Seven people died when a bridge fell down near Oslo.", "Nobody died when a bridge fell down near Oslo."),
        ("The cause is not confirmed.", "The engineer has confirmed the cause."),
        ("A bridge collapsed near Oslo.", "The bridge will be rebuilt next year."),
    ],
)
def test_what_follows_is_likelier_than_what_does_not(witness: Witness, said: str, not_said: str) -> None:
    assert witness.entailment(said, PASSAGE) > witness.entailment(not_said, PASSAGE)


def test_reading_again_gives_the_same(witness: Witness) -> None:
    assert witness.entailment("A bridge fell.", PASSAGE) == witness.entailment("A bridge fell.", PASSAGE)


@pytest.mark.parametrize("where", [0, 10, 20])
def test_a_long_passage_is_read_where_it_speaks_of_the_claim(witness: Witness, where: int) -> None:
    claim = "Seven people were killed near Oslo."
    buried = FILLER * where + PASSAGE + " " + FILLER * (20 - where)
    assert witness.entailment(claim, buried) > witness.entailment(claim, FILLER * 20)


def test_what_stands_far_apart_is_read_together(witness: Witness) -> None:
    closed = "The harbour bridge was closed on Monday after an inspector found a crack. "
    mended = "Engineers from Bergen mended the bridge in four days. "
    between = "Two anglers argued about a pike, and a bakery gave away the last of its bread. " * 20
    claim = "The harbour bridge, closed after a crack was found, was mended by engineers from Bergen."
    assert witness.entailment(claim, closed + between + mended) > 0
    assert witness.entailment(claim, closed + between) < 0
    assert witness.entailment(claim, between + mended) < 0


@pytest.mark.parametrize("passage", ["", "…", "a" * 5000])
def test_passages_with_nothing_to_read_do_no_harm(witness: Witness, passage: str) -> None:
    assert isinstance(witness.entailment("A bridge fell.", passage), float)


def test_the_file_says_what_it_was_made_from() -> None:
    header, _ = read_packed(packaged())
    assert header["base_sha256"] == BASE_SHA256
    assert packaged().stat().st_size <= 12_000_000


def test_without_weights_claims_are_checked_without_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged = tmp_path / WEIGHTS_FILE
    shutil.copy(packaged(), damaged)
    with damaged.open("r+b") as file:
        file.seek(-100, 2)
        file.write(b"\0" * 50)
    with pytest.raises(WeightsError, match=r"cannot be read|damaged"):
        Witness.from_package(damaged)
    monkeypatch.setattr("rag.witness.WEIGHTS_FILE", "none.safetensors")
    with caplog.at_level(logging.WARNING):
        assert open_witness("packaged") is None
    assert "checked without it" in caplog.text


def test_a_witness_that_there_is_not() -> None:
    assert open_witness("none") is None
    with pytest.raises(SettingsError, match="packaged or none"):
        open_witness("gossip")
