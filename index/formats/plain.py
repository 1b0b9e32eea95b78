"""Text files and Markdown. The text stays as it is; Markdown's front matter becomes metadata."""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from index.encoding import decode, has_text
from index.formats.base import Document, Part, Reading
from index.formats.fields import named
from index.metadata import Metadata, metadata_from

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)\n*", re.DOTALL | re.MULTILINE)


def read_text(data: bytes, _: Reading) -> Iterator[Part]:
    """The whole file is one article."""
    text, encoding, remark = decode(data)
    yield Document(text, encoding, remark=remark)


def read_markdown(data: bytes, reading: Reading) -> Iterator[Part]:
    """The whole file is one article, its front matter (YAML between `---` lines) left out of the text."""
    text, encoding, remark = decode(data)
    match = _FRONT_MATTER.match(text)
    if match is None or not has_text(text[match.end() :]):
        yield Document(text, encoding, remark=remark)
        return
    try:
        values = yaml.safe_load(match[1])
    except (yaml.YAMLError, ValueError, RecursionError):
        yield Document(text, encoding, remark="its front matter is not YAML and was left in the text")
        return
    known = metadata_from(named(values, reading.json_fields)) if isinstance(values, dict) else Metadata()
    yield Document(text[match.end() :], encoding, known, remark=remark)
