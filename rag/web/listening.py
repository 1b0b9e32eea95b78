"""Where the server listens, and how it ends."""

from __future__ import annotations

import logging
import socket
from types import FrameType

import uvicorn

from rag.errors import SettingsError


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there; port 0 takes a free one.

    Raises:
        SettingsError: nothing can listen there; the message says what to change.
    """
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        reason = (error.strerror or str(error)).partition(" (")[0]
        mend = "Choose another with --port (0 takes a free one) or --host."
        raise SettingsError(f"Cannot listen on {host}, port {port}: {reason}. {mend}") from error


class Server(uvicorn.Server):
    """A server that ends in peace: windows that are still open are cut off without a complaint each."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        logging.getLogger("uvicorn.error").disabled = True
        super().handle_exit(sig, frame)
