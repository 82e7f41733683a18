"""Messages: what people say on a request, and how it reaches the waiting process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, select

import bpmn
from app import jobs
from app.access import MANAGER, STAFF, SYSTEM, Actor, may_speak_for_customer
from app.db import run, session
from app.errors import Conflict, Forbidden, Invalid, RequestClosed
from app.models import Interaction, ProcessInstance, ServiceRequest, Subscription
from app.objects import adopt_json
from app.services import history, texts
from app.services.deployment import definitions
from app.services.execution import held, processes
from app.services.sending import customer_ways
from app.services.service_levels import promises
from app.services.texts import choose

CUSTOMER_MESSAGE, CUSTOMER_ANSWER = "customer_message", "customer_answer"
CUSTOMER_WITHDRAWS, CUSTOMER_SURVEY = "customer_withdraws", "customer_survey"
OF_THE_CUSTOMER = frozenset(
    {CUSTOMER_MESSAGE, CUSTOMER_ANSWER, CUSTOMER_WITHDRAWS, CUSTOMER_SURVEY}
)
"""What a process hears from its customer alone."""
LONGEST = 10_000


class NothingAsked(Conflict):
    """Nothing is asked of you at this moment; your message can still be sent as text."""

    fa = "اکنون پاسخی از شما خواسته نشده است؛ می‌توانید پیام خود را بنویسید و بفرستید."


class NothingWaits(NothingAsked):
    """Nothing waits for the message “{name}” with this correlation key; it was not kept."""

    fa = "چیزی با این کلید تطبیق منتظر پیام «{name}» نیست؛ پیام نگه داشته نشد."


def of_request(request_id: int, *, internal: bool) -> list[Interaction]:
    """What was said, oldest first; with staff's own notes only where ``internal``."""
    query = _said_about(request_id, internal=internal)
    return list(session().scalars(query.order_by(Interaction.at, Interaction.id)))


def list_page(
    request_id: int, *, internal: bool, after: int = 0, limit: int = 200
) -> list[Interaction]:
    """The next of what was said after that id, in the order in which it was kept."""
    query = _said_about(request_id, internal=internal).where(Interaction.id > after)
    return list(session().scalars(query.order_by(Interaction.id).limit(limit)))


def _said_about(request_id: int, *, internal: bool) -> Select[Any]:
    query = select(Interaction).where(Interaction.request_id == request_id)
    return query if internal else query.where(Interaction.direction != "internal")


def say(
    request: ServiceRequest, direction: str, body: str, actor: Actor, now: datetime
) -> Interaction:
    """Keep what a program or a member of staff says: ``inbound`` is the customer's own word,
    ``outbound`` and ``internal`` are for staff alone; raises Forbidden."""
    if direction == "inbound":
        return say_as_customer(request, body, actor, now, channel="api")
    if not actor.has(STAFF, MANAGER):
        raise Forbidden
    write = reply_to_customer if direction == "outbound" else note_internally
    return write(request, body, actor, now)


def keep_as_customer(
    request: ServiceRequest,
    body: str,
    actor: Actor,
    now: datetime,
    *,
    channel: str,
    subject: str | None = None,
) -> Interaction:
    """Keep the customer's message, which no process is told of by this."""
    row = _keep(request, body, actor, now, direction="inbound", channel=channel, subject=subject)
    history.note("message_received", actor, now, request_id=request.id, data={"body": row.body})
    return row


def say_as_customer(
    request: ServiceRequest,
    body: str,
    actor: Actor,
    now: datetime,
    *,
    channel: str,
    subject: str | None = None,
) -> Interaction:
    """Keep the customer's message and let the process hear it."""
    row = keep_as_customer(request, body, actor, now, channel=channel, subject=subject)
    payload = {"text": row.body, "at": now.isoformat()}
    deliver(CUSTOMER_MESSAGE, request, payload, actor, now)
    # The request's row is written after the instance is locked, the order of every step.
    request.updated_at = now
    return row


