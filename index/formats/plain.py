"""Text files: the text stays as it is."""

from __future__ import annotations

from collections.abc import Iterator

from index.encoding import decode
from index.formats.base import Document, Part, Reading


def read_text(data: bytes, _: Reading) -> Iterator[Part]:
    """The whole file is one article."""
    text, encoding, remark = decode(data)
    yield Document(text, encoding, remark=remark)
