"""Faults, those that are alike, and what is ordered for all of them."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from app.api.fields import FILLED, ApiSchema, Document, Instant, Text, Whole
from app.api.schemas.called import called_process
from app.services.execution import alike, faults


class FaultSchema(Schema):
    """A token that could not go on."""

    id = fields.Integer()
    element = fields.String()
    called_process = called_process()
    code = fields.String()
    message = fields.String()
    texts = fields.Dict(keys=fields.String(), values=fields.String())
    remedies = fields.Function(
        faults.remedies,
        metadata={
            "type": "object",
            "additionalProperties": {"type": "string"},
            "description": "What to do next, by language.",
        },
    )
    expression = fields.String(allow_none=True)
    raised_at = Instant()
    resolved_at = Instant()


class FaultQuery(ApiSchema):
    """What narrows the list."""

    channel = Text(64, load_default="", metadata={"description": "The key of a channel."})
    kind = Text(32, load_default="", metadata={"description": "A kind of connector."})


class FaultGroupSchema(Schema):
    """Standing faults of one step with one code and by one channel. `newest` is one of them;
    `differ` tells whether others say something else."""

    process = fields.String(
        attribute="place.process",
        metadata={"description": "The process in which the step is drawn."},
    )
    element = fields.String(attribute="place.element")
    code = fields.String(attribute="place.code")
    channel = fields.String(
        attribute="place.channel",
        metadata={"description": "The key of their channel; empty where nothing went out."},
    )
    kind = fields.String(
        metadata={"description": "The kind of connector of that channel, or empty."}
    )
    count = fields.Integer()
    since = Instant()
    differ = fields.Boolean()
    newest = fields.Nested(FaultSchema)
    instance = fields.Integer(
        attribute="newest.instance_id", metadata={"description": "That of the newest."}
    )


class FaultGroupsSchema(Schema):
    """All groups, the oldest first."""

    items = fields.List(fields.Nested(FaultGroupSchema))


class PlaceSchema(ApiSchema):
    """Which faults, and how many of them you have seen: with more by now nothing is done."""

    process = Text(200, 1, required=True, metadata=FILLED)
    element = Text(200, 1, required=True, metadata=FILLED)
    code = Text(80, 1, required=True, metadata=FILLED)
    channel = Text(
        64,
        load_default=None,
        metadata={"description": "As the list tells it; without it those of all channels."},
    )
    count = Whole(1, 10_000_000, required=True)


class RetryAlikeSchema(PlaceSchema):
    """Variables that are corrected in every process first."""

    variables = Document(load_default=dict)
    reason = Text(1000, load_default="")


class SkipAlikeSchema(RetryAlikeSchema):
    """The values that the step should have given, and by which flow a gateway is left."""

    flow = Text(200, load_default="")


class CancelAlikeSchema(PlaceSchema):
    """Why, for the history; it must be given."""

    reason = Text(1000, 1, required=True, metadata=FILLED)


class OrderedSchema(Schema):
    """For how many of them it was ordered."""

    count = fields.Integer()


def place_of(body: dict[str, Any]) -> alike.Place:
    """Which faults are meant."""
    return alike.Place(body["process"], body["element"], body["code"], body["channel"])


def deed_of(act: alike.Act, body: dict[str, Any]) -> alike.Deed:
    """What is to be done to them."""
    given = body.get("variables", {}), body.get("flow") or None, body["reason"]
    return alike.Deed(act, *given)
