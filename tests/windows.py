"""The window in a browser: a server to visit, a page that watches itself, the steps that every test takes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, expect
from starlette.types import ASGIApp

import ui
from rag import Chatbot, Settings
from rag.web.guard import Access
from rag.web.listening import listen
from tests.conftest import ROOT

DUSHANBE = "who does Dushanbe blame for the attacks?"
START_SECONDS, WAIT_MS = 180, 30_000  # for a machine under load

expect.set_options(timeout=WAIT_MS)


@contextmanager
def served(script: Path, folder: Path, **settings: str) -> Iterator[str]:
    """The address of the window that this script serves. At the end Ctrl-C must end it cleanly."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")}
    ours = {
        "DATELINE_PORT": "0",
        "DATELINE_DATA": str(folder / "data"),
        "DATELINE_INDEX": str(folder / "built"),
        "PYTHONPATH": str(ROOT),
    }
    with subprocess.Popen(
        [sys.executable, str(script)], env=kept | ours | settings, cwd=folder, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        timer = threading.Timer(START_SECONDS, process.kill)
        timer.start()
        try:
            said = []
            for line in process.stderr:
                said.append(line)
                if address := re.search(r"http://127\.0\.0\.1:\d+", line):
                    break
            else:
                pytest.fail("The window did not start:\n" + "".join(said))
            timer.cancel()
            yield address[0]
            process.send_signal(signal.SIGINT)
            _, rest = process.communicate(timeout=START_SECONDS)
            assert (process.returncode, "Traceback" in rest) == (0, False), rest
        finally:
            timer.cancel()
            process.kill()


def window(chatbot: Chatbot, settings: Settings) -> AbstractContextManager[str]:
    """The whole server in a thread: its address."""
    return in_thread(ui.web_app(chatbot, settings, Access(per_minute=0)))


@contextmanager
def in_thread(app: ASGIApp) -> Iterator[str]:
    """The address where the application is served, on a free port of this machine."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", ws="none"))
    with listen("127.0.0.1", 0) as listener:
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def watched(browser: Browser, **options: Any) -> Iterator[Page]:
    """A page of a fresh profile, which must log no error and talk to nobody but the server it came from."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}} | options)
    context.set_default_timeout(WAIT_MS)
    page, errors, requests = context.new_page(), [], []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            errors.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("dialog", lambda dialog: errors.append(dialog.message))
    page.on("popup", lambda popup: errors.append(popup.url))
    context.on("request", lambda request: requests.append(request.url))
    yield page
    origin = re.match(r"http://[^/]+/", page.url)
    assert origin
    context.close()
    assert not errors, errors
    assert [url for url in requests if not url.startswith((origin[0], "data:", "blob:"))] == []


def visit(page: Page, address: str) -> Response:
    """Open the window and wait until it is drawn."""
    response = page.goto(address)
    assert response
    expect(page.locator("#panel .empty")).to_have_count(1)  # on a narrow screen not to be seen
    expect(page.locator("#box textarea")).to_be_editable()
    expect(page.locator("#chat .placeholder")).not_to_be_empty()  # with it come the examples and the filters
    return response


def leave_source(page: Page) -> None:
    """Close the source where it lies over the talk."""
    shut = page.locator("#panel .close")
    if shut.is_visible():
        shut.click()


def ask(page: Page, question: str) -> None:
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_visible()
    box = page.locator("#box textarea")
    box.fill(question)
    box.press("Enter")
