"""Takes the pictures of the window in docs/: `make pictures`. Each is a state that a reader comes to, over the seeds."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from tests.conftest import FLAGS, ROOT, chromium
from tests.fake_server import fake_server
from tests.windows import DUSHANBE, ask, served, visit, watched

CASUALTIES = "How many casualties did the attack cause?"
WRITTEN = ["Tajik officials have openly criticized the Taliban [1]. ", "The moon is made of cheese [1]."]
SMALL, WIDE, LARGE = {"width": 390, "height": 844}, {"width": 1280, "height": 800}, {"width": 2560, "height": 1440}


def first(page: Page) -> None:
    expect(page.locator("#chat .example").first).to_be_visible()


def source(page: Page, question: str = DUSHANBE) -> None:
    ask(page, question)
    page.locator(".answered a.cite").first.click()
    expect(page.locator("#panel mark")).to_be_in_viewport()
    page.mouse.move(0, 0)


def preview(page: Page) -> None:
    ask(page, CASUALTIES)
    page.locator(".answered a.cite").nth(1).hover()
    expect(page.locator("#tip")).to_be_visible()


def sources(page: Page) -> None:
    source(page, CASUALTIES)
    page.get_by_text("All sources of this answer").click()


def disagreement(page: Page) -> None:
    source(page, CASUALTIES)


def abstention(page: Page) -> None:
    ask(page, "Who is the president of France?")
    page.locator(".abstained a.passage").first.click()
    expect(page.locator("#panel mark")).to_be_in_viewport()


def feedback(page: Page) -> None:
    ask(page, DUSHANBE)
    page.get_by_role("button", name="Something missing").click()
    expect(page.locator(".choice")).to_be_visible()
    page.mouse.move(0, 0)


def filters(page: Page) -> None:
    page.get_by_role("button", name="All articles").click()
    page.get_by_role("combobox", name="Outlets").click()
    page.get_by_role("option", name="DID Press").click()
    page.keyboard.press("Escape")
    ask(page, DUSHANBE)
    expect(page.locator(".answered .scope")).to_be_visible()


def models(page: Page) -> None:
    page.get_by_role("button", name="Quoted from the articles").click()
    page.get_by_role("combobox", name="Beside it").click()
    page.get_by_role("option", name="openai:small").click()
    ask(page, DUSHANBE)
    page.locator(".pair .removed summary").click()


def conversations(page: Page) -> None:
    ask(page, CASUALTIES)
    expect(page.locator(".answered .feedback")).to_be_visible()
    page.get_by_role("button", name="Conversations").click()
    expect(page.get_by_role("dialog").locator("li").first).to_be_visible()


def library(page: Page) -> None:
    page.get_by_role("link", name="Articles").click()
    expect(page.locator("#count")).to_have_text(re.compile("articles"))


STATES: dict[str, tuple[Callable[[Page], None], dict[str, int], str]] = {
    "first": (first, WIDE, "light"),
    "window": (source, WIDE, "light"),
    "window-dark": (source, WIDE, "dark"),
    "window-large": (source, LARGE, "light"),
    "phone": (preview, SMALL, "light"),
    "phone-source": (source, SMALL, "dark"),
    "sources": (sources, WIDE, "light"),
    "disagreement": (disagreement, WIDE, "light"),
    "abstention": (abstention, WIDE, "light"),
    "feedback": (feedback, WIDE, "light"),
    "filters": (filters, WIDE, "light"),
    "models": (models, WIDE, "light"),
    "conversations": (conversations, WIDE, "dark"),
    "library": (library, WIDE, "light"),
}


def main(folder: Path = ROOT / "docs" / "pictures") -> None:
    """Take every picture into the folder."""
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as place, fake_server(WRITTEN) as server, sync_playwright() as playwright:
        settings = {"DATELINE_BASE_URL": f"{server.url}/v1", "DATELINE_UPLOADS": "uploads"}
        with served(ROOT / "ui.py", Path(place), **settings) as address:
            browser = playwright.chromium.launch(executable_path=chromium(playwright), args=FLAGS)
            for name, (reach, size, scheme) in STATES.items():
                with watched(browser, viewport=size, color_scheme=scheme, reduced_motion="reduce") as page:
                    visit(page, address)
                    reach(page)
                    page.screenshot(path=folder / f"{name}.png")
            browser.close()


if __name__ == "__main__":
    main()
