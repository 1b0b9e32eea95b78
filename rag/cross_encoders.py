"""sentence-transformers CrossEncoders, by name or folder: what the plugs for reranking and judging load."""

from __future__ import annotations

from typing import Any

from rag.errors import SettingsError


def load_cross_encoder(model: str, *, role: str) -> Any:
    """A CrossEncoder, on the processor; weights are read from safetensors only, never unpickled.

    Raises:
        SettingsError: it cannot be loaded; the message names its `role`.
    """
    from sentence_transformers import CrossEncoder

    try:
        return CrossEncoder(model, device="cpu", model_kwargs={"use_safetensors": True})
    except (OSError, ValueError) as error:
        raise SettingsError(f"The {role} {model!r} cannot be loaded: {error}. Give a folder.") from error
