"""The names under which others keep what we call text, title, outlet, author, published, url, language and key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SYNONYMS: dict[str, tuple[str, ...]] = {
    "key": ("id", "key", "uid", "guid", "article_id", "_id"),
    "text": ("text", "body", "content", "article", "article_text", "full_text", "maintext", "articlebody", "story"),
    "title": ("title", "headline"),
    "outlet": ("outlet", "publisher", "publication", "source", "site", "sitename", "site_name", "newspaper"),
    "author": ("author", "authors", "byline", "creator"),
    "published": (
        "published", "date", "publish_date", "published_at", "publication_date", "date_published", "datepublished",
        "pub_date", "pubdate", "timestamp",
    ),
    "url": ("url", "link", "source_url", "canonical_url"),
    "language": ("language", "lang"),
}  # fmt: skip


def named(record: Mapping[Any, Any], mapped: Mapping[str, str]) -> dict[str, object]:
    """A record's values under our names. Where `mapped` names a field, no other is taken; letter case is no matter."""
    folded = {str(name).casefold().replace("-", "_"): value for name, value in record.items()}
    found: dict[str, object] = {}
    for ours, synonyms in SYNONYMS.items():
        theirs = (mapped[ours].casefold().replace("-", "_"),) if ours in mapped else synonyms
        values = (folded[name] for name in theirs if folded.get(name) not in (None, "", [], {}))
        found[ours] = next(values, None)
    return found
