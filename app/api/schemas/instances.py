"""Runs of processes: where they stand, and what operators do to them."""

from __future__ import annotations

from marshmallow import Schema, fields

from app.addresses import BIGGEST_ID
from app.api.fields import ApiSchema, Choice, Document, Instant, Text, Whole
from app.api.schemas.called import called_process
from app.api.schemas.common import PageQuery, PageSchema
from app.api.schemas.faults import FaultSchema
from app.api.schemas.messages import VariablesSchema
from app.api.schemas.tasks import TaskSchema

STATES = ["active", "suspended", "completed", "terminated"]
"""Of a run; a suspended one is not called active, though it has not ended."""


class PlaceSchema(Schema):
    """Where one token stands."""

    key = fields.String(metadata={"description": "Names the token while it lives."})
    element = fields.String()
    definition = fields.String(
        allow_none=True,
        metadata={"description": "The sha256 of the called process; null for the instance's own."},
    )


class ActivatableSchema(Schema):
    """An ad-hoc subprocess that runs, and what staff may activate in it."""

    key = fields.String(metadata={"description": "Names the subprocess while it runs."})
    element = fields.String()
    elements = fields.List(fields.String())


class TimerSchema(Schema):
    """A moment that is waited for."""

    element = fields.String()
    called_process = called_process()
    due_at = Instant()


class AwaitedMessageSchema(Schema):
    """A message that is waited for."""

    element = fields.String()
    called_process = called_process()
    name = fields.String(attribute="message")
    correlation = fields.String(allow_none=True)


class AwaitedSignalSchema(Schema):
    """A signal that is waited for."""

    element = fields.String()
    called_process = called_process()
    name = fields.String(attribute="signal")


class CalledProcessSchema(Schema):
    """A process that an instance called, and where its tokens stand."""

    process = fields.String(attribute="key")
    version = fields.Integer()
    sha256 = fields.String()
    tokens = fields.List(fields.String())


class InstanceSchema(Schema):
    """One run of a process: where it stands and what it knows."""

    id = fields.Integer(attribute="row.id")
    process = fields.String(attribute="row.definition.key")
    version = fields.Integer(attribute="row.definition.version")
    request = fields.String(attribute="row.request.number", dump_default=None, allow_none=True)
    state = fields.String(attribute="row.condition", metadata={"enum": STATES})
    tokens = fields.List(
        fields.String(),
        attribute="row.tokens",
        metadata={
            "description": "The id of each element of its own process at which a token stands."
        },
    )
    places = fields.List(fields.Nested(PlaceSchema))
    called = fields.List(fields.Nested(CalledProcessSchema))
    activatable = fields.List(fields.Nested(ActivatableSchema))
    variables = fields.Dict()
    faults = fields.List(fields.Nested(FaultSchema))
    tasks = fields.List(fields.Nested(TaskSchema))
    timers = fields.List(fields.Nested(TimerSchema))
    messages = fields.List(fields.Nested(AwaitedMessageSchema))
    signals = fields.List(fields.Nested(AwaitedSignalSchema))
    started_at = Instant(attribute="row.started_at")
    suspended_at = Instant(attribute="row.suspended_at")
    ended_at = Instant(attribute="row.ended_at")


class InstanceSummarySchema(Schema):
    """One run of a process in a list."""

    id = fields.Integer()
    process = fields.String(attribute="definition.key")
    version = fields.Integer(attribute="definition.version")
    request = fields.String(attribute="request.number", dump_default=None, allow_none=True)
    state = fields.String(attribute="condition", metadata={"enum": STATES})
    tokens = fields.List(fields.String())
    has_fault = fields.Boolean()
    started_at = Instant()
    suspended_at = Instant()
    ended_at = Instant()


class InstancePageSchema(PageSchema):
    """Runs, newest first."""

    items = fields.List(fields.Nested(InstanceSummarySchema))


class InstanceListQuery(PageQuery):
    """What narrows the list of runs; ``active`` leaves out those that are suspended."""

    process = Text(200)
    version = Whole(1, BIGGEST_ID)
    state = Choice(*STATES)
    faulty = Choice("true", "false")
    request = Text(20)
    element = Text(200, metadata={"description": "Where a token stands."})


class ReasonSchema(ApiSchema):
    """Why an operator does this, for the history."""

    reason = Text(1000, load_default="")


class NeededReasonSchema(ApiSchema):
    """Why an operator does this, for the history; it must be given."""

    reason = Text(1000, 1, required=True)


class ActivateSchema(ApiSchema):
    """Where an element of an ad-hoc subprocess shall begin."""

    subprocess = Text(
        20,
        load_default="",
        metadata={"description": "The key of the subprocess, if several hold the element."},
    )


class ChangeSchema(ReasonSchema):
    """Variables to change: of the process, or of one open scope in it."""

    variables = Document(required=True)
    scope = Text(
        200,
        load_default="",
        metadata={"description": "An element, or the key of a token, with variables of its own."},
    )


class MoveSchema(ReasonSchema):
    """From where a token is taken, and before which element one is put."""

    token = Text(
        200,
        1,
        required=True,
        metadata={"description": "The key of a token, or the element where the only one stands."},
    )
    to = Text(200, 1, required=True)


class SkipSchema(VariablesSchema, ReasonSchema):
    """The values that the element should have given, and by which flow a gateway is left."""

    flow = Text(200, load_default="")
