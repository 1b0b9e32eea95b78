"""A process that builds, to be killed: it imports all once and forks a child for each build that it is asked for.

One JSON object a line on stdin: {articles, index, and how the build is to end}; one a line on stdout: how it did.
    kill_after   seconds after which the child is killed by SIGKILL
    kill_event   the child kills itself before its n-th act on the index folder (open, mkdir, rename, remove)
    kill_encode  the child kills itself when it is to embed its n-th batch
    most_bytes   no file can grow beyond this: what a full disk does
"""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import sys
import time
import zlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index import Options, build
from index.embedder import Vectors
from index.errors import CorpusError, StoreWriteError

_ACTS = frozenset({"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.truncate"})


class WordEmbedder:
    """Vectors of the words in a text, fixed for ever: quick, and alike where texts share words."""

    fingerprint = "words:1"
    dimension = 32
    window = 256

    def __init__(self, *, seconds: float = 0.0, kill_at: int | None = None) -> None:
        self._seconds = seconds  # that a batch takes
        self._kill_at = kill_at
        self.encoded = 0

    def encode(self, texts: Sequence[str]) -> Vectors:
        if self._kill_at is not None:
            self._kill_at -= 1
            if self._kill_at < 0:
                os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(self._seconds)
        self.encoded += len(texts)
        rows = [sum(map(_vector, re.findall(r"\w+", text.casefold())), _vector("")) for text in texts]
        return np.array([row / np.linalg.norm(row) for row in rows], np.float32).reshape(len(texts), self.dimension)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(re.findall(r"\w|[^\w\s]", text)) // 4 + 1 for text in texts]


@cache
def _vector(word: str) -> NDArray[np.float64]:
    return np.random.default_rng(zlib.crc32(word.encode())).standard_normal(WordEmbedder.dimension)


def main() -> None:
    """Answer requests until stdin ends."""
    for line in sys.stdin:
        request: dict[str, Any] = json.loads(line)
        started = time.perf_counter()
        child = os.fork()
        if not child:
            os._exit(_child(request))
        if (seconds := request.get("kill_after")) is not None:
            time.sleep(seconds)
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        answer = {"code": os.waitstatus_to_exitcode(status), "seconds": time.perf_counter() - started}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _child(request: dict[str, Any]) -> int:
    index = Path(request["index"])
    if (number := request.get("kill_event")) is not None:
        _kill_at_act(number, str(index))
    if (most := request.get("most_bytes")) is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    embedder = WordEmbedder(seconds=request.get("embed_seconds", 0.0), kill_at=request.get("kill_encode"))
    try:
        build(Path(request["articles"]), index, embedder=embedder, options=Options())
    except (StoreWriteError, CorpusError):
        return 3
    return 0


def _kill_at_act(number: int, index: str) -> None:
    left = number

    def count(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal left
        # The parts of a tree that is removed are named below a descriptor, not by their whole path.
        if event in _ACTS and (str(arguments[0]).startswith(index) or event in ("os.remove", "os.rmdir")):
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)


if __name__ == "__main__":
    main()
