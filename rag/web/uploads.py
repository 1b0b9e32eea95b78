"""The folder that uploads go to: what may be put there, by whom, and what may be taken away.

An upload is kept as it came, an archive too: the index reads archives in memory, within its caps, so nothing is ever
unpacked here. With users, each has a folder of their own in it, named after them.
"""

from __future__ import annotations

import os
import secrets
import threading
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from index import Reading, Skipped
from index.formats import SUFFIXES, Document, Unreadable, read_file
from index.formats.base import is_note
from rag.errors import DatelineError, SettingsError
from rag.render import visible
from rag.settings import Settings

_NAME_BYTES = 200
_MOST_FILES = 10_000  # of one user
_FEW_CHARS = 60  # an article of fewer may be the wrong file
_SEPARATORS = frozenset("/\\")


class UploadError(DatelineError):
    """A file cannot be taken in; the message says why."""


class NotYoursError(DatelineError):
    """A file may not be removed from here."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A file that was taken in: its path below the articles folder, and what it holds, by key."""

    file: str
    replaced: bool
    articles: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    remarks: tuple[Skipped, ...] = ()  # what is indexed all the same, and may not be what was meant


class Uploads:
    """Uploads to one folder below the articles folder. Safe to use from several threads.

    `user` is "" when the server has no users: everything in the folder is then theirs who reach the server.
    """

    def __init__(self, articles: Path, folder: Path, reading: Reading, *, quota: int) -> None:
        """`folder` counts from `articles` when it is relative; `quota` is the most bytes that a user may keep.

        Raises:
            SettingsError: the folder is no folder that is indexed with the articles.
        """
        self._articles = Path(os.path.realpath(articles))
        path = Path(os.path.normpath(self._articles / folder))
        if Path(os.path.realpath(path)) != path or not path.is_relative_to(self._articles) or path == self._articles:
            raise SettingsError(
                f"DATELINE_UPLOADS={folder} is no folder inside the articles folder {articles} (links do not count): "
                "only there are uploads indexed. Name one inside, say DATELINE_UPLOADS=uploads."
            )
        self.prefix = path.relative_to(self._articles).as_posix()
        if any(part.startswith(".") for part in PurePosixPath(self.prefix).parts):
            raise SettingsError(f"DATELINE_UPLOADS={folder} is hidden, and is not indexed. Name one without a dot.")
        self._reading = reading
        self._quota = quota
        self._lock = threading.Lock()

    @classmethod
    def from_settings(cls, settings: Settings) -> Uploads | None:
        """The uploads that the settings give; None where they name no folder.

        Raises:
            SettingsError: as above.
        """
        if settings.uploads is None:
            return None
        reading = settings.index_options.reading
        return cls(settings.articles, settings.uploads, reading, quota=settings.upload_quota_bytes)

    def owner(self, file: str) -> str | None:
        """Whose upload a file of the articles folder is; None when it is nobody's own."""
        inside = file.removeprefix(f"{self.prefix}/")
        user, slash, _ = inside.partition("/")
        return user if slash and inside != file else None

    def may_remove(self, user: str, file: str) -> bool:
        """Whether this user may take the file away."""
        return file.startswith(f"{self.prefix}/") and (not user or self.owner(file) == user)

    def holds(self, user: str, file: str) -> bool:
        """Whether there is such an upload, which this user may take away."""
        path = self._articles / file
        return self.may_remove(user, file) and Path(os.path.realpath(path)) == path and path.is_file()

    def save(self, user: str, name: str, data: bytes) -> Saved:
        """Take a file in; one of the same name is replaced. What its parts give is told, before it is indexed.

        Raises:
            UploadError: its name, kind or size will not do, it holds no article, or there is no room.
        """
        name = unicodedata.normalize("NFC", name)
        check_name(name)
        folder = PurePosixPath(self.prefix, user)
        file = str(folder / name)
        articles, skipped, remarks = self._parts(file, data)
        with self._lock:
            try:
                target = self._folder(folder) / name
                self._check_room(target, len(data))
                replaced = target.is_symlink() or target.exists()
                _write(target, data)
            except OSError as error:
                raise UploadError(f"{name} cannot be kept: {error.strerror}.") from error
        return Saved(file, replaced, articles, skipped, remarks)

    def remove(self, user: str, file: str) -> None:
        """Take a file away.

        Raises:
            NotYoursError: it is not this user's upload.
            UploadError: it cannot be removed.
        """
        if ".." in PurePosixPath(file).parts or not self.may_remove(user, file):
            raise NotYoursError("Only what you uploaded can be removed here; remove other files from their folder.")
        path = self._articles / file
        try:
            if Path(os.path.realpath(path.parent)) != path.parent:
                raise NotYoursError("It lies behind a link, and is not removed from here.")
            path.unlink(missing_ok=True)  # of a link: the link alone
        except OSError as error:
            raise UploadError(f"{file} cannot be removed: {error.strerror}.") from error

    def _parts(self, file: str, data: bytes) -> tuple[tuple[str, ...], tuple[Skipped, ...], tuple[Skipped, ...]]:
        if len(data) > self._reading.max_file_bytes:
            raise UploadError(
                f"It has {len(data):,} bytes, more than the {self._reading.max_file_bytes:,} allowed "
                "(DATELINE_MAX_FILE_BYTES)."
            )
        keys: list[str] = []
        skipped: list[Skipped] = []
        remarks: list[Skipped] = []
        try:
            for part in read_file(file, data, self._reading):
                if isinstance(part, Document):
                    key = file + part.inner
                    keys.append(key)
                    said = (part.remark, _shortness(part.text))
                    remarks.extend(Skipped(key, remark) for remark in said if remark)
                else:
                    skipped.append(Skipped(file + part.inner, part.reason))
        except Unreadable as reason:
            raise UploadError(f"It gives no article: {reason}.") from reason
        if not keys:
            reasons = "; ".join(f"{item.path.removeprefix(file)}: {item.reason}" for item in skipped[:3])
            raise UploadError(f"It gives no article ({reasons or 'it is empty'}).")
        return tuple(keys), tuple(skipped), tuple(remarks)

    def _folder(self, folder: PurePosixPath) -> Path:
        path = self._articles / folder
        path.mkdir(parents=True, exist_ok=True)
        if Path(os.path.realpath(path)) != path:
            raise UploadError("The folder of the uploads has become a link. Put a folder in its place.")
        return path

    def _check_room(self, target: Path, size: int) -> None:
        kept = [
            path.lstat().st_size
            for root, _, names in os.walk(target.parent)
            for name in names
            if (path := Path(root, name)) != target
        ]
        if sum(kept) + size > self._quota:
            raise UploadError(
                f"There is no room: {self._quota:,} bytes may be kept (DATELINE_UPLOAD_QUOTA_BYTES). Remove something."
            )
        if len(kept) >= _MOST_FILES:
            raise UploadError(f"There are {_MOST_FILES:,} uploads already. Remove something, or upload a zip.")


