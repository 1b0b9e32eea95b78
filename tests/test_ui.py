"""The window, in a real Chromium: the server as it is run, and one whose chatbot is slow or hostile."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

import ui
from index import Article
from rag.chatbot import Chatbot
from rag.composing import Update
from rag.filters import Filters
from rag.records import Answer, Citation, Passage, Sentence, Turn
from rag.settings import Settings
from rag.web.guard import Access
from tests.conftest import ROOT
from tests.test_render import HOSTILE
from tests.windows import DUSHANBE, ask, served, visit

# A chatbot that is slow and hostile, served by running this file

POISON = Article("<b>key</b>${1}.txt", "\n".join(HOSTILE[:-4]), title=HOSTILE[0], outlet=HOSTILE[1])


class HostileChatbot(Chatbot):
    """Answers with hostile text. Asked to "wait" it writes until closed; "report" tells what happened."""

    def __init__(self) -> None:
        self.closed = threading.Event()

    def stream(
        self, question: str, *, history: Sequence[Turn] = (), filters: Filters | None = None, as_asked: bool = False
    ) -> Generator[Update, None, None]:
        yield Update("searching", Answer(question, question, "abstained", "no_evidence"))
        if question == "report":
            seen = f"closed: {self.closed.is_set()}, asked before: {[turn.question for turn in history]}"
            yield Update("done", Answer(question, question, "abstained", "no_evidence", explanation=seen))
            return
        start, quote = POISON.text.index(HOSTILE[3]), HOSTILE[3] + "\n" + HOSTILE[4]
        where = (POISON.key, POISON.title, POISON.outlet, None)
        text = " ".join(HOSTILE)
        answer = Answer(
            question,
            text,
            "answered",
            text=text,
            sentences=(Sentence(text, 0, len(text), (1,), "supported", 1.0),),
            citations=(Citation(1, *where, start, start + len(quote), quote),),
            passages=(Passage(1, POISON.key, 0, len(POISON.text), 0.5, POISON.text, POISON.title),),
            removed=tuple(HOSTILE),
        )
        self.closed.clear()
        try:
            while question == "wait":
                yield Update("writing", answer)
                self.closed.wait(0.02)
        except GeneratorExit:
            self.closed.set()
            raise
        yield Update("done", answer)

    def article(self, key: str) -> Article:
        assert key == POISON.key
        return POISON

    def examples(self) -> tuple[str, ...]:
        return ("wait", *HOSTILE[:3])

    def outlets(self) -> tuple[str, ...]:
        return tuple(HOSTILE)

    def titles(self) -> tuple[tuple[str, str], ...]:
        return tuple((text, str(number)) for number, text in enumerate(HOSTILE))


SCROLL = """(by) => {
    const scrolls = (view) => view.scrollHeight > view.clientHeight + 1 && getComputedStyle(view).overflowY === "auto";
    let view = document.querySelector("a.cite");
    while (!scrolls(view)) view = view.parentElement;
    const before = view.scrollTop;
    view.scrollTop += by;
    return view.scrollTop - before;
}"""
# What has a bar to scroll with, in the rows around the question.
BARS = """() => [...document.querySelectorAll("#how, #how *, #top, #top *")].filter((node) => {
    const { overflowX, overflowY } = getComputedStyle(node);
    const wide = node.scrollWidth > node.clientWidth && ["auto", "scroll"].includes(overflowX);
    return node.offsetHeight && (wide || (node.scrollHeight > node.clientHeight && ["auto", "scroll"].includes(overflowY)));
}).map((node) => node.outerHTML.slice(0, 120))"""
APART = """() => {
    const [chip, tip] = ["a.cite", "#tip"].map((name) => document.querySelector(name).getBoundingClientRect());
    return [chip.left - tip.left, chip.top - tip.top];
}"""

# Servers


@pytest.fixture(scope="module")
def real(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The window as it is run, over the five seed articles."""
    with served(ROOT / "ui.py", tmp_path_factory.mktemp("real")) as address:
        yield address


