"""Calls of partners that no process waited for, as programs see them."""

from __future__ import annotations

from marshmallow import Schema, fields

from app.api.fields import FILLED, ApiSchema, Choice, Instant, Text
from app.api.schemas.common import PageQuery, PageSchema
from app.models import PartnerCall
from app.services.intake import unheard_calls
from app.services.sending import channels


def _channel(row: PartnerCall) -> str:
    return channels.find_by_id(row.channel_id).key


class PartnerCallSchema(Schema):
    """A call of a partner, without what it says to processes."""

    id = fields.Integer()
    channel = fields.Function(_channel, metadata={"type": "string"})
    call = fields.String(
        attribute="external_id", metadata={"description": "The partner\u2019s id of it."}
    )
    message = fields.String()
    key = fields.String(attribute="correlation")
    state = fields.String(metadata={"enum": ["unheard", "waiting", "dropped", "heard"]})
    attempts = fields.Integer()
    received_at = Instant()
    heard = fields.Integer(
        attribute="reached",
        allow_none=True,
        metadata={"description": "How many processes have heard it."},
    )
    reason = fields.String(
        attribute="why", allow_none=True, metadata={"description": "Why it was dropped."}
    )
    decided_at = Instant()


class PartnerCallPageSchema(PageSchema):
    """One page of calls, the newest first."""

    items = fields.List(fields.Nested(PartnerCallSchema))


class PartnerCallQuery(PageQuery):
    """Which calls: those that nothing waited for in a day, unless said otherwise."""

    state = Choice(*unheard_calls.STATES, load_default=unheard_calls.UNHEARD)


class DropSchema(ApiSchema):
    """Why, for the history; it must be given."""

    reason = Text(300, 1, required=True, metadata=FILLED)


class CorrectionSchema(ApiSchema):
    """What the call should have said; what is not named stays. And why, for the history."""

    key = Text(200, 1, metadata=FILLED)
    data = fields.Dict(
        keys=fields.String(), metadata={"description": "All values that the process gets."}
    )
    reason = Text(300, 1, required=True, metadata=FILLED)


class HookAnswerSchema(Schema):
    """What a partner is told: `taken`, or `known` for a copy; and how many processes have heard
    it by now. With 0 it is kept and offered again for a day: that is no error."""

    status = fields.String(required=True, metadata={"enum": ["taken", "known"]})
    heard = fields.Integer(required=True, metadata={"minimum": 0})


class HookRefusedSchema(Schema):
    """Why a call was not kept."""

    status = fields.String(
        required=True, metadata={"enum": ["refused", "not found", "not understood"]}
    )
    why = fields.String()
