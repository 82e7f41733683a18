"""Service tasks: the token is parked, the worker acts, the result takes the next step.

``begin`` and ``settle`` are the two transactions around the sending. Between them the worker
may die: the job runs again, finds the same deliveries and sends under the same references.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, literal_column, select, update
from sqlalchemy.orm.attributes import set_committed_value

import bpmn
import connectors
from app.access import SYSTEM, may_see_request
from app.db import adopt_json, columns_of, read, session
from app.models import (
    Delivery,
    Interaction,
    ProcessInstance,
    ServiceJob,
    ServiceRequest,
    SlaClock,
    User,
)
from app.saving import save, values_of
from app.services import (
    deliveries,
    emails,
    history,
    job_types,
    messages,
    people,
    processes,
    recipients,
    taking,
    wording,
)

TEMPLATE, CRASHED, NOT_DELIVERED = "template", "crashed", "not_delivered"
"""The codes of the faults when the message cannot be written, when the work itself failed, and
when a partner refused it for good."""


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


def begin(
    job_id: int, now: datetime, *, worker: int = taking.QUEUE, locked: ProcessInstance | None = None
) -> list[Order]:
    """What to send; nothing when the job is over: done before, cancelled, or done just now, and
    nothing when another worker has taken it.

    What cannot be written (a template names a variable that is missing) becomes a fault here.
    What the product does itself is done here, with the next step, and nothing is to be sent.
    Until :func:`settle` the job belongs to the worker, who may hold the lock of the instance.
    """
    found = _locked(job_id, _CLOCKS, locked)
    if found is None or _is_anothers(found[1], worker):
        return []
    instance, job, clocks = found
    do = job_types.find(job.type)
    if do is not None:
        _do(instance, job, do, now)
        return []
    known = _known(job)
    job.attempts, job.taken_by = job.attempts + 1, worker
    try:
        composed, said = _compose(instance, job, _by_metric(clocks), now)
    except _UNWRITTEN as error:
        _end_unwritten(instance, job, error, now)
        return []
    rows = [known.get(mailbox, row) for mailbox, row in deliveries.by_mailbox(composed).items()]
    deliveries.drop(row for row in known.values() if row not in rows)
    letters = [deliveries.begin(row, now) for row in rows]
    new = [row for row in rows if row.id is None]
    ids = save([(Delivery, list(map(values_of, new))), (Interaction, said)], ids_of=Delivery)
    for row, row_id in zip(new, ids, strict=True):
        row.id = row_id
    pairs = zip(rows, letters, strict=True)
    orders = [Order(row.id, letter) for row, letter in pairs if letter is not None]
    if not orders:
        _go_on(instance, job, _deliveries(job.id), now)
    return orders


_UNWRITTEN = (
    connectors.BadTemplate,
    connectors.UnknownTemplate,
    connectors.BadAddress,
    job_types.Refused,
)


def _end_unwritten(
    instance: ProcessInstance, job: ServiceJob, error: Exception, now: datetime
) -> None:
    """End a job whose letter could not be written or has nobody to go to."""
    if isinstance(error, connectors.BadAddress):
        _end_undelivered(instance, job, str(error), now)
    elif isinstance(error, job_types.Refused):
        _fail(instance, job, error.code, error.en, now, error.fa)
    else:
        _fail(instance, job, TEMPLATE, str(error), now)


def _is_anothers(job: ServiceJob, worker: int) -> bool:
    return job.state == "queued" and job.taken_by not in (None, worker)


def _do(instance: ProcessInstance, job: ServiceJob, do: job_types.Do, now: datetime) -> None:
    """Do it and take the next step; what a refused deed has written is undone."""
    try:
        with session().begin_nested():
            result = do(instance, job, _inputs(instance, job), now)
    except job_types.Refused as refused:
        job.attempts += 1
        _fail(instance, job, refused.code, refused.en, now, refused.fa)
        return
    # Written with the step: what is changed before the savepoint costs a statement of its own.
    job.attempts += 1
    job.state, job.ended_at, job.next_attempt_at = "done", now, None
    cause = {"kind": "service_task", "element": job.element, **history.belonging(job.called_id)}
    command = bpmn.CompleteJob(job.key, dict(result))
    processes.advance(instance, command, cause, SYSTEM, now)


Found = tuple[ProcessInstance, ServiceJob, list[dict[str, Any]]]


def _locked(
    job_id: int, question: Select[Any] | None = None, held: ProcessInstance | None = None
) -> Found | None:
    """The instance, locked, and the job, with the rows that the question asks for besides;
    None when the job is over."""
    instance = held or processes.locked(_LOCK, {"job_id": job_id})
    if instance is None:
        return None
    asked = _READ if question is None else question
    [(job, request, *more)] = read(asked, {"job_id": job_id}, ServiceJob, ServiceRequest)
    set_committed_value(instance, "request", request)
    over = job.state not in ("queued", "waiting") or instance.status != "active"
    # A suspended instance takes the job up again when it is resumed.
    if over or instance.suspended_at is not None:
        return None
    return instance, job, more[0] or [] if more else []


_THIS_JOB = ServiceJob.id == bindparam("job_id")
_LOCK = processes.locking(
    ProcessInstance.id == select(ServiceJob.instance_id).where(_THIS_JOB).scalar_subquery()
)
# Read after the lock is held: what another step made of them meanwhile counts.
_READ = (
    select(*columns_of(ServiceJob, ServiceRequest))
    .join(ProcessInstance, ProcessInstance.id == ServiceJob.instance_id)
    .outerjoin(ServiceRequest, ServiceRequest.id == ProcessInstance.request_id)
    .where(_THIS_JOB)
)
_CLOCKS = _READ.add_columns(
    select(literal_column("jsonb_agg(to_jsonb(sla_clock) ORDER BY sla_clock.id)"))
    .select_from(SlaClock)
    .where(SlaClock.request_id == ProcessInstance.request_id)
    .scalar_subquery()
)
_letters = (
    select(Delivery.__table__)
    .where(Delivery.job_id == bindparam("job_id"))
    .with_for_update()
    .cte("letter")
)
_LETTERS = _READ.add_columns(
    select(literal_column("jsonb_agg(to_jsonb(letter) ORDER BY letter.id)"))
    .select_from(_letters)
    .scalar_subquery()
)


def _by_metric(rows: Iterable[Mapping[str, Any]]) -> dict[str, SlaClock]:
    return {row["metric"]: adopt_json(SlaClock, row) for row in rows}


def _known(job: ServiceJob) -> Mapping[str, Delivery]:
    """The letters that an earlier attempt made, by mailbox; a first attempt has none."""
    return deliveries.by_mailbox(_deliveries(job.id)) if job.attempts else {}


def _deliveries(job_id: int) -> list[Delivery]:
    """The letters of a job, oldest first, locked until the transaction ends."""
    return [row for (row,) in read(_DELIVERIES, {"job_id": job_id}, Delivery)]


_DELIVERIES = (
    select(*columns_of(Delivery))
    .where(Delivery.job_id == bindparam("job_id"))
    .order_by(Delivery.id)
    .with_for_update()
)

Composed = tuple[list[Delivery], list[dict[str, Any]]]
"""Letters, and what the customer reads on the tracking page; neither is written yet."""


def _compose(
    instance: ProcessInstance, job: ServiceJob, clocks: Mapping[str, SlaClock], now: datetime
) -> Composed:
    inputs = _inputs(instance, job)
    if job.type == "email":
        return [_compose_email(instance, job, inputs, now)], []
    request = instance.request
    if request is None:
        raise connectors.BadTemplate("notify", 1, "the process belongs to no request")
    recipient = recipients.of(job, inputs)
    if recipient.startswith("group:"):
        group = recipient.removeprefix("group:")
        return _compose_for_group(request, job, inputs, clocks, group, now), []
    message = _message(request, job, inputs, clocks, request.language)
    row = deliveries.compose_for_customer(request, message, now, job_id=job.id)
    return [row] if row else [], _said(request, job, message, now)


def _said(
    request: ServiceRequest, job: ServiceJob, message: connectors.Message, now: datetime
) -> list[dict[str, Any]]:
    """Said once for each job, however often it is tried."""
    if job.attempts > 1 and messages.was_said(job.id):
        return []
    return [messages.system_words(request, message.subject, message.body, job.id, now)]


def _inputs(instance: ProcessInstance, job: ServiceJob) -> Mapping[str, Any]:
    """The variables that the service task sees now; they are not copied into the job's row."""
    waiting = processes.inspect(instance).jobs
    return next((item.inputs for item in waiting if item.key == job.key), {})


