"""Running instances on their way to another version."""

from __future__ import annotations

from flask import g
from marshmallow import Schema, fields

from app.addresses import BIGGEST_ID
from app.api.fields import ApiSchema, Cursor, Document, Flag, Text, Whole
from app.api.schemas.common import MOST, PageSchema
from app.i18n import pick_text
from app.services.execution import migrating


class MigrationSchema(ApiSchema):
    """Which running instances go to which version."""

    version = Whole(1, BIGGEST_ID, required=True)
    of = Whole(
        1,
        BIGGEST_ID,
        load_default=None,
        allow_none=True,
        metadata={"description": "Only instances of this version; else of all others."},
    )
    map = Document(
        keys=Text(200, 1),
        values=Text(200, 1),
        load_default=dict,
        metadata={"description": "The new id of each element or flow that has another one."},
    )
    dry_run = Flag(load_default=False)
    cursor = Cursor(load_default=None, allow_none=True)
    limit = Whole(1, MOST, load_default=50)


def _reasons(move: migrating.InstanceMove) -> list[str]:
    return [pick_text(reason, g.language) for reason in move.reasons]


class TokenMoveSchema(Schema):
    """What becomes of one token."""

    key = fields.String()
    element = fields.String()
    to = fields.String(allow_none=True)
    verdict = fields.String(metadata={"enum": ["kept", "changed", "refused"]})


class ListenerMoveSchema(Schema):
    """What becomes of one event that waits on behalf of another element."""

    element = fields.String()
    verdict = fields.String(metadata={"enum": ["kept", "removed", "armed"]})


class InstanceMoveSchema(Schema):
    """What became, or would become, of one instance."""

    instance = fields.Integer(attribute="instance_id")
    version = fields.Integer(metadata={"description": "From which it goes."})
    verdict = fields.String(metadata={"enum": ["moved", "movable", "refused", "done"]})
    tokens = fields.List(fields.Nested(TokenMoveSchema))
    listeners = fields.List(fields.Nested(ListenerMoveSchema))
    reasons = fields.Function(_reasons, metadata={"type": "array", "items": {"type": "string"}})


class MigrationPageSchema(PageSchema):
    """Instances in the order of their ids."""

    items = fields.List(fields.Nested(InstanceMoveSchema))
