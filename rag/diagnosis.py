"""Why a question did not come out right, in words: what was asked, expected and given, and what to look at first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from rag.evaluation import Case, GoldSeen, missing_answers

Place = Literal[
    "questions file",
    "model",
    "evidence not found",
    "used and refused",
    "found and not used",
    "cited, not said",
    "answered when it should not",
    "unsupported shown",
]
"""Where a failure happened, on the way from a question to its answer."""

_TEXT = 300  # characters of a text that is shown in one line


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with an answer, and the figure that counts it."""

    figure: str
    what: str


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What is wrong with a case, and where to look first."""

    problems: tuple[Problem, ...]
    place: Place
    look: str


def diagnose(case: Case) -> Diagnosis | None:
    """What is wrong with a case; None when nothing is."""
    problems = tuple(_problems(case))
    return Diagnosis(problems, *_look(case)) if problems else None


def _problems(case: Case) -> Iterator[Problem]:
    question, answer = case.question, case.answer
    if case.scores["unsupported_shown"]:
        yield Problem("unsupported_shown", "shows a sentence as supported that the verifier, run again, refuses")
    if not question.answerable:
        if not case.scores["abstained"]:
            yield Problem("abstention_recall", "answered, where the articles do not say")
        return
    if answer.status != "answered":
        counted = (
            "answer_accuracy" if question.answer_all_any else "citation_recall" if question.evidence else "answered"
        )
        yield Problem(counted, f"{answer.status} ({answer.reason}), where there is an answer")
    elif missing := missing_answers(question, answer.text):
        yield Problem("answer_accuracy", f"answered without {' and without '.join(map(_options, missing))}")
    if case.scores["citation_recall"] == 0:
        yield Problem("citation_recall", "cites no gold quote")


def _look(case: Case) -> tuple[Place, str]:
    question, answer = case.question, case.answer
    if case.scores["unsupported_shown"]:
        return "unsupported shown", "The verifier and the checking of sentences disagree: that is a defect of Dateline."
    if not question.answerable:
        sure = f"The evidence was thought enough with probability {answer.answerability:.2f}"
        return "answered when it should not", f"{sure} (see DATELINE_ANSWERABILITY_THRESHOLD). Do the articles say it?"
    if any(gold.span is None for gold in case.gold):
        return "questions file", "A gold quote does not stand in its article: `dateline lint` shows the nearest text."
    if answer.reason in ("model_unavailable", "model_unusable"):
        return "model", answer.explanation or "The model failed."
    ranks = [gold.rank for gold in case.gold if gold.rank]
    if case.gold and not ranks:
        return (
            "evidence not found",
            f"No gold quote is among the {len(answer.passages)} passages: see `dateline search`.",
        )
    refused = [text for text in answer.removed if len(missing_answers(question, text)) < len(question.answer_all_any)]
    if refused:
        return "used and refused", f"The model wrote it, and nothing cited bears it out: “{_short(refused[0])}”"
    if answer.status != "answered":
        sure = f"the evidence was thought enough with probability {answer.answerability:.2f} only"
        return "found and not used", f"{_rank(ranks)}; {sure} (see DATELINE_ANSWERABILITY_THRESHOLD)."
    if case.scores["citation_recall"] == 0:
        return "found and not used", f"{_rank(ranks)}; the answer rests on other sentences."
    return "cited, not said", "Is the expected wording too narrow, or was the wrong sentence of the passage taken?"


def explain(case: Case, diagnosis: Diagnosis) -> str:
    """The failure as text; its first line says it all in short."""
    question, answer = case.question, case.answer
    lines = [f"{question.id}: {'; '.join(problem.what for problem in diagnosis.problems)}", ""]
    lines += [f"  earlier    {earlier}" for earlier in question.history]
    lines.append(f"  asked      {question.question}")
    if answer.standalone_question != question.question:
        lines.append(f"  read as    {answer.standalone_question}")
    lines.append(f"  expected   {_expected(case)}")
    reason = f" ({answer.reason})" if answer.reason else ""
    lines.append(f"  came       {answer.status}{reason}: {_short(answer.text)}")
    lines += [f"  gold       {line}" for line in map(_gold, case.gold)]
    quotes = {c.number: f"{c.article}:{c.start}-{c.end}" for c in answer.citations}
    for sentence in answer.sentences:
        cited = ", ".join(f"[{number}] {quotes[number]}" for number in sentence.citations)
        lines.append(
            f"  sentence   {sentence.verdict} {sentence.score:.2f}  {cited}\n             “{_short(sentence.text)}”"
        )
    lines += [f"  left out   “{_short(text)}”" for text in answer.removed]
    lines.append(f"  look at    {diagnosis.place}: {diagnosis.look}")
    return "\n".join(lines)


def _expected(case: Case) -> str:
    if not case.question.answerable:
        return "that it abstains"
    wanted = " and ".join(map(_options, case.question.answer_all_any))
    return f"{wanted or 'an answer'}{', a gold quote cited' if case.gold else ''}"


def _options(group: tuple[str, ...]) -> str:
    return " or ".join(f"“{option}”" for option in group)


def _gold(gold: GoldSeen) -> str:
    if gold.span is None:
        state = "NOT IN THE ARTICLE"
    elif gold.cited:
        state = "cited"
    else:
        state = f"passage {gold.rank}, not cited" if gold.rank else "NOT FOUND"
    return f"{state}: {gold.article} “{_short(gold.quote)}”" if gold.quote else f"{state}: {gold.article}, any span"


def _rank(ranks: list[int]) -> str:
    return f"The gold quote is in passage {min(ranks)}" if ranks else "No gold quote is given"


def _short(text: str) -> str:
    folded = " ".join(text.split())
    return folded if len(folded) <= _TEXT else folded[: _TEXT - 1] + "…"
