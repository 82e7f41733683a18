"""Which request a message of somebody outside belongs to."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import bindparam, func, select

from app.db import run, session
from app.models import ContactPoint, Delivery, InboundMessage, ServiceRequest, User
from app.objects import columns_of, read
from app.services.casework import requests
from app.services.intake.incoming import Incoming
from app.services.sending import no_contact

UNPROVED = "unproved"
"""Why a message that names its request does not join it: its sender's address may be forged."""
_NUMBER = re.compile(r"(?<![A-Za-z0-9-])R-[0-9]{6,}(?![0-9])", re.IGNORECASE)


def request_of(row: InboundMessage, incoming: Incoming) -> ServiceRequest | None:
    """The request that the message belongs to: by a token, or by a number that it names when its
    sender is known there. A number alone proves nothing, since anybody may guess one; neither does
    a sender's address of which our own mail server says that it is another's."""
    delivery = _answered(incoming.tokens)
    if delivery is not None:
        row.delivery_id = delivery.id
    number = incoming.number and requests.tidy_number(incoming.number)
    proved = _by_number(number) if number else None
    if proved is None and delivery is not None and delivery.request_id is not None:
        proved = session().get(ServiceRequest, delivery.request_id)
    if proved is not None:
        row.why = "token"
        return proved
    named = next((one for one in _named(incoming) if _knows(one, incoming)), None)
    row.why = "sender" if incoming.proof != "fail" else UNPROVED if named else ""
    return named if incoming.proof != "fail" else None


def is_from_house(request: ServiceRequest, incoming: Incoming) -> bool:
    """Whether a colleague wrote, who is not this customer: an answer to a letter to the house is no
    word of the customer's, who would read it."""
    if incoming.medium != "email" or run(_USER, {"mailbox": incoming.sender}).scalar() is None:
        return False
    return not _knows(request, incoming)


_USER = select(User.id).where(func.lower(User.email) == bindparam("mailbox")).limit(1)


def _answered(tokens: Sequence[str]) -> Delivery | None:
    if not tokens:
        return None
    found = read(_DELIVERIES, {"tokens": list(tokens)}, Delivery)
    rows = {row.reference: row for (row,) in found}
    return next((rows[one] for one in tokens if one in rows), None)


_DELIVERIES = select(*columns_of(Delivery)).where(
    Delivery.reference.in_(bindparam("tokens", expanding=True))
)


def _named(incoming: Incoming) -> list[ServiceRequest]:
    found = dict.fromkeys(_NUMBER.findall(requests.tidy_number(incoming.subject)))
    return [one for number in list(found)[:5] if (one := _by_number(number)) is not None]


def _by_number(number: str) -> ServiceRequest | None:
    rows = read(_REQUEST, {"number": number}, ServiceRequest)
    return rows[0][0] if rows else None


_REQUEST = select(*columns_of(ServiceRequest)).where(ServiceRequest.number == bindparam("number"))


def _knows(request: ServiceRequest, incoming: Incoming) -> bool:
    """Whether the sender is who asked, or an address on the customer's record."""
    if not incoming.sender:
        return False
    given = {request.contact_email, request.contact_phone}
    if incoming.sender in {one.casefold() for one in given if one}:
        return True
    wanted = {"party": request.customer_id, "value": incoming.sender}
    kind = no_contact.KIND_OF[incoming.medium]
    return run(_POINT, {**wanted, "kind": kind}).scalar() is not None


_POINT = select(ContactPoint.id).where(
    ContactPoint.party_id == bindparam("party"),
    ContactPoint.kind == bindparam("kind"),
    ContactPoint.value == bindparam("value"),
)
