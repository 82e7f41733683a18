"""Demo service requests at different stages of approval, fulfilment and confirmation.

See ``app/demo/living.py``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from app.demo.living import Step, clock_before, complete, live, open_tasks, submit
from app.models import ServiceRequest
from app.services.casework import customers, messages, requests

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
    steps: Sequence[Step]
    language: str = "fa"


def load(present: datetime) -> list[ServiceRequest]:
    """Every request of the file, each brought to where it stops."""
    source = tomllib.loads(SOURCE.read_text("utf-8"))
    return [_live(Case(**item), present) for item in source["cases"]]


def _live(case: Case, present: datetime) -> ServiceRequest:
    clock = clock_before(present, case.age)
    contact = customers.Contact(**case.customer)
    wanted = (case.service, case.subject, case.description, contact, case.data)
    request = submit(requests.Submission(*wanted), case.language, clock.now)
    live(request, case.steps, case.pace, clock, lambda step: _take(request, step, clock.now))
    return request


def _take(request: ServiceRequest, step: Step, now: datetime) -> None:
    """One step: a user task by somebody of its group, or the customer's word."""
    customer = messages.customer_actor(request)
    if step[0] == "confirm":
        messages.answer_as_customer(request, "accept", "", customer, now)
    elif step[0] == "withdraw":
        messages.withdraw_as_customer(request, step[1], customer, now)
    else:
        task = next(one for one in open_tasks(request) if one.element == step[0])
        complete(request, task, step[1], now)
