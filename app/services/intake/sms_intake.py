"""Text messages that come in, by a gateway's call, fetched, or over SMPP.

A wish for no more messages is heard first. Then a reply goes to the request that asked last, a
keyword to its service or to the processes that wait for it, and what belongs to nothing opens a
request of the channel's service or waits for a person.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import String, func, literal_column, select

from app import jobs
from app.access import SYSTEM
from app.db import session
from app.models import ContactPoint, Delivery, Party, ServiceRequest
from app.models.inbound import AUTOMATIC, TRIAGE
from app.models.requests import CLOSED
from app.services.casework import messages
from app.services.execution import listening
from app.services.intake import partner_calls, receiving, sms_parts
from app.services.intake.incoming import KNOWN, Incoming, Opening, Outcome
from app.services.sending import channels, deliveries, delivery_reports, no_contact
from app.services.sending.channels import Opened
from connectors.contract import Hook, Inbound
from connectors.phones import read_phone
from connectors.sms_receiving import (
    STOP_NUMBER,
    Keyword,
    find_keyword,
    joined,
    read_keywords,
    read_service,
    wish,
)

MEDIUM = "sms"
REPLY = "sms_reply"
"""The message event of a reply: a diagram that asks by SMS may wait for it under the number of its
request or of the telephone."""
ASKS = frozenset({REPLY, messages.CUSTOMER_MESSAGE, messages.CUSTOMER_ANSWER})
"""What a request's processes listen for that a reply may be."""
SAME_WITHIN = 600
"""Seconds within which the same text of the same sender, told without an id, is one message."""
LATELY = timedelta(days=30)
"""How long after our message a text still counts as a reply to it."""
MOST_OPENING = 20
"""Texts of one number in a day of which new requests are opened; more wait for a person."""
MOST_ANSWERS = 4
"""Answers to wishes that one number gets in a day."""


def take_call(key: str, secret: str, source: str, hook: Hook, now: datetime) -> int:
    """Keep what a gateway's call tells, messages and reports; how much of it was new. Nothing of
    it may be answered before this is committed.

    Raises ``partner_calls.Closed``, ``NotGenuine`` and ``ValueError``.
    """
    way, found = partner_calls.open_door(key, secret, source)
    if way.task_type != MEDIUM:
        raise partner_calls.Closed
    reports = found.connector.read_report(hook, found.options)
    noted = [delivery_reports.note(way.id, one, now) for one in reports]
    came = found.connector.read_inbound(hook, found.options)
    taken = [take(found, one, now) for one in came]
    return len([one for one in noted if one]) + len([one for one in taken if one is not KNOWN])


def take(channel: Opened, inbound: Inbound, now: datetime) -> Outcome | None:
    """Keep a message and bring it to its place; ``KNOWN`` for one that is kept already, None for
    a part whose message is not whole yet."""
    whole = sms_parts.join(channel.way.id, inbound, now)
    return _take_whole(channel, whole, now) if whole else None


def take_late(place: sms_parts.Place, now: datetime) -> None:
    """Bring a message to its place of which a part has not come in time. Raises the errors of
    ``channels.open_``."""
    channel = channels.open_(channels.find_by_id(place.channel_id))
    whole = sms_parts.take_late(place, now)
    if whole is not None:
        _take_whole(channel, whole, now)


def _take_whole(channel: Opened, inbound: Inbound, now: datetime) -> Outcome:
    wanted = wish(inbound.body, channel.options) or _after_mailing(inbound, now)
    incoming = _incoming(channel, inbound, now)
    if wanted is None:
        return receiving.receive(incoming, now)
    row = receiving.keep(incoming, now, state=AUTOMATIC, why=_WHY[wanted])
    # Without an id it may be one that was wished, taken back and wished again within minutes.
    if row is not None or (wanted == "stop" and not inbound.id):
        _grant(channel, inbound, wanted, now)
    return KNOWN if row is None else Outcome(AUTOMATIC, row)


def _after_mailing(inbound: Inbound, now: datetime) -> Literal["stop"] | None:
    """Whether the number alone that mailings name was sent, and what we wrote last was one: after
    a question it is an answer."""
    if joined(inbound.body) != STOP_NUMBER or not inbound.sender:
        return None
    query = select(Delivery.mailing_id).where(
        Delivery.recipient == inbound.sender, _IS_TEXT, Delivery.created_at > now - LATELY
    )
    newest = query.order_by(Delivery.created_at.desc(), Delivery.id.desc()).limit(1)
    return "stop" if session().scalar(newest) is not None else None


_WHY = {"stop": "opted_out", "start": "opted_in"}


def _grant(
    channel: Opened, inbound: Inbound, wanted: Literal["stop", "start"], now: datetime
) -> None:
    """Do as the person wishes, and say so, once."""
    number = read_phone(inbound.sender)
    if number is None:
        return
    if wanted == "stop":
        has_changed = no_contact.bar("phone", number, "opted_out", SYSTEM, now)
    else:
        has_changed = no_contact.allow("phone", number, SYSTEM, now)
    if has_changed and _answers_today(number, now) < MOST_ANSWERS:
        language = "en" if any(map(str.isalpha, inbound.body)) and inbound.body.isascii() else "fa"
        _answer(channel, number, _ANSWERS[wanted][language], language, now)


