"""A line that takes texts, what we asked by it, and what became of a text."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import SYSTEM, Actor
from app.models import Delivery, Interaction, ProcessInstance, ServiceRequest
from app.services.casework import requests
from app.services.casework.customers import Contact
from app.services.deployment import definitions
from app.services.execution import processes
from app.services.intake.incoming import Outcome
from app.services.sending import channel_settings, channels
from app.services.sending.channel_settings import Draft
from tests.app.services.story import actor
from tests.bpmn import build
from tests.support.clock import MovingClock

MARYAM, STRANGER = "+989120000042", "+989127654321"
CUSTOMER = Actor("customer", names={"fa": "مریم", "en": "Maryam"}, language="fa")
KEYWORDS = (
    "خدمت = service:complaint about=product\nکالا = service:complaint\nکد = message:code_sent"
)
OPTIONS = {
    "preset": "kavenegar", "line": "10004346", "keywords": KEYWORDS,
    "service": "complaint about=product",
}  # fmt: skip
SECRETS = {"key": "secret-key-1", "hook_secret": "a-long-secret-in-the-address"}
Take = Callable[..., Outcome | None]


def open_line(clock: MovingClock, **changes: Any) -> channels.Opened:
    draft = Draft("sms", "sms-http", {"en": "Text"}, {**OPTIONS, **changes}, SECRETS)
    channel_settings.save(draft, SYSTEM, clock())
    return channels.open_(channels.find("sms"))


def submit(session: Session, clock: MovingClock, phone: str = MARYAM) -> ServiceRequest:
    submission = requests.Submission(
        "complaint", "یخچال", "گرم است.", Contact("مریم", phone=phone), {"about": "product"}
    )
    made = requests.submit(submission, CUSTOMER, clock(), channel="portal", language="fa")
    session.flush()
    return made


def ask(
    session: Session,
    request: ServiceRequest | None,
    clock: MovingClock,
    to: str = MARYAM,
    **more: Any,
) -> None:
    """We wrote to the customer about this request."""
    session.add(
        Delivery(
            reference=secrets.token_hex(8), request_id=request.id if request else None,
            channel="sms", recipient=to, recipient_name="", language="fa", subject="", body="?",
            state="accepted", attempts=1, created_at=clock(), **more,
        )
    )  # fmt: skip
    session.flush()


def said(session: Session, request: ServiceRequest) -> list[tuple[str, str]]:
    query = select(Interaction.channel, Interaction.body).where(
        Interaction.request_id == request.id, Interaction.direction == "inbound"
    )
    return [(row.channel, row.body) for row in session.execute(query.order_by(Interaction.id))]


def answers(session: Session) -> list[str]:
    query = select(Delivery.body).where(Delivery.request_id.is_(None)).order_by(Delivery.id)
    return list(session.scalars(query))


def state_of(outcome: Outcome | None) -> tuple[str, str]:
    assert outcome is not None and outcome.message is not None
    return outcome.state, outcome.message.why


def waiting(
    session: Session, clock: MovingClock, request: ServiceRequest, name: str, key: str
) -> ProcessInstance:
    """A process of the request that waits for this message."""
    source = build.process(
        build.start(),
        build.catch("wait", build.message(name), name="Waits"),
        build.user("look", groups="intake"),
        build.end(),
        build.flows("start > wait > look > end"),
        key="waits",
        before=build.declare(name, key),
    )
    row = definitions.deploy("waits.bpmn", source, actor("admin"), clock())
    variables = {"number": request.number, "phone": MARYAM}
    return processes.start(row, variables, actor("admin"), clock())


def part(number: int, content: bytes, of: int = 2, reference: int = 7) -> dict[str, Any]:
    """What comes with one part of a text; its own words do not count."""
    facts = {"part": number, "of": of, "reference": reference, "coding": 8}
    return {"id": "", "raw": content, "facts": facts}