@pytest.fixture(scope="module")
def hostile(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(Path(__file__), tmp_path_factory.mktemp("hostile")) as address:
        yield address


def in_sight(page: Page) -> bool:
    """Whether the marked passage begins below the panel's title and above its lower edge."""
    mark, header, panel = (page.locator(f"#panel {name}").bounding_box() for name in ("mark", "header", "article"))
    assert mark
    assert header
    assert panel
    return header["y"] + header["height"] <= mark["y"] < panel["y"] + panel["height"]


# The window as it is run


def test_a_chip_opens_the_article_with_the_cited_passage_marked(page: Page, real: str) -> None:
    response = visit(page, real)
    assert "img-src 'self' data: blob:" in response.headers["content-security-policy"]
    ask(page, DUSHANBE)
    chip = page.locator(".answered a.cite").first
    where, quote = (chip.get_attribute("title") or "").split(" —\n", 1)
    chip.click()
    mark = page.locator("#panel mark")
    expect(mark).to_be_in_viewport()
    assert in_sight(page)
    article = (ROOT / "seeds" / page.locator("#panel .key").inner_text()).read_bytes().decode()
    assert page.locator("#panel .text").text_content() == article
    marked = mark.text_content() or ""
    assert marked in article
    assert " ".join(marked.split()).startswith(quote.strip("“”").removesuffix("…"))
    assert page.locator("#panel h2").inner_text() in where
    expect(chip).to_have_attribute("aria-current", "true")


def test_the_keyboard_is_enough(page: Page, real: str) -> None:
    visit(page, real)
    box = page.locator("#box textarea")
    expect(box).to_be_focused()
    page.keyboard.type(DUSHANBE)
    page.keyboard.press("Enter")
    chip = page.locator(".answered a.cite").first
    chip.focus()
    title = page.locator("#tip blockquote")
    expect(title).to_be_visible()
    page.keyboard.press("Escape")
    expect(title).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page.locator("#panel mark")).to_be_in_viewport()
    expect(chip).to_be_focused()


def test_hovering_a_chip_tells_where_the_quote_stands(page: Page, real: str) -> None:
    visit(page, real)
    ask(page, DUSHANBE)
    chip = page.locator(".answered a.cite").first
    expect(page.locator(".answered summary")).to_be_visible()
    where, quote = (chip.get_attribute("title") or "").split(" —\n", 1)
    chip.hover()
    expect(page.locator("#tip p")).to_have_text(where)
    expect(page.locator("#tip blockquote")).to_have_text(quote)
    page.locator("h1").hover()
    expect(page.locator("#tip")).to_be_hidden()
    expect(chip).to_have_attribute("title", f"{where} —\n{quote}")


def test_the_note_goes_with_its_chip_and_goes_when_the_chip_leaves_the_view(page: Page, real: str) -> None:
    visit(page, real)
    ask(page, DUSHANBE)
    page.locator(".answered summary").press("Enter")
    chip, tip = page.locator(".answered a.cite").first, page.locator("#tip")
    chip.focus()
    expect(tip).to_be_visible()
    apart = page.evaluate(APART)
    assert page.evaluate(SCROLL, 20) == 20
    page.wait_for_function(f"(before) => JSON.stringify(({APART})()) === JSON.stringify(before)", arg=apart)
    expect(tip).to_be_visible()
    page.evaluate(SCROLL, 2000)
    expect(tip).to_be_hidden()
    expect(chip).to_have_attribute("title", re.compile("—"))


def test_a_filter_read_from_the_question_is_dropped_with_a_click(page: Page, real: str) -> None:
    visit(page, real)
    ask(page, "Which group attacked the Chinese restaurant in Kabul in 2026?")
    scope = page.locator(".answer .scope")
    expect(scope).to_contain_text(
        "only these articles: published since 2026-01-01, or without a date (what happened then"
    )
    page.get_by_role("button", name="Ask all articles").last.click()
    expect(page.locator(".question")).to_have_count(2)
    expect(page.locator(".answer").nth(1).locator(".feedback")).to_be_visible()
    expect(scope).to_have_count(1)


