"""What several parts of the API share: pages, actors, findings, problems."""

from __future__ import annotations

from marshmallow import Schema, fields

from app.api.fields import ApiSchema, Cursor, Text, Whole

MOST = 200


class PageQuery(ApiSchema):
    """How much of a list, and after what."""

    cursor = Cursor(metadata={"description": "The `next` of the page before."})
    limit = Whole(1, MOST, load_default=50)


class PageSchema(Schema):
    """One page of a list; `next` is null on the last one, else the `cursor` of the next."""

    class Meta:
        fields = ("items", "next")

    next = fields.String(allow_none=True)


class IdempotencyHeader(Schema):
    """A key of the caller's choice: the same call under it is carried out once."""

    key = Text(200, 1, data_key="Idempotency-Key")


class FindingSchema(Schema):
    """One reason why a file is refused, or one warning about it."""

    file = fields.String()
    line = fields.Integer()
    element = fields.String()
    rule = fields.String()
    severity = fields.String(metadata={"enum": ["error", "warning"]})
    message = fields.String(metadata={"description": "In the reader's language."})
    remedy = fields.String(
        metadata={"description": "What to draw instead; empty when the message says it."}
    )


class ProblemSchema(Schema):
    """What went wrong (RFC 9457), in the language of Accept-Language."""

    type = fields.String(metadata={"format": "uri"})
    title = fields.String()
    status = fields.Integer()
    detail = fields.String()
    errors = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata={"description": "The sentences about each wrong field, by its path."},
    )
    findings = fields.List(fields.Nested(FindingSchema))


class ProblemKindSchema(Schema):
    """What a type of problem means."""

    name = fields.String()
    status = fields.Integer()
    titles = fields.Dict(keys=fields.String(), values=fields.String())
