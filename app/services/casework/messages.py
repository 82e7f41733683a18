"""Messages: what people say on a request."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from app import jobs
from app.access import MANAGER, STAFF, SYSTEM, Actor, may_speak_for_customer
from app.db import session
from app.errors import Forbidden, Invalid, RequestClosed
from app.models import Interaction, ServiceRequest
from app.services import history, texts
from app.services.execution import listening
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
    listening.deliver(CUSTOMER_MESSAGE, request, payload, actor, now)
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
    if not listening.deliver(CUSTOMER_ANSWER, request, payload, actor, now, noted=[note]):
        raise listening.NothingAsked


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
    if not listening.deliver(CUSTOMER_WITHDRAWS, request, payload, actor, now, noted=[note]):
        raise listening.NothingAsked


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
