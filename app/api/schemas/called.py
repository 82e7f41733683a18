"""The called process that something of an instance belongs to."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from app.services.deployment import definitions


def called_process() -> fields.Function:
    """The key of the called process that an element belongs to."""
    said = "The called process that the element belongs to; null for the instance's own."
    metadata = {"type": "string", "nullable": True, "description": said}
    return fields.Function(_called_key, metadata=metadata)


def _called_key(row: Any) -> str | None:
    return None if row.called_id is None else definitions.find(row.called_id).key
