"""What a build did, told by article: added, changed, renamed, removed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from index.records import Article, Skipped, Source


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did. Articles are named by their keys; a copy of another's text counts as one of its own."""

    articles: int
    chunks: int
    added: tuple[str, ...]
    changed: tuple[str, ...]
    renamed: tuple[tuple[str, str], ...]  # (old key, new key): the same text under another name
    removed: tuple[str, ...]
    unchanged: int
    embedded: int  # texts that had to be embedded; the rest was reused
    skipped: tuple[Skipped, ...]
    remarks: tuple[Skipped, ...]
    seconds: float
    fingerprint: str
    published: bool  # False: the index was in step already and was left alone
    undated: int  # articles without a date of publication
    undated_first: tuple[str, ...]  # the keys of a few of them, in order


@dataclass(frozen=True, slots=True)
class Changes:
    """The difference of two sets of articles, by key."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    renamed: tuple[tuple[str, str], ...]
    removed: tuple[str, ...]
    unchanged: int


def compare(before: Iterable[Article], after: Iterable[Article]) -> Changes:
    """What changed, whether in an article's text or in what is known of it."""
    old, new = _places(before), _places(after)
    gone = sorted(old.keys() - new.keys())
    come = sorted(new.keys() - old.keys())
    by_text: dict[str, list[str]] = {}
    for key in gone:
        by_text.setdefault(old[key][0], []).append(key)
    renamed = []
    for key in come:
        if same := by_text.get(new[key][0]):
            renamed.append((same.pop(0), key))
    moved_from, moved_to = {pair[0] for pair in renamed}, {pair[1] for pair in renamed}
    both = old.keys() & new.keys()
    changed = tuple(sorted(key for key in both if old[key] != new[key]))
    return Changes(
        added=tuple(key for key in come if key not in moved_to),
        changed=changed,
        renamed=tuple(renamed),
        removed=tuple(key for key in gone if key not in moved_from),
        unchanged=len(both) - len(changed),
    )


def _places(articles: Iterable[Article]) -> dict[str, tuple[str, tuple[str | None, ...]]]:
    """Key → (digest of the text, what the place tells of it)."""
    found: dict[str, tuple[str, tuple[str | None, ...]]] = {}
    for article in articles:
        text = hashlib.sha256(article.text.encode()).hexdigest()
        places: tuple[Article | Source, ...] = (article, *article.copies)
        for place in places:
            told = (place.title, place.outlet, place.author, place.published, place.url)
            found[place.key] = (text, told)
    return found
