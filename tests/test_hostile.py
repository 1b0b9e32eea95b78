"""A hostile corpus in a real Chromium: shown, cited, previewed, opened, listed and exported, it runs and fetches nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from markdown_it import MarkdownIt
from playwright.sync_api import Browser, Page, expect

from index import FaissStore, Options, SentenceTransformerEmbedder, build
from rag import Chatbot, Settings
from rag.llm import Extractive
from tests.conftest import write_all
from tests.hostile import FETCH, Hostile, corpus
from tests.windows import window


@dataclass(frozen=True, slots=True)
class Asked:
    """A server over the corpus, in which each article was asked for by its question, in one kept conversation."""

    address: str
    id: str
    answers: list[dict[str, Any]]
    texts: dict[str, str]


CORPUS = corpus()
TWO_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest.fixture(scope="module")
def asked(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory, embedder: SentenceTransformerEmbedder
) -> Iterator[Asked]:
    place = tmp_path_factory.mktemp("hostile")
    articles = place / "articles"
    articles.mkdir()
    write_all(articles, {made.name: made.text for made in CORPUS})
    settings = Settings.load(articles=articles, index=place / "index", data=place / "data")
    build(articles, settings.index, embedder=embedder, options=Options())
    chatbot = Chatbot(FaissStore.open(settings.index), embedder, Extractive(), settings)
    with window(chatbot, settings) as address:
        api = browser.new_context().request
        id = api.post(f"{address}/api/conversations", data={"name": CORPUS[0].name}).json()["id"]
        answers = [
            api.post(
                f"{address}/api/ask", data={"question": made.question, "as_asked": True, "conversation": id}
            ).json()
            for made in CORPUS
        ]
        texts = {made.name: api.get(f"{address}/api/articles/{quote(made.name)}").json()["text"] for made in CORPUS}
        yield Asked(address, id, answers, texts)


@pytest.fixture
def fetched(page: Page) -> Iterator[list[str]]:
    """The page's requests; none may have come from a payload, and none may have run."""
    urls: list[str] = []
    page.on("request", lambda request: urls.append(request.url))
    yield urls
    asked = [urlsplit(url) for url in urls]
    assert [url for url in asked if url.hostname not in ("127.0.0.1", None) or url.path in (FETCH, "/x")] == []
    assert page.evaluate("window.pwned") is None


def test_each_is_answered_and_cited_to_the_character(asked: Asked) -> None:
    assert len(CORPUS) >= 40
    for made, answer in zip(CORPUS, asked.answers, strict=True):
        assert (answer["status"], made.sum in answer["text"]) == ("answered", True), made.name
        assert answer["citations"][0]["article"] == made.name
        assert asked.texts[made.name] == made.text
        for citation in answer["citations"]:
            text = asked.texts[citation["article"]]
            assert text[citation["start"] : citation["end"]] == citation["quote"]
        assert "cheese" not in answer["text"].replace(made.text.splitlines()[2], "")


def test_the_window_shows_previews_and_marks_each(page: Page, fetched: list[str], asked: Asked) -> None:
    page.goto(f"{asked.address}/#talk-{asked.id}")
    expect(page.locator(".answer.answered")).to_have_count(len(CORPUS))
    strange = "script, img, svg, iframe, object, embed, form, input, style, link, meta, base, video, template, math"
    ours = ":is(.answer, .question, #panel article, #tip)"
    for turn, (made, answer) in enumerate(zip(CORPUS, asked.answers, strict=True), start=1):
        citation = answer["citations"][0]
        chip = page.locator(f"a[href='#cite-{turn}-1']").first
        _, told = (chip.get_attribute("title") or "").split(" —\n", 1)
        chip.scroll_into_view_if_needed()
        page.evaluate(TWO_FRAMES)  # what scrolls takes the note away
        chip.hover()
        expect(page.locator("#tip blockquote")).to_have_text(told)
        chip.click()
        mark = page.locator("#panel mark")
        expect(page.locator("#panel .key")).to_have_text(made.name, use_inner_text=False)
        assert mark.text_content() == citation["quote"], made.name
        whole = page.locator("#panel .text").text_content() or ""
        text = asked.texts[citation["article"]]
        assert whole in text
        assert whole == text or len(text) > 200_000
    assert page.locator(ours).locator(strange).count() == 0
    hrefs = page.locator(f"{ours} a").evaluate_all("(links) => links.map((link) => link.getAttribute('href'))")
    assert [href for href in hrefs if not href.startswith(("#", "/api/files/"))] == []


def test_the_library_lists_finds_and_shows_each(page: Page, fetched: list[str], asked: Asked) -> None:
    page.goto(f"{asked.address}/library")
    expect(page.locator("#count")).to_have_text(f"{len(CORPUS)} articles")
    titles = page.locator("#rows button.title")
    expect(titles).to_have_count(len(CORPUS))
    for number in (0, 9, 31, 40, len(CORPUS) - 1):
        titles.nth(number).click()
        expect(page.locator("#reading")).to_be_visible()
        shown = page.locator("#reading-text").text_content() or ""
        assert shown == CORPUS[number].text[:200_000]
        page.keyboard.press("Escape")
    assert page.locator(":is(main, dialog) :is(script, img, svg, iframe, object, embed, style, a)").count() == 0


@pytest.mark.parametrize("form", ["html", "markdown"])
def test_an_export_is_harmless_where_it_is_opened(
    browser: Browser, fetched: list[str], page: Page, asked: Asked, form: str, tmp_path: Path
) -> None:
    """Markdown is drawn as the laxest reader does it: with the HTML in it."""
    exported = page.request.get(f"{asked.address}/api/conversations/{asked.id}/export?format={form}")
    assert exported.headers["content-disposition"].startswith("attachment")
    document = exported.text()
    if form == "markdown":
        document = f'<meta charset="utf-8">{MarkdownIt("commonmark", {"html": True}).enable("table").render(document)}'
    (tmp_path / "export.html").write_text(document, encoding="utf-8")
    page.goto(f"{asked.address}/library")  # the fixture asks where the page came from
    opened = browser.new_page()
    urls: list[str] = []
    opened.on("request", lambda request: urls.append(request.url))
    opened.goto((tmp_path / "export.html").as_uri())
    opened.wait_for_timeout(200)
    assert opened.evaluate("window.pwned") is None
    assert urls == [(tmp_path / "export.html").as_uri()]
    assert opened.locator("body :is(script, img, svg, iframe, object, embed, form, link, base, style)").count() == 0
    hrefs = opened.locator("a").evaluate_all("(links) => links.map((link) => link.getAttribute('href'))")
    assert [href for href in hrefs if not href.startswith("#")] == []
    shown = " ".join((opened.locator("body").text_content() or "").split())
    for made in CORPUS[:30]:
        assert made.question in shown
        assert made.sum in shown
    opened.close()


def test_the_exported_json_is_the_answers(page: Page, fetched: list[str], asked: Asked) -> None:
    page.goto(f"{asked.address}/library")
    exported = page.request.get(f"{asked.address}/api/conversations/{asked.id}/export?format=json").json()
    assert exported["answers"] == asked.answers


def test_names_survive_the_generator() -> None:
    assert len({made.name for made in CORPUS}) == len(CORPUS)
    assert all(isinstance(made, Hostile) and len(made.name.encode()) < 255 for made in CORPUS)