def _message(
    request: ServiceRequest,
    job: ServiceJob,
    inputs: Mapping[str, Any],
    clocks: Mapping[str, SlaClock],
    language: str,
) -> connectors.Message:
    template = str(job.headers.get("template", ""))
    return wording.message(template, request, inputs, clocks, language=language)


def _compose_for_group(
    request: ServiceRequest,
    job: ServiceJob,
    inputs: Mapping[str, Any],
    clocks: Mapping[str, SlaClock],
    group: str,
    now: datetime,
) -> list[Delivery]:
    rows = []
    for user in _readers(request, group):
        language = user.language or deliveries.settings().language
        message = _message(request, job, inputs, clocks, language)
        name = user.names.get(language, user.login)
        facts = {"request_id": request.id, "job_id": job.id}
        rows.append(deliveries.compose(str(user.email), name, language, message, now, **facts))
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
    anew.attempts = failed.attempts
    accepted = update(Delivery).where(
        Delivery.job_id == failed.id, Delivery.state == deliveries.ACCEPTED
    )
    session().execute(accepted.values(job_id=anew.id))
    said = update(Interaction).where(Interaction.job_id == failed.id)
    session().execute(said.values(job_id=anew.id))


def _compose_email(
    instance: ProcessInstance, job: ServiceJob, inputs: Mapping[str, Any], now: datetime
) -> Delivery:
    said = emails.read(inputs)
    language = instance.request.language if instance.request else deliveries.settings().language
    facts = {"request_id": instance.request_id, "job_id": job.id}
    return deliveries.compose(said.to, "", language, said.message, now, **facts)


