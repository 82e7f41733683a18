"""Calls that a telephone system reports."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates

from app import clock_now
from app.api import words
from app.api.fields import FILLED, ApiSchema, Choice, Instant, Moment, Text, Whole
from app.guard import actor
from app.models import PhoneCall
from app.services.intake import phone_calls


class CallSchema(ApiSchema):
    """One call. The same `id` again is the same call and changes nothing."""

    id = Text(100, 1, required=True, metadata={**FILLED, "description": "Your own id of the call."})
    number = Text(40, 1, required=True, metadata={**FILLED, "example": "0912 345 6789"})
    direction = Choice("inbound", "outbound", required=True)
    started_at = Moment(required=True)
    seconds = Whole(
        0, 86_400, load_default=None, allow_none=True, metadata={"description": "How long it was."}
    )
    outcome = Choice(*phone_calls.OUTCOMES, required=True)
    recording = fields.String(
        load_default=None,
        allow_none=True,
        validate=[
            validate.Length(max=1000, error=words.TOO_LONG),
            validate.Regexp(r"https?://[^\s<>\"]+$", error=words.NOT_LINK),
        ],
        error_messages={"invalid": words.NOT_TEXT},
        metadata={"description": "Where staff can listen to it."},
    )
    request = Text(
        20,
        load_default=None,
        allow_none=True,
        metadata={"description": "The number of the request it was about, if you know it."},
    )

    @validates("started_at")
    def _check_begun(self, started_at: datetime, **_more: Any) -> None:
        if started_at > clock_now() + phone_calls.FAST:
            raise ValidationError(words.NOT_YET)


def _request_of(call: PhoneCall) -> str | None:
    return phone_calls.request_number(call, actor())


class KeptCallSchema(Schema):
    """The call as it is kept. `matched` tells whether the number is that of one customer;
    `request` is where it stands, if you may see that request."""

    id = fields.String(attribute="call_id")
    number = fields.String()
    direction = fields.String()
    started_at = Instant()
    seconds = fields.Integer(allow_none=True)
    outcome = fields.String()
    matched = fields.Function(lambda call: call.party_id is not None, metadata={"type": "boolean"})
    request = fields.Function(_request_of, metadata={"type": ["string", "null"]})


def read_call(body: dict[str, Any]) -> phone_calls.Call:
    """The call that a body describes."""
    return phone_calls.Call(call_id=body.pop("id"), **body)
