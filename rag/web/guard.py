"""The door of the web server: every request passes here first, the window's, the API's and an agent's alike.

In this order: is it meant for us (Host), does it come from our own page or from no page (Origin, Sec-Fetch-Site), who
is it, is it small enough, is it too often. What is refused is told as JSON. Every response gets the headers that keep
the page to itself, and a number that stands in the log too; what was asked never does.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import json
import logging
import math
import secrets
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from anyio import to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.errors import SettingsError
from rag.settings import Settings
from rag.web.limits import RateLimit
from rag.web.users import Users

HEADERS = {
    # Gradio's own page needs inline and evaluated scripts. All else is closed, outside hosts above all:
    # what a hostile article smuggles into the page must not carry a question away.
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        "connect-src 'self'; object-src 'none'; frame-src 'none'; form-action 'none'; base-uri 'self'; "
        "frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
NO_TELEMETRY: Any = {"tracing": False, "metrics": False, "logs": False}  # for FastAPI: nothing is told to anybody
MAX_BODY_BYTES = 1_000_000
USER = "dateline.user"  # where the scope says who asks; "" without users
REQUEST_ID = "dateline.request_id"
_WRONG_PASSWORDS = 10  # a minute, from one address
_LIMITED = ("/api/ask", "/api/search", "/api/index", "/gradio_api/queue/join")  # what makes work
_UPLOAD = "/api/articles"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who may come in, under which names the server is known, how often one may ask a minute (0: no limit), and how
    many bytes an upload may have."""

    users: Users = field(default_factory=Users)
    hosts: frozenset[str] = frozenset()
    per_minute: int = 120
    upload_bytes: int = MAX_BODY_BYTES

    @classmethod
    def from_settings(cls, settings: Settings, *, everybody: bool = False) -> Access:
        """The access that the settings give.

        Raises:
            SettingsError: others could reach the server, there is no user, and `everybody` was not said; or the
                users cannot be read.
        """
        users = Users.from_settings(settings)
        if not (users or everybody or is_loopback(settings.host)):
            raise SettingsError(
                f"On {settings.host} everybody in the network could read the articles and ask. Add a user with "
                "`dateline user NAME`, or set DATELINE_USER and DATELINE_PASSWORD; --open lets everybody in."
            )
        hosts = frozenset(name.strip().lower() for name in settings.hosts.split(",") if name.strip())
        upload_bytes = settings.max_file_bytes if settings.uploads else MAX_BODY_BYTES
        return cls(users=users, hosts=hosts, per_minute=settings.requests_per_minute, upload_bytes=upload_bytes)

    def most_bytes(self, scope: Scope) -> int:
        """How long the body of this request may be."""
        uploads = scope["method"] == "POST" and scope["path"] == _UPLOAD
        return self.upload_bytes if uploads else MAX_BODY_BYTES


@dataclass(frozen=True, slots=True)
class _Refusal(Exception):  # noqa: N818 - no error of ours, but the answer to a request
    status: int
    code: str
    message: str
    headers: tuple[tuple[str, str], ...] = ()


class _TooLarge(Exception):  # noqa: N818
    """The body is longer than it may be."""