def reply_to_customer(
    request: ServiceRequest, body: str, actor: Actor, now: datetime
) -> Interaction:
    """Tell the customer something; it stands on the tracking page and goes out by mail, else in
    short by text message. The history tells when it went out to nobody."""
    row = _keep(request, body, actor, now, direction="outbound", channel="portal")
    history.note("message_sent", actor, now, request_id=request.id, data={"body": row.body})
    delivery = customer_ways.prepare_reply(request, row.body, now)
    if delivery is None:
        history.note("reply_not_sent", actor, now, request_id=request.id)
    else:
        jobs.defer(jobs.SEND_DELIVERY, delivery_id=delivery.id)
    promises.happened(request, {"told:customer"}, now)
    request.updated_at = now
    return row


def note_internally(request: ServiceRequest, body: str, actor: Actor, now: datetime) -> Interaction:
    """A note among staff; the customer never sees it."""
    row = _keep(request, body, actor, now, direction="internal", channel="note")
    history.note("note_added", actor, now, request_id=request.id)
    request.updated_at = now
    return row


def _keep(
    request: ServiceRequest,
    body: str,
    actor: Actor,
    now: datetime,
    *,
    direction: str,
    channel: str,
    subject: str | None = None,
) -> Interaction:
    row = Interaction(
        request_id=request.id,
        party_id=request.customer_id,
        direction=direction,
        channel=channel,
        author_kind=actor.kind,
        author_id=actor.id,
        author_names=dict(actor.names),
        body=checked(body, actor.language or request.language),
        subject=subject,
        at=now,
    )
    session().add(row)
    session().flush()
    return row


def checked(body: str, language: str) -> str:
    """The text as it is kept; raises Invalid with the field ``body`` for a blank or long one."""
    text = texts.tidy(body)
    if texts.is_blank(text):
        raise Invalid({"body": [choose(_WORDS["body"], language)]})
    if len(text) > LONGEST:
        raise Invalid({"body": [choose(_WORDS["long"], language)]})
    return text


_WORDS = {
    "body": ("پیام خود را بنویسید.", "Write your message."),
    "long": (
        "پیام را به کمتر از ۱۰٬۰۰۰ نویسه کوتاه کنید.",
        f"Shorten the message to at most {LONGEST:,} characters.",
    ),
    "answer": (
        "برگزینید که می‌پذیرید یا اعتراض دارید.",
        "Choose whether you accept or object.",
    ),
    "reason": ("بنویسید به چه چیزی اعتراض دارید.", "Tell us what you object to."),
}


def answer_as_customer(
    request: ServiceRequest,
    answer: str,
    reason: str,
    actor: Actor,
    now: datetime,
    *,
    channel: str = "portal",
) -> None:
    """The customer's decision on our answer: ``accept`` or ``object`` with a reason.

    Raises Forbidden for who may not speak for the customer, Invalid without a reason to an
    objection, NothingAsked when none is awaited.
    """
    _check_speaker(request, actor)
    language = actor.language or request.language
    if answer not in ("accept", "object"):
        raise Invalid({"answer": [choose(_WORDS["answer"], language)]})
    if answer == "object":
        _keep(request, _reason(reason, language), actor, now, direction="inbound", channel=channel)
    payload = {"answer": answer, "reason": reason.strip()}
    told = {**payload, "channel": channel}
    note = history.entry("customer_answered", actor, now, request_id=request.id, data=told)
    if not deliver(CUSTOMER_ANSWER, request, payload, actor, now, noted=[note]):
        raise NothingAsked


def _check_speaker(request: ServiceRequest, actor: Actor) -> None:
    if not may_speak_for_customer(actor, request):
        raise Forbidden


def _reason(reason: str, language: str) -> str:
    if not reason.strip():
        raise Invalid({"reason": [choose(_WORDS["reason"], language)]})
    return reason


def withdraw_as_customer(
    request: ServiceRequest, reason: str, actor: Actor, now: datetime, *, channel: str = "portal"
) -> None:
    """The customer takes the request back; raises Forbidden for who may not speak for them,
    RequestClosed when it is over."""
    _check_speaker(request, actor)
    if not request.is_open:
        raise RequestClosed
    told, payload = {"reason": reason, "channel": channel}, {"reason": reason.strip()}
    note = history.entry("customer_withdrew", actor, now, request_id=request.id, data=told)
    if not deliver(CUSTOMER_WITHDRAWS, request, payload, actor, now, noted=[note]):
        raise NothingAsked


