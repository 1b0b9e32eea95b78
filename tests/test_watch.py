"""Watching a folder: each change is built, failures are survived, and a running chatbot takes it all up."""

from __future__ import annotations

import queue
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index import ArticleIndexError, BuildReport, LiveStore, Options, SentenceTransformerEmbedder, build
from index.watch import watch
from rag import Chatbot, Settings
from rag.llm import Extractive
from tests.builds import WordEmbedder
from tests.conftest import write_all

Outcomes = queue.Queue[BuildReport | ArticleIndexError]


@contextmanager
def watching(folder: Path, place: Path) -> Iterator[Outcomes]:
    outcomes: Outcomes = queue.Queue()
    stop = threading.Event()

    def update() -> BuildReport:
        return build(folder, place, embedder=WordEmbedder(), options=Options())

    def run() -> None:
        for outcome in watch(folder, place, update, stop=stop, settle=50):
            outcomes.put(outcome)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield outcomes
    finally:
        stop.set()
        thread.join(20)
        assert not thread.is_alive()


def until(outcomes: Outcomes, key: str) -> BuildReport:
    """The report that tells of an article."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        outcome = outcomes.get(timeout=20)
        if isinstance(outcome, BuildReport) and key in str((outcome.added, outcome.changed, outcome.removed)):
            return outcome
    raise AssertionError(f"{key} was not seen")


def test_changes_are_built(folder: Path, tmp_path: Path) -> None:
    write_all(folder, {"a.txt": "Rain fell."})
    with watching(folder, tmp_path / "index") as outcomes:
        assert until(outcomes, "a.txt").added == ("a.txt",)
        live = LiveStore(tmp_path / "index", every=0)
        write_all(folder, {"b.txt": "Snow fell."})
        assert until(outcomes, "b.txt").added == ("b.txt",)
        (folder / "a.txt").unlink()
        assert until(outcomes, "a.txt").removed == ("a.txt",)
        assert list(live.now().articles) == ["b.txt"]


def test_a_failure_is_survived(folder: Path, tmp_path: Path) -> None:
    with watching(folder, tmp_path / "index") as outcomes:
        assert isinstance(outcomes.get(timeout=20), ArticleIndexError)  # there is nothing yet
        write_all(folder, {"a.txt": "Rain fell."})
        assert until(outcomes, "a.txt").articles == 1


def test_an_index_inside_the_folder_does_not_wake_the_watch(folder: Path) -> None:
    write_all(folder, {"a.txt": "Rain fell."})
    with watching(folder, folder / "index") as outcomes:
        until(outcomes, "a.txt")
        time.sleep(1.0)
        assert outcomes.qsize() <= 1


def test_a_chatbot_takes_up_a_new_index_and_finishes_with_the_old_one(
    folder: Path, tmp_path: Path, embedder: SentenceTransformerEmbedder
) -> None:
    place = tmp_path / "index"
    rain = "The mayor of Torvik said on Monday that the river had risen by three metres overnight."
    write_all(folder, {"a.txt": rain})
    build(folder, place, embedder=embedder, options=Options())
    settings = Settings.load(articles=folder, index=place)
    chatbot = Chatbot(LiveStore(place, every=0), embedder, Extractive(), settings)
    question = "How far had the river risen?"
    in_flight = chatbot.stream(question)
    next(in_flight)
    write_all(folder, {"a.txt": rain.replace("three", "nine")})
    build(folder, place, embedder=embedder, options=Options())
    answers = [chatbot.ask(question), list(in_flight)[-1].answer]
    assert ["nine" in answer.passages[0].text for answer in answers] == [True, False]
    for answer in answers:
        assert all(citation.quote in answer.passages[0].text for citation in answer.citations)
    shutil.rmtree(place)
    assert "nine" in chatbot.ask(question).passages[0].text
    assert "nine" in chatbot.article("a.txt").text