def settle(job_id: int, results: Sequence[Result], now: datetime) -> None:
    """Write how each letter went; the process goes on, waits for the next attempt, or is told
    that the message could not be delivered."""
    found = _locked(job_id, _LETTERS)
    if found is None:
        _settle_deliveries(_deliveries(job_id), results, now)
        taking.let_go(job_id)
        return
    instance, job, letters = found
    rows = [adopt_json(Delivery, row) for row in letters]
    _settle_deliveries(rows, results, now)
    _go_on(instance, job, rows, now)


def give_up(job_id: int, reason: str, now: datetime) -> None:
    """Let the service task stand with a fault that a manager sees and retries."""
    found = _locked(job_id)
    if found is not None:
        instance, job, _ = found
        _fail(instance, job, CRASHED, reason[:2000], now)


def _settle_deliveries(rows: Sequence[Delivery], results: Sequence[Result], now: datetime) -> None:
    ends = {result.delivery_id: result.failure for result in results}
    for row in rows:
        failure = ends.get(row.id)
        if failure is not None:
            deliveries.settle_failure(row, failure, now)
        elif row.id in ends:
            deliveries.settle(row, now)


def _go_on(
    instance: ProcessInstance, job: ServiceJob, rows: Sequence[Delivery], now: datetime
) -> None:
    """Judge the job by all its letters, whenever each was settled."""
    later = [row.next_attempt_at for row in rows if row.state == deliveries.WAITING]
    dead = next((row for row in rows if row.state == deliveries.DEAD), None)
    if later:
        job.state, job.next_attempt_at = "waiting", min(filter(None, later))
    elif dead is None:
        _succeed(instance, job, _told(job, rows), now)
    else:
        _end_undelivered(instance, job, dead.error or "", now)


def _end_undelivered(instance: ProcessInstance, job: ServiceJob, why: str, now: datetime) -> None:
    """The process goes on without an optional letter; else it is told by a BPMN error."""
    if job.headers.get("optional") == "true":
        _succeed(instance, job, "message_not_delivered", now)
    else:
        _fail(instance, job, NOT_DELIVERED, why, now, connectors.in_persian(why))


def _told(job: ServiceJob, rows: Sequence[Delivery]) -> str:
    """What the history says: a notice to a group that nobody could be sent was told to nobody."""
    return "nobody_told" if recipients.is_group(job) and not rows else "message_sent"


def _succeed(instance: ProcessInstance, job: ServiceJob, told: str, now: datetime) -> None:
    job.state, job.ended_at, job.next_attempt_at = "done", now, None
    data = {"element": job.element, "template": job.headers.get("template")}
    where = {"request_id": instance.request_id, "instance_id": instance.id}
    entry = history.entry(told, SYSTEM, now, **where, element=job.element, data=data)
    cause = {"kind": "service_task", **data, **history.belonging(job.called_id)}
    if told == "message_sent" and job.type != "email" and not recipients.is_group(job):
        cause["told"] = "customer"
    command = bpmn.CompleteJob(job.key, {})
    processes.advance(instance, command, cause, SYSTEM, now, noted=[entry])


def _fail(
    instance: ProcessInstance,
    job: ServiceJob,
    code: str,
    message: str,
    now: datetime,
    persian: str | None = None,
) -> None:
    """End the job without success.

    The partner's final "no" is a business error that the diagram may catch (BPMN 2.0, 10.5.6);
    uncaught, it stands as a fault. A message that cannot be written is a fault at once.
    """
    job.state, job.next_attempt_at = "failed", None
    session().flush()
    told = {"element": job.element, "code": code, **history.belonging(job.called_id)}
    cause = {"kind": "service_task_failed", **told}
    command: bpmn.Command = bpmn.ThrowError(job.key, code, message, persian=persian)
    if code in (TEMPLATE, CRASHED):
        command = bpmn.FailJob(job.key, code, message, persian)
    processes.advance(instance, command, cause, SYSTEM, now)
