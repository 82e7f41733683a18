"""Promises: how they stand, and their whole story."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from app.api import promised
from app.api.fields import Instant, Names
from app.services.standing import Standing

STATES = ("on_track", "at_risk", "broken", "paused", "kept", "missed")


def _remaining(one: Standing) -> int | None:
    return None if one.remaining is None else int(one.remaining.total_seconds())


class PromiseSchema(Schema):
    """One promise to the customer as it stands now."""

    metric = fields.String()
    names = Names()
    state = fields.String(metadata={"enum": list(STATES)})
    due_at = Instant()
    stopped_at = Instant()
    remaining_seconds = fields.Function(
        _remaining,
        metadata={
            "type": ["integer", "null"],
            "description": "Working time left, negative once overdrawn; null when it is over.",
        },
    )
    target_seconds = fields.Function(
        lambda one: int(one.target.total_seconds()),
        metadata={"type": "integer", "description": "Working time promised."},
    )
    calendar = fields.String(metadata={"description": "By which working time is counted."})
    waits_for = fields.List(
        fields.String(), metadata={"description": "Why it is paused, such as `waits:customer`."}
    )


class Promises(fields.List[Any]):
    """The promises of a request, or of the request that a task belongs to."""

    def __init__(self, owner: str) -> None:
        told = "The promises to the customer, in the order in which they began."
        super().__init__(fields.Nested(PromiseSchema), metadata={"description": told})
        self.owner = owner
        """The attribute that holds the id of the request."""

    def get_value(self, obj: Any, *where: Any, **more: Any) -> Any:
        """What :mod:`app.api.promised` knows of it."""
        return promised.of(getattr(obj, self.owner))
