"""A complaint walked through the engine in memory, as the product would walk it.

Answers pass through the forms, letters are written from the templates, timers count the
working time of the Iranian calendar, and a message goes to the token that waits for it
before it goes to a listener at the side.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import bpmn
import connectors
import forms
import sla

DIAGRAMS = Path(bpmn.__file__).parent / "diagrams"
TEHRAN = ZoneInfo("Asia/Tehran")
SATURDAY = datetime(2026, 5, 2, 9, 30, tzinfo=TEHRAN)
NUMBER = "R-000042"

REQUEST: Mapping[str, Any] = {
    "number": NUMBER,
    "service": "complaint",
    "subject": "یخچال سرد نمی‌کند",
    "description": "دو بار تعمیر شد و هنوز سرد نمی‌کند.",
    "channel": "portal",
    "language": "fa",
    "created_at": SATURDAY.isoformat(),
    "confidential": False,
    "customer": {"name": "مریم رضایی", "tier": "silver", "phone": None, "email": "m@example.org"},
}

DEEDS: Mapping[str, Mapping[str, Any]] = {
    "find-alike": {"alike": 0, "numbers": [], "trend": False},
    "link-request": {"parent": "R-000007", "parent_open": True, "parent_resolution": None},
    "start-request": {"number": "R-000090"},
}
"""What the product would have done itself, by the kind of job."""


@dataclass(frozen=True)
class Letter:
    """A message that the process had sent."""

    template: str
    to: str
    subject: str
    body: str


@dataclass
class Walk:
    """One instance of the complaint process, with all that happened to it."""

    definition: bpmn.Definition
    decisions: Mapping[str, bpmn.DecisionModel]
    request: Mapping[str, Any]
    now: datetime = SATURDAY
    post_is_held: bool = False
    outcome: bpmn.Outcome = field(init=False)
    letters: list[Letter] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    ends: list[str] = field(default_factory=list)

    def start(self, **data: Any) -> None:
        """Submit the form and send what is to be sent first."""
        clean = self._checked("complaint", data, {})
        variables = {"request": dict(self.request), **clean}
        given = self._given()
        self._settle(bpmn.start(self.definition, variables, self.now, **given))
        self.send()

    def answer(self, element: str, by: str = "sara", **data: Any) -> None:
        """Complete the one user task at that element through its form."""
        task = self.task(element)
        assert by not in task.excluded_users
        assert task.form is not None
        clean = self._checked(task.form, data, task.variables)
        self.step(bpmn.CompleteTask(task.key, clean, by))

    def task(self, element: str) -> bpmn.WaitingTask:
        """The first user task that waits at that element."""
        return next(task for task in self.outcome.user_tasks if task.element == element)

    def deliver(self, message: str, **payload: Any) -> None:
        """Give a message to the token that waits for it, else to a listener."""
        waiting = [m for m in self.outcome.messages if m.message == message]
        assert {m.correlation for m in waiting} == {NUMBER}
        catching = [m for m in waiting if self._catches(m.element)]
        self.step(bpmn.DeliverMessage((catching or waiting)[0].key, payload))

    def _catches(self, element: str) -> bool:
        return self.definition.elements[element].type == "intermediateCatchEvent"

    def fire(self, element: str) -> None:
        """Go to the instant of the timer and let it fire."""
        timer = next(timer for timer in self.outcome.timers if timer.element == element)
        self.now = max(self.now, timer.due_at)
        self.step(bpmn.FireTimer(timer.key))

    def bounce(self, element: str) -> None:
        """Let the letter of that element fail for good; an optional one is done all the same."""
        job = next(job for job in self.outcome.jobs if job.element == element)
        if job.headers.get("optional") == "true":
            self._take(bpmn.CompleteJob(job.key, {}))
        else:
            self._take(bpmn.ThrowError(job.key, "mailbox_unknown", "550 no such user"))

    def step(self, command: bpmn.Command) -> None:
        """Take the step and send all that it asks to be sent."""
        self._take(command)
        self.send()

    def send(self) -> None:
        """Send every waiting letter, and those that follow from it, unless post is held."""
        while self.outcome.jobs and not self.post_is_held:
            job = self.outcome.jobs[0]
            if job.type == "notify":
                self.letters.append(self._write(job))
            self._take(bpmn.CompleteJob(job.key, DEEDS.get(job.type, {"channel": "email"})))

    @property
    def waits(self) -> list[str]:
        """The elements where people are asked to do something, sorted."""
        return sorted(task.element for task in self.outcome.user_tasks)

    @property
    def sent(self) -> list[str]:
        """The templates of all letters so far."""
        return [letter.template for letter in self.letters]

    @property
    def stage(self) -> str:
        """The stage that the customer sees."""
        stages = [self._property(element, "stage") for element in self.path]
        return [stage for stage in stages if stage][-1]

    @property
    def ended_as(self) -> str | None:
        """How the case was closed, as the product reads it; None while it is open."""
        for element in self.path:
            if self._property(element, "stage") == "closed":
                said = self._property(element, "outcome")
                return said or str(self.outcome.variables["outcome"])
        return None

    def _property(self, element: str, name: str) -> str | None:
        return self.definition.elements[element].properties.get(name)

    def _take(self, command: bpmn.Command) -> None:
        given = self._given()
        self._settle(bpmn.step(self.definition, self.outcome.state, command, self.now, **given))

    def _settle(self, outcome: bpmn.Outcome) -> None:
        assert not outcome.faults, outcome.faults
        self.outcome = outcome
        self.path += [t.element for t in outcome.trace if t.kind == "entered" and t.element]
        self.ends += outcome.end_elements

    def _given(self) -> dict[str, Any]:
        calendar = sla.calendars()["iran"]

        def working_time_from_now(duration: timedelta) -> datetime:
            return sla.add_working_time(calendar, self.now, duration)

        def working_days_from_now(days: int) -> datetime:
            return sla.add_working_days(calendar, self.now, days)

        functions = {
            "working_time_from_now": working_time_from_now,
            "working_days_from_now": working_days_from_now,
        }
        return {"decisions": self.decisions, "functions": functions}

    def _checked(
        self, form: str, data: Mapping[str, Any], known: Mapping[str, Any]
    ) -> dict[str, Any]:
        clean, errors = forms.validate(
            forms.shipped()[form], data, "en", zone=TEHRAN, today=self.now.date(),
            evaluate=bpmn.feel.evaluate, context=known,
        )  # fmt: skip
        assert not errors, errors
        return clean

    def _write(self, job: bpmn.WaitingJob) -> Letter:
        template = job.headers["template"]
        context = {
            "request": {**self.request, "tracking_url": "http://127.0.0.1:8000/portal/track/X"},
            "customer": self.request["customer"],
            "organisation": "نمونه",
            "vars": job.inputs,
            "promises": {},
        }
        told = connectors.render(template, "fa", context, TEHRAN)
        to = job.headers.get("to", "customer")
        return Letter(template, to, told.subject, told.body)


def load(tier: str = "silver") -> Walk:
    """A complaint of a customer of that tier, not yet submitted."""
    source = DIAGRAMS / "complaint.bpmn"
    tables = sorted(DIAGRAMS.glob("complaint-*.dmn"))
    models = [bpmn.parse_decision(table.read_bytes(), table.name) for table in tables]
    decisions = {key: model for model in models for key in model.decisions}
    customer = {**REQUEST["customer"], "tier": tier}
    definition = bpmn.parse(source.read_bytes(), source.name)
    return Walk(definition, decisions, {**REQUEST, "customer": customer})
