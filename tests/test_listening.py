"""Where the server may listen, and what is said when it cannot."""

from __future__ import annotations

import pytest

from rag.errors import SettingsError
from rag.web.listening import listen


def test_a_port_in_use_is_named() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=rf"port {port}.*--port"):
            listen("127.0.0.1", port)


def test_a_host_that_is_not_ours_is_named() -> None:
    with pytest.raises(SettingsError, match=r"192\.0\.2\.1.*--host"):
        listen("192.0.2.1", 0)
