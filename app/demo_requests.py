"""Demo service requests at different stages of approval, fulfilment and confirmation.

Like the demo complaints they live their past on the real services, see ``app/demo_cases.py``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from app.access import Actor
from app.demo_cases import Clock, clock_before, open_tasks, run_jobs, worker_of
from app.models import ServiceRequest
from app.services.accounts import people
from app.services.casework import customers, messages, requests
from app.services.desk import tasks

SOURCE = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True)
class Case:
    """One demo request: who wants what, and the steps that were taken since."""

    customer: Mapping[str, str]
    service: str
    subject: str
    description: str
    data: Mapping[str, Any]
    age: float
    pace: float
    steps: Sequence[Sequence[Any]]
    language: str = "fa"


def load(present: datetime) -> list[ServiceRequest]:
    """Every request of the file, each brought to where it stops."""
    source = tomllib.loads(SOURCE.read_text("utf-8"))
    return [_live(Case(**item), present) for item in source["cases"]]


def _live(case: Case, present: datetime) -> ServiceRequest:
    clock = clock_before(present, case.age)
    contact = customers.Contact(**case.customer)
    names = {"fa": contact.name, "en": contact.name}
    customer = Actor("customer", names=names, language=case.language)
    wanted = (case.service, case.subject, case.description, contact, case.data)
    request = requests.submit(
        requests.Submission(*wanted), customer, clock.now, channel="portal", language=case.language
    )
    for step in case.steps:
        run_jobs(request, clock)
        clock.move(case.pace)
        _take(request, step, clock)
    run_jobs(request, clock)
    return request


def _take(request: ServiceRequest, step: Sequence[Any], clock: Clock) -> None:
    """One step: a user task by somebody of its group, or the customer's word."""
    now, customer = clock.now, messages.customer_actor(request)
    if step[0] == "confirm":
        messages.answer_as_customer(request, "accept", "", customer, now)
    elif step[0] == "withdraw":
        messages.withdraw_as_customer(request, step[1], customer, now)
    else:
        task = next(one for one in open_tasks(request) if one.element == step[0])
        actor = people.actor_of(worker_of(task, request))
        tasks.complete(task.id, step[1], actor, now, language=request.language)
