"""The commands for testing answers: eval, lint, draft, feedback."""

from __future__ import annotations

import itertools
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer

from rag.comparison import compare, describe, read_report
from rag.drafting import Proposal, propose
from rag.evaluation import evaluate
from rag.lint import lint
from rag.llm import ModelWriter, open_llm
from rag.questions import read_questions, write_questions
from rag.report import document, figure_lines, rows, told, write_report
from rag.settings import Settings
from rag.terminal import Articles, Index, Json, Llm, failing_clearly, open_chatbot, print_result, progress_bars


def add_commands(app: typer.Typer) -> None:
    """Give the application these commands."""
    app.command("eval")(eval_command)
    app.command("lint")(lint_command)
    app.command("draft")(draft_command)
    app.command("feedback")(feedback_command)


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
    if page and page.suffix != ".html":
        raise typer.BadParameter(f"--report: {page} does not end in .html; the JSON goes beside it")
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


def lint_command(questions: Path, articles: Articles = None, index: Index = None, as_json: Json = False) -> None:
    """Find what is wrong with a questions file itself. Exit 1 when something is."""
    with failing_clearly():
        cases = read_questions(questions)
        chatbot = open_chatbot(Settings.load(articles=articles, index=index, llm="extractive"))
        findings = lint(cases, chatbot.store, chatbot)
        if as_json:
            print_result([asdict(finding) for finding in findings])
        else:
            print_result("\n".join(map(str, findings)) or f"{len(cases)} questions, nothing to mend.")
        if any(finding.level == "error" for finding in findings):
            raise typer.Exit(1)


def draft_command(
    questions: Path,
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="The most questions to propose.")] = 20,
    accept_all: Annotated[bool, typer.Option("--yes", help="Take every proposal, without asking.")] = False,
    articles: Articles = None,
    index: Index = None,
    llm: Llm = None,
) -> None:
    """Propose questions with gold quotes; each is taken, edited or dropped. They are added to the file."""
    with failing_clearly():
        settings = Settings.load(articles=articles, index=index, llm=llm)
        known = read_questions(questions) if questions.exists() else []
        writer = open_llm(settings)
        model = writer.model if isinstance(writer, ModelWriter) else None
        store = open_chatbot(settings).store
        proposals = propose(store, count=count, known=known, model=model)
        taken = 0
        for number, proposal in enumerate(proposals, 1):
            chosen = proposal if accept_all else _review(proposal, f"{number}/{len(proposals)}")
            if chosen:
                # Each at once: whoever stops half way keeps what was taken.
                write_questions(questions, [chosen.record(_free_name(questions))])
                taken += 1
        sys.stderr.write(
            f"{taken} of {len(proposals)} proposals taken into {questions}. Now: dateline lint {questions}\n"
        )


def feedback_command(questions: Path) -> None:
    """Make tests of what readers said of answers in the window: questions that the file does not have yet."""
    with failing_clearly():
        from rag.web.conversations import CONVERSATIONS, Conversations

        known = {case.id for case in read_questions(questions)} if questions.exists() else set()
        kept = Settings.load().data / CONVERSATIONS
        told, open_ones = Conversations(kept).questions(None)
        new = [record for record in told if record["id"] not in known]
        left = _open(open_ones)
        if not told:
            how = "Judge answers below them in the window first (docs/window.md); it is looked for in DATELINE_DATA."
            sys.stderr.write(
                f"There is no feedback in {kept} yet that makes a test: nothing is written.{left or f' {how}'}\n"
            )
            return
        if new:
            write_questions(questions, new)
        sys.stderr.write(f"{len(new)} new of {len(told)} questions written to {questions}.{left}\n")


def _open(count: int) -> str:
    """What to do with the feedback that makes no test yet; "" when there is none."""
    if not count:
        return ""
    tell, their = ("tells", "its conversation") if count == 1 else ("tell", "their conversations")
    return (
        f" {count} more {tell} what is wrong, but not what is right: open {their} in the window and choose the "
        "sentence that answers, below the answer (docs/window.md)."
    )


def _review(proposal: Proposal, place: str) -> Proposal | None:
    """What a person makes of a proposal; None: nothing."""
    lines = [f"\n[{place}] {proposal.kind}", *(f"  earlier:  {earlier}" for earlier in proposal.history)]
    lines.append(f"  question: {proposal.question}")
    lines.append(f"  answer:   {proposal.answer or ('(any)' if proposal.quote else '(none: the articles do not say)')}")
    if proposal.quote:
        lines.append(f"  quote:    “{proposal.quote}” ({proposal.article})")
    print_result("\n".join(lines))
    choice = typer.prompt("(a)ccept, (e)dit, (d)rop or (q)uit", default="a", err=True).strip().lower()[:1]
    if choice == "q":
        raise typer.Exit(0)
    if choice == "e":
        question = typer.prompt("  question", default=proposal.question, err=True)
        answer = proposal.answer
        if proposal.quote:
            answer = typer.prompt("  answer", default=proposal.answer, err=True)
        return replace(proposal, question=question, answer=answer)
    return proposal if choice == "a" else None


def _free_name(questions: Path) -> str:
    """An id that the file does not have yet."""
    used = {case.id for case in read_questions(questions)} if questions.exists() else set()
    return next(name for number in itertools.count(len(used) + 1) if (name := f"q{number:02}") not in used)
