"""The command line keeps what is typed exactly or refuses it, and makes no installation."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, text

from app.cli import main
from app.cli.acting import read_values


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("70", 70), ("0.5", 0.5), ("true", True), ("null", None), ('{"x": [1]}', {"x": [1]}),
        ('"a"', "a"), ("Ali", "Ali"), ("2026-03-21", "2026-03-21"), ("", ""), ("=1 + 1", "=1 + 1"),
        ("00123", "00123"), ("7 Main Street", "7 Main Street"),
    ],
)  # fmt: skip
def test_a_value_is_json_or_else_a_text(typed: str, value: object) -> None:
    assert read_values([f"a={typed}"]) == {"a": value}


@pytest.mark.parametrize(
    "typed",
    [
        "0.12345678901234567890123", "1e-400", "1e400", "9" * 30, "NaN", '{"x":1', "[1,", '"open',
        '{"x": 1, "x": 2}', "[" * 100_000, "9" * 5000,
    ],
)  # fmt: skip
def test_what_could_not_be_kept_or_was_meant_as_json_is_refused(typed: str) -> None:
    with pytest.raises(click.BadParameter) as refused:
        read_values([f"a={typed}"])
    assert "a: " in refused.value.message


COMMANDS = [
    ["instance", "list"], ["migrate-instances", "desk", "--to", "2"], ["user", "list"], ["doctor"],
    ["signal", "go"], ["seed"],
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_an_empty_folder_is_told_and_stays_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.delenv("PEYGIR_DATABASE_URL", raising=False)
    monkeypatch.setenv("PEYGIR_DATA", str(tmp_path))
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 1
    assert result.output.startswith(f"Error: There is no installation in {tmp_path}.")
    assert "peygir run" in result.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", [one for one in COMMANDS if one != ["doctor"]], ids=" ".join)
def test_a_database_without_tables_is_told(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.setenv("PEYGIR_DATABASE_URL", database)
    monkeypatch.setenv("PEYGIR_DATA", str(tmp_path))
    engine = create_engine(database.replace("postgresql://", "postgresql+psycopg://", 1))
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE; CREATE SCHEMA public"))
    engine.dispose()
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 1
    assert result.output.startswith("Error: This database has no tables of Peygir.")
    assert "peygir migrate" in result.output
