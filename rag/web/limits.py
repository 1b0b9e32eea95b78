"""How often somebody may ask."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

_MOST_CLIENTS = 10_000  # those not seen for longest are forgotten past this number


class RateLimit:
    """A token bucket for each client: `per_minute` in a row, and as many a minute in the long run; 0: no limit."""

    def __init__(self, per_minute: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = per_minute
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()  # client → (tokens, at)
        self._lock = threading.Lock()

    def take(self, client: str) -> float:
        """Seconds to wait; 0.0 when the client may go on, which is then counted."""
        return self._spend(client, 1.0)

    def wait(self, client: str) -> float:
        """Seconds to wait, as `take` would say; nothing is counted."""
        return self._spend(client, 0.0)

    def _spend(self, client: str, cost: float) -> float:
        if not self._most:
            return 0.0
        with self._lock:
            now = self._clock()
            tokens, at = self._left.pop(client, (float(self._most), now))
            tokens = min(float(self._most), tokens + (now - at) * self._most / 60)
            allowed = tokens >= 1
            self._left[client] = (tokens - cost if allowed else tokens, now)
            if len(self._left) > _MOST_CLIENTS:
                self._left.popitem(last=False)
            return 0.0 if allowed else (1 - tokens) * 60 / self._most