_ANSWERS = {
    "stop": {
        "fa": "دیگر پیامکی برایتان نمی‌فرستیم. برای دریافت دوباره «شروع» را بفرستید.",
        "en": "You will get no more messages from us. Send START to get them again.",
    },
    "start": {
        "fa": "از این پس دوباره برایتان پیامک می‌فرستیم. برای قطع آن «لغو» را بفرستید.",
        "en": "You will get messages from us again. Send STOP to end them.",
    },
}


def _answers_today(number: str, now: datetime) -> int:
    query = select(func.count()).where(
        Delivery.recipient == number, _IS_TEXT, Delivery.request_id.is_(None),
        Delivery.mailing_id.is_(None), Delivery.created_at > now - timedelta(days=1),
    )  # fmt: skip
    return session().scalar(query) or 0


def _answer(channel: Opened, number: str, text: str, language: str, now: datetime) -> None:
    row = Delivery(
        reference=secrets.token_hex(12), channel=MEDIUM, channel_id=channel.way.id,
        recipient=number, recipient_name="", language=language, subject="", body=text, payload={},
        state=deliveries.QUEUED, attempts=0, urgent=False, may_have_arrived=False,
        created_at=now,
    )  # fmt: skip
    deliveries.keep([row])
    if not channel.connector.apart:
        jobs.defer(jobs.SEND_DELIVERY, delivery_id=row.id)


def _incoming(channel: Opened, inbound: Inbound, now: datetime) -> Incoming:
    digest = _digest(inbound)
    party = _party(inbound.sender)
    asked = _asked_lately(inbound.sender, now)
    waiting = next((one for one in asked if listening.awaited(one) & ASKS), None)
    found = find_keyword(inbound.body, read_keywords(channel.options.get("keywords", "")))
    keyword = found if waiting is None else None
    request = waiting or (None if keyword else _last(asked, inbound.sender))
    numbers = [one.number for one in asked]
    return Incoming(
        channel_id=channel.way.id,
        external_id=_external_id(inbound, digest, now),
        medium=MEDIUM,
        digest=digest,
        sender=inbound.sender[:254],
        sender_name=party.name if party else "",
        recipient=inbound.recipient[:254],
        body=inbound.body,
        number=request.number if request else None,
        event=keyword.key if keyword and keyword.kind == "message" else REPLY,
        keys=[*numbers, inbound.sender] if inbound.sender else numbers,
        rule=lambda: _rule(channel, inbound, party, keyword, now),
    )


def _digest(inbound: Inbound) -> str:
    facts = (inbound.sender, inbound.recipient, inbound.body)
    return hashlib.sha256("\0".join(facts).encode()).hexdigest()


def _external_id(inbound: Inbound, digest: str, now: datetime) -> str:
    """The partner's id; where it gives none, the same text within some minutes is one message."""
    return inbound.id[:200] or f"{digest[:40]}.{int(now.timestamp()) // SAME_WITHIN}"


def _party(sender: str) -> Party | None:
    """The customer who alone has this number on record."""
    query = (
        select(Party)
        .join(ContactPoint, ContactPoint.party_id == Party.id)
        .where(ContactPoint.kind == "phone", ContactPoint.value == sender)
    )
    found = session().scalars(query.distinct().limit(2)).all()
    return found[0] if len(found) == 1 else None


# Both stand in the text itself, or no plan could use the indexes of these.
_IS_TEXT = Delivery.channel == literal_column(f"'{MEDIUM}'", String)
_IS_OPEN = ServiceRequest.status != literal_column(f"'{CLOSED}'", String)


def _asked_lately(sender: str, now: datetime) -> Sequence[ServiceRequest]:
    """The open requests about which we wrote to this number, the last one first."""
    if not sender:
        return []
    newest = func.max(Delivery.id).label("newest")
    query = (
        select(ServiceRequest, newest)
        .join(Delivery, Delivery.request_id == ServiceRequest.id)
        .where(
            Delivery.recipient == sender, _IS_TEXT,
            Delivery.created_at > now - LATELY, ServiceRequest.status != CLOSED,
        )
        .group_by(ServiceRequest.id)
        .order_by(newest.desc())
        .limit(10)
    )  # fmt: skip
    return session().scalars(query).all()


def _last(asked: Sequence[ServiceRequest], sender: str) -> ServiceRequest | None:
    """The request about which we wrote last, else the only open one of this number."""
    if asked or not sender:
        return next(iter(asked), None)
    query = select(ServiceRequest).where(ServiceRequest.contact_phone == sender, _IS_OPEN)
    found = session().scalars(query.limit(2)).all()
    return found[0] if len(found) == 1 else None


def _rule(
    channel: Opened, inbound: Inbound, party: Party | None, keyword: Keyword | None, now: datetime
) -> Opening:
    """What to do with a message that belongs to nothing."""
    if receiving.sent_lately(inbound.sender, MOST_OPENING + 1, now) > MOST_OPENING:
        return Opening(state=TRIAGE, why="too_many")
    # Numbers of senders are easily made up.
    most = channel.options["most_new_per_day"]
    if receiving.new_lately(channel.way.id, "", most + 1, now)[0] > most:
        return Opening(state=TRIAGE, why="many_new")
    if keyword is not None and keyword.kind == "service" and read_phone(inbound.sender):
        return Opening(keyword.key, keyword.data, why="keyword")
    if keyword is not None:
        return Opening(state=TRIAGE, why="nothing_waits")
    if inbound.facts.get("missing"):
        return Opening(state=TRIAGE, why="incomplete")
    if party is None:
        return Opening(state=TRIAGE, why="unknown_sender")
    service, data = read_service(channel.options.get("service", ""))
    return Opening(service, data, why="service") if service else Opening(why="no_rule")
