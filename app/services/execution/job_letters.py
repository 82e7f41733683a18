"""What a service task writes: the letters that it sends, and what the customer reads besides."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, or_, select, update

import connectors
from app import running
from app.db import session
from app.models import (
    Delivery,
    Interaction,
    ProcessInstance,
    ServiceJob,
    ServiceRequest,
)
from app.services.casework import messages
from app.services.sending import (
    bundling,
    call_inputs,
    calls,
    customer_ways,
    deliveries,
    emails,
    no_contact,
    recipients,
    staff_ways,
    wording,
)


class Composed(NamedTuple):
    """What a task says; none of it is written yet."""

    rows: list[Delivery]
    said: list[dict[str, Any]]
    """What the customer reads on the tracking page."""
    is_told_elsewhere: bool = False
    """Whether people are told by letters that other tasks have written."""


def compose(
    instance: ProcessInstance,
    job: ServiceJob,
    inputs: Mapping[str, Any],
    promises: wording.Promises,
    now: datetime,
) -> Composed:
    """What a service task is to send; ``inputs`` are the variables that it sees.

    Raises ``connectors.BadTemplate``, ``UnknownTemplate`` or ``BadAddress``, DoNotContact, and
    Refused, for what cannot be written.
    """
    if job.type != "notify":
        way = call_inputs.way_of(job)
        if way is not None:
            return Composed([calls.compose(instance, job, way, inputs, now)], [])
        return Composed([_compose_email(instance, job, inputs, now)], [])
    request = instance.request
    if request is None:
        raise connectors.BadTemplate("notify", 1, "the process belongs to no request")
    recipient = recipients.of(job, inputs)
    if recipient.startswith("group:"):
        group = recipient.removeprefix("group:")
        return _compose_for_group(request, job, inputs, promises, group, now)
    message = _message(request, job, inputs, promises, request.language)
    by = str(job.headers.get("by") or customer_ways.ANY)
    row = customer_ways.compose(request, message, now, by=by, job_id=job.id)
    return Composed([row] if row else [], _said(request, job, message, now))


def _said(
    request: ServiceRequest, job: ServiceJob, message: connectors.Message, now: datetime
) -> list[dict[str, Any]]:
    """Said once for each job, however often it is tried."""
    if job.attempts > 1 and messages.was_said(job.id):
        return []
    return [messages.system_words(request, message.subject, message.body, job.id, now)]


def _message(
    request: ServiceRequest,
    job: ServiceJob,
    inputs: Mapping[str, Any],
    promises: wording.Promises,
    language: str,
) -> connectors.Message:
    template = str(job.headers.get("template", ""))
    return wording.message(template, request, inputs, promises, language=language)


def _compose_for_group(
    request: ServiceRequest,
    job: ServiceJob,
    inputs: Mapping[str, Any],
    promises: wording.Promises,
    group: str,
    now: datetime,
) -> Composed:
    letters = []
    for reader in staff_ways.readers_of(request, group):
        message = _message(request, job, inputs, promises, staff_ways.language_of(reader.user))
        row = staff_ways.compose(
            reader, message, wording.work_url(request), now,
            readers=f"{staff_ways.GROUP}{group}"[:90], request_id=request.id, job_id=job.id,
        )  # fmt: skip
        letters += [row] if row is not None else []
    bundled = bundling.bundle(letters, job.id, now, is_again=job.attempts > 1)
    return Composed(bundled, [], is_told_elsewhere=bool(letters))


def _compose_email(
    instance: ProcessInstance, job: ServiceJob, inputs: Mapping[str, Any], now: datetime
) -> Delivery:
    said = emails.read(inputs)
    no_contact.check("email", said.to)
    language = instance.request.language if instance.request else running.settings().language
    return deliveries.compose(
        said.to, "", language, said.message, now, request_id=instance.request_id, job_id=job.id
    )


def carry_over(instance_id: int, key: str, element: str, now: datetime) -> None:
    """Let the job that a retry made anew go on where the failed one stopped: what was accepted
    is not sent again, what may have been goes on under the same reference, and what was said on
    the tracking page is not said twice."""
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
    anew.attempts = failed.attempts
    of_failed = update(Delivery).where(Delivery.job_id == failed.id)
    accepted = of_failed.where(Delivery.state.in_(_TAKEN))
    session().execute(accepted.values(job_id=anew.id))
    dead = and_(Delivery.state == deliveries.DEAD, Delivery.may_have_arrived)
    doubtful = of_failed.where(or_(Delivery.state.in_(_DOUBTFUL), dead))
    # A person has decided: the attempts are counted anew, and so are the hours for them.
    fresh = {"state": deliveries.UNKNOWN, "attempts": 0, "not_before": now}
    fresh |= {"job_id": anew.id, "next_attempt_at": None}
    session().execute(doubtful.values(**fresh))
    said = update(Interaction).where(Interaction.job_id == failed.id)
    session().execute(said.values(job_id=anew.id))


_TAKEN = (deliveries.ACCEPTED, deliveries.DELIVERED, deliveries.FAILED)
_DOUBTFUL = (deliveries.SENDING, deliveries.UNKNOWN, deliveries.CLOSED)
