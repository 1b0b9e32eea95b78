"""Answer → what the chat window shows. All of the window's logic is here, in pure functions; ui.py has none.

Whatever comes from an article, a model or a person is hostile. Two rules keep it harmless. Text enters a
message only through `escape`, which leaves no character that HTML, Markdown or a template could read as its
own. And a message is a single line of HTML that starts with a block element, so that Markdown finds nothing
to do in it. Nothing but our own `#cite-…`, `#passage-…` and `#undo-…` ever stands in an `href`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from index import Article, ArticleIndexError, Span
from rag.errors import DatelineError
from rag.records import Answer, Citation, Claim, Conflict, Passage, Sentence, Turn

if TYPE_CHECKING:  # the façade loads models; what draws an answer needs only the shape of an update
    from rag.chatbot import Phase, Update

CONTEXT_CHARS = 200_000
"""Of a very long article the panel gets this much on either side of the span."""

_QUESTION_CHARS, _HOVER_CHARS, _SNIPPET_CHARS = 600, 320, 180
_NEAREST = 3  # passages shown at once when there is no answer

_LINK = re.compile(r"#(cite|passage)-([1-9][0-9]{0,5})-([1-9][0-9]{0,5})")
_UNDO = re.compile(r"#undo-([1-9][0-9]{0,5})")
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
# Control characters, and those that turn the direction of the text around them.
_HIDDEN = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")

_WORKING: dict[Phase, str] = {"searching": "Searching the articles…", "writing": "Writing…"}
_HEADINGS: dict[str | None, str] = {
    "no_evidence": "No answer: nothing found in the articles",
    "insufficient_evidence": "No answer: the articles do not say",
    "unsupported": "No answer: nothing that the articles support",
    "model_unavailable": "No answer: the model cannot be reached",
    "model_unusable": "No answer: the model gave nothing usable",
    None: "No answer",
}
_STOPPED = "Stopped before the answer was complete."
_NO_BREAK = "\u00a0"  # a chip stays on the line of the word before it


def escape(text: str) -> str:
    """The text as one line that shows as it is and means nothing to HTML, Markdown or a template.

    Every ASCII mark of punctuation becomes a numeric reference: that covers tags, quotes, links, images,
    code, `javascript:`, bare addresses, `{{` and `${` with one rule and no list of dangers.
    """
    return _PUNCTUATION.sub(lambda mark: f"&#{ord(mark[0])};", re.sub(r"\s+", " ", visible(text)))


def choices(named: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """(name, value) for a list to choose from; the window shows a name as text, and it must be text."""
    return [(_shorten(visible(name), _SNIPPET_CHARS), visible(value)) for name, value in named]


def conversation(turns: Sequence[Update]) -> list[dict[str, str]]:
    """All messages of the chat, in Gradio's form."""
    messages = []
    for number, turn in enumerate(turns, start=1):
        messages.append({"role": "user", "content": question(turn.answer.question)})
        messages.append({"role": "assistant", "content": message(turn.answer, number, turn.phase, turn.pending)})
    return messages


def question(text: str) -> str:
    """What a person asked. A very long text is shown in part, with its length."""
    if len(text) <= _QUESTION_CHARS:
        return f'<div class="question">{escape(text)}</div>'
    length = f'<span class="note">({len(text):,} characters)</span>'
    return f'<div class="question">{escape(_shorten(text, _QUESTION_CHARS))} {length}</div>'


def message(answer: Answer, turn: int, phase: Phase = "done", pending: str = "") -> str:
    """One answer. `turn` is its number in the conversation, from 1: the links carry it.

    `pending` is a sentence that is still written and not checked; it is shown as such.
    """
    done = phase == "done"
    kind = answer.status if done else "working"
    parts = [_standalone(answer, turn if done else None), _scope(answer)]
    if done and answer.status != "answered":
        heading = "What do you mean?" if answer.clarification else _HEADINGS[answer.reason]
        parts.append(f'<p class="heading">{heading}</p>')
    if answer.sentences and (not done or answer.status == "answered"):
        parts.append(f'<p class="text">{_text(answer, turn)}</p>')
    if answer.explanation and done:
        parts.append(f'<p class="explanation">{escape(answer.explanation)}</p>')
    if done:
        parts.extend(_conflict(conflict, answer, turn) for conflict in answer.conflicts)
        parts.append(_passages(answer, turn))
        parts.append(_removed(answer.removed))
    else:
        if pending:
            parts.append(f'<p class="pending">{escape(pending)}</p>')
        parts.append(f'<p class="progress">{_WORKING[phase]}</p>')
    return f'<div class="answer {kind}">{"".join(parts)}</div>'


def chip(citation: Citation, turn: int, said_by: str | None = None) -> str:
    """The numbered link of a citation; hovering it shows who says it, where the quote stands and what it says."""
    return _link(f"#cite-{turn}-{citation.number}", "cite", str(citation.number), citation, citation.quote, said_by)


