"""The commands for the index: build, watch, doctor."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Annotated

import typer

from index import ArticleIndexError, BuildReport, SentenceTransformerEmbedder, build, examine
from index.doctor import Finding
from index.folder import check_folder
from index.watch import watch
from rag.settings import Settings
from rag.terminal import Articles, Index, Json, Llm, failing_clearly, print_result, progress_bars


def add_commands(app: typer.Typer) -> None:
    """Give the application these commands."""
    app.command("build")(build_command)
    app.command("watch")(watch_command)
    app.command("doctor")(doctor_command)


def build_command(
    articles: Articles = None,
    index: Index = None,
    llm: Llm = None,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Embed everything anew.")] = False,
    as_json: Json = False,
) -> None:
    """Make or update the index."""
    with failing_clearly():
        settings = Settings.load(articles=articles, index=index, llm=llm)
        check_folder(settings.articles)
        embedder = SentenceTransformerEmbedder(settings.embedder)
        with progress_bars() as progress:
            report = build(
                settings.articles, settings.index,
                embedder=embedder, options=settings.index_options, rebuild=rebuild,
                wait=settings.wait_seconds, progress=progress,
            )  # fmt: skip
        print_result(asdict(report) if as_json else _describe(report))


def watch_command(articles: Articles = None, index: Index = None, as_json: Json = False) -> None:
    """Keep the index in step with the folder, until interrupted. With --json, a line for each build."""
    with failing_clearly():
        settings = Settings.load(articles=articles, index=index)
        embedder = SentenceTransformerEmbedder(settings.embedder)

        def update() -> BuildReport:
            return build(
                settings.articles, settings.index,
                embedder=embedder, options=settings.index_options, wait=settings.wait_seconds,
            )  # fmt: skip

        for outcome in watch(settings.articles, settings.index, update):
            if isinstance(outcome, ArticleIndexError):
                sys.stderr.write(f"{outcome}\n")
            elif as_json:
                print_result(json.dumps(asdict(outcome), ensure_ascii=False))
            elif outcome.published:
                print_result(_describe(outcome))
            sys.stdout.flush()


def doctor_command(articles: Articles = None, index: Index = None, as_json: Json = False) -> None:
    """Check every promise on an existing index, and say the mend. Exit 1 when one is broken."""
    with failing_clearly():
        settings = Settings.load(articles=articles, index=index)
        embedder = SentenceTransformerEmbedder(settings.embedder)
        diagnosis = examine(settings.articles, settings.index, embedder=embedder, options=settings.index_options)
        if as_json:
            print_result({"healthy": diagnosis.healthy, **asdict(diagnosis)})
        else:
            print_result("\n".join(_describe_finding(finding) for finding in diagnosis.findings))
        if not diagnosis.healthy:
            raise typer.Exit(1)


def _describe(report: BuildReport) -> str:
    lines = [
        f"{report.articles} articles, {report.chunks} chunks: {len(report.added)} added, "
        f"{len(report.changed)} changed, {len(report.renamed)} renamed, {len(report.removed)} removed, "
        f"{report.unchanged} unchanged, {len(report.skipped)} skipped; "
        f"{report.embedded} texts embedded in {report.seconds:.1f} s."
    ]
    if report.undated:
        more = ", …" if report.undated > len(report.undated_first) else ""
        lines.append(
            f"{report.undated} without a date, left out by filters by date: articles.csv can say it (README.md): "
            f"{', '.join(report.undated_first)}{more}"
        )
    lines += [f"renamed  {old} → {new}" for old, new in report.renamed]
    lines += [f"skipped  {item.path}: {item.reason}" for item in report.skipped]
    lines += [f"note     {item.path}: {item.reason}" for item in report.remarks]
    return "\n".join(lines)


def _describe_finding(finding: Finding) -> str:
    mend = f" {finding.mend}" if finding.mend else ""
    return f"{'ok     ' if finding.kept else 'BROKEN '} {finding.promise}: {finding.seen.removesuffix('.')}.{mend}"
