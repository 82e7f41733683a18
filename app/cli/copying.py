"""``peygir backup`` and ``peygir restore``: the whole database as one file, and back.

Both run the programs of PostgreSQL itself, which come with the embedded one and speak with any
server from PostgreSQL 15 up to their own version.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from app.config import Settings
from app.embedded_place import programs


class CopyError(Exception):
    """The database cannot be backed up or restored; the text says why."""


def back_up(settings: Settings, file: Path) -> None:
    """Writes all of the database as it stands at this instant, while everything goes on.

    The file appears whole or not at all and is readable by its owner only. Raises
    :class:`CopyError`, also when there is a file of this name already.
    """
    if file.exists():
        raise CopyError(f"{file} exists already; choose another name.")
    try:
        descriptor, draft = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    except OSError as error:
        raise CopyError(f"{file} cannot be written: {error.strerror}.") from error
    os.close(descriptor)
    try:
        _run("pg_dump", settings, "--format=custom", f"--file={draft}")
        os.link(draft, file)
    except FileExistsError as error:
        raise CopyError(f"{file} exists already; choose another name.") from error
    finally:
        os.unlink(draft)


def restore(settings: Settings, file: Path) -> None:
    """Fills the empty database from a file of :func:`back_up`, in one transaction.

    Raises :class:`CopyError` and changes nothing when the database holds anything, or the file
    is not a whole backup.
    """
    if _holds_anything(settings):
        raise CopyError(
            "The database is not empty, and restoring would mix what is in it with the backup. "
            "Set PEYGIR_DATA to a new folder, or PEYGIR_DATABASE_URL to an empty database."
        )
    _run("pg_restore", settings, "--single-transaction", "--exit-on-error", str(file))


def _holds_anything(settings: Settings) -> bool:
    with psycopg.connect(settings.conninfo) as connection:
        return bool(connection.execute(_ANYTHING).fetchone())


def _run(program: str, settings: Settings, *arguments: str) -> None:
    address: dict[str, Any] = conninfo_to_dict(settings.conninfo)
    # Everybody on the machine sees the arguments of a program; its environment they do not.
    env = {"PATH": os.defpath, "LC_ALL": "C", "PGPASSWORD": str(address.pop("password", "") or "")}
    target = f"--dbname={make_conninfo(**address)}"
    command = [str(programs() / program), "--no-owner", "--no-privileges", target, *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=env)
    if done.returncode:
        raise CopyError(done.stderr.strip() or f"{program} ended with exit code {done.returncode}")


_ANYTHING = """
    SELECT 1 FROM pg_class
     WHERE relnamespace NOT IN (SELECT oid FROM pg_namespace
                                 WHERE nspname ~ '^pg_' OR nspname = 'information_schema')
     LIMIT 1
"""
