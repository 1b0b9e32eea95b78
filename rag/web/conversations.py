"""Conversations, kept in SQLite: each user's own, across reloads and restarts.

Four tables and a handful of statements: the standard library's sqlite3 is enough, a mapper would be more than it saves.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from index.encoding import whole
from rag.errors import DatelineError, SettingsError
from rag.feedback import Feedback, as_question
from rag.questions import Gold
from rag.records import Turn

CONVERSATIONS = "conversations.sqlite3"  # in the data folder
_NAME_CHARS = 200
_SCHEMA = """
CREATE TABLE IF NOT EXISTS conversation (
    id TEXT PRIMARY KEY, user TEXT NOT NULL, name TEXT NOT NULL, started TEXT NOT NULL, changed TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS conversation_of_user ON conversation (user, changed);
CREATE TABLE IF NOT EXISTS turn (
    conversation TEXT NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
    number INTEGER NOT NULL, words TEXT NOT NULL, answer TEXT NOT NULL, PRIMARY KEY (conversation, number));
CREATE TABLE IF NOT EXISTS beside (
    conversation TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (conversation, number),
    FOREIGN KEY (conversation, number) REFERENCES turn (conversation, number) ON DELETE CASCADE);
CREATE TABLE IF NOT EXISTS feedback (
    conversation TEXT NOT NULL, number INTEGER NOT NULL, said TEXT NOT NULL, PRIMARY KEY (conversation, number),
    FOREIGN KEY (conversation, number) REFERENCES turn (conversation, number) ON DELETE CASCADE);
"""
_TURNS = (
    "SELECT turn.number, answer, beside.number IS NOT NULL, said FROM turn "
    "LEFT JOIN beside USING (conversation, number) LEFT JOIN feedback USING (conversation, number)"
)
_ENTRY = "SELECT id, name, started, changed, (SELECT count(*) FROM turn WHERE conversation = id) FROM conversation"


class KeepingError(DatelineError):
    """The file of the conversations cannot be read or written."""


class UnknownConversationError(DatelineError):
    """The user has no conversation of this id."""


@dataclass(frozen=True, slots=True)
class KeptTurn:
    """An answer, in the form of docs/answer.md, and what was said of it.

    `number` is its place; `beside`: it answers the question before it once more, by another model.
    """

    number: int
    answer: Mapping[str, Any]
    beside: bool = False
    feedback: Feedback | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """What the list shows of one. Times are UTC, ISO 8601; one without a name takes its first question for it."""

    id: str
    name: str
    started: str
    changed: str
    turns: int


class Conversations:
    """The conversations of a file. Safe to use from several threads and processes.

    Every method takes the user's name ("" when the server has no users) and sees that user's conversations alone.
    Those with an `id` raise UnknownConversationError when the user has none such; all raise KeepingError.
    """

    def __init__(self, path: Path) -> None:
        """Open the file, made when it is not there; its owner alone can read it.

        Raises:
            SettingsError: it cannot be made, or is not such a file.
        """
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            with self._open() as database:
                database.execute("PRAGMA journal_mode = WAL")
                database.executescript(_SCHEMA)
        except (OSError, KeepingError) as error:
            raise SettingsError(
                f"Conversations cannot be kept in {path}: {error} Name another folder with DATELINE_DATA."
            ) from error

    def start(self, user: str, name: str = "") -> Conversation:
        """A new conversation without a turn."""
        number, now = secrets.token_hex(12), _now()
        with self._open() as database:
            row = (number, user, name[:_NAME_CHARS], now, now)
            database.execute("INSERT INTO conversation VALUES (?, ?, ?, ?, ?)", row)
        return self.entry(user, number)

    def list(self, user: str, query: str = "") -> tuple[Conversation, ...]:
        """The user's conversations whose name, questions or answers hold all words of the query, last changed first."""
        tests = "".join(
            " AND EXISTS (SELECT 1 FROM turn WHERE conversation = id AND instr(words, ?) "
            "UNION SELECT 1 WHERE instr(fold(name), ?))"
            for _ in query.split()
        )
        words = [word for word in query.casefold().split() for _ in range(2)]
        with self._open() as database:
            rows = database.execute(f"{_ENTRY} WHERE user = ?{tests} ORDER BY changed DESC, id", (user, *words))
            return tuple(Conversation(*row) for row in rows)

    def entry(self, user: str, id: str) -> Conversation:
        """What the list shows of this one."""
        with self._open() as database:
            return self._entry(database, user, id)

    def exchanges(self, user: str, id: str) -> tuple[KeptTurn, ...]:
        """The answers, in order, with what was said of them."""
        with self._open() as database:
            self._entry(database, user, id)
            rows = database.execute(f"{_TURNS} WHERE turn.conversation = ? ORDER BY turn.number", (id,))
            return tuple(
                KeptTurn(number, json.loads(answer), bool(beside), _said(said)) for number, answer, beside, said in rows
            )

    def answers(self, user: str, id: str) -> tuple[Mapping[str, Any], ...]:
        """The answers, in order, in the form of docs/answer.md."""
        return tuple(turn.answer for turn in self.exchanges(user, id))

    def turns(self, user: str, id: str) -> tuple[Turn, ...]:
        """What a follow-up question may refer to."""
        told = (
            turn.answer for turn in self.exchanges(user, id) if not turn.beside and turn.answer["status"] != "failed"
        )
        return tuple(
            Turn(
                answer["question"],
                answer["text"] if answer["status"] == "answered" else "",
                answer.get("clarification") or "",
            )
            for answer in told
        )

    def add(self, user: str, id: str, answer: Mapping[str, Any], *, beside: bool = False) -> int:
        """Keep an answer at the conversation's end. Returns its number."""
        with self._open() as database:
            entry = self._entry(database, user, id)
            (number,) = database.execute(
                "INSERT INTO turn SELECT ?, coalesce(max(number), 0) + 1, ?, ? FROM turn WHERE conversation = ? "
                "RETURNING number",
                (id, *_written(answer), id),
            ).fetchone()
            if beside:
                database.execute("INSERT INTO beside VALUES (?, ?)", (id, number))
            name = entry.name or whole(" ".join(answer["question"].split()))[:_NAME_CHARS]
            database.execute("UPDATE conversation SET name = ?, changed = ? WHERE id = ?", (name, _now(), id))
            return int(number)

    def put(self, user: str, id: str, number: int, answer: Mapping[str, Any]) -> None:
        """Keep an answer as it stands now, in place of what was kept of it.

        Raises:
            UnknownConversationError: it is no longer there, or another question took its place.
        """
        with self._open() as database:
            self._entry(database, user, id)
            same = "conversation = ? AND number = ? AND json_extract(answer, '$.question') = ?"
            row = (*_written(answer), id, number, whole(answer["question"]))
            if not database.execute(f"UPDATE turn SET words = ?, answer = ? WHERE {same}", row).rowcount:
                raise UnknownConversationError("The question was removed from its conversation.")
            database.execute("UPDATE conversation SET changed = ? WHERE id = ?", (_now(), id))

    def cut(self, user: str, id: str, number: int) -> None:
        """Remove the answers from this number on, as another question takes their place."""
        with self._open() as database:
            self._entry(database, user, id)
            database.execute("DELETE FROM turn WHERE conversation = ? AND number >= ?", (id, number))

    def assess(self, user: str, id: str, number: int, feedback: Feedback | None) -> None:
        """Keep what a reader says of an answer, in place of what was said before; None takes it back."""
        with self._open() as database:
            self._entry(database, user, id)
            database.execute("DELETE FROM feedback WHERE conversation = ? AND number = ?", (id, number))
            if feedback:
                row = (id, number, json.dumps(asdict(feedback)))
                database.execute("INSERT INTO feedback VALUES (?, ?, ?)", row)

    def questions(self, user: str | None) -> tuple[tuple[dict[str, Any], ...], int]:
        """The feedback as objects of a questions file, and how much of it does not tell yet what would be right.

        With None for a user, everybody's.
        """
        with self._open() as database:
            whose = "SELECT DISTINCT id, user FROM feedback JOIN conversation ON id = conversation ORDER BY changed, id"
            places = [place for place in database.execute(whose) if user in (None, place[1])]
        found = []
        for id, owner in places:
            turns = self.exchanges(owner, id)
            for at, turn in enumerate(turns):
                if turn.feedback:
                    asked = _number(turns, at)
                    before = [one.answer["question"] for one in turns[:asked] if not one.beside]
                    found.append(as_question(f"{id[:8]}-{turn.number}", turn.feedback, turn.answer, before))
        told = tuple(record for record in found if record)
        return told, len(found) - len(told)

    def rename(self, user: str, id: str, name: str) -> Conversation:
        """Give it another name."""
        with self._open() as database:
            self._entry(database, user, id)
            database.execute("UPDATE conversation SET name = ? WHERE id = ?", (name[:_NAME_CHARS], id))
            return self._entry(database, user, id)

    def delete(self, user: str, id: str) -> None:
        """Remove it with all its turns, from the file's pages too."""
        with self._open() as database:
            self._entry(database, user, id)
            database.execute("DELETE FROM conversation WHERE id = ?", (id,))

    def _entry(self, database: sqlite3.Connection, user: str, id: str) -> Conversation:
        row = database.execute(f"{_ENTRY} WHERE id = ? AND user = ?", (id, user)).fetchone()
        if row is None:
            raise UnknownConversationError("There is no such conversation.")
        return Conversation(*row)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """A connection; what the block writes is written whole or not at all."""
        try:
            with closing(sqlite3.connect(self._path, timeout=10, isolation_level="IMMEDIATE")) as database:
                database.create_function("fold", 1, str.casefold, deterministic=True)
                database.execute("PRAGMA foreign_keys = ON")
                database.execute("PRAGMA secure_delete = ON")
                with database:
                    yield database
        except sqlite3.Error as error:
            raise KeepingError(f"The conversations in {self._path} cannot be read or written: {error}.") from error


def _written(answer: Mapping[str, Any]) -> tuple[str, str]:
    """An answer as it is kept: the words that it is found by, and its JSON."""
    words = whole(f"{answer['question']}\n{answer['text']}").casefold()
    return words, whole(json.dumps(answer, ensure_ascii=False))


def _number(turns: tuple[KeptTurn, ...], at: int) -> int:
    """Where the question of this answer was asked first: an answer beside another has its question."""
    while turns[at].beside and at:
        at -= 1
    return at


def _said(text: str | None) -> Feedback | None:
    if text is None:
        return None
    said = json.loads(text)
    evidence = tuple(Gold(gold["article"], tuple(gold["quotes"])) for gold in said["evidence"])
    return Feedback(said["judgement"], said["answerable"], evidence)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
