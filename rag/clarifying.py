"""Asking back, in one line, where a question cannot be understood: a word of it points at nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.lexical import terms
from rag.mentions import mentions
from rag.pronouns import demonstrative, pointing
from rag.question import parse_question
from rag.records import Turn

_ANY = re.compile(  # "the loan": one of many, where nothing says which
    r"\bthe\s+(?P<noun>(?:[a-z]+\s+){0,2}?[a-z]+)(?=\s+(?:is|are|was|were|has|have|had|do|does|did|can|will|for|"
    r"in|on|at|to|from|with|born|that|who|of)\b|[’'?,.]|$)"
)
_ENOUGH = 2  # words that can be searched for
_WHO = {"person": "Whom", "many": "Whom or what", "there": "Which place"}


def ask_back(question: str, history: Sequence[Turn]) -> str | None:
    """A line that asks what is meant, where nothing can be searched for; None where something can."""
    if any(turn.question for turn in history) or mentions(question):
        return None
    parsed = parse_question(question)
    if not parsed.terms and not pointing(question):
        return "What do you want to know, and about what? Name a person, a place or an event."
    return _what(question) if len(parsed.terms) < _ENOUGH else None


def which_one(question: str, history: Sequence[Turn]) -> str | None:
    """The same for a question that the articles do not answer: what or which of many it means, where it names none."""
    if mentions(question):
        return None
    said = frozenset(terms(" ".join(f"{turn.question} {turn.answer}" for turn in history)))
    if (noun := demonstrative(question)) and not said.intersection(terms(noun)):
        return _which(noun)
    if not said and (asked := _what(question)):
        return asked
    match = _ANY.search(question)
    return (
        _which(match["noun"])
        if match and terms(match["noun"]) and not said.intersection(terms(match["noun"]))
        else None
    )


def _what(question: str) -> str | None:
    if noun := demonstrative(question):
        return _which(noun)
    found = pointing(question)
    return (
        f"{_WHO.get(found[0].group, 'What')} do you mean by “{found[0].word}”? Name it, and ask again."
        if found
        else None
    )


def _which(noun: str) -> str:
    return f"Which {noun} do you mean? Name it, and ask again."
