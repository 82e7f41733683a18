"""User tasks."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from app.addresses import BIGGEST_ID
from app.api import promised
from app.api.fields import ApiSchema, Choice, Document, Instant, Names, Text, Whole
from app.api.schemas import promises
from app.api.schemas.common import PageQuery, PageSchema
from app.api.schemas.promises import Promises, written
from app.guard import actor
from app.models import UserTask
from app.services.desk import tasks
from app.services.desk.task_lists import TaskLine
from app.services.execution import form_data

STATES = ("open", "completed", "cancelled")


def _assignee(task: UserTask | TaskLine) -> str | None:
    """The owner's login; mostly it is who asks, whose row need not be read again."""
    if task.assignee_id == actor().id:
        return actor().login
    return task.assignee.login if task.assignee else None


class TaskSchema(Schema):
    """A step that waits for a person, or the record of who did it."""

    id = fields.Integer()
    request = fields.String(attribute="request.number", dump_default=None, allow_none=True)
    instance = fields.Integer(attribute="instance_id")
    element = fields.String()
    names = Names()
    state = fields.String(metadata={"enum": list(STATES)})
    assignee = fields.Function(_assignee, metadata={"type": ["string", "null"]})
    candidate_groups = fields.List(fields.String())
    candidate_users = fields.List(fields.String())
    priority = fields.Integer()
    form = fields.String(allow_none=True)
    due_at = Instant()
    created_at = Instant()
    claimed_at = Instant()
    ended_at = Instant()


def show(task: UserTask | TaskLine) -> dict[str, Any]:
    """What :class:`TaskSchema` makes of a task, in a quarter of the time."""
    return {
        "id": task.id,
        "request": task.request.number if task.request else None,
        "instance": task.instance_id,
        "element": task.element,
        "names": dict(task.names),
        "state": task.state,
        "assignee": _assignee(task),
        "candidate_groups": list(task.candidate_groups),
        "candidate_users": list(task.candidate_users),
        "priority": task.priority,
        "form": task.form,
        "due_at": written(task.due_at),
        "created_at": written(task.created_at),
        "claimed_at": written(task.claimed_at),
        "ended_at": written(task.ended_at),
    }


class ListedTaskSchema(TaskSchema):
    """A task in a list, with the promises of its request as they stand now."""

    promises = Promises("request_id")


def show_listed(task: TaskLine) -> dict[str, Any]:
    """What :class:`ListedTaskSchema` makes of a task."""
    stand = promised.of(task.request_id)
    return {**show(task), "promises": [promises.show(one) for one in stand]}


class Listed(fields.List[Any]):
    """The tasks of a list."""

    def __init__(self) -> None:
        super().__init__(fields.Nested(ListedTaskSchema))

    def _serialize(self, value: Any, *where: Any, **more: Any) -> Any:
        return [show_listed(one) for one in value]


def _form_source(task: UserTask) -> dict[str, Any] | None:
    return dict(form_data.find(task.form).source) if task.form else None


def _own_draft(task: UserTask) -> dict[str, Any] | None:
    return tasks.draft_of(task, actor())


class TaskDetailSchema(ListedTaskSchema):
    """A task with all that is needed to do it."""

    form_schema = fields.Function(
        _form_source,
        metadata={
            "type": ["object", "null"],
            "description": "The form's form-js schema; null without a form.",
        },
    )
    data = fields.Function(
        tasks.shown_data,
        metadata={
            "type": "object",
            "description": "What the person sees; in a finished task, what was sent.",
        },
    )
    draft = fields.Function(
        _own_draft,
        metadata={
            "type": ["object", "null"],
            "description": "What its owner has filled in so far, for the owner only.",
        },
    )


class TaskListQuery(PageQuery):
    """What narrows the list of tasks; without `state`, those that are open."""

    request = Text(20)
    instance = Whole(1, BIGGEST_ID)
    group = Text(80)
    assignee = Text(80)
    state = Choice(*STATES, load_default="open")


class TaskPageSchema(PageSchema):
    """Tasks, oldest first."""

    items = Listed()


class CompletionSchema(ApiSchema):
    """What the person filled in."""

    data = Document(load_default=dict)


class AssignmentSchema(ApiSchema):
    """Who shall do it."""

    assignee = Text(80, 1, required=True, metadata={"description": "The colleague's login."})
