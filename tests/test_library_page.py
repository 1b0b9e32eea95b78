"""The page of the library in a real Chromium, over a folder of its own, hostile names among them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, Page, expect

from index import SentenceTransformerEmbedder
from tests.conftest import ROOT, write_all
from tests.test_library import BRIDGE, QUAY, SECRET, Shelf, zipped
from tests.windows import ask, served, window

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
Theme = Literal["light", "dark"]
HOSTILE_NAME = "<img src=x onerror='window.pwned=1'> {{7*7}} ${alert(1)}.txt"


@pytest.fixture(scope="module")
def shelf(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory, embedder: SentenceTransformerEmbedder
) -> Iterator[tuple[str, Path]]:
    """A server with uploads: its address and its articles folder."""
    texts: dict[str, str | bytes] = {
        "a.txt": BRIDGE, "b.txt": f"Lund Times\n\n{QUAY}", "copy.txt": BRIDGE, "photo.png": "x",
        HOSTILE_NAME: f"<script>window.pwned=1</script>\n\n{QUAY} [click](javascript:alert(1))\n",
    }  # fmt: skip
    shelf = Shelf(tmp_path_factory.mktemp("shelf"), embedder, texts)
    with window(shelf.chatbot, shelf.settings) as address:
        yield address, shelf.articles


def visit(page: Page, address: str, width: int = 1280, theme: Theme = "light") -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.goto(f"{address}/library")
    expect(page.locator("#count")).not_to_be_empty()


def rows(page: Page, text: str | re.Pattern[str] = "") -> list[str]:
    return page.locator("#rows [role=row]").filter(has_text=text).all_inner_texts()


def test_every_place_is_listed_found_and_read(page: Page, shelf: tuple[str, Path]) -> None:
    visit(page, shelf[0])
    expect(page.locator("#count")).to_have_text("3 articles · 1 duplicate · 1 skipped")
    assert "The same text as a.txt, shown once, under that name" in rows(page, "copy.txt")[0]
    assert "its kind is not read" in rows(page, "photo.png")[0]
    expect(page.get_by_role("button", name="Show more")).to_be_hidden()
    page.get_by_label("Show").select_option("Skipped")
    expect(page.locator("#rows [role=row]")).to_have_count(1)
    page.get_by_label("Show").select_option("Everything")
    page.get_by_label("Order").select_option("Longest first")
    page.get_by_label("Search").fill("quay ferries")
    expect(page.locator("#rows [role=row]")).to_have_count(2)
    page.get_by_label("Search").fill("nothing-like-that")
    expect(page.locator("#count")).to_have_text("Nothing matches.")
    page.get_by_label("Search").fill("vik")
    page.locator("#rows button.title").first.click()
    expect(page.locator("#reading-text")).to_have_text(BRIDGE, use_inner_text=False)
    page.keyboard.press("Escape")
    expect(page.locator("#reading")).to_be_hidden()


def test_a_list_that_is_the_same_stays_under_the_reader_s_hand(page: Page, shelf: tuple[str, Path]) -> None:
    visit(page, shelf[0])
    page.get_by_label("Search").fill("bridge")
    expect(page.locator("#rows [role=row]")).to_have_count(2)
    page.locator("#rows button.title").first.focus()
    for _ in range(2):  # when the second reply is there, the first one is drawn
        with page.expect_response("**/api/articles?*"):
            page.locator("#tools").evaluate("(form) => form.requestSubmit()")
    expect(page.locator("#rows button.title").first).to_be_focused()


def test_articles_are_added_and_removed(page: Page, shelf: tuple[str, Path], tmp_path: Path) -> None:
    address, articles = shelf
    write_all(tmp_path, {"zoo.txt": SECRET, "again.txt": BRIDGE, "photo.gif": "x", "empty.txt": "", "hi.txt": "hello"})
    write_all(tmp_path, {"news.zip": zipped({"one.txt": f"{SECRET} Once.", "two.exe": b"MZ", "../three.txt": QUAY})})
    visit(page, address)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Add articles").click()
    chooser.value.set_files(sorted(tmp_path.iterdir()))
    told = page.locator("#uploads li")
    expect(told).to_have_count(6)
    for name, says in (
        ("zoo.txt", "1 article indexed"), ("again.txt", "the same text as a.txt, shown once"), ("photo.gif", "Not added. Its kind"),
        ("hi.txt", "1 article indexed; it is very short (5 characters): is it the whole article?"),
        ("empty.txt", "Not added. It is empty."), ("news.zip", "two.exe skipped: its kind is not read"),
    ):  # fmt: skip
        expect(told.filter(has_text=name)).to_contain_text(says)
    expect(told.filter(has_text="news.zip")).to_contain_text("three.txt skipped: its name leads out")
    assert sorted(path.name for path in (articles / "up").iterdir()) == ["again.txt", "hi.txt", "news.zip", "zoo.txt"]

    page.get_by_label("Search").fill("zoo.txt")
    expect(page.locator("#rows [role=row]")).to_have_count(1)
    page.get_by_role("button", name="Remove up/zoo.txt").click()
    page.get_by_role("button", name="Keep it").click()
    assert (articles / "up" / "zoo.txt").exists()
    page.get_by_role("button", name="Remove up/zoo.txt").click()
    page.get_by_role("button", name="Remove it").click()
    expect(page.locator("#count")).to_have_text("Nothing matches.")
    assert not (articles / "up" / "zoo.txt").exists()
    page.get_by_label("Search").fill("news.zip")
    page.get_by_role("button", name="Remove up/news.zip").first.click()
    expect(page.locator("#removing-what")).to_contain_text("with all that it holds")
    page.get_by_role("button", name="Remove it").click()
    expect(page.locator("#count")).to_have_text("Nothing matches.")
    (articles / "up" / "again.txt").unlink()
    page.get_by_role("button", name="Re-index").click()
    expect(page.locator("#work")).to_contain_text("1 removed")


def test_what_the_server_refuses_is_told(browser: Browser, shelf: tuple[str, Path], tmp_path: Path) -> None:
    (tmp_path / "README.txt").write_text("<b>About</b>", encoding="utf-8")
    page = browser.new_page()  # a refusal is an error of the console too
    visit(page, shelf[0])
    page.locator("#files").set_input_files(tmp_path / "README.txt")
    expect(page.locator("#uploads li")).to_contain_text("Not added. A file of this name is a note")
    page.close()


def test_an_index_that_cannot_be_built_is_told_with_the_mend(
    page: Page, tmp_path: Path, embedder: SentenceTransformerEmbedder
) -> None:
    shelf = Shelf(tmp_path, embedder, {"a.txt": BRIDGE})
    aside = shelf.settings.index.rename(tmp_path / "aside")
    shelf.settings.index.write_text("in the way", encoding="utf-8")
    (tmp_path / "zoo.txt").write_text(SECRET, encoding="utf-8")
    with window(shelf.chatbot, shelf.settings) as address:
        visit(page, address)
        page.locator("#files").set_input_files(tmp_path / "zoo.txt")
        told = page.locator("#uploads li")
        expect(told).to_contain_text("up/zoo.txt is in the folder, but not in the index.")
        expect(told).to_contain_text(str(shelf.settings.index))
        expect(page.locator("#trouble")).to_contain_text("Then press “Re-index”.")
        expect(page.get_by_text("Waiting for the index")).to_have_count(0)
        shelf.settings.index.unlink()
        aside.rename(shelf.settings.index)
        page.get_by_role("button", name="Re-index").click()
        expect(page.locator("#work")).to_contain_text("1 added")
        expect(page.locator("#trouble")).to_be_empty()


def test_hostile_names_and_texts_are_shown_and_do_nothing(page: Page, shelf: tuple[str, Path]) -> None:
    visit(page, shelf[0])
    assert HOSTILE_NAME in rows(page, "onerror")[0]
    page.locator("#rows [role=row]").filter(has_text="onerror").locator("button.title").click()
    expect(page.locator("#reading-text")).to_contain_text("<script>window.pwned=1</script>")
    expect(page.locator("#reading-about")).to_contain_text(HOSTILE_NAME)
    assert page.locator("main :is(img, script, a), dialog :is(img, script, a)").count() == 0
    assert page.evaluate("window.pwned") is None


def test_the_keyboard_is_enough(page: Page, shelf: tuple[str, Path]) -> None:
    visit(page, shelf[0])
    page.get_by_label("Search").focus()
    page.keyboard.type("bridge")
    expect(page.locator("#rows [role=row]")).to_have_count(2)
    for name in ("state", "order", "reindex", "add"):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.id") == name
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#reading-text")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#rows button.title").first).to_be_focused()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280, 2560])
def test_the_page_suits_every_width_and_everybody(
    page: Page, shelf: tuple[str, Path], width: int, theme: Theme
) -> None:
    visit(page, shelf[0], width, theme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.documentElement.classList.contains('dark')") == (theme == "dark")
    if folder := os.environ.get("DATELINE_PICTURES"):
        page.screenshot(path=f"{folder}/library-{width}-{theme}.png")
    assert serious(page) == []
    page.locator("#rows button.title").first.click()
    expect(page.locator("#reading-text")).to_be_visible()
    assert serious(page) == []
    box = page.locator("#reading").bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width


def serious(page: Page) -> list[str]:
    """What axe-core finds that keeps somebody from using the page."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run().then((results) => results.violations)")
    return [
        f"{item['id']}: {[node['html'][:200] for node in item['nodes']]}"
        for item in found
        if item["impact"] in ("serious", "critical", "moderate")
    ]


