"""Our own questions on the news: each answer stands in the article, where the file says."""

import json
import lzma
import sys
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.news_questions import QUESTIONS, main, questions
from rag.evaluation import read_questions

ARTICLE = "Rain fell on Ulm. The old bridge gave way at noon. Nobody was hurt."


def test_questions_become_a_set_that_can_be_evaluated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    news, out = tmp_path / "news.jsonl.xz", tmp_path / "set"
    records = [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    length = max(record["span"][1] for record in records if "span" in record)
    with lzma.open(news, "wt", encoding="utf-8") as file:
        for article in sorted({record["article"] for record in records if "article" in record}):
            file.write(json.dumps({"id": article, "text": (ARTICLE + " ") * (1 + length // len(ARTICLE))}) + "\n")
    monkeypatch.setattr(sys, "argv", ["news_questions", str(news), "--out", str(out)])

    main()

    cases = read_questions(out / "questions.jsonl")
    assert Counter(case.answerable for case in cases) == Counter("article" in record for record in records)
    assert len(list((out / "articles").iterdir())) == len({record.get("article") for record in records} - {None})


def test_a_quote_is_the_span_of_its_article(tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    answered = {"question": "What collapsed in Ulm?", "article": "n-1", "span": [18, 50], "answers": ["bridge"]}
    file.write_text(f"{json.dumps(answered)}\n{json.dumps({'question': 'Who mended it?'})}\n", encoding="utf-8")

    found, not_found = questions({"n-1": ARTICLE}, file=file)

    assert found["evidence"] == [{"article": "n-1.txt", "quotes": ["The old bridge gave way at noon."]}]
    assert found["answerable"]
    assert not not_found["answerable"]


def test_no_question_is_asked_twice() -> None:
    asked = Counter(json.loads(line)["question"] for line in QUESTIONS.read_text(encoding="utf-8").splitlines())
    assert set(asked.values()) == {1}, asked.most_common(1)
