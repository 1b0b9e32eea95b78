from __future__ import annotations

from pathlib import Path

import pytest

from rag.errors import QuestionsFileError
from rag.questions import read_questions, write_questions

YAML = """
- id: toll
  question: How many?
  answerable: true
  answer_any: [no, 4.50, 2021-03-05, "07"]
  evidence:
    - {article: a.txt, quotes: ["“Yes: 4.50”"]}

- {id: never, question: "Who?", answerable: false}
"""


def test_yaml_means_what_is_written(tmp_path: Path) -> None:
    path = tmp_path / "q.yaml"
    path.write_text(YAML, encoding="utf-8")
    toll, never = read_questions(path)
    assert toll.answer_all_any == (("no", "4.50", "2021-03-05", "07"),)
    assert (toll.evidence[0].quotes, toll.line) == (("“Yes: 4.50”",), 2)
    assert (never.answerable, never.line) == (False, 9)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("- id: [", "is not YAML"),
        ("id: x", "not a YAML list"),
        ("", "holds no question"),
        ("- x", "line 1 is not a JSON object"),
        ("\n- {id: a, question: b}", "line 2: the field 'answerable' is missing"),
        ("- {id: a, question: b, answerable: yes}", "'answerable' must be a bool"),
        ("- !!python/object:os.system {}", "is not YAML"),
        ("- {id: a, question: b, answerable: true, evidence: [{article: x, quotes: abc}]}", "'abc' is not a list"),
    ],
)
def test_bad_yaml_is_named(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "q.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(QuestionsFileError, match=message):
        read_questions(path)


@pytest.mark.parametrize("name", ["q.yaml", "q.jsonl"])
def test_what_is_added_is_read_again(tmp_path: Path, name: str) -> None:
    path = tmp_path / "new" / name
    record = {"id": "1", "question": "Wer?", "answerable": True, "answer_any": ["no", "ä", "1\u20282"]}
    write_questions(path, [record])
    path.write_text(path.read_text(encoding="utf-8").rstrip("\n"), encoding="utf-8")  # as editors leave it
    write_questions(path, [{**record, "id": "2"}])
    one, two = read_questions(path)
    assert (one.id, two.id) == ("1", "2")
    assert one.answer_all_any == two.answer_all_any == (("no", "ä", "1\u20282"),)
