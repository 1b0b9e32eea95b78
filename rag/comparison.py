"""Two reports → what is better, what is worse, and what only words itself otherwise."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import QuestionsFileError
from rag.figures import passed, sign_test

Record = Mapping[str, Any]
"""A case as in the JSON of a report."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Names of questions, by what became of them. `reworded`: right or wrong as before, in other words.

    `p` is the sign test's: how likely a change so uneven is when better and worse are equally likely.
    """

    better: tuple[str, ...]
    worse: tuple[str, ...]
    reworded: tuple[str, ...]
    same: int
    added: tuple[str, ...]
    removed: tuple[str, ...]
    p: float


def read_report(path: Path) -> dict[str, Any]:
    """A report's JSON, or what `dateline eval --json` printed.

    Raises:
        QuestionsFileError: the file cannot be read, or is neither.
    """
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
        for case in report["cases"]:
            _ = (case["id"], case["answer"]["text"], passed(case["scores"]))
    except OSError as error:
        raise QuestionsFileError(f"The report {path} cannot be read: {error.strerror}.") from error
    except (ValueError, TypeError, KeyError) as error:
        raise QuestionsFileError(f"{path} is no report of Dateline in JSON ({error!r}).") from error
    return dict(report)


def compare(old: Sequence[Record], new: Sequence[Record]) -> Comparison:
    """Compare the cases of two reports, question by question."""
    before, after = named(old), named(new)
    both = [name for name in after if name in before]
    changes = {name: passed(after[name]["scores"]) - passed(before[name]["scores"]) for name in both}
    better = tuple(name for name in both if changes[name] > 0)
    worse = tuple(name for name in both if changes[name] < 0)
    alike = [name for name in both if changes[name] == 0]
    reworded = tuple(name for name in alike if after[name]["answer"]["text"] != before[name]["answer"]["text"])
    return Comparison(
        better,
        worse,
        reworded,
        len(alike) - len(reworded),
        tuple(name for name in after if name not in before),
        tuple(name for name in before if name not in after),
        sign_test(len(better), len(worse)),
    )


def describe(comparison: Comparison) -> list[str]:
    """The comparison in lines."""
    lines = [
        f"compared: {len(comparison.better)} better, {len(comparison.worse)} worse (sign test p = {comparison.p:.3g}), "
        f"{len(comparison.reworded)} in other words only, {comparison.same} the same"
    ]
    for title in ("better", "worse", "reworded", "added", "removed"):
        if names := getattr(comparison, title):
            lines.append(f"  {title:9} {', '.join(names)}")
    return lines


def named(cases: Sequence[Record]) -> dict[str, Record]:
    """Cases by their id; where several sets have the same one, by set and id."""
    ids = [case["id"] for case in cases]
    unique = len(set(ids)) == len(ids)
    return {case["id"] if unique else f"{case.get('set', '')}::{case['id']}": case for case in cases}
