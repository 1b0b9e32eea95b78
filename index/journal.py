"""The journal of a build: each vector as soon as it is made, so that a build that was killed need not make it again.

A header line, then records of one length: sha256 of the text, the vector (float32), crc32 of both. A record
that was torn by a crash, and all after it, counts for nothing. Publishing removes the journal.
"""

from __future__ import annotations

import hashlib
import os
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from index.embedder import Vectors

_DIGEST = 32
_CRC = struct.Struct("<I")


class Journal:
    """Vectors by text, kept in a file. Use it under the build's lock."""

    def __init__(self, path: Path, *, embedder: str, dimension: int) -> None:
        self._path = path
        self._header = f"dateline journal 1 {hashlib.sha256(embedder.encode()).hexdigest()} {dimension}\n".encode()
        self._dimension = dimension
        self._known, self._good_bytes = self._read()

    def __len__(self) -> int:
        return len(self._known)

    def get(self, text: str) -> Vectors | None:
        """The vector of a text, when an earlier build made it."""
        return self._known.get(_digest(text))

    def append(self, texts: Sequence[str], vectors: Vectors) -> None:
        """Keep the vectors of texts on disk.

        Raises:
            OSError: they cannot be written.
        """
        records = bytearray()
        for text, vector in zip(texts, vectors, strict=True):
            record = _digest(text) + vector.astype("<f4").tobytes()
            records += record + _CRC.pack(zlib.crc32(record))
        with self._path.open("r+b" if self._good_bytes else "wb") as file:
            # What a crash left torn is cut off, or no reader would get past it.
            file.truncate(self._good_bytes)
            file.seek(self._good_bytes)
            if not self._good_bytes:
                file.write(self._header)
            file.write(records)
            file.flush()
            os.fsync(file.fileno())
            self._good_bytes = file.tell()

    def _read(self) -> tuple[dict[bytes, Vectors], int]:
        """The whole records, and the length of the file that they take."""
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return {}, 0
        if not data.startswith(self._header):  # of another embedder, or torn in its first line
            return {}, 0
        length = _DIGEST + 4 * self._dimension + _CRC.size
        known: dict[bytes, Vectors] = {}
        at = len(self._header)
        while at + length <= len(data):
            record, (crc,) = data[at : at + length - _CRC.size], _CRC.unpack_from(data, at + length - _CRC.size)
            if zlib.crc32(record) != crc:
                break
            known[record[:_DIGEST]] = np.frombuffer(record, "<f4", offset=_DIGEST).astype(np.float32)
            at += length
        return known, at


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
