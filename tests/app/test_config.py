"""Settings: what the environment says, and what it may not say."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from app.config import Settings, SettingsError, load
from tests.support.processes import ROOT


def read(folder: Path, **env: str) -> Settings:
    return load({"PEYGIR_DATA": str(folder), **env})


def test_an_empty_environment_gives_the_defaults_of_an_iranian_organisation(tmp_path: Path) -> None:
    settings = read(tmp_path)
    assert (settings.language, settings.calendar) == ("fa", "iran")
    assert str(settings.time_zone) == "Asia/Tehran"
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.database_url is None


def test_the_secret_is_made_once_and_kept_private(tmp_path: Path) -> None:
    first, second = read(tmp_path), read(tmp_path)
    assert len(first.secret_key) >= 60
    assert first.secret_key == second.secret_key
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


def test_secrets_stay_out_of_what_a_log_would_print(tmp_path: Path) -> None:
    settings = read(tmp_path, PEYGIR_DATABASE_URL="postgresql://u:hidden@h/d")
    assert "hidden" not in repr(settings)
    assert settings.secret_key not in repr(settings)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_any_spelling_of_postgresql_becomes_the_driver_we_use(tmp_path: Path, scheme: str) -> None:
    settings = read(tmp_path, PEYGIR_DATABASE_URL=f"{scheme}://u:p%40ss@h:5433/d")
    assert settings.engine_url == "postgresql+psycopg://u:p%40ss@h:5433/d"
    assert settings.conninfo == "postgresql://u:p%40ss@h:5433/d"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PEYGIR_PORT", "eight"),
        ("PEYGIR_PORT", "0"),
        ("PEYGIR_WEB_WORKERS", "-1"),
        ("PEYGIR_PROXIES", "all"),
        ("PEYGIR_PRIVATE_PARTNERS", "10.0.0.0/8:80, inside"),
        ("PEYGIR_TIME_ZONE", "Mars/Olympus"),
        ("PEYGIR_LANGUAGE", "xx"),
        ("PEYGIR_DATABASE_URL", "sqlite:///x.db"),
        ("PEYGIR_DATABASE_URL", "::"),
        ("PEYGIR_SMTP_URL", "mail.example.org"),
        ("PEYGIR_PUBLIC_URL", "service.example.org"),
    ],
)
def test_a_bad_value_is_refused_by_name(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        read(tmp_path, **{name: value})


def test_the_operators_page_lists_every_setting_and_no_other() -> None:
    page = (ROOT / "docs" / "how-to" / "operator.md").read_text(encoding="utf-8")
    table = "".join(line for line in page.splitlines() if line.startswith("| `PEYGIR_"))
    code = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "app").rglob("*.py"))
    assert set(re.findall(r"PEYGIR_[A-Z_]+", table)) == set(re.findall(r'"(PEYGIR_[A-Z_]+)"', code))


def test_a_public_address_is_kept_without_its_last_slash(tmp_path: Path) -> None:
    settings = read(tmp_path, PEYGIR_PUBLIC_URL="https://service.example.org/")
    assert settings.public_url == "https://service.example.org"