def test_a_follow_up_keeps_the_history_and_a_new_chat_drops_it(page: Page, real: str) -> None:
    visit(page, real)
    ask(page, "Which group claimed responsibility for the Kabul restaurant bombing?")
    expect(page.locator('a[href="#cite-1-1"]').first).to_be_visible()
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_visible()
    ask(page, "And why did it say it did so?")
    expect(page.locator('a[href="#cite-2-1"]').first).to_be_visible()
    expect(page.locator(".answer").nth(1)).to_contain_text("Uyghur")
    page.locator('a[href="#cite-1-1"]').first.click()
    expect(page.locator("#panel mark")).to_be_visible()
    page.get_by_role("button", name="New chat").click()
    expect(page.locator(".answer")).to_have_count(0)
    expect(page.locator("#panel mark")).to_have_count(0)
    expect(page.locator("#chat .example").first).to_be_visible()


def test_what_a_follow_up_was_understood_as_can_be_undone(page: Page, real: str) -> None:
    visit(page, real)
    ask(page, "How much money did China pledge to the Afghan security forces?")
    expect(page.locator('a[href="#cite-1-1"]').first).to_be_visible()
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_visible()
    ask(page, "And when?")
    expect(page.locator(".answer").nth(1)).to_contain_text("Understood as: How much money did China pledge")
    page.get_by_role("button", name="Ask as written").click()
    expect(page.locator(".question").nth(2)).to_have_text("And when?")
    expect(page.locator(".answer").nth(2)).to_contain_text("What do you mean?")
    expect(page.locator(".answer").nth(2)).not_to_contain_text("Understood as")


def test_a_wrong_answer_is_a_test_in_two_clicks_and_so_is_a_wrong_question_back(page: Page, real: str) -> None:
    visit(page, real)
    ask(page, DUSHANBE)
    page.get_by_role("button", name="Wrong", exact=True).click()
    page.locator(".choice a.gold:not(.none)").first.click()
    expect(page.locator(".said")).to_contain_text("Wrong. Kept as a test: the answer must cite")
    page.get_by_role("button", name="New chat").click()
    expect(page.locator(".answer")).to_have_count(0)
    ask(page, "And why did it say so?")
    expect(page.locator(".heading")).to_have_text("What do you mean?")
    page.get_by_role("button", name="No, it is clear").click()
    page.get_by_role("button", name="None: the articles do not say").click()
    expect(page.locator(".said")).to_contain_text("Kept as a test: the articles do not say.")
    *_, wrong, asked = map(json.loads, page.request.get(f"{real}/api/feedback").text().splitlines())
    assert (wrong["kind"], wrong["answerable"]) == ("feedback: wrong", True)
    assert (asked["kind"], asked["answerable"]) == ("feedback: wrong", False)


def test_no_answer_says_why_and_shows_the_nearest_passages(page: Page, real: str) -> None:
    visit(page, real)
    ask(page, "Who is the president of France?")
    answer = page.locator(".abstained")
    expect(answer.locator(".heading")).to_contain_text("No answer")
    expect(answer.locator(".explanation")).to_be_visible()
    expect(answer.locator("a.cite")).to_have_count(0)
    answer.locator("a.passage").first.click()
    expect(page.locator("#panel .kind")).to_have_text("Passage found")
    expect(page.locator("#panel mark")).to_be_in_viewport()
    assert in_sight(page)


@pytest.mark.parametrize("question", ["", "  ", "x " * 50_000], ids=["empty", "blank", "100,000 characters"])
def test_a_question_that_cannot_be_asked_is_told_in_the_chat(page: Page, real: str, question: str) -> None:
    visit(page, real)
    ask(page, question)
    expect(page.locator(".failed .explanation")).to_be_visible()
    expect(page.locator(".toast-wrap > *")).to_have_count(0)
    ask(page, DUSHANBE)
    expect(page.locator(".answered a.cite").first).to_be_visible()


def test_an_example_is_asked(page: Page, real: str) -> None:
    visit(page, real)
    example = page.locator("#chat .example").first
    question = example.inner_text()
    example.click()
    expect(page.locator(".question")).to_have_text(question)
    expect(page.locator(".answer summary").first).to_be_visible()


