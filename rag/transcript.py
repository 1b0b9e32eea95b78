"""A conversation → the messages of the chat: questions, answers, pairs of answers, what the reader says of them.

The rules of rag/render.py hold here too.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from pathlib import PurePath

from rag.days import read_day
from rag.errors import QuestionError
from rag.feedback import Feedback, Judgement, fitting, proposals
from rag.filters import read_filters
from rag.llm import Extractive
from rag.records import Answer, Passage
from rag.render import escape, message, shorten, visible
from rag.talk import Exchange, Talk, is_judged

_QUESTION_CHARS = 600
_QUOTES = "Quoted from the articles, no language model"
_PROPOSED = 5  # passages whose sentences are offered at once; the others are folded away
_CHOSEN = "gold chosen"
_WORDS: dict[Judgement, str] = {
    "right": "Right",
    "wrong": "Wrong",
    "wrong_citation": "Wrong citation",
    "not_supported": "Not supported",
    "missing": "Something missing",
}
_NO_ANSWER: dict[Judgement, str] = {"right": "Yes", "wrong": "No, the articles do say"}
_ASKED_BACK: dict[Judgement, str] = {"right": "Yes", "wrong": "No, it is clear"}


def conversation(exchanges: Sequence[Exchange]) -> list[dict[str, str]]:
    """All messages of the chat, in Gradio's form. Answers side by side are one message."""
    messages: list[dict[str, str]] = []
    marked = next((number for number, exchange in enumerate(exchanges, start=1) if exchange.answer.citations), None)
    for number, exchange in enumerate(exchanges, start=1):
        paired = exchange.beside or (number < len(exchanges) and exchanges[number].beside)
        drawn = _answer(exchange, number, named=paired, explained=number == marked)
        if exchange.beside and messages:
            messages[-1]["content"] = f'<div class="pair">{messages[-1]["content"]}{drawn}</div>'
            continue
        messages.append({"role": "user", "content": question(exchange.answer.question, number)})
        messages.append({"role": "assistant", "content": drawn})
    return messages


def question(text: str, turn: int | None = None) -> str:
    """What a person asked, with the link to edit it. A very long text is shown in part, with its length."""
    told = f'<div class="question">{escape(text)}</div>'
    if len(text) > _QUESTION_CHARS:
        length = f'<span class="note">({len(text):,} characters)</span>'
        told = f'<div class="question">{escape(shorten(text, _QUESTION_CHARS))} {length}</div>'
    edit = (
        f'<a class="edit" role="button" href="#edit-{turn}" title="Edit this question and ask again">Edit</a>'
        if turn
        else ""
    )
    return f'<div class="asked">{told}{edit}</div>'


def bar(talk: Talk) -> str:
    """What stands above the question box: what is being edited, and what could not be kept; "" for nothing."""
    parts = [f'<p class="notice" role="alert">{escape(talk.notice)}</p>'] if talk.notice else []
    if talk.editing is not None:
        later = len(talk.exchanges) > talk.editing
        what = "Its answer and all that comes after it are replaced" if later else "Its answer is replaced"
        leave = f'<a class="leave" role="button" href="#leave-{talk.editing}">Leave it as it is</a>'
        parts.append(f'<p class="editing" role="status">You edit an earlier question. {what}. {leave}</p>')
    return "".join(parts)


def invitation(*, articles: bool, uploads: bool) -> str:
    """What stands in the window before the first question."""
    if articles:
        return "Ask the articles."
    way = "Add some on the page" if uploads else "Put some into the articles folder, then re-index it on the page"
    return f'There are no articles yet. {way} <a href="library">Articles</a>.'


def scope_label(
    *, since: str = "", until: str = "", outlets: Sequence[str] = (), articles: Sequence[str] = (), words: bool = True
) -> str:
    """The title of the filters, which tells what they are when they are folded away."""
    dates = (("since", since or ""), ("until", until or ""))
    parts = [f"{name} {_day(name, date)}" for name, date in dates if date.strip()]
    parts += [", ".join(outlets)] if outlets else []
    parts += [f"{len(articles)} {'article' if len(articles) == 1 else 'articles'}"] if articles else []
    if parts:
        return f"Only articles: {shorten(visible(' · '.join(parts)), 120)}"
    return "All articles" if words else "All articles, whatever the question's words say"


def scope_problem(since: str = "", until: str = "") -> str:
    """What is wrong with the dates of the filters, and the mend, in a line of HTML; "" for nothing."""
    try:
        read_filters(since=since, until=until)
    except QuestionError as error:
        return f'<p role="alert">{escape(str(error))}</p>'
    return ""


def model_name(model: str) -> str:
    """Who answers, in words: a model by its name, and what needs none."""
    provider, _, name = model.partition(":")
    shown = f"{provider}:{PurePath(name).name}" if provider == "gguf" else model  # a file by its name, not its folders
    return _QUOTES if model == Extractive.name else shorten(visible(shown), 60)


