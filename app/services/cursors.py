"""Cursors of lists: opaque to the reader, cheap for the database."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from app.errors import NotFound


def write_cursor(values: Mapping[str, Any]) -> str:
    """A text that fits an address and names the last row shown."""
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> dict[str, Any]:
    """The values of ``write_cursor``; raises NotFound for a text that is none of ours."""
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError) as error:
        raise NotFound from error
    if not isinstance(values, dict):
        raise NotFound
    return values
