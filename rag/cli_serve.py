"""The commands that serve: serve, mcp, user."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from rag.errors import SettingsError
from rag.settings import Settings
from rag.terminal import Articles, Index, Llm, failing_clearly, open_chatbot


def add_commands(app: typer.Typer) -> None:
    """Give the application these commands."""
    app.command("serve")(serve_command)
    app.command("mcp")(mcp_command)
    app.command("user")(user_command)


def serve_command(
    host: Annotated[str | None, typer.Option("--host", help="Address to listen on (default: 127.0.0.1).")] = None,
    port: Annotated[int | None, typer.Option("--port", min=0, max=65535, help="Port (default: 7860).")] = None,
    articles: Articles = None,
    index: Index = None,
    llm: Llm = None,
    everybody: Annotated[
        bool, typer.Option("--open", help="Let in everybody who reaches the server, without a password.")
    ] = False,
) -> None:
    """Open the chat window, and the HTTP API beside it."""
    with failing_clearly():
        settings = Settings.load(articles=articles, index=index, llm=llm, host=host, port=port)
        from rag.web.guard import Access

        access = Access.from_settings(settings, everybody=everybody)
        sys.stderr.write("Starting: loading the models and the index. This takes some seconds…\n")
        import ui  # here alone: gradio takes seconds to import

        ui.serve(open_chatbot(settings, empty=True), settings, access)


def mcp_command(articles: Articles = None, index: Index = None, llm: Llm = None) -> None:
    """Serve an agent over stdio, by the Model Context Protocol; needs the extra mcp."""
    with failing_clearly():
        settings = Settings.load(articles=articles, index=index, llm=llm)
        if find_spec("mcp") is None:
            raise SettingsError('The package mcp is not installed. Run: pip install "dateline[mcp]".')
        from rag.web.library import Library
        from rag.web.mcp import build_mcp

        build_mcp(Library(open_chatbot(settings), settings)).run("stdio")


def user_command(
    name: str,
    file: Annotated[Path | None, typer.Option("--file", help="The users file (default: DATELINE_USERS_FILE).")] = None,
) -> None:
    """Add a user of the server, or change a password; it is asked for, or read from a pipe."""
    with failing_clearly():
        path = file or Settings.load().users_file
        if path is None:
            raise SettingsError("Where are the users kept? Say --file FILE, or set DATELINE_USERS_FILE.")
        from rag.web.users import write_user

        piped = not sys.stdin.isatty()
        password = sys.stdin.readline().rstrip("\n") if piped else typer.prompt(
            "Password", hide_input=True, confirmation_prompt=True, err=True
        )  # fmt: skip
        write_user(path, name, password)
        sys.stderr.write(f"{name} may come in, when the server is started with DATELINE_USERS_FILE={path}.\n")
