"""The ways through the window that a reader takes, in a real Chromium, from a telephone to a large screen.

Each is walked at three widths, and axe-core looks at the main states in light and in dark. Every page fails when it logs an
error or when a request leaves the machine (tests/windows.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.conftest import ROOT
from tests.fake_server import fake_server
from tests.windows import DUSHANBE, ask, leave_source, served, visit, watched

CASUALTIES = "How many casualties did the attack cause?"
PHONE, DESK, WALL = (390, 844), (1280, 800), (2560, 1440)
SIZES = pytest.mark.parametrize("screen", [PHONE, DESK, WALL], indirect=True, ids=["390", "1280", "2560"])
# How much of what is in sight jumps, as browsers count it; below a tenth is called good (web.dev, Cumulative Layout Shift).
SHIFTS = """() => {
    window.shifts = 0;
    const add = (list) => list.getEntries().forEach((entry) => { window.shifts += entry.value; });
    new PerformanceObserver(add).observe({type: "layout-shift"});
}"""
GOOD_SHIFT = 0.1
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
PAPER = {"light": "rgb(251, 250, 247)", "dark": "rgb(23, 23, 23)"}  # of static/ui.css
NOT_DARK = re.compile(r"^(?!.*\bdark\b)")
# Replies take half a second longer, as they may on a busy server.
SLOW = """() => {
    const fetch = window.fetch;
    window.fetch = (...how) => new Promise((go) => setTimeout(go, 500)).then(() => fetch(...how));
}"""
PASSWORD = "correct horse: battery"
WRITTEN = ["Tajik officials have openly criticized ", "the Taliban [1]. ", "The moon is made of cheese [1]."]


@pytest.fixture(scope="module")
def window(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The window over the seeds, with a user, and beside a server that has the model "small"."""
    with fake_server(WRITTEN) as models:
        settings = {"DATELINE_BASE_URL": models.url + "/v1", "DATELINE_USER": "ada", "DATELINE_PASSWORD": PASSWORD}
        with served(ROOT / "ui.py", tmp_path_factory.mktemp("flows"), **settings) as address:
            yield address


