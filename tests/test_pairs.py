from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rag.cli import app

PASSAGE = "Norwegian officials said that seven people were killed when the old bridge near Oslo collapsed."


def test_verify_gives_verdict_score_and_span(tmp_path: Path) -> None:
    claims = {
        "a": PASSAGE,
        "b": "Seven people were killed when the bridge near Oslo collapsed.",
        "c": "Nine people were killed near Oslo.",
    }
    lines = [json.dumps({"id": name, "passage": PASSAGE, "claim": claim, "more": 1}) for name, claim in claims.items()]
    path = tmp_path / "pairs.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    result = CliRunner().invoke(app, ["verify", str(path), "--json"])
    assert result.exit_code == 0
    verdicts = {verdict["id"]: verdict for verdict in json.loads(result.stdout)}
    assert [verdicts[name]["verdict"] for name in "abc"] == ["supported", "supported", "unsupported"]
    assert verdicts["a"]["score"] == 1.0
    assert verdicts["a"]["span"] == [0, len(PASSAGE)]
    assert verdicts["c"]["refused"] == ["number"]
    assert verdicts["c"]["score"] < verdicts["b"]["score"] < verdicts["a"]["score"]
    plain = CliRunner().invoke(app, ["verify", str(path)])
    assert "refused: number" in plain.stdout


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "holds no pair"),
        ("{", "line 1 is not JSON"),
        ("[1]", "line 1 is not a JSON object"),
        ('{"id": "a", "passage": "x"}', "the field 'claim'"),
        ('{"id": 1, "passage": "x", "claim": "y"}', "the field 'id'"),
    ],
)
def test_a_file_that_is_not_in_the_form(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_text(content, encoding="utf-8")
    result = CliRunner().invoke(app, ["verify", str(path)])
    assert result.exit_code == 1
    assert message in result.stderr
