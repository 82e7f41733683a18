"""Brings the database to the shape of this release: our own tables, then the job queue's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from procrastinate.schema import SchemaManager
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

FOLDER = Path(__file__).parent / "migrations"

_LOCK = 0x50456967
"""The advisory lock that lets one process migrate while others wait; the letters are arbitrary."""


def upgrade(url: str, revision: str = "head") -> None:
    """Applies what is missing, in one transaction; does nothing on an up-to-date database."""
    with _connection(url) as connection:
        command.upgrade(config(connection), revision)
        if not has_job_queue(connection):
            # Percent signs in the schema are text, so the driver must not read them as marks.
            connection.exec_driver_sql(SchemaManager.get_schema().replace("%", "%%"))


def downgrade(url: str, revision: str) -> None:
    """Takes our own tables back to a revision; ``base`` means none."""
    with _connection(url) as connection:
        command.downgrade(config(connection), revision)


def current(connection: Connection) -> str | None:
    """The revision that the database is at; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def head() -> str | None:
    """The newest revision of this release."""
    return ScriptDirectory(str(FOLDER)).get_current_head()


def has_job_queue(connection: Connection) -> bool:
    """Whether the job queue's own tables are there."""
    return connection.scalar(text("SELECT to_regclass('procrastinate_jobs')")) is not None


def config(connection: Connection) -> Config:
    """Alembic's configuration, made here so that no file names a database or a folder."""
    made = Config()
    made.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    made.attributes["connection"] = connection
    return made


@contextmanager
def _connection(url: str) -> Iterator[Connection]:
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        yield connection
