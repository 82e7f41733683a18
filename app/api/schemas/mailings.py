"""Mailings as the interface tells them."""

from __future__ import annotations

from marshmallow import Schema, fields

from app.api.fields import Instant
from app.api.schemas.common import PageSchema
from app.services.bulk_sending.mailing_reports import OUTCOMES

STATES = ("draft", "scheduled", "running", "stopped", "done", "cancelled")


class MailingItemSchema(Schema):
    """A mailing as a list shows it."""

    id = fields.Integer()
    title = fields.String()
    medium = fields.String(metadata={"enum": ["email", "sms"]})
    state = fields.String(metadata={"enum": list(STATES)})
    per_minute = fields.Integer(allow_none=True)
    created_at = Instant()
    starts_at = Instant()
    started_at = Instant()
    ended_at = Instant()


class MailingPageSchema(PageSchema):
    """Mailings, newest first."""

    items = fields.List(fields.Nested(MailingItemSchema))


class MailingReasonSchema(Schema):
    """For what so many were left out or failed; a code of ours, or what the partner said."""

    outcome = fields.String(metadata={"enum": list(OUTCOMES)})
    reason = fields.String()
    count = fields.Integer()


class MailingSchema(MailingItemSchema):
    """A mailing and how it fares: recipients by what became of them. `ended` counts those with
    whom nothing more will be done."""

    total = fields.Integer()
    ended = fields.Integer()
    counts = fields.Dict(keys=fields.String(), values=fields.Integer())
    reasons = fields.List(fields.Nested(MailingReasonSchema))
    costs = fields.Dict(
        keys=fields.String(),
        values=fields.Decimal(as_string=True),
        metadata={"description": "By currency, as far as gateways tell."},
    )
