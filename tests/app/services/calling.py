"""A process that calls a partner by a channel, and the worker of the tests."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context
from dataclasses import replace
from typing import Any
from xml.sax.saxutils import escape

from flask import Flask
from sqlalchemy import select

from app import work_sending
from app.access import SYSTEM
from app.models import Delivery, Fault, ProcessInstance, ServiceJob
from app.services.deployment import definitions
from app.services.execution import faults, processes, service_jobs
from app.services.sending import channel_settings
from app.services.sending.channel_settings import Draft
from tests.app.services.story import actor
from tests.bpmn.build import (
    boundary,
    declare_error,
    end,
    error,
    flows,
    io,
    process,
    service,
    start,
    user,
)
from tests.support.application import transaction_of
from tests.support.clock import MovingClock
from tests.support.kinds import SECRET

Tick = Callable[..., None]
RunJobs = Callable[[], int]


def headers(**said: str) -> str:
    lines = (f'<zeebe:header key="{k}" value="{escape(v)}"/>' for k, v in said.items())
    return f"<zeebe:taskHeaders>{''.join(lines)}</zeebe:taskHeaders>"


def desk(key: str) -> str:
    return user(key, groups="intake")


def diagram(kind: str = "parrot", inputs: dict[str, str] | None = None, **said: str) -> bytes:
    """One call, with an event for its own error and one for the family."""
    mapping = io(inputs=inputs or {"text": "=words"}, outputs={"heard": "=echo.text"})
    return process(
        start(), service("call", headers(**said) + mapping, kind=kind), desk("after"),
        desk("deaf"), desk("undelivered"), end(),
        boundary("b1", "call", error("deaf")), boundary("b2", "call", error("not_delivered")),
        flows("start > call > after > end", "b1 > deaf > end", "b2 > undelivered > end"),
        before=declare_error("deaf") + declare_error("not_delivered"),
    )  # fmt: skip


class World:
    """One channel, one process, and the worker of the tests."""

    def __init__(self, app: Flask, clock: MovingClock, run_jobs: RunJobs) -> None:
        self.app, self.clock, self.run_jobs = app, clock, run_jobs
        self.instance_id = 0

    def channel(self, kind: str = "parrot", **changes: Any) -> None:
        draft = Draft(
            "birds", kind, {"en": "Birds"}, {"place": "garden"}, {"token": SECRET}, is_default=True
        )
        with transaction_of(self.app):
            channel_settings.save(replace(draft, **changes), SYSTEM, self.clock())

    def begin(self, source: bytes, **variables: Any) -> None:
        with transaction_of(self.app):
            row = definitions.deploy("p.bpmn", source, actor("maryam"), self.clock())
            made = processes.start(row, {"words": "hello", **variables}, SYSTEM, self.clock())
            self.instance_id = made.id

    def go(self, source: bytes | None = None, **variables: Any) -> None:
        """Start a process and let the worker do what waits."""
        self.begin(source or diagram(), **variables)
        self.run_jobs()

    def retry(self, **variables: Any) -> None:
        with transaction_of(self.app) as session:
            [standing] = session.scalars(select(Fault).where(Fault.resolved_at.is_(None)))
            faults.retry(standing.id, variables, actor("maryam"), self.clock())
        self.run_jobs()

    @property
    def tokens(self) -> list[str]:
        with transaction_of(self.app) as session:
            return list(session.get_one(ProcessInstance, self.instance_id).tokens)

    @property
    def variables(self) -> dict[str, Any]:
        with transaction_of(self.app) as session:
            instance = session.get_one(ProcessInstance, self.instance_id)
            return dict(processes.inspect(instance).variables)

    @property
    def row(self) -> Delivery:
        [found] = self.rows
        return found

    @property
    def rows(self) -> list[Delivery]:
        with transaction_of(self.app) as session:
            return list(session.scalars(select(Delivery).order_by(Delivery.id)))

    @property
    def job(self) -> ServiceJob:
        with transaction_of(self.app) as session:
            query = select(ServiceJob).order_by(ServiceJob.id.desc()).limit(1)
            return session.scalars(query).one()

    @property
    def faults(self) -> list[str]:
        with transaction_of(self.app) as session:
            return list(session.scalars(select(Fault.code).where(Fault.resolved_at.is_(None))))

    def die_in_the_middle(self) -> None:
        """A worker begins the job, sends perhaps, and is never seen again."""
        with transaction_of(self.app) as session:
            job = session.scalars(select(ServiceJob).order_by(ServiceJob.id.desc())).first()
            assert job is not None
            assert service_jobs.begin(job.id, self.clock(), worker=99)
        with transaction_of(self.app) as session:
            # What the others do when the worker falls silent.
            session.get_one(ServiceJob, job.id).taken_by = 0
        self.job_id = job.id

    def take_up(self) -> None:
        """Another worker takes up what the dead one had begun."""
        Context().run(self._take_up)

    def _take_up(self) -> None:
        with self.app.app_context():
            work_sending.run_service_job(self.job_id)


def bare(kind: str, inputs: dict[str, str] | None = None, **said: str) -> bytes:
    """The same without any event that catches."""
    mapping = io(inputs=inputs or {"text": "=words"})
    return process(start(), service("call", headers(**said) + mapping, kind=kind), desk("after"),
                   end(), flows("start > call > after > end"))  # fmt: skip
