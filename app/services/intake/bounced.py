"""Letters that came back: the address is marked, the request is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.access import SYSTEM
from app.db import session
from app.models import Delivery, InboundMessage, Interaction, ServiceRequest
from app.models.inbound import BOUNCE
from app.services import history
from app.services.execution import listening, processes
from app.services.intake.incoming import Outcome
from app.services.sending import deliveries, no_contact
from connectors.mail_bounces import Bounce, told_of
from connectors.mail_reading import Mail

REASON: no_contact.Reason = "bounced"
FAILED = "failed"
EVENT = "letter_returned"
"""The message event that a process may wait for."""


def settle(row: InboundMessage, mail: Mail, tokens: Sequence[str], now: datetime) -> Outcome:
    """Note the failure on the letter that came back.

    Only what names a letter of ours by its token tells anything, and marks no other address than
    the one that letter went to: whoever writes a false report knows neither.
    """
    delivery = _letter(tokens)
    if delivery is None:
        return Outcome(BOUNCE, row)
    failure = _failure(mail, delivery)
    row.delivery_id, row.request_id = delivery.id, delivery.request_id
    row.why = (failure.words if failure else "")[:300] or "returned"
    if failure is not None and failure.is_dead:
        mark(delivery.recipient, now)
    if delivery.state == FAILED:
        return Outcome(BOUNCE, row)
    delivery.state, delivery.error = FAILED, row.why
    request = _request_of(delivery)
    if request is not None:
        _tell(request, delivery, row, now)
    return Outcome(BOUNCE, row, request)


def mark(address: str, now: datetime) -> None:
    """Let nothing be sent to this e-mail address any more; an older mark stays."""
    no_contact.bar("email", address, REASON, SYSTEM, now)


def _letter(tokens: Sequence[str]) -> Delivery | None:
    """The letter, locked after the processes of its request, in the order of every step."""
    query = select(Delivery).where(Delivery.reference.in_(tokens))
    found = {one.reference: one for one in session().scalars(query)} if tokens else {}
    letter = next((found[token] for token in tokens if token in found), None)
    if letter is None:
        return None
    if letter.request_id is not None:
        for instance in processes.of_request(letter.request_id):
            processes.lock(instance.id)
    return deliveries.find(letter.id)


def _failure(mail: Mail, delivery: Delivery) -> Bounce | None:
    wanted = delivery.recipient.casefold()
    if not mail.bounces:
        # Nothing in it can be read by machine, but it came to the address of this very letter.
        return told_of(mail.text, wanted)
    return next((one for one in mail.bounces if one.recipient == wanted), None)


def _request_of(delivery: Delivery) -> ServiceRequest | None:
    if delivery.request_id is None:
        return None
    return session().get(ServiceRequest, delivery.request_id)


def _tell(request: ServiceRequest, delivery: Delivery, row: InboundMessage, now: datetime) -> None:
    """A note for staff, an entry of the history, and a message to the process that waits."""
    told: Mapping[str, Any] = {
        "to": delivery.recipient,
        "why": row.why,
        "subject": delivery.subject,
    }
    note = Interaction(
        request_id=request.id, party_id=request.customer_id, direction="internal",
        channel="email", author_kind="system", author_names=dict(SYSTEM.names),
        subject=delivery.subject, body=_words(request, told), at=now,
    )  # fmt: skip
    session().add(note)
    session().flush()
    row.interaction_id = note.id
    history.note(EVENT, SYSTEM, now, request_id=request.id, data=told)
    listening.deliver(EVENT, request, told, SYSTEM, now)
    request.updated_at = now


def _words(request: ServiceRequest, told: Mapping[str, Any]) -> str:
    if request.language == "en":
        return f"The letter “{told['subject']}” did not reach {told['to']}: {told['why']}"
    return f"نامهٔ «{told['subject']}» به {told['to']} نرسید: {told['why']}"
