"""A mailbox, a customer who writes to it, and what came of her mails."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import SYSTEM, Actor
from app.models import (
    Delivery,
    Interaction,
    ServiceRequest,
)
from app.services.sending import (
    channel_settings,
    channels,
    customer_ways,
)
from app.services.sending.channel_settings import Draft
from tests.connectors.mails import mail
from tests.support.clock import MovingClock

BOX = "requests@ours.example"
MARYAM = "maryam@example.com"
CUSTOMER = Actor("customer", names={"fa": "مریم", "en": "Maryam"}, language="en")


def open_box(clock: MovingClock, **changes: Any) -> channels.Opened:
    options = {"host": "localhost", "user": "requests", "address": BOX} | changes
    draft = Draft("box", "imap", {"en": "Box"}, options, {"password": "secret-of-box"})
    channel_settings.save(draft, SYSTEM, clock())
    return channels.open_(channels.find("box"))


def written(headers: str, body: str = "It is still warm.") -> bytes:
    sent = f"From: Maryam <{MARYAM}>\r\nMessage-ID: <{hash((headers, body))}@x>\r\n{headers}"
    return mail(sent.rstrip(), body.encode())


def said(session: Session, request: ServiceRequest) -> list[str]:
    query = select(Interaction.body).where(Interaction.request_id == request.id)
    inbound = query.where(Interaction.direction == "inbound").order_by(Interaction.id)
    return list(session.scalars(inbound))


def letter(session: Session, request: ServiceRequest, clock: MovingClock) -> Delivery:
    row = customer_ways.prepare_reply(request, "What happened?", clock())
    assert row is not None
    return session.get_one(Delivery, row.id)
