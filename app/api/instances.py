"""``/api/v1/instances``: running processes, and the mending of their faults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g

from app.api.routes import Blueprint
from app.api.schemas import processes as shapes
from app.db import transaction
from app.guard import actor
from app.services import instances

blueprint = Blueprint("instances", __name__, "Running processes")


@blueprint.get("/instances/<id:instance_id>")
@blueprint.response(200, shapes.InstanceSchema)
def show_instance(instance_id: int) -> Any:
    """Show where a process stands, what it knows and what it waits for."""
    return instances.view(instance_id, actor())


@blueprint.post("/instances/<id:instance_id>/faults/<id:fault_id>/retry")
@blueprint.arguments(shapes.VariablesSchema)
@blueprint.response(200, shapes.InstanceSchema)
def retry_fault(body: Mapping[str, Any], instance_id: int, fault_id: int) -> Any:
    """Try a faulted element again, with variables corrected if given."""
    with transaction():
        return instances.retry_fault(instance_id, fault_id, body["variables"], actor(), g.now)


@blueprint.post("/instances/<id:instance_id>/messages")
@blueprint.arguments(shapes.NewMessageToProcessSchema)
@blueprint.response(200, shapes.InstanceSchema)
def send_message(body: Mapping[str, Any], instance_id: int) -> Any:
    """Give a message to a process that waits for it; 409 when it does not."""
    facts = (body["name"], body["correlation"], body["variables"])
    with transaction():
        return instances.send_message(instance_id, *facts, actor(), g.now)
