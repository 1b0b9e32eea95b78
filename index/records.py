"""The data that the index keeps: articles, chunks, hits. Offsets are code points, half-open, everywhere."""

from __future__ import annotations

from dataclasses import dataclass

Span = tuple[int, int]
"""`(start, end)`: offsets in code points into an article's text, half-open."""


@dataclass(frozen=True, slots=True)
class Source:
    """Another place where exactly an article's text was found, and what that place says of it."""

    key: str
    title: str | None = None
    outlet: str | None = None
    author: str | None = None
    published: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """One source text and what is known of it. What neither the text nor its file tells is None, never guessed.

    `text` is what its format gave, line ends made `\\n` and nothing else changed (for a text file: the decoded
    file): every offset in Dateline points into it. `key` is the path below the corpus folder, with `/`; a record
    of a JSON file is `file.jsonl#id`, a member of an archive `file.zip/inner.txt`.
    """

    key: str
    text: str
    title: str | None = None
    outlet: str | None = None
    author: str | None = None
    published: str | None = None  # YYYY-MM-DD
    encoding: str = "utf-8"
    url: str | None = None
    language: str | None = None  # ISO 639-1, or 639-3 where that has none
    file: str = ""  # the file that it was read from, below the corpus folder
    copies: tuple[Source, ...] = ()  # other places of exactly this text
    group: str | None = None  # key of the first of its near-duplicates; None when it has none

    @property
    def also(self) -> tuple[str, ...]:
        """Keys of the other places of exactly this text."""
        return tuple(copy.key for copy in self.copies)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A span of an article that fits the embedder's window. `text == article.text[start:end]`, always.

    `sentences` are spans in the article, in order, that cover every word of the chunk.
    `title` is context for embedding and lexical search; it is not part of the text or of any offset.
    """

    article: str
    start: int
    end: int
    text: str
    sentences: tuple[Span, ...]
    title: str | None = None

    def sentence_text(self, span: Span) -> str:
        """The text of one of this chunk's sentences."""
        return self.text[span[0] - self.start : span[1] - self.start]


@dataclass(frozen=True, slots=True)
class Hit:
    """A row of the store that a search found, and its score (higher is better)."""

    row: int
    score: float


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was not indexed, or only in part, and why. `path` is below the corpus folder."""

    path: str
    reason: str