def disagreement(conflict: Conflict) -> str:
    """What a disagreement is about, in a line."""
    if conflict.kind == "update":
        return f"Later reports give another figure: {conflict.about} (the latest comes last)"
    return f"The sources disagree: {conflict.about}"


def voice(claim: Claim) -> str:
    """Who says one side of a disagreement: speaker, outlet, date; "" when nothing is known."""
    return ", ".join(part for part in (claim.speaker, claim.outlet, claim.published) if part)


def find(turns: Sequence[Update], link: object) -> Citation | Passage | None:
    """What a link of the conversation points at; None when there is no such thing. `link` is not trusted."""
    match = _LINK.fullmatch(link) if isinstance(link, str) else None
    if match is None or int(match[2]) > len(turns):
        return None
    answer, number = turns[int(match[2]) - 1].answer, int(match[3])
    if match[1] == "cite":
        return next((citation for citation in answer.citations if citation.number == number), None)
    return next((passage for passage in answer.passages if passage.rank == number), None)


def as_written(turns: Sequence[Update], link: object) -> str | None:
    """The question that a link asks again as it was written; None when there is none. `link` is not trusted."""
    match = _UNDO.fullmatch(link) if isinstance(link, str) else None
    return turns[int(match[1]) - 1].answer.question if match and int(match[1]) <= len(turns) else None


def panel(turns: Sequence[Update], link: object, article: Callable[[str], Article]) -> dict[str, Any] | None:
    """What the source panel shows for a link that was followed; None when the link points at nothing."""
    found = find(turns, link)
    if found is None:
        return None
    try:
        return source(found, article(found.article)) | {"link": link}
    except (DatelineError, ArticleIndexError):
        return source(found, None) | {"link": link}


def source(found: Citation | Passage, article: Article | None) -> dict[str, Any]:
    """The article cut at the span: `before + mark + after` is its text.

    An article that changed or went since the answer was given is never marked at a place that the answer
    did not mean: the quote is shown alone, with a note that says why.
    """
    quote = found.quote if isinstance(found, Citation) else found.text
    about = {
        "kind": "Cited passage" if isinstance(found, Citation) else "Retrieved passage",
        "title": found.title or found.article,
        "outlet": found.outlet,
        "published": found.published,
        "author": article.author if article else None,
        "key": found.article,
        "mark": quote,
    }
    if article is None or article.text[found.start : found.end] != quote:
        note = "The article has changed since this answer. This is the passage as it was then."
        return about | {"before": "", "after": "", "note": note}
    first, last = max(0, found.start - CONTEXT_CHARS), found.end + CONTEXT_CHARS
    cut = first > 0 or last < len(article.text)
    return about | {
        "before": article.text[first : found.start],
        "after": article.text[found.end : last],
        "note": "This article is very long: only the part around the passage is shown." if cut else None,
    }


def failed(text: str, error: Exception) -> Answer:
    """The answer to a question that could not be asked: it says why."""
    kept = _shorten(text, 2 * _QUESTION_CHARS) if len(text) > 2 * _QUESTION_CHARS else text
    return Answer(kept, kept, "failed", explanation=str(error))


def stopped(turns: Sequence[Update]) -> tuple[Update, ...]:
    """The conversation after the stop button: an unfinished answer keeps what it has and says so."""
    if not turns or turns[-1].phase == "done":
        return tuple(turns)
    last = turns[-1]
    answer = replace(last.answer, explanation=_STOPPED)
    if not answer.sentences:
        answer = replace(answer, status="failed", reason=None)
    return *turns[:-1], replace(last, phase="done", answer=answer, pending="")


def history(turns: Iterable[Update]) -> tuple[Turn, ...]:
    """What a follow-up question may refer to."""
    asked = (turn.answer for turn in turns if turn.answer.status != "failed")
    return tuple(Turn(answer.question, answer.text if answer.status == "answered" else "") for answer in asked)


def _standalone(answer: Answer, turn: int | None) -> str:
    """What a follow-up was understood as, with the way to undo it once the answer is there."""
    if answer.standalone_question.strip() in ("", answer.question.strip()):
        return ""
    undo = f' <a class="undo" href="#undo-{turn}">Ask as written</a>' if turn else ""
    return f'<p class="standalone">Understood as: {escape(answer.standalone_question)}{undo}</p>'


def _scope(answer: Answer) -> str:
    """Which articles were asked, where it was not all of them."""
    return f'<p class="scope">Only articles {escape(answer.filters)}</p>' if answer.filters else ""


def _text(answer: Answer, turn: int) -> str:
    parts, end = [], None
    for sentence in answer.sentences:
        if end is not None:
            parts.append("<br><br>" if "\n" in answer.text[end : sentence.start] else " ")
        parts.append(_sentence(sentence, answer, turn))
        end = sentence.end
    return "".join(parts)


