from __future__ import annotations

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


def test_every_setting_is_in_the_docs() -> None:
    told = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    for name, field in Settings.model_fields.items():
        assert f"| `DATELINE_{name.upper()}` |" in told
        assert field.description
        assert field.description in told
