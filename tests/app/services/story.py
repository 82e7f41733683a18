"""What the stories of this folder are told with: a complaint, its people, its steps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.access import Actor
from app.db import session
from app.models import (
    DueMoment,
    Event,
    Fault,
    ProcessInstance,
    ServiceJob,
    ServiceRequest,
    Subscription,
    UserTask,
)
from app.services.accounts import people
from app.services.casework import customers, requests
from app.services.desk import tasks
from app.services.execution import service_jobs, timers
from tests.support.clock import MovingClock

MARYAM = customers.Contact("مریم رضایی", "0912 000 0042", "maryam@example.com")
COMPLAINT = {"about": "product", "product": "یخچال"}

ASSESSED: Mapping[str, Any] = {
    "kind": "complaint",
    "severity": "low",
    "impact": "low",
    "complexity": "low",
    "people_concerned": 1,
}
ANSWERS: Mapping[str, Mapping[str, Any]] = {
    "assess": ASSESSED,
    "check_facts": {"findings": "Seen.", "founded": "yes"},
    "propose_remedy": {"remedy": "repair", "explanation": "We put it right."},
    "carry_out_remedy": {"done_on": "2026-05-02", "done": "Repaired."},
    "find_cause": {"why_1": "Nobody looked.", "cause_category": "process"},
}


def actor(login: str) -> Actor:
    """A member of the cast as the one who acts."""
    return people.actor_of(people.by_login(login))


def submit(now: datetime, **changes: Any) -> ServiceRequest:
    """A complaint by Maryam on the portal, in Persian unless said otherwise."""
    facts: dict[str, Any] = {
        "service": "complaint",
        "subject": "یخچال سرد نمی‌کند",
        "description": "دو بار تعمیر شد.",
        "customer": MARYAM,
        "data": COMPLAINT,
    }
    language = changes.pop("language", "fa")
    submission = requests.Submission(**{**facts, **changes})
    customer = Actor("customer", names={"fa": "مریم", "en": "Maryam"}, language=language)
    return requests.submit(submission, customer, now, channel="portal", language=language)


def run_service_jobs(request: ServiceRequest, now: datetime) -> int:
    """Do every queued service task without sending anything; how many were done."""
    done = 0
    query = (
        select(ServiceJob.id)
        .join(ProcessInstance, ServiceJob.instance_id == ProcessInstance.id)
        .where(ProcessInstance.request_id == request.id, ServiceJob.state == "queued")
    )
    while job_id := session().scalar(query.limit(1)):
        orders = service_jobs.begin(job_id, now)
        if orders:
            results = [service_jobs.Result(order.delivery_id, None) for order in orders]
            service_jobs.settle(job_id, results, now)
        session().flush()
        done += 1
    return done


def open_tasks(request: ServiceRequest) -> dict[str, UserTask]:
    """The waiting user tasks by element."""
    query = select(UserTask).where(UserTask.request_id == request.id, UserTask.state == "open")
    return {task.element: task for task in session().scalars(query.order_by(UserTask.id))}


def do(
    request: ServiceRequest, element: str, login: str, now: datetime, **answers: Any
) -> UserTask:
    """Complete the task of that element; what the process sends afterwards goes out."""
    run_service_jobs(request, now)
    task = open_tasks(request)[element]
    data = answers or ANSWERS[element]
    done = tasks.complete(task.id, data, actor(login), now, language="en")
    run_service_jobs(request, now)
    return done


def bring_to(request: ServiceRequest, element: str, now: datetime) -> UserTask:
    """Do the shortest path until the task of that element waits."""
    hands = {"assess": "narges", "find_cause": "babak"}
    run_service_jobs(request, now)
    while element not in open_tasks(request):
        step = next(iter(open_tasks(request)))
        do(request, step, hands.get(step, "sara"), now)
    return open_tasks(request)[element]


def instance_of(request: ServiceRequest) -> ProcessInstance:
    """The request's only process instance."""
    query = select(ProcessInstance).where(ProcessInstance.request_id == request.id)
    return session().scalars(query).one()


def kinds_of(request: ServiceRequest) -> list[str]:
    """The kinds of the request's events in order, without the bare steps."""
    query = select(Event.kind).where(Event.request_id == request.id, Event.kind != "step")
    return list(session().scalars(query.order_by(Event.id)))


def timers_of(request: ServiceRequest) -> dict[str, DueMoment]:
    """The waiting timers by element."""
    query = select(DueMoment).where(DueMoment.instance_id == instance_of(request).id)
    return {timer.element: timer for timer in session().scalars(query)}


def fire(request: ServiceRequest, element: str, clock: MovingClock) -> None:
    """Go to the moment of that timer, let all fire until then, and do what follows from it."""
    clock.now = max(clock.now, timers_of(request)[element].due_at)
    instance, fired = instance_of(request), ""
    while fired != element:
        first = session().scalars(_TIMERS.where(DueMoment.instance_id == instance.id)).first()
        assert first is not None and timers.fire(first.id, clock())
        fired = first.element
        run_service_jobs(request, clock())


_TIMERS = select(DueMoment).order_by(DueMoment.due_at, DueMoment.id)


def pass_survey(request: ServiceRequest, clock: MovingClock) -> None:
    """The customer is asked how it was, reminded once, and says nothing."""
    for element in ("survey_due", "no_survey", "no_survey"):
        fire(request, element, clock)


def messages_awaited(request: ServiceRequest) -> set[str]:
    """The messages that the process listens for."""
    query = select(Subscription.message).where(Subscription.instance_id == instance_of(request).id)
    return set(session().scalars(query))


def standing_faults(request: ServiceRequest) -> list[Fault]:
    """The faults that nobody resolved."""
    query = select(Fault).where(
        Fault.instance_id == instance_of(request).id, Fault.resolved_at.is_(None)
    )
    return list(session().scalars(query))
