from __future__ import annotations

import os
from pathlib import Path

import pytest

from index.articles import read_corpus
from index.encoding import Unreadable, decode
from index.errors import CorpusError
from index.formats import Reading
from tests.conftest import SEEDS, names, write_all

LIMIT = 1_000_000
READING = Reading(max_file_bytes=LIMIT)
RUSSIAN = "Президент Таджикистана заявил в Душанбе, что граница с Афганистаном останется закрытой до осени. " * 3


def test_seeds_are_read_whole_and_their_note_is_no_article() -> None:
    corpus = read_corpus(SEEDS, READING)
    assert [article.key[:3] for article in corpus.articles] == ["000", "001", "002", "003", "004"]
    assert corpus.skipped == ()
    for article in corpus.articles:
        assert article.text == (SEEDS / article.key).read_bytes().decode("utf-8")


def test_what_the_seeds_tell_of_themselves() -> None:
    known = {a.key[:3]: (a.title, a.outlet, a.author, a.published) for a in read_corpus(SEEDS, READING).articles}
    assert known == {
        "000": ("Afghan–Tajik Border Insecurity Poses Serious Threat to China’s Interests", "DID Press", None, None),
        "001": (None, None, None, None),
        "002": (
            "Beijing Presses Taliban on Security After ISIS-K Attack Challenges Afghan Control, Chinese Interests",
            None, None, None,
        ),
        "003": ("China’s Expanding Security Cooperation With Tajikistan", None, "Samuel Ramani", None),
        "004": ("Beijing Encroaching on Moscow’s Military Dominance in Tajikistan", "Eurasia Daily Monitor", None, None),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("data", "text", "encoding"),
    [
        (b"one\r\ntwo\rthree\n", "one\ntwo\nthree\n", "utf-8"),
        ("\ufeffwith a mark".encode(), "with a mark", "utf-8"),
        (RUSSIAN.encode("cp1251"), RUSSIAN, "cp1251"),
        (RUSSIAN.encode("utf-16"), RUSSIAN, "utf-16"),
        (("Plain English words. " * 20).encode("utf-16-le"), "Plain English words. " * 20, "utf-16-le"),
        (
            ("Le président a refusé. Café, élève, à côté. " * 5).encode("cp1252"),
            "Le président a refusé. Café, élève, à côté. " * 5,
            "cp1252",
        ),
    ],
)
def test_encodings(data: bytes, text: str, encoding: str) -> None:
    assert decode(data) == (text, encoding, None)


def test_broken_utf8_is_kept_and_remarked() -> None:
    text, encoding, remark = decode("The “talks” failed – again".encode() + b"\xe2\x80 and went on.")
    assert encoding == "utf-8"
    assert "“talks” failed – again\ufffd and went on." in text
    assert remark is not None
    assert "1 broken" in remark


@pytest.mark.parametrize(
    "data", [b"", b" \n\t\n", bytes(range(256)) * 20, b"\x89PNG\r\n\x1a\n" + os.urandom(3000), b"text\0text"]
)
def test_what_is_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(Unreadable):
        decode(data)


def test_bad_files_are_named_and_the_good_neighbour_is_read(folder: Path) -> None:
    outside = folder.parent / "secret.txt"
    outside.write_text("Not for the index.")
    write_all(
        folder,
        {
            "good.txt": "The minister spoke. He denied it.",
            "empty.txt": "",
            "blank.txt": "\n \n",
            "binary.txt": os.urandom(500) + b"\0",
            "picture.png": b"\x89PNG",
            "huge.txt": b"x" * (LIMIT + 1),
            "same.txt": "The minister spoke. He denied it.",
            "a..b.txt": "A name with dots is only a name.",
            "deep/er/inner.txt": "Folders are followed.",
            ".hidden.txt": "Hidden files are left alone.",
        },
    )
    (folder / "link.txt").symlink_to(outside)
    (folder / "linked").symlink_to(folder.parent)
    corpus = read_corpus(folder, READING)
    assert [article.key for article in corpus.articles] == ["a..b.txt", "deep/er/inner.txt", "good.txt"]
    assert corpus.articles[2].also == ("same.txt",)
    assert sorted(names(corpus.skipped)) == [
        "binary.txt", "blank.txt", "empty.txt", "huge.txt", "link.txt", "linked", "picture.png",
    ]  # fmt: skip
    assert names(corpus.remarks) == ["same.txt"]
    assert all(item.reason for item in corpus.skipped)


def test_a_file_that_may_not_be_read_is_skipped(folder: Path) -> None:
    write_all(folder, {"good.txt": "Fine."})
    (folder / "pipe.txt").symlink_to("/dev/zero")
    os.mkfifo(folder / "fifo.txt")
    corpus = read_corpus(folder, READING)
    assert [article.key for article in corpus.articles] == ["good.txt"]
    assert sorted(names(corpus.skipped)) == ["fifo.txt", "pipe.txt"]


@pytest.mark.parametrize("make", ["missing", "file"])
def test_a_folder_that_is_none(tmp_path: Path, make: str) -> None:
    place = tmp_path / "place"
    if make == "file":
        place.write_text("x")
    with pytest.raises(CorpusError, match=str(place)):
        read_corpus(place, READING)
