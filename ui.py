"""The chat window: a Gradio chat beside a source panel. What it does is in rag/web/window.py, what it shows in
rag/transcript.py and rag/panel.py."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # gradio reads it when imported, or asks the network

import gradio as gr
import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp

from index import ArticleIndexError
from rag import render
from rag.chatbot import Chatbot
from rag.errors import DatelineError
from rag.settings import Settings
from rag.talk import Talk, asked_again, edited_question, stopped
from rag.transcript import bar as bar_of
from rag.transcript import conversation, invitation, model_label, model_name, scope_label, scope_problem
from rag.web.api import build_api
from rag.web.articles import library_page
from rag.web.conversations import CONVERSATIONS, Conversations
from rag.web.guard import NO_TELEMETRY, Access, Guard
from rag.web.kept import user_of
from rag.web.library import Library
from rag.web.listening import Server, listen
from rag.web.models import Models
from rag.web.window import Window

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

_EVERY: tuple[Any, ...] = ("", "", [], [], True, "")  # all articles, and nothing wrong with the dates
_NO_OTHER = ("no other model", "")
Shown = tuple[Any, Any, Any, Any, Any]  # question box, chat, conversation, its id, the bar above the box


def build_app(window: Window, models: Models) -> gr.Blocks:
    """The chat window. Each visitor's conversation is kept in the session's own state, and in the data folder."""

    def lay_out(request: gr.Request) -> Any:
        found = window.choices(_user(request))
        text = invitation(articles=bool(found.articles), uploads=window.takes_uploads)
        return (
            gr.Chatbot(placeholder=text, examples=[{"text": example} for example in found.examples]),
            gr.Dropdown(choices=render.choices((name, name) for name in found.outlets)),
            gr.Dropdown(choices=render.choices(found.articles)),
        )

    def ask(
        request: gr.Request, question: str | None, talk: Talk, *how: Any, as_asked: bool = False
    ) -> Iterator[Shown]:
        model, other, *scope = how
        fields = dict(zip(_SCOPE, scope, strict=True))
        box, before = gr.Textbox(value="", **_BUSY), talk
        # Stopping closes this generator, and so the chatbot's: the model's work ends there.
        asked = window.ask(
            _user(request), talk, question or "", scope=fields, model=model, other=other, as_asked=as_asked
        )  # fmt: skip
        with closing(asked) as talks:
            for changed in talks:
                yield box, *_shown(before, changed)
                box, before = gr.skip(), changed

    def ask_as_written(request: gr.Request, question: str | None, talk: Talk, *how: Any) -> Iterator[Shown]:
        yield from ask(request, question, talk, *how, as_asked=True)

    def ask_all(request: gr.Request, question: str | None, talk: Talk, *how: Any) -> Iterator[Shown]:
        model, other, *_ = how
        yield from ask(request, question, talk, model, other, "", "", [], [], False, as_asked=True)

    def finish(talk: Talk) -> Any:
        return gr.Textbox(**_IDLE), *_shown(talk, stopped(talk))

    def pick(event: gr.SelectData) -> str:
        return str(event.value["text"])

    def take_back(talk: Talk, event: gr.EventData) -> Any:
        return asked_again(talk.exchanges, _link(event)) or gr.skip()

    def follow(talk: Talk, event: gr.EventData, request: gr.Request) -> Any:
        changed = window.follow(_user(request), talk, _link(event)) or talk
        box = gr.Textbox(value=edited_question(changed)) if changed.editing != talk.editing else gr.skip()
        return box, *_shown(talk, changed)

    def want(event: gr.EventData) -> Any:
        return getattr(event, "id", None)

    def open_kept(id: Any, request: gr.Request) -> Any:
        talk = window.open(_user(request), id)
        return gr.Textbox(**_IDLE), *_shown(None, talk), None, *_EVERY

    def clear() -> Any:
        return gr.Textbox(**_IDLE), *_shown(None, Talk()), None, *_EVERY

    def open_source(talk: Talk, event: gr.EventData, request: gr.Request) -> Any:
        return window.source(_user(request), talk, _link(event)) or gr.skip()

    def tell_scope(*scope: Any) -> Any:
        return gr.Accordion(label=scope_label(**dict(zip(_SCOPE, scope, strict=True))))

    def fold(since: str, until: str) -> Any:
        return gr.Accordion(open=bool(scope_problem(since, until))), gr.Accordion(open=False)

    def look() -> Any:
        names = models.look()
        told = [(model_name(name), name) for name in names]
        return gr.Dropdown(choices=told), gr.Dropdown(choices=[_NO_OTHER, *told])

    def tell_model(model: str, other: str) -> Any:
        return gr.Accordion(label=model_label(model, other))

    bare: dict[str, Any] = {"show_label": False, "container": False}
    app = gr.Blocks(title="Dateline", analytics_enabled=False, fill_width=True)
    with app:
        talk, wanted = gr.State(Talk()), gr.State(None)
        with gr.Row(elem_id="top"):
            gr.HTML("<h1>Dateline</h1><p>Every sentence shows the passage it rests on.</p>", elem_id="name")
            kept = gr.HTML(
                elem_id="kept",
                html_template='<button type="button" aria-haspopup="dialog">Conversations</button>',
                js_on_load=_static("kept.js"),
            )
            gr.HTML('<a href="library">Articles</a>', elem_id="library")
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
                    autoscroll=False,  # static/ui.js scrolls: the question stays in sight while its answer grows
                    latex_delimiters=[],
                    **bare,
                )
                bar = gr.HTML("", elem_id="bar")
                box = gr.Textbox(
                    elem_id="box",
                    label="Question",
                    placeholder="Ask the articles a question",
                    autofocus=True,
                    max_lines=6,
                    **bare,
                    **_IDLE,
                )
                with gr.Row(elem_id="how"):
                    with gr.Accordion(scope_label(), open=False, elem_id="scope") as filters:
                        since = gr.Textbox(label="Published since", placeholder="3 May 2024")
                        until = gr.Textbox(label="Published until", placeholder="2024")
                        outlets = gr.Dropdown([], multiselect=True, label="Outlets")
                        articles = gr.Dropdown([], multiselect=True, label="Articles")
                        words = gr.Checkbox(True, label="Read dates and outlets in my question")
                        reset = gr.Button("Ask all articles", size="sm", elem_id="reset")
                        dates = gr.HTML("", elem_id="dates")
                    with gr.Accordion(model_label(models.default), open=False, elem_id="models") as writers:
                        model = gr.Dropdown(
                            [(model_name(models.default), models.default)], value=models.default, label="Answered by"
                        )
                        other = gr.Dropdown([_NO_OTHER], value="", label="Beside it, answered by")
            with gr.Column(elem_id="source"):
                panel = gr.HTML(
                    elem_id="panel",
                    html_template='<article role="region" aria-label="Source" tabindex="0"></article>',
                    js_on_load=_static("panel.js"),
                )

        quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        scope: list[Any] = [since, until, outlets, articles, words]
        shown = [box, chat, talk, kept, bar]
        asking: dict[str, Any] = {"fn": ask, "inputs": [box, talk, model, other, *scope], "outputs": shown, **quiet}
        asking |= {"concurrency_id": "ask", "concurrency_limit": 4}
        picked = chat.example_select(pick, None, box, queue=False, **quiet)
        at_once: dict[str, Any] = {"queue": False, **quiet}
        taken_back = panel.undo(take_back, talk, box, trigger_mode="multiple", **at_once)
        widened = panel.widen(take_back, talk, box, trigger_mode="multiple", **at_once)
        for asked in (box.submit, chat.example_select):  # the answer has the room; the titles tell what holds
            asked(fold, [since, until], [filters, writers], **at_once)
            asked(scope_problem, [since, until], dates, **at_once)
        runs = [box.submit(**asking), picked.then(**asking)]
        runs += [taken_back.then(**asking | {"fn": ask_as_written}), widened.then(**asking | {"fn": ask_all})]
        halted, dropped = box.stop(None, cancels=runs, **at_once), new.click(None, cancels=runs, **at_once)
        removed = kept.fresh(None, cancels=runs, **at_once)
        opened = kept.open(want, None, wanted, cancels=runs, **at_once)
        # What follows on an end comes after the last word of the run, which could otherwise overwrite it.
        for end in (*runs, halted):
            end.then(finish, talk, shown, **at_once)
        for end in (dropped, removed):
            end.then(clear, None, [*shown, panel, *scope, dates], **at_once)
        opened.then(open_kept, wanted, [*shown, panel, *scope, dates], **at_once)
        # Past the queue: gradio drops a queued reply when the next link is followed just as one arrives.
        panel.cite(open_source, talk, panel, trigger_mode="multiple", **at_once)
        panel.act(follow, talk, shown, trigger_mode="multiple", **at_once)
        app.load(lay_out, None, [chat, outlets, articles], **at_once)
        for date in (since, until):  # once it is written, not at each letter
            for left in (date.blur, date.submit):
                left(scope_problem, [since, until], dates, **at_once)
        for field in scope:
            field.change(tell_scope, scope, filters, trigger_mode="always_last", **at_once)
        reset.click(lambda: _EVERY, None, [*scope, dates], **at_once)
        writers.expand(look, None, [model, other], **quiet)
        for choice in (model, other):
            choice.change(tell_model, [model, other], writers, **at_once)
    app.queue(max_size=64)
    return app


def _shown(before: Talk | None, talk: Talk) -> Any:
    """What the components show after a step, as far as it changed: chat, conversation, its id, the bar."""
    return (
        gr.skip() if before and before.exchanges == talk.exchanges else conversation(talk.exchanges),
        gr.skip() if before == talk else talk,
        gr.skip() if before and before.id == talk.id else talk.id or None,
        gr.skip() if before and bar_of(before) == bar_of(talk) else bar_of(talk),
    )


def _user(request: gr.Request) -> str:
    assert request.request  # every call here comes by HTTP
    return user_of(request.request)


def _link(event: gr.EventData) -> Any:
    return getattr(event, "link", None)


def web_app(chatbot: Chatbot, settings: Settings, access: Access) -> ASGIApp:
    """The window, the library and the API as a web application, with the guard at its door."""
    kept, models = Conversations(settings.data / CONVERSATIONS), Models(chatbot, settings)
    library = Library(chatbot, settings)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, telemetry=NO_TELEMETRY)
    app.mount("/api", build_api(library, kept))
    app.include_router(library_page())
    app = gr.mount_gradio_app(
        app,
        build_app(Window(library, kept, models), models),
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


def serve(chatbot: Chatbot, settings: Settings, access: Access) -> None:
    """Serve the window and the API until Ctrl-C."""
    host, port = settings.host, settings.port
    with listen(host, port) as listener:
        config = uvicorn.Config(web_app(chatbot, settings, access), **_QUIET)
        name, number = f"[{host}]" if ":" in host else host, listener.getsockname()[1]
        sys.stderr.write(f"Dateline listens on http://{name}:{number} (Ctrl-C ends it)\n")
        with suppress(KeyboardInterrupt):
            Server(config).run(sockets=[listener])


def main() -> int:
    """The window with the settings of the environment. Returns the exit status."""
    try:
        settings = Settings.load()
        access = Access.from_settings(settings)
        serve(Chatbot.from_settings(settings, empty=True), settings, access)
    except (DatelineError, ArticleIndexError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _static(name: str) -> str:
    return (_STATIC / name).read_text(encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
