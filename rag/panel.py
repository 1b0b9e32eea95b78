"""A link of the conversation → what the source panel shows: the article with the span marked, and where to go on."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from index import Article, ArticleIndexError
from index.metadata import iso_day
from rag.errors import DatelineError
from rag.records import Answer, Citation, Passage
from rag.talk import Exchange, find, read_link

CONTEXT_CHARS = 200_000
"""Of a very long article the panel gets this much on either side of the span."""
FILES = "/api/files/"
_LABEL_CHARS = 120
_LABEL = re.compile(r"#+\s+|(?:title|headline|outlet|publication|author|by)\b\s*:?\s*", re.IGNORECASE)


def panel(exchanges: Sequence[Exchange], link: object, article: Callable[[str], Article]) -> dict[str, Any] | None:
    """What the source panel shows for a link that was followed; None when the link points at nothing."""
    found, read = find(exchanges, link), read_link(link)
    if found is None or read is None:
        return None
    about = {"link": link} | ways(exchanges[read.turn - 1].answer, read.turn, found)
    try:
        return source(found, article(found.article)) | about
    except (DatelineError, ArticleIndexError):
        return source(found, None) | about


def ways(answer: Answer, turn: int, found: Citation | Passage) -> dict[str, Any]:
    """Where to go on from here: the neighbours among the citations or passages, and the answer's other passages."""
    kind, family = ("cite", answer.citations) if isinstance(found, Citation) else ("passage", answer.passages)
    numbers = [_number(one) for one in family]
    at = numbers.index(_number(found))
    return {
        "place": f"{at + 1} of {len(numbers)}",
        "previous": f"#{kind}-{turn}-{numbers[at - 1]}" if at else None,
        "next": f"#{kind}-{turn}-{numbers[at + 1]}" if at + 1 < len(numbers) else None,
        "cited": [_way("cite", turn, one, one.quote) for one in answer.citations],
        "passages": [_way("passage", turn, one, one.text) for one in answer.passages],
    }


def source(found: Citation | Passage, article: Article | None) -> dict[str, Any]:
    """The article cut at the span: `before + mark + after` is its text; it begins with `told`, the lines that only
    repeat the title, the outlet, the author and the date, which the panel shows above.

    An article that changed or went since the answer was given is never marked at a place that the answer
    did not mean: the quote is shown alone, with a note that says why.
    """
    text = found.quote if isinstance(found, Citation) else found.text
    about = {
        "kind": "Cited passage" if isinstance(found, Citation) else "Passage found",
        "title": found.title or found.article,
        "outlet": found.outlet,
        "published": found.published,
        "author": article.author if article else None,
        "key": found.article,
        "url": web_address(article.url) if article else None,
        "file": FILES + quote(article.key, safe="") if article else None,
        "mark": text,
    }
    if article is None or article.text[found.start : found.end] != text:
        became = "is no longer among the articles" if article is None else "has changed since this answer"
        note = f"The article {became}. This is the passage as it was then."
        return about | {"told": "", "before": "", "after": "", "note": note}
    first, last = max(0, found.start - CONTEXT_CHARS), found.end + CONTEXT_CHARS
    cut = first > 0 or last < len(article.text)
    told = "" if first else _told(article)
    return about | {
        "told": told if len(told) <= found.start else "",
        "before": article.text[first : found.start],
        "after": article.text[found.end : last],
        "note": "This article is very long: only the part around the passage is shown." if cut else None,
    }


def web_address(url: str | None) -> str | None:
    """The address where it is one of the web, and nothing that could run or read here; else None."""
    try:
        parts = urlsplit(url or "")
    except ValueError:  # half a bracket
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None


def _told(article: Article) -> str:
    """The beginning of the text that says nothing but what the panel's title says: whole lines, of which one at least
    holds words."""
    known = {" ".join(one.split()).casefold() for one in (article.title, article.outlet, article.author) if one}
    end = at = 0
    for line in article.text.splitlines(keepends=True):
        at += len(line)
        words = " ".join(line.split())
        plain = _LABEL.sub("", words, count=1) if _LABEL.match(words) else words
        dated = article.published is not None and iso_day(words) == article.published
        if words and not dated and not known & {words.casefold(), plain.casefold()}:
            break
        end = at
    return article.text[:end] if article.text[:end].strip() else ""


def _number(found: Citation | Passage) -> int:
    return found.number if isinstance(found, Citation) else found.rank


def _way(kind: str, turn: int, found: Citation | Passage, text: str) -> dict[str, str]:
    told = " ".join(text.split())
    return {
        "link": f"#{kind}-{turn}-{_number(found)}",
        "label": str(_number(found)),
        "title": found.title or found.article,
        "text": told if len(told) <= _LABEL_CHARS else told[: _LABEL_CHARS - 1] + "…",
    }
