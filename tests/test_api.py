"""The HTTP API over real parts; docs/api.md, done as it says."""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from index import LiveStore, SentenceTransformerEmbedder
from rag import Chatbot
from rag.llm import Extractive, Pending
from rag.settings import Settings
from rag.web.api import build_api
from rag.web.articles import library_page
from rag.web.conversations import CONVERSATIONS, Conversations
from rag.web.guard import MAX_BODY_BYTES, Access, Guard
from rag.web.library import Library
from tests.conftest import ROOT, SEEDS, Scripted, chatbot_over
from tests.windows import in_thread

DUSHANBE = "who does Dushanbe blame for the attacks?"
DOC = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")


def behind_guard(
    chatbot: Chatbot, place: Path, access: Access | None = None, settings: Settings | None = None
) -> Guard:
    """The API where the server has it."""
    app = FastAPI()
    library = Library(chatbot, settings or Settings.load())
    app.mount("/api", build_api(library, Conversations(place / "data" / CONVERSATIONS)))
    app.include_router(library_page())
    return Guard(app, access or Access(per_minute=0))


def mounted(
    chatbot: Chatbot, place: Path, access: Access | None = None, settings: Settings | None = None
) -> TestClient:
    return TestClient(behind_guard(chatbot, place, access, settings), base_url="http://127.0.0.1")


def serving(chatbot: Chatbot, place: Path, settings: Settings | None = None) -> AbstractContextManager[str]:
    """The same on a free port, in a thread."""
    return in_thread(behind_guard(chatbot, place, settings=settings))


