"""Demo incidents at different stages, with assets and a known error behind some of them.

See ``app/demo/living.py``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from app.access import SYSTEM
from app.demo.living import Step, clock_before, complete, live, open_tasks, submit
from app.models import ServiceRequest
from app.services.casework import assets, customers, messages, problems, requests

SOURCE = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True)
class Case:
    """One demo incident: who reports it, and the steps that were taken since."""

    customer: Mapping[str, str]
    subject: str
    description: str
    data: Mapping[str, Any]
    age: float
    pace: float
    steps: Sequence[Step]
    language: str = "fa"
    key: str = ""
    """By which a later case names this one as its original."""


def load(present: datetime) -> list[ServiceRequest]:
    """Assets, known errors, and every incident of the file, each brought to where it stops."""
    source = tomllib.loads(SOURCE.read_text("utf-8"))
    for item in source["assets"]:
        assets.add(**item, now=present)
    for item in source["problems"]:
        problems.create(**item, actor=SYSTEM, now=present)
    known: dict[str, str] = {}
    return [_live(Case(**item), known, present) for item in source["cases"]]


def _live(case: Case, known: dict[str, str], present: datetime) -> ServiceRequest:
    clock = clock_before(present, case.age)
    contact = customers.Contact(**case.customer)
    submission = requests.Submission("incident", case.subject, case.description, contact, case.data)
    request = submit(submission, case.language, clock.now)
    known[case.key] = request.number
    live(request, case.steps, case.pace, clock, lambda step: _take(request, step, known, clock.now))
    return request


def _take(request: ServiceRequest, step: Step, known: Mapping[str, str], now: datetime) -> None:
    """One step: a user task by somebody of its group, or the customer's word."""
    if step[0] == "confirm":
        customer = messages.customer_actor(request)
        messages.answer_as_customer(request, "accept", "", customer, now)
        return
    [task] = [one for one in open_tasks(request) if one.element == step[0]]
    answers = {**_given(request, step[0]), **step[1]}
    if "original" in answers:
        answers["original"] = known[answers["original"]]
    complete(request, task, answers, now)


def _given(request: ServiceRequest, element: str) -> dict[str, Any]:
    """What the form holds already, which who categorises leaves as it is."""
    if element != "categorise":
        return {}
    return {name: request.data.get(name) for name in ("affected_service", "asset")}
