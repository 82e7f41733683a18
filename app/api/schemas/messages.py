"""Messages to processes, the conditions of start events, and what came of them."""

from __future__ import annotations

from marshmallow import Schema, fields

from app.api.fields import ApiSchema, Document, Text


class VariablesSchema(ApiSchema):
    """Variables of a process."""

    variables = Document(load_default=dict)


class NewMessageToProcessSchema(VariablesSchema):
    """A message for a waiting process; the correlation is what its subscription says."""

    name = Text(200, 1, required=True)
    correlation = Text(200, required=True)


class PublishedMessageSchema(VariablesSchema):
    """A message for all who wait for it; a start event needs no correlation."""

    name = Text(200, 1, required=True)
    correlation = Text(200, load_default="")


class BriefInstanceSchema(Schema):
    """Which run of which process."""

    id = fields.Integer()
    process = fields.String(attribute="definition.key")
    version = fields.Integer(attribute="definition.version")


class HeardSchema(Schema):
    """Who heard a message: the instances that waited for it, and those that it began."""

    delivered = fields.List(fields.Nested(BriefInstanceSchema))
    started = fields.List(fields.Nested(BriefInstanceSchema))


class FailedConditionSchema(Schema):
    """A start event whose condition could not be judged."""

    process = fields.String(attribute="definition.key")
    element = fields.String()
    message = fields.String()


class JudgedSchema(Schema):
    """What came of judging the conditions of start events."""

    started = fields.List(fields.Nested(BriefInstanceSchema))
    failed = fields.List(fields.Nested(FailedConditionSchema))
