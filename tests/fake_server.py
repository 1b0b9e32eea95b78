"""A small HTTP server that speaks three protocols and does what it is told: OpenAI's, Anthropic's, Ollama's list.

For what no real model can be made to do: refuse, hang, break off. It keeps what it was asked, and whether the client
closed the connection while it was still writing.
"""

from __future__ import annotations

import json
import select
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HANG = object()  # wait until the client goes
BREAK = object()  # end the connection in mid-answer


@dataclass
class Refuse:
    """Answer with an error."""

    status: int
    message: str = "no"
    headers: dict[str, str] = field(default_factory=dict)


class FakeServer(ThreadingHTTPServer):
    """`script` holds what to do for each request, the last entry for all further ones."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, script: Sequence[Refuse | Sequence[object]], models: Sequence[str] = ("small",)) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script = list(script)
        self.models = models
        self.requests: list[dict[str, Any]] = []
        self.headers_seen: list[dict[str, str]] = []
        self.client_left = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def fake_server(*script: Refuse | Sequence[object], models: Sequence[str] = ("small",)) -> Iterator[FakeServer]:
    with FakeServer(script, models) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: FakeServer

    def do_GET(self) -> None:
        if self.path == "/api/tags":
            self._json({"models": [{"name": name} for name in self.server.models]})
        else:
            self._json(
                {"object": "list", "has_more": False, "data": [{"id": m, "type": "model"} for m in self.server.models]}
            )

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append(body)
        self.server.headers_seen.append({name.casefold(): value for name, value in self.headers.items()})
        script = self.server.script
        step = script.pop(0) if len(script) > 1 else script[0]
        if isinstance(step, Refuse):
            self._json({"type": "error", "error": {"type": "x", "message": step.message}}, step.status, step.headers)
            return
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        anthropic = self.path.endswith("/messages")
        for event in _begin() if anthropic else ():
            self._event(event)
        for piece in step:
            if piece is HANG:
                self._wait_for_leaving()
                return
            if piece is BREAK:
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self._event(_anthropic_piece(str(piece)) if anthropic else _openai_piece(str(piece)))
        for event in _anthropic_end(len(step)) if anthropic else _openai_end(len(step)):
            self._event(event)
        self._chunk(b"" if anthropic else b"data: [DONE]\n\n")
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, format: str, *arguments: object) -> None:
        pass

    def _wait_for_leaving(self) -> None:
        readable, _, _ = select.select([self.connection], [], [], 20)
        if readable and not self.connection.recv(1, socket.MSG_PEEK):
            self.server.client_left.set()

    def _json(self, value: object, status: int = 200, headers: dict[str, str] | None = None) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        for name, content in {
            "Content-Type": "application/json",
            "Content-Length": str(len(data)),
            **(headers or {}),
        }.items():
            self.send_header(name, content)
        self.end_headers()
        self.wfile.write(data)

    def _event(self, event: dict[str, Any]) -> None:
        name = f"event: {event['type']}\n" if "type" in event else ""
        self._chunk(f"{name}data: {json.dumps(event)}\n\n".encode())

    def _chunk(self, data: bytes) -> None:
        if data:
            self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
            self.wfile.flush()


def _openai_piece(text: str) -> dict[str, Any]:
    return _openai([{"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": None}])


def _openai_end(pieces: int) -> list[dict[str, Any]]:
    usage = {"prompt_tokens": 11, "completion_tokens": pieces, "total_tokens": 11 + pieces}
    return [_openai([{"index": 0, "delta": {}, "finish_reason": "stop"}]), _openai([]) | {"usage": usage}]


def _openai(choices: list[dict[str, Any]]) -> dict[str, Any]:
    return {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "small", "choices": choices}


def _begin() -> list[dict[str, Any]]:
    message: dict[str, Any] = {
        "id": "1", "type": "message", "role": "assistant", "content": [], "model": "small", "stop_reason": None,
        "stop_sequence": None, "usage": {"input_tokens": 11, "output_tokens": 1},
    }  # fmt: skip
    block = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
    return [{"type": "message_start", "message": message}, {"type": "ping"}, block]


def _anthropic_piece(text: str) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}


def _anthropic_end(pieces: int) -> list[dict[str, Any]]:
    ended = {"stop_reason": "end_turn", "stop_sequence": None}
    return [
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": ended, "usage": {"output_tokens": pieces}},
        {"type": "message_stop"},
    ]
