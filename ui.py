"""The chat window: a Gradio chat beside a source panel. What it shows is decided in rag/render.py."""

from __future__ import annotations

import logging
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from types import FrameType
from typing import Any

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # gradio reads it when imported, or asks the network

import gradio as gr
import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp

from index import ArticleIndexError
from rag import render
from rag.chatbot import Chatbot, Update
from rag.errors import DatelineError, SettingsError
from rag.filters import read_filters
from rag.settings import Settings
from rag.web.api import build_api
from rag.web.articles import library_page
from rag.web.conversations import CONVERSATIONS, Conversations
from rag.web.guard import NO_TELEMETRY, Access, Guard
from rag.web.library import Library

_STATIC = Path(__file__).resolve().parent / "static"
_IDLE: dict[str, Any] = {"submit_btn": "Ask", "stop_btn": False}
# The guard writes the log of requests, and says nothing of what was asked.
_QUIET: dict[str, Any] = {
    "log_level": "warning",
    "access_log": False,
    "server_header": False,
    "timeout_graceful_shutdown": 1,
}
_BUSY: dict[str, Any] = {"submit_btn": False, "stop_btn": "Stop"}

_SCOPE = ("since", "until", "outlets", "articles", "words")  # the fields of the scope, as `read_filters` names them

Turns = tuple[Update, ...]
Shown = tuple[Any, list[dict[str, str]], Turns]  # the question box, the chat's messages, the session's state


def build_app(chatbot: Chatbot) -> gr.Blocks:
    """The window over one chatbot. Each visitor's conversation is kept in the session's own state."""

    def ask(question: str | None, turns: Turns, *scope: Any, as_asked: bool = False) -> Iterator[Shown]:
        question, box = question or "", gr.Textbox(value="", **_BUSY)
        try:
            filters = read_filters(**dict(zip(_SCOPE, scope, strict=True)))
            # Stopping closes this generator, and so the chatbot's: the model's work ends there.
            earlier = render.history(turns)
            with closing(chatbot.stream(question, history=earlier, filters=filters, as_asked=as_asked)) as updates:
                for update in updates:
                    shown = (*turns, update)
                    yield box, render.conversation(shown), shown
                    box = gr.skip()
        except (DatelineError, ArticleIndexError) as error:
            shown = (*turns, Update("done", render.failed(question, error)))
            yield box, render.conversation(shown), shown

    def ask_as_written(question: str | None, turns: Turns, *scope: Any) -> Iterator[Shown]:
        yield from ask(question, turns, *scope, as_asked=True)

    def finish(turns: Turns) -> Any:
        ended = render.stopped(turns)
        changed = (gr.skip(), gr.skip()) if ended is turns else (render.conversation(ended), ended)
        return gr.Textbox(**_IDLE), *changed

    def pick(event: gr.SelectData) -> str:
        return str(event.value["text"])

    def take_back(turns: Turns, event: gr.EventData) -> Any:
        return render.as_written(turns, getattr(event, "link", None)) or gr.skip()

    def clear() -> Any:
        return gr.Textbox(**_IDLE), [], (), None

    def open_source(turns: Turns, event: gr.EventData) -> Any:
        return render.panel(turns, getattr(event, "link", None), chatbot.article) or gr.skip()

    bare: dict[str, Any] = {"show_label": False, "container": False}
    app = gr.Blocks(title="Dateline", analytics_enabled=False, fill_width=True)
    with app:
        turns = gr.State(())
        with gr.Row(elem_id="top"):
            gr.HTML("<h1>Dateline</h1><p>Every sentence shows the passage it rests on.</p>", elem_id="name")
            new = gr.Button("New chat", size="sm", scale=0, elem_id="new")
        with gr.Row(elem_id="desk"):
            with gr.Column(elem_id="talk"):
                chat = gr.Chatbot(
                    elem_id="chat",
                    label="Conversation",
                    layout="panel",
                    height="auto",
                    buttons=[],
                    feedback_options=None,
                    allow_tags=False,
                    latex_delimiters=[],
                    placeholder="Ask the articles.",
                    examples=[{"text": example} for example in chatbot.examples()],
                    **bare,
                )
                box = gr.Textbox(
                    elem_id="box",
                    label="Question",
                    placeholder="Ask the articles a question",
                    autofocus=True,
                    max_lines=6,
                    **bare,
                    **_IDLE,
                )
                with gr.Accordion("Which articles", open=False, elem_id="scope"):
                    with gr.Row():
                        since = gr.Textbox(label="Published since", placeholder="YYYY-MM-DD")
                        until = gr.Textbox(label="Published until", placeholder="YYYY-MM-DD")
                    outlets = gr.Dropdown(
                        render.choices((name, name) for name in chatbot.outlets()), multiselect=True, label="Outlets"
                    )
                    articles = gr.Dropdown(render.choices(chatbot.titles()), multiselect=True, label="Articles")
                    words = gr.Checkbox(True, label="Read dates and outlets in the words of my question")
            with gr.Column(elem_id="source"):
                panel = gr.HTML(
                    elem_id="panel",
                    html_template='<article role="region" aria-label="Source" tabindex="0"></article>',
                    js_on_load=_static("panel.js"),
                )

        quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        asking: dict[str, Any] = {
            "fn": ask,
            "inputs": [box, turns, since, until, outlets, articles, words],
            "outputs": [box, chat, turns],
            **quiet,
        }
        asking |= {"concurrency_id": "ask", "concurrency_limit": 4}
        picked = chat.example_select(pick, None, box, queue=False, **quiet)
        at_once: dict[str, Any] = {"queue": False, **quiet}
        taken_back = panel.undo(take_back, turns, box, trigger_mode="multiple", **at_once)
        runs = [box.submit(**asking), picked.then(**asking), taken_back.then(**asking | {"fn": ask_as_written})]
        stopped, dropped = box.stop(None, cancels=runs, **at_once), new.click(None, cancels=runs, **at_once)
        # What follows on an end comes after the last word of the run, which could otherwise overwrite it.
        for end in (*runs, stopped):
            end.then(finish, turns, [box, chat, turns], **at_once)
        dropped.then(clear, None, [box, chat, turns, panel], **at_once)
        # Past the queue: gradio drops a queued reply when the next link is followed just as one arrives.
        panel.cite(open_source, turns, panel, trigger_mode="multiple", **at_once)
    app.queue(max_size=64)
    return app


