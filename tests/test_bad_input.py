"""A corpus of bad input, made here: each piece is skipped with its reason or read right, and stops nothing else."""

from __future__ import annotations

import json
import os
import re
import struct
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from index import FaissStore, Options, build, examine
from index.articles import read_corpus
from index.formats import Reading
from tests.builds import WordEmbedder
from tests.conftest import write_all
from tests.test_formats import BODY, PAGE, pdf, zipped

READING = Reading(
    max_file_bytes=300_000, max_archive_bytes=1_000_000, max_archive_members=50, max_archive_ratio=100, max_articles=500
)
GOOD: dict[str, str | bytes] = {
    "good.txt": "The good neighbour in a text file.",
    "good.html": PAGE.replace("minister", "good neighbour"),
    "good.jsonl": json.dumps({"id": 1, "text": "The good neighbour in a record."}),
    "zz-good.zip": zipped({"good.txt": "The good neighbour in an archive."}),
}


def link_zip() -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        member = zipfile.ZipInfo("link.txt")
        member.external_attr = 0o120777 << 16
        archive.writestr(member, "/etc/passwd")
    return buffer.getvalue()


def twice_zip() -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.txt", "First of a name.")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a.txt", "Second of a name.")
    return buffer.getvalue()


def lying_zip() -> bytes:
    """An archive that states a smaller size than its member has."""
    data = bytearray(zipped({"a.txt": b"lies " * 100_000}))
    directory = data.rindex(b"PK\x01\x02")
    data[directory + 24 : directory + 28] = struct.pack("<I", 10)
    return bytes(data)


def encrypted_zip() -> bytes:
    data = bytearray(zipped({"a.txt": "A secret of the ministry."}))
    data[data.index(b"PK\x03\x04") + 6] |= 1
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def nested(depth: int) -> bytes:
    data = zipped({"a.txt": "Deep down."})
    for _ in range(depth):
        data = zipped({"a.zip": data})
    return data


