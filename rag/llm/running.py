"""Runs a model's stream with time limits, one more try, and a stop that ends the model's work at once.

The streams are asynchronous and run on one loop in a thread of its own: a coroutine can be cancelled wherever it
waits, and its connection is closed then, also while the model still reads the prompt.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from rag.errors import ModelError, ModelTooSlow
from rag.settings import Settings

BEAT = 0.2
"""Seconds after which a stream that has nothing new gives an empty piece."""

_TRIES = 2
_LONGEST_WAIT = 5.0  # seconds between two tries; who asks for more is not asked again
_CLOSING = 2.0  # seconds for closing a connection
T = TypeVar("T")
Pieces = Callable[[], AsyncGenerator[str, None]]


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds until the first piece (connection included), and until the last one."""

    first: float
    total: float

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        return cls(settings.first_token_seconds, settings.answer_seconds)


def run(pieces: Pieces, limits: Limits, *, name: str) -> Generator[str, None, None]:
    """The pieces of a stream as they come, and an empty one at least every `BEAT` seconds.

    A stream that fails before its first piece is tried once more where its error says that this makes sense. Closing
    the iterator cancels the stream and returns when its connection is closed.

    Raises:
        ModelTooSlow: a time limit is reached.
        ModelError: what the stream raises.
    """
    arrived: queue.SimpleQueue[str | Exception | None] = queue.SimpleQueue()
    ended = threading.Event()

    async def pump() -> None:
        try:
            await _relay(pieces, limits, arrived.put, name)
            arrived.put(None)
        except Exception as error:  # noqa: BLE001 - it is raised where the pieces are read
            arrived.put(error)
        finally:
            ended.set()

    work = asyncio.run_coroutine_threadsafe(pump(), _loop())
    try:
        while True:
            try:
                item = arrived.get(timeout=BEAT)
            except queue.Empty:
                item = ""
            if item is None:
                return
            if isinstance(item, Exception):
                raise item
            yield item
    finally:
        work.cancel()
        ended.wait(_CLOSING)


def wait_for(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end on the models' loop."""
    return asyncio.run_coroutine_threadsafe(coroutine, _loop()).result()


async def _relay(pieces: Pieces, limits: Limits, put: Callable[[str], None], name: str) -> None:
    clock = asyncio.get_running_loop().time
    deadline = clock() + limits.total
    for attempt in range(1, _TRIES + 1):
        begun = False
        try:
            async with (
                asyncio.timeout_at(deadline),
                asyncio.timeout(limits.first) as until_first,
                contextlib.aclosing(pieces()) as stream,
            ):
                async for piece in stream:
                    if piece and not begun:
                        begun = True
                        until_first.reschedule(None)
                    put(piece)
        except TimeoutError:
            what, seconds = ("finish", limits.total) if begun or clock() >= deadline else ("begin", limits.first)
            setting = "DATELINE_ANSWER_SECONDS" if what == "finish" else "DATELINE_FIRST_TOKEN_SECONDS"
            raise ModelTooSlow(f"{name} did not {what} its answer in {seconds:g} seconds ({setting}).") from None
        except ModelError as error:
            again = error.retry_after is not None and error.retry_after <= _LONGEST_WAIT
            if begun or attempt == _TRIES or not again:
                raise
            await asyncio.sleep(error.retry_after or 0.0)
        else:
            return


@lru_cache(maxsize=1)
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="models", daemon=True).start()
    return loop
