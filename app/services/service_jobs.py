"""Service tasks: the token is parked, the worker acts, the result takes the next step.

``begin`` and ``settle`` are the two transactions around the sending. Between them the worker
may die: the job runs again, finds the same deliveries and sends under the same references.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

import bpmn
import connectors
from app.access import SYSTEM, may_see_request
from app.db import session
from app.models import (
    Delivery,
    Interaction,
    ProcessInstance,
    ServiceJob,
    ServiceRequest,
    User,
)
from app.services import (
    deliveries,
    history,
    messages,
    people,
    processes,
    promises,
    wording,
)

TEMPLATE, CRASHED = "template", "crashed"
"""The codes of the faults when the message cannot be written, and when the work itself failed."""


@dataclass(frozen=True)
class Order:
    """One letter that the worker is to send for a job."""

    delivery_id: int
    letter: connectors.Letter


@dataclass(frozen=True)
class Result:
    """How the sending of one letter went."""

    delivery_id: int
    failure: connectors.DeliveryFailed | None


def begin(job_id: int, now: datetime) -> list[Order]:
    """What to send; nothing when the job is over: done before, cancelled, or done just now.

    What cannot be written (a template names a variable that is missing) becomes a fault here.
    """
    found = _locked(job_id)
    if found is None:
        return []
    instance, job = found
    job.attempts += 1
    try:
        rows = _prepare(instance, job, now)
    except (connectors.BadTemplate, connectors.UnknownTemplate, connectors.BadAddress) as error:
        _fail(instance, job, TEMPLATE, str(error), now)
        return []
    letters = [(row.id, deliveries.begin(row, now)) for row in rows]
    orders = [Order(row_id, letter) for row_id, letter in letters if letter is not None]
    if not orders:
        session().flush()
        _go_on(instance, job, now)
    return orders


def _locked(job_id: int) -> tuple[ProcessInstance, ServiceJob] | None:
    instance_id = session().scalar(select(ServiceJob.instance_id).where(ServiceJob.id == job_id))
    if instance_id is None:
        return None
    instance = processes.lock(instance_id)
    job = session().get_one(ServiceJob, job_id, populate_existing=True)
    over = job.state not in ("queued", "waiting") or instance.status != "active"
    return None if over else (instance, job)


def _prepare(instance: ProcessInstance, job: ServiceJob, now: datetime) -> list[Delivery]:
    inputs = _inputs(instance, job)
    if job.type == "email":
        return [_prepare_email(instance, job, inputs, now)]
    request = instance.request
    if request is None:
        raise connectors.BadTemplate("notify", 1, "the process belongs to no request")
    recipient = str(job.headers.get("to", "customer"))
    if recipient.startswith("group:"):
        return _prepare_for_group(request, job, inputs, recipient.removeprefix("group:"), now)
    message = _message(request, job, inputs, request.language)
    messages.system_said(request, message.subject, message.body, job.id, now)
    row = deliveries.prepare(request, message, now, job_id=job.id)
    return [row] if row is not None else []


def _inputs(instance: ProcessInstance, job: ServiceJob) -> Mapping[str, Any]:
    """The variables that the service task sees now; they are not copied into the job's row."""
    waiting = processes.inspect(instance).jobs
    return next((item.inputs for item in waiting if item.key == job.key), {})


def _message(
    request: ServiceRequest, job: ServiceJob, inputs: Mapping[str, Any], language: str
) -> connectors.Message:
    template = str(job.headers.get("template", ""))
    clocks = promises.clocks_of(request.id)
    return wording.message(template, request, inputs, clocks, language=language)


def _prepare_for_group(
    request: ServiceRequest,
    job: ServiceJob,
    inputs: Mapping[str, Any],
    group: str,
    now: datetime,
) -> list[Delivery]:
    rows = []
    for user in _readers(request, group):
        language = user.language or deliveries.settings().language
        message = _message(request, job, inputs, language)
        name = user.names.get(language, user.login)
        facts = {"request_id": request.id, "job_id": job.id}
        rows.append(deliveries.prepare_mail(str(user.email), name, language, message, now, **facts))
    return rows


def _readers(request: ServiceRequest, group: str) -> list[User]:
    """Who of the group is written to: those with an address who may see the request; when
    nobody of the group may see it, the managers, who can name somebody."""
    seeing = [user for user in people.members([group]) if _may_read(user, request)]
    return seeing or [user for user in people.managers() if _may_read(user, request)]


def _may_read(user: User, request: ServiceRequest) -> bool:
    return bool(user.email) and may_see_request(people.actor_of(user), request)


