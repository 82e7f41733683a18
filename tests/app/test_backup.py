"""A backup holds everything, and is restored into nothing but an empty database."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import make_url

from app.cli import main
from tests.support.database import Cluster
from tests.support.processes import ROOT

Peygir = Callable[..., Result]


@pytest.fixture
def peygir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Peygir:
    """``peygir(database, "backup", file)`` runs the command on the database of this address."""
    monkeypatch.setenv("PEYGIR_DATA", str(tmp_path / "data"))

    def run(database: str, *arguments: str) -> Result:
        monkeypatch.setenv("PEYGIR_DATABASE_URL", database)
        return CliRunner().invoke(main, list(arguments), catch_exceptions=False)

    return run


@pytest.fixture
def empty(cluster: Cluster) -> Iterator[str]:
    url = cluster.fresh("template0")
    yield url
    cluster.drop(url)


@pytest.fixture
def backup(peygir: Peygir, database: str, tmp_path: Path) -> Path:
    file = tmp_path / "peygir.dump"
    answer = peygir(database, "backup", str(file))
    assert answer.exit_code == 0, answer.output
    return file


def contents(url: str) -> dict[str, list[str]]:
    """Every row of every table, and where every sequence stands."""
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address) as connection:
        found = connection.execute(_NAMES).fetchall()
        rows = {
            name: connection.execute(
                f'SELECT {"t" if kind == "r" else "last_value"}::text FROM "{name}" t ORDER BY 1'
            ).fetchall()
            for name, kind in found
        }
    return {name: [row[0] for row in kept] for name, kept in rows.items()}


_NAMES = """
    SELECT relname, relkind::text FROM pg_class
     WHERE relkind IN ('r', 'S') AND relnamespace = 'public'::regnamespace
"""


def test_what_is_restored_is_what_was_backed_up(
    peygir: Peygir, database: str, empty: str, backup: Path
) -> None:
    answer = peygir(empty, "restore", str(backup))
    assert answer.exit_code == 0, answer.output
    restored = contents(empty)
    assert restored["staff_user"], sorted(restored)
    assert restored == contents(database)


def test_a_backup_is_private_and_alone(backup: Path) -> None:
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert [path.name for path in backup.parent.iterdir() if path.is_file()] == [backup.name]


def test_a_backup_replaces_no_file(peygir: Peygir, database: str, tmp_path: Path) -> None:
    file = tmp_path / "kept"
    file.write_text("kept", encoding="utf-8")
    answer = peygir(database, "backup", str(file))
    assert answer.exit_code == 1
    assert f"{file} exists already" in answer.output
    assert file.read_text(encoding="utf-8") == "kept"


def test_a_backup_into_no_folder_says_so(peygir: Peygir, database: str, tmp_path: Path) -> None:
    answer = peygir(database, "backup", str(tmp_path / "none" / "x"))
    assert answer.exit_code == 1
    assert "cannot be written: No such file or directory" in answer.output


def test_a_backup_that_fails_leaves_nothing(peygir: Peygir, tmp_path: Path) -> None:
    file = tmp_path / "peygir.dump"
    answer = peygir("postgresql://nobody@/x?host=/nowhere", "backup", str(file))
    assert answer.exit_code == 1
    assert "/nowhere" in answer.output
    assert [path for path in tmp_path.iterdir() if path.is_file()] == []


def test_nothing_is_restored_over_what_is_there(
    peygir: Peygir, database: str, backup: Path
) -> None:
    before = contents(database)
    answer = peygir(database, "restore", str(backup))
    assert answer.exit_code == 1
    assert "The database is not empty" in answer.output
    assert contents(database) == before


@pytest.mark.parametrize("keep", [0, 100, -2000])
def test_a_file_that_is_no_whole_backup_leaves_the_database_empty(
    peygir: Peygir, empty: str, backup: Path, keep: int
) -> None:
    backup.write_bytes(backup.read_bytes()[:keep])
    answer = peygir(empty, "restore", str(backup))
    assert answer.exit_code == 1
    assert "pg_restore: error" in answer.output
    assert contents(empty) == {}


def test_the_password_is_no_argument_of_the_program(
    peygir: Peygir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[list[str], dict[str, str]]] = []

    def note(command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
        env = options["env"]
        assert isinstance(env, dict)
        seen.append((command, env))
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr("app.cli.copying.subprocess.run", note)
    peygir("postgresql://u:p%40ss@h:5433/d?sslmode=require", "backup", str(tmp_path / "x"))
    ((command, env),) = seen
    assert "--dbname=user=u dbname=d host=h port=5433 sslmode=require" in command
    assert "p@ss" not in " ".join(command)
    assert env["PGPASSWORD"] == "p@ss"


@pytest.mark.slow
def test_a_new_data_folder_takes_over(peygir: Peygir, database: str, backup: Path) -> None:
    folder = Path(tempfile.mkdtemp(prefix="peygir-restore-"))
    folder.chmod(0o711)
    env = {"PATH": os.defpath, "PEYGIR_DATA": str(folder / "data")}
    try:
        for arguments in (["restore", str(backup)], ["user", "list"]):
            command = [sys.executable, "-m", "app.cli", *arguments]
            done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, check=True)
        assert done.stdout.decode() == peygir(database, "user", "list").output
    finally:
        shutil.rmtree(folder)
