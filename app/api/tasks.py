"""``/api/v1/tasks``: the steps that wait for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g, jsonify

from app.api import promised
from app.api.paging import page
from app.api.routes import Blueprint
from app.api.schemas import tasks as shapes
from app.db import transaction
from app.errors import Invalid
from app.guard import actor
from app.services.desk import task_giving, task_lists, tasks

blueprint = Blueprint("tasks", __name__, "Steps that wait for people")


@blueprint.get("/tasks")
@blueprint.arguments(shapes.TaskListQuery, location="query")
@blueprint.response(200, shapes.TaskPageSchema)
def list_tasks(query: dict[str, Any]) -> Mapping[str, Any]:
    """List the tasks that you may see, oldest first; without `state`, the open ones."""
    after, limit = query.pop("cursor", None), query.pop("limit")
    filters = task_lists.TaskFilters(**query)
    rows, more = task_lists.list_page(actor(), filters, after=after, limit=limit)
    promised.gather_tasks(rows)
    return page(rows, more)


@blueprint.get("/tasks/<id:task_id>")
@blueprint.response(200, shapes.TaskDetailSchema)
def show_task(task_id: int) -> Any:
    """Show a task with its form's schema and the data it shows."""
    return tasks.find(task_id, actor())


@blueprint.post("/tasks/<id:task_id>/claim")
@blueprint.response(200, shapes.TaskSchema)
def claim_task(task_id: int) -> Any:
    """Become the task's owner; claiming twice is one."""
    with transaction():
        return tasks.claim(task_id, actor(), g.now)


@blueprint.post("/tasks/<id:task_id>/unclaim")
@blueprint.response(200, shapes.TaskSchema)
def unclaim_task(task_id: int) -> Any:
    """Give the task back to its group."""
    with transaction():
        return tasks.unclaim(task_id, actor(), g.now)


@blueprint.post("/tasks/<id:task_id>/assign")
@blueprint.arguments(shapes.AssignmentSchema)
@blueprint.response(200, shapes.TaskSchema)
def assign_task(body: Mapping[str, Any], task_id: int) -> Any:
    """Give the task to a colleague."""
    with transaction():
        return task_giving.assign(task_id, body["assignee"], actor(), g.now)


@blueprint.put("/tasks/<id:task_id>/draft")
@blueprint.arguments(shapes.CompletionSchema)
@blueprint.response(200, shapes.TaskSchema)
def save_draft(body: Mapping[str, Any], task_id: int) -> Any:
    """Keep what is filled in so far, unchecked."""
    with transaction():
        return tasks.save_draft(task_id, body["data"], actor(), g.now)


@blueprint.post("/tasks/<id:task_id>/complete")
@blueprint.arguments(shapes.CompletionSchema)
@blueprint.response(200, shapes.TaskSchema)
def complete_task(body: Mapping[str, Any], task_id: int) -> Any:
    """Finish the task; an unclaimed one is claimed by finishing it."""
    try:
        with transaction():
            done = tasks.complete(task_id, body["data"], actor(), g.now, language=g.language)
            return jsonify(shapes.show(done))
    except Invalid as wrong:
        raise Invalid(under("data", wrong.errors)) from wrong


def under(name: str, errors: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Errors about a form's fields by their path in the body."""
    return {
        name if key in (name, "_schema") else f"{name}.{key}": told for key, told in errors.items()
    }
