"""Markdown: its readable text, as a reader of the finished page has it, and its front matter as metadata."""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml
from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring
from markdown_it import MarkdownIt

from index.credits import is_outlet
from index.encoding import Unreadable, decode, has_text
from index.formats.base import Document, Part, Reading
from index.formats.fields import named
from index.metadata import Metadata, is_prose, metadata_from

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)\n*", re.DOTALL | re.MULTILINE)
_MARKDOWN = MarkdownIt("commonmark", {"maxNesting": 100}).enable(["table", "strikethrough"])
_UNSEEN = (
    "script", "style", "template", "noscript", "head", "title", "iframe", "object", "embed", "svg", "math", "canvas",
    "audio", "video", "nav", "button", "select", "textarea",
)  # fmt: skip
_HIDDEN = "//body//*[@hidden or @aria-hidden='true' or contains(translate(@style, ' ', ''), 'display:none')]"
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_PARAGRAPHS = frozenset(
    ("p", "div", "blockquote", "pre", "ul", "ol", "dl", "table", "hr", "figure", "figcaption", "section", "article",
     "header", "footer", "main", "aside", "address", "details", "summary", *_HEADINGS)
)  # fmt: skip
_LINES = frozenset(("li", "br", "dt", "dd"))
# White space that no text keeps, for where a paragraph or a line ends until all white space is folded.
_PARAGRAPH, _LINE = "\f", "\v"
_ENDED = re.compile(r"[.!?…:;,][\"'”’»)\]]*$")


def read_markdown(data: bytes, reading: Reading) -> Iterator[Part]:
    """The whole file is one article: its text without marks, link targets, pictures and scripts.

    Front matter (YAML between `---` lines) is metadata, and left out of the text; a table's row is a line.

    Raises:
        Unreadable: nothing is left to read.
    """
    source, encoding, remark = decode(data)
    front, body = "", source
    known = Metadata()
    match = _FRONT_MATTER.match(source)
    if match and has_text(source[match.end() :]):
        front, body = match[0], source[match.end() :]
        try:
            values = yaml.safe_load(match[1])
        except (yaml.YAMLError, ValueError, RecursionError):
            remark = "its front matter is not YAML and was left in the text"
        else:
            front = ""
            known = metadata_from(named(values, reading.json_fields)) if isinstance(values, dict) else known
    page = document_fromstring(
        f"<html><body>{_MARKDOWN.render(body)}</body></html>".encode(), HTMLParser(encoding="utf-8", huge_tree=True)
    )
    _leave_out(page)
    text = (front + _text(page)).strip()
    if not has_text(text):
        raise Unreadable("it holds no text")
    yield Document(text, encoding, known.or_else(Metadata(title=_title(page))), remark=remark)


def _leave_out(page: HtmlElement) -> None:
    """Take out of the page what no reader of it sees."""
    etree.strip_tags(page, etree.Comment, etree.ProcessingInstruction)
    etree.strip_elements(page, *_UNSEEN, with_tail=False)
    for hidden in page.xpath(_HIDDEN):
        hidden.drop_tree()


def _text(page: HtmlElement) -> str:
    """The text of a page: a blank line between paragraphs, lists as lines with a mark, tables as lines."""
    for table in reversed(list(page.iter("table"))):  # an inner one before the one that holds it
        _tell(table)
    for items in page.iter("ol"):
        start = items.get("start", "1")
        first = int(start) if re.fullmatch(r"[0-9]{1,9}", start) else 1
        for number, item in enumerate(items.iterchildren("li"), first):
            item.set("mark", f"{number}. ")
    parts: list[str] = []
    for event, node in etree.iterwalk(page, events=("start", "end")):
        gap = _gap(node)
        if event == "start":
            mark = node.get("mark", "- ") if node.tag == "li" else ""
            parts += (gap, mark, (node.text or "").lstrip() if mark else node.text or "")
        else:
            parts += (gap if node.tag != "br" else "", node.tail or "")
    return re.sub(r"\s+", _fold, "".join(parts)).strip()


def _fold(space: re.Match[str]) -> str:
    found = space[0]
    if _PARAGRAPH in found:
        return "\n\n"
    return "\n" if _LINE in found or "\n" in found else " "


def _gap(node: HtmlElement) -> str:
    """What parts an element from what stands before and after it."""
    parent = node.getparent()
    in_item = parent is not None and parent.tag == "li"
    if in_item and node.getprevious() is None and not (parent.text or "").strip():
        return ""  # right behind the item's mark
    if node.tag in _PARAGRAPHS:
        return _LINE if in_item else _PARAGRAPH
    return _LINE if node.tag in _LINES else ""


def _tell(table: HtmlElement) -> None:
    """Make the rows of a table lines: "Item: Pylon; Cost: 43 million." where its columns have names."""
    rows = [row for row in table.iter("tr") if len(row)]
    cells = [[_words(cell) for cell in row.iterchildren("td", "th")] for row in rows]
    names: list[str] = []
    if len(rows) > 1 and all(cell.tag == "th" for cell in rows[0]):
        names = cells.pop(0)
    lines = [_words(caption) for caption in table.iter("caption")]
    for row in cells:
        told = zip(names, row, strict=True) if len(names) == len(row) else (("", cell) for cell in row)
        line = "; ".join(f"{name}: {cell}" if name else cell for name, cell in told if cell)
        lines.append(line if not line or _ENDED.search(line) else f"{line}.")
    table.clear(keep_tail=True)
    for line in lines:
        etree.SubElement(table, "dd").text = f" {line} "  # for the cell that it may stand in


def _words(node: HtmlElement) -> str:
    """An element's text on one line, of such characters only as lxml takes back."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in node.text_content()).split())


def _title(page: HtmlElement) -> str | None:
    """The first of the greatest headings that stand before the article's prose."""
    headings: list[tuple[str, str]] = []
    for node in page.iter("p", *_HEADINGS):
        text = _words(node)
        if node.tag == "p" and is_prose(text):
            break
        if node.tag != "p" and has_text(text):
            headings.append((node.tag, text))
    headings = [item for item in headings if not is_outlet(item[1])] or headings  # the newspaper's name above it
    return metadata_from({"title": min(headings, key=lambda item: item[0])[1]}).title if headings else None
