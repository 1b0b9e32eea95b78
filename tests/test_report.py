"""The report: its JSON, and the page in a real Chromium, opened from disk with no network."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from index import Article
from rag import Chatbot, Settings
from rag.evaluation import Case, evaluate, read_questions
from rag.figures import judge
from rag.report import document, html, rows, told, write_report
from tests.conftest import GOLDEN

CHOSEN = ("d01", "d04", "d05", "d15", "d20")
HOSTILE = "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\"> 𝔘𝔫𝔦"


@pytest.fixture(scope="module")
def cases(chatbot: Chatbot) -> list[Case]:
    """Five questions; of d05, which the articles answer, it is said that they do not: so one comes out wrong."""
    chosen = [question for question in read_questions(GOLDEN) if question.id in CHOSEN]
    return evaluate(
        chatbot,
        [
            replace(question, kind="unanswerable", answerable=False, answer_all_any=(), evidence=())
            if question.id == "d05"
            else question
            for question in chosen
        ],
    )


@pytest.fixture(scope="module")
def written(cases: list[Case], chatbot: Chatbot, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report with a floor, a comparison, and hostile text in a question and an article."""
    records = [told(case) for case in cases]
    records[0]["question"] = f"{records[0]['question']} {HOSTILE}"
    records[0]["kind"] = HOSTILE
    old = json.loads(json.dumps({"cases": records}))
    old["cases"][1]["scores"]["answer_accuracy"] = 0.0
    page = tmp_path_factory.mktemp("report") / "report.html"
    floors = {"set": judge(rows(records), {"answer_accuracy": 0.5, "abstention_recall": 1.0})}
    write_report(page, records, settings, chatbot.store, floors, old=old)
    return page


@pytest.fixture
def page(browser: Browser, written: Path) -> Iterator[Page]:
    context = browser.new_context(offline=True)
    page, seen = context.new_page(), []
    page.on("console", lambda message: seen.append(message.text))
    page.on("pageerror", lambda error: seen.append(str(error)))
    context.on("request", lambda request: seen.append(request.url))
    page.goto(written.as_uri())
    yield page
    context.close()
    assert seen == [written.as_uri()]


def test_json_keeps_the_contract(cases: list[Case], chatbot: Chatbot, settings: Settings) -> None:
    report = document([told(case) for case in cases], settings, chatbot.store)
    assert set(report) >= {"metrics", "cases", "config"}
    assert report["intervals"].keys() < report["metrics"].keys()
    assert report["kinds"]["unanswerable"]["questions"] == 2
    first = report["cases"][0]
    assert set(first) >= {"id", "answer", "scores", "gold", "problems"}
    for gold in first["gold"]:
        start, end = gold["span"]
        assert chatbot.article(gold["article"]).text[start:end] == gold["quote"]
    assert "api_key" not in json.dumps(report)


def test_figures_floors_and_changes_are_shown(page: Page) -> None:
    expect(page.locator("#about")).to_contain_text("5 questions")
    expect(page.locator("svg.chart")).to_have_count(2)
    expect(page.locator("svg.chart").nth(1)).to_contain_text("follow-up")
    expect(page.locator(".missed")).to_contain_text("abstention_recall at least 1: missed by 1 question")
    expect(page.locator("#comparison")).to_contain_text("1 better, 0 worse (sign test p = 1.00)")


def test_filter_search_and_a_marked_passage(page: Page) -> None:
    shown = page.locator(".case:visible")
    expect(shown).to_have_count(5)
    page.get_by_label("Outcome").select_option("wrong")
    expect(page.locator("#count")).to_have_text("1 of 5")
    page.get_by_label("Outcome").select_option("change:better")
    expect(shown).to_contain_text(["d04"])
    page.get_by_label("Outcome").select_option("")
    page.get_by_label("Kind", exact=True).select_option("=fact")
    expect(shown).to_have_count(1)
    page.get_by_label("Kind", exact=True).select_option("")
    page.get_by_label("Search questions and answers").fill("$70 million pledge")
    expect(shown).to_have_count(1)
    shown.locator("summary").click()
    shown.locator("button.cite").first.click()
    mark = page.locator("#article mark")
    expect(mark).to_be_in_viewport()
    expect(mark).to_contain_text("pledged $70 million in military assistance")
    page.get_by_role("button", name="Close").click()
    expect(page.locator("#article")).to_be_hidden()


def test_hostile_text_stays_text(page: Page) -> None:
    expect(page).to_have_title("Dateline: the answers, tested")
    expect(page.locator(".case").first).to_contain_text(HOSTILE)
    page.locator(".case summary").first.click()
    assert page.locator("#cases img, #cases script").count() == 0


def test_a_mark_is_exact_behind_letters_of_two_units(
    browser: Browser, cases: list[Case], chatbot: Chatbot, settings: Settings, tmp_path: Path
) -> None:  # fmt: skip
    """JavaScript counts 𝔘 as two, Python as one."""
    case = cases[1]
    key = case.answer.citations[0].article

    store: Any = SimpleNamespace(
        manifest=chatbot.store.manifest,
        articles={key: replace(chatbot.article(key), text=f"𝔘𝔫𝔦 {chatbot.article(key).text}")},
    )
    citations = tuple(replace(c, start=c.start + 4, end=c.end + 4) for c in case.answer.citations)
    moved = told(replace(case, answer=replace(case.answer, citations=citations), gold=()))
    path = tmp_path / "report.html"
    path.write_text(html(document([moved], settings, store), store), encoding="utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())
    page.locator(".case summary").click()
    page.locator("button.cite").first.click()
    assert page.locator("#article mark").text_content() == case.answer.citations[0].quote
    page.close()


def test_only_the_part_around_the_marks_of_a_long_article_is_kept(
    cases: list[Case], chatbot: Chatbot, settings: Settings
) -> None:
    case = cases[1]
    key = case.answer.citations[0].article

    store: Any = SimpleNamespace(
        manifest=chatbot.store.manifest,
        articles={key: Article(key, "x" * 100_000 + chatbot.article(key).text + "y" * 100_000)},
    )
    citations = tuple(replace(c, start=c.start + 100_000, end=c.end + 100_000) for c in case.answer.citations)
    moved = told(replace(case, answer=replace(case.answer, citations=citations), gold=()))
    page = html(document([moved], settings, store), store)
    data = json.loads(page.partition('id="data">')[2].partition("</script>")[0])
    kept = data["articles"][key]
    assert len(kept["text"]) < 60_000
    quote = citations[0]
    assert kept["text"][quote.start - kept["offset"] : quote.end - kept["offset"]] == quote.quote
