"""The files of an articles folder: which are read, which are not and why, and whether they are what they were."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from index.encoding import Unreadable, printable
from index.errors import CorpusError
from index.formats import SUFFIXES, Reading, parsers
from index.formats.base import is_note
from index.records import Skipped

SIDECAR = "articles.csv"  # what people know of the articles; no article itself


@dataclass(frozen=True, slots=True)
class File:
    """A file of the folder: its path below it, its bytes and their sha256."""

    path: str
    data: bytes
    sha256: str


def check_folder(folder: Path) -> None:
    """Whether articles can be looked for there; quickly told, before any model is loaded.

    Raises:
        CorpusError: `folder` does not exist or is not a folder.
    """
    if not folder.is_dir():
        what = "is not a folder" if folder.exists() else "does not exist"
        raise CorpusError(f"The articles folder {folder} {what}. Name another with --articles or DATELINE_ARTICLES.")


def read_files(
    folder: Path,
    reading: Reading,
    skipped: list[Skipped],
    *,
    leave_out: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Iterator[File]:
    """Every file below `folder` that should hold articles, by path, the sidecar first.

    Args:
        folder: the corpus.
        reading: how files are read, and the caps.
        skipped: what cannot be read is added here.
        leave_out: a folder that is not part of the corpus: the index, should it lie inside.
        progress: called with the number of files done, and of all.

    Raises:
        CorpusError: `folder` does not exist or is not a folder.
    """
    check_folder(folder)
    found = _walk(folder, skipped, os.path.realpath(leave_out) if leave_out else None)
    for done, (name, path) in enumerate(found):
        if progress:
            progress(done, len(found))
        try:
            data = _read(path, folder, reading.max_file_bytes)
        except Unreadable as reason:
            skipped.append(Skipped(name, str(reason)))
        except OSError as error:
            skipped.append(Skipped(name, error.strerror or str(error)))
        else:
            yield File(name, data, hashlib.sha256(data).hexdigest())


def state_digest(files: Mapping[str, str], unread: Sequence[Skipped], reading: Reading) -> str:
    """One digest of all that decides what the articles are: the files' hashes, those not read, the settings."""
    state = [sorted(files.items()), sorted((item.path, item.reason) for item in unread), reading_digest(reading)]
    return hashlib.sha256(json.dumps(state).encode()).hexdigest()


def folder_digest(folder: Path, reading: Reading, *, leave_out: Path | None = None) -> str:
    """The `state_digest` of the folder as it is now.

    Raises:
        CorpusError: `folder` does not exist or is not a folder.
    """
    unread: list[Skipped] = []
    files = {file.path: file.sha256 for file in read_files(folder, reading, unread, leave_out=leave_out)}
    return state_digest(files, unread, reading)


def reading_digest(reading: Reading) -> str:
    """Names the way of reading: with the same one the same bytes give the same articles."""
    return hashlib.sha256(json.dumps([asdict(reading), parsers()], sort_keys=True).encode()).hexdigest()


def _walk(folder: Path, skipped: list[Skipped], leave_out: str | None) -> list[tuple[str, Path]]:
    def unreadable(error: OSError) -> None:
        name = os.path.relpath(error.filename or folder, folder)
        skipped.append(Skipped(printable(name), f"the folder cannot be read: {error.strerror}"))

    found: list[tuple[str, Path]] = []
    for root, folders, names in os.walk(folder, onerror=unreadable, followlinks=False):
        for name in list(folders):
            path = Path(root, name)
            if name.startswith(".") or os.path.realpath(path) == leave_out:
                folders.remove(name)
            elif path.is_symlink():
                skipped.append(Skipped(_below(path, folder), "a link to a folder is not followed"))
        for name in names:
            path = Path(root, name)
            below = path.relative_to(folder).as_posix()
            if name.startswith(".") or is_note(name):
                continue
            if printable(below) != below:
                skipped.append(Skipped(printable(below), "its name is not plain Unicode; rename it"))
            elif path.suffix.lower() in SUFFIXES or below == SIDECAR:
                found.append((below, path))
            else:
                skipped.append(Skipped(below, f"its kind is not read (only {', '.join(sorted(SUFFIXES))})"))
    return sorted(found, key=lambda item: (item[0] != SIDECAR, item[0]))


def _read(path: Path, folder: Path, max_file_bytes: int) -> bytes:
    if path.is_symlink() and not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder)):
        raise Unreadable("it is a link that leads out of the folder")
    if not path.is_file():
        raise Unreadable("it is not a regular file")
    size = path.stat().st_size
    if size > max_file_bytes:
        raise Unreadable(f"it has {size:,} bytes, more than the {max_file_bytes:,} allowed (DATELINE_MAX_FILE_BYTES)")
    return path.read_bytes()


def _below(path: Path, folder: Path) -> str:
    return printable(path.relative_to(folder).as_posix())
