from __future__ import annotations

import numpy as np
import pytest

from index import SentenceTransformerEmbedder
from index.errors import EmbedderError


def test_vectors_are_unit_and_meaning_is_near(embedder: SentenceTransformerEmbedder) -> None:
    vectors = embedder.encode(
        ["The minister denied it.", "The official rejected the claim.", "Bake the bread at 220 degrees."]
    )
    assert vectors.shape == (3, embedder.dimension)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.2


def test_same_text_same_vector_whatever_stands_beside_it(embedder: SentenceTransformerEmbedder) -> None:
    alone = embedder.encode(["A drone struck the mine."])
    beside = embedder.encode(["A drone struck the mine.", "Long neighbour " * 100])
    assert np.allclose(alone[0], beside[0], atol=1e-5)


def test_nothing_to_embed(embedder: SentenceTransformerEmbedder) -> None:
    assert embedder.encode([]).shape == (0, 384)
    assert embedder.count_tokens([]) == []


def test_the_packaged_weights_are_named_by_their_digest(embedder: SentenceTransformerEmbedder) -> None:
    assert embedder.fingerprint.endswith("53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db")


def test_a_model_that_is_not_there() -> None:
    with pytest.raises(EmbedderError, match="no-such-model"):
        SentenceTransformerEmbedder("no-such-model")
