"""What the API takes in, and the forms that it gives besides the answer's own (rag/records.py)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from index import Skipped, State
from index.encoding import whole
from rag.filters import Filters, read_filters
from rag.records import Turn

_MAX_NAMES = 1000  # outlets or articles named in one request
_MAX_TURNS = 50


def _whole(text: str) -> str:
    if whole(text) is not text:
        raise ValueError("holds half a character (a lone surrogate)")
    return text


Text = Annotated[str, AfterValidator(_whole)]
"""A text that can be stored and sent: JSON can name halves of characters, UTF-8 cannot."""


class _Asked(BaseModel):
    """The fields of any question. An unknown one is refused: a filter with a slip must not be passed over."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: Text = Field(description="what is asked", examples=["Who is blamed for the attacks?"])
    since: Text | None = Field(None, description="only articles published from this day on, such as 2024-05-03 or 2024")
    until: Text | None = Field(None, description="only articles published up to this day, such as 2024-05-03 or 2024")
    outlets: list[Text] = Field([], max_length=_MAX_NAMES, description="only articles of these outlets")
    articles: list[Text] = Field([], max_length=_MAX_NAMES, description="only these articles, by key")
    words: bool = Field(True, description="dates and outlets in the question's own words count, when no field does")

    def filters(self) -> Filters | None:
        """The articles in scope; None leaves them to the words of the question.

        Raises:
            QuestionError: a date is not one, or the range is empty.
        """
        return read_filters(
            since=self.since, until=self.until, outlets=self.outlets, articles=self.articles, words=self.words
        )


class EarlierTurn(BaseModel):
    """An earlier question of the conversation, and its answer's text where it counts; or the line that asked back."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: Text
    answer: Text = ""
    clarification: Text = ""


class AskRequest(_Asked):
    """A question to be answered."""

    history: list[Text | EarlierTurn] = Field([], max_length=_MAX_TURNS, description="the earlier questions, in order")
    conversation: Text | None = Field(None, description="a kept conversation that this goes on; its history is taken")
    as_asked: bool = Field(False, description="take nothing from the earlier questions")
    stream: bool = Field(False, description="send the answer as it grows, as server-sent events")

    @model_validator(mode="after")
    def _one_history(self) -> AskRequest:
        if self.conversation and self.history:
            raise ValueError("history and conversation exclude each other")
        return self

    def turns(self) -> list[Turn]:
        """The conversation before the question."""
        return [
            Turn(item) if isinstance(item, str) else Turn(item.question, item.answer, item.clarification)
            for item in self.history
        ]


class SearchRequest(_Asked):
    """A question whose passages are wanted, without an answer."""

    limit: int | None = Field(None, ge=1, le=100, description="how many passages; else as many as an answer sees")


@dataclass(frozen=True, slots=True)
class ArticleEntry:
    """An article in the list: all that is known of it but the text, whose length is `characters`."""

    key: str
    title: str | None
    outlet: str | None
    author: str | None
    published: str | None
    url: str | None
    language: str | None
    file: str
    characters: int
    also: tuple[str, ...]  # keys of other places of exactly this text
    group: str | None  # key of the first of its near-duplicates


@dataclass(frozen=True, slots=True)
class LibraryEntry(ArticleEntry):
    """A place of the folder and what became of it. One that was skipped has no characters and nothing known of it."""

    state: State
    reason: str | None  # why it was skipped, or the flaw that it was read with
    duplicate_of: str | None  # key of the article under whose name exactly this text is indexed
    removable: bool  # whether who asks may remove its file


@dataclass(frozen=True, slots=True)
class ArticleText(ArticleEntry):
    """One article with its text: offsets of citations count code points in it."""

    text: str


@dataclass(frozen=True, slots=True)
class ArticleList:
    """A part of the list of articles; `total` counts all that match, `states` those that match but for their state."""

    total: int
    articles: tuple[LibraryEntry, ...]
    states: dict[State, int]
    uploads: bool  # whether articles can be added and removed here
    file_bytes: int  # most bytes of an upload
    kinds: tuple[str, ...]  # endings of the files that are read, by what is installed


@dataclass(frozen=True, slots=True)
class Uploaded:
    """An upload that was taken in. It is indexed by the build that follows."""

    file: str  # its path below the articles folder
    replaced: bool
    articles: tuple[str, ...]  # keys of the articles that it holds
    skipped: tuple[Skipped, ...]  # parts of it that gave none
    remarks: tuple[Skipped, ...] = ()  # articles that may not be what was meant: very short ones, broken characters


@dataclass(frozen=True, slots=True)
class Removed:
    """A file that was removed; its articles leave the index by the build that follows."""

    file: str
    articles: int


@dataclass(frozen=True, slots=True)
class Health:
    """What is being served. `index` names the content of the index and how it was made."""

    status: str
    version: str
    model: str
    articles: int
    chunks: int
    index: str
    built_at: str


@dataclass(frozen=True, slots=True)
class Problem:
    """What was wrong with a request; `request_id` stands in the server's log too."""

    code: str
    message: str
    request_id: str


@dataclass(frozen=True, slots=True)
class ProblemReply:
    """Every reply that is not the one asked for."""

    error: Problem