@pytest.fixture(scope="module")
def api(chatbot: Chatbot, tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    return mounted(chatbot, tmp_path_factory.mktemp("api"))


def without_times(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "seconds"}


def events(text: str) -> list[tuple[str, Any]]:
    found = []
    for block in text.strip().split("\n\n"):
        name, data = block.split("\n")
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def test_an_answer_is_the_one_that_the_command_line_prints(api: TestClient, chatbot: Chatbot) -> None:
    reply = api.post("/api/ask", json={"question": DUSHANBE})
    assert reply.status_code == 200
    expected = json.loads(json.dumps(chatbot.ask(DUSHANBE).to_dict()))
    assert without_times(reply.json()) == without_times(expected)
    for citation in reply.json()["citations"]:
        article = api.get(f"/api/articles/{citation['article']}").json()
        assert article["text"][citation["start"] : citation["end"]] == citation["quote"]


def test_a_streamed_answer_ends_with_the_whole_one(api: TestClient) -> None:
    reply = api.post("/api/ask", json={"question": DUSHANBE, "stream": True})
    assert reply.headers["content-type"].startswith("text/event-stream")
    told = events(reply.text)
    assert told[0][0] == "searching"
    assert told[-1][0] == "done"
    whole = api.post("/api/ask", json={"question": DUSHANBE}).json()
    assert without_times(told[-1][1]["answer"]) == without_times(whole)


def test_a_follow_up_takes_the_history(api: TestClient) -> None:
    asked = {"question": "And when?", "history": ["How much money did China pledge to the Afghan security forces?"]}
    assert "China" in api.post("/api/ask", json=asked).json()["standalone_question"]
    turn = {"question": asked["history"][0], "answer": "$70 million"}
    assert "China" in api.post("/api/ask", json=asked | {"history": [turn]}).json()["standalone_question"]
    assert api.post("/api/ask", json=asked | {"as_asked": True}).json()["standalone_question"] == "And when?"


def test_search_gives_passages_of_the_articles_in_scope(api: TestClient) -> None:
    asked = {"question": DUSHANBE, "limit": 3}
    found = api.post("/api/search", json=asked).json()
    assert [passage["rank"] for passage in found] == [1, 2, 3]
    scope = {"articles": [found[-1]["article"]]}
    assert {passage["article"] for passage in api.post("/api/search", json=asked | scope).json()} == set(
        scope["articles"]
    )


def test_the_articles_are_listed_found_and_read(api: TestClient, chatbot: Chatbot) -> None:
    everything = api.get("/api/articles").json()
    assert everything["total"] == len(chatbot.store.articles) == len(everything["articles"])
    one = everything["articles"][1]
    assert "text" not in one
    assert api.get("/api/articles?limit=1&offset=1").json()["articles"] == [one]
    named = next(article for article in everything["articles"] if article["outlet"])
    found = api.get("/api/articles", params={"query": f"{named['outlet']} {named['key'][:3]}".upper()}).json()
    assert (found["total"], found["articles"]) == (1, [named])
    nothing = api.get("/api/articles?query=no-such-word").json()
    assert (nothing["total"], nothing["articles"]) == (0, [])
    text = api.get(f"/api/articles/{one['key']}").json()["text"]
    assert (len(text), text) == (one["characters"], chatbot.article(one["key"]).text)


@pytest.mark.parametrize("key", ["a b#c.txt", "100%.txt", "<script>.txt", "日本.txt", "a?b=1.txt"])
def test_an_article_of_any_name_is_read(key: str, tmp_path: Path, embedder: SentenceTransformerEmbedder) -> None:
    client = mounted(chatbot_over({key: "The bridge at Vik was opened in June 2019.\n"}, tmp_path, embedder), tmp_path)
    assert client.get(f"/api/articles/{quote(key)}").json()["text"].startswith("The bridge")


def test_health_tells_what_is_served(api: TestClient, chatbot: Chatbot) -> None:
    health = api.get("/api/health").json()
    assert (health["status"], health["model"]) == ("ok", "extractive")
    assert health["index"] == chatbot.store.manifest.fingerprint


@pytest.mark.parametrize(
    ("path", "body", "status", "code", "says"),
    [
        ("ask", {"question": "  "}, 400, "bad_question", "empty"),
        ("ask", {"question": "  ", "stream": True}, 400, "bad_question", "empty"),
        ("ask", {"question": "why? " * 1000}, 400, "bad_question", "characters"),
        ("ask", {"question": "who?", "since": "soon"}, 400, "bad_question", "Write 2024-05-03"),
        (
            "ask",
            {"question": "who?", "outlet": "DID Press"},
            422,
            "invalid_request",
            "There are: question, since, until, outlets,",
        ),
        ("search", {"question": "who?", "k": 3}, 422, "invalid_request", "body.k: "),
        ("search", {"question": "who?", "k": 3}, 422, "invalid_request", "words, limit."),
        ("conversations", {"title": "A"}, 422, "invalid_request", "There are: name."),
        ("ask", {"question": "who?", "history": [{"q": "x"}]}, 422, "invalid_request", "history"),
        ("ask", {"question": "who?", "history": ["x"], "conversation": "y"}, 422, "invalid_request", "exclude"),
        ("ask", {"question": "who?", "conversation": "y"}, 404, "not_found", "no such conversation"),
        ("ask", {}, 422, "invalid_request", "question"),
        ("ask", {"question": {"a": 1}}, 422, "invalid_request", "question"),
        ("ask", {"question": "who?", "history": ["x"] * 51}, 422, "invalid_request", "history"),
        ("search", {"question": "who?", "limit": 0}, 422, "invalid_request", "limit"),
    ],
)
def test_what_is_wrong_is_told(
    api: TestClient, path: str, body: dict[str, Any], status: int, code: str, says: str
) -> None:
    reply = api.post(f"/api/{path}", json=body)
    error = reply.json()["error"]
    assert (reply.status_code, error["code"]) == (status, code)
    assert says in error["message"]
    assert error["request_id"] == reply.headers["x-request-id"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/api/nothing", 404), ("GET", "/api/ask", 405), ("GET", "/api/articles/../../etc/passwd", 404),
     ("GET", "/api/articles/%2e%2e%2f%2e%2e%2fetc%2fpasswd", 404), ("GET", "/api/docs", 404)],
)  # fmt: skip
def test_what_is_not_there(api: TestClient, method: str, path: str, status: int) -> None:
    reply = api.request(method, path)
    assert reply.status_code == status
    if path.startswith("/api/a") and ".." not in path:
        assert reply.json()["error"]["message"]


