"""Promises: how they stand, and their whole story."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from marshmallow import Schema, fields

from app.api import promised
from app.api.fields import Instant, Names
from app.services.service_levels.standing import Standing

STATES = (
    "on_track", "at_risk", "broken", "paused", "kept", "missed", "dropped", "uncountable",
)  # fmt: skip


def _remaining(one: Standing) -> int | None:
    return None if one.remaining is None else int(one.remaining.total_seconds())


class Seconds(fields.Integer):
    """A length of time as whole seconds."""

    def _serialize(self, value: Any, *where: Any, **more: Any) -> Any:
        return int(value.total_seconds())


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


def show(one: Standing) -> dict[str, Any]:
    """What :class:`PromiseSchema` makes of a promise, in a quarter of the time: there are several
    in the answer about each request and each task."""
    return {
        "metric": one.metric,
        "names": dict(one.names),
        "state": one.state,
        "due_at": written(one.due_at),
        "stopped_at": written(one.stopped_at),
        "remaining_seconds": _remaining(one),
        "target_seconds": int(one.target.total_seconds()),
        "calendar": one.calendar,
        "waits_for": list(one.waits_for),
    }


def written(instant: datetime | None) -> str | None:
    """As :class:`~app.api.fields.Instant` tells it."""
    return None if instant is None else instant.astimezone(UTC).isoformat()


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

    def _serialize(self, value: Any, *where: Any, **more: Any) -> Any:
        return [show(one) for one in value]


class PromiseReasonSchema(Schema):
    """What led to something: ``kind`` and ``value``, and what people call it."""

    kind = fields.String()
    value = fields.String()
    version = fields.Integer(allow_none=True)
    names = Names()


class PromiseEntrySchema(Schema):
    """One thing that happened to a clock, and how it stood right after it."""

    kind = fields.String(
        metadata={
            "enum": [
                "started",
                "paused",
                "resumed",
                "retargeted",
                "stopped",
                "dropped",
                "reopened",
            ],
        }
    )
    at = Instant()
    counted = Seconds(metadata={"description": "Working time counted until then, in seconds."})
    target = Seconds(metadata={"description": "Working time promised from then on, in seconds."})
    due_at = Instant()
    calendar = fields.Nested(PromiseReasonSchema)
    reasons = fields.List(fields.Nested(PromiseReasonSchema))
    words = fields.String(metadata={"description": "The same in the reader's language."})


class PromiseActionSchema(Schema):
    """What a step is going to do."""

    kind = fields.String()
    to = fields.List(fields.String())


class PromiseStepSchema(Schema):
    """A step of an escalation ladder: done (with ``done_at``), or still to come."""

    key = fields.String()
    names = Names()
    at = Instant(metadata={"description": "The instant for which it is due."})
    done_at = Instant()
    did = fields.List(fields.Dict(), metadata={"description": "What its actions did."})
    plans = fields.List(fields.Nested(PromiseActionSchema))


class PromiseStorySchema(Schema):
    """The whole story of one promise."""

    metric = fields.String()
    names = Names()
    of_task = fields.Boolean(metadata={"description": "Whether it is the clock of one task."})
    cycle = fields.Integer()
    state = fields.String(metadata={"enum": list(STATES)})
    target = Seconds(metadata={"description": "Working time promised, in seconds."})
    counted = Seconds(metadata={"description": "Working time counted until now, in seconds."})
    remaining = Seconds(metadata={"description": "In seconds; negative once overdrawn."})
    due_at = Instant()
    stopped_at = Instant()
    waits_for = fields.List(fields.String())
    policy = fields.Nested(PromiseReasonSchema, allow_none=True)
    calendar = fields.Nested(PromiseReasonSchema)
    rule = fields.Dict(
        metadata={"description": "`when` the facts of the rule, `over` those that it beats."}
    )
    why = fields.String(metadata={"description": "Why that much, in the reader's language."})
    stands = fields.String(metadata={"description": "How it stands, in the reader's language."})
    entries = fields.List(fields.Nested(PromiseEntrySchema))
    steps_done = fields.List(fields.Nested(PromiseStepSchema))
    steps_coming = fields.List(fields.Nested(PromiseStepSchema))


class PromiseStoryPageSchema(Schema):
    """All promises of a request and of its tasks."""

    items = fields.List(fields.Nested(PromiseStorySchema))