def web_app(chatbot: Chatbot, access: Access, settings: Settings) -> ASGIApp:
    """The window, the library and the API as a web application, with the guard at its door."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, telemetry=NO_TELEMETRY)
    app.mount("/api", build_api(Library(chatbot, settings), Conversations(settings.data / CONVERSATIONS)))
    app.include_router(library_page())
    app = gr.mount_gradio_app(
        app,
        build_app(chatbot),
        path="/",
        theme=gr.themes.Base(),
        css=_static("ui.css"),
        js=_static("ui.js"),
        footer_links=[],
        run_history=False,  # it would keep the conversations in the browser
        enable_monitoring=False,
        show_error=False,
        max_file_size="1kb",  # nothing is uploaded, but gradio keeps the door open
    )

    return Guard(app, access)


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


class _Server(uvicorn.Server):
    """A server that ends in peace: windows that are still open are cut off without a complaint each."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        logging.getLogger("uvicorn.error").disabled = True
        super().handle_exit(sig, frame)


def serve(chatbot: Chatbot, settings: Settings, access: Access) -> None:
    """Serve the window and the API until Ctrl-C."""
    host, port = settings.host, settings.port
    with listen(host, port) as listener:
        config = uvicorn.Config(web_app(chatbot, access, settings), **_QUIET)
        name, number = f"[{host}]" if ":" in host else host, listener.getsockname()[1]
        sys.stderr.write(f"Dateline listens on http://{name}:{number} (Ctrl-C ends it)\n")
        with suppress(KeyboardInterrupt):
            _Server(config).run(sockets=[listener])


def main() -> int:
    """The window with the settings of the environment. Returns the exit status."""
    try:
        settings = Settings.load()
        access = Access.from_settings(settings)
        serve(Chatbot.from_settings(settings), settings, access)
    except (DatelineError, ArticleIndexError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _static(name: str) -> str:
    return (_STATIC / name).read_text(encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
