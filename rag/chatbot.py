"""Question → Answer: the whole story on one page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from index import Article
from rag.records import Answer, Passage, Turn
from rag.settings import Settings

Phase = Literal["searching", "writing", "done"]


@dataclass(frozen=True, slots=True)
class Update:
    """The answer so far. Its sentences are checked and its citations final; the last update has phase "done"."""

    phase: Phase
    answer: Answer


class Chatbot:
    """Answers questions over one index. Safe to use from several threads."""

    @classmethod
    def from_settings(cls, settings: Settings) -> Chatbot: ...

    def ask(self, question: str, *, history: Sequence[Turn] = ()) -> Answer: ...

    def stream(self, question: str, *, history: Sequence[Turn] = ()) -> Iterator[Update]: ...

    def search(self, question: str, *, limit: int | None = None) -> tuple[Passage, ...]: ...

    def article(self, key: str) -> Article: ...

    def examples(self) -> tuple[str, ...]: ...
