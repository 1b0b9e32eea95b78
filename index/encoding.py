"""Bytes → text, with the encoding that was found and a remark when something in it was broken."""

from __future__ import annotations

import codecs
import re

import charset_normalizer

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


_HALF_PAIR = re.compile("[\ud800-\udfff]")


class Unreadable(Exception):  # noqa: N818 - it is a reason for a report, not an error for a caller
    """Why a file, or a part of one, gives no article."""


def decode(data: bytes) -> tuple[str, str, str | None]:
    """Bytes of a text file → (text, encoding, a remark when it was broken). Line ends become `\\n`.

    Raises:
        Unreadable: the bytes are not text, or hold none.
    """
    text, encoding, remark = _decode(data)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not has_text(text):
        raise Unreadable("it holds no text")
    return text, encoding, remark


def clean(text: str) -> tuple[str, str | None]:
    """Text that a parser gave → (the same with line ends made `\\n`, a remark when something in it was broken)."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    mended = whole(text)
    return mended, None if mended is text else broken(mended)


def whole(text: str) -> str:
    """The text without halves of characters, which JSON can spell and nothing can write.

    Two halves that belong together make one character again; any other becomes U+FFFD.
    """
    if not _HALF_PAIR.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def has_text(text: str) -> bool:
    """Whether there is a letter or a digit in it."""
    return any(letter.isalnum() for letter in text)


def printable(name: str) -> str:
    """A name with what cannot be written or would move the terminal's cursor escaped."""
    name = name.encode("utf-8", "backslashreplace").decode("utf-8")
    return "".join(letter if letter >= " " and letter != "\x7f" else f"\\x{ord(letter):02x}" for letter in name)


def broken(text: str) -> str | None:
    """The remark on a text with characters that could not be read; None when there are none."""
    count = text.count("\ufffd")
    return f"{count} broken character(s) are shown as \ufffd; the rest is indexed" if count else None


def _decode(data: bytes) -> tuple[str, str, str | None]:
    if not data:
        raise Unreadable("it is empty")
    for bom, name in _BOMS:
        if data.startswith(bom):
            text = data.decode(name, errors="replace")
            return text, name.removesuffix("-sig"), broken(text)
    if wide := _wide_encoding(data):
        text = data.decode(wide, errors="replace")
        return text, wide, broken(text)
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
        return text, "utf-8", broken(text)
    guess = charset_normalizer.from_bytes(data[:200_000], cp_isolation=_CODE_PAGES).best()
    if guess is None:
        raise Unreadable(f"its encoding is unknown (not UTF-8 at byte {first_bad}); save it as UTF-8")
    text = data.decode(guess.encoding, errors="replace")
    return text, guess.encoding, broken(text)


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
