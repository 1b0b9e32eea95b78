"""Markdown as a reader of the finished page has it: no marks, no link targets, nothing of its scripts."""

from __future__ import annotations

from pathlib import Path

import pytest

from index import Article, SentenceTransformerEmbedder
from index.articles import Known, read_corpus
from index.formats import Reading
from tests.conftest import chatbot_over, write_all

PROSE = (
    "The harbour bridge of Veldmar opened to traffic on Monday, two years behind schedule and with a ceremony that "
    "some 4,000 people came to see."
)


def read(folder: Path, source: str) -> Article:
    write_all(folder, {"a.md": source})
    (article,) = read_corpus(folder, Reading()).articles
    return article


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("It is **very** _big_, ~~said~~ `he` \\*so\\* &amp; on.", "It is very big, said he *so* & on."),
        ('See [the report](https://a.example/x "t"), [this][1].\n\n[1]: http://b.example', "See the report, this."),
        ("![A bridge](a.png) The bridge stands. [![x](a.png)](b)", "The bridge stands."),
        ("## What it cost\nMuch.\n\nIn all\n------\nMore.", "What it cost\n\nMuch.\n\nIn all\n\nMore."),
        ("> It is\n> over.\n>\n> — Mayor", "It is\nover.\n\n— Mayor"),
        ("```python\nx = 1\n```\n\n***\n\nEnd.", "x = 1\n\nEnd."),
        ("* one\n* **two**\n    * inner\n\n3. three\n4. four", "- one\n- two\n- inner\n\n3. three\n4. four"),
        ("- one\n\n  more\n\n- two", "- one\nmore\n- two"),
        ("One line  \nand the next<br>and this", "One line\nand the next\nand this"),
    ],
)
def test_marks_vanish(folder: Path, source: str, text: str) -> None:
    assert read(folder, source).text == text


def test_a_row_of_a_table_is_a_line_that_tells_its_columns(folder: Path) -> None:
    table = "| Item | Cost (€m) | |\n|:--|--:|---|\n| **Deck** | 120 | late |\n| Pylons | | |\n"
    assert read(folder, f"Costs:\n\n{table}").text == "Costs:\n\nItem: Deck; Cost (€m): 120; late.\nItem: Pylons."


def test_html_inside_is_text_and_its_scripts_are_nothing(folder: Path) -> None:
    source = (
        "A <b>bold</b> word<script>evil()</script>.\n\n<div onclick='evil()'><p>Raw &lt;p&gt;</p><style>evil{}</style>\n"
        "<p hidden>evil</p></div>\n\n<!-- evil -->\n\n<script>\nevil()\n\nevil()</script>\n\n"
        "<table><tr><td>a</td><td>b<table><tr><td>c</td></tr></table></td></tr></table>\n\n<ol start='99999999999'><li>x</ol>"
    )
    assert read(folder, source).text == "A bold word.\n\nRaw <p>\n\na; b c.\n\n1. x"


def test_what_holds_no_text_is_told(folder: Path) -> None:
    write_all(folder, {"a.md": "<script>evil()</script>\n\n![pic](a.png)", "b.txt": PROSE})
    assert [(item.path, item.reason) for item in read_corpus(folder).skipped] == [("a.md", "it holds no text")]


def test_deep_and_broken_sources_lose_no_text(folder: Path) -> None:
    source = f"{'> ' * 60}quoted\n\n\x1b[31m | odd |\n|-|-|\n|\x1b|x|\n\n{'<div>' * 1000}deep{'</div>' * 9}\n\nlast"
    assert {"quoted", "odd:", "deep", "last"} <= set(read(folder, source).text.replace("|", " ").split())


def test_titles_and_bylines(folder: Path) -> None:
    article = read(folder, f"## A *section* of it\n\n# The [whole](x)\n\n**By Jane Roe**\n\n{PROSE}\n\n# Not this")
    assert (article.title, article.author) == ("The whole", "Jane Roe")


def test_what_an_earlier_way_of_reading_gave_is_read_anew(folder: Path) -> None:
    write_all(folder, {"a.md": f"# A heading\n\n{PROSE}"})
    now = read_corpus(folder)
    stale = Article("a.md", "# raw", file="a.md")
    again = read_corpus(folder, known=Known(now.files, "an earlier one", {"a.md": [stale]}))
    assert again.articles == now.articles


def test_a_list_is_quoted_with_what_introduces_it(tmp_path: Path, embedder: SentenceTransformerEmbedder) -> None:
    source = f"# The bridge\n\n{PROSE}\n\nFree of the *toll* are:\n\n* **buses**\n* fire engines\n"
    answer = chatbot_over({"a.md": source}, tmp_path, embedder).ask("What is free of the toll?")
    assert answer.status == "answered"
    assert answer.sentences[0].text == "Free of the toll are: buses; fire engines"
    assert answer.citations[0].quote == "Free of the toll are:\n\n- buses\n- fire engines"