def _sentence(sentence: Sentence, answer: Answer, turn: int) -> str:
    """A sentence and its chips. Numbers in brackets that stand in its own text are the source's, and text."""
    parts = [_bold(answer.text, sentence.start, sentence.end, sentence.answer_span).rstrip()]
    cited = (citation for citation in answer.citations if citation.number in sentence.citations)
    speaker, via = sentence.attribution.speaker, sentence.attribution.via
    said_by = f"{speaker}, to {via}" if speaker and via else speaker
    parts.extend(_NO_BREAK + chip(citation, turn, said_by) for citation in cited)
    if speaker and speaker.casefold() not in sentence.text.casefold():
        parts.append(f' <span class="speaker">said by {escape(speaker)}</span>')
    if sentence.verdict == "unsupported":
        parts.append(' <em class="flag">not supported</em>')
    return f'<span class="{sentence.verdict}">{"".join(parts)}</span>'


def _bold(text: str, start: int, end: int, span: Span | None) -> str:
    """`text[start:end]`, with the part of it that lies in `span` in bold."""
    low, high = (min(max(edge, start), end) for edge in span or (end, end))
    bold = f"<strong>{escape(text[low:high])}</strong>" if low < high else ""
    return escape(text[start:low]) + bold + escape(text[high:end])


def _conflict(conflict: Conflict, answer: Answer, turn: int) -> str:
    cited = {citation.number: citation for citation in answer.citations}
    rows = "".join(_side(claim, cited.get(claim.citation), turn) for claim in conflict.claims)
    return f'<div class="conflict"><p>{escape(disagreement(conflict))}</p><ul>{rows}</ul></div>'


def _side(claim: Claim, citation: Citation | None, turn: int) -> str:
    says = f'<span class="speaker">{escape(voice(claim))}:</span> ' if voice(claim) else ""
    link = f" {chip(citation, turn, claim.speaker)}" if citation else ""
    return f"<li>{says}{escape(claim.text)}{link}</li>"


def _passages(answer: Answer, turn: int) -> str:
    """The retrieved passages, folded away; the nearest ones stand open where there is no answer."""
    rows = [_passage(passage, turn) for passage in answer.passages]
    nearest = rows[:_NEAREST] if answer.status == "abstained" else []
    rest, parts = rows[len(nearest) :], []
    if nearest:
        parts.append('<p class="nearest">The nearest passages, which do not answer it:</p>')
        parts.append(f'<ul class="passages">{"".join(nearest)}</ul>')
    if rest:
        noun = "passage" if len(rest) == 1 else "passages"
        label = f"{len(rest)} more {noun}" if nearest else f"{len(rest)} {noun} retrieved"
        more = f'<ul class="passages">{"".join(rest)}</ul>'
        parts.append(f"<details><summary>{label}</summary>{more}</details>")
    return "".join(parts)


def _passage(passage: Passage, turn: int) -> str:
    label = passage.title or passage.article
    link = _link(f"#passage-{turn}-{passage.rank}", "passage", label, passage, passage.text)
    same = f"the same in {', '.join(passage.also)}" if passage.also else None
    about = (passage.outlet, passage.published, same, f"score {passage.score:.2f}")
    where = " · ".join(part for part in about if part)
    return (
        f'<li><span class="rank">{passage.rank}</span> {link} '
        f'<span class="meta">{escape(where)}</span> '
        f'<span class="snippet">{escape(_shorten(passage.text.strip(), _SNIPPET_CHARS))}</span></li>'
    )


def _removed(sentences: Sequence[str]) -> str:
    if not sentences:
        return ""
    rows = "".join(f"<li><del>{escape(sentence)}</del></li>" for sentence in sentences)
    label = f"Left out: not supported, or not an answer ({len(sentences)})"
    return f'<details class="removed"><summary>{label}</summary><ul>{rows}</ul></details>'


def _link(href: str, kind: str, label: str, found: Citation | Passage, quote: str, said_by: str | None = None) -> str:
    """A link into the panel. The title's two lines are who says it and where it stands, and what it says."""
    where = " · ".join(part for part in (found.outlet, found.title, found.published) if part) or found.article
    where = f"{said_by} — {where}" if said_by else where
    title = f"{escape(where)} —&#10;“{escape(_shorten(quote, _HOVER_CHARS))}”"
    return f'<a class="{kind}" href="{href}" title="{title}">{escape(label)}</a>'


def visible(text: str) -> str:
    """The text without hidden characters and halves of characters, which no page can be sent with."""
    return _HIDDEN.sub("", text.encode("utf-8", "replace").decode("utf-8"))


def _shorten(text: str, width: int) -> str:
    """At most `width` characters, cut between words where there is a word's end near the cut."""
    if len(text) <= width:
        return text
    cut = text[: width - 1]
    words, _, rest = cut.rpartition(" ")
    return (words if len(rest) < 20 else cut).rstrip(" ,;:–—") + "…"
