"""Lists as the API answers them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.api import words
from app.errors import Invalid
from app.services.cursors import write_cursor


def page(rows: Sequence[Any], after: int | None = None) -> Mapping[str, Any]:
    """``{"items": [...], "next": ...}``; ``after`` is the id of the last row when more follow."""
    return {"items": rows, "next": None if after is None else write_cursor({"id": after})}


def cut(rows: Sequence[Any], query: Mapping[str, Any]) -> Mapping[str, Any]:
    """The page that the query asks for of a list short enough to be read whole.

    Raises Invalid when the row of the cursor is not in the list (any more).
    """
    start, limit = _place_after(rows, query.get("cursor")), query["limit"]
    shown = rows[start : start + limit]
    return page(shown, shown[-1].id if len(rows) > start + limit else None)


def _place_after(rows: Sequence[Any], row_id: int | None) -> int:
    if row_id is None:
        return 0
    place = next((place for place, row in enumerate(rows, 1) if row.id == row_id), None)
    if place is None:
        raise Invalid({"cursor": [words.BAD_CURSOR]})
    return place
