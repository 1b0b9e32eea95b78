"""JSON: a record an article. `.jsonl` has one a line; `.json` one record, a list, or a list in an envelope."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from index.encoding import Unreadable, clean, decode, has_text
from index.formats.base import Document, Part, Reading, Refused
from index.formats.fields import named
from index.metadata import metadata_from

_ENVELOPES = ("articles", "items", "data", "results", "records", "docs")
_LONGEST_KEY = 200


def read_jsonl(data: bytes, reading: Reading) -> Iterator[Part]:
    """One article a line. A line that cannot be read is refused by its number, and the others are kept."""
    text, encoding, remark = decode(data)
    yield from _parts(_lines(text), encoding, remark, reading)


def read_json(data: bytes, reading: Reading) -> Iterator[Part]:
    """One record, a list of them, or an object that holds such a list."""
    text, encoding, remark = decode(data)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"it is not JSON ({error})") from error
    if isinstance(value, dict):
        inner = next((value[name] for name in _ENVELOPES if isinstance(value.get(name), list)), None)
        if inner is None:
            yield _document(value, "", encoding, remark, reading)
            return
        value = inner
    if not isinstance(value, list):
        raise Unreadable("it holds neither an object nor a list of objects")
    yield from _parts(enumerate(value, start=1), encoding, remark, reading)


def _lines(text: str) -> Iterator[tuple[int, Any]]:
    """(number, value) of each line; the value of one that is not JSON is the reason, as an error."""
    lines = text.removesuffix("\n").split("\n")
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            yield number, Unreadable("the line is empty")
            continue
        try:
            yield number, json.loads(line)
        except (ValueError, RecursionError) as error:
            yield number, Unreadable(f"the line is not JSON ({error})")


def _parts(records: Iterable[tuple[int, Any]], encoding: str, remark: str | None, reading: Reading) -> Iterator[Part]:
    taken: set[str] = set()
    for number, record in records:
        if isinstance(record, Unreadable):
            yield Refused(f":{number}", str(record))
            continue
        if not isinstance(record, dict):
            yield Refused(f":{number}", "it is not an object")
            continue
        part, remark = _document(record, f":{number}", encoding, remark, reading), None
        if isinstance(part, Document):
            key = _key(record, number, reading)
            note = part.remark
            if key in taken:
                note = f"number {number} has the key of an earlier record: {key!r}"
                while key in taken:
                    key = f"{key}@{number}"
            taken.add(key)
            part = Document(part.text, part.encoding, part.metadata, f"#{key}", note)
        yield part


def _document(record: dict[str, Any], inner: str, encoding: str, remark: str | None, reading: Reading) -> Part:
    values = named(record, reading.json_fields)
    text = values["text"]
    if isinstance(text, list) and all(isinstance(item, str) for item in text):
        text = "\n\n".join(text)
    if not isinstance(text, str):
        return Refused(inner, 'it has no text (name its field in DATELINE_JSON_FIELDS, as {"text": "…"})')
    text, flaw = clean(text)
    if not has_text(text):
        return Refused(inner, "it holds no text")
    return Document(text, encoding, metadata_from(values), "", flaw or remark)


def _key(record: dict[str, Any], number: int, reading: Reading) -> str:
    """The record's own key where it is one, else its number from 1."""
    value = named(record, reading.json_fields)["key"]
    key = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return key if key.strip() and key.isprintable() and len(key) <= _LONGEST_KEY else str(number)