def awaited(request: ServiceRequest) -> frozenset[str]:
    """The names of the messages that the request's processes listen for now.

    What a suspended process was told already, it is not asked again.
    """
    found: set[str] = set()
    for instance in processes.of_request(request.id):
        query = select(Subscription).where(Subscription.instance_id == instance.id)
        rows = list(session().scalars(query))
        found.update(row.message for row in held.without_taken(instance, rows))
    return frozenset(found)


def deliver(
    message: str,
    request: ServiceRequest,
    payload: Mapping[str, Any],
    actor: Actor,
    now: datetime,
    *,
    noted: Sequence[dict[str, Any]] = (),
) -> bool:
    """Give the message to each process of the request that waits for it; whether one did.

    In one instance it goes to one subscription: where a token stands and waits for it, else
    to the listener at the side (a boundary event, an event subprocess). ``noted`` are history
    entries of the message itself, written once it is heard.
    """
    wanted = {"message": message, "correlation": request.number}
    waiting = sorted(set(run(_WAITING_INSTANCES, wanted).scalars()))
    # Locked before the first step, which locks the request: see ``correlation.publish``.
    for instance_id in waiting[1:] and waiting:
        processes.lock(instance_id)
    heard = False
    for instance_id in waiting:
        to_note = () if heard else noted
        told = deliver_to(instance_id, message, request.number, payload, actor, now, noted=to_note)
        heard = heard or told
    return heard


_OF_MESSAGE = (
    Subscription.message == bindparam("message"),
    Subscription.correlation == bindparam("correlation"),
)
_WAITING_INSTANCES = select(Subscription.instance_id).where(*_OF_MESSAGE)


def deliver_to(
    instance_id: int,
    message: str,
    correlation: str,
    payload: Mapping[str, Any],
    actor: Actor,
    now: datetime,
    *,
    noted: Sequence[dict[str, Any]] = (),
) -> bool:
    """Give the message to one instance; False when it does not wait for it."""
    instance, standing = processes.hold(instance_id)
    waiting = [
        adopt_json(Subscription, row)
        for row in sorted(standing.messages, key=lambda row: int(row["id"]))
        if (row["message"], row["correlation"]) == (message, correlation)
    ]
    if instance.suspended_at is not None:
        waiting = held.without_taken(instance, waiting)
    if not waiting or instance.status != "active":
        return False
    first = min(waiting, key=lambda row: _distance(instance, row))
    if instance.suspended_at is not None:
        held.hold(first, payload, actor, now)
        history.record(noted)
        return True
    cause = {
        "kind": "message",
        "message": message,
        "element": first.element,
        **history.belonging(first.called_id),
    }
    command = bpmn.DeliverMessage(first.key, payload)
    processes.advance(instance, command, cause, actor, now, noted=noted, standing=standing)
    return True


def _distance(instance: ProcessInstance, row: Subscription) -> tuple[int, int]:
    definition = definitions.load(row.called_id or instance.definition_id)
    return bpmn.nearness(definition.elements[row.element])


def customer_actor(request: ServiceRequest) -> Actor:
    """The customer of the request as the one who acts."""
    name = request.contact_name
    return Actor("customer", names={"fa": name, "en": name}, language=request.language)


def was_said(job_id: int) -> bool:
    """Whether the customer reads already what this service task says."""
    query = select(Interaction.id).where(Interaction.job_id == job_id)
    return session().scalar(query) is not None


def system_words(
    request: ServiceRequest, subject: str, body: str, job_id: int | None, now: datetime
) -> dict[str, Any]:
    """The row of what the process itself says to the customer, to be written."""
    return {
        "request_id": request.id,
        "party_id": request.customer_id,
        "direction": "outbound",
        "channel": "portal",
        "author_kind": "system",
        "author_names": dict(SYSTEM.names),
        "subject": subject,
        "body": body,
        "job_id": job_id,
        "at": now,
    }
