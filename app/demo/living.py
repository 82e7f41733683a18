"""How a demo request lives its past in a moment, on the real services.

The clock is moved through each case's past, so that histories, promises and timers look as
they would had the organisation worked so. Mail goes into the file outbox only, whatever is
configured: invented customers must never be written to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

import connectors
import sla
from app import running
from app.access import Actor
from app.db import session
from app.models import ProcessInstance, ServiceJob, ServiceRequest, User, UserTask
from app.services.accounts import people
from app.services.casework import requests
from app.services.desk import tasks
from app.services.execution import service_jobs
from app.services.service_levels import working_time
from connectors.contract import Answer

Step = Sequence[Any]
"""A step of a case as its file tells it: what is done, and with which answers."""


@dataclass
class Clock:
    """The moment of one case, moved on by working hours and never past the present."""

    now: datetime
    present: datetime

    def move(self, hours: float) -> datetime:
        """The next moment: people act in the organisation's working time."""
        later = sla.add_working_time(working_time.calendar(), self.now, timedelta(hours=hours))
        self.now = min(later, self.present)
        return self.now


def clock_before(present: datetime, hours: float) -> Clock:
    """A clock that stands so many working hours before the present."""
    moment, past = present, timedelta(hours=hours)
    while sla.working_time_between(working_time.calendar(), moment, present) < past:
        moment -= timedelta(minutes=30)
    return Clock(moment, present)


def submit(submission: requests.Submission, language: str, now: datetime) -> ServiceRequest:
    """The request as its customer submits it on the portal."""
    name = submission.customer.name
    actor = Actor("customer", names={"fa": name, "en": name}, language=language)
    return requests.submit(submission, actor, now, channel="portal", language=language)


def live(
    request: ServiceRequest,
    steps: Iterable[Step],
    pace: float,
    clock: Clock,
    take: Callable[[Step], None],
) -> None:
    """Take these steps at this pace, and do what follows from each."""
    for step in steps:
        run_jobs(request, clock)
        clock.move(pace)
        take(step)
    run_jobs(request, clock)


def complete(
    request: ServiceRequest, task: UserTask, answers: Mapping[str, Any], now: datetime
) -> None:
    """A task as somebody does it who may."""
    actor = people.actor_of(worker_of(task, request))
    tasks.complete(task.id, answers, actor, now, language=request.language)


def run_jobs(request: ServiceRequest, clock: Clock) -> None:
    """Do the waiting service tasks as the worker would; its own jobs then find them done."""
    while job_id := session().scalar(_waiting_jobs(request)):
        orders = service_jobs.begin(job_id, clock.now)
        outbox = running.settings().outbox
        for order in orders:
            # Nobody gets a letter of people who do not exist, by whatever channel.
            if isinstance(order.work, connectors.Letter):
                connectors.outbox.put(order.letter, outbox)
        if orders:
            taken = Answer()
            results = [service_jobs.Result(one.delivery_id, None, taken) for one in orders]
            service_jobs.settle(job_id, results, clock.now)
        session().flush()


def _waiting_jobs(request: ServiceRequest) -> Any:
    return (
        select(ServiceJob.id)
        .join(ProcessInstance, ServiceJob.instance_id == ProcessInstance.id)
        .where(ProcessInstance.request_id == request.id, ServiceJob.state == "queued")
        .order_by(ServiceJob.id)
        .limit(1)
    )


def open_tasks(request: ServiceRequest) -> list[UserTask]:
    """The user tasks of the request that wait, oldest first."""
    query = select(UserTask).where(UserTask.request_id == request.id, UserTask.state == "open")
    return list(session().scalars(query.order_by(UserTask.id)))


def worker_of(task: UserTask, request: ServiceRequest) -> User:
    """Somebody who may do the task, another one for another request."""
    able = people.members(task.candidate_groups or ["complaints"])
    able = [user for user in able if user.login not in task.excluded_users]
    if request.confidential:
        able = [user for user in able if "manager" in user.roles] or people.members(["managers"])
    return able[request.id % len(able)]
