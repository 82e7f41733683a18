"""Web, worker and clock as real processes: what a death of one does to the work of the house."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg
import pytest

from app import jobs
from app.clock import LEADER_LOCK
from app.config import conninfo
from tests.support.patience import patient, wait_until
from tests.support.ports import free_port
from tests.support.processes import ROOT, Stack

pytestmark = pytest.mark.slow

DEFER = """
    INSERT INTO procrastinate_jobs (queue_name, task_name, args)
    VALUES ('default', %s, jsonb_build_object('moment_id', 404)) RETURNING id
"""


@contextmanager
def connected(database: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(conninfo(database), autocommit=True) as connection:
        yield connection


def status(connection: psycopg.Connection, job: int) -> str:
    query = "SELECT status::text FROM procrastinate_jobs WHERE id = %s"
    row = connection.execute(query, [job]).fetchone()
    return row[0] if row else ""


def leader(connection: psycopg.Connection) -> int | None:
    """The server process of the clock that holds the lock."""
    query = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = %s"
    row = connection.execute(query, [LEADER_LOCK]).fetchone()
    return row[0] if row else None


def test_the_job_of_a_killed_worker_is_done_within_half_a_minute(
    database: str, make_stack: Callable[..., Stack]
) -> None:
    stack = make_stack()
    with connected(database) as connection, connected(database) as blocker:
        # The job hangs in the worker until the blocker lets the table go.
        blocker.execute("BEGIN; LOCK TABLE due_moment IN ACCESS EXCLUSIVE MODE")
        row = connection.execute(DEFER, [jobs.FIRE_TIMER]).fetchone()
        assert row is not None
        stack.start("worker")
        wait_until(lambda: status(connection, row[0]) == "doing", 30, lambda: stack.log("worker"))
        stack.kill("worker")
        blocker.execute("ROLLBACK")
        killed = time.monotonic()
        stack.start("worker")
        wait_until(
            lambda: status(connection, row[0]) == "succeeded", 60, lambda: stack.log("worker")
        )
        assert time.monotonic() - killed < patient(30)


def test_a_worker_that_is_asked_to_end_does_so_although_a_job_hangs(
    database: str, make_stack: Callable[..., Stack]
) -> None:
    stack = make_stack()
    with connected(database) as connection, connected(database) as blocker:
        blocker.execute("BEGIN; LOCK TABLE due_moment IN ACCESS EXCLUSIVE MODE")
        row = connection.execute(DEFER, [jobs.FIRE_TIMER]).fetchone()
        assert row is not None
        stack.start("worker")
        wait_until(lambda: status(connection, row[0]) == "doing", 30, lambda: stack.log("worker"))
        stack.end("worker", 15)
        blocker.execute("ROLLBACK")
        stack.start("worker")
        wait_until(
            lambda: status(connection, row[0]) == "succeeded", 60, lambda: stack.log("worker")
        )


def test_a_standby_clock_takes_over(database: str, make_stack: Callable[..., Stack]) -> None:
    first, second = make_stack(), make_stack()
    with connected(database) as connection:
        first.start("clock")
        wait_until(lambda: leader(connection), 30, lambda: first.log("clock"))
        ticking = leader(connection)
        second.start("clock")
        time.sleep(2)
        assert leader(connection) == ticking
        first.kill("clock")
        wait_until(
            lambda: leader(connection) not in (None, ticking), 15, lambda: second.log("clock")
        )


@pytest.fixture
def house() -> Iterator[Path]:
    """A folder for a whole installation with its own database."""
    made = Path(tempfile.mkdtemp(prefix="peygir-house-"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@contextmanager
def peygir_run(house: Path, *options: str) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """``peygir run`` on that folder, with the file that takes its output."""
    log = house / "output"
    env = {name: value for name, value in os.environ.items() if not name.startswith("PEYGIR_")}
    env |= {"PEYGIR_DATA": str(house / "var"), "PEYGIR_PORT": str(free_port())}
    with log.open("wb") as output:
        command = [sys.executable, "-m", "app.cli", "run", *options]
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=output, stderr=output)
    try:
        yield process, log
    finally:
        process.kill()
        process.wait()


def wait_until_ready(process: subprocess.Popen[bytes], log: Path) -> None:
    def ready_or_dead() -> bool:
        return "Peygir is ready" in log.read_text() or process.poll() is not None

    wait_until(ready_or_dead, 90, log.read_text)
    assert process.poll() is None, log.read_text()


def child(process: subprocess.Popen[bytes], name: str) -> psutil.Process | None:
    """The part of that name, as ``ps`` shows it."""
    for one in psutil.Process(process.pid).children():
        # Some end, or are dead already and not buried, while we look.
        with suppress(psutil.NoSuchProcess):
            if " ".join(one.cmdline()).strip().endswith(name):
                return one
    return None


def alive(family: list[psutil.Process]) -> list[psutil.Process]:
    """Those of them that still live; the dead that nobody has buried yet are not among them."""
    return [one for one in family if is_alive(one)]


def told(family: list[psutil.Process], log: Path) -> str:
    """Who lives, what each of its threads does, and what all have said."""
    lines = []
    for one in family:
        with suppress(OSError, psutil.NoSuchProcess):
            threads = Path(f"/proc/{one.pid}/task").iterdir()
            waits = [(thread / "wchan").read_text() for thread in threads]
            lines.append(f"{one.pid} {one.status()} {' '.join(one.cmdline())}: {waits}")
    return "\n".join([*lines, log.read_text()])


def is_alive(one: psutil.Process) -> bool:
    try:
        return one.is_running() and one.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_one_command_starts_everything_and_ends_it_cleanly(house: Path) -> None:
    with peygir_run(house, "--no-demo") as (process, log):
        wait_until_ready(process, log)
        family = psutil.Process(process.pid).children(recursive=True)
        worker = child(process, "peygir worker")
        assert worker is not None

        worker.send_signal(signal.SIGKILL)
        said = "worker ended (killed by SIGKILL) and is started again."
        wait_until(lambda: said in log.read_text(), 10, log.read_text)
        wait_until(lambda: child(process, "peygir worker"), 10, log.read_text)

        family += psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        assert process.wait(patient(20)) == 0, log.read_text()
        wait_until(lambda: not alive(family), 5, log.read_text)


def test_yesterdays_data_is_found_within_ten_seconds(house: Path) -> None:
    with peygir_run(house) as (process, log):
        wait_until_ready(process, log)
        logins = [line for line in log.read_text().splitlines() if "password" in line]
        process.send_signal(signal.SIGTERM)
        assert process.wait(patient(20)) == 0, log.read_text()
    before = time.monotonic()
    with peygir_run(house) as (process, log):
        wait_until_ready(process, log)
        assert time.monotonic() - before < patient(10)
        assert [line for line in log.read_text().splitlines() if "password" in line] == logins


def test_a_killed_parent_leaves_nobody_behind(house: Path) -> None:
    with peygir_run(house, "--no-demo") as (process, log):
        wait_until_ready(process, log)
        family = psutil.Process(process.pid).children(recursive=True)
        assert len(family) >= 5
        process.kill()
        process.wait()
        wait_until(lambda: not alive(family), 15, lambda: told(alive(family), log))
