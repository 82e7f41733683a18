"""What the code under test asks of the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

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
