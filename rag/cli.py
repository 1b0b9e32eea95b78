"""The command line: the commands that ask; the others are in rag/cli_index.py, rag/cli_eval.py, rag/cli_serve.py.

Results on stdout, messages on stderr. Exit 0: done; 1: the work failed, and stderr says why; 2: wrong usage.
"""

from __future__ import annotations

import json
import logging
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from index import SentenceTransformerEmbedder
from rag import cli_eval, cli_index, cli_serve
from rag.chatbot import Chatbot
from rag.errors import QuestionsFileError
from rag.evaluation import ask_earlier
from rag.filters import Filters, read_filters
from rag.judge import open_judge
from rag.llm import Availability, availability, open_llm
from rag.pairs import read_pairs, verify_pairs
from rag.records import Answer, Citation, Turn
from rag.render import disagreement, said_by, voice
from rag.settings import Settings
from rag.terminal import Articles, Index, Json, Llm
from rag.terminal import failing_clearly as _failing_clearly
from rag.terminal import open_chatbot as _open
from rag.terminal import print_result as _print
from rag.terminal import progress_bars as _progress
from rag.verifier import Verifier
from rag.witness import open_witness

app = typer.Typer(
    help="Ask a folder of news articles; every sentence of the answer shows the passage that it rests on.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
Since = Annotated[str | None, typer.Option("--since", help="Only articles published from then on: 2024-05-03, 2024.")]
Until = Annotated[str | None, typer.Option("--until", help="Only articles published up to then: 2024-05-03, 2024.")]
Outlet = Annotated[list[str] | None, typer.Option("--outlet", help="Only articles of this outlet; more than once.")]
Only = Annotated[list[str] | None, typer.Option("--article", help="Only this article, by its key; more than once.")]
NoFilters = Annotated[
    bool,
    typer.Option(
        "--all",
        help="All articles, also where the question's words name dates or outlets; not beside the filters above.",
    ),
]


for commands in (cli_index, cli_eval, cli_serve):
    commands.add_commands(app)

_MODELS_SHOWN = 10
_LEFT_OUT = "The model also wrote this. It is left out: the articles do not say it, or it does not answer the question."


@app.callback()
def _main(
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say more on stderr.")] = False,
) -> None:
    logging.basicConfig(level=logging.INFO if verbose else logging.WARNING, format="%(levelname)s: %(message)s")
    logging.getLogger("httpx2").setLevel(logging.WARNING)  # its request lines are not for readers


@app.command()
def models(llm: Llm = None, as_json: Json = False) -> None:
    """Tell which language models can be used now, and why the others cannot."""
    with _failing_clearly():
        found = availability(Settings.load(llm=llm))
        if as_json:
            _print([{"provider": form, **asdict(state)} for form, state in found.items()])
        else:
            _print("\n".join(_describe_model(form, state) for form, state in found.items()))


@app.command()
def ask(
    question: str,
    history: Annotated[Path | None, typer.Option("--history", help="JSON list of the earlier questions.")] = None,
    articles: Articles = None,
    index: Index = None,
    llm: Llm = None,
    since: Since = None,
    until: Until = None,
    outlet: Outlet = None,
    article: Only = None,
    everything: NoFilters = False,
    as_asked: Annotated[bool, typer.Option("--as-asked", help="Take nothing from the earlier questions.")] = False,
    as_json: Json = False,
) -> None:
    """Answer one question, with its citations."""
    with _failing_clearly():
        turns = _read_history(history)
        filters = _filters(since, until, outlet, article, everything)
        chatbot = _chatbot(articles, index, llm)
        if not any(turn.answer for turn in turns):  # questions alone: "it" may mean what the answer to one names
            turns = ask_earlier(chatbot, [turn.question for turn in turns], filters)
        answer = chatbot.ask(question, history=turns, filters=filters, as_asked=as_asked)
        _print(answer.to_dict() if as_json else _answer_text(answer))


@app.command()
def search(
    question: str,
    limit: Annotated[int | None, typer.Option("-k", min=1, max=100, help="How many passages.")] = None,
    articles: Articles = None,
    index: Index = None,
    llm: Llm = None,
    since: Since = None,
    until: Until = None,
    outlet: Outlet = None,
    article: Only = None,
    everything: NoFilters = False,
    as_json: Json = False,
) -> None:
    """Show the passages for a question, without an answer."""
    with _failing_clearly():
        filters = _filters(since, until, outlet, article, everything)
        passages = _chatbot(articles, index, llm).search(question, limit=limit, filters=filters)
        if as_json:
            _print([asdict(passage) for passage in passages])
        else:
            for passage in passages:
                where = f"{passage.article}:{passage.start}-{passage.end}"
                _print(f"{passage.rank}. {passage.score:.2f}  {where}\n{passage.text}\n")


@app.command()
def show(key: str, articles: Articles = None, index: Index = None) -> None:
    """Print an article's text, as it is cited: offsets count in it."""
    with _failing_clearly():
        _print(_chatbot(articles, index, None).article(key).text)


@app.command("verify")
def verify_command(
    pairs: Path,
    judge: Annotated[str | None, typer.Option("--judge", help="none, llm, or cross-encoder:NAME-OR-FOLDER.")] = None,
    llm: Llm = None,
    as_json: Json = False,
) -> None:
    """Judge every claim of a file of {id, passage, claim}, an object a line: supported by its passage or not."""
    with _failing_clearly():
        settings = Settings.load(judge=judge, llm=llm)
        read = read_pairs(pairs)
        embedder = SentenceTransformerEmbedder(settings.embedder)
        opinion = open_judge(settings.judge, open_llm(settings))
        verifier = Verifier(embedder, open_witness(settings.witness), opinion)
        with _progress() as progress:
            verdicts = verify_pairs(read, verifier, progress=lambda at, of: progress("verifying", at, of))
        if as_json:
            _print(verdicts)
            return
        for verdict in verdicts:
            refused = f"  refused: {', '.join(verdict['refused'])}" if verdict["refused"] else ""
            _print(f"{verdict['id']}  {verdict['verdict']}  {verdict['score']:.3f}{refused}")


def main() -> None:
    """Entry point."""
    app()


def _chatbot(articles: Path | None, index: Path | None, llm: str | None) -> Chatbot:
    return _open(Settings.load(articles=articles, index=index, llm=llm))


def _filters(
    since: str | None, until: str | None, outlet: list[str] | None, article: list[str] | None, everything: bool
) -> Filters | None:
    given = {"--since": since, "--until": until, "--outlet": outlet, "--article": article}
    if everything and (named := [option for option, value in given.items() if value]):
        raise typer.BadParameter(
            f"--all asks all articles, and {', '.join(named)} only some: leave one out. "
            "Where a filter is given, the question's words set none."
        )
    return read_filters(since=since, until=until, outlets=outlet, articles=article, words=not everything)


def _read_history(path: Path | None) -> list[Turn]:
    """The conversation before the question: a JSON list of questions, or of {question, answer}."""
    if path is None:
        return []
    try:
        items = json.loads(path.read_text(encoding="utf-8"))
        return [
            Turn(item)
            if isinstance(item, str)
            else Turn(item["question"], item.get("answer", ""), item.get("clarification", ""))
            for item in items
        ]
    except OSError as error:
        raise QuestionsFileError(f"The history file {path} cannot be read: {error.strerror}.") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise QuestionsFileError(
            f"The history file {path} is not a JSON list of questions or of {{question, answer}}: {error}."
        ) from error


def _answer_text(answer: Answer) -> str:
    lines = [answer.text]
    if answer.standalone_question != answer.question:
        lines.insert(0, f"(Understood as: {answer.standalone_question} --as-asked undoes it.)")
    if answer.filters:
        undo = " --all asks all." if answer.scope is None else ""  # what options set, leaving them out undoes
        lines.insert(0, f"(Only these articles were asked: {answer.filters}.{undo})")
    if answer.status == "answered" and answer.explanation:
        lines.insert(0, f"({answer.explanation})")
    lines += [
        f"[{c.number}] {_whence(c, answer)} ({c.article}:{c.start}-{c.end})\n    “{c.quote}”" for c in answer.citations
    ]
    for conflict in answer.conflicts:
        lines.append(f"{disagreement(conflict)}:")
        lines += [f"  {voice(claim)}: {claim.text} [{claim.citation}]" for claim in conflict.claims]
    if answer.removed:
        lines.append(_LEFT_OUT)
        lines += [f"  {_struck(sentence)}" for sentence in answer.removed]
    if answer.status == "abstained" and answer.passages:
        lines.append("The nearest passages:")
        lines += [f"  {p.article}:{p.start}-{p.end}  {' '.join(p.text.split())[:160]}…" for p in answer.passages[:3]]
    return "\n".join(lines)


def _whence(citation: Citation, answer: Answer) -> str:
    """Who says it, as far as the text tells, and the outlet, title and date of its article."""
    told = [said_by(one.attribution) for one in answer.sentences if citation.number in one.citations]
    who = "; ".join(dict.fromkeys(filter(None, told)))
    where = ", ".join(filter(None, (citation.outlet, citation.title, citation.published))) or citation.article
    return f"{who} — {where}" if who else where


def _struck(text: str) -> str:
    """The text struck out, where somebody reads it; between tildes where it goes to a file."""
    return f"\x1b[9m{text}\x1b[29m" if sys.stdout.isatty() else f"~~{text}~~"


def _describe_model(form: str, state: Availability) -> str:
    told = state.why or ", ".join(state.models[:_MODELS_SHOWN])
    more = f", and {len(state.models) - _MODELS_SHOWN} more" if len(state.models) > _MODELS_SHOWN else ""
    return f"{'usable    ' if state.usable else 'not usable'} {form:16} {told}{more}".rstrip()
