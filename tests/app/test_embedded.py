"""The embedded PostgreSQL: starts, is shared, and comes back after any death."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest

from app import embedded, embedded_place
from app.embedded import server
from app.embedded_place import EmbeddedError
from tests.support.database import roomy_folder
from tests.support.patience import patient, wait_until
from tests.support.processes import ROOT

pytestmark = pytest.mark.slow

OWNER = """
import sys, time
from pathlib import Path
from app.embedded import server
with server(Path(sys.argv[1]), own=True) as running:
    print(running.url, flush=True)
    time.sleep(600)
"""


def new_folder() -> Path:
    made = Path(tempfile.mkdtemp(prefix="peygir-embedded-", dir=roomy_folder()))
    made.chmod(0o711)
    return made


@pytest.fixture(scope="module")
def first() -> Iterator[Path]:
    """A data folder whose cluster was made, and has stopped."""
    made = new_folder()
    with server(made) as running:
        assert running.is_alive()
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def folder(first: Path) -> Iterator[Path]:
    """A copy of that for one test, which takes a tenth of the time of making one."""
    made = new_folder()
    subprocess.run(["cp", "-a", f"{first}/.", str(made)], check=True)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def owner(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that runs the server of the folder."""
    command = [sys.executable, "-c", OWNER, str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("postgresql://")
        yield process
        process.kill()


def remember(url: str, word: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS memory (word text)")
        connection.execute("INSERT INTO memory VALUES (%s)", [word])


def remembered(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute("SELECT word FROM memory ORDER BY word")]


def postmaster(folder: Path) -> int:
    return int((folder / "postgres" / "postmaster.pid").read_text().splitlines()[0])


def servers(folder: Path) -> list[psutil.Process]:
    return embedded._server_processes(folder / "postgres")


def test_data_stays_and_commits_are_durable(folder: Path) -> None:
    with server(folder) as running:
        remember(running.url, "one")
        with psycopg.connect(running.url) as connection:
            settings = ("fsync", "synchronous_commit", "full_page_writes")
            assert [connection.execute(f"SHOW {name}").fetchone() for name in settings] == [
                ("on",),
                ("on",),
                ("on",),
            ]
    assert servers(folder) == []
    with server(folder) as running:
        assert remembered(running.url) == ["one"]


def test_a_second_start_takes_seconds_and_not_minutes(folder: Path) -> None:
    with server(folder):
        pass
    before = time.monotonic()
    with server(folder):
        assert time.monotonic() - before < patient(2)


def test_it_listens_on_a_private_socket_only(folder: Path) -> None:
    with server(folder) as running:
        (process,) = [p for p in servers(folder) if p.pid == postmaster(folder)]
        assert process.net_connections(kind="inet") == []
        socket = folder / "postgres" / ".s.PGSQL.5432"
        assert socket.is_socket()
        assert socket.stat().st_mode & 0o077 == 0
        assert (folder / "postgres").stat().st_mode & 0o077 == 0
        assert running.is_alive()


def test_a_path_too_long_for_a_socket_gets_a_short_private_one(folder: Path) -> None:
    deep = folder / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    with server(deep) as running:
        remember(running.url, "deep")
        place = embedded_place.place_of(deep)
        assert place.socket != place.cluster
        assert place.socket.stat().st_mode & 0o077 == 0
    shutil.rmtree(place.socket)


def test_a_command_shares_the_running_server_and_leaves_it_running(
    folder: Path, owner: subprocess.Popen[str]
) -> None:
    with server(folder) as running:
        remember(running.url, "shared")
    with server(folder) as running:
        assert remembered(running.url) == ["shared"]
    assert owner.poll() is None


def test_two_owners_are_one_too_many(folder: Path, owner: subprocess.Popen[str]) -> None:
    refused = pytest.raises(EmbeddedError, match=f"already runs .*process {owner.pid}")
    with refused, server(folder, own=True, patience=0.2):
        pass


def test_a_killed_owner_takes_the_server_with_it(
    folder: Path, owner: subprocess.Popen[str]
) -> None:
    with server(folder) as running:
        remember(running.url, "before")
    owner.kill()
    owner.wait()
    wait_until(lambda: not servers(folder), 10)
    with server(folder, own=True) as running:
        assert remembered(running.url) == ["before"]


@pytest.mark.parametrize("who", ["postmaster", "everything"])
def test_kill_9_of_the_server_loses_nothing(
    folder: Path, owner: subprocess.Popen[str], who: str
) -> None:
    with server(folder) as running:
        remember(running.url, "committed")
    victims = [postmaster(folder)] if who == "postmaster" else [p.pid for p in servers(folder)]
    for pid in [owner.pid, *victims]:
        # Some end by themselves once those before them are gone.
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    owner.wait()
    with server(folder, own=True) as running:
        assert remembered(running.url) == ["committed"]


def test_a_stale_lock_file_with_a_strangers_number_is_no_hindrance(folder: Path) -> None:
    with server(folder):
        kept = (folder / "postgres" / "postmaster.pid").read_text()
    stale = [str(os.getpid()), *kept.splitlines()[1:]]
    (folder / "postgres" / "postmaster.pid").write_text("\n".join(stale) + "\n")
    with server(folder) as running:
        remember(running.url, "alive")


def test_a_server_that_cannot_start_says_why(folder: Path) -> None:
    with pytest.raises(EmbeddedError, match="unrecognized configuration parameter"):
        with server(folder, settings=("no_such_setting=1",)):
            pass


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs it under another account")
def test_root_works_in_a_closed_folder_and_leaves_it_closed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.setattr(embedded_place, "OPEN_FOLDER", folder / "open")
    # The programs lie in a closed folder, too, when the checkout does.
    real = embedded_place._reaches
    installed = embedded_place.programs() / "postgres"
    monkeypatch.setattr(
        embedded_place, "_reaches", lambda who, at: at != installed and real(who, at)
    )
    with server(closed / "data") as running:
        remember(running.url, "kept")
    with server(closed / "data") as running:
        assert remembered(running.url) == ["kept"]
    assert closed.stat().st_mode & 0o077 == 0
    shutil.rmtree(closed / "data")
    with server(closed / "data") as running, pytest.raises(psycopg.errors.UndefinedTable):
        remembered(running.url)
