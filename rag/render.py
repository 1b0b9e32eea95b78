"""Answer → what the chat window shows, in pure functions; a whole conversation: rag/transcript.py.

Whatever comes from an article, a model or a person is hostile. Two rules keep it harmless. Text enters a
message only through `escape`, which leaves no character that HTML, Markdown or a template could read as its
own. And a message is a single line of HTML that starts with a block element, so that Markdown finds nothing
to do in it. Nothing but our own links (rag/talk.py: `#cite-…`, `#say-…` and the like) ever stands in an `href`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Literal

from index import Span
from index.encoding import whole
from rag.records import Answer, Attribution, Citation, Claim, Conflict, Passage, Sentence

SNIPPET_CHARS = 180
_HOVER_CHARS = 320
_NEAREST = 3  # passages shown at once when there is no answer

_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
# Control characters, and those that turn the direction of the text around them.
_HIDDEN = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")

_WORKING = {
    "searching": "Searching the articles…",
    "reading": "Reading what was found…",
    "writing": "Writing…",
    "checking": "Checking the sentence against its passage…",
}
_HEADINGS: dict[str | None, str] = {
    "no_evidence": "No answer: nothing found in the articles",
    "insufficient_evidence": "No answer: the articles do not say",
    "unsupported": "No answer: nothing that the articles support",
    "model_unavailable": "No answer: the model cannot be reached",
    "model_unusable": "No answer: the model gave nothing usable",
    None: "No answer",
}
Mark = Literal["quoted", "supported", "unsupported"]
_MARKS: dict[Mark, tuple[str, str]] = {  # as static/ui.css draws them
    "quoted": ("“”", "Quoted word for word"),
    "supported": ("✓", "Supported by the passage"),
    "unsupported": ("?", "Not supported by the passage"),
}
_NO_BREAK = "\u00a0"  # a chip stays on the line of the word before it


def escape(text: str) -> str:
    """The text as one line that shows as it is and means nothing to HTML, Markdown or a template.

    Every ASCII mark of punctuation becomes a numeric reference: that covers tags, quotes, links, images,
    code, `javascript:`, bare addresses, `{{` and `${` with one rule and no list of dangers.
    """
    return _PUNCTUATION.sub(lambda mark: f"&#{ord(mark[0])};", re.sub(r"\s+", " ", visible(text)))


def choices(named: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """(name, value) for a list to choose from; the window shows a name as text, and it must be text."""
    return [(shorten(visible(name), SNIPPET_CHARS), visible(value)) for name, value in named]


def message(
    answer: Answer,
    turn: int,
    phase: str = "done",
    pending: str = "",
    *,
    above: str = "",
    below: str = "",
    explained: bool = False,
) -> str:
    """One answer. `turn` is its number in the conversation, from 1: the links carry it.

    `pending` is a sentence that is still written and not checked; it is shown as such. `above` and `below` are HTML of
    ours to stand in the same frame. `explained` adds what the marks mean.
    """
    done = phase == "done"
    kind = answer.status if done else "working"
    undone = turn if done else None
    parts = [above, _standalone(answer, undone), _scope(answer, undone)]
    if done and answer.status != "answered":
        heading = "What do you mean?" if answer.clarification else _HEADINGS[answer.reason]
        parts.append(f'<p class="heading">{heading}</p>')
    if answer.sentences and (not done or answer.status == "answered"):
        parts.append(f'<p class="text">{_text(answer, turn)}</p>')
        parts.append(legend(answer) if done and explained else "")
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
    return f'<div class="answer {kind}">{"".join(parts)}{below}</div>'


def chip(citation: Citation, turn: int, speaker: str | None = None, mark: Mark | None = None) -> str:
    """The numbered link of a citation; hovering it shows what its mark means, who says it, where the quote stands and
    what it says."""
    told = f"{_MARKS[mark][1]}. " if mark else ""
    title = f"{told}{escape(_where(citation, speaker))} —&#10;“{escape(shorten(citation.quote, _HOVER_CHARS))}”"
    name = f"cite {mark}" if mark else "cite"
    return f'<a class="{name}" href="#cite-{turn}-{citation.number}" title="{title}">{citation.number}</a>'


def legend(answer: Answer) -> str:
    """What the marks at this answer's numbers mean; "" where there are none."""
    numbers = {citation.number: citation for citation in answer.citations}
    used = {
        _mark(sentence, numbers[number])
        for sentence in answer.sentences
        for number in sentence.citations
        if number in numbers
    }
    # Whoever meets one of the first two meets the other soon, in the next answer or the one beside.
    shown = [_MARKS[mark] for mark in _MARKS if mark in used or (mark != "unsupported" and used & set(_MARKS))]
    told = "".join(f"<li><strong>{sign}</strong> {meaning.lower()}</li>" for sign, meaning in shown)
    what = "A mark tells what the article says, not that it answers your question."
    return f'<ul class="legend">{told}<li>{what}</li></ul>' if told else ""


def disagreement(conflict: Conflict) -> str:
    """What a disagreement is about, in a line."""
    if conflict.kind == "update":
        return f"Later reports give another figure: {conflict.about} (the latest comes last)"
    return f"The sources disagree: {conflict.about}"


