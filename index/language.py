"""The language of a text, told only when there is text enough and no doubt. Needs no download."""

from __future__ import annotations

from functools import cache
from typing import Any

from index.errors import CorpusError

_LETTERS = 120  # fewer do not tell
_SAMPLE = 600  # characters that are looked at
_SURE = 0.95


def detect_language(text: str) -> str | None:
    """ISO 639-1 code, or None in doubt.

    Raises:
        CorpusError: there is no room to load the detector.
    """
    sample = " ".join(text[:_SAMPLE].split())
    if sum(map(str.isalpha, sample)) < _LETTERS:
        return None
    language, probability = _identifier().classify(sample)
    return str(language) if probability >= _SURE else None


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    try:
        return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    except OSError as error:  # it unpacks its model into a temporary file
        raise CorpusError(
            f"The language detector cannot be loaded: {error}. Make room in the temporary folder."
        ) from error
