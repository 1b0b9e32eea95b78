"""The contract of every provider of a model: on real models where there are some, on a fake server for the rest."""

from __future__ import annotations

import json
import logging
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from index import FaissStore, SentenceTransformerEmbedder
from rag import Chatbot, Settings
from rag.errors import (
    AnswerBrokenOff,
    ContextOverflow,
    KeyRefused,
    ModelError,
    ModelOverloaded,
    ModelTooSlow,
    ModelUnavailable,
    ModelUnreachable,
    RateLimited,
    SettingsError,
    UnknownModel,
)
from rag.llm import PROVIDERS, Message, ModelWriter, TextModel, Usage, availability, open_llm
from tests.conftest import SEEDS, llama_process
from tests.fake_server import BREAK, HANG, Refuse, fake_server
from tests.test_chatbot import QUESTION, check_promises

HELLO: list[Message] = [{"role": "user", "content": "Tell a long story of a cat and a dog."}]
KEY = "sk-test-4f9c2a7e"
REAL = ("openai", "ollama", "anthropic", "gguf")  # a real llama.cpp speaks the protocols of all of them
FAKE = ("openai", "ollama", "anthropic")
Opened = Callable[..., TextModel]


def settings_for(provider: str, url: str, *, model: str = "small", **more: object) -> Settings:
    keys = {"DATELINE_API_KEY": KEY, "DATELINE_ANTHROPIC_API_KEY": KEY}
    base = url if provider in ("anthropic", "ollama") else f"{url}/v1"
    return Settings.load(articles=SEEDS, llm=f"{provider}:{model}", base_url=base, **keys, **more)


def text_model(settings: Settings) -> TextModel:
    writer = open_llm(settings)
    assert isinstance(writer, ModelWriter)
    return writer.model


def pieces(
    model: TextModel, usage: Usage | None = None, *, messages: list[Message] = HELLO, max_tokens: int = 8
) -> list[str]:
    got = model.stream(messages, max_tokens=max_tokens, usage=usage or Usage())
    return [piece for piece in got if piece]


@pytest.fixture(scope="module")
def real(llama_server: str, small_model: Path) -> Opened:
    def open_(provider: str, **more: Any) -> TextModel:
        if provider == "gguf":
            return text_model(Settings.load(llm=f"gguf:{small_model}", context_tokens=2048, threads=2, **more))
        return text_model(settings_for(provider, llama_server.removesuffix("/v1"), **more))

    return open_


@pytest.mark.parametrize("provider", REAL)
def test_text_is_streamed_and_counted(real: Opened, provider: str) -> None:
    model, usage = real(provider), Usage()
    got = pieces(model, usage)
    assert len(got) > 1
    assert usage.prompt_tokens > 0
    assert 0 < usage.completion_tokens <= 8
    assert model.context_tokens >= 2048
    assert model.count("The mayor closed the bridge.") > 4
    assert model.name.startswith(f"{provider}:")


@pytest.mark.parametrize("provider", REAL)
def test_stop_ends_the_computing(real: Opened, provider: str, llama_server: str) -> None:
    model = real(provider)
    stream = model.stream(HELLO, max_tokens=1500, usage=Usage())
    while not next(stream):
        pass
    assert computing(model, llama_server)
    stream.close()
    deadline = time.monotonic() + 20
    while computing(model, llama_server):
        assert time.monotonic() < deadline, "it goes on computing"
        time.sleep(0.05)


def computing(model: TextModel, llama_server: str) -> bool:
    """Whether llama.cpp works on an answer: the server's, or the one in this process."""
    loaded = getattr(model, "_loaded", None)
    address = loaded.address if loaded else llama_server.removesuffix("/v1")
    key = {"Authorization": f"Bearer {loaded.key}"} if loaded else {}
    with urllib.request.urlopen(urllib.request.Request(f"{address}/slots", headers=key)) as response:
        return any(slot["is_processing"] for slot in json.load(response))


@pytest.mark.parametrize("provider", REAL)
def test_time_limits(real: Opened, provider: str) -> None:
    with pytest.raises(ModelTooSlow, match="did not begin"):
        pieces(real(provider, first_token_seconds=0.001))
    with pytest.raises(ModelTooSlow, match="did not finish"):
        pieces(real(provider, answer_seconds=0.4), max_tokens=1500)


