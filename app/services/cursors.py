"""Cursors of lists: opaque to the reader, cheap for the database."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from app.errors import NotFound

T = TypeVar("T")
BIGGEST = 2**63 - 1
"""The largest whole number that the database keeps."""


def write_cursor(values: Mapping[str, Any]) -> str:
    """A text that fits an address and names the last row shown."""
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def read_whole(value: Any) -> int:
    """A whole number that the database can compare with; ValueError for anything else."""
    number = int(value)
    if abs(number) > BIGGEST:
        raise ValueError(value)
    return number


def read_cursor(cursor: str, **kinds: Callable[[Any], T]) -> dict[str, T]:
    """The values of ``write_cursor``, each made by its kind (``id=read_whole``).

    Raises NotFound for a text that is none of ours.
    """
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return {name: kind(values[name]) for name, kind in kinds.items()}
    except (
        binascii.Error,
        ValueError,
        KeyError,
        TypeError,
        OverflowError,
        RecursionError,
    ) as error:
        raise NotFound from error
