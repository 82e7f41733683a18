"""Lists as the API answers them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.services.cursors import write_cursor


def page(rows: Sequence[Any], after: int | None = None) -> Mapping[str, Any]:
    """``{"items": [...], "next": ...}``; ``after`` is the id of the last row when more follow."""
    return {"items": rows, "next": None if after is None else write_cursor({"id": after})}


def page_of(rows: Sequence[Any], limit: int) -> Mapping[str, Any]:
    """The page of rows of which one more than ``limit`` was asked for, to see whether more
    follow."""
    return page(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)
