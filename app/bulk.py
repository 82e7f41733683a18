"""Writing many changed rows at once."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import Table, TextClause, text

from app.db import run, session
from app.saving import changed_columns, changed_rows, is_plain, packed


def write_all(model: type[Any]) -> None:
    """Write all that changed in the rows of one model with one statement, however many they are.

    Every column that changed in any of them is written for all of them.
    """
    work = session()
    states = [one for one in changed_rows(work) if one.class_ is model and is_plain(one)]
    changed = [one for one in states if changed_columns(one)]
    names = tuple(sorted({name for one in changed for name in changed_columns(one)}))
    if changed:
        rows = [{name: one.dict[name] for name in ("id", *names)} for one in changed]
        run(_rewriting(model.__table__, names), {"rows": packed(rows)})
    for state in states:
        state._commit_all(state.dict, work.identity_map)


@lru_cache(maxsize=256)
def _rewriting(table: Table, names: tuple[str, ...]) -> TextClause:
    changes = ", ".join(f"{name} = new.{name}" for name in names)
    return text(
        f"UPDATE {table.name} SET {changes} "  # noqa: S608  # Our own names.
        f"FROM jsonb_populate_recordset(CAST(NULL AS {table.name}), CAST(:rows AS jsonb)) new "
        f"WHERE {table.name}.id = new.id"
    )
