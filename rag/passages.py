"""Ranked chunks → the passages that are shown: near-duplicates once, with the others named."""

from __future__ import annotations

from collections.abc import Sequence

from index import Store
from index.lexical import terms
from rag.records import Passage
from rag.retriever import Candidate

_SAME = 0.8  # share of a passage's words that its reprint has too


def list_passages(ranked: Sequence[tuple[Candidate, float]], store: Store, *, limit: int) -> tuple[Passage, ...]:
    """The first passages, at most `limit`. Of a wire copy and its reprints one is listed; `also` names the rest."""
    shown: list[tuple[Candidate, float]] = []
    also: dict[int, list[str]] = {}
    for candidate, score in ranked:
        twin = next((other for other, _ in shown if _reprints(candidate, other, store)), None)
        if twin is not None:
            also.setdefault(twin.row, []).append(candidate.chunk.article)
        elif len(shown) < limit:
            shown.append((candidate, score))
    return tuple(
        _passage(rank, candidate, score, store, tuple(dict.fromkeys(also.get(candidate.row, ()))))
        for rank, (candidate, score) in enumerate(shown, start=1)
    )


def _reprints(candidate: Candidate, other: Candidate, store: Store) -> bool:
    """Whether two passages of near-duplicate articles say the same."""
    if candidate.chunk.article == other.chunk.article:
        return False
    if other.chunk.article not in store.group_of(candidate.chunk.article):
        return False
    words, others = frozenset(terms(candidate.chunk.text)), frozenset(terms(other.chunk.text))
    return len(words & others) >= _SAME * len(words)


def _passage(rank: int, candidate: Candidate, score: float, store: Store, also: tuple[str, ...]) -> Passage:
    chunk = candidate.chunk
    article = store.articles[chunk.article]
    known = (article.title, article.outlet, article.published)
    # Exact copies are one article with several sources; near-duplicates are articles of their own.
    names = [copy.outlet or copy.key for copy in article.copies]
    names += [store.articles[key].outlet or key for key in also]
    return Passage(
        rank, article.key, chunk.start, chunk.end, round(score, 4), chunk.text, *known, tuple(dict.fromkeys(names))
    )
