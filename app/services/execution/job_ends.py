"""How a service task ends: it waits, the process goes on, or it is told what went wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import bpmn
import connectors
from app.access import SYSTEM
from app.db import session
from app.models import Delivery, ProcessInstance, ServiceJob
from app.services import history, job_types
from app.services.execution import processes
from app.services.execution.open_rows import Standing
from app.services.sending import deliveries, no_contact, recipients

TEMPLATE, CRASHED, NOT_DELIVERED = "template", "crashed", "not_delivered"
"""The codes of the faults when the message cannot be written, when the work itself failed, and
when a partner refused it for good."""
UNKNOWN_OUTCOME = "unknown_outcome"
"""Of the fault when nobody can tell whether a partner took something that must not be sent twice:
a person decides."""

UNWRITTEN = (
    connectors.BadTemplate,
    connectors.UnknownTemplate,
    connectors.BadAddress,
    no_contact.DoNotContact,
    job_types.Refused,
)
"""What is raised for a task that cannot be written or has nobody to go to."""

Failures = Mapping[int, connectors.DeliveryFailed]
"""For what each delivery was given up, by its id."""


@dataclass(frozen=True)
class Why:
    """Why a task ends without success."""

    code: str
    en: str
    fa: str | None = None
    family: tuple[str, ...] = ()
    """Wider codes that a diagram may catch in place of the code."""
    result: Mapping[str, Any] = field(default_factory=dict)
    """What the event that catches it sees as ``fault``."""

    @classmethod
    def of(cls, refused: job_types.Refused) -> Why:
        """What the product itself refuses."""
        return cls(refused.code, refused.en, refused.fa)


def end_unwritten(
    instance: ProcessInstance, job: ServiceJob, error: Exception, now: datetime
) -> None:
    """End a job whose letter could not be written or has nobody to go to."""
    if isinstance(error, connectors.DeliveryFailed):
        _end_undelivered(instance, job, error, now)
    elif isinstance(error, job_types.Refused):
        fail(instance, job, Why.of(error), now)
    else:
        fail(instance, job, Why(TEMPLATE, str(error)), now)


def go_on(
    instance: ProcessInstance,
    job: ServiceJob,
    rows: Sequence[Delivery],
    now: datetime,
    failures: Failures | None = None,
    *,
    standing: Standing | None = None,
    is_told: bool = False,
) -> None:
    """Judge the job by all that it sends, whenever each was settled. ``standing`` is what the
    caller has read of the instance's rows since it was locked; ``is_told`` says that people hear
    of it by letters of other tasks."""
    unsettled = [row for row in rows if row.state not in deliveries.OVER]
    later = [row.next_attempt_at for row in unsettled if row.next_attempt_at is not None]
    dead = next((row for row in rows if row.state == deliveries.DEAD), None)
    failure = next(iter((failures or {}).values()), None)
    if later:
        job.state, job.next_attempt_at = "waiting", min(later)
    elif any(row.state in (deliveries.QUEUED, deliveries.SENDING) for row in unsettled):
        # A process of its own carries it out and goes on with this task.
        job.state, job.next_attempt_at = "waiting", None
    elif any(row.state == deliveries.UNKNOWN for row in unsettled):
        fail(instance, job, _undecided(unsettled), now, standing)
    elif failure is not None or dead is not None:
        _end_undelivered(instance, job, failure or (dead and dead.error) or "", now, standing)
    else:
        told = _told(job, is_told=is_told or bool(rows))
        _succeed(instance, job, told, now, _result(job, rows), standing)


def _undecided(rows: Sequence[Delivery]) -> Why:
    """That a person decides, and what happened, where that is known."""
    told = next((row.error for row in rows if row.state == deliveries.UNKNOWN and row.error), "")
    en = "Nobody can tell whether the partner took it, so a person decides."
    fa = "معلوم نیست طرف مقابل آن را گرفته باشد؛ یک نفر باید تصمیم بگیرد."
    if told.startswith(en):
        told = ""
    more = connectors.in_persian(told) or told
    return Why(UNKNOWN_OUTCOME, f"{en} {told}".strip(), f"{fa} {more}".strip())


def _end_undelivered(
    instance: ProcessInstance,
    job: ServiceJob,
    why: connectors.DeliveryFailed | str,
    now: datetime,
    standing: Standing | None = None,
) -> None:
    """The process goes on without an optional letter; else it is told by a BPMN error."""
    if job.headers.get("optional") == "true":
        _succeed(instance, job, "message_not_delivered", now, standing=standing)
    elif isinstance(why, str):
        told = Why(NOT_DELIVERED, why, connectors.in_persian(why))
        fail(instance, job, told, now, standing)
    else:
        code, *family = _codes(job, why)
        told = Why(code, why.text("en"), why.text("fa"), tuple(family), why.result)
        fail(instance, job, told, now, standing)


def _codes(job: ServiceJob, why: connectors.DeliveryFailed) -> list[str]:
    """The codes that an event may name to catch it, the first of which a fault has."""
    is_call = job.type not in LETTERS or isinstance(why, no_contact.DoNotContact)
    return [why.code, NOT_DELIVERED] if is_call else [NOT_DELIVERED, why.code]


LETTERS = ("notify", "email")
"""The types of tasks that send letters; what every one tells is that it did not arrive."""


def _told(job: ServiceJob, *, is_told: bool) -> str:
    """What the history says: a notice to a group that nobody could be sent was told to nobody."""
    if job.type not in LETTERS:
        return "partner_called"
    return "nobody_told" if recipients.is_group(job) and not is_told else "message_sent"


def _result(job: ServiceJob, rows: Sequence[Delivery]) -> Mapping[str, Any]:
    """What the task gives to its output mappings; a letter to the customer gives nothing."""
    if job.type == "notify":
        return {}
    return next((row.answer for row in rows if row.answer), {})


def _succeed(
    instance: ProcessInstance,
    job: ServiceJob,
    told: str,
    now: datetime,
    result: Mapping[str, Any] | None = None,
    standing: Standing | None = None,
) -> None:
    job.state, job.ended_at, job.next_attempt_at = "done", now, None
    data = {"element": job.element, "template": job.headers.get("template")}
    where = {"request_id": instance.request_id, "instance_id": instance.id}
    entry = history.entry(told, SYSTEM, now, **where, element=job.element, data=data)
    cause = {"kind": "service_task", **data, **history.belonging(job.called_id)}
    if told == "message_sent" and job.type == "notify" and not recipients.is_group(job):
        cause["told"] = "customer"
    command = bpmn.CompleteJob(job.key, dict(result or {}))
    processes.advance(instance, command, cause, SYSTEM, now, noted=[entry], standing=standing)


def complete(
    instance: ProcessInstance, job: ServiceJob, result: Mapping[str, Any], now: datetime
) -> None:
    """Take the next step after what the product has done itself."""
    job.state, job.ended_at, job.next_attempt_at = "done", now, None
    cause = {"kind": "service_task", "element": job.element, **history.belonging(job.called_id)}
    command = bpmn.CompleteJob(job.key, dict(result))
    processes.advance(instance, command, cause, SYSTEM, now)


def fail(
    instance: ProcessInstance,
    job: ServiceJob,
    why: Why,
    now: datetime,
    standing: Standing | None = None,
) -> None:
    """End the job without success.

    The partner's final "no" is a business error that the diagram may catch (BPMN 2.0, 10.5.6);
    uncaught, it stands as a fault. A message that cannot be written is a fault at once, and so is
    what a person must decide.
    """
    job.state, job.next_attempt_at = "failed", None
    session().flush()
    told = {"element": job.element, "code": why.code, **history.belonging(job.called_id)}
    cause = {"kind": "service_task_failed", **told}
    command: bpmn.Command = bpmn.ThrowError(
        job.key,
        why.code,
        why.en,
        {"fault": dict(why.result)} if why.result else {},
        why.fa,
        why.family,
    )
    if why.code in (TEMPLATE, CRASHED, UNKNOWN_OUTCOME):
        command = bpmn.FailJob(job.key, why.code, why.en, why.fa)
    processes.advance(instance, command, cause, SYSTEM, now, standing=standing)
