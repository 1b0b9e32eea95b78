"""Generations of an index on disk: written whole beside the old one, put in force by one rename, read whole or not.

built/CURRENT               the name of the generation in force, and the sha256 of its manifest
built/generations/<name>/   its files, and manifest.json with the sha256 of each
built/build.lock            held by the process that builds; the system frees it when the process dies
built/journal               vectors of a build that has not published yet
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import filelock

from index.errors import (
    StoreBusyError,
    StoreDamagedError,
    StoreMismatchError,
    StoreMissingError,
    StoreWriteError,
)
from index.records import Skipped

FORMAT = 2
MEND = "Run `dateline build --rebuild` to make it anew from the articles."
JOURNAL = "journal"
_POINTER = "CURRENT"
_NEW_POINTER = "CURRENT.new"
_MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a store was built from and with. `fingerprint` is the same for the same content and settings."""

    embedder: str
    chunking: str
    fingerprint: str
    files: Mapping[str, str]  # path below the corpus folder → sha256 of its bytes
    skipped: tuple[Skipped, ...]
    remarks: tuple[Skipped, ...]
    articles: int
    chunks: int
    sentences: int
    built_at: str
    state: str = ""  # digest of the folder and of how it was read
    reading: str = ""  # digest of how it was read
    format: int = FORMAT
    checksums: Mapping[str, str] = field(default_factory=dict)  # file of the generation → sha256


@contextmanager
def build_lock(folder: Path, *, wait: float = 0.0) -> Iterator[None]:
    """Hold the index for writing, waiting up to `wait` seconds for another. The lock dies with its process.

    Raises:
        StoreBusyError: another process still holds it.
        StoreWriteError: the folder cannot be written.
    """
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(folder / "build.lock", timeout=wait)
        try:
            lock.acquire()
        except filelock.Timeout:
            raise StoreBusyError(
                f"Another process is building the index in {folder}. Try again when it has finished, or wait for it "
                "(DATELINE_WAIT_SECONDS)."
            ) from None
    try:
        yield
    finally:
        lock.release()


def current_pointer(folder: Path) -> str:
    """What the pointer says, to see cheaply whether a new generation is in force; "" when there is none."""
    try:
        return (folder / _POINTER).read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""


def read_current(folder: Path) -> tuple[Path, Manifest]:
    """The generation in force: its folder and its manifest.

    Raises:
        StoreMissingError: there is none.
        StoreDamagedError: the pointer or the manifest is not as it was written.
        StoreMismatchError: another version of Dateline wrote it.
    """
    pointer = folder / _POINTER
    try:
        name, expected = pointer.read_text(encoding="ascii").split()
        generation = folder / "generations" / f"{int(name):06d}"
    except (FileNotFoundError, NotADirectoryError):
        raise StoreMissingError(f"There is no index in {folder}. Run `dateline build` to make it.") from None
    except ValueError as error:
        raise StoreDamagedError(f"The index file {pointer} is damaged. {MEND}") from error
    path = generation / _MANIFEST
    try:
        data = path.read_bytes()
    except OSError as error:
        raise StoreDamagedError(_not_there(path, error)) from None
    if hashlib.sha256(data).hexdigest() != expected:
        raise StoreDamagedError(f"The index file {path} is damaged (checksum differs; or {pointer.name} is). {MEND}")
    record: dict[str, Any] = json.loads(data)
    if record["format"] != FORMAT:
        raise StoreMismatchError(f"The index in {folder} has format {record['format']}, not {FORMAT}. {MEND}")
    for field_name in ("skipped", "remarks"):
        record[field_name] = tuple(Skipped(**item) for item in record[field_name])
    return generation, Manifest(**record)


def verify(generation: Path, manifest: Manifest) -> None:
    """Compare every file of a generation with its checksum.

    Raises:
        StoreDamagedError: one is missing or changed; the message names it.
    """
    for name, expected in manifest.checksums.items():
        if _sha256(generation / name) != expected:
            raise StoreDamagedError(f"The index file {generation / name} is damaged (checksum differs). {MEND}")


def publish(folder: Path, manifest: Manifest, write: Callable[[Path], None]) -> None:
    """Have `write` fill a new generation, put it in force by one rename, remove the others and the journal.

    A crash at any moment leaves the last published generation in force. Call it under `build_lock`.

    Raises:
        StoreWriteError: there is no room, or no permission; the last generation stays in force.
    """
    with writing(folder):
        generations = folder / "generations"
        generations.mkdir(parents=True, exist_ok=True)
        name = f"{_next_number(generations):06d}"
        target = generations / name
        target.mkdir()
        try:
            digest = _fill(target, manifest, write)
            _fsync(generations)
            pointer = folder / _NEW_POINTER
            pointer.write_text(f"{name} {digest}\n", encoding="ascii")
            _fsync(pointer)
        except OSError:
            shutil.rmtree(target, ignore_errors=True)  # a full disk needs the room
            raise
        os.replace(pointer, folder / _POINTER)
        _fsync(folder)
    sweep(folder, keep=target)
    drop_journal(folder)


def sweep(folder: Path, *, keep: Path | None = None) -> None:
    """Remove all generations but one, and what a killed build left. Readers hold theirs in memory."""
    with suppress(OSError):  # what cannot be removed now is removed by the next build
        (folder / _NEW_POINTER).unlink(missing_ok=True)
        for other in (folder / "generations").iterdir():
            if other != keep:
                shutil.rmtree(other, ignore_errors=True)


def drop_journal(folder: Path) -> None:
    """Remove the journal: its vectors are published."""
    with suppress(OSError):  # what cannot be removed now is removed by the next build
        (folder / JOURNAL).unlink(missing_ok=True)


def leftovers(folder: Path, generation: Path) -> list[str]:
    """What a killed build left and the next one will remove or use."""
    found = [path.name for path in (folder / _NEW_POINTER, folder / JOURNAL) if path.exists()]
    return found + [f"generations/{other.name}" for other in generation.parent.iterdir() if other != generation]


def _fill(target: Path, manifest: Manifest, write: Callable[[Path], None]) -> str:
    """Write a generation's files and its manifest, all of it on the disk when this returns the manifest's sha256."""
    write(target)
    files = sorted(path for path in target.rglob("*") if path.is_file())
    checksums = {path.relative_to(target).as_posix(): _sha256(path) for path in files}
    record = asdict(replace(manifest, checksums=checksums))
    path = target / _MANIFEST
    path.write_text(json.dumps(record, ensure_ascii=False, indent=1), encoding="utf-8")
    for written in (*files, path, *(inner for inner in target.rglob("*") if inner.is_dir()), target):
        _fsync(written)
    return _sha256(path)


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turn an error of the disk into one that says what it means for the index."""
    try:
        yield
    except OSError as error:
        raise StoreWriteError(
            f"The index in {folder} cannot be written: {error.strerror or error}. What was built before stays in "
            "force. Make room or give permission, and run `dateline build` again."
        ) from error


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise StoreDamagedError(_not_there(path, error)) from None


def _not_there(path: Path, error: OSError) -> str:
    what = "is missing" if isinstance(error, FileNotFoundError) else f"cannot be read ({error.strerror})"
    return f"The index file {path} {what}. {MEND}"


def _next_number(generations: Path) -> int:
    return max((int(path.name) for path in generations.iterdir() if path.name.isdigit()), default=0) + 1


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
