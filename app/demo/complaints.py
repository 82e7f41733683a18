"""Demo complaints at different stages, see ``app/demo/living.py``."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from app.access import may_see_task
from app.demo.living import Clock, clock_before, complete, open_tasks, run_jobs, submit
from app.models import ServiceRequest
from app.services.accounts import people
from app.services.casework import customers, messages, requests
from app.services.desk import tasks
from app.services.execution import listening

SOURCE = Path(__file__).with_suffix(".toml")
MOST_STEPS = 60
STEPS = {
    "assess": 0,
    "act_at_once": 1,
    "check_facts": 1,
    "ask_unit": 1,
    "review_legally": 1,
    "waiting": 2,
    "propose_remedy": 2,
    "approve_remedy": 3,
    "answer": 3,
    "carry_out_remedy": 4,
    "review_again": 4,
    "find_cause": 5,
    "plan_action": 6,
    "done": 7,
}
"""How many steps of people lie before each stop, to know when a case must have come."""
CARRIED_OUT = {
    "carry_out_remedy": "done_on",
    "set_new_date": "new_date",
    "plan_action": "action_due",
}
"""The answers that are a date, by element; they depend on when the demo is loaded."""


@dataclass(frozen=True)
class Case:
    """One demo request: how it came, how far it goes, what is said."""

    customer: str
    subject: str
    description: str
    data: Mapping[str, Any]
    until: str
    pace: float
    idle: float
    answers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    answer: str | None = None
    reason: str = ""
    claim: str | None = None
    message: str | None = None
    note: str | None = None
    withdraw: str | None = None

    @property
    def age(self) -> float:
        """The working hours since it came: its steps at its pace, and its rest."""
        return STEPS[self.until] * self.pace + self.idle


@cache
def _source() -> dict[str, Any]:
    return tomllib.loads(SOURCE.read_text("utf-8"))


def cases() -> Iterator[Case]:
    """The cases as written in the file, oldest first."""
    found = [Case(**item) for item in _source()["cases"]]
    return iter(sorted(found, key=lambda case: -case.age))


def load(case: Case, present: datetime) -> ServiceRequest:
    """Live one case from its submission to where it stops."""
    clock = clock_before(present, case.age)
    request = _submit(case, clock)
    for _ in range(MOST_STEPS):
        run_jobs(request, clock)
        if _has_arrived(case, request) or not _act(case, request, clock):
            break
    _finish(case, request, clock)
    return request


def _submit(case: Case, clock: Clock) -> ServiceRequest:
    person = dict(_source()["customers"][case.customer])
    language = person.pop("language", "fa")
    contact = customers.Contact(**person)
    submission = requests.Submission(
        "complaint", case.subject, case.description, contact, case.data
    )
    return submit(submission, language, clock.now)


def _has_arrived(case: Case, request: ServiceRequest) -> bool:
    if case.until == "waiting":
        return request.waits_for == "customer"
    if case.until == "answer":
        return messages.CUSTOMER_ANSWER in listening.awaited(request)
    return any(task.element == case.until for task in open_tasks(request))


def _act(case: Case, request: ServiceRequest, clock: Clock) -> bool:
    """Take the next step of the case; False when nobody has anything to do."""
    now = clock.move(case.pace)
    if case.answer and messages.CUSTOMER_ANSWER in listening.awaited(request):
        customer = messages.customer_actor(request)
        messages.answer_as_customer(request, case.answer, case.reason, customer, now)
        return True
    waiting = open_tasks(request)
    if not waiting:
        return False
    task = waiting[0]
    data = _answers(case, request, task.element, now)
    complete(request, task, data, now)
    return True


def _answers(case: Case, request: ServiceRequest, element: str, now: datetime) -> dict[str, Any]:
    usual = _source()["answers"][request.language].get(element, {})
    found = {**usual, **case.answers.get(element, {})}
    if element in CARRIED_OUT:
        moved = timedelta(days=0 if element == "carry_out_remedy" else 14)
        found[CARRIED_OUT[element]] = (now + moved).date().isoformat()
    return found


def _finish(case: Case, request: ServiceRequest, clock: Clock) -> None:
    now = clock.move(case.pace / 2)
    customer = messages.customer_actor(request)
    if case.message:
        messages.say_as_customer(request, case.message, customer, now, channel="portal")
    if case.withdraw:
        messages.withdraw_as_customer(request, case.withdraw, customer, now)
    run_jobs(request, clock)
    waiting = open_tasks(request)
    if case.claim and waiting:
        actor = people.actor_of(people.by_login(case.claim))
        # Several may wait at once, of several groups.
        theirs = next((one for one in waiting if may_see_task(actor, one)), waiting[0])
        tasks.claim(theirs.id, actor, clock.move(0.2))
        if case.note:
            messages.note_internally(request, case.note, actor, clock.now)