def check_name(name: str) -> None:
    """Whether an upload may have this name.

    Raises:
        UploadError: no; the message says why.
    """
    if not name or name != name.strip() or name.endswith("."):
        raise UploadError("Its name is empty, or begins or ends with a space or a dot.")
    if name.startswith(".") or _SEPARATORS & set(name):
        raise UploadError("Its name is no plain file name: no / or \\, and no dot at the beginning.")
    if any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in name) or visible(name) != name:
        raise UploadError("Its name holds control characters.")
    if len(name.encode()) > _NAME_BYTES:
        raise UploadError(f"Its name is too long: {_NAME_BYTES} bytes at most.")
    if PurePosixPath(name).suffix.lower() not in SUFFIXES:
        raise UploadError(f"Its kind is not read (only {', '.join(sorted(SUFFIXES))}).")
    if is_note(name):
        raise UploadError("A file of this name is a note about its folder, and is not indexed. Rename it.")


def _shortness(text: str) -> str | None:
    if len(text) >= _FEW_CHARS:
        return None
    count = f"{len(text)} {'character' if len(text) == 1 else 'characters'}"
    return f"it is very short ({count}): is it the whole article?"


def _write(target: Path, data: bytes) -> None:
    """Write the file whole or not at all, never through a link."""
    new = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with new.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, target)
    except OSError:
        with suppress(OSError):
            new.unlink(missing_ok=True)
        raise