def said_by(attribution: Attribution) -> str | None:
    """Who says a sentence, and whom it was told; None when the text does not tell."""
    speaker, via = attribution.speaker, attribution.via
    return f"{speaker}, to {via}" if speaker and via else speaker


def voice(claim: Claim) -> str:
    """Who says one side of a disagreement: speaker, outlet, date; "" when nothing is known."""
    return ", ".join(part for part in (claim.speaker, claim.outlet, claim.published) if part)


def _standalone(answer: Answer, turn: int | None) -> str:
    """What a follow-up was understood as, with the way to undo it once the answer is there."""
    if answer.standalone_question.strip() in ("", answer.question.strip()):
        return ""
    undo = f' <a class="undo" role="button" href="#undo-{turn}">Ask as written</a>' if turn else ""
    return f'<p class="standalone">Understood as: {escape(answer.standalone_question)}{undo}</p>'


def _scope(answer: Answer, turn: int | None) -> str:
    """Which articles were asked, where it was not all of them; what the question's words alone say can be undone."""
    if not answer.filters:
        return ""
    if answer.scope is not None:
        return f'<p class="scope">Only these articles: {escape(answer.filters)}</p>'
    every = f' <a class="undo" role="button" href="#all-{turn}">Ask all articles</a>' if turn else ""
    return f'<p class="scope">Read from your question, only these articles: {escape(answer.filters)}.{every}</p>'


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
    speaker, told_by = sentence.attribution.speaker, said_by(sentence.attribution)
    parts.extend(_NO_BREAK + chip(citation, turn, told_by, _mark(sentence, citation)) for citation in cited)
    if speaker and speaker.casefold() not in sentence.text.casefold():
        parts.append(f' <span class="speaker">said by {escape(speaker)}</span>')
    if sentence.verdict == "unsupported":
        parts.append(' <em class="flag">not supported</em>')
    return f'<span class="{sentence.verdict}">{"".join(parts)}</span>'


def _mark(sentence: Sentence, citation: Citation) -> Mark | None:
    if sentence.verdict != "supported":
        return "unsupported" if sentence.verdict == "unsupported" else None
    return "quoted" if sentence.text.split() == citation.quote.split() else "supported"


def _bold(text: str, start: int, end: int, span: Span | None) -> str:
    """`text[start:end]`, with the part of it that lies in `span` in bold."""
    low, high = (min(max(edge, start), end) for edge in span or (end, end))
    bold = f"<strong>{escape(text[low:high])}</strong>" if low < high else ""
    return escape(text[start:low]) + bold + escape(text[high:end])


def _conflict(conflict: Conflict, answer: Answer, turn: int) -> str:
    cited = {citation.number: citation for citation in answer.citations}
    rows = "".join(_side(claim, cited.get(claim.citation), turn) for claim in conflict.claims)
    return f'<div class="conflict {conflict.kind}"><p>{escape(disagreement(conflict))}</p><ul>{rows}</ul></div>'


def _side(claim: Claim, citation: Citation | None, turn: int) -> str:
    says = f'<span class="voice">{escape(voice(claim))}:</span> ' if voice(claim) else ""
    link = f" {chip(citation, turn, claim.speaker)}" if citation else ""
    return f'<li>{says}<span class="claim">{escape(claim.text)}</span>{link}</li>'


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
        label = f"{len(rest)} more {noun}" if nearest else f"{len(rest)} {noun} found"
        more = f'<ul class="passages">{"".join(rest)}</ul>'
        parts.append(f"<details><summary>{label}</summary>{more}</details>")
    return "".join(parts)


def _passage(passage: Passage, turn: int) -> str:
    label = passage.title or passage.article
    title = f"{escape(_where(passage))} —&#10;“{escape(shorten(passage.text, _HOVER_CHARS))}”"
    link = f'<a class="passage" href="#passage-{turn}-{passage.rank}" title="{title}">{escape(label)}</a>'
    same = f"the same in {', '.join(passage.also)}" if passage.also else None
    about = (passage.outlet, passage.published, same)
    where = " · ".join(part for part in about if part)
    return (
        f'<li><span class="rank">{passage.rank}</span> {link} '
        f'<span class="meta">{escape(where)}</span> '
        f'<span class="snippet">{escape(shorten(passage.text.strip(), SNIPPET_CHARS))}</span></li>'
    )


def _removed(sentences: Sequence[str]) -> str:
    if not sentences:
        return ""
    rows = "".join(f"<li><del>{escape(sentence)}</del></li>" for sentence in sentences)
    label = f"Left out: not supported, or not an answer ({len(sentences)})"
    return f'<details class="removed"><summary>{label}</summary><ul>{rows}</ul></details>'


def _where(found: Citation | Passage, speaker: str | None = None) -> str:
    """Who says it and where it stands, in a line."""
    where = " · ".join(part for part in (found.outlet, found.title, found.published) if part) or found.article
    return f"{speaker} — {where}" if speaker else where


def visible(text: str) -> str:
    """The text without hidden characters and halves of characters, which no page can be sent with."""
    return _HIDDEN.sub("", whole(text))


def shorten(text: str, width: int) -> str:
    """At most `width` characters, cut between words where there is a word's end near the cut."""
    if len(text) <= width:
        return text
    cut = text[: width - 1]
    words, _, rest = cut.rpartition(" ")
    return (words if len(rest) < 20 else cut).rstrip(" ,;:–—") + "…"
