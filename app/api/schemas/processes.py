"""Deployed processes and their instances."""

from __future__ import annotations

from typing import Any

from flask import g
from marshmallow import Schema, fields

from app.addresses import BIGGEST_ID
from app.api.fields import ApiSchema, Choice, Cursor, Document, Flag, Instant, Names, Text, Whole
from app.api.problems import tell_findings
from app.api.schemas.common import MOST, PageQuery, PageSchema
from app.api.schemas.tasks import TaskSchema
from app.i18n import pick_text
from app.models import ProcessDefinition
from app.services.deployment import definitions
from app.services.execution import faults, migrating


class DeployQuery(ApiSchema):
    """The file's name, for findings and for whoever looks at it later."""

    filename = Text(200, load_default="")
    tag = Text(
        80,
        load_default="",
        metadata={"description": "A version tag, in place of the one in the file."},
    )


class ProcessSchema(Schema):
    """One version of a process or a decision table."""

    key = fields.String()
    kind = fields.String(metadata={"enum": ["bpmn", "dmn"]})
    version = fields.Integer()
    tags = fields.List(
        fields.String(),
        attribute="version_tags",
        metadata={"description": "The version tags by which calls may be bound to it."},
    )
    names = Names()
    filename = fields.String()
    sha256 = fields.String()
    deployed_at = Instant()


def _warnings_of(row: ProcessDefinition) -> list[dict[str, Any]]:
    return tell_findings(definitions.warnings_of(row), g.language)


class DeployedSchema(ProcessSchema):
    """What was deployed, with the warnings about what may surprise at run time."""

    warnings = fields.Function(
        _warnings_of, metadata={"type": "array", "items": {"type": "object"}}
    )


class DeploymentSchema(DeployedSchema):
    """What was deployed: one file as itself, several files as `items`."""

    items = fields.List(
        fields.Nested(DeployedSchema),
        metadata={
            "description": "Of files sent together, each in the order sent; then nothing else "
            "stands here."
        },
    )


class ProcessPageSchema(PageSchema):
    """The newest version of each file, by kind and key."""

    items = fields.List(fields.Nested(ProcessSchema))


class KindQuery(ApiSchema):
    """Whether a process or a decision table is meant."""

    kind = Choice("bpmn", "dmn", load_default="bpmn")


def _versions_of(row: ProcessDefinition) -> Any:
    return ProcessSchema(many=True).dump(definitions.versions(row.key, row.kind))


class ProcessDetailSchema(ProcessSchema):
    """The newest version and all the versions, newest first."""

    versions = fields.Function(
        _versions_of, metadata={"type": "array", "items": {"type": "object"}}
    )


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


class VariablesSchema(ApiSchema):
    """Variables of a process."""

    variables = Document(load_default=dict)


class StartSchema(VariablesSchema):
    """How a process begins: at its plain start event, or at the one named."""

    at = Text(200, load_default=None, allow_none=True)


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


def _called_key(row: Any) -> str | None:
    return None if row.called_id is None else definitions.find(row.called_id).key


def _called_process() -> fields.Function:
    """The key of the called process that an element belongs to."""
    said = "The called process that the element belongs to; null for the instance's own."
    metadata = {"type": "string", "nullable": True, "description": said}
    return fields.Function(_called_key, metadata=metadata)


class FaultSchema(Schema):
    """A token that could not go on."""

    id = fields.Integer()
    element = fields.String()
    called_process = _called_process()
    code = fields.String()
    message = fields.String()
    texts = fields.Dict(keys=fields.String(), values=fields.String())
    remedies = fields.Function(
        faults.remedies,
        metadata={
            "type": "object",
            "additionalProperties": {"type": "string"},
            "description": "What to do next, by language.",
        },
    )
    expression = fields.String(allow_none=True)
    raised_at = Instant()
    resolved_at = Instant()


class TimerSchema(Schema):
    """A moment that is waited for."""

    element = fields.String()
    called_process = _called_process()
    due_at = Instant()


class AwaitedMessageSchema(Schema):
    """A message that is waited for."""

    element = fields.String()
    called_process = _called_process()
    name = fields.String(attribute="message")
    correlation = fields.String(allow_none=True)


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


STATES = ["active", "suspended", "completed", "terminated"]
"""Of a run; a suspended one is not called active, though it has not ended."""


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


class AwaitedSignalSchema(Schema):
    """A signal that is waited for."""

    element = fields.String()
    called_process = _called_process()
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
