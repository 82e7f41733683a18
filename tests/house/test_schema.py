"""The tables: models and migrations say the same, and every migration can be taken back."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.pool import NullPool

import app.models  # noqa: F401  # Importing the package registers every table.
from app import migrate
from app.db import db
from tests.support.database import Cluster


def test_models_and_migrations_agree(cluster: Cluster) -> None:
    url = cluster.create("agree")
    migrate.upgrade(url)
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_name": _is_ours}
        )
        assert compare_metadata(context, db.metadata) == []


def test_up_down_and_up_again(cluster: Cluster) -> None:
    url = cluster.create("updown")
    migrate.upgrade(url)
    first = _shape(url)
    migrate.downgrade(url, "base")
    assert [name for name in _shape(url) if _is_ours(name, "table", {})] == ["alembic_version"]
    migrate.upgrade(url)
    assert _shape(url) == first


def test_the_newest_migration_can_be_taken_back_alone(cluster: Cluster) -> None:
    url = cluster.create("back")
    migrate.upgrade(url)
    newest = _indexes(url)
    migrate.downgrade(url, "-1")
    before = _indexes(url)
    migrate.upgrade(url)
    assert _indexes(url) == newest
    migrate.downgrade(url, "-1")
    assert _indexes(url) == before


def test_migrating_twice_changes_nothing(cluster: Cluster) -> None:
    url = cluster.create("twice")
    migrate.upgrade(url)
    migrate.upgrade(url)
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        assert migrate.current(connection) == migrate.head()
        assert migrate.has_job_queue(connection)


def test_every_foreign_key_has_an_index_to_find_its_rows(cluster: Cluster) -> None:
    url = cluster.create("keys")
    migrate.upgrade(url)
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        assert not _unindexed(connection)


def _unindexed(connection: Connection) -> set[tuple[str, str]]:
    rows = connection.execute(text(_UNINDEXED)).all()
    return {(table, column) for table, column in rows if not table.startswith("procrastinate")}


_UNINDEXED = """
    SELECT con.conrelid::regclass::text, att.attname
      FROM pg_constraint con
      JOIN pg_attribute att ON att.attrelid = con.conrelid AND att.attnum = con.conkey[1]
     WHERE con.contype = 'f'
       -- People are deactivated and never deleted: nobody looks for their rows by these columns.
       AND con.confrelid <> 'staff_user'::regclass
       AND NOT EXISTS (SELECT 1 FROM pg_index i
                        WHERE i.indrelid = con.conrelid AND i.indkey[0] = con.conkey[1])
"""


def _indexes(url: str) -> set[str]:
    """How each index is made."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        query = text("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'")
        return set(connection.scalars(query))


def _shape(url: str) -> dict[str, list[tuple[str, str, bool]]]:
    """Every table with its columns: name, type, whether it may be empty."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        look = inspect(connection)
        return {
            table: [(c["name"], str(c["type"]), c["nullable"]) for c in look.get_columns(table)]
            for table in sorted(look.get_table_names())
        }


def _is_ours(name: str | None, kind: str, _: object) -> bool:
    return not (kind == "table" and str(name).startswith("procrastinate_"))
