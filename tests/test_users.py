from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rag import cli
from rag.errors import SettingsError
from rag.settings import Settings
from rag.web.users import Users, hash_password, matches, read_users

PASSWORD = "correct horse: battery"


def test_a_user_is_added_and_a_password_changed(tmp_path: Path) -> None:
    file = tmp_path / "kept" / "users.txt"
    for name, password in (("ada", "first password"), ("ben", "bens password"), ("ada", PASSWORD)):
        done = CliRunner().invoke(cli.app, ["user", name, "--file", str(file)], input=f"{password}\n")
        assert done.exit_code == 0, done.output
    assert PASSWORD not in file.read_text(encoding="utf-8")
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    users = Users.from_settings(Settings.load(users_file=file))
    assert users.check("ada", PASSWORD)
    assert users.check("ada", PASSWORD)  # remembered
    assert users.check("ben", "bens password")
    assert not users.check("ada", "first password")
    assert not users.check("ada", "")
    assert not users.check("eve", PASSWORD)


@pytest.mark.parametrize("password", ["passwörd 日本", "a:b:c:d:e:f:g", "x" * 500, "\udcff" * 10])
def test_any_password_is_told_from_others(password: str) -> None:
    hashed = hash_password(password, cost=16)
    assert matches(password, hashed)
    assert not matches(password[:-1], hashed)
    assert hash_password(password, cost=16) != hashed


def test_the_user_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_USER", "ada")
    with pytest.raises(SettingsError, match="DATELINE_PASSWORD"):
        Users.from_settings(Settings.load())
    monkeypatch.setenv("DATELINE_PASSWORD", "short")
    with pytest.raises(SettingsError, match="10 characters"):
        Users.from_settings(Settings.load())
    monkeypatch.setenv("DATELINE_PASSWORD", PASSWORD)
    settings = Settings.load()
    assert Users.from_settings(settings).check("ada", PASSWORD)
    assert PASSWORD not in repr(settings) + str(settings.model_dump())


@pytest.mark.parametrize("name", ["", "a:b", "a b", "<b>", "../etc", "é", "x" * 65, "a\nb"])
def test_a_name_that_cannot_be_used(name: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(cli.app, ["user", "--file", str(tmp_path / "u"), "--", name], input=f"{PASSWORD}\n")
    assert done.exit_code == 1
    assert "user's name" in done.output
    assert not (tmp_path / "u").exists()


@pytest.mark.parametrize(
    "line", ["ada", "ada:", "ada:secret password", "ada:scrypt$1$8$3$AAAA$AAAA", "ada:scrypt$32768$8$3$*$AAAA",
             "ada:scrypt$99999999999$8$3$AAAA$AAAA", "ada:scrypt$x$8$3$AAAA$AAAA"]
)  # fmt: skip
def test_a_line_without_meaning_is_named_and_not_shown(line: str, tmp_path: Path) -> None:
    file = tmp_path / "users.txt"
    file.write_text(f"# ours\n\n{line}\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="line 3") as raised:
        read_users(file)
    assert "secret" not in str(raised.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="dateline user NAME"):
        Users.from_settings(Settings.load(users_file=tmp_path / "none"))