class Guard:
    """An ASGI application that lets the right requests through to another."""

    def __init__(self, app: ASGIApp, access: Access, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._access = access
        self._asked = RateLimit(access.per_minute, clock=clock)
        self._failed = RateLimit(_WRONG_PASSWORDS, clock=clock)
        own = socket.gethostname().lower()
        self._names = {"localhost", own, f"{own}.local", *access.hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        else:  # nothing here speaks over a web socket
            await send({"type": "websocket.close", "code": 1008})

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[REQUEST_ID] = number = secrets.token_hex(8)
        started, status, passed, most = time.perf_counter(), 500, 0, self._access.most_bytes(scope)

        async def guarded_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                if passed > most and message["status"] != 413:
                    raise _TooLarge  # the application has made an answer of its own of it
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                headers["X-Request-ID"] = number
            await send(message)

        async def guarded_receive() -> Message:
            nonlocal passed
            message = await receive()
            passed += len(message.get("body", b""))
            if passed > most:
                raise _TooLarge
            return message

        try:
            scope[USER] = await self._admit(scope)
            await self._app(scope, guarded_receive, guarded_send)
        except _Refusal as refusal:
            await _refuse(refusal, number, guarded_send)
        except _TooLarge:
            await _refuse(_too_large(most), number, guarded_send)
        finally:
            seconds = time.perf_counter() - started
            _log.info("%s %s %s %d %.3f s", number, scope["method"], scope["path"], status, seconds)

    async def _admit(self, scope: Scope) -> str:
        """The user's name.

        Raises:
            _Refusal: the request does not come in.
        """
        headers, address = Headers(scope=scope), (scope.get("client") or ("",))[0]
        self._check_host(headers)
        _check_origin(scope, headers)
        user = await self._authenticate(headers, address) if self._access.users else ""
        most = self._access.most_bytes(scope)
        if int(headers.get("content-length") or 0) > most:  # the server has seen that it is a number
            raise _too_large(most)
        if scope["method"] == "POST" and scope["path"].rstrip("/") in _LIMITED:
            _check_wait(self._asked.take(user or address), "You ask too often.")
        return user

    def _check_host(self, headers: Headers) -> None:
        # A name that its owner points at this machine would let his page read what only we may (DNS rebinding).
        # An address in figures cannot be pointed anywhere.
        name = _hostname(headers.get("host", ""))
        if name not in self._names and not _is_address(name):
            raise _Refusal(
                421,
                "unknown_host",
                "This server is not known under that name. Set DATELINE_HOSTS to the names that it has.",
            )

    async def _authenticate(self, headers: Headers, address: str) -> str:
        name, password = _credentials(headers.get("authorization", ""))
        # The right password is refused too: else a guess that is not would tell that it is wrong.
        _check_wait(self._failed.wait(address), "Too many wrong passwords.")
        users = self._access.users
        if users.knows(name, password) or (name and await to_thread.run_sync(users.check, name, password)):
            return name
        if name:
            self._failed.take(address)
        ask = ("WWW-Authenticate", 'Basic realm="Dateline", charset="UTF-8"')
        raise _Refusal(401, "not_signed_in", "A name and a password are needed.", (ask,))


def is_loopback(host: str) -> bool:
    """Whether a server on this host can be reached from this machine alone."""
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)


def _check_origin(scope: Scope, headers: Headers) -> None:
    """A page of another site may lead here by a link; it may not ask, and not read."""
    origin, site = headers.get("origin"), headers.get("sec-fetch-site", "none")
    visits = scope["method"] == "GET" and headers.get("sec-fetch-mode") == "navigate"
    visits = visits and not scope["path"].startswith("/api")
    foreign = origin is not None and urlsplit(origin).netloc.lower() != headers.get("host", "").lower()
    if foreign or (site in ("cross-site", "same-site") and not visits):
        raise _Refusal(403, "foreign_origin", "A page of another site may not ask this server.")


def _check_wait(seconds: float, what: str) -> None:
    if seconds:
        again = math.ceil(seconds)
        raise _Refusal(429, "too_often", f"{what} Try again in {again} s.", (("Retry-After", str(again)),))


def _too_large(most: int) -> _Refusal:
    return _Refusal(413, "too_large", f"The request has more than {most:,} bytes.")


def _credentials(header: str) -> tuple[str, str]:
    kind, _, coded = header.partition(" ")
    if kind.lower() != "basic":
        return "", ""
    try:
        name, _, password = base64.b64decode(coded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return name, password


def _hostname(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:  # half a bracket
        return ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


async def _refuse(refusal: _Refusal, number: str, send: Send) -> None:
    body = json.dumps(error_body(refusal.code, refusal.message, number)).encode()
    headers = [("content-type", "application/json"), ("content-length", str(len(body))), *refusal.headers]
    encoded = [(name.lower().encode(), value.encode()) for name, value in headers]
    await send({"type": "http.response.start", "status": refusal.status, "headers": encoded})
    await send({"type": "http.response.body", "body": body})


def error_body(code: str, message: str, request_id: str) -> dict[str, dict[str, str]]:
    """The one form in which the server tells what is wrong."""
    return {"error": {"code": code, "message": message, "request_id": request_id}}
