"""Why there is no answer, in words that help to ask better."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index import Store
from index.lexical import terms
from rag.errors import ModelError
from rag.filters import Filters
from rag.mentions import CALENDAR
from rag.question import Question
from rag.scorer import Scored

UNSUPPORTED = "Nothing that the model wrote is borne out and answers. The answer below quotes without a model."
"""What to tell the reader when every sentence of the model was refused."""

_NOT_SAID = "The articles do not say."
_WORD = re.compile(r"\w+(?:[’'.-]\w+)*")
_WANTED = {
    "number": "a number",
    "money": "a sum of money",
    "date": "a date",
    "person": "a person",
    "place": "a place",
    "organisation": "a name",
    "reason": "a reason",
}


def explain_insufficient(text: str, question: Question, sentences: Sequence[Scored], store: Store) -> str:
    """What is missing: names that no article holds, else the kind of answer, else only closeness."""
    if not store.articles:
        return "There are no articles yet to ask."
    if not question.terms:
        return "The question holds no word to search for. Ask about a person, a place or an event."
    if not sentences:
        return f"{_NOT_SAID} Nothing in them comes near the question."
    absent = {
        term for term in question.names if not store.lexical.knows(term) and not _stand_in_known(question, term, store)
    }
    if absent:
        absent -= _reported(store)
    if absent:
        words = dict.fromkeys(word for word in _WORD.findall(text) if absent.intersection(terms(word)))
        listed = ", ".join(f"“{word}”" for word in list(words)[:3])
        return f"{_NOT_SAID} No article mentions {listed}."
    wanted = _WANTED.get(question.answer_type)
    if wanted:
        return f"{_NOT_SAID} They come near the question, but no passage gives {wanted} that answers it."
    return f"{_NOT_SAID} They come near the question, but no passage answers it."


def explain_scope(explanation: str, filters: Filters, store: Store) -> str:
    """The same where only some articles were asked: which, and whether there were any at all."""
    articles = store.articles.values()
    undated = sum(1 for article in articles if article.published is None)
    left_out = bool(filters.since or filters.until) and not filters.undated and undated
    note = f" {undated} article(s) without a date are left out." if left_out else ""
    if any(map(filters.admits, articles)):
        return f"{explanation} Only these articles were asked: {filters}.{note}"
    outlets = _outlets(store)
    known = f" The outlets are: {', '.join(outlets)}." if filters.outlets and outlets else ""
    return f"No article is in scope ({filters}).{note}{known}"


def explain_failure(error: ModelError) -> str:
    """What to tell the reader when the model failed and the articles' own sentences are shown instead."""
    return f"{error} The answer below quotes the articles without a model."


def _outlets(store: Store) -> list[str]:
    return sorted({article.outlet for article in store.articles.values() if article.outlet})


def _reported(store: Store) -> frozenset[str]:
    """The words that tell who reports, and when: no text need hold them."""
    years = {article.published[:4] for article in store.articles.values() if article.published}
    return frozenset(terms(" ".join((*_outlets(store), *CALENDAR, *years))))


def _stand_in_known(question: Question, term: str, store: Store) -> bool:
    """Whether some article holds a name that may stand for this word."""
    return any(
        term in name and any(all(map(store.lexical.knows, other)) for other in others)
        for name, others in question.stand_ins.items()
    )