# name → bytes, and what is to come of it: the texts that are read, or words of the reason.
READ: dict[str, tuple[str | bytes, list[str]]] = {
    "bom8.txt": ("\ufeffBegins with a mark.", ["Begins with a mark."]),
    "bom16.txt": ("Sixteen bits a letter.".encode("utf-16"), ["Sixteen bits a letter."]),
    "bom32.txt": ("Thirty-two bits a letter.".encode("utf-32"), ["Thirty-two bits a letter."]),
    "half16.txt": (b"\xff\xfea\x00\x00\xd8b\x00", ["a\ufffdb"]),
    "torn.txt": (b"A torn \xe2\x80 letter in English.", ["A torn \ufffd letter in English."]),
    "surrogate.txt": (b"Half \xed\xa0\x80 a pair.", None),  # type: ignore[dict-item] # read, with some marks
    "overlong.txt": (b"An overlong \xc0\xaf slash in English text.", None),  # type: ignore[dict-item]
    "crlf.txt": ("one\r\ntwo\rthree", ["one\ntwo\nthree"]),
    "bidi.txt": ("Right \u202e to left \u2066 and \u2069 back.", ["Right \u202e to left \u2066 and \u2069 back."]),
    "bidi-\u202etxt.exe.txt": ("A name that reads backwards.", ["A name that reads backwards."]),
    "combining.txt": ("Z" + "\u0301" * 5000, ["Z" + "\u0301" * 5000]),
    "zero-width.txt": ("\u200bzero\u200bwidth\u200b", ["\u200bzero\u200bwidth\u200b"]),
    "noncharacter.txt": ("A \ufffe noncharacter \uffff here.", ["A \ufffe noncharacter \uffff here."]),
    "astral.txt": ("\U0001f642 smiles \U00020000", ["\U0001f642 smiles \U00020000"]),
    "line.txt": ("x" * 200_000, ["x" * 200_000]),
    "blank-lines.txt": ("\n" * 10_000 + "Text after them.", ["\n" * 10_000 + "Text after them."]),
    "separators.txt": ("one\u2028two\u2029three\x0bfour\x0cfive\x85six", ["one\u2028two\u2029three\x0bfour\x0cfive\x85six"]),
    "markup.txt": ("<script>alert(1)</script> in a text", ["<script>alert(1)</script> in a text"]),
    "template.txt": ("${7*7} {{7*7}} %s {0}", ["${7*7} {{7*7}} %s {0}"]),
    "UPPER.TXT": ("An ending in capitals.", ["An ending in capitals."]),
    "Clash.txt": ("One of two names.", ["One of two names."]),
    "clash.txt": ("The other of two names.", ["The other of two names."]),
    "a..b.txt": ("Dots in a name.", ["Dots in a name."]),
    "with#hash.txt": ("A hash in a name.", ["A hash in a name."]),
    " space .txt": ("Spaces in a name.", ["Spaces in a name."]),
    "é.txt": ("An accent in a name.", ["An accent in a name."]),
    "folder.txt/inner.txt": ("In a folder that is named as a file.", ["In a folder that is named as a file."]),
    "front.md": ("---\ntitle: &a [*a]\n---\nBody of it.", None),  # type: ignore[dict-item]
    "bomb.md": ("---\na: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n---\nAfter a bomb.", ["After a bomb."]),
    "tag.md": ("---\ntitle: !!python/object/apply:os.system [ls]\n---\nAfter a tag.", None),  # type: ignore[dict-item]
    "open.md": ("---\ntitle: never closed", ["title: never closed"]),
    "scripts.html": (PAGE.replace("minister", "script"), [BODY.split("\n")[0].replace("minister", "script")]),
    "unclosed.html": (f"<html><body><p>{BODY}<p>Unclosed <b>all over", None),  # type: ignore[dict-item]
    "charset.html": (PAGE.replace("<head>", '<head><meta charset="no-such">').replace("minister", "charset"), None),  # type: ignore[dict-item]
    "wide.html": (PAGE.replace("<head>", '<head><meta charset="utf-16">').replace("minister", "wide"), None),  # type: ignore[dict-item]
    "codec.html": (PAGE.replace("<head>", '<head><meta charset="rot13">').replace("minister", "codec"), None),  # type: ignore[dict-item]
    "nan.json": ('{"text": "No number is a day.", "date": NaN}', ["No number is a day."]),
    "infinity.json": ('{"text": "Nor is this.", "date": 1e999}', ["Nor is this."]),
    "half.json": ('{"text": "Half \\ud800 a pair in JSON."}', ["Half \ufffd a pair in JSON."]),
    "pair.json": ('{"text": "A pair \\ud83d\\ude42 in JSON."}', ["A pair \U0001f642 in JSON."]),
    "nul.json": ('{"text": "A NUL \\u0000 in JSON."}', ["A NUL \x00 in JSON."]),
    "half-title.json": ('{"title": "Half \\udfff", "text": "With half a title."}', ["With half a title."]),
    "half-key.jsonl": ('{"id": "\\ud800", "text": "With half a key."}', ["With half a key."]),
    "twice.jsonl": ('{"id":1,"text":"First of a key."}\n{"id":1,"text":"Second of a key."}', ["First of a key.", "Second of a key."]),
    "lines.jsonl": ('{"text":"Before it."}\n\n{broken\n[]\n{"text":"After it."}\n', ["Before it.", "After it."]),
    "huge-number.jsonl": ('{"text":"Beside a number."}\n{"text":"x","n":' + "9" * 5000 + "}", ["Beside a number."]),
    "deep.jsonl": ('{"text":"Beside the deep."}\n' + "[" * 100_000, ["Beside the deep."]),
    "traversal.zip": (zipped({"../evil.txt": "Out of it.", "/etc/evil.txt": "Out.", "c:\\evil.txt": "Out.", "in.txt": "Inside it."}), ["Inside it."]),
    "bomb.zip": (zipped({"bomb.txt": b"0" * 250_000, "beside.txt": "Beside a bomb."}), ["Beside a bomb."]),
    "link.zip": (zipped({"x.txt": "Beside a link."}), ["Beside a link."]),
    "twice.zip": (twice_zip(), ["First of a name."]),
    "control.zip": (zipped({"a\x1b[2J.txt": "Hidden by its name.", "b.txt": "Beside control."}), ["Beside control."]),
}  # fmt: skip

