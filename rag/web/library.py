"""The library: the articles as one user may see them, and what that user may change.

Without users everybody who reaches the server sees all articles. With users an upload is seen by its owner alone: each
is asked, searched and listed over a store that holds nothing of the others' uploads.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from index import Entry, FaissStore, State, Store, entries, find, restrict
from rag.chatbot import Chatbot
from rag.errors import DatelineError
from rag.settings import Settings
from rag.web.indexer import Indexer
from rag.web.uploads import Saved, Uploads

Order = Literal["key", "title", "outlet", "published", "characters"]
_STORES = 8  # stores kept for the users who asked last


class UploadsOffError(DatelineError):
    """The server takes no uploads."""


class UnknownFileError(DatelineError):
    """There is no such file, or it is not for this user to see."""


@dataclass(frozen=True, slots=True)
class Found:
    """A part of the entries that match, and how many match in all, by state."""

    total: int
    entries: tuple[Entry, ...]
    states: dict[State, int]


class Library:
    """The articles of a chatbot. Safe to use from several threads.

    Every method takes the user's name, "" when the server has no users.
    """

    def __init__(self, chatbot: Chatbot, settings: Settings) -> None:
        """Raises SettingsError when uploads cannot go where the settings say."""
        self.uploads = Uploads.from_settings(settings)
        self.indexer = Indexer(chatbot.update_index)
        self.file_bytes = settings.max_file_bytes
        self._chatbot = chatbot
        self._stores: OrderedDict[str, tuple[Store, Store]] = OrderedDict()  # user → (the whole, what is seen of it)
        self._lock = threading.Lock()

    def chatbot(self, user: str, base: Chatbot | None = None) -> Chatbot:
        """The chatbot, or a twin of it with another writer, over what this user may see."""
        base = base or self._chatbot
        return base.with_store(self._seen_by(user, self.uploads)) if user and self.uploads else base

    def list(
        self,
        user: str,
        query: str = "",
        *,
        text: bool = False,
        state: State | None = None,
        order: Order = "key",
        descending: bool = False,
        limit: int = 100,
        offset: int = 0,
    ) -> Found:
        """The places that hold all words of the query, in this order; those that lack the field come last."""
        store = self.chatbot(user).store
        found = find(store, sorted(entries(store), key=lambda item: item.key), query, text=text)
        states: dict[State, int] = {"indexed": 0, "duplicate": 0, "skipped": 0}
        for item in found:
            states[item.state] += 1
        found = [item for item in found if state in (None, item.state)]
        value = _ORDERS[order]
        known = sorted((item for item in found if value(item) is not None), key=value)
        lacking = [item for item in found if value(item) is None]
        ordered = [*(reversed(known) if descending else known), *lacking]
        return Found(len(found), tuple(ordered[offset : offset + limit]), states)

    def may_remove(self, user: str, entry: Entry) -> bool:
        """Whether this user may take the entry's file away."""
        return self.uploads is not None and self.uploads.may_remove(user, entry.file)

    def add(self, user: str, name: str, data: bytes) -> Saved:
        """Take an upload in, and begin to index it.

        Raises:
            UploadsOffError: there is no folder for uploads.
            UploadError: the file will not do; the message says why.
        """
        saved = self._on().save(user, name, data)
        self.indexer.start()
        return saved

    def remove(self, user: str, file: str) -> int:
        """Take a file away, and begin to drop its articles from the index. Returns how many entries it held.

        Raises:
            UploadsOffError: there is no folder for uploads.
            UnknownFileError: this user sees no such file.
            NotYoursError: the file is not this user's upload.
            UploadError: it cannot be removed.
        """
        uploads = self._on()
        known = list(entries(self.chatbot(user).store))
        held = [item for item in known if item.file == file]
        if not held and not uploads.holds(user, file):  # what was just added is not in the index yet
            inside = next((item.file for item in known if item.key == file), None)
            lies = f" It lies in {inside}: remove that." if inside else ""
            raise UnknownFileError(f"There is no file {file!r} in the library.{lies}")
        uploads.remove(user, file)
        self.indexer.start()
        return len(held)

    def _on(self) -> Uploads:
        if self.uploads is None:
            raise UploadsOffError(
                "This server takes no uploads. Start it with DATELINE_UPLOADS=uploads, "
                "a folder inside the articles folder."
            )
        return self.uploads

    def _seen_by(self, user: str, uploads: Uploads) -> Store:
        whole = self._chatbot.store
        with self._lock:
            known, seen = self._stores.pop(user, (None, whole))
            if known is not whole:
                assert isinstance(whole, FaissStore)
                seen = restrict(whole, lambda file: uploads.owner(file) in (None, user))
            self._stores[user] = (whole, seen)
            if len(self._stores) > _STORES:
                self._stores.popitem(last=False)
            return seen


_ORDERS: dict[Order, Callable[[Entry], Any]] = {
    "key": lambda item: item.key,
    "title": lambda item: item.source.title.casefold() if item.source and item.source.title else None,
    "outlet": lambda item: item.source.outlet.casefold() if item.source and item.source.outlet else None,
    "published": lambda item: item.source.published if item.source else None,
    "characters": lambda item: len(item.article.text) if item.article else None,
}
