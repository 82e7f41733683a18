"""Requests, what is said about them and what happened to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields

from app.access import looker, may_speak_for_customer
from app.api.fields import FILLED, ApiSchema, Choice, Document, Instant, Names, Part, Text
from app.api.schemas.common import PageQuery, PageSchema
from app.api.schemas.promises import Promises
from app.guard import actor
from app.i18n import LANGUAGES
from app.models import Event, ServiceRequest
from app.models.requests import CLOSED, OPEN, WAITING
from app.services.casework import requests


class ContactSchema(ApiSchema):
    """Who asks; at least one of phone and e-mail."""

    name = Text(200, required=True, metadata=FILLED)
    phone = Text(40, load_default=None, allow_none=True)
    email = Text(254, load_default=None, allow_none=True)


class SubmissionSchema(ApiSchema):
    """A new request. `data` holds the fields of the service's form."""

    service = Text(80, required=True, metadata={"example": "complaint"})
    subject = Text(200, required=True, metadata=FILLED)
    description = Text(20_000, required=True, metadata=FILLED)
    customer = Part(ContactSchema, required=True)
    data = Document(load_default=dict)
    language = Choice(
        *LANGUAGES, metadata={"description": "The customer's; the caller's unless given."}
    )


class CustomerSchema(Schema):
    """Who asks, as given with the request."""

    name = fields.String()
    phone = fields.String(allow_none=True)
    email = fields.String(allow_none=True)


class RequestItemSchema(Schema):
    """A request as a list shows it."""

    number = fields.String()
    service = fields.String()
    kind = fields.String()
    subject = fields.String()
    status = fields.String(metadata={"enum": [OPEN, WAITING, CLOSED]})
    stage = fields.String(allow_none=True)
    priority = fields.String()
    outcome = fields.String(allow_none=True)
    waits_for = fields.String(allow_none=True)
    customer = fields.Pluck(CustomerSchema, "name", attribute="contact")
    due_at = Instant(attribute="next_due_at")
    promises = Promises("id")
    created_at = Instant()
    updated_at = Instant()
    closed_at = Instant()


def _tracking_code(request: ServiceRequest) -> str | None:
    return request.tracking_code if may_speak_for_customer(actor(), request) else None


class RequestSchema(RequestItemSchema):
    """A request. `stage_names` is the stage in the customer's words."""

    tracking_code = fields.Function(
        _tracking_code,
        metadata={
            "type": ["string", "null"],
            "description": "The customer's way in, for who submitted the request; keep it secret.",
        },
    )
    stage_names = fields.Function(requests.stage_names, metadata={"type": "object"})
    description = fields.String()
    customer = fields.Nested(CustomerSchema, attribute="contact")  # type: ignore[assignment]  # Here in full.
    channel = fields.String()
    language = fields.String()
    confidential = fields.Boolean()
    data = fields.Dict()


class RequestListQuery(PageQuery):
    """What narrows the list of requests."""

    status = Choice(OPEN, WAITING, CLOSED)
    service = Text(80)


class RequestPageSchema(PageSchema):
    """Requests, newest first."""

    items = fields.List(fields.Nested(RequestItemSchema))


def _actor_of(event: Event) -> dict[str, Any]:
    return {"kind": event.actor_kind, "names": event.actor_names}


def _data_of(event: Event) -> Mapping[str, Any]:
    """Without the values of variables for who may not look at these."""
    cause = event.data.get("cause")
    if not isinstance(cause, Mapping) or "values" not in cause or looker(actor()):
        return event.data
    told = {name: value for name, value in cause.items() if name != "values"}
    return {**event.data, "cause": told}


class EventSchema(Schema):
    """One thing that happened."""

    id = fields.Integer()
    at = Instant()
    kind = fields.String()
    element = fields.String(allow_none=True)
    actor = fields.Function(_actor_of, metadata={"type": "object"})
    data = fields.Function(_data_of, metadata={"type": "object"})


class EventPageSchema(PageSchema):
    """What happened, oldest first."""

    items = fields.List(fields.Nested(EventSchema))


class NewMessageSchema(ApiSchema):
    """A message. Programs write for the customer (`inbound`); staff choose the direction."""

    body = Text(10_000, required=True, metadata=FILLED)
    direction = Choice("inbound", "outbound", "internal", load_default="inbound")


class MessageSchema(Schema):
    """One thing that was said."""

    id = fields.Integer()
    direction = fields.String()
    channel = fields.String()
    author = Names(attribute="author_names")
    subject = fields.String(allow_none=True)
    body = fields.String()
    at = Instant()


class MessagePageSchema(PageSchema):
    """What was said, oldest first."""

    items = fields.List(fields.Nested(MessageSchema))


class AnswerSchema(ApiSchema):
    """The customer's decision on our answer; an objection gives its reason."""

    answer = Choice("accept", "object", required=True)
    reason = Text(10_000, load_default="")


class WithdrawalSchema(ApiSchema):
    """Why the customer takes the request back."""

    reason = Text(10_000, load_default="")


class ReopeningSchema(ApiSchema):
    """Why a closed request is to be gone on with."""

    reason = Text(2000, required=True, metadata=FILLED)


class AttachmentSchema(Schema):
    """A file of a request."""

    id = fields.Integer()
    name = fields.String()
    media_type = fields.String()
    size = fields.Integer(metadata={"description": "Bytes."})
    sha256 = fields.String()
    at = Instant()


class AttachmentPageSchema(PageSchema):
    """The files of a request, oldest first."""

    items = fields.List(fields.Nested(AttachmentSchema))