def test_only_the_articles_in_scope_are_asked(page: Page, real: str) -> None:
    visit(page, real)
    page.get_by_role("button", name="All articles").click()
    since, until, problem = (
        page.get_by_label("Published since"),
        page.get_by_label("Published until"),
        page.locator("#dates"),
    )
    since.fill("yesterday")
    since.press("Tab")
    expect(problem).to_contain_text(
        "“yesterday” is not one that can be read. Write 2024-05-03, 3 May 2024, 2024-05 or 2024."
    )
    expect(page.get_by_role("button", name="Only articles: since “yesterday”?")).to_be_visible()
    ask(page, DUSHANBE)
    expect(page.locator(".failed .explanation")).to_contain_text("Write 2024-05-03")
    expect(problem).to_be_visible()  # the filters stay open
    since.fill("3 May 2024")
    until.fill("2023")
    until.press("Tab")
    expect(problem).to_contain_text("since 2024-05-03 is after until 2023-12-31")
    expect(page.get_by_role("button", name="Only articles: since 2024-05-03 · until 2023-12-31")).to_be_visible()
    page.get_by_role("button", name="Ask all articles").click()
    expect(since).to_have_value("")
    expect(problem).to_be_hidden()
    page.get_by_role("combobox", name="Outlets").click()
    page.get_by_role("option", name="Eurasia Daily Monitor").click()
    ask(page, DUSHANBE)
    expect(page.locator(".answer .scope")).to_contain_text("outlet Eurasia Daily Monitor")
    expect(page.locator(".answer").nth(1).locator("a.passage").first).to_have_attribute(
        "title", re.compile("^Eurasia Daily Monitor")
    )
    page.get_by_role("button", name="New chat").click()
    expect(page.get_by_role("button", name="All articles")).to_be_visible()  # a new chat asks all of them
    ask(page, DUSHANBE)
    expect(page.locator(".answer .text")).to_be_visible()
    expect(page.locator(".answer .scope")).to_have_count(0)


def test_on_a_narrow_screen_the_source_is_a_sheet_over_the_talk(page: Page, real: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    visit(page, real)
    assert page.evaluate(BARS) == []
    ask(page, DUSHANBE)
    expect(page.locator(".answered .feedback")).to_be_visible()
    chip, mark, shut = (
        page.locator(".answered a.cite").first,
        page.locator("#panel mark"),
        page.locator("#panel .close"),
    )
    top = chip.bounding_box()
    ways: list[Callable[[], None]] = [
        shut.click, lambda: page.keyboard.press("Escape"), lambda: shut.press("Enter"),
    ]  # fmt: skip
    for leave in ways:
        chip.click()
        expect(mark).to_be_in_viewport()
        assert in_sight(page)
        expect(shut).to_be_focused()
        leave()
        expect(mark).to_be_hidden()
        expect(chip).to_be_focused()
        assert chip.bounding_box() == top  # the talk stayed where it was
    chip.click()
    page.set_viewport_size({"width": 1280, "height": 800})  # turned, or moved to another screen
    expect(mark).to_be_in_viewport()
    page.get_by_role("button", name="New chat").click()
    expect(mark).to_have_count(0)
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator("#source")).to_be_hidden()
    assert page.evaluate(BARS) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_api_is_beside_the_window_and_the_same_guard_before_both(page: Page, real: str) -> None:
    visit(page, real)
    health = page.evaluate("fetch('/api/health').then((reply) => reply.json())")
    assert (health["status"], health["articles"]) == ("ok", 5)
    for path in ("/", "/api/health"):
        refused = page.request.get(real + path, headers={"Host": "evil.example"})
        assert (refused.status, refused.json()["error"]["code"]) == (421, "unknown_host")


# The window over a chatbot that is slow or hostile


def test_stop_ends_the_work_and_keeps_what_is_there(page: Page, hostile: str) -> None:
    visit(page, hostile)
    page.get_by_role("button", name="wait").click()
    expect(page.locator("a.cite")).to_be_visible()
    expect(page.locator(".progress")).to_have_text("Writing…")
    page.get_by_role("button", name="Stop").click()
    expect(page.locator(".answer .explanation")).to_have_text("Stopped before the answer was complete.")
    expect(page.locator("a.cite")).to_be_visible()
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_visible()
    ask(page, "report")
    expect(page.locator(".abstained .explanation")).to_have_text("closed: True, asked before: ['wait']")


