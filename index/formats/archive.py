"""Zip archives of the other formats. Nothing is written to disk, and nothing is unpacked beyond the caps."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from index.encoding import Unreadable, printable
from index.formats.base import Part, Reading, Refused, is_note

ReadMember = Callable[[str, bytes, Reading, int], Iterator[Part]]


def read_zip(data: bytes, reading: Reading, depth: int, read_member: ReadMember) -> Iterator[Part]:
    """Each member by its own format, at `/its/name`. A member that cannot be read never stops the others."""
    if depth >= reading.max_archive_depth:
        raise Unreadable(
            f"archives are read to a depth of {reading.max_archive_depth} (DATELINE_MAX_ARCHIVE_DEPTH); unpack it"
        )
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OverflowError) as error:
        raise Unreadable(f"it is a broken archive ({error})") from error
    with archive:
        members = archive.infolist()
        if len(members) > reading.max_archive_members:
            raise Unreadable(
                f"it has {len(members):,} members, more than the {reading.max_archive_members:,} allowed "
                "(DATELINE_MAX_ARCHIVE_MEMBERS)"
            )
        left = reading.max_archive_bytes
        seen: set[str] = set()
        for member in members:
            if member.is_dir() or _is_hidden(member.filename) or is_note(member.filename):
                continue
            inner = "/" + member.filename
            try:
                if member.filename in seen:
                    raise Unreadable("another member has this name")
                seen.add(member.filename)
                content = _unpack(archive, member, reading, left)
                left -= len(content)
                for part in read_member(member.filename, content, reading, depth + 1):
                    yield replace(part, inner=inner + part.inner)
            except Unreadable as reason:
                yield Refused(printable(inner), str(reason))


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, reading: Reading, left: int) -> bytes:
    """A member's bytes. The sizes that an archive states may be lies: never more is unpacked than allowed."""
    _check_name(member.filename)
    if stat.S_ISLNK(member.external_attr >> 16):
        raise Unreadable("it is a link")
    if member.flag_bits & 1:
        raise Unreadable("it is encrypted")
    allowed = min(reading.max_file_bytes, left, reading.max_archive_ratio * max(1, member.compress_size))
    try:
        with archive.open(member) as file:
            content = file.read(allowed + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise Unreadable(f"it is broken in the archive ({error})") from error
    if len(content) > allowed:
        raise Unreadable(
            "it unpacks to more than is allowed (DATELINE_MAX_FILE_BYTES, DATELINE_MAX_ARCHIVE_BYTES, "
            "DATELINE_MAX_ARCHIVE_RATIO)"
        )
    return content


def _check_name(name: str) -> None:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if ".." in parts or name.startswith(("/", "\\")) or (len(name) > 1 and name[1] == ":"):
        raise Unreadable("its name leads out of the archive")
    if printable(name) != name:
        raise Unreadable("its name holds control characters")


def _is_hidden(name: str) -> bool:
    parts = name.split("/")
    return parts[0] == "__MACOSX" or any(part.startswith(".") and part != ".." for part in parts)
