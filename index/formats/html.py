"""Web pages: their main text, and what they say of themselves."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import Any

import trafilatura
from lxml import etree

from index.encoding import Unreadable, clean, decode, has_text
from index.formats.base import Document, Part, Reading
from index.metadata import language_code, metadata_from

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # what it cannot read is told by our own reasons
logging.getLogger("htmldate").setLevel(logging.CRITICAL)

_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]{2,40})", re.IGNORECASE)
_LANGUAGE = re.compile(r"<html[^>]{0,500}?\blang\s*=\s*[\"']?([\w-]{2,35})", re.IGNORECASE)
_HEAD = 4000
# Only what the page states: a date found by searching its text may be any date.
_STATED_DATE = {"original_date": True, "extensive_search": False}

_LINKS = (
    "//*[self::ul or self::ol][li][not(li[string-length(normalize-space()) > 25])]"
    "[not(.//text()[normalize-space() and not(ancestor::a)])]"
)
_INTRODUCED = (
    "[preceding-sibling::*[1][self::h2 or self::h3 or self::h4 or self::h5 or self::h6 "
    "or substring(normalize-space(), string-length(normalize-space())) = ':']]"
)
# What works the page or leads away from it, where it holds no prose: an article may be folded up, or lie in a dialog.
_CONTROLS = [
    "//*[self::nav or self::button or self::menu or self::dialog "
    "or @role='navigation' or @role='button' or @role='menu' or @role='menubar' or @role='menuitem' or @role='toolbar' "
    "or @role='search' or @role='dialog' or @role='alertdialog' or @role='contentinfo']"
    "[not(descendant-or-self::p[string-length(normalize-space()) > 100])]",
    "//body//*[(@hidden or @aria-hidden='true') and string-length(normalize-space()) < 100]",
    _LINKS,
]
_CONTROL_LINE = re.compile(
    r"^(?:[-•*][ \t]*)?(?:advertise?ment|skip (?:ad(?:vertise?ment)?|to (?:main )?content)|tweet(?: this)?|copy link|"
    r"share(?: (?:this(?: article| story| page| post)?|(?:this )?(?:article |story )?(?:on|via|by|with) [\w-]+))?|"
    r"(?:read|see|show|view) more|continue reading|back to top|subscribe(?: now)?|sign (?:up|in)|log ?in)"
    r"[ \t.:…»›>]*(?:\n|\Z)",
    re.IGNORECASE | re.MULTILINE,
)


def read_html(data: bytes, _: Reading) -> Iterator[Part]:
    """The page's main text is one article; navigation, controls, comments and scripts are left out."""
    page, encoding, remark = _decode_page(data)
    if not has_text(re.sub(r"<[^>]*>", "", page)):
        raise Unreadable("it holds no text")
    tree = trafilatura.load_html(page)
    if tree is None:
        raise Unreadable("no main text was found in the page")
    for told in tree.xpath(_LINKS + _INTRODUCED):
        etree.strip_tags(told, "a")  # a list of links that is introduced is the article's own
    found: Any = trafilatura.bare_extraction(
        tree,
        with_metadata=True,
        include_comments=False,
        date_extraction_params=_STATED_DATE,
        prune_xpath=_CONTROLS,
    )
    text, flaw = clean((found and found.text) or "")
    text = _CONTROL_LINE.sub("", text).strip("\n")
    if not has_text(text):
        raise Unreadable("no main text was found in the page")
    language = _LANGUAGE.search(page[:_HEAD])
    metadata = metadata_from(
        {
            "title": found.title,
            "outlet": found.sitename,
            "author": found.author,
            "published": found.date,
            "url": found.url,
            "language": language_code(language[1]) if language else None,
        }
    )
    yield Document(text, encoding, metadata, remark=flaw or remark)


def _decode_page(data: bytes) -> tuple[str, str, str | None]:
    declared = _CHARSET.search(data[:_HEAD])
    name = declared[1].decode("ascii").lower() if declared else "utf-8"
    # A page that could be read as ASCII up to here is not in a wide encoding, whatever it says.
    if declared and name != "utf-8" and not name.startswith(("utf-16", "utf-32", "utf-7")):
        try:
            return data.decode(name).replace("\r\n", "\n").replace("\r", "\n"), name, None
        except (LookupError, UnicodeError):  # no such encoding, or not this one: found as for any text
            pass
    return decode(data)
