"""Calls that a telephone system reports: matched to the customer by number, each kept once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.access import Actor, may_see_request
from app.db import session
from app.i18n import to_digits
from app.models import ContactPoint, Interaction, PhoneCall, ServiceRequest
from app.models.requests import CLOSED
from app.services import history
from app.services.casework import requests
from connectors.phones import read_sender

UNPLACED = (PhoneCall.request_id.is_(None), PhoneCall.decided_at.is_(None))
"""Of the calls that stand on no request, as long as nobody has decided about them."""
FAST = timedelta(minutes=5)
"""By how much the clock of a telephone system may be fast: no call begins later than that."""
OUTCOMES = ("answered", "missed", "busy", "failed", "voicemail")


@dataclass(frozen=True)
class Call:
    """One call as it was reported."""

    call_id: str
    number: str
    direction: str
    started_at: datetime
    outcome: str
    seconds: int | None = None
    recording: str | None = None
    request: str | None = None
    """The number of the request it was about, where the system knows it."""


@dataclass(frozen=True)
class Reported:
    """The call as it is kept, and whether this was its first report."""

    row: PhoneCall
    is_new: bool


def report(call: Call, actor: Actor, now: datetime) -> Reported:
    """Keep a call; one whose id is known already stays as it is.

    The customer is who has that number on record, if it is only one. The call stands on the
    request that it names, else on the customer's only open one; else on none. Raises NoSuch for a
    request that there is not or that the actor may not see.
    """
    named = _named(call, actor)
    number = read_sender(call.number)
    statement = insert(PhoneCall).values(
        reported_by=actor.id, call_id=call.call_id, direction=call.direction, number=number,
        started_at=call.started_at, seconds=call.seconds, outcome=call.outcome,
        recording=call.recording, reported_at=now,
    )  # fmt: skip
    made = session().scalar(statement.on_conflict_do_nothing().returning(PhoneCall.id))
    if made is None:
        return Reported(_known(call, actor), is_new=False)
    row = session().get_one(PhoneCall, made)
    _match(row, named)
    if row.request_id is not None:
        tell(row, session().get_one(ServiceRequest, row.request_id), actor, now)
    return Reported(row, is_new=True)


def _named(call: Call, actor: Actor) -> ServiceRequest | None:
    return requests.find(call.request, actor) if call.request else None


def _known(call: Call, actor: Actor) -> PhoneCall:
    query = select(PhoneCall).where(
        PhoneCall.reported_by == actor.id, PhoneCall.call_id == call.call_id
    )
    return session().scalars(query).one()


def _match(row: PhoneCall, named: ServiceRequest | None) -> None:
    if named is not None:
        row.party_id, row.request_id = named.customer_id, named.id
        return
    parties = _parties(row.number)
    if len(parties) != 1:
        return
    row.party_id = parties[0]
    open_ones = _open_requests(parties[0])
    if len(open_ones) == 1:
        row.request_id = open_ones[0]


def _parties(number: str) -> Sequence[int]:
    query = select(ContactPoint.party_id).where(
        ContactPoint.kind == "phone", ContactPoint.value == number
    )
    return session().scalars(query.distinct().limit(2)).all()


def _open_requests(party_id: int) -> Sequence[int]:
    query = select(ServiceRequest.id).where(
        ServiceRequest.customer_id == party_id, ServiceRequest.status != CLOSED
    )
    return session().scalars(query.limit(2)).all()


def tell(row: PhoneCall, request: ServiceRequest, actor: Actor, now: datetime) -> None:
    """Let the call stand among what was said on the request; its recording only staff see."""
    said = Interaction(
        request_id=request.id, party_id=request.customer_id, direction=row.direction,
        channel="voicemail" if row.outcome == "voicemail" else "phone", author_kind="system",
        author_names=dict(actor.names), body=_words(row, request.language), link=row.recording,
        at=row.started_at,
    )  # fmt: skip
    session().add(said)
    session().flush()
    row.interaction_id = said.id
    told = {"call": row.call_id, "outcome": row.outcome, "direction": row.direction}
    history.note("call_reported", actor, now, request_id=request.id, data=told)


def _words(row: PhoneCall, language: str) -> str:
    words = _TOLD[row.outcome][language != "fa"]
    if not row.seconds:
        return f"{words}."
    minutes, seconds = divmod(row.seconds, 60)
    if language == "fa":
        return to_digits(f"{words}، {minutes} دقیقه و {seconds} ثانیه.", language)
    return f"{words}, {minutes} min {seconds} s."


_TOLD = {
    "answered": ("گفت‌وگوی تلفنی", "Talked on the telephone"),
    "missed": ("تماس تلفنی بی‌پاسخ", "Call without an answer"),
    "busy": ("تماس تلفنی، خط اشغال بود", "Call, the line was busy"),
    "failed": ("تماس تلفنی برقرار نشد", "Call that did not get through"),
    "voicemail": ("پیام صوتی", "Voice mail"),
}


def request_number(row: PhoneCall, actor: Actor) -> str | None:
    """The number of the request on which the call stands, for who may see that request."""
    request = session().get(ServiceRequest, row.request_id) if row.request_id else None
    return request.number if request and may_see_request(actor, request) else None
