"""A file of claims, each beside a passage → a verdict for each. For measuring the verifier, and for checking texts."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import QuestionsFileError
from rag.verifier import Verifier


@dataclass(frozen=True, slots=True)
class Pair:
    """A claim, and the passage that should bear it out."""

    id: str
    passage: str
    claim: str


def read_pairs(path: Path) -> list[Pair]:
    """Read a file of pairs: a JSON object {id, passage, claim} a line; other fields are ignored, as are blank lines.

    Raises:
        QuestionsFileError: the file is not there, or a line is not in the form; the message names the line.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionsFileError(f"The file of pairs {path} cannot be read: {error}.") from error
    pairs = [_pair(line, f"{path}, line {number}") for number, line in enumerate(lines, 1) if line.strip()]
    if not pairs:
        raise QuestionsFileError(f"The file of pairs {path} holds no pair.")
    return pairs


def _pair(line: str, where: str) -> Pair:
    try:
        record = json.loads(line)
    except ValueError as error:
        raise QuestionsFileError(f"{where} is not JSON: {error}.") from error
    if not isinstance(record, dict):
        raise QuestionsFileError(f"{where} is not a JSON object.")
    for name in ("id", "passage", "claim"):
        if not isinstance(record.get(name), str):
            raise QuestionsFileError(f"{where}: the field {name!r} is missing, or is not text.")
    return Pair(record["id"], record["passage"], record["claim"])


def verify_pairs(
    pairs: Sequence[Pair],
    verifier: Verifier,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> list[dict[str, Any]]:
    """For each pair its id, verdict, score, span in the passage, and what refused it.

    Raises:
        ModelError: the judge cannot be reached.
    """
    verdicts = []
    for number, pair in enumerate(pairs):
        if progress:
            progress(number, len(pairs))
        judgement = verifier.verify(pair.claim, pair.passage)
        verdicts.append(
            {
                "id": pair.id,
                "verdict": "supported" if judgement.supported else "unsupported",
                "score": round(judgement.score, 4),
                "span": list(judgement.span) if judgement.span else None,
                "refused": list(judgement.refused),
            }
        )
    return verdicts
