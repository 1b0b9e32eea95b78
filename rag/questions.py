"""A questions file, JSON lines or YAML → questions. The form is in docs/evaluation.md.

Nothing heavy is imported here: pytest collects questions in every run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from rag.errors import QuestionsFileError

YAML_SUFFIXES = (".yaml", ".yml")
_FIELDS = {
    "id": str,
    "kind": str,
    "question": str,
    "answerable": bool,
    "history": list,
    "answer_any": list,
    "answer_all": list,
    "answer_all_any": list,
    "evidence": list,
    "filters": dict,
}
_FILTERS: dict[str, type] = {"since": str, "until": str, "outlets": list, "articles": list, "words": bool}


@dataclass(frozen=True, slots=True)
class Gold:
    """Where the answer stands: quotes of an article; without quotes any span of it counts."""

    article: str
    quotes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QuestionCase:
    """One question of a file. Fields that Dateline does not know are kept in `extra`; `line` counts from 1."""

    id: str
    kind: str
    question: str
    answerable: bool
    history: tuple[str, ...] = ()
    answer_all_any: tuple[tuple[str, ...], ...] = ()  # one string of each must stand in the answer
    evidence: tuple[Gold, ...] = ()
    filters: Mapping[str, Any] | None = None  # as `rag.filters.read_filters` takes them; None: the words tell
    extra: Mapping[str, Any] = field(default_factory=dict)
    line: int = field(default=0, compare=False)


def read_questions(path: Path) -> list[QuestionCase]:
    """Read a questions file: one JSON object a line, blank lines left out; or a YAML list of the same objects.

    Raises:
        QuestionsFileError: the file is not there, or a question is not in the form; the message names the line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        mend = "Write one (docs/evaluation.md), or let `dateline draft` or `dateline feedback` make it."
        raise QuestionsFileError(f"There is no questions file {path}. {mend}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionsFileError(f"The questions file {path} cannot be read: {error}.") from error
    records = _yaml_records(text, path) if path.suffix in YAML_SUFFIXES else _json_records(text, path)
    cases = [_case(record, line, f"{path}, line {line}") for line, record in records]
    if not cases:
        raise QuestionsFileError(f"The questions file {path} holds no question.")
    seen: set[str] = set()
    for case in cases:
        if case.id in seen:
            raise QuestionsFileError(f"The questions file {path} has two questions with the id {case.id!r}.")
        seen.add(case.id)
    return cases


def write_questions(path: Path, records: list[dict[str, Any]]) -> None:
    """Add questions, in the form of the file, at its end."""
    if path.suffix in YAML_SUFFIXES:
        import yaml

        text = yaml.safe_dump(records, allow_unicode=True, sort_keys=False, width=110)
    else:
        text = json_lines(records)
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(before + ("\n" if before and not before.endswith("\n") else "") + text, encoding="utf-8")


def json_lines(records: Iterable[Mapping[str, Any]]) -> str:
    """The questions as a file of JSON lines."""
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def _json_records(text: str, path: Path) -> Iterator[tuple[int, object]]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except ValueError as error:
                raise QuestionsFileError(f"{path}, line {number} is not JSON: {error}.") from error


def _yaml_records(text: str, path: Path) -> Iterator[tuple[int, object]]:
    """Every scalar but true and false stays the text that was written: `4.50` and `no` are answers, not values."""
    import yaml

    class Loader(yaml.SafeLoader):  # type: ignore[misc]
        yaml_implicit_resolvers: Mapping[str, Any] = {}

    Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))
    loader = Loader(text)
    try:
        node = loader.get_single_node()
        if node is not None and not isinstance(node, yaml.SequenceNode):
            raise QuestionsFileError(f"{path} is not a YAML list of questions.")
        for item in node.value if node else ():
            yield item.start_mark.line + 1, loader.construct_document(item)
    except yaml.YAMLError as error:
        raise QuestionsFileError(f"{path} is not YAML: {' '.join(str(error).split())}.") from error
    finally:
        loader.dispose()


def _case(record: object, line: int, where: str) -> QuestionCase:
    if not isinstance(record, dict):
        raise QuestionsFileError(f"{where} is not a JSON object.")
    for name in ("id", "question", "answerable"):
        if name not in record:
            raise QuestionsFileError(f"{where}: the field {name!r} is missing.")
    for name, kind in _FIELDS.items():
        if name in record and not isinstance(record[name], kind):
            raise QuestionsFileError(f"{where}: the field {name!r} must be a {kind.__name__}.")
    try:
        wanted = [record["answer_any"]] if record.get("answer_any") else []
        wanted += [[text] for text in record.get("answer_all", [])]
        wanted += record.get("answer_all_any", [])
        return QuestionCase(
            id=record["id"],
            kind=record.get("kind", ""),
            question=record["question"],
            answerable=record["answerable"],
            history=tuple(map(str, record.get("history", []))),
            answer_all_any=tuple(map(_texts, wanted)),
            evidence=tuple(
                Gold(gold["article"], _texts(gold.get("quotes", []))) for gold in record.get("evidence", [])
            ),
            filters=_filters(record.get("filters")),
            extra={name: value for name, value in record.items() if name not in _FIELDS},
            line=line,
        )
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise QuestionsFileError(
            f"{where}: the evidence, the answers or the filters are not in the expected form ({error})."
        ) from error


def _filters(filters: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    for name, value in (filters or {}).items():
        if name not in _FILTERS or not isinstance(value, _FILTERS[name]):
            raise TypeError(f"filters: {name!r} is {value!r}; there are {', '.join(_FILTERS)}")
        if isinstance(value, list) and not all(isinstance(one, str) for one in value):
            raise TypeError(f"filters: {name!r} is {value!r}, which is no list of texts")
        if isinstance(value, str):
            date.fromisoformat(value)
    return filters


def _texts(items: object) -> tuple[str, ...]:
    if not isinstance(items, list):  # a lone string would be taken for a list of its letters
        raise TypeError(f"{items!r} is not a list")
    return tuple(map(str, items))
