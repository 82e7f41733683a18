"""Service tasks: the token is parked, the worker acts, the result takes the next step.

``begin`` and ``settle…`` are the two transactions around the sending. Between them the worker
may die: the job runs again, finds the same delivery and sends under the same reference.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import bpmn
import connectors
from sqlalchemy import select

from app.access import SYSTEM
from app.db import session
from app.models import Delivery, ProcessInstance, ServiceJob, ServiceRequest
from app.services import deliveries, history, messages, people, processes, promises, wording


@dataclass(frozen=True)
class Order:
    """What the worker is to send for a job."""

    delivery_id: int
    letter: connectors.Letter


def begin(job_id: int, now: datetime) -> Order | None:
    """What to send, or None when the job is over: done before, cancelled, or done just now.

    What cannot be written (a template names a variable that is missing) becomes a fault here.
    """
    found = _locked(job_id)
    if found is None:
        return None
    instance, job = found
    job.attempts += 1
    try:
        row = _prepare(instance, job, now)
    except (connectors.BadTemplate, connectors.UnknownTemplate, connectors.BadAddress) as error:
        _fail(instance, job, "template", str(error), now)
        return None
    letter = deliveries.begin(row) if row is not None else None
    if row is None or letter is None:
        _succeed(instance, job, row, now)
        return None
    return Order(row.id, letter)


def _locked(job_id: int) -> tuple[ProcessInstance, ServiceJob] | None:
    instance_id = session().scalar(select(ServiceJob.instance_id).where(ServiceJob.id == job_id))
    if instance_id is None:
        return None
    instance = processes.lock(instance_id)
    job = session().get_one(ServiceJob, job_id, populate_existing=True)
    over = job.state not in ("queued", "waiting") or instance.status != "active"
    return None if over else (instance, job)


def _prepare(instance: ProcessInstance, job: ServiceJob, now: datetime) -> Delivery | None:
    if job.type == "email":
        return _prepare_email(instance, job, now)
    request = instance.request
    if request is None:
        raise connectors.BadTemplate("notify", 1, "the process belongs to no request")
    recipient = str(job.headers.get("to", "customer"))
    if recipient.startswith("group:"):
        return _prepare_staff_mail(request, job, recipient.removeprefix("group:"), now)
    message = _message(request, job, request.language)
    messages.system_said(request, message.subject, message.body, job.id, now)
    return deliveries.prepare(request, message, now, job_id=job.id)


def _message(request: ServiceRequest, job: ServiceJob, language: str) -> connectors.Message:
    template = str(job.headers.get("template", ""))
    clocks = promises.clocks_of(request.id)
    return wording.message(template, request, job.inputs, clocks, language=language)


def _prepare_staff_mail(
    request: ServiceRequest, job: ServiceJob, group: str, now: datetime
) -> Delivery | None:
    users = [user for user in people.members([group]) if user.email]
    if not users:
        return None
    language = deliveries.settings().language
    message = _message(request, job, language)
    to, name = str(users[0].email), users[0].names.get(language, users[0].login)
    return deliveries.prepare_mail(
        to, name, language, message, now, request_id=request.id, job_id=job.id
    )


def _prepare_email(instance: ProcessInstance, job: ServiceJob, now: datetime) -> Delivery:
    to, subject, body = (str(job.inputs.get(name) or "") for name in ("to", "subject", "body"))
    connectors.address(to)
    language = instance.request.language if instance.request else deliveries.settings().language
    message = connectors.Message(" ".join(subject.split()), body)
    return deliveries.prepare_mail(
        to, "", language, message, now, request_id=instance.request_id, job_id=job.id
    )


def settle(job_id: int, delivery_id: int, now: datetime) -> None:
    """The partner took the message: the process goes on."""
    found = _locked(job_id)
    delivery = deliveries.find(delivery_id)
    if delivery is not None and delivery.state != deliveries.ACCEPTED:
        deliveries.settle(delivery, now)
    if found is not None:
        _succeed(*found, delivery, now)


def settle_failure(
    job_id: int, delivery_id: int, failure: connectors.DeliveryFailed, now: datetime
) -> None:
    """The message did not get through: wait for the next attempt, or stand as a fault."""
    found = _locked(job_id)
    delivery = deliveries.find(delivery_id)
    if delivery is None:
        return
    again = deliveries.settle_failure(delivery, failure, now)
    if found is None:
        return
    instance, job = found
    if again:
        job.state, job.next_attempt_at = "waiting", delivery.next_attempt_at
    else:
        _fail(instance, job, failure.code, str(failure), now)


def _succeed(
    instance: ProcessInstance, job: ServiceJob, delivery: Delivery | None, now: datetime
) -> None:
    job.state, job.ended_at, job.next_attempt_at = "done", now, None
    result: dict[str, Any] = {"channel": delivery.channel if delivery else "portal"}
    data = {"element": job.element, "template": job.headers.get("template"), **result}
    cause = {"kind": "service_task", **data}
    session().flush()
    _note_sent(instance, job, data, now)
    processes.advance(instance, bpmn.CompleteJob(job.key, result), cause, SYSTEM, now)


def _note_sent(
    instance: ProcessInstance, job: ServiceJob, data: dict[str, Any], now: datetime
) -> None:
    history.note(
        "message_sent",
        SYSTEM,
        now,
        request_id=instance.request_id,
        instance_id=instance.id,
        element=job.element,
        data=data,
    )


def _fail(
    instance: ProcessInstance, job: ServiceJob, code: str, message: str, now: datetime
) -> None:
    job.state, job.next_attempt_at = "failed", None
    session().flush()
    cause = {"kind": "service_task_failed", "element": job.element, "code": code}
    command = bpmn.FailJob(job.key, code, message)
    processes.advance(instance, command, cause, SYSTEM, now)

