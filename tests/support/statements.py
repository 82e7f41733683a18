"""What the code under test asks of the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.db import Cursor


@contextmanager
def statements() -> Iterator[list[str]]:
    """What is sent to the database inside the block."""
    sent: list[str] = []
    real = Cursor.execute

    def note(cursor: Cursor, statement: str, *values: Any, **more: Any) -> Cursor:
        sent.append(statement)
        return real(cursor, statement, *values, **more)

    # What the driver has prepared would otherwise go by the cursor.
    with patch.object(Cursor, "execute", note), patch("app.prepared.fetch", return_value=None):
        yield sent


def rows_read(session: Session, statement: Any, values: dict[str, Any] | None = None) -> int:
    """How many rows of tables and indexes the database looks at for a statement, where it may not
    read a table from its beginning to its end."""
    session.flush()
    session.execute(text("SET LOCAL enable_seqscan = off"))
    compiled = statement.compile(
        dialect=session.connection().dialect, compile_kwargs={"render_postcompile": True}
    )
    known = compiled.construct_params(values or {})
    asked = f"EXPLAIN (ANALYZE, TIMING OFF, BUFFERS OFF, FORMAT JSON) {compiled}"
    [plan] = session.connection().exec_driver_sql(asked, known).scalar_one()
    return _read(plan["Plan"])


def _read(node: dict[str, Any]) -> int:
    is_scan = "Scan" in node["Node Type"] and "Relation Name" in node
    looked_at = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
    here = looked_at * node["Actual Loops"] if is_scan else 0
    return round(here) + sum(map(_read, node.get("Plans", ())))
