"""What the task page and the preview show, gathered from the services."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from flask import g

from app.guard import actor
from app.i18n import current_language, pick_text
from app.models import ContactPoint, Interaction, ProcessInstance, ServiceRequest, UserTask
from app.services.casework import catalogue, messages, records
from app.services.deployment import definitions
from app.services.desk import inbox, tasks
from app.services.desk.inbox import Row
from app.services.execution import diagrams, processes
from app.services.intake import triage
from app.services.service_levels import standing
from app.web import promises, timeline
from app.web.entries import Entry


class CustomerCard(NamedTuple):
    """The customer of a request, as the card shows them."""

    phone: str | None
    email: str | None
    """Both as given with this request."""
    others: Sequence[ContactPoint]
    """What else is on record, perhaps from other requests."""
    total: int
    earlier: int
    kept: int
    broken: int


class Preview(NamedTuple):
    """One task with what a person wants to know before taking it."""

    task: UserTask
    promise: promises.Promise
    promise_name: Mapping[str, str]
    share: float | None
    customer: CustomerCard | None
    service: Mapping[str, str]
    last_message: Interaction | None
    entries: Sequence[Entry]


class Stop(NamedTuple):
    """One place on the path strip; ``state`` is done, here or next."""

    state: str
    names: Mapping[str, str]
    at: datetime | None = None
    took: timedelta | None = None
    is_event: bool = False


def preview(task_id: int) -> Preview:
    """What the preview pane shows of a task; raises NotFound for who may not see it."""
    task = tasks.find(task_id, actor())
    request = task.request
    return Preview(
        task=task,
        promise=(promise := promise_of(task)),
        promise_name=promise.names or task.names,
        share=promise.share,
        customer=customer_card(request) if request else None,
        service=service_names(request),
        last_message=records.last_from_customer(request.id) if request else None,
        entries=story(request)[:4] if request else [],
    )


def promise_of(task: UserTask) -> promises.Promise:
    """The promise that orders this task in the inbox."""
    found = standing.of_tasks([task], g.now)
    due, bucket = inbox.place_of(task, g.now, found.of(task.request_id))
    return promises.of_row(Row(task, bucket, due), g.now, found)


def customer_card(request: ServiceRequest) -> CustomerCard:
    """How to reach the customer, and how they stand with us."""
    standing = records.standing_of(request.customer_id, actor())
    phone, email = request.contact_phone, request.contact_email
    points = request.customer.contact_points
    others = [point for point in points if point.value not in (phone, email)]
    return CustomerCard(
        phone, email, others, standing.total, standing.earlier, standing.kept, standing.broken
    )


def service_names(request: ServiceRequest | None) -> Mapping[str, str]:
    """The service's name in each language; its key when it left the catalogue."""
    if request is None:
        return {}
    service = catalogue.services().get(request.service)
    return service.names if service else {"en": request.service}


def story(request: ServiceRequest) -> list[Entry]:
    """Everything that happened in a request, newest first."""
    elements, stages = names_of(processes.of_request(request.id))
    said = messages.of_request(request.id, internal=True)
    events, received = records.events_of_request(request.id), triage.of_request(request.id)
    return timeline.build(events, said, elements, stages, received)


class ElementNames(dict[str, Mapping[str, str]]):
    """The names of elements by their places: those of called processes stand apart."""

    def of(self, row: Any) -> Mapping[str, str]:
        """The names of the element that a row is about; none when it is not drawn any more."""
        return self.get(diagrams.place(row.element, row.called_id), {})


def names_of(instances: Sequence[ProcessInstance]) -> tuple[ElementNames, dict[str, Any]]:
    """The names of elements and stages in the processes of a request, and in those they call."""
    elements, stages = ElementNames(), dict[str, Any]()
    for instance in instances:
        versions = [None, *(one.definition_id for one in diagrams.called_by(instance))]
        for called_id in versions:
            definition = definitions.load(called_id or instance.definition_id)
            for key, element in definition.elements.items():
                elements[diagrams.place(key, called_id)] = element.names
            stages |= {one.key: one.names for one in definition.stages if one.key not in stages}
    return elements, stages


def path_of(request: ServiceRequest) -> list[Stop]:
    """The path strip: what was done, where it stands, and the stages still to come."""
    work = records.tasks_of_request(request.id)
    done = [Stop("done", t.names, t.ended_at, _took(t)) for t in work if t.state == "completed"]
    here = [Stop("here", t.names, t.due_at) for t in work if t.state == "open"]
    return [_first(request), *done, *(here or _standing(request)), *_ahead(request)]


def _first(request: ServiceRequest) -> Stop:
    names = {"fa": "ثبت درخواست", "en": "Submitted"}
    return Stop("done", names, request.created_at, is_event=True)


def _took(task: UserTask) -> timedelta | None:
    return task.ended_at - task.created_at if task.ended_at else None


def _standing(request: ServiceRequest) -> list[Stop]:
    """Where tokens stand when no person is asked: messages and timers awaited, jobs."""
    found = []
    for instance in processes.of_request(request.id):
        elements = names_of([instance])[0]
        found += [
            Stop("here", elements[where])
            for where in dict.fromkeys(_places(instance))
            if where in elements and instance.status == "active"
        ]
    return found


def _places(instance: ProcessInstance) -> Iterator[str]:
    yield from instance.tokens
    for called in diagrams.called_by(instance):
        yield from (diagrams.place(token, called.definition_id) for token in called.tokens)


def _ahead(request: ServiceRequest) -> list[Stop]:
    instances = processes.of_request(request.id)
    if not instances or not request.is_open:
        names = {"fa": "پایان", "en": "Closed"}
        return [] if request.is_open else [Stop("done", names, request.closed_at, is_event=True)]
    stages = definitions.load(instances[0].definition_id).stages
    keys = [stage.key for stage in stages]
    at = keys.index(request.stage) + 1 if request.stage in keys else 0
    last = len(stages) - 1
    return [
        Stop("next", stage.names, is_event=number == last)
        for number, stage in enumerate(stages)
        if number >= at
    ]


def named(names: Mapping[str, str]) -> str:
    """A text in the reader's language."""
    return pick_text(names, current_language())