def carry_over(instance_id: int, key: str, element: str) -> None:
    """Let the job that a retry made anew go on where the failed one stopped: what was accepted
    is not sent again, and what was said on the tracking page is not said twice."""
    jobs = select(ServiceJob).where(
        ServiceJob.instance_id == instance_id, ServiceJob.element == element
    )
    failed = session().scalar(jobs.where(ServiceJob.key == key))
    if failed is None:
        return
    newer = jobs.where(ServiceJob.id > failed.id).order_by(ServiceJob.id).limit(1)
    anew = session().scalar(newer)
    if anew is None:
        return
    accepted = update(Delivery).where(
        Delivery.job_id == failed.id, Delivery.state == deliveries.ACCEPTED
    )
    session().execute(accepted.values(job_id=anew.id))
    said = update(Interaction).where(Interaction.job_id == failed.id)
    session().execute(said.values(job_id=anew.id))


def _prepare_email(
    instance: ProcessInstance, job: ServiceJob, inputs: Mapping[str, Any], now: datetime
) -> Delivery:
    to, subject, body = (str(inputs.get(name) or "") for name in ("to", "subject", "body"))
    connectors.address(to)
    language = instance.request.language if instance.request else deliveries.settings().language
    message = connectors.Message(" ".join(subject.split()), body)
    return deliveries.prepare_mail(
        to, "", language, message, now, request_id=instance.request_id, job_id=job.id
    )


def settle(job_id: int, results: Sequence[Result], now: datetime) -> None:
    """Write how each letter went; the process goes on, waits for the next attempt, or is told
    that the message could not be delivered."""
    found = _locked(job_id)
    _settle_deliveries(results, now)
    if found is not None:
        session().flush()
        _go_on(*found, now)


def give_up(job_id: int, reason: str, now: datetime) -> None:
    """Let the service task stand with a fault that a manager sees and retries."""
    found = _locked(job_id)
    if found is not None:
        _fail(*found, CRASHED, reason[:2000], now)


def _settle_deliveries(results: Sequence[Result], now: datetime) -> None:
    for result in results:
        row = deliveries.find(result.delivery_id)
        if row is None:
            continue
        if result.failure is None:
            deliveries.settle(row, now)
        else:
            deliveries.settle_failure(row, result.failure, now)


def _go_on(instance: ProcessInstance, job: ServiceJob, now: datetime) -> None:
    """Judge the job by all its letters, whenever each was settled."""
    query = select(Delivery).where(Delivery.job_id == job.id).order_by(Delivery.id)
    rows = list(session().scalars(query))
    later = [row.next_attempt_at for row in rows if row.state == deliveries.WAITING]
    dead = next((row for row in rows if row.state == deliveries.DEAD), None)
    if later:
        job.state, job.next_attempt_at = "waiting", min(filter(None, later))
    elif dead is None:
        _succeed(instance, job, _told(job, rows), now)
    elif job.headers.get("optional") == "true":
        _succeed(instance, job, "message_not_delivered", now)
    else:
        _fail(instance, job, "not_delivered", dead.error or "", now)


def _told(job: ServiceJob, rows: Sequence[Delivery]) -> str:
    """What the history says: a notice to a group that nobody could be sent was told to nobody."""
    to_group = str(job.headers.get("to", "")).startswith("group:")
    return "nobody_told" if to_group and not rows else "message_sent"


def _succeed(instance: ProcessInstance, job: ServiceJob, told: str, now: datetime) -> None:
    job.state, job.ended_at, job.next_attempt_at = "done", now, None
    data = {"element": job.element, "template": job.headers.get("template")}
    where = {"request_id": instance.request_id, "instance_id": instance.id}
    history.note(told, SYSTEM, now, **where, element=job.element, data=data)
    cause = {"kind": "service_task", **data}
    session().flush()
    processes.advance(instance, bpmn.CompleteJob(job.key, {}), cause, SYSTEM, now)


def _fail(
    instance: ProcessInstance, job: ServiceJob, code: str, message: str, now: datetime
) -> None:
    """End the job without success.

    The partner's final "no" is a business error that the diagram may catch (BPMN 2.0, 10.5.6);
    uncaught, it stands as a fault. A message that cannot be written is a fault at once.
    """
    job.state, job.next_attempt_at = "failed", None
    session().flush()
    cause = {"kind": "service_task_failed", "element": job.element, "code": code}
    command: bpmn.Command = bpmn.ThrowError(job.key, code, message)
    if code in (TEMPLATE, CRASHED):
        command = bpmn.FailJob(job.key, code, message)
    processes.advance(instance, command, cause, SYSTEM, now)
