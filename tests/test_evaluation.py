from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from index import Article
from rag.diagnosis import diagnose
from rag.errors import QuestionsFileError
from rag.evaluation import (
    Case,
    Gold,
    QuestionCase,
    covers_gold,
    evaluate,
    holds_answer,
    metrics,
    overlaps_gold,
    read_questions,
    row,
)
from rag.figures import passed
from rag.filters import Filters
from rag.records import Answer, Citation, Passage, Turn
from rag.report import figure_lines

ARTICLE = Article("a.txt", "Rain fell. The bridge, built in 1950, collapsed on Monday. Nobody was hurt.")
QUOTE = "collapsed on Monday"
AT = ARTICLE.text.index(QUOTE)
CASE = QuestionCase("q", "fact", "When?", True, answer_all_any=(("Monday",),), evidence=(Gold("a.txt", (QUOTE,)),))


class Fixed:
    """Answers each question as told."""

    def __init__(self, answers: dict[str, Answer]) -> None:
        self.answers = answers
        self.histories: list[list[str]] = []

    def ask(self, question: str, *, history: object = (), filters: Filters | None = None) -> Answer:
        self.histories.append([turn.question for turn in history if isinstance(turn, Turn)])  # type: ignore[attr-defined]
        return self.answers[question]

    def article(self, key: str) -> Article:
        return ARTICLE

    def recheck(self, answer: Answer) -> list[bool]:
        return [False] * answer.text.count("INVENTED")


def answer(text: str, *, cite: tuple[int, int] | None = None, passages: tuple[tuple[int, int], ...] = ()) -> Answer:
    cited = [Citation(1, "a.txt", None, None, None, *cite, ARTICLE.text[slice(*cite)])] if cite else []
    found = [Passage(n, "a.txt", *span, 1.0, ARTICLE.text[slice(*span)]) for n, span in enumerate(passages, 1)]
    return Answer(
        "When?", "When?", "answered" if cite else "abstained", text=text, citations=tuple(cited), passages=tuple(found)
    )


def run(*pairs: tuple[QuestionCase, Answer]) -> tuple[list[Case], dict[str, object]]:
    questions = [replace(case, id=str(n), question=f"Q{n}") for n, (case, _) in enumerate(pairs)]
    cases = evaluate(Fixed({f"Q{n}": given for n, (_, given) in enumerate(pairs)}), questions)
    return cases, metrics(cases)


def test_half_of_a_quote_is_covered_or_not() -> None:
    half = len(QUOTE) // 2 + 1
    assert covers_gold(CASE, ARTICLE, (AT, AT + half))
    assert not covers_gold(CASE, ARTICLE, (AT, AT + half - 2))
    assert overlaps_gold(CASE, ARTICLE, (AT, AT + 1))
    assert not overlaps_gold(CASE, ARTICLE, (0, AT))


def test_without_quotes_any_span_counts_and_other_articles_never() -> None:
    anywhere = replace(CASE, evidence=(Gold("a.txt"),))
    assert covers_gold(anywhere, ARTICLE, (0, 1))
    assert not covers_gold(replace(CASE, evidence=(Gold("b.txt"),)), ARTICLE, (0, 70))


def test_answer_strings() -> None:
    case = replace(CASE, answer_all_any=(("seven", "7"), ("25",)))
    assert holds_answer(case, "SEVEN  against\n25")
    assert not holds_answer(case, "seven")


def test_figures_by_hand() -> None:
    right = answer("It collapsed on Monday.", cite=(AT, AT + 19), passages=((0, 10), (AT, AT + 19)))
    wrong = answer("Rain fell. INVENTED", cite=(0, 10), passages=((0, 10),))
    silent = answer("The articles do not say.")
    impossible = replace(CASE, answerable=False, evidence=(), answer_all_any=())
    _, figures = run((CASE, right), (CASE, wrong), (CASE, silent), (impossible, silent), (impossible, wrong))
    assert figures["evidence_recall@1"] == 0
    assert figures["evidence_recall@3"] == pytest.approx(1 / 3)
    assert figures["evidence_mrr"] == pytest.approx(0.5 / 3)
    assert figures["answer_accuracy"] == pytest.approx(1 / 3)
    assert figures["citation_recall"] == pytest.approx(1 / 3)
    assert figures["citation_precision"] == 0.5
    assert figures["abstention_recall"] == 0.5
    assert figures["abstention_precision"] == 0.5
    assert figures["unsupported_shown"] == 2


def test_what_nothing_applies_to_is_none() -> None:
    _, figures = run((replace(CASE, answerable=False, evidence=()), answer("x", cite=(0, 4))))
    assert figures["answer_accuracy"] is None
    assert figures["citation_precision"] is None
    assert figures["abstention_precision"] is None


def test_without_answer_strings_a_question_says_nothing_of_the_answer_s_accuracy() -> None:
    untold = replace(CASE, answer_all_any=())
    right, wrong = answer("It collapsed.", cite=(AT, AT + 19)), answer("Rain fell.", cite=(0, 10))
    cases, figures = run((untold, right), (untold, wrong), (untold, answer("They do not say.")))
    assert [passed(case.scores) for case in cases] == [True, False, False]
    assert (figures["answer_accuracy"], figures["citation_recall"]) == (None, pytest.approx(1 / 3))
    assert "  answer_accuracy        –" in figure_lines([row(case) for case in cases])
    silent = diagnose(cases[2])
    assert silent is not None
    assert {problem.figure for problem in silent.problems} == {"citation_recall"}
    cases, figures = run((CASE, wrong), (untold, right))
    assert figures["answer_accuracy"] == 0
    (bare,) = run((replace(untold, evidence=()), answer("They do not say.")))[0]
    assert not passed(bare.scores)


def test_history_is_asked_first() -> None:
    chatbot = Fixed({name: replace(answer(name.lower()), question=name) for name in "ABC"})
    evaluate(chatbot, [replace(CASE, question="C", history=("A", "B"))])
    assert chatbot.histories == [[], ["A"], ["A", "B"]]


def test_reading_a_file(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    record = {
        "id": "1",
        "question": "When?",
        "answerable": True,
        "answer_any": ["a"],
        "answer_all": ["b"],
        "mood": "dark",
    }
    path.write_text(json.dumps(record) + "\n\n")
    (case,) = read_questions(path)
    assert case.answer_all_any == (("a",), ("b",))
    assert case.extra == {"mood": "dark"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "holds no question"),
        ("{", "line 1 is not JSON"),
        ("[]", "line 1 is not a JSON object"),
        ('{"id": "1", "question": "x"}', "line 1: the field 'answerable' is missing"),
        ('{"id": 1, "question": "x", "answerable": true}', "'id' must be a str"),
        ('{"id": "1", "question": "x", "answerable": true, "evidence": [{}]}', "not in the expected form"),
        ('{"id": "1", "question": "x", "answerable": true}\n' * 2, "two questions with the id"),
    ],
)
def test_a_bad_file_is_named_with_its_line(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text(content)
    with pytest.raises(QuestionsFileError, match=message):
        read_questions(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(QuestionsFileError, match=r"nowhere\.jsonl"):
        read_questions(tmp_path / "nowhere.jsonl")