@pytest.mark.parametrize("provider", REAL)
def test_a_prompt_that_is_too_long(real: Opened, provider: str) -> None:
    with pytest.raises(ContextOverflow, match="DATELINE_CONTEXT_TOKENS"):
        pieces(real(provider), messages=[{"role": "user", "content": "cat " * 9000}])


def test_a_file_is_loaded_once_and_others_are_kept_out(real: Opened, small_model: Path) -> None:
    first, second = real("gguf"), real("gguf")
    assert pieces(first) == pieces(second)
    loaded = first._loaded  # type: ignore[attr-defined]
    assert loaded is second._loaded  # type: ignore[attr-defined]
    assert first.count("Hello there") == 2
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(f"{loaded.address}/props")


def test_the_context_is_the_files(small_model: Path) -> None:
    assert text_model(Settings.load(llm=f"gguf:{small_model}", context_tokens=10_000)).context_tokens == 8192


def test_a_model_in_process_answers_and_invents_nothing(
    small_model: Path, seeds_index: Path, embedder: SentenceTransformerEmbedder
) -> None:
    """It has a 2k context here, and names a president of France when it is asked in spite of the evidence."""
    settings = Settings.load(
        articles=SEEDS, index=seeds_index, llm=f"gguf:{small_model}", context_tokens=2048, answer_tokens=40, threads=2,
        passages=3, answerability_threshold=0.0,
    )  # fmt: skip
    chatbot = Chatbot(FaissStore.open(seeds_index), embedder, open_llm(settings), settings)
    answer = chatbot.ask("Who is the president of France?")
    check_promises(chatbot, answer)
    assert "Macron" not in answer.text
    assert "Hollande" not in answer.text
    assert answer.usage["prompt_tokens"] > 0


