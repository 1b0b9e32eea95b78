"""Cases → the report: one JSON document, and one page of HTML that holds everything it shows."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib import resources
from pathlib import Path
from string import Template
from typing import Any

from index import Store
from rag import __version__
from rag.comparison import Record, compare, named
from rag.diagnosis import diagnose
from rag.evaluation import Case, case_record
from rag.figures import SHARES, Floor, Row, by_kind, figures, intervals
from rag.prompt import prompt_digest
from rag.settings import Settings

_AROUND = 20_000  # characters of an article before the first and behind the last marked span


def told(case: Case) -> dict[str, Any]:
    """A case as JSON values, with what is wrong with it."""
    found = diagnose(case)
    problems = [asdict(problem) for problem in found.problems] if found else []
    look = {"place": found.place, "look": found.look} if found else {"place": None, "look": None}
    return json.loads(json.dumps({**case_record(case), "problems": problems, **look}))  # type: ignore[no-any-return]


def rows(cases: Sequence[Record]) -> list[Row]:
    """What the figures need of cases in JSON values."""
    return [Row(case["answerable"], case["kind"], case["scores"], case["answer"]["seconds"]) for case in cases]


def document(
    cases: Sequence[Record], settings: Settings, store: Store, floors: Mapping[str, Sequence[Floor]] | None = None
) -> dict[str, Any]:
    """The report as JSON values. It is the same, times aside, whenever the same is asked of the same."""
    asked = rows(cases)
    return {
        "metrics": figures(asked),
        "intervals": intervals(asked),
        "kinds": by_kind(asked),
        "floors": {name: [asdict(floor) for floor in judged] for name, judged in (floors or {}).items()},
        "cases": list(cases),
        "config": {
            "version": __version__,
            "settings": settings.model_dump(mode="json", exclude={"api_key"}),
            "embedder": store.manifest.embedder,
            "chunking": store.manifest.chunking,
            "index_fingerprint": store.manifest.fingerprint,
            "prompts": prompt_digest(),
        },
    }


def figure_lines(asked: Sequence[Row]) -> list[str]:
    """The figures with their intervals, a line each; a dash where no question counts."""
    found, doubt = figures(asked), intervals(asked)
    lines = []
    for name in SHARES:
        interval = doubt[name]
        value = f"{found[name]:.3f} [{interval[0]:.3f}–{interval[1]:.3f}]" if interval else "–"
        lines.append(f"  {name:22} {value}")
    return [*lines, f"  {'unsupported_shown':22} {found['unsupported_shown']}"]


def write_report(
    page: Path,
    cases: Sequence[Record],
    settings: Settings,
    store: Store,
    floors: Mapping[str, Sequence[Floor]] | None = None,
    *,
    old: Record | None = None,
) -> tuple[Path, Path]:
    """Write the page, and the JSON beside it; `old` is an earlier report to compare with. Both paths are given."""
    report = document(cases, settings, store, floors)
    beside = page.with_suffix(".json")
    page.parent.mkdir(parents=True, exist_ok=True)
    beside.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    page.write_text(html(report, store, old=old), encoding="utf-8")
    return page, beside


def html(report: Record, store: Store, *, old: Record | None = None) -> str:
    """The page. Nothing in it asks another address for anything, and only its own script may run in it."""
    shown = dict(report, articles=_articles(report["cases"], store))
    if old:
        cases = report["cases"]
        shown["comparison"] = {**asdict(compare(old["cases"], cases)), "names": list(named(cases))}
    style, script = (
        resources.files("static").joinpath(name).read_text("utf-8") for name in ("report.css", "report.js")
    )
    # The text of an article must not end the element that it is carried in.
    data = json.dumps(shown, ensure_ascii=False).replace("<", "\\u003c")
    template = Template(resources.files("static").joinpath("report.html").read_text("utf-8"))
    return template.substitute(
        style=style, script=script, data=data, style_hash=_csp_hash(style), script_hash=_csp_hash(script)
    )


def _csp_hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _articles(cases: Sequence[Record], store: Store) -> dict[str, dict[str, Any]]:
    """The articles that are cited or hold gold quotes, each from well before its first marked span to well behind."""
    spans: dict[str, list[tuple[int, int]]] = {}
    for case in cases:
        for citation in case["answer"]["citations"]:
            spans.setdefault(citation["article"], []).append((citation["start"], citation["end"]))
        for gold in case["gold"]:
            if gold["span"] and gold["article"] in store.articles:
                spans.setdefault(gold["article"], []).append(tuple(gold["span"]))
    told = {}
    for key, marked in sorted(spans.items()):
        article = store.articles[key]
        first = max(0, min(start for start, _ in marked) - _AROUND)
        last = max(end for _, end in marked) + _AROUND
        told[key] = {
            "title": article.title, "outlet": article.outlet, "published": article.published,
            "offset": first, "text": article.text[first:last], "length": len(article.text),
        }  # fmt: skip
    return told