SKIPPED: dict[str, tuple[str | bytes, str]] = {
    "empty.txt": ("", "empty"),
    "blank.txt": (" \n\t\n\u00a0", "no text"),
    "only-marks.txt": ("\u202e\u202d\u200b", "no text"),
    "only-blank-lines.txt": ("\n" * 10_000, "no text"),
    "nul.txt": ("A NUL \0 in it.", "not text"),
    "random.txt": (bytes(range(256)) * 50, "not text"),
    "png.txt": (b"\x89PNG\r\n\x1a\n" + bytes(2000), "not text"),
    "bom-only.txt": (b"\xff\xfe", "no text"),
    "large.txt": (b"x" * 300_001, "DATELINE_MAX_FILE_BYTES"),
    "word.docx": (b"PK\x03\x04", "its kind"),
    "none": ("No ending.", "its kind"),
    "mail.eml": ("Subject: x\n\nText.", "its kind"),
    "empty.html": ("", "empty"),
    "tags.html": ("<html><body><script>1</script></body></html>", "no main text"),
    "comment.html": ("<!-- only a comment -->" * 3, "no "),
    "empty.pdf": ("", "broken PDF"),
    "broken.pdf": (b"%PDF-1.7\n" + b"garbage " * 50, "broken PDF"),
    "cut.pdf": (pdf("Cut in two.")[:300], "PDF"),
    "locked.pdf": (pdf("Locked.", password="secret"), "encrypted"),
    "scan.pdf": (pdf(""), "no text"),
    "text.pdf": ("Not a PDF.", "PDF"),
    "empty.json": ("", "empty"),
    "cut.json": ('{"text": "cut', "not JSON"),
    "number.json": ("42", "neither"),
    "string.json": ('"a text"', "neither"),
    "null.json": ("null", "neither"),
    "deep.json": ("[" * 100_000 + "1", "not JSON"),
    "no-text.json": ('{"title": "alone"}', "DATELINE_JSON_FIELDS"),
    "wrong-text.json": ('{"text": {"a": 1}}', "DATELINE_JSON_FIELDS"),
    "blank-text.json": ('{"text": "  "}', "DATELINE_JSON_FIELDS|no text"),
    "bad.jsonl": ("{1\n{2\n", "not JSON"),
    "empty.zip": ("", "broken archive"),
    "broken.zip": (b"PK\x03\x04" + b"x" * 60, "broken archive"),
    "cut.zip": (zipped({"a.txt": "Cut in two."})[:-30], "broken archive"),
    "many.zip": (zipped({f"{number}.txt": "m" for number in range(51)}), "DATELINE_MAX_ARCHIVE_MEMBERS"),
    "nested.zip": (nested(1), "DATELINE_MAX_ARCHIVE_DEPTH"),
    "very-nested.zip": (nested(20), "DATELINE_MAX_ARCHIVE_DEPTH"),
    "symlink.zip": (link_zip(), "a link"),
    "lying.zip": (lying_zip(), "broken in the archive|unpacks to more"),
    "encrypted.zip": (encrypted_zip(), "encrypted"),
    "high-ratio.zip": (zipped({"zeros.txt": b"0" * 200_000}), "DATELINE_MAX_ARCHIVE_RATIO"),
}  # fmt: skip


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bad")
    write_all(folder, {**GOOD, **{name: data for name, (data, _) in {**READ, **SKIPPED}.items()}})
    (folder / "to-etc.txt").symlink_to("/etc/passwd")
    (folder / "loop.txt").symlink_to("loop.txt")
    (folder / "dangling.txt").symlink_to("nowhere.txt")
    (folder / "up").symlink_to("..")
    os.mkfifo(folder / "pipe.txt")
    Path(os.fsdecode(bytes(folder) + b"/latin-\xe9.txt")).write_text("A name that is not UTF-8.")
    (folder / "control-\x1b[2J.txt").write_text("A name that moves the cursor.")
    return folder


def test_there_is_enough_of_it() -> None:
    assert len(READ) + len(SKIPPED) >= 60


def test_what_can_be_read_is_read_right(bad: Path) -> None:
    corpus = read_corpus(bad, READING)
    of_file: dict[str, list[str]] = {}
    for article in corpus.articles:
        of_file.setdefault(article.file, []).append(article.text)
    for name, (_, texts) in READ.items():
        assert of_file.get(name), name
        if texts is not None and name != "scripts.html":
            assert of_file[name] == texts, name
    assert set(GOOD) <= of_file.keys()
    assert not of_file.keys() & SKIPPED.keys()
    assert all("alert(1)" not in text and "evil" not in text for text in of_file["scripts.html"])


def test_what_cannot_be_read_has_its_reason(bad: Path) -> None:
    corpus = read_corpus(bad, READING)
    reasons: dict[str, str] = {}
    for item in corpus.skipped:
        reasons[item.path] = item.reason
    for name, (_, words) in SKIPPED.items():
        told = [reason for path, reason in reasons.items() if path == name or path.startswith((f"{name}/", f"{name}:"))]
        assert told, name
        assert any(re.search(words, reason) for reason in told), (name, told)
    for name in (
        "to-etc.txt",
        "loop.txt",
        "dangling.txt",
        "up",
        "pipe.txt",
        "latin-\\udce9.txt",
        "control-\\x1b[2J.txt",
    ):
        assert name in reasons
    assert reasons["lines.jsonl:2"] == "the line is empty"
    assert "not JSON" in reasons["lines.jsonl:3"]
    assert reasons["lines.jsonl:4"] == "it is not an object"
    assert "leads out" in reasons["traversal.zip/../evil.txt"]
    assert "DATELINE_MAX_ARCHIVE_RATIO" in reasons["bomb.zip/bomb.txt"]
    assert all("\x1b" not in item.path and item.reason for item in (*corpus.skipped, *corpus.remarks))


def test_all_of_it_is_indexed_and_the_doctor_has_nothing_to_say(bad: Path, tmp_path: Path) -> None:
    options, embedder = Options(reading=READING), WordEmbedder()
    report = build(bad, tmp_path / "index", embedder=embedder, options=options)
    again = build(bad, tmp_path / "index", embedder=embedder, options=options)
    assert (again.published, again.embedded) == (False, 0)
    store = FaissStore.open(tmp_path / "index")
    assert report.articles == len(store.articles)
    diagnosis = examine(bad, tmp_path / "index", embedder=embedder, options=options)
    assert diagnosis.healthy, [finding for finding in diagnosis.findings if not finding.kept]


def test_past_the_number_allowed_nothing_is_lost_in_silence(folder: Path) -> None:
    write_all(folder, {f"{number}.txt": f"Article {number}." for number in range(5)})
    corpus = read_corpus(folder, Reading(max_articles=3))
    assert len(corpus.articles) == 3
    assert [item.path for item in corpus.skipped] == ["3.txt", "4.txt"]
    assert "DATELINE_MAX_ARTICLES" in corpus.skipped[0].reason