@pytest.mark.parametrize("provider", FAKE)
def test_a_server_that_is_not_there(provider: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(ModelUnreachable, match="cannot be reached"):
        pieces(text_model(settings_for(provider, url)))


def test_a_server_that_is_killed_in_mid_answer(small_model: Path) -> None:
    with llama_process(small_model) as (url, process):
        model = text_model(settings_for("openai", url.removesuffix("/v1")))
        stream = model.stream(HELLO, max_tokens=1500, usage=Usage())
        while not next(stream):
            pass
        process.kill()
        with pytest.raises(AnswerBrokenOff):
            list(stream)


@pytest.mark.parametrize("provider", FAKE)
def test_all_pieces_come_as_they_are(provider: str) -> None:
    with fake_server(["One ", "two", " – «three»"]) as server:
        usage = Usage()
        assert pieces(text_model(settings_for(provider, server.url)), usage) == ["One ", "two", " – «three»"]
        assert (usage.prompt_tokens, usage.completion_tokens) == (11, 3)
        sent = server.requests[0]
    assert sent["model"] == "small"
    assert sent["stream"] is True
    assert sent["max_tokens"] == 8


@pytest.mark.parametrize("provider", FAKE)
@pytest.mark.parametrize("begun", [True, False])
def test_stop_closes_the_connection(provider: str, begun: bool) -> None:
    with fake_server(["One " if begun else "", HANG]) as server:
        stream = text_model(settings_for(provider, server.url)).stream(HELLO, max_tokens=8, usage=Usage())
        first = next(stream)
        while begun and not first:
            first = next(stream)
        while not server.requests:
            next(stream)
        stream.close()
        assert server.client_left.wait(10)


@pytest.mark.parametrize("provider", FAKE)
@pytest.mark.parametrize(
    ("refusal", "error", "says"),
    [
        (Refuse(401, f"wrong key {KEY}"), KeyRefused, "refuses the key"),
        (Refuse(403), KeyRefused, "refuses the key"),
        (Refuse(404, "model not found"), UnknownModel, "no model 'small'"),
        (Refuse(400, "The model `small` does not exist"), UnknownModel, "no model 'small'"),
        (Refuse(400, "prompt is too long: 9 tokens > 8 maximum"), ContextOverflow, "DATELINE_CONTEXT_TOKENS"),
        (Refuse(413, "large"), ContextOverflow, "too long"),
        (Refuse(429, "slow down", {"retry-after": "60"}), RateLimited, "limit"),
        (Refuse(402, "no credit"), RateLimited, "account"),
        (Refuse(503, "busy", {"retry-after": "60"}), ModelOverloaded, "overloaded"),
        (Refuse(529, "busy", {"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}), ModelOverloaded, "overloaded"),
        (Refuse(418, "I am a teapot"), ModelUnavailable, "HTTP 418"),
    ],
)
def test_refusals_are_told_apart(provider: str, refusal: Refuse, error: type[ModelError], says: str) -> None:
    with fake_server(refusal) as server:
        with pytest.raises(ModelError, match=says) as raised:
            pieces(text_model(settings_for(provider, server.url)))
        assert type(raised.value) is error
        assert len(server.requests) == (2 if refusal.status == 529 else 1)
    assert raised.value.__suppress_context__  # what the server wrote is not carried along: it may quote the key


@pytest.mark.parametrize("provider", FAKE)
@pytest.mark.parametrize("failure", [Refuse(429, headers={"retry-after": "0.01"}), Refuse(503), ["", BREAK]])
def test_one_more_try_where_nothing_was_shown(provider: str, failure: Refuse | Sequence[object]) -> None:
    with fake_server(failure, ["One."]) as server:
        assert pieces(text_model(settings_for(provider, server.url))) == ["One."]
        assert len(server.requests) == 2


@pytest.mark.parametrize("provider", FAKE)
def test_no_second_try_where_something_was(provider: str) -> None:
    with fake_server(["One ", BREAK], ["Two."]) as server:
        stream = text_model(settings_for(provider, server.url)).stream(HELLO, max_tokens=8, usage=Usage())
        with pytest.raises(AnswerBrokenOff):
            list(stream)
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("script", "reason", "says"),
    [
        ([Refuse(401, f"wrong key {KEY}")], "model_unavailable", "refuses the key"),
        ([["Tajik officials have openly criticized the Taliban. [1] ", "Then ", BREAK]], "model_unusable", "broke off"),
        ([["  "]], "model_unusable", "nothing"),
        ([["Half ", HANG]], "model_unavailable", "did not finish"),
        ([["The river Spree froze in Berlin. [1]"]], "unsupported", "borne out"),
    ],
)
def test_what_fails_is_answered_by_the_articles(
    script: list[Any], reason: str, says: str, seeds_index: Path, embedder: SentenceTransformerEmbedder
) -> None:
    with fake_server(*script) as server:
        settings = settings_for("openai", server.url, index=seeds_index, answer_seconds=1)
        chatbot = Chatbot(FaissStore.open(seeds_index), embedder, open_llm(settings), settings)
        answer = chatbot.ask(QUESTION)
    check_promises(chatbot, answer)
    assert (answer.status, answer.reason, answer.model) == ("answered", reason, "extractive")
    assert says in (answer.explanation or "")


def test_a_context_that_is_smaller_than_was_said(seeds_index: Path, embedder: SentenceTransformerEmbedder) -> None:
    right = "Tajik officials have openly criticized the Taliban over the attacks. [1]"
    with fake_server(Refuse(400, "exceeds the context size"), [right]) as server:
        settings = settings_for("openai", server.url, index=seeds_index, context_tokens=4096)
        chatbot = Chatbot(FaissStore.open(seeds_index), embedder, open_llm(settings), settings)
        answer = chatbot.ask(QUESTION)
        sizes = [len(request["messages"][1]["content"]) for request in server.requests]
    assert answer.model == "openai:small"
    assert answer.prompts
    assert sizes[1] < 0.7 * sizes[0]


def test_a_key_is_shown_nowhere(
    seeds_index: Path, embedder: SentenceTransformerEmbedder, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    shown = []
    for script in (Refuse(401, f"wrong key {KEY}"), Refuse(500, KEY), ["Fine. [1]"]):
        with fake_server(script) as server:
            settings = settings_for("openai", server.url, index=seeds_index)
            llm = open_llm(settings)
            answer = Chatbot(FaissStore.open(seeds_index), embedder, llm, settings).ask(QUESTION)
            assert server.headers_seen[0]["authorization"] == f"Bearer {KEY}"
            assert isinstance(llm, ModelWriter)
            shown += [json.dumps(answer.to_dict()), repr(vars(llm.model)), repr(settings), settings.model_dump_json()]
    shown += [caplog.text, *(file.read_bytes().decode("latin-1") for file in seeds_index.rglob("*") if file.is_file())]
    assert all(KEY not in text for text in shown)


def test_an_address_holds_no_secret() -> None:
    for address in (f"http://me:{KEY}@host/v1", f"http://host/v1?key={KEY}"):
        with pytest.raises(SettingsError, match="base_url") as raised:
            Settings.load(base_url=address)
        assert KEY not in str(raised.value)


def test_a_key_goes_to_its_own_server_only() -> None:
    with fake_server(["One."]) as server:
        pieces(text_model(settings_for("ollama", server.url)))
        pieces(text_model(settings_for("anthropic", server.url)))
    assert KEY not in server.headers_seen[0]["authorization"]
    assert KEY in {server.headers_seen[1].get("x-api-key"), server.headers_seen[1].get("authorization", "")[7:]}
    assert settings_for("openai", server.url).address("anthropic") is None


@pytest.fixture
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "DATELINE_API_KEY", "ANTHROPIC_API_KEY", "DATELINE_ANTHROPIC_API_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("no_keys")
def test_what_is_usable_now() -> None:
    with fake_server([""], models=("small", "large")) as server:
        found = availability(Settings.load(llm="openai:small", base_url=f"{server.url}/v1"))
        assert found.keys() == {provider.form for provider in PROVIDERS}
        assert found["openai:MODEL"].models == ("large", "small")
        assert found["extractive"].usable
        assert "ANTHROPIC_API_KEY" in found["anthropic:MODEL"].why
        ollama = availability(Settings.load(llm="ollama:small", base_url=server.url))["ollama:MODEL"]
        assert ollama.models == ("large", "small")
    assert "OPENAI_API_KEY" in availability(Settings.load(llm="extractive"))["openai:MODEL"].why


@pytest.mark.usefixtures("no_keys")
def test_ollama_says_what_to_do() -> None:
    with fake_server(Refuse(404, "model 'big' not found"), models=()) as server:
        settings = settings_for("ollama", server.url, model="big")
        assert "ollama pull" in availability(settings)["ollama:MODEL"].why
        with pytest.raises(UnknownModel, match="`ollama pull big`"):
            pieces(text_model(settings))
    with pytest.raises(ModelUnreachable, match="`ollama serve`"):
        pieces(text_model(settings))
    assert "`ollama serve`" in availability(settings)["ollama:MODEL"].why


@pytest.mark.parametrize("name", ["openai", "openai:", "magic:x", "extractive:x", "", "gguf:", "anthropic"])
def test_a_name_that_means_nothing(name: str) -> None:
    with pytest.raises(SettingsError, match="no LLM"):
        open_llm(Settings.load(llm=name))


def test_a_file_that_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "bad.gguf").write_bytes(b"GGUF and then nothing")
    (tmp_path / "text.gguf").write_text("A text.")
    for name, says in (("none.gguf", "cannot be read"), ("text.gguf", "not a GGUF file")):
        with pytest.raises(SettingsError, match=says):
            open_llm(Settings.load(llm=f"gguf:{tmp_path / name}"))
    with pytest.raises(ModelError, match="cannot be loaded"):
        pieces(text_model(Settings.load(llm=f"gguf:{tmp_path / 'bad.gguf'}")))


@pytest.mark.usefixtures("no_keys")
@pytest.mark.parametrize(
    ("llm", "variable"), [("openai:any", "OPENAI_API_KEY"), ("anthropic:any", "ANTHROPIC_API_KEY")]
)
def test_no_key_for_a_hosted_service(llm: str, variable: str) -> None:
    with pytest.raises(KeyRefused, match=variable):
        open_llm(Settings.load(llm=llm))
