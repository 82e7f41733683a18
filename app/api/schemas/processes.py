"""Deployed processes and decision tables, and how one is begun."""

from __future__ import annotations

from typing import Any

from flask import g
from marshmallow import Schema, fields

from app.api.fields import ApiSchema, Choice, Instant, Names, Text
from app.api.problems import tell_findings
from app.api.schemas.common import PageSchema
from app.api.schemas.messages import VariablesSchema
from app.models import ProcessDefinition
from app.services.deployment import definitions


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


class StartSchema(VariablesSchema):
    """How a process begins: at its plain start event, or at the one named."""

    at = Text(200, load_default=None, allow_none=True)
