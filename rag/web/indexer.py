"""The index built in the background, one build at a time: what changes during one is taken in by the next."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from index import ArticleIndexError, BuildReport
from index.build import Progress

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """What the indexer does: `done` of `total` in a phase of the work; and how the last build ended."""

    state: Literal["idle", "running", "failed"] = "idle"
    phase: str = ""
    done: int = 0
    total: int = 0
    builds: int = 0  # ended since the server started
    added: int = 0
    changed: int = 0
    removed: int = 0
    skipped: int = 0
    error: str | None = None


class Indexer:
    """Runs `update` in a thread of its own whenever it is asked to. Safe to use from several threads."""

    def __init__(self, update: Callable[[Progress], BuildReport]) -> None:
        self._update = update
        self._lock = threading.Lock()
        self._again = False
        self._status = IndexStatus()

    @property
    def status(self) -> IndexStatus:
        """What it does now."""
        return self._status

    def start(self) -> IndexStatus:
        """Begin a build; while one runs, another will follow it."""
        with self._lock:
            if self._status.state == "running":
                self._again = True
            else:
                self._status = IndexStatus("running", builds=self._status.builds)
                # A build that is cut off by the end of the program harms nothing: the next one takes up its work.
                threading.Thread(target=self._run, name="indexer", daemon=True).start()
            return self._status

    def _run(self) -> None:
        while True:
            ended = self._build()
            with self._lock:
                if not self._again:
                    self._status = ended
                    return
                self._again = False
                self._status = IndexStatus("running", builds=ended.builds)

    def _build(self) -> IndexStatus:
        builds = self._status.builds + 1
        try:
            report = self._update(self._advance)
        except ArticleIndexError as error:
            _log.warning("The index was not updated. %s", error)
            return IndexStatus("failed", builds=builds, error=str(error))
        except BaseException:
            # A defect: it is logged by the thread's end, and must not be shown as work that goes on for ever.
            self._status = IndexStatus(
                "failed", builds=builds, error="The index was not updated: the server's log says why. Mend that."
            )
            raise
        return IndexStatus(
            builds=builds,
            added=len(report.added),
            changed=len(report.changed) + len(report.renamed),
            removed=len(report.removed),
            skipped=len(report.skipped),
        )

    def _advance(self, phase: str, done: int, total: int) -> None:
        self._status = replace(self._status, phase=phase, done=done, total=total)