def model_label(model: str, other: str = "") -> str:
    """The title of the choice of models."""
    names = [one for one in dict.fromkeys((model, other)) if one]
    if len(names) == 1:
        return _QUOTES if model == Extractive.name else f"Answered by {model_name(model)}"
    return shorten(f"Side by side: {'; '.join(map(model_name, names))}", 160)


def _day(name: str, text: str) -> str:
    """The day that a filter means; what cannot be read, as it is written, with a question mark."""
    try:
        return str(read_day(text, last=name == "until"))
    except QuestionError:
        return f"“{text.strip()}”?"


def feedback(exchange: Exchange, turn: int) -> str:
    """What the reader says of an answer, or can say; "" where nothing can be said."""
    if not is_judged(exchange):
        return ""
    said = exchange.feedback
    if said is None:
        question, words = _asked(exchange.answer)
        links = "".join(
            f' <a class="say" role="button" href="#say-{turn}-{judgement}">{words[judgement]}</a>'
            for judgement in fitting(exchange.answer)
        )
        return f'<div class="feedback"><span class="ask">{question}</span>{links}</div>'
    undo = f'<a class="say" role="button" href="#unsay-{turn}">Take back</a>'
    mark = f'<span class="mark">{_WORDS[said.judgement]}.</span>'
    told = f'<p class="said">{mark} {_kept_as(said, exchange.answer)} {undo}</p>'
    choice = _choice(exchange, said, turn) if said.answerable is None else ""
    if said.answerable and said.judgement != "right":
        summary = "<summary>Choose more sentences, or other ones</summary>"
        choice = f"{_details(open=exchange.choosing)}{summary}{_choice(exchange, said, turn)}</details>"
    return f'<div class="feedback">{told}{choice}</div>'


def _answer(exchange: Exchange, turn: int, *, named: bool, explained: bool) -> str:
    model = f'<p class="model">{escape(model_name(exchange.answer.model))}</p>' if named else ""
    return message(
        exchange.answer, turn, exchange.phase, exchange.pending,
        above=model, below=feedback(exchange, turn), explained=explained,
    )  # fmt: skip


def _asked(answer: Answer) -> tuple[str, dict[Judgement, str]]:
    """What the reader is asked of an answer, and the words to choose from."""
    if answer.clarification:
        return "Was it right to ask back?", _ASKED_BACK
    if answer.status == "abstained":
        return "Is it right that there is no answer?", _NO_ANSWER
    return "Is this answer right?", _WORDS


def _kept_as(said: Feedback, answer: Answer) -> str:
    if said.answerable is None:
        return "Which sentences answer the question? Choose one or several, and this becomes a test."
    if not said.answerable and said.judgement == "right" and answer.clarification:
        return "Kept as a test: it must not be answered without asking back."
    if not said.answerable:
        return "Kept as a test: the articles do not say."
    quotes = [quote for gold in said.evidence for quote in gold.quotes]
    shown = "; ".join(f"“{shorten(' '.join(quote.split()), 120)}”" for quote in quotes[:2])
    more = f" and {len(quotes) - 2} more" if len(quotes) > 2 else ""
    one_of = f"one of {len(quotes)} sentences: " if len(quotes) > 1 else ""
    return f"Kept as a test: the answer must cite {one_of}{escape(shown)}{more}."


def _choice(exchange: Exchange, said: Feedback, turn: int) -> str:
    """The sentences of the passages, each a link that says: this one answers, or, once chosen, no longer."""
    chosen = {(gold.article, quote) for gold in said.evidence for quote in gold.quotes}
    groups = _offered(exchange.answer.passages, turn, chosen)
    further = _offered(exchange.further or (), turn, chosen)
    rest = "".join(groups[_PROPOSED:])
    inside = exchange.choosing and _CHOSEN in rest  # what was just chosen there stays in sight
    more = f"{_details(open=inside)}<summary>More passages</summary>{rest}</details>" if rest else ""
    none = f'<p><a class="gold none" role="button" href="#gold-{turn}-none">None: the articles do not say</a></p>'
    if exchange.further is None:
        look = f'<p><a class="look" role="button" href="#more-{turn}">Not among these: look in the articles</a></p>'
    else:
        look = f'<p class="meta">{"Found besides:" if further else "The search finds no others."}</p>'
    return f'<div class="choice">{none}{"".join(groups[:_PROPOSED])}{more}{look}{"".join(further)}</div>'


def _details(*, open: bool) -> str:
    return '<details open="">' if open else "<details>"


def _offered(passages: Sequence[Passage], turn: int, chosen: Set[tuple[str, str]]) -> list[str]:
    groups = []
    for passage, texts in proposals(passages):
        rows = "".join(
            f'<li><a class="{_CHOSEN if (passage.article, text) in chosen else "gold"}" role="button" '
            f'href="#gold-{turn}-{passage.rank}-{place}">'
            f"{escape(shorten(text, 400))}</a></li>"
            for place, text in enumerate(texts, start=1)
        )
        if rows:
            about = " · ".join(part for part in (passage.outlet, passage.title, passage.published) if part)
            groups.append(f'<p class="meta">{escape(about or passage.article)}</p><ul>{rows}</ul>')
    return groups
