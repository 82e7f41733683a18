"""Messages of which nobody knows whether they arrived, as programs see them."""

from __future__ import annotations

from typing import get_args

from marshmallow import Schema, fields

from app.api.fields import ApiSchema, Choice, Instant, Text
from app.api.schemas.common import PageSchema
from app.services.sending import doubtful


class DoubtfulSchema(Schema):
    """One message or call that no service task waits for."""

    id = fields.Integer()
    medium = fields.String(attribute="channel", metadata={"description": "Such as `sms`."})
    to = fields.String(attribute="recipient")
    reference = fields.String(
        metadata={"description": "Our id, which the partner has got; the same at every attempt."}
    )
    state = fields.String()
    error = fields.String(allow_none=True)
    next_attempt_at = Instant(
        metadata={"description": "When it is sent again; null while somebody has to decide."}
    )
    created_at = Instant()


class DoubtfulPageSchema(PageSchema):
    """One page of them, the newest first."""

    items = fields.List(fields.Nested(DoubtfulSchema))


class DecisionSchema(ApiSchema):
    """What holds: it `arrived`, it is sent `again` under the same reference, or it is
    `given_up`; and why, for the history."""

    decision = Choice(*get_args(doubtful.Decision), required=True)
    reason = Text(1000, load_default="")
