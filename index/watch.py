"""Keep an index in step with its folder for as long as the program runs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import watchfiles

from index.errors import ArticleIndexError
from index.report import BuildReport

_RETRY = 10_000  # milliseconds after which a build that failed is tried again


def watch(
    articles_dir: Path,
    index_dir: Path,
    update: Callable[[], BuildReport],
    *,
    stop: threading.Event | None = None,
    settle: int = 500,
) -> Iterator[BuildReport | ArticleIndexError]:
    """Call `update` now and after each change below `articles_dir`, and give what it returns or how it failed.

    A failure is tried again after a while, and at the next change at the latest.

    Args:
        articles_dir: the folder that is watched.
        index_dir: where the index lives; what happens there is no change of the articles.
        update: builds the index.
        stop: ends the watching when it is set.
        settle: milliseconds without a change before a build begins, so that a copy in progress is one change.
    """
    inside = index_dir.resolve()

    def matters(_: watchfiles.Change, path: str) -> bool:
        return not Path(path).is_relative_to(inside)

    changes = watchfiles.watch(
        articles_dir.resolve(), watch_filter=matters, debounce=20 * settle, step=settle,
        stop_event=stop, rust_timeout=_RETRY, yield_on_timeout=True,
    )  # fmt: skip
    outcome = _attempt(update)
    yield outcome
    # watchfiles looks from its first step on: what changed until then is found by building once more.
    first = True
    for changed in changes:
        if changed or first or isinstance(outcome, ArticleIndexError):
            outcome, first = _attempt(update), False
            yield outcome


def _attempt(update: Callable[[], BuildReport]) -> BuildReport | ArticleIndexError:
    try:
        return update()
    except ArticleIndexError as error:
        return error
