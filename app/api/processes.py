"""``/api/v1/processes``: deploy, look at, start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, g, jsonify

from app.api import words
from app.api.files import DIAGRAM_BODY, are_several, read_diagram, read_diagrams
from app.api.once import create_once
from app.api.paging import page, page_of
from app.api.routes import PREFIX, Blueprint
from app.api.schemas import processes as shapes
from app.api.schemas.common import IdempotencyHeader, PageQuery
from app.api.schemas.instances import InstanceSchema
from app.api.schemas.migrating import MigrationPageSchema, MigrationSchema
from app.db import transaction
from app.errors import Invalid
from app.guard import actor
from app.services.casework.attachments import safe_name
from app.services.deployment import definitions
from app.services.execution import instances, migrating

blueprint = Blueprint("processes", __name__, "Deployed processes and decision tables")


@blueprint.post("/processes")
@blueprint.arguments(shapes.DeployQuery, location="query")
@blueprint.response(201, shapes.DeploymentSchema)
@blueprint.doc(requestBody=DIAGRAM_BODY)
def deploy_process(query: Mapping[str, Any]) -> Any:
    """Deploy the .bpmn or .dmn file in the body; the same bytes again give the same version.

    Several files come as multipart parts named `files`: all of them are deployed or none. They
    may name each other, and calls with the binding `deployment` stay among them.
    """
    tag = query["tag"].strip() or None
    if are_several():
        return deploy_several(query["filename"], tag)
    source = read_diagram()
    filename = safe_name(query["filename"]) if query["filename"] else ""
    with transaction():
        return definitions.deploy(filename, source, actor(), g.now, tag=tag)


def deploy_several(filename: str, tag: str | None) -> Response:
    """All files of the body in one deployment, in their order."""
    if filename:
        raise Invalid({"filename": [words.NAMED_IN_PART]})
    files = read_diagrams()
    with transaction():
        rows = definitions.deploy_together(files, actor(), g.now, tag=tag)
        answer = jsonify({"items": shapes.DeployedSchema(many=True).dump(rows)})
    answer.status_code = 201
    return answer


@blueprint.get("/processes")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, shapes.ProcessPageSchema)
def list_processes(query: Mapping[str, Any]) -> Mapping[str, Any]:
    """List the newest version of every file."""
    limit = query["limit"]
    return page_of(definitions.list_latest(after=query.get("cursor"), limit=limit + 1), limit)


@blueprint.get("/processes/<key:key>")
@blueprint.arguments(shapes.KindQuery, location="query")
@blueprint.response(200, shapes.ProcessDetailSchema)
def show_process(query: Mapping[str, Any], key: str) -> Any:
    """Show the newest version of one file, and all its versions."""
    return definitions.latest(key, query["kind"])


@blueprint.post("/processes/<key:key>/migrate")
@blueprint.arguments(MigrationSchema)
@blueprint.response(200, MigrationPageSchema)
def migrate_instances(body: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Move running instances to another version, or with `dry_run` say what would happen.

    Each is moved by itself; one that is refused stays as it is.
    """
    order = migrating.order(key, body["version"], body["map"], actor(), of=body["of"])
    ids = migrating.waiting(order, actor(), after=body["cursor"] or 0, limit=body["limit"])
    moves = [move_one(order, one, dry_run=body["dry_run"]) for one in ids]
    return page(moves, ids[-1] if len(ids) == body["limit"] else None)


def move_one(order: migrating.Order, instance_id: int, *, dry_run: bool) -> migrating.InstanceMove:
    """One instance in a transaction of its own."""
    with transaction():
        if dry_run:
            return migrating.preview(order, instance_id, actor())
        return migrating.move(order, instance_id, actor(), g.now)


@blueprint.post("/processes/<key:key>/instances")
@blueprint.arguments(shapes.StartSchema)
@blueprint.arguments(IdempotencyHeader, location="headers")
@blueprint.response(201, InstanceSchema)
def start_instance(body: Mapping[str, Any], headers: Mapping[str, Any], key: str) -> Response:
    """Start the newest version of a process, without a request."""
    with transaction():
        return create_once(
            headers,
            body,
            InstanceSchema,
            lambda: instances.start(key, body["variables"], actor(), g.now, at=body["at"]),
            lambda made: f"{PREFIX}/instances/{made['id']}",
        )
