"""`openai:MODEL` against a real llama.cpp server with a small real model, which invents freely."""

from __future__ import annotations

import socket
from pathlib import Path

from index import FaissStore, SentenceTransformerEmbedder
from rag import Chatbot, Settings
from rag.llm import open_llm
from tests.conftest import SEEDS
from tests.test_chatbot import QUESTION, check_promises


def load(url: str, index: Path, **more: object) -> Settings:
    return Settings.load(
        articles=SEEDS, index=index, llm="openai:smollm2", base_url=url, context_tokens=900, answer_tokens=48, **more
    )


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
    assert "Is it running" in (answer.explanation or "")
