"""What an HTTP server says when it refuses → our errors. What it wrote is read, never shown: it may quote the key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from rag.errors import ContextOverflow, KeyRefused, ModelError, ModelOverloaded, ModelUnavailable, RateLimited
from rag.errors import UnknownModel as _UnknownModel

_TOO_LONG = re.compile(r"context|too (?:long|large|many tokens)|maximum.{0,40}tokens|exceed", re.IGNORECASE)
_NO_MODEL = re.compile(
    r"model.{0,80}(?:not found|not exist|not a valid|unknown|unsupported)|unknown model", re.IGNORECASE
)
_BUSY = (408, 409, 500, 502, 503, 504, 529)
_RETRY_AFTER = 0.5  # seconds, where the server names none


@dataclass(frozen=True, slots=True)
class Mends:
    """How messages name the server, and what they tell to do."""

    server: str
    start: str = "Is it running?"
    key: str = "Set DATELINE_API_KEY."
    model: str = "`dateline models` lists what there is."


def refusal(status: int, told: str, headers: Mapping[str, str], *, model: str, mends: Mends) -> ModelError:
    """The error for a response with this status; `told` is what the server wrote."""
    if status in (401, 403):
        return KeyRefused(f"{mends.server} refuses the key. {mends.key}")
    if status == 404 or (status == 400 and _NO_MODEL.search(told)):
        return _UnknownModel(f"{mends.server} has no model {model!r}. {mends.model}")
    if status == 413 or (status in (400, 422, 500) and _TOO_LONG.search(told)):
        return ContextOverflow(f"The prompt is too long for {model}. Set DATELINE_CONTEXT_TOKENS to what it can read.")
    if status in (402, 429):
        return RateLimited(
            f"The limit of {mends.server} is reached (HTTP {status}). Try again later, or look at your account.",
            retry_after=_wait(headers) if status == 429 else None,
        )
    if status in _BUSY:
        return ModelOverloaded(
            f"{mends.server} is overloaded or fails (HTTP {status}). Try again later.", retry_after=_wait(headers)
        )
    return ModelUnavailable(f"{mends.server} refuses the request (HTTP {status}).")


def _wait(headers: Mapping[str, str]) -> float:
    try:
        return float(headers.get("retry-after", _RETRY_AFTER))
    except ValueError:  # a date
        return _RETRY_AFTER
