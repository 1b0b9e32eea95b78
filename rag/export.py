"""A conversation as a document that stands by itself: Markdown, HTML or JSON, each sentence with its footnotes.

A footnote holds the quote, the outlet, the title, the date, the article's key and the offsets in it. Whatever comes
from an article, a model or a person is escaped: no link, no image, no tag of theirs is left in either document.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal

from rag.records import Claim, Conflict
from rag.render import disagreement, escape, visible, voice

Format = Literal["markdown", "html", "json"]
AnswerJson = Mapping[str, Any]
"""An answer in the form of docs/answer.md."""

_SUFFIX: dict[Format, str] = {"markdown": "md", "html": "html", "json": "json"}
_FILE_CHARS = 60
_SPECIAL = re.compile(r"[\\`*_{}\[\]<>#|~$&!:@]|(?<=^)[-+=.]|(?<=^\d)[.)]|(?<=^\d\d)[.)]|(?<=www)\.")
_HEAD = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    '<meta name="viewport" content="width=device-width"><title>{title}</title><style>'
    "body{{max-width:40rem;margin:2rem auto;padding:0 1rem;font:1.05rem/1.6 Georgia,serif}}"
    "h2{{margin-top:2.5rem}}blockquote{{margin:.3rem 0 .3rem 1rem}}"
    "</style></head><body><h1>{title}</h1>"
)


def export(name: str, answers: Sequence[AnswerJson], form: Format) -> str:
    """The conversation of this name, in this form."""
    return _FORMS[form](name, answers)


def file_name(name: str, day: str, form: Format) -> str:
    """The name of the document's file: the words of the conversation's name, and its day (YYYY-MM-DD).

    The name is not trusted: letters, digits and hyphens are all that is left of it.
    """
    words = "-".join(re.findall(r"[^\W_]+", unicodedata.normalize("NFC", name)))
    kept = words if len(words) <= _FILE_CHARS else words[:_FILE_CHARS].rpartition("-")[0] or words[:_FILE_CHARS]
    return f"{kept or 'conversation'}-{day}.{_SUFFIX[form]}"


def _json(name: str, answers: Sequence[AnswerJson]) -> str:
    return json.dumps({"name": name, "answers": list(answers)}, ensure_ascii=False, indent=2) + "\n"


def _markdown(name: str, answers: Sequence[AnswerJson]) -> str:
    parts = [f"# {_plain(name)}"]
    for number, answer in enumerate(answers, 1):
        parts.append(f"## {_plain(answer['question'])}")
        parts += [f"*{what}:* {_plain(told)}" for what, told in _remarks(answer)]
        text = " ".join(
            _plain(sentence["text"]) + "".join(f"[^{number}-{cited}]" for cited in sentence["citations"])
            for sentence in _told(answer)
        )
        parts += [text] if text else []
        for conflict, sides in _apart(answer):
            parts.append(f"**{_plain(conflict)}**")
            parts += [f"- {_plain(said)} ({_plain(who)}) [^{number}-{cited}]" for said, who, cited in sides]
        parts += [
            f"[^{number}-{citation['number']}]: {_plain(where)}\n    > {_plain(citation['quote'])}"
            for citation, where in _footnotes(answer)
        ]
    return "\n\n".join(parts) + "\n"


def _html(name: str, answers: Sequence[AnswerJson]) -> str:
    parts = [_HEAD.format(title=escape(name))]
    for number, answer in enumerate(answers, 1):
        parts.append(f"<h2>{escape(answer['question'])}</h2>")
        parts += [f"<p><em>{what}:</em> {escape(told)}</p>" for what, told in _remarks(answer)]
        text = " ".join(
            escape(sentence["text"])
            + "".join(f'<sup><a href="#n{number}-{cited}">{cited}</a></sup>' for cited in sentence["citations"])
            for sentence in _told(answer)
        )
        parts.append(f"<p>{text}</p>" if text else "")
        for conflict, sides in _apart(answer):
            lines = "".join(
                f'<li>{escape(said)} ({escape(who)}) <sup><a href="#n{number}-{cited}">{cited}</a></sup></li>'
                for said, who, cited in sides
            )
            parts.append(f"<p><strong>{escape(conflict)}</strong></p><ul>{lines}</ul>")
        notes = "".join(
            f'<li id="n{number}-{citation["number"]}" value="{citation["number"]}">{escape(where)}'
            f"<blockquote>{escape(citation['quote'])}</blockquote></li>"
            for citation, where in _footnotes(answer)
        )
        parts.append(f"<ol>{notes}</ol>" if notes else "")
    return "".join((*parts, "</body></html>\n"))


def _remarks(answer: AnswerJson) -> Iterator[tuple[str, str]]:
    """What a reader must know before the answer, as the window tells it: each a label and its words."""
    if (alone := answer["standalone_question"].strip()) != answer["question"].strip():
        yield "Understood as", alone
    if answer["filters"]:
        yield "Only these articles", answer["filters"]
    if answer["status"] != "answered":
        yield "No answer", answer["text"] or answer["explanation"] or ""
    elif answer["explanation"]:
        yield "Note", answer["explanation"]


def _told(answer: AnswerJson) -> Sequence[Mapping[str, Any]]:
    return answer["sentences"] if answer["status"] == "answered" else ()


def _apart(answer: AnswerJson) -> Iterator[tuple[str, list[tuple[str, str, int]]]]:
    """Each disagreement in a line, and its sides: what is said, by whom, and the number of the note."""
    for conflict in answer["conflicts"] if answer["status"] == "answered" else ():
        sides = [Claim(**claim) for claim in conflict["claims"]]
        told = Conflict(conflict["about"], tuple(sides), conflict["kind"])
        yield disagreement(told), [(side.text, voice(side) or "nobody named", side.citation) for side in sides]


def _footnotes(answer: AnswerJson) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Each citation, and in words who says it and where its quote stands."""
    voices = {number: said["attribution"]["speaker"] for said in _told(answer) for number in said["citations"]}
    for citation in answer["citations"]:
        speaker = voices.get(citation["number"])
        known = (speaker and f"said by {speaker}", citation["outlet"], citation["title"], citation["published"])
        place = f"{citation['article']}, characters {citation['start']} to {citation['end']}"
        yield citation, ", ".join((*filter(None, known), place))


def _plain(text: str) -> str:
    """The text as one line of Markdown that shows as it is."""
    return _SPECIAL.sub(lambda mark: f"\\{mark[0]}", re.sub(r"\s+", " ", visible(text)).strip())


_FORMS: dict[Format, Callable[[str, Sequence[AnswerJson]], str]] = {"markdown": _markdown, "html": _html, "json": _json}
