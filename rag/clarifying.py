"""Asking back, in one line, where a question cannot be understood: a word points at nothing, or at one of many."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np

from index import Store
from index.lexical import terms
from rag.agreement import source
from rag.mentions import mentions
from rag.pronouns import demonstrative, pointing
from rag.question import parse_question
from rag.records import Turn
from rag.scorer import Scored

_ENDS = (
    r"(?=\s+(?:is|are|was|were|has|have|had|do|does|did|can|will|for|in|on|at|to|from|with|born|that|who|of)\b"
    r"|[’'?,.]|$)"
)
_AUXILIARY = r"(?:(?:(?P<does>does|did|do|can|will|would)|(?P<be>is|are|was|were|be|been))\s+)?"
_PARTICIPLE = re.compile(r"(?:ed|en|ing)$")
_ANY = re.compile(  # "the loan": one of many, where nothing says which
    rf"\b{_AUXILIARY}the\s+(?P<noun>(?:(?!(?:an?|the|of)\b)[a-z]+\s+){{0,2}}?[a-z]+)(?!\s+of\b){_ENDS}"
)
_THIS = re.compile(
    rf"\b{_AUXILIARY}(?:[Tt]his|[Tt]hat|[Tt]hese|[Tt]hose)\s+(?P<noun>(?:[\w-]+\s+){{0,2}}?[\w-]+){_ENDS}"
)
_ENOUGH = 2  # words that can be searched for
_SOFTNESS = 2.0  # a sentence that scores this much below the best counts 1/e of it
_ONE = 0.65  # share of the evidence from which on it is one article's
_READ = 12  # sentences that are looked at
_LOOKED_AT = 60  # chunks that have the noun, those that are most about it
_WITNESS = 0.08  # share from which on an article counts
_ALIKE = 0.5  # mean cosine of passages from which on articles tell of the same thing
_WHO = {"person": "Whom", "many": "Whom or what", "there": "Which place"}


def ask_back(question: str, history: Sequence[Turn]) -> str | None:
    """A line that asks what is meant, where nothing can be searched for; None where something can."""
    if any(turn.question for turn in history) or mentions(question):
        return None
    parsed = parse_question(question)
    if not parsed.terms and not pointing(question):
        return "What do you want to know, and about what? Name a person, a place or an event."
    return _what(question) if len(parsed.terms) < _ENOUGH else None


def one_of_many(question: str, history: Sequence[Turn], sentences: Sequence[Scored], store: Store) -> str | None:
    """The same for a question that several articles answer, each about something else: "the player", and which?

    `sentences` are the likeliest to answer, best first.
    """
    noun = _pointed(question) or (None if mentions(question) else _definite(question))
    if not noun or not terms(noun) or not sentences or _said(history).intersection(terms(noun)):
        return None
    shares: dict[str, float] = {}
    rows: dict[str, int] = {}
    for sentence in sentences[:_READ]:
        key = source(sentence.candidate.chunk, store)
        shares[key] = shares.get(key, 0.0) + math.exp((sentence.score - sentences[0].score) / _SOFTNESS)
        rows.setdefault(key, sentence.candidate.row)
    total = sum(shares.values())
    told = [rows[key] for key, share in shares.items() if share >= _WITNESS * total]
    if max(shares.values()) >= _ONE * total or len(told) < 2:
        return None
    return _which(noun) if _unlike(told, store) else None


def which_one(question: str, history: Sequence[Turn], store: Store) -> str | None:
    """The same for a question that the articles do not answer: what or which of many it means, where it names none."""
    if mentions(question):
        return None
    said = _said(history)
    noun = _pointed(question)
    if noun is None and not said and (asked := _what(question)):
        return asked
    noun = noun or _definite(question)
    if not noun or not terms(noun) or said.intersection(terms(noun)):
        return None
    return _which(noun) if _several(noun, store) else None


def _several(noun: str, store: Store) -> bool:
    """Whether articles that tell of different things have the noun: one alone needs no asking, none cannot be named."""
    scores = [store.lexical.scores({stem: 1.0}) for stem in terms(noun)]
    holds = np.logical_and.reduce([score > 0 for score in scores]) * np.sum(scores, axis=0)
    rows: dict[str, int] = {}
    for row in np.argsort(-holds, kind="stable")[:_LOOKED_AT]:
        if holds[row] > 0:
            rows.setdefault(source(store.chunks[row], store), int(row))
    return len(rows) > 1 and _unlike(list(rows.values()), store)


def _unlike(rows: Sequence[int], store: Store) -> bool:
    """Whether chunks tell of different things."""
    vectors = store.chunk_vectors(rows)
    cosines = (vectors @ vectors.T)[np.triu_indices(len(rows), k=1)]
    return float(cosines.mean()) < _ALIKE


def _pointed(question: str) -> str | None:
    """The noun of "this …" in a question, with the words that belong to it."""
    noun = demonstrative(question)
    if noun is None:
        return None
    match = next((match for match in _THIS.finditer(question) if match["noun"].startswith(noun)), None)
    return _phrase(match) if match else noun


def _said(history: Sequence[Turn]) -> frozenset[str]:
    return frozenset(terms(" ".join(f"{turn.question} {turn.answer}" for turn in history)))


def _definite(question: str) -> str | None:
    """The noun of "the …" in a question, where nothing behind it says which."""
    match = _ANY.search(question)
    return _phrase(match) if match else None


def _phrase(match: re.Match[str]) -> str:
    """The noun without the verb: "What does this library offer?", "Why was the captain fined?"."""
    words = str(match["noun"]).split()
    verb = match["does"] or (match["be"] and _PARTICIPLE.search(words[-1]))
    return " ".join(words[:-1] if len(words) > 1 and verb else words)


def _what(question: str) -> str | None:
    if noun := _pointed(question):
        return _which(noun)
    found = pointing(question)
    return (
        f"{_WHO.get(found[0].group, 'What')} do you mean by “{found[0].word}”? Name it, and ask again."
        if found
        else None
    )


def _which(noun: str) -> str:
    return f"Which {noun} do you mean? Name it, and ask again."
