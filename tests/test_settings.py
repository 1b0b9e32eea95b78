from __future__ import annotations

from pathlib import Path

import pytest

from rag.errors import SettingsError
from rag.settings import Settings
from tests.conftest import ROOT


def test_arguments_win_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_PORT", "7000")
    assert Settings.load().port == 7000
    assert Settings.load(port=7001).port == 7001
    assert Settings.load(port=None).port == 7000


def test_a_key_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-123")
    settings = Settings.load()
    assert settings.api_key is not None
    assert settings.api_key.get_secret_value() == "sk-secret-123"
    assert "secret-123" not in repr(settings) + str(settings.model_dump())


@pytest.mark.parametrize(("name", "value"), [("port", 99999), ("chunk_tokens", 1), ("answerability_threshold", 2)])
def test_a_value_without_meaning(name: str, value: int) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.load(**{name: value})


def test_a_project_says_it_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = '[tool.dateline]\narticles = "news"\nindex = "/ix"\nllm = "gguf:a"\n[tool.dateline.floors]\nanswer_accuracy = 0.5\n'
    (tmp_path / "pyproject.toml").write_text(table, encoding="utf-8")
    settings = Settings.load(tmp_path)
    assert (settings.articles, settings.index, settings.llm) == (tmp_path / "news", Path("/ix"), "gguf:a")
    monkeypatch.chdir(tmp_path)
    assert Settings.load().articles.resolve() == (tmp_path / "news").resolve()
    monkeypatch.setenv("DATELINE_LLM", "openai:m")
    settings = Settings.load(articles=Path("mine"))
    assert (settings.articles, settings.llm, settings.index) == (Path("mine"), "openai:m", Path("/ix"))


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("[tool.dateline]\narticels = 'a'", "has no 'articels'; it has articles, floors, index, llm"),
        ("[tool.dateline]\narticles = 3", "articles is no text"),
        ("[tool]\ndateline = 3", "is no table"),
        ("[tool", "pyproject.toml"),
    ],
)
def test_a_table_without_meaning(tmp_path: Path, table: str, message: str) -> None:
    (tmp_path / "pyproject.toml").write_text(table, encoding="utf-8")
    with pytest.raises(SettingsError, match=message):
        Settings.load(tmp_path)


def test_every_setting_is_in_the_docs() -> None:
    told = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    for name, field in Settings.model_fields.items():
        shown = f" `{field.default}` |" if isinstance(field.default, int | float | str) and field.default != "" else ""
        assert f"| `DATELINE_{name.upper()}` |{shown}" in told
        assert field.description
        assert field.description in told
