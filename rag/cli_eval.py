"""The commands for testing answers: eval, lint, draft."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from rag.comparison import compare, describe, read_report
from rag.evaluation import evaluate, read_questions
from rag.report import document, figure_lines, rows, told, write_report
from rag.settings import Settings
from rag.terminal import Articles, Index, Json, Llm, failing_clearly, open_chatbot, print_result, progress_bars


def add_commands(app: typer.Typer) -> None:
    """Give the application these commands."""
    app.command("eval")(eval_command)


def eval_command(
    questions: Path,
    articles: Articles = None,
    index: Index = None,
    llm: Llm = None,
    compare_with: Annotated[
        Path | None, typer.Option("--compare", help="An earlier `eval --json` or report: tell what changed.")
    ] = None,
    page: Annotated[
        Path | None, typer.Option("--report", help="Write the report: FILE.html, FILE.json beside it.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Ask every question of a file and print the figures."""
    with failing_clearly():
        old = read_report(compare_with) if compare_with else None
        cases = read_questions(questions)
        settings = Settings.load(articles=articles, index=index, llm=llm)
        chatbot = open_chatbot(settings)
        with progress_bars() as progress:
            done = evaluate(chatbot, cases, progress=lambda at, of: progress("asking", at, of))
        records = [told(case) for case in done]
        changes = compare(old["cases"], records) if old else None
        if page:
            write_report(page, records, settings, chatbot.store, old=old)
        if as_json:
            report = document(records, settings, chatbot.store)
            print_result({**report, "comparison": asdict(changes)} if changes else report)
            return
        for record in records:
            what = "; ".join(problem["what"] for problem in record["problems"])
            print_result(f"{record['id']}  {what or 'right'}: {record['question']}")
        print_result("\n".join(figure_lines(rows(records))))
        if changes:
            print_result("\n".join(describe(changes)))
