"""Each format read right: text, address, and what is known of the article; sidecar and front matter over all."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from index import Article
from index.articles import read_corpus
from index.formats import Reading
from index.metadata import iso_day, language_code, one_line
from tests.conftest import names, write_all

BODY = (
    "The minister said on Monday that the border would be closed until the talks have ended.\n"
    "Opposition leaders denied that they had ever agreed to it and asked for a vote in parliament."
)
PAGE = f"""<?xml version="1.0" encoding="utf-8"?>
<html lang="en-GB"><head><title>Border to close | The Daily Wire</title>
<meta property="og:site_name" content="The Daily Wire"><meta name="author" content="Jane Roe">
<meta property="article:published_time" content="2024-05-06T07:00:00Z">
<script>document.write("evil")</script></head><body><nav><a href="/">Home</a> <a href="/news">News</a></nav>
<article><h1>Border to close</h1><p>{BODY.replace(chr(10), "</p><p>")}</p><script>var more = "evil";</script></article>
</body></html>"""


def read(folder: Path, files: dict[str, str | bytes], reading: Reading | None = None) -> dict[str, Article]:
    write_all(folder, files)
    return {article.key: article for article in read_corpus(folder, reading or Reading()).articles}


def known(article: Article) -> tuple[str | None, ...]:
    return article.title, article.outlet, article.author, article.published, article.url, article.language


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def pdf(text: str, *, password: str | None = None) -> bytes:
    from pypdf import PdfWriter
    from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

    writer = PdfWriter()
    page = writer.add_blank_page(300, 300)
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    fonts = DictionaryObject({NameObject("/F1"): writer._add_object(font)})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    stream = DecodedStreamObject()
    stream.set_data(b"BT /F1 12 Tf 10 200 Td (" + text.encode("latin-1") + b") Tj ET" if text else b"")
    page[NameObject("/Contents")] = writer._add_object(stream)
    writer.add_metadata({"/Title": "Border to close", "/Author": "Jane Roe"})
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def test_html(folder: Path) -> None:
    article = read(folder, {"a.html": PAGE, "b.htm": PAGE.replace("closed", "shut")})["a.html"]
    assert known(article) == ("Border to close", "The Daily Wire", "Jane Roe", "2024-05-06", None, "en")
    assert BODY.split("\n")[0] in article.text
    assert "evil" not in article.text
    assert "News" not in article.text


def test_what_works_a_page_is_no_text_of_it(folder: Path) -> None:
    first, second = BODY.split("\n")[0], "The mayor of the town said that she " + "really " * 20 + "knew."
    links = "<li><a href='#'>{}</a></li>"
    controls = (
        f"<ul>{links.format('Share')}{links.format('Most read')}</ul><button>Share this article</button>"
        "<p role='button'>Sign in here</p><div aria-hidden='true'>Icon</div><p>- Share on Facebook</p><p>Advertisement</p>"
        "<ul><li>Share</li></ul><p><a href='/next'>Read more</a></p><div role='navigation'><p>Next story</p></div>"
    )
    own = (
        f"<p>Two lands took part:</p><ul>{links.format('France')}{links.format('Sweden')}</ul>"
        f"<h2>Who left</h2><ul>{links.format('Norway')}</ul><p>Share prices fell.</p><ul><li>Read more books</li></ul>"
        f"<div role='dialog'><p>{second}</p></div>"
    )
    body = f"<h1>Border</h1>{controls}<p>{first}</p>{own}{controls}<p>It ended on Tuesday.</p>{controls}"
    prose = "".join(f"<p>{number}. {first}</p>" for number in range(9))
    text = read(folder, {"a.html": f"<html><body><article>{body}{prose}</article></body></html>"})["a.html"].text
    for line in ("Two lands took part:", "- France", "- Sweden", "Who left", "- Norway", "Share prices fell.",
                 "- Read more books", second, "It ended on Tuesday."):  # fmt: skip
        assert line in text.split("\n"), line
    for word in ("Most read", "this article", "Sign in", "Icon", "Facebook", "Advertisement", "- Share\n", "Next"):
        assert word not in text, word


def test_html_in_its_declared_encoding(folder: Path) -> None:
    page = (
        PAGE.replace("utf-8", "x").replace("<head>", '<head><meta charset="windows-1251">').replace("ended", "начались")
    )
    article = read(folder, {"a.html": page.encode("cp1251")})["a.html"]
    assert "начались" in article.text
    assert article.encoding == "windows-1251"


def test_markdown_with_front_matter(folder: Path) -> None:
    front = "---\ntitle: 'Border: closed'\ndate: 2024-05-06\nauthors: [Jane Roe, John Doe]\nlang: en\n---\n\n"
    articles = read(
        folder, {"a.md": front + BODY, "b.md": "# Heading\n\nText without it.", "c.md": "---\n: [\n---\nText."}
    )
    assert known(articles["a.md"]) == ("Border: closed", None, "Jane Roe, John Doe", "2024-05-06", None, "en")
    assert articles["a.md"].text == BODY
    assert articles["b.md"].text == "Heading\n\nText without it."
    assert articles["c.md"].text == "---\n: [\n---\nText."


def test_pdf(folder: Path) -> None:
    article = read(folder, {"a.pdf": pdf("The border will be closed on Monday.")})["a.pdf"]
    assert article.text == "The border will be closed on Monday."
    assert known(article)[:4] == ("Border to close", None, "Jane Roe", None)


def test_pdf_without_its_extra(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pypdf", None)
    write_all(folder, {"a.pdf": pdf("Text.") if "pypdf" not in sys.modules else b"%PDF-1.4", "b.txt": "Fine."})
    corpus = read_corpus(folder)
    assert [article.key for article in corpus.articles] == ["b.txt"]
    assert "dateline[pdf]" in corpus.skipped[0].reason


def test_jsonl(folder: Path) -> None:
    rows = [
        {"id": "x-1", "headline": "Closed", "body": BODY, "source": {"name": "The Wire"}, "publish_date": "2017/2/7",
         "link": "https://example.org/a", "byline": ["Jane Roe", "John Doe"], "lang": "EN-us"},
        {"id": 7, "text": ["One paragraph.", "Another."], "date": 1_486_425_600},
        {"text": "No key, so its line is its key.", "date": "3/4/2024", "url": "javascript:alert(1)"},
        {"text": "Where no outlet is told, its site is.", "url": "https://www.wire.example.org/a?b=1"},
    ]  # fmt: skip
    articles = read(folder, {"a.jsonl": "\n".join(map(json.dumps, rows)) + "\n"})
    assert list(articles) == ["a.jsonl#x-1", "a.jsonl#7", "a.jsonl#3", "a.jsonl#4"]
    first, second, third, fourth = articles.values()
    assert known(first) == ("Closed", "The Wire", "Jane Roe, John Doe", "2017-02-07", "https://example.org/a", "en")
    assert (first.text, first.file) == (BODY, "a.jsonl")
    assert (second.text, second.published) == ("One paragraph.\n\nAnother.", "2017-02-07")
    assert (third.outlet, third.published, third.url) == (None, None, None)
    assert fourth.outlet == "wire.example.org"


def test_json(folder: Path) -> None:
    files: dict[str, str | bytes] = {
        "one.json": json.dumps({"title": "One", "content": "First."}),
        "list.json": json.dumps([{"id": "a", "text": "Second."}, {"text": "Third."}]),
        "envelope.json": json.dumps({"articles": [{"id": "b", "text": "Fourth."}]}),
    }
    articles = read(folder, files)
    assert {key: article.text for key, article in articles.items()} == {
        "one.json": "First.", "list.json#a": "Second.", "list.json#2": "Third.", "envelope.json#b": "Fourth.",
    }  # fmt: skip


def test_json_with_fields_of_ones_own(folder: Path) -> None:
    row = {"nr": "k", "Text": "no", "inhalt": "Ja.", "titel": "T"}
    reading = Reading(json_fields={"text": "Inhalt", "key": "nr", "title": "titel"})
    article = read(folder, {"a.jsonl": json.dumps(row)}, reading)["a.jsonl#k"]
    assert (article.text, article.title) == ("Ja.", "T")


def test_zip(folder: Path) -> None:
    inner = {
        "a.txt": "Rain.",
        "deep/b.jsonl": json.dumps({"id": "k", "text": "Snow."}),
        "c.html": PAGE,
        "README.md": "x",
    }
    articles = read(folder, {"news.zip": zipped(inner)})
    assert list(articles) == ["news.zip/a.txt", "news.zip/deep/b.jsonl#k", "news.zip/c.html"]
    assert {article.file for article in articles.values()} == {"news.zip"}


def test_zip_in_zip_to_the_depth_allowed(folder: Path) -> None:
    outer = zipped({"inner.zip": zipped({"a.txt": "Rain."})})
    assert list(read(folder, {"a.zip": outer}, Reading(max_archive_depth=2))) == ["a.zip/inner.zip/a.txt"]
    corpus = read_corpus(folder)
    assert names(corpus.skipped) == ["a.zip/inner.zip"]
    assert "DATELINE_MAX_ARCHIVE_DEPTH" in corpus.skipped[0].reason


def test_the_sidecar_overrides(folder: Path) -> None:
    sidecar = (
        "file,title,date,outlet,language\n"
        "a.md,From the sidecar,2020-01-02,,fr\n"
        "b.jsonl#k,Its own,,,\n"
        "b.jsonl,,,Wire,\n"
        "c.txt,,not a day,,\n"
        "gone.txt,Nobody,,,\n"
    )
    files: dict[str, str | bytes] = {
        "articles.csv": sidecar,
        "a.md": f"---\ntitle: From the front\nauthor: Jane Roe\n---\n{BODY}",
        "b.jsonl": json.dumps({"id": "k", "title": "x", "outlet": "y", "text": "Rain fell."}),
        "c.txt": "Snow fell.",
    }
    articles = read(folder, files)
    assert known(articles["a.md"]) == ("From the sidecar", None, "Jane Roe", "2020-01-02", None, "fr")
    assert known(articles["b.jsonl#k"])[:2] == ("Its own", "Wire")
    remarks = {item.reason for item in read_corpus(folder).remarks}
    assert remarks == {"row 5: 'not a day' is no published", "there is no article 'gone.txt'"}


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_sidecar_as_a_spreadsheet_saves_it(folder: Path, separator: str, encoding: str) -> None:
    rows = [["File", "Title", "date"], ["a.txt", '"Fire, flood; and snow"', "2020-01-02"]]
    sidecar = "".join(separator.join(row) + "\r\n" for row in rows).encode(encoding)
    article = read(folder, {"articles.csv": sidecar, "a.txt": "Rain fell."})["a.txt"]
    assert known(article)[:4] == ("Fire, flood; and snow", None, None, "2020-01-02")
    assert not read_corpus(folder).remarks


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;;;"])
def test_a_sidecar_that_names_its_separator(folder: Path, first: str) -> None:
    sidecar = (
        f"{first}\r\nfile;title, as told;outlet;date\r\na.txt;Fire, flood, snow;Wire;5 May 2020\r\na.txt;;;no day\r\n"
    )
    assert read(folder, {"articles.csv": sidecar, "a.txt": "Rain fell."}).keys() == {"a.txt"}
    assert [item.reason for item in read_corpus(folder).remarks] == ["row 4: 'no day' is no published"]
    write_all(folder, {"articles.csv": sidecar.rsplit("a.txt", 1)[0]})
    (article,) = read_corpus(folder).articles
    assert known(article)[1:4] == ("Wire", None, "2020-05-05")


def test_a_sidecar_without_its_column_is_remarked_once(folder: Path) -> None:
    write_all(folder, {"articles.csv": "name;date\na.txt;2020-01-02\nb.txt;2020-01-03\n", "a.txt": "Rain."})
    (remark,) = read_corpus(folder).remarks
    assert "no column `file`" in remark.reason
    assert "wanted are file, title, outlet, author, date, url, language" in remark.reason
    assert "found are name, date" in remark.reason


@pytest.mark.parametrize("broken", [b"", b"\0\1", b'file,title\n"open', b"title\nx\n", b"file\n"])
def test_a_broken_sidecar_is_remarked_and_stops_nothing(folder: Path, broken: bytes) -> None:
    assert list(read(folder, {"articles.csv": broken, "a.txt": "Rain."})) == ["a.txt"]


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2024-05-06", "2024-05-06"),
        ("2024-05-06T23:59:59+02:00", "2024-05-06"),
        ("2017/2/7", "2017-02-07"),
        ("Mon, 06 May 2024 07:00:00 GMT", "2024-05-06"),
        ("May 6, 2024", "2024-05-06"),
        ("6 May 2024", "2024-05-06"),
        (1_714_978_800, "2024-05-06"),
        (1_714_978_800_000, "2024-05-06"),
        ("2024-02-31", None),
        ("05/06/2024", None),
        (float("nan"), None),
        (float("inf"), None),
        (10**30, None),
        (2024, None),
        (True, None),
        ("soon", None),
        ({}, None),
    ],
)
def test_days(value: object, day: str | None) -> None:
    assert iso_day(value) == day


def test_what_makes_no_sense_is_not_known() -> None:
    assert one_line(" a\nb\u202e\x00 ") == "a b"
    assert one_line("x" * 301) is None
    assert one_line(3.5) is None
    assert language_code("pt_BR") == "pt"
    assert language_code("English") is None


def test_language_is_told_when_there_is_no_doubt(folder: Path) -> None:
    german = "Der Minister sagte am Montag, dass die Grenze bis zum Ende der Gespräche geschlossen bleiben werde. " * 2
    articles = read(folder, {"a.txt": german, "b.txt": "Oui.", "c.txt": BODY})
    assert [article.language for article in articles.values()] == ["de", None, "en"]