def test_an_empty_folder_is_served_and_filled(page: Page, tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    (tmp_path / "a.txt").write_text(SECRET, encoding="utf-8")
    settings = {"DATELINE_ARTICLES": str(tmp_path / "articles"), "DATELINE_UPLOADS": "up"}
    with served(ROOT / "ui.py", tmp_path, **settings) as address:
        page.goto(address)
        expect(page.locator("#chat")).to_contain_text("There are no articles yet.")
        ask(page, "When will Xanadupolis close its zoo?")
        expect(page.locator(".abstained .explanation")).to_contain_text("There are no articles yet")
        page.get_by_role("button", name="New chat").click()
        page.locator("#chat").get_by_role("link", name="Articles").click()
        expect(page.locator("#count")).to_have_text("There are no articles yet.")
        page.locator("#files").set_input_files(tmp_path / "a.txt")
        expect(page.locator("#uploads li")).to_contain_text("1 article indexed")
        page.get_by_role("link", name="Ask them").click()
        expect(page.locator("#chat .example")).to_have_text("What did the mayor Ola Nordmann say?")
        ask(page, "When will Xanadupolis close its zoo?")
        expect(page.locator(".answered .text")).to_contain_text("in May")
        page.close()  # before the server: an open page looks for it again, and its console says so


def test_the_window_leads_to_the_library_and_back(page: Page, shelf: tuple[str, Path]) -> None:
    page.goto(shelf[0])
    page.get_by_role("link", name="Articles").click()
    expect(page.get_by_role("heading", name="Articles")).to_be_visible()
    page.get_by_role("link", name="Ask them").click()
    expect(page.locator("#box textarea")).to_be_editable()