@pytest.fixture
def screen(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    width, height = request.param
    size, signed_in = {"width": width, "height": height}, {"username": "ada", "password": PASSWORD}
    with watched(browser, viewport=size, http_credentials=signed_in) as page:
        yield page


def accessible(page: Page) -> None:
    """In light and in dark: the colours are the scheme's and the text is there, axe-core finds no fault that it calls
    serious or critical (too little contrast is one), and nothing is wider than the screen."""
    size = page.viewport_size
    assert size
    texts = set()
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # a colour on its way is neither
        expect(page.locator("body")).to_have_class(re.compile(r"\bdark\b") if scheme == "dark" else NOT_DARK)
        expect(page.locator("body")).to_have_css("background-color", PAPER[scheme])
        found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
        serious = [one for one in found if one["impact"] in ("serious", "critical")]
        told = [(one["id"], [(node["html"][:160], node["failureSummary"]) for node in one["nodes"]]) for one in serious]
        assert not told, (scheme, told)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        texts.add(page.locator("body").inner_text())
    assert len(texts) == 1
    assert texts != {""}


def marked(page: Page) -> tuple[str, str]:
    """What the panel marks, and the file's text there."""
    mark = page.locator("#panel mark")
    expect(mark).to_be_in_viewport()
    text = (ROOT / "seeds" / page.locator("#panel .key").inner_text()).read_bytes().decode()
    start = page.locator("#panel .text").evaluate(
        "(text) => { const range = document.createRange(); range.selectNodeContents(text);"
        " range.setEndBefore(text.querySelector('mark')); return [...range.toString()].length; }"
    )
    quote = mark.text_content() or ""
    return quote, text[start : start + len(quote)]


@SIZES
def test_reading(screen: Page, window: str) -> None:
    visit(screen, window)
    accessible(screen)
    ask(screen, CASUALTIES)
    expect(screen.locator(".answered .feedback")).to_be_visible()
    expect(screen.locator("#chat button").filter(visible=True)).to_have_count(0)  # nothing lies over the text
    first = screen.locator('.answered a[href="#cite-1-1"]').first
    expect(first).to_have_accessible_name("1, quoted word for word")
    expect(screen.locator(".legend")).to_contain_text("quoted word for word")
    where, quote = (first.get_attribute("title") or "").split(" —\n", 1)
    first.focus()
    expect(screen.locator("#tip p")).to_have_text(where)
    expect(screen.locator("#tip blockquote")).to_have_text(quote)
    screen.keyboard.press("Enter")
    one = marked(screen)
    assert one[0] == one[1] != ""
    title = screen.locator("#panel h2").inner_text()
    assert screen.locator("#panel article").inner_text().count(title) == 1  # though the file begins with it
    expect(screen.locator("#panel .place")).to_have_text(re.compile("^1 of [2-9]$"))
    expect(screen.get_by_role("button", name="Previous")).to_be_disabled()
    screen.get_by_role("button", name="Next").press("Enter")
    expect(screen.locator("#panel .place")).to_have_text(re.compile("^2 of [2-9]$"))
    expect(screen.get_by_role("button", name="Next")).to_be_focused()
    two = marked(screen)
    assert two[0] == two[1] not in ("", one[0])
    expect(screen.locator('a[href="#cite-1-2"]').first).to_have_attribute("aria-current", "true")
    with screen.expect_download() as download:
        screen.get_by_role("link", name="The file").click()
    key = screen.locator("#panel .key").inner_text()
    assert download.value.path().read_bytes() == (ROOT / "seeds" / key).read_bytes()
    screen.get_by_text("All sources of this answer").click()
    screen.locator("#panel .others .way").last.click()
    expect(screen.locator("#panel .kind")).to_have_text("Passage found")
    assert len(set(marked(screen))) == 1
    accessible(screen)


@SIZES
def test_keeping(screen: Page, window: str) -> None:
    visit(screen, window)
    ask(screen, DUSHANBE)
    screen.get_by_role("button", name="Something missing").click()
    choice = screen.locator(".choice")
    expect(choice).to_be_visible()
    expect(screen.get_by_role("button", name="Take back")).to_be_focused()
    accessible(screen)
    offered = choice.locator("a.gold").count()
    choice.get_by_role("button", name="Not among these").press(" ")
    expect(choice).to_contain_text("Found besides:")
    chosen = choice.locator("a.gold").nth(offered)
    quote = chosen.inner_text()
    chosen.click()
    expect(screen.locator(".said")).to_contain_text("Kept as a test: the answer must cite")
    first = choice.locator("a.gold:not(.none)").first
    second = first.inner_text()
    first.press(" ")
    expect(screen.locator(".said")).to_contain_text("the answer must cite one of 2 sentences")
    expect(first).to_have_class("gold chosen")
    expect(choice).to_be_visible()
    expect(first).to_be_focused()
    test = json.loads(screen.request.get(f"{window}/api/feedback").text().splitlines()[-1])
    assert {quote, second} == {text for gold in test["evidence"] for text in gold["quotes"]}

    screen.reload()
    expect(screen.locator(".said")).to_contain_text("Kept as a test")
    screen.locator("a.cite").first.click()
    assert len(set(marked(screen))) == 1
    leave_source(screen)

    screen.get_by_role("button", name="Conversations").press("Enter")
    dialog = screen.get_by_role("dialog", name="Conversations")
    row = dialog.locator("li").first
    expect(row.locator(".open")).to_have_attribute("aria-current", "true")
    expect(row.locator(".meta")).to_have_text(re.compile(r"^today \d\d?:\d\d.* · 1 answer$"))
    row.get_by_role("button", name="Rename").click()
    dialog.get_by_role("textbox", name="New name").fill("The <b>fence</b>")
    screen.keyboard.press("Enter")
    expect(row.locator(".open")).to_have_text("The <b>fence</b>")
    dialog.get_by_role("searchbox").fill("nothing has this word")
    expect(dialog.get_by_role("status")).to_have_text("No conversation has these words.")
    dialog.get_by_role("searchbox").fill("fence dushanbe")
    expect(dialog.locator("li")).to_have_count(1)
    accessible(screen)
    for form, begins in (("Markdown", "# The \\<b\\>fence"), ("HTML", "<!doctype html>"), ("JSON", "{")):
        with screen.expect_download() as download:
            row.get_by_role("link", name=form).click()
        assert download.value.path().read_text(encoding="utf-8").startswith(begins)
        assert re.fullmatch(r"The-b-fence-b-\d{4}-\d\d-\d\d\.(md|html|json)", download.value.suggested_filename)
    screen.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(screen.get_by_role("button", name="Conversations")).to_be_focused()

    screen.get_by_role("button", name="New chat").click()
    expect(screen.locator(".answer")).to_have_count(0)
    screen.get_by_role("button", name="Conversations").click()
    row.locator(".open").click()
    expect(screen.locator(".said")).to_contain_text("Kept as a test")
    screen.evaluate(SLOW)
    with screen.expect_response(f"{window}/api/conversations?*"):
        screen.get_by_role("button", name="Conversations").click()
        row.get_by_role("button", name="Rename").wait_for()
    with screen.expect_response(re.compile("query=fence")):  # a late reply does not draw over the form
        dialog.get_by_role("searchbox").fill("fence")
        row.get_by_role("button", name="Rename").click()
    dialog.get_by_role("textbox", name="New name").press("Escape")
    row.get_by_role("button", name="Delete").click()
    row.get_by_role("button", name="Delete for good").click()
    expect(dialog.get_by_text("The <b>fence</b>")).to_have_count(0)
    dialog.get_by_role("button", name="Close").click()
    expect(screen.locator(".answer")).to_have_count(0)
    assert "#" not in screen.url


def test_a_conversation_outlives_the_server(browser: Browser, tmp_path: Path) -> None:
    with served(ROOT / "ui.py", tmp_path) as address, watched(browser) as page:
        visit(page, address)
        ask(page, DUSHANBE)
        page.get_by_role("button", name="Right").click()
        expect(page.locator(".said")).to_contain_text("Kept as a test")
        told = page.locator("#chat").inner_text()
        kept = page.url.removeprefix(address)
    with served(ROOT / "ui.py", tmp_path) as address, watched(browser) as page:
        page.goto(address + kept)
        expect(page.locator(".said")).to_contain_text("Kept as a test")
        assert page.locator("#chat").inner_text() == told
        page.locator("a.cite").first.click()
        assert len(set(marked(page))) == 1
        ask(page, "And why?")
        expect(page.locator(".answer").nth(1)).to_contain_text("Understood as")


@SIZES
def test_asking(screen: Page, window: str) -> None:
    visit(screen, window)
    screen.evaluate(SHIFTS)
    ask(screen, DUSHANBE)
    expect(screen.locator(".answered .feedback")).to_be_visible()
    assert screen.evaluate("window.shifts") < GOOD_SHIFT
    screen.get_by_role("button", name="Edit").click()
    expect(screen.locator("#bar")).to_contain_text("Its answer is replaced")
    expect(screen.locator("#box textarea")).to_have_value(DUSHANBE)
    expect(screen.locator("#box textarea")).to_be_focused()

    screen.get_by_role("button", name="All articles").click()
    screen.get_by_role("combobox", name="Outlets").click()
    screen.get_by_role("option", name="DID Press").click()
    screen.keyboard.press("Escape")
    expect(screen.get_by_role("button", name="Only articles: DID Press")).to_be_visible()
    filters = screen.locator("#scope").bounding_box()
    assert filters
    assert screen.viewport_size
    assert filters["height"] < screen.viewport_size["height"] / 3
    screen.get_by_role("button", name="Quoted from the articles").click()
    other = screen.get_by_role("combobox", name="Beside it")
    other.click()
    screen.get_by_role("option", name="openai:small").click()
    expect(
        screen.get_by_role("button", name="Side by side: Quoted from the articles, no language model; openai:small")
    ).to_be_visible()

    ask(screen, f"{DUSHANBE} Now")
    expect(screen.get_by_label("Published since")).to_be_hidden()  # what was opened gives its room to the answer
    expect(other).to_be_hidden()
    expect(screen.get_by_role("button", name="Only articles: DID Press")).to_be_visible()
    pair = screen.locator(".pair .answer")
    expect(pair.nth(0).locator(".model")).to_have_text("Quoted from the articles, no language model")
    expect(pair.nth(1).locator(".model")).to_have_text("openai:small")
    expect(pair.nth(1).locator(".text")).to_contain_text("Tajik officials have openly criticized the Taliban")
    expect(pair.nth(0).locator(".scope")).to_contain_text("outlet DID Press")
    expect(screen.locator(".question")).to_have_text(f"{DUSHANBE} Now")
    expect(screen.locator("#bar p")).to_have_count(0)
    expect(pair.nth(0).locator("a.cite").first).to_have_accessible_name("1, quoted word for word")
    expect(pair.nth(1).locator("a.cite").first).to_have_accessible_name("1, supported by the passage")
    expect(screen.locator(".legend")).to_have_count(1)
    removed = pair.nth(1).locator(".removed")
    removed.locator("summary").click()
    expect(removed.locator("del")).to_have_text(re.compile("moon"))
    pair.nth(1).locator("a.cite").first.click()
    assert len(set(marked(screen))) == 1
    accessible(screen)
