"""Lists as the API answers them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.services.cursors import write_cursor


def page(rows: Sequence[Any], after: int | None = None) -> Mapping[str, Any]:
    """``{"items": [...], "next": ...}``; ``after`` is the id of the last row when more follow."""
    return {"items": rows, "next": None if after is None else write_cursor({"id": after})}
