from __future__ import annotations

import random

import pytest

from index import Article, SentenceTransformerEmbedder
from index.articles import read_corpus
from index.chunker import chunk_article, context_text
from index.sentences import trim
from tests.conftest import SEEDS


def check(article: Article, embedder: SentenceTransformerEmbedder, size: int) -> None:
    chunks = chunk_article(article, max_tokens=size, count_tokens=embedder.count_tokens)
    covered = bytearray(len(article.text))
    for chunk in chunks:
        assert article.text[chunk.start : chunk.end] == chunk.text
        assert trim(article.text, chunk.start, chunk.end) == (chunk.start, chunk.end)
        for start, end in chunk.sentences:
            assert chunk.start <= start < end <= chunk.end
            assert article.text[start:end] == chunk.sentence_text((start, end))
            assert not any(covered[start:end])
            covered[start:end] = b"\1" * (end - start)
    assert all(seen or character.isspace() for seen, character in zip(covered, article.text, strict=True))
    sizes = embedder.count_tokens([context_text(chunk) for chunk in chunks])
    assert all(count + 2 <= size for count in sizes)


@pytest.mark.parametrize("size", [64, 160, 256])
def test_seeds_offsets_are_exact_and_nothing_is_lost(embedder: SentenceTransformerEmbedder, size: int) -> None:
    for article in read_corpus(SEEDS).articles:
        check(article, embedder, size)


def test_endless_words_and_strange_letters(embedder: SentenceTransformerEmbedder) -> None:
    letters = random.Random(1)
    strange = "".join(letters.choice("aé🙂 \n\t中ж\u202e.\u0301") for _ in range(3000))
    for text in ("x" * 5000, "слово " * 800, strange, "A.\n" * 300, "1,000.50 " * 500):
        check(Article("a.txt", text, title="A headline " * 30), embedder, 96)


def test_a_heading_stays_with_what_it_heads(embedder: SentenceTransformerEmbedder) -> None:
    paragraph = "The river rose by two metres overnight and the valley was closed to all traffic. " * 8
    text = f"{paragraph}\nWhat happens next in the valley\n{paragraph}"
    chunks = chunk_article(Article("a.txt", text), max_tokens=160, count_tokens=embedder.count_tokens)
    heading = next(chunk for chunk in chunks if "What happens next" in chunk.text)
    assert "The river rose" in heading.text.split("in the valley\n")[1]
