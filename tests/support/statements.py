"""What the code under test asks of the database."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.db import Cursor


@contextmanager
def statements() -> Iterator[list[str]]:
    """What is sent to the database inside the block.

    What was asked before and is kept for a second counts as fresh, however slow the machine is.
    """
    sent: list[str] = []
    real = Cursor.execute

    def note(cursor: Cursor, statement: str, *values: Any, **more: Any) -> Cursor:
        sent.append(statement)
        return real(cursor, statement, *values, **more)

    # What the driver has prepared would otherwise go by the cursor.
    with ExitStack() as during:
        during.enter_context(patch.object(Cursor, "execute", note))
        during.enter_context(patch("app.prepared.fetch", return_value=None))
        during.enter_context(patch("app.prepared.fetch_behind", return_value=None))
        for name in _keepers():
            during.enter_context(patch(f"{name}.monotonic", return_value=0.0))
        yield sent


def _keepers() -> list[str]:
    """The modules that keep what they have asked for a while."""
    loaded = [(name, vars(module)) for name, module in sys.modules.items() if module is not None]
    return [name for name, has in loaded if name.startswith("app.") and {*_KEEPING} <= has.keys()]


_KEEPING = ("FRESH_FOR", "monotonic")


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
