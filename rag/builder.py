"""Checked sentences → Answer: text, offsets, citations numbered as they appear."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from index import Article, Span
from index.sentences import folded
from rag.checking import Checked
from rag.conflicts import Disagreement
from rag.records import Answer, Citation, Claim, Conflict, Sentence


class AnswerBuilder:
    """Puts checked sentences together: text, offsets, citations numbered in the order of their appearance."""

    def __init__(self, base: Answer, articles: Mapping[str, Article]) -> None:
        self._base = base
        self._articles = articles
        self.sentences: list[Sentence] = []
        self.removed: list[str] = []
        self.conflicts: list[Conflict] = []
        self._citations: dict[tuple[str, int, int], Citation] = {}
        self._text = ""

    def add(self, checked: Checked) -> None:
        """Take in one sentence; an unsupported one is kept apart, and nothing is said twice."""
        if not checked.spans:
            self.removed.append(checked.text)
            return
        if any(sentence.text == checked.text for sentence in self.sentences):
            return
        numbers = tuple(dict.fromkeys(self._number(*where) for where in checked.spans))
        start = len(self._text) + (1 if self._text else 0)
        marks = "".join(f"[{number}]" for number in numbers)
        self._text = f"{self._text} {checked.text} {marks}" if self._text else f"{checked.text} {marks}"
        self.sentences.append(
            Sentence(
                checked.text,
                start,
                start + len(checked.text),
                numbers,
                "supported",
                round(checked.score, 4),
                checked.attribution,
                (start + checked.answer[0], start + checked.answer[1]) if checked.answer else None,
            )
        )

    @property
    def shown(self) -> list[tuple[str, Span]]:
        """The articles and spans cited so far."""
        return [(key, (start, end)) for key, start, end in self._citations]

    def disagree(self, found: Disagreement) -> None:
        """Take in a disagreement: each side with its citation."""
        claims = []
        for side in found.sides:
            article = self._articles[side.article]
            number = self._covering(side.article, side.span) or self._number(side.article, *side.span)
            text = folded(side.text)
            claims.append(Claim(text, number, side.speech.speaker, article.outlet, article.published))
        self.conflicts.append(Conflict(found.about, tuple(claims), found.kind))

    def _covering(self, key: str, span: Span) -> int | None:
        """The citation that holds a span already, if one does."""
        return next(
            (
                c.number
                for c in self._citations.values()
                if c.article == key and c.start <= span[0] and span[1] <= c.end
            ),
            None,
        )

    def _number(self, key: str, start: int, end: int) -> int:
        where = (key, start, end)
        if where not in self._citations:
            article = self._articles[key]
            self._citations[where] = Citation(
                len(self._citations) + 1,
                article.key,
                article.title,
                article.outlet,
                article.published,
                start,
                end,
                article.text[start:end],
            )
        return self._citations[where].number

    def answer(self) -> Answer:
        """The answer so far."""
        return replace(
            self._base,
            status="answered" if self.sentences else "abstained",
            text=self._text,
            sentences=tuple(self.sentences),
            citations=tuple(self._citations.values()),
            conflicts=tuple(self.conflicts),
            removed=(*self._base.removed, *self.removed),
        )
