"""PDF files, by the extra `pdf`. What is only a picture of text has none."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator

from index.encoding import Unreadable, clean, has_text
from index.formats.base import Document, Part, Reading
from index.metadata import metadata_from

logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what it cannot read is told by our own reasons

_NO_TITLE = re.compile(r"untitled|microsoft word|.*\.(?:docx?|pdf|indd|odt|rtf|qxd)", re.IGNORECASE)


def read_pdf(data: bytes, _: Reading) -> Iterator[Part]:
    """The text of all pages is one article, a blank line between two pages."""
    try:
        import pypdf
        from pypdf.errors import PyPdfError
    except ImportError:
        raise Unreadable("PDF files are read with the extra `pdf`: pip install 'dateline[pdf]'") from None
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable("it is encrypted; save it without a password")
        text, remark = clean("\n\n".join(page.extract_text().strip() for page in reader.pages).strip())
        info = reader.metadata
        title, author = (info.title, info.author) if info else (None, None)
    except PyPdfError as error:
        raise Unreadable(f"it is a broken PDF ({str(error)[:200]})") from error
    if not has_text(text):
        raise Unreadable("it holds no text (a scan? read it with OCR first)")
    # The file's date is the day it was saved, not the day of publication: left out.
    title = None if title and _NO_TITLE.match(title) else title
    yield Document(text, "pdf", metadata_from({"title": title, "author": author}), remark=remark)
