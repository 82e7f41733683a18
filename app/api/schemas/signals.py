"""Signals to all processes."""

from __future__ import annotations

from marshmallow import Schema, fields

from app.api.fields import Text
from app.api.schemas.messages import VariablesSchema


class NewSignalSchema(VariablesSchema):
    """A signal, by the name that processes wait for, with what travels along."""

    name = Text(200, 1, required=True)


class SignalSchema(Schema):
    """How many waiting places hear the signal, and how many processes it begins; each takes its
    step soon after."""

    reached = fields.Integer()
    begun = fields.Integer()
