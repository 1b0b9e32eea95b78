"""Files → Articles, and the files that were skipped, each with its reason. Nothing is dropped in silence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from index.folder import SIDECAR, File, read_files, reading_digest, state_digest
from index.formats import Document, Reading, Unreadable, read_file
from index.language import detect_language
from index.metadata import Metadata, read_metadata, site_of
from index.records import Article, Skipped, Source
from index.sidecar import read_sidecar

_DEFAULT = Reading()


@dataclass(frozen=True, slots=True)
class Corpus:
    """What a folder holds: its articles, the files skipped, and remarks on files that were read with a flaw."""

    articles: tuple[Article, ...]
    skipped: tuple[Skipped, ...]
    remarks: tuple[Skipped, ...]
    files: dict[str, str]  # path → sha256 of its bytes, of every file that could be read
    state: str  # digest of all that decides what the articles are
    reading: str  # digest of the settings alone


@dataclass(frozen=True, slots=True)
class Known:
    """What an earlier reading found, by file: a file that is the same byte for byte need not be parsed again."""

    files: Mapping[str, str]
    reading: str
    articles: Mapping[str, Sequence[Article]]  # by file, of those files alone that were read whole and without a flaw


@dataclass(slots=True)
class _Found:
    """What is gathered while reading."""

    articles: dict[str, Article] = field(default_factory=dict)  # by text
    keys: set[str] = field(default_factory=set)
    skipped: list[Skipped] = field(default_factory=list)
    remarks: list[Skipped] = field(default_factory=list)


def read_corpus(
    folder: Path,
    reading: Reading = _DEFAULT,
    *,
    leave_out: Path | None = None,
    known: Known | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Corpus:
    """Read every article below `folder`.

    What cannot be read becomes a `Skipped` and never stops the others. Places with exactly the same text
    become one article whose `copies` name the others.

    Args:
        folder: the corpus.
        reading: how files are read, and the caps.
        leave_out: a folder inside that is not part of the corpus.
        known: an earlier reading, for what need not be parsed again.
        progress: called with the number of files done, and of all.

    Raises:
        CorpusError: `folder` does not exist or is not a folder.
    """
    found = _Found()
    files: dict[str, str] = {}
    unread: list[Skipped] = []
    overrides: dict[str, Metadata] = {}
    reusable = known if known and known.reading == reading_digest(reading) else None
    for file in read_files(folder, reading, unread, leave_out=leave_out, progress=progress):
        files[file.path] = file.sha256
        if file.path == SIDECAR:
            overrides = read_sidecar(file.data, found.remarks)
            continue
        if reusable and files.get(SIDECAR) != reusable.files.get(SIDECAR):
            reusable = None
        if reusable and reusable.files.get(file.path) == file.sha256 and file.path in reusable.articles:
            for article in reusable.articles[file.path]:
                _add(found, replace(article, copies=(), group=None), reading)
        else:
            _parse(found, file, overrides, reading)
    for name in sorted(overrides.keys() - found.keys - files.keys()):
        found.remarks.append(Skipped(SIDECAR, f"there is no article {name!r}"))
    skipped = sorted((*unread, *found.skipped), key=lambda item: (item.path, item.reason))
    return Corpus(
        tuple(found.articles.values()), tuple(skipped), tuple(found.remarks), files,
        state_digest(files, unread, reading), reading_digest(reading),
    )  # fmt: skip


def _parse(found: _Found, file: File, overrides: Mapping[str, Metadata], reading: Reading) -> None:
    try:
        for part in read_file(file.path, file.data, reading):
            key = file.path + part.inner
            if isinstance(part, Document):
                override = overrides.get(key, Metadata()).or_else(overrides.get(file.path, Metadata()))
                _add(found, _article(key, file.path, part, override), reading)
                if part.remark:
                    found.remarks.append(Skipped(key, part.remark))
            else:
                found.skipped.append(Skipped(key, part.reason))
    except Unreadable as reason:
        found.skipped.append(Skipped(file.path, str(reason)))


def _article(key: str, file: str, document: Document, override: Metadata) -> Article:
    known = override.or_else(document.metadata).or_else(read_metadata(document.text))
    outlet = known.outlet or site_of(known.url)
    return Article(
        key, document.text, known.title, outlet, known.author, known.published,
        encoding=document.encoding, url=known.url, language=known.language or detect_language(document.text), file=file,
    )  # fmt: skip


def _add(found: _Found, article: Article, reading: Reading) -> None:
    """Take an article in, as a copy where its text is there already."""
    if article.key in found.keys:
        found.skipped.append(Skipped(article.key, "another article has this address; rename the file"))
    elif twin := found.articles.get(article.text):
        found.keys.add(article.key)
        copy = Source(article.key, article.title, article.outlet, article.author, article.published, article.url)
        found.articles[article.text] = replace(twin, copies=(*twin.copies, copy))
        found.remarks.append(Skipped(article.key, f"the same text as {twin.key}: indexed once, under that name"))
    elif len(found.articles) >= reading.max_articles:
        limit = f"{reading.max_articles:,} allowed (DATELINE_MAX_ARTICLES)"
        found.skipped.append(Skipped(article.key, f"there are more articles than the {limit}"))
    else:
        found.keys.add(article.key)
        found.articles[article.text] = article
