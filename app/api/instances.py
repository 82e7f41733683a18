"""``/api/v1/instances``: running processes, and the mending of their faults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g

from app.api.paging import page, page_of
from app.api.routes import Blueprint
from app.api.schemas import instances as shapes
from app.api.schemas.common import PageQuery
from app.api.schemas.messages import NewMessageToProcessSchema, VariablesSchema
from app.api.schemas.requests import EventPageSchema
from app.db import transaction
from app.guard import actor
from app.services import history
from app.services.execution import discretion, instances, operations

blueprint = Blueprint("instances", __name__, "Running processes")


@blueprint.get("/instances")
@blueprint.arguments(shapes.InstanceListQuery, location="query")
@blueprint.response(200, shapes.InstancePageSchema)
def list_instances(query: dict[str, Any]) -> Mapping[str, Any]:
    """List the running and ended processes that you may see, newest first."""
    after, limit = query.pop("cursor", None), query.pop("limit")
    faulty = query.pop("faulty", None)
    filters = instances.InstanceFilters(**query, faulty=faulty and faulty == "true")
    return page(*instances.list_page(actor(), filters, after=after, limit=limit))


@blueprint.get("/instances/<id:instance_id>")
@blueprint.response(200, shapes.InstanceSchema)
def show_instance(instance_id: int) -> Any:
    """Show where a process stands, what it knows and what it waits for."""
    return instances.view(instance_id, actor())


@blueprint.get("/instances/<id:instance_id>/history")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, EventPageSchema)
def list_instance_history(query: Mapping[str, Any], instance_id: int) -> Mapping[str, Any]:
    """List what happened to a process, oldest first, also to one without a request."""
    found = instances.find(instance_id, actor())
    rows = history.of_instance(found.id, after=query.get("cursor", 0), limit=query["limit"] + 1)
    return page_of(rows, query["limit"])


@blueprint.post("/instances/<id:instance_id>/faults/<id:fault_id>/retry")
@blueprint.arguments(VariablesSchema)
@blueprint.response(200, shapes.InstanceSchema)
def retry_fault(body: Mapping[str, Any], instance_id: int, fault_id: int) -> Any:
    """Try a faulted element again, with variables corrected if given."""
    with transaction():
        return instances.retry_fault(instance_id, fault_id, body["variables"], actor(), g.now)


@blueprint.post("/instances/<id:instance_id>/faults/<id:fault_id>/skip")
@blueprint.arguments(shapes.SkipSchema)
@blueprint.response(200, shapes.InstanceSchema)
def skip_fault(body: Mapping[str, Any], instance_id: int, fault_id: int) -> Any:
    """Take a faulted element as done, with the values that it should have given."""
    given = (body["variables"], body["flow"] or None, body["reason"])
    with transaction():
        return instances.skip_fault(instance_id, fault_id, *given, actor(), g.now)


@blueprint.post("/instances/<id:instance_id>/suspend")
@blueprint.arguments(shapes.ReasonSchema)
@blueprint.response(200, shapes.InstanceSchema)
def suspend_instance(body: Mapping[str, Any], instance_id: int) -> Any:
    """Let a process stand still until it is resumed."""
    with transaction():
        operations.suspend(instance_id, body["reason"], actor(), g.now)
        return instances.view(instance_id, actor())


@blueprint.post("/instances/<id:instance_id>/resume")
@blueprint.arguments(shapes.ReasonSchema)
@blueprint.response(200, shapes.InstanceSchema)
def resume_instance(body: Mapping[str, Any], instance_id: int) -> Any:
    """Let a suspended process go on, with all that came meanwhile, in its order."""
    with transaction():
        operations.resume(instance_id, body["reason"], actor(), g.now)
        return instances.view(instance_id, actor())


@blueprint.post("/instances/<id:instance_id>/cancel")
@blueprint.arguments(shapes.NeededReasonSchema)
@blueprint.response(200, shapes.InstanceSchema)
def cancel_instance(body: Mapping[str, Any], instance_id: int) -> Any:
    """End a process at once."""
    with transaction():
        operations.cancel(instance_id, body["reason"], actor(), g.now)
        return instances.view(instance_id, actor())


@blueprint.post("/instances/<id:instance_id>/variables")
@blueprint.arguments(shapes.ChangeSchema)
@blueprint.response(200, shapes.InstanceSchema)
def change_variables(body: Mapping[str, Any], instance_id: int) -> Any:
    """Change variables of a process, or of one open scope in it."""
    given = (body["variables"], body["scope"] or None, body["reason"])
    with transaction():
        operations.change_variables(instance_id, *given, actor(), g.now)
        return instances.view(instance_id, actor())


@blueprint.post("/instances/<id:instance_id>/move")
@blueprint.arguments(shapes.MoveSchema)
@blueprint.response(200, shapes.InstanceSchema)
def move_token(body: Mapping[str, Any], instance_id: int) -> Any:
    """Take a token away, with all that it holds, and put one before another element."""
    given = (body["token"], body["to"], body["reason"])
    with transaction():
        operations.move(instance_id, *given, actor(), g.now)
        return instances.view(instance_id, actor())


@blueprint.post("/instances/<id:instance_id>/elements/<element>/activate")
@blueprint.arguments(shapes.ActivateSchema)
@blueprint.response(200, shapes.InstanceSchema)
def activate_element(body: Mapping[str, Any], instance_id: int, element: str) -> Any:
    """Let an element of a running ad-hoc subprocess begin."""
    with transaction():
        discretion.activate(instance_id, element, body["subprocess"] or None, actor(), g.now)
        return instances.view(instance_id, actor())


@blueprint.post("/instances/<id:instance_id>/messages")
@blueprint.arguments(NewMessageToProcessSchema)
@blueprint.response(200, shapes.InstanceSchema)
def send_message(body: Mapping[str, Any], instance_id: int) -> Any:
    """Give a message to a process that waits for it; 409 when it does not."""
    facts = (body["name"], body["correlation"], body["variables"])
    with transaction():
        return instances.send_message(instance_id, *facts, actor(), g.now)