def test_a_window_that_is_closed_in_the_middle_keeps_what_was_shown_and_ends_the_work(page: Page, hostile: str) -> None:
    visit(page, hostile)
    ask(page, "wait")
    expect(page.locator("a.cite")).to_be_visible()
    expect(page).to_have_url(re.compile("#talk-"))
    left, page = page, page.context.new_page()  # gradio's own script complains of a page that is left by a reload
    left.close()
    page.goto(left.url)
    expect(page.locator(".answer .explanation")).to_have_text("Stopped before the answer was complete.")
    expect(page.locator(".question")).to_have_text("wait")
    page.locator("a.cite").click()
    expect(page.locator("#panel mark")).to_be_visible()
    for at in range(1, 20):  # the server finds out when it sends the next piece
        ask(page, "report")
        told = page.locator(".abstained .explanation")
        expect(told).to_have_count(at)
        if "closed: True" in told.last.inner_text():
            break
    expect(told.last).to_contain_text("closed: True, asked before: ['wait'")


def test_a_new_chat_ends_the_work_too(page: Page, hostile: str) -> None:
    visit(page, hostile)
    ask(page, "wait")
    expect(page.locator("a.cite")).to_be_visible()
    page.get_by_role("button", name="New chat").click()
    expect(page.locator(".answer")).to_have_count(0)
    ask(page, "report")
    expect(page.locator(".abstained .explanation")).to_have_text("closed: True, asked before: []")


def test_hostile_text_is_shown_and_does_nothing(page: Page, hostile: str) -> None:
    visit(page, hostile)
    ask(page, HOSTILE[0])
    expect(page.locator(".answer .removed")).to_be_visible()
    chip = page.locator("a.cite")
    chip.hover()
    expect(page.locator("#tip blockquote")).to_contain_text("<iframe src=https://evil.example/></iframe>")
    chip.click()
    expect(page.locator("#panel mark")).to_have_text(f"{HOSTILE[3]}\n{HOSTILE[4]}", use_inner_text=False)
    assert page.locator("#panel .text").text_content() == POISON.text
    assert page.locator("#panel h2").text_content() == POISON.title
    expect(page.locator(".question")).to_have_text(HOSTILE[0])
    shown = page.locator(".answer .text").text_content() or ""
    for text in HOSTILE[:16]:
        assert " ".join(text.split()) in shown
    strange = "script, img, svg, iframe, form, input, style, h1, table, pre, code, a:not([href^='#'], .file)"
    assert page.locator(":is(.answer, .question, #panel article, #tip)").locator(strange).count() == 0
    assert page.locator("#panel a.file").get_attribute("href") == "/api/files/" + quote(POISON.key, safe="")
    assert page.evaluate("window.pwned") is None


def test_a_link_opens_only_what_its_own_conversation_cites(page: Page, hostile: str) -> None:
    visit(page, hostile)
    follow = """(href) => {
        const link = Object.assign(document.createElement("a"), {href, textContent: href});
        document.body.append(link);
        link.click();
        link.remove();
    }"""
    strange = ("#cite-1-1", "#cite-0-0", "#passage-1-1", "#cite-1-1'\"<b>", f"#cite-{10**30}-1")
    for href in strange:  # another visitor has asked already, but this one has not
        with page.expect_response(re.compile("/run/")) as response:
            page.evaluate(follow, href)
        assert response.value.ok
    ask(page, "so")
    page.locator("a.cite").click()
    expect(page.locator("#panel mark")).to_be_visible()
    with page.expect_response(re.compile("/run/")) as response:
        page.evaluate(follow, "#cite-7-7")
    assert response.value.ok
    expect(page.locator("#panel mark")).to_be_visible()
    expect(page.locator(".toast-wrap > *")).to_have_count(0)


def test_links_followed_in_haste_open_the_last_one(page: Page, real: str) -> None:
    visit(page, real)
    ask(page, DUSHANBE)
    page.locator(".answered summary").click()
    links = page.locator(".answered a.passage")
    for first, second in ((0, 1), (1, 0), (2, 0), (0, 2)):
        page.evaluate(
            "(hrefs) => hrefs.forEach((href) => document.querySelector(`a[href='${href}']`).click())",
            [f"#passage-1-{first + 1}", f"#passage-1-{second + 1}"],
        )
        expect(links.nth(second)).to_have_attribute("aria-current", "true")


# Without a browser


if __name__ == "__main__":
    ui.serve(HostileChatbot(), Settings.load(), Access())
