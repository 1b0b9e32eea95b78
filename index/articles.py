"""Files → Articles, and the files that were skipped, each with its reason. Nothing is dropped in silence."""

from __future__ import annotations

import codecs
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import charset_normalizer

from index.errors import CorpusError
from index.metadata import read_metadata
from index.records import Article, Skipped

SUFFIXES = frozenset({".txt"})
_NOT_ARTICLES = ("readme", "license", "licence")  # notes about a folder are not articles of it
_MOST_BAD_BYTES = 0.02  # broken UTF-8 is still UTF-8 when at most this share of its letters is broken
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Without a byte order mark a short text can pass for many code pages: only those that news is found in.
_CODE_PAGES = [
    "cp1252",
    "cp1251",
    "cp1250",
    "koi8_r",
    "cp1256",
    "gb18030",
    "big5",
    "shift_jis",
    "euc_kr",
    "cp1254",
]


@dataclass(frozen=True, slots=True)
class Corpus:
    """What a folder holds: its articles, the files skipped, and remarks on files that were read with a flaw."""

    articles: tuple[Article, ...]
    skipped: tuple[Skipped, ...]
    remarks: tuple[Skipped, ...]
    files: dict[str, str]  # path → sha256 of its bytes, of every file that could be read


class Unreadable(Exception):  # noqa: N818 - it is a reason for a report, not an error for a caller
    """Why a file gives no article."""


def read_corpus(folder: Path, *, max_file_bytes: int) -> Corpus:
    """Read every article below `folder`.

    A file that cannot be read becomes a `Skipped` and never stops the others. Files with exactly the same
    text become one article whose `also` names the copies.

    Raises:
        CorpusError: `folder` does not exist or is not a folder.
    """
    if not folder.is_dir():
        what = "is not a folder" if folder.exists() else "does not exist"
        raise CorpusError(f"The articles folder {folder} {what}. Name another with --articles or DATELINE_ARTICLES.")
    articles: dict[str, Article] = {}  # by text
    skipped: list[Skipped] = []
    remarks: list[Skipped] = []
    files: dict[str, str] = {}
    for path, key in _walk(folder, skipped):
        try:
            data = _read(path, folder, max_file_bytes)
            files[key] = hashlib.sha256(data).hexdigest()
            text, encoding, remark = decode(data)
        except (Unreadable, OSError) as reason:
            skipped.append(Skipped(key, reason.strerror or str(reason) if isinstance(reason, OSError) else str(reason)))
            continue
        if remark:
            remarks.append(Skipped(key, remark))
        if twin := articles.get(text):
            articles[text] = replace(twin, also=(*twin.also, key))
            remarks.append(Skipped(key, f"the same text as {twin.key}: indexed once, under that name"))
            continue
        found = read_metadata(text)
        articles[text] = Article(key, text, found.title, found.outlet, found.author, found.published, encoding=encoding)
    return Corpus(tuple(articles.values()), tuple(skipped), tuple(remarks), files)


def decode(data: bytes) -> tuple[str, str, str | None]:
    """Bytes of a text file → (text, encoding, a remark when it was broken). Line ends become `\\n`.

    Raises:
        Unreadable: the bytes are not text, or hold none.
    """
    text, encoding, remark = _decode(data)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not any(character.isalnum() for character in text):
        raise Unreadable("it holds no text")
    return text, encoding, remark


def _decode(data: bytes) -> tuple[str, str, str | None]:
    if not data:
        raise Unreadable("it is empty")
    for bom, name in _BOMS:
        if data.startswith(bom):
            text = data.decode(name, errors="replace")
            return text, name.removesuffix("-sig"), _broken(text)
    if wide := _wide_encoding(data):
        text = data.decode(wide, errors="replace")
        return text, wide, _broken(text)
    if _is_binary(data):
        raise Unreadable("it is not text")
    try:
        return data.decode("utf-8"), "utf-8", None
    except UnicodeDecodeError as error:
        first_bad = error.start
    text = data.decode("utf-8", errors="replace")
    good = sum(1 for character in text if character > "\x7f" and character != "\ufffd")
    bad = text.count("\ufffd")
    # One torn byte in an English article, or a few among thousands of good letters: UTF-8 with a wound.
    if bad <= max(1, _MOST_BAD_BYTES * good):
        return text, "utf-8", _broken(text)
    guess = charset_normalizer.from_bytes(data[:200_000], cp_isolation=_CODE_PAGES).best()
    if guess is None:
        raise Unreadable(f"its encoding is unknown (not UTF-8 at byte {first_bad}); save it as UTF-8")
    text = data.decode(guess.encoding, errors="replace")
    return text, guess.encoding, _broken(text)


def _broken(text: str) -> str | None:
    count = text.count("\ufffd")
    return f"{count} broken character(s) are shown as \ufffd; the rest is indexed" if count else None


def _wide_encoding(data: bytes) -> str | None:
    """UTF-16 without a byte order mark: every other byte of Latin text is NUL."""
    sample = data[:4000]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = max(1, len(sample) // 2)
    if odd > 0.4 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.4 * half and odd < 0.05 * half:
        return "utf-16-be"
    return None


def _is_binary(data: bytes) -> bool:
    sample = data[:8000]
    control = sum(1 for byte in sample if byte < 32 and byte not in b"\t\n\r\f\x1b")
    return b"\0" in data or control > 0.05 * len(sample)


def _walk(folder: Path, skipped: list[Skipped]) -> Iterator[tuple[Path, str]]:
    """Every file below `folder` that should hold an article, in the order of their keys."""

    def unreadable(error: OSError) -> None:
        name = os.path.relpath(error.filename or folder, folder)
        skipped.append(Skipped(_printable(name), f"the folder cannot be read: {error.strerror}"))

    found: list[tuple[str, Path]] = []
    for root, folders, names in os.walk(folder, onerror=unreadable, followlinks=False):
        for name in list(folders):
            path = Path(root, name)
            if name.startswith("."):
                folders.remove(name)
            elif path.is_symlink():
                skipped.append(Skipped(_key(path, folder), "a link to a folder is not followed"))
        for name in names:
            path = Path(root, name)
            if name.startswith(".") or path.stem.lower() in _NOT_ARTICLES:
                continue
            key = _key(path, folder)
            if path.suffix.lower() not in SUFFIXES:
                known = ", ".join(sorted(SUFFIXES))
                skipped.append(Skipped(_printable(key), f"its kind is not read (only {known})"))
            elif _printable(key) != key:
                skipped.append(Skipped(_printable(key), "its name is not valid Unicode; rename it"))
            else:
                found.append((key, path))
    for key, path in sorted(found):
        yield path, key


def _read(path: Path, folder: Path, max_file_bytes: int) -> bytes:
    if path.is_symlink() and not path.resolve().is_relative_to(folder.resolve()):
        raise Unreadable("it is a link that leads out of the folder")
    if not path.is_file():
        raise Unreadable("it is not a regular file")
    size = path.stat().st_size
    if size > max_file_bytes:
        raise Unreadable(f"it has {size:,} bytes, more than the {max_file_bytes:,} allowed (DATELINE_MAX_FILE_BYTES)")
    return path.read_bytes()


def _key(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def _printable(name: str) -> str:
    return name.encode("utf-8", "backslashreplace").decode("utf-8")