def test_a_body_that_is_no_json_or_too_long(api: TestClient) -> None:
    headers = {"Content-Type": "application/json"}
    for half in ('{"question": "\\ud800 who?"}', '{"question": "who?", "\\ud800": 1}'):  # half a character
        reply = api.post("/api/ask", content=half.encode(), headers=headers)
        assert (reply.status_code, reply.json()["error"]["code"]) == (422, "invalid_request")
    assert api.post("/api/ask", content=b"{", headers=headers).json()["error"]["code"] == "invalid_request"
    long = json.dumps({"question": "x" * MAX_BODY_BYTES}).encode()
    assert api.post("/api/ask", content=long, headers=headers).json()["error"]["code"] == "too_large"

    def pieces() -> Iterator[bytes]:  # without a length beforehand
        yield from (long[at : at + 65536] for at in range(0, len(long), 65536))

    reply = api.post("/api/ask", content=pieces(), headers=headers)
    assert (reply.status_code, reply.json()["error"]["code"]) == (413, "too_large")


def test_the_openapi_document_names_every_field_of_an_answer(api: TestClient, chatbot: Chatbot) -> None:
    document = api.get("/api/openapi.json").json()
    assert {"/ask", "/search", "/articles", "/articles/{key}", "/health"} <= set(document["paths"])
    told = document["components"]["schemas"]
    answer = chatbot.ask(DUSHANBE).to_dict()
    assert set(told["Answer"]["properties"]) == set(answer)
    assert set(told["Citation"]["properties"]) == set(answer["citations"][0])


def test_the_log_tells_the_request_and_not_the_question(api: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        reply = api.post("/api/ask", json={"question": "who does Xanadupolis blame?"})
    assert f"{reply.headers['x-request-id']} POST /api/ask 200" in caplog.text
    assert "Xanadupolis" not in caplog.text


def test_who_leaves_ends_the_model_s_work(tmp_path: Path, embedder: SentenceTransformerEmbedder) -> None:
    text = "The council of Lund voted to spend $3 million on a new quay.\n"

    class Endless(Scripted):
        def write(self, request: Any, usage: Any) -> Any:
            try:
                while True:
                    time.sleep(0.02)
                    yield Pending("The council")
            finally:
                self.closed = True

    llm = Endless()
    chatbot = chatbot_over({"a.txt": text}, tmp_path, embedder, llm)
    with serving(chatbot, tmp_path) as address, subprocess.Popen(
        [
            "curl", "-sN", "--noproxy", "*", f"{address}/api/ask", "--json",
            json.dumps({"question": "What did the council of Lund vote to spend?", "stream": True}),
        ], stdout=subprocess.PIPE,
    ) as curl:  # fmt: skip
        assert curl.stdout
        assert any(b"event: writing" in line for line in curl.stdout)
        curl.kill()
        for _ in range(500):
            if llm.closed:
                break
            time.sleep(0.02)
    assert llm.closed


# The page of docs


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_every_curl_line_of_the_docs(seeds_index: Path, embedder: SentenceTransformerEmbedder, tmp_path: Path) -> None:
    shutil.copytree(SEEDS, tmp_path / "articles")
    shutil.copytree(seeds_index, tmp_path / "index")
    settings = Settings.load(articles=tmp_path / "articles", index=tmp_path / "index", uploads="uploads")
    chatbot = Chatbot(LiveStore(settings.index), embedder, Extractive(), settings)
    commands = re.findall(r"^```console\n\$ (.*?)^```$", DOC, re.MULTILINE | re.DOTALL)
    assert len(commands) >= 6
    with serving(chatbot, tmp_path, settings) as address:
        started = TestClient(behind_guard(chatbot, tmp_path), base_url="http://127.0.0.1").post(
            "/api/conversations", json={}
        )
        for command in commands:
            assert command.startswith("curl ")
            done = subprocess.run(
                ["bash", "-c", command.replace("http://127.0.0.1:7860", address)],
                capture_output=True, text=True, cwd=tmp_path, env=os.environ | {"ID": started.json()["id"], "NO_PROXY": "*", "no_proxy": "*"}, check=False,
            )  # fmt: skip
            assert done.returncode == 0, (command, done.stderr)
            assert done.stdout, command
            assert '"error":{' not in done.stdout, (command, done.stdout)


def test_every_field_of_a_request_is_in_the_docs(api: TestClient) -> None:
    told = api.get("/api/openapi.json").json()["components"]["schemas"]
    for form in ("AskRequest", "SearchRequest"):
        for name in told[form]["properties"]:
            assert f"`{name}`" in DOC
