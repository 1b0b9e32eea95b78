"""`openai:MODEL` against a real llama.cpp server with a small real model, which invents freely."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from index import FaissStore, SentenceTransformerEmbedder
from rag import Chatbot, Settings
from rag.errors import ModelUnavailable, SettingsError
from rag.llm import Usage, open_llm
from rag.llm.openai import OpenAIModel
from tests.conftest import SEEDS
from tests.test_chatbot import QUESTION, check_promises


def load(url: str, index: Path, **more: object) -> Settings:
    return Settings.load(
        articles=SEEDS, index=index, llm="openai:smollm2", base_url=url, context_tokens=900, answer_tokens=48, **more
    )


def test_text_is_streamed_and_counted(llama_server: str, seeds_index: Path) -> None:
    usage = Usage()
    model = OpenAIModel("smollm2", load(llama_server, seeds_index))
    pieces = list(model.stream([{"role": "user", "content": "Say hello."}], max_tokens=8, usage=usage))
    assert len(pieces) > 1
    assert usage.prompt_tokens > 0
    assert 0 < usage.completion_tokens <= 8


def test_an_answer_keeps_every_promise(
    llama_server: str, seeds_index: Path, embedder: SentenceTransformerEmbedder
) -> None:
    settings = load(llama_server, seeds_index)
    chatbot = Chatbot(FaissStore.open(seeds_index), embedder, open_llm(settings), settings)
    answer = chatbot.ask(QUESTION)
    check_promises(chatbot, answer)
    assert answer.status == "answered"  # by the model, or by the articles' own sentences in its place


def test_what_it_invents_is_not_shown(
    llama_server: str, seeds_index: Path, embedder: SentenceTransformerEmbedder
) -> None:
    """It names a president of France, when asked in spite of the evidence; the articles name none."""
    settings = load(llama_server, seeds_index, answerability_threshold=0.0)
    chatbot = Chatbot(FaissStore.open(seeds_index), embedder, open_llm(settings), settings)
    answer = chatbot.ask("Who is the president of France?")
    check_promises(chatbot, answer)
    assert "Macron" not in answer.text


def test_no_server(seeds_index: Path, embedder: SentenceTransformerEmbedder) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    settings = load(url, seeds_index, connect_seconds=1)
    answer = Chatbot(FaissStore.open(seeds_index), embedder, open_llm(settings), settings).ask(QUESTION)
    assert (answer.status, answer.reason, answer.model) == ("answered", "model_unavailable", "extractive")
    assert "is it running" in (answer.explanation or "")


def test_no_key_for_the_hosted_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(ModelUnavailable, match="OPENAI_API_KEY"):
        open_llm(Settings.load(llm="openai:any"))


@pytest.mark.parametrize("name", ["openai", "openai:", "magic:x", "extractive:x", ""])
def test_a_name_that_means_nothing(name: str) -> None:
    with pytest.raises(SettingsError, match="no LLM"):
        open_llm(Settings.load(llm=name))
