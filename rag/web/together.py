"""Several streams at once, each in a thread of its own: what they give, in the order in which it comes."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Sequence
from contextlib import closing, suppress
from typing import TypeVar

T = TypeVar("T")
_AHEAD = 4  # items that may wait to be read: a stream does not run away from its reader
_BEAT = 0.1  # seconds between two looks at whether anybody still reads


def together(streams: Sequence[Generator[T, None, None]]) -> Generator[tuple[int, T], None, None]:
    """The items of all streams, each with its stream's place. Closing it closes every stream, at its next item.

    One stream alone runs where it is read. An error of a stream is raised here, and ends them all.
    """
    if len(streams) == 1:
        with closing(streams[0]) as stream:
            for item in stream:
                yield 0, item
        return
    arrived: queue.Queue[tuple[int, T] | Exception | None] = queue.Queue(_AHEAD)
    closed = threading.Event()

    def put(what: tuple[int, T] | Exception | None) -> None:
        while not closed.is_set():
            with suppress(queue.Full):
                arrived.put(what, timeout=_BEAT)
                return

    def run(at: int, stream: Generator[T, None, None]) -> None:
        try:
            with closing(stream):
                for item in stream:
                    put((at, item))
                    if closed.is_set():
                        return
        except Exception as error:  # noqa: BLE001 - it is raised where the items are read
            put(error)
        else:
            put(None)

    for at, stream in enumerate(streams):
        threading.Thread(target=run, args=(at, stream), name=f"stream {at}", daemon=True).start()
    try:
        running = len(streams)
        while running:
            what = arrived.get()
            if isinstance(what, Exception):
                raise what
            if what is None:
                running -= 1
            else:
                yield what
    finally:
        closed.set()
