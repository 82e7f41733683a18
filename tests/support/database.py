"""A real PostgreSQL: one server for each test process, one fresh database for each test."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from app.config import sqlalchemy_url
from app.embedded import server

FASTER = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=64MB")
"""Tests never outlive their server, so nothing has to survive a power cut."""

ROOM = 2_000_000_000


@dataclass
class Cluster:
    """One PostgreSQL server, with the databases that tests make in it."""

    url: str
    """SQLAlchemy address of its main database."""
    _count: int = field(default=0)

    def address(self, database: str) -> str:
        """The SQLAlchemy address of one of its databases."""
        return make_url(self.url).set(database=database).render_as_string(hide_password=False)

    def create(self, name: str, template: str = "template0") -> str:
        """A new database, replacing one of that name; returns its SQLAlchemy address."""
        administrator = self._administrator
        administrator.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        administrator.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return self.address(name)

    def fresh(self, template: str) -> str:
        """A new database under a name of its own, like the template."""
        self._count += 1
        return self.create(f"fresh_{self._count}", template)

    def drop(self, url: str) -> None:
        """Removes the database of this address, closing its connections."""
        self._administrator.execute(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def close(self) -> None:
        """Ends the connection that makes databases."""
        self._administrator.close()

    @cached_property
    def _administrator(self) -> psycopg.Connection:
        """One for all tests: each new connection costs the server a process."""
        url = make_url(self.url).set(drivername="postgresql", database="postgres")
        return psycopg.connect(url.render_as_string(hide_password=False), autocommit=True)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The PostgreSQL server of this test process, in memory where there is room for it."""
    folder = Path(tempfile.mkdtemp(prefix="peygir-test-", dir=roomy_folder()))
    # PostgreSQL started by root runs under an account of its own, which must get through.
    folder.chmod(0o711)
    try:
        with server(folder, own=True, settings=FASTER) as running:
            made = Cluster(sqlalchemy_url(running.url))
            yield made
            made.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def database(cluster: Cluster, template: str) -> Iterator[str]:
    """The address of a database of this test's own; the ``app`` fixture uses another one."""
    url = cluster.fresh(template)
    yield url
    cluster.drop(url)


def roomy_folder() -> str | None:
    """The folder that lies in memory, where there is room in it."""
    memory = Path("/dev/shm")  # noqa: S108  # The folder made in it is private.
    if memory.is_dir() and shutil.disk_usage(memory).free > ROOM:
        return str(memory)
    return None
