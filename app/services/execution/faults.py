"""Faults: tokens that could not go on, and the people who set them going again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

import bpmn
from app.access import Actor, may_see_request, mender, operator, requests_seen_by
from app.db import session
from app.errors import Conflict, Forbidden, NoSuch
from app.models import Fault, ProcessInstance
from app.services import history
from app.services.execution import corrections, job_ends, job_letters, operations, processes
from app.services.execution.reasons import why


class FaultResolved(Conflict):
    """This fault is already resolved; nothing was changed."""

    fa = "این خطا پیش‌تر برطرف شده است؛ چیزی تغییر نکرد."


def list_open(actor: Actor, limit: int = 200) -> list[Fault]:
    """The standing faults that the actor may see, oldest first, with instances and requests."""
    query = (
        select(Fault)
        .join(Fault.instance)
        .outerjoin(ProcessInstance.request)
        .where(Fault.resolved_at.is_(None))
        .where(or_(ProcessInstance.request_id.is_(None), requests_seen_by(actor)))
        .options(
            joinedload(Fault.instance).options(
                joinedload(ProcessInstance.request), joinedload(ProcessInstance.definition)
            )
        )
        .order_by(Fault.raised_at)
        .limit(limit)
    )
    return list(session().scalars(query))


def of_instance(instance_id: int) -> list[Fault]:
    """All faults of one instance, oldest first."""
    query = select(Fault).where(Fault.instance_id == instance_id).order_by(Fault.id)
    return list(session().scalars(query))


def find(fault_id: int) -> Fault:
    """The fault of this id; raises NoSuch."""
    fault = session().get(Fault, fault_id)
    if fault is None:
        raise no_such(fault_id)
    return fault


def retry(
    fault_id: int, variables: Mapping[str, Any], actor: Actor, now: datetime, *, reason: str = ""
) -> Fault:
    """Try the faulted element again, with variables corrected if given.

    Raises FaultResolved when somebody did so before. A fault that stands again is a new one.
    """
    if not mender(actor):
        raise Forbidden
    instance, fault = _standing(fault_id, actor)
    command = bpmn.RetryFault(fault.key, variables)
    _take(instance, fault, "fault_retried", command, actor, now, reason)
    job_letters.carry_over(instance.id, fault.key, fault.element, now)
    return fault


def skip(
    fault_id: int,
    variables: Mapping[str, Any],
    actor: Actor,
    now: datetime,
    *,
    flow: str | None = None,
    reason: str = "",
) -> Fault:
    """Take the faulted element as done, with the values that it should have given.

    ``flow`` is by which a gateway is left. Raises FaultResolved, and OperationRefused for an
    element that cannot be skipped.
    """
    if not operator(actor):
        raise Forbidden
    instance, fault = _standing(fault_id, actor)
    command = bpmn.SkipFault(fault.key, variables, flow)
    _take(instance, fault, "fault_skipped", command, actor, now, reason)
    return fault


def cancel(fault_id: int, actor: Actor, now: datetime, *, reason: str) -> Fault:
    """End the whole process that stands at the fault, for a reason that must be given.

    Raises FaultResolved, so that a process that goes on by now is left alone.
    """
    if not operator(actor):
        raise Forbidden
    instance, fault = _standing(fault_id, actor)
    operations.cancel(instance.id, reason, actor, now)
    return fault


def _standing(fault_id: int, actor: Actor) -> tuple[ProcessInstance, Fault]:
    """The fault with its locked instance, if it stands and the actor may see it."""
    instance_id = session().scalar(select(Fault.instance_id).where(Fault.id == fault_id))
    if instance_id is None:
        raise no_such(fault_id)
    instance = processes.lock(instance_id)
    if instance.request is not None and not may_see_request(actor, instance.request):
        raise no_such(fault_id)
    fault = session().get_one(Fault, fault_id, populate_existing=True)
    if fault.resolved_at is not None:
        raise FaultResolved
    return instance, fault


def _take(
    instance: ProcessInstance,
    fault: Fault,
    kind: str,
    command: bpmn.RetryFault | bpmn.SkipFault,
    actor: Actor,
    now: datetime,
    reason: str,
) -> None:
    cause = {
        "kind": kind,
        "element": fault.element,
        **corrections.told(instance, command.variables),
        **why(reason, actor),
        **history.belonging(fault.called_id),
    }
    fault.resolved_at, fault.resolved_by = now, actor.id
    session().flush()
    processes.advance(instance, command, cause, actor, now)


_REMEDIES = {
    job_ends.TEMPLATE: {
        "en": "Correct the variables or the address that the message needs and try again, or take "
        "the step as done: then nothing is sent.",
        "fa": "متغیرها یا نشانی‌ای را که پیام لازم دارد درست کنید و دوباره امتحان کنید، یا گام را "
        "انجام‌شده بدانید؛ آن‌گاه چیزی فرستاده نمی‌شود.",
    },
    job_ends.CRASHED: {
        "en": "Try again. If it fails once more, give the worker's log to whoever looks after the "
        "system, or take the step as done.",
        "fa": "دوباره امتحان کنید. اگر باز نشد، گزارش کارگر را به مسئول سامانه بدهید، یا گام را "
        "انجام‌شده بدانید.",
    },
    job_ends.NOT_DELIVERED: {
        "en": "Correct the address and try again, or tell the recipient in another way and take "
        "the step as done.",
        "fa": "نشانی را درست کنید و دوباره امتحان کنید، یا گیرنده را از راه دیگری آگاه کنید و گام "
        "را انجام‌شده بدانید.",
    },
}

_REMEDIES[job_ends.UNKNOWN_OUTCOME] = {
    "en": "Ask the partner whether it arrived. If it did, take the step as done, with the values "
    "that it should have given; if not, try again: it goes once more under the same reference.",
    "fa": "از طرف مقابل بپرسید که رسیده است یا نه. اگر رسیده، گام را با مقدارهایی که باید می‌داد "
    "انجام‌شده بدانید؛ اگر نه، دوباره امتحان کنید: با همان شناسه یک بار دیگر فرستاده می‌شود.",
}


_PERHAPS_DONE = {
    "en": "The partner may have done it. Put right what the message names and try again: it is "
    "asked first where it can be; else it hears it once more under the same reference, by which it "
    "can tell a copy. Or take the step as done, with the values that it should have given.",
    "fa": "شاید طرف مقابل کار را کرده باشد. آنچه را پیام می‌گوید درست کنید و دوباره امتحان کنید: "
    "اگر بشود نخست از او پرسیده می‌شود، وگرنه یک بار دیگر با همان شناسه می‌شنود و "
    "می‌تواند نسخهٔ تکراری را بشناسد. یا گام را با مقدارهایی که باید می‌داد انجام‌شده بدانید.",
}
_REMEDIES |= dict.fromkeys(
    ("not_genuine", "unreadable_reply", "reply_too_large", "result_not_json", "no_answer"),
    _PERHAPS_DONE,
)


def remedies(fault: Fault) -> Mapping[str, str]:
    """What a person can do about a fault, in each language."""
    return remedies_of(fault.code)


def remedies_of(code: str) -> Mapping[str, str]:
    """The same for every fault of this code."""
    return _REMEDIES.get(code) or bpmn.remedy_of(code)


def no_such(fault_id: int) -> NoSuch:
    """The error that says that there is no such fault."""
    return NoSuch(en=f"fault {fault_id}", fa=f"خطای {fault_id}")
