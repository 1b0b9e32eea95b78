"""What every command needs of the terminal: results on stdout, progress and errors on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from tqdm import tqdm

from index import ArticleIndexError
from rag.chatbot import Chatbot
from rag.errors import DatelineError
from rag.settings import Settings

Articles = Annotated[Path | None, typer.Option("--articles", help="The folder of articles (default: seeds).")]
Index = Annotated[Path | None, typer.Option("--index", help="Where the built index lives (default: index/built).")]
Llm = Annotated[
    str | None,
    typer.Option("--llm", help="extractive (the default), openai:MODEL, ollama:MODEL, gguf:PATH, anthropic:MODEL."),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def open_chatbot(settings: Settings, *, empty: bool = False) -> Chatbot:
    """The chatbot of these settings; the index is brought up to date first, with a bar on stderr.

    With `empty` a folder without articles will do.
    """
    if sys.stderr.isatty():
        sys.stderr.write("Loading the models and the index…\n")
    with progress_bars() as progress:
        return Chatbot.from_settings(settings, empty=empty, progress=progress)


def print_result(result: Any) -> None:
    """Print a text as it is, anything else as JSON."""
    text = result if isinstance(result, str) else json.dumps(result, ensure_ascii=False, indent=2)
    # An article can hold what the terminal's encoding lacks: shown as an escape rather than not at all.
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")


@contextmanager
def progress_bars() -> Iterator[Any]:
    """A bar on stderr for each phase of long work; none when stderr is not a terminal."""
    bars: dict[str, tqdm[Any]] = {}

    def advance(phase: str, done: int, total: int) -> None:
        if phase not in bars:
            bars[phase] = tqdm(total=total, desc=phase, disable=None, leave=False, file=sys.stderr)
        bars[phase].update(done - bars[phase].n)

    try:
        yield advance
    finally:
        for bar in bars.values():
            bar.close()


@contextmanager
def failing_clearly() -> Iterator[None]:
    """What can go wrong becomes a line on stderr and exit 1."""
    try:
        yield
    except (DatelineError, ArticleIndexError) as error:
        sys.stderr.write(f"{error}\n")
        raise typer.Exit(1) from error
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
