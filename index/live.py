"""The store that is in force now: a running program takes up what a build publishes, without a restart."""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path

from index.errors import ArticleIndexError
from index.generations import current_pointer
from index.store import FaissStore

_log = logging.getLogger(__name__)


class LiveStore:
    """Gives the newest generation that can be opened. Safe to use from several threads.

    A caller keeps the store that it was given for as long as it works with it: a store never changes. One
    thread opens a new generation while the others go on with the old one.
    """

    def __init__(
        self, folder: Path, *, embedder: str | None = None, chunking: str | None = None, every: float = 1.0
    ) -> None:
        self._folder = folder
        self._embedder = embedder
        self._chunking = chunking
        self._every = every  # seconds between two looks
        self._opening = threading.Lock()
        self._pointer = current_pointer(folder)
        self._store = FaissStore.open(folder, embedder=embedder, chunking=chunking)
        self._looked = time.monotonic()

    def take_up(self) -> None:
        """Look for a new generation at once."""
        with self._opening:
            self._look()

    def now(self) -> FaissStore:
        """The newest store. One that cannot be opened is logged, once, and the old one stays in use."""
        if time.monotonic() - self._looked >= self._every and self._opening.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._looked = time.monotonic()
                self._opening.release()
        return self._store

    def _look(self) -> None:
        pointer = current_pointer(self._folder)
        if pointer == self._pointer:
            return
        self._pointer = pointer
        try:
            self._store = FaissStore.open(self._folder, embedder=self._embedder, chunking=self._chunking)
        except ArticleIndexError as error:
            _log.warning("The new index cannot be opened, and the one before it stays in use. %s", error)
        else:
            _log.info("The index now has %d articles.", self._store.manifest.articles)
