"""Telephone calls that belong to no request: placed on one, or dismissed, by a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Select, func, select

from app.access import Actor, parties_seen_by
from app.db import session
from app.errors import Conflict, Invalid, NoSuch
from app.models import Party, PhoneCall, ServiceRequest
from app.models.requests import CLOSED
from app.services import history
from app.services.casework import requests
from app.services.counting import COUNTED, Count, counted, newest_first
from app.services.intake import dropping, phone_calls

PAGE = 50


class CallDecided(Conflict):
    """Somebody has already decided about this call."""

    fa = "دربارهٔ این تماس پیش‌تر تصمیم گرفته شده است."


def list_page(*, dropped: bool = False, before: int | None = None) -> list[PhoneCall]:
    """The newest calls that wait for a person, or those that were dropped; one more than fits on
    a page, where there is."""
    return list(session().scalars(page(dropped=dropped, before=before)))


def page(*, dropped: bool = False, before: int | None = None) -> Select[PhoneCall]:
    """The question for them."""
    wanted = (PhoneCall.dismissed.is_not(None),) if dropped else phone_calls.UNPLACED
    query = select(PhoneCall).where(*wanted)
    if before is not None:
        query = query.where(PhoneCall.id < before)
    return query.order_by(newest_first(PhoneCall.id)).limit(PAGE + 1)


def count() -> Count:
    """How many calls wait for a person."""
    first = (
        select(PhoneCall.id)
        .where(*phone_calls.UNPLACED)
        .order_by(newest_first(PhoneCall.id))
        .limit(COUNTED + 1)
        .subquery()
    )
    return counted(session().scalar(select(func.count()).select_from(first)) or 0)


def find(call_id: int) -> PhoneCall:
    """One call; raises NoSuch."""
    row = session().get(PhoneCall, call_id)
    if row is None:
        raise _none(call_id)
    return row


def customer_of(row: PhoneCall, actor: Actor) -> Party | None:
    """Whose number it is, as far as the actor may know."""
    return customers_of([row], actor).get(row.id)


def customers_of(rows: Sequence[PhoneCall], actor: Actor) -> Mapping[int, Party]:
    """The same for many calls, by their ids."""
    ids = [row.party_id for row in rows if row.party_id is not None]
    query = select(Party).where(Party.id.in_(ids), parties_seen_by(actor))
    found = {one.id: one for one in session().scalars(query)} if ids else {}
    return {row.id: found[row.party_id] for row in rows if row.party_id in found}


def open_requests(row: PhoneCall, actor: Actor) -> Sequence[ServiceRequest]:
    """The customer's open requests that the actor may see: likely one of them was meant."""
    if row.party_id is None:
        return ()
    return [one for one in requests.of_customer(row.party_id, actor) if one.status != CLOSED]


def join(call_id: int, number: str, actor: Actor, now: datetime) -> ServiceRequest:
    """Let a call stand on a request; raises Invalid for an unknown number, CallDecided."""
    try:
        request = requests.find(number, actor)
    except NoSuch as unknown:
        raise Invalid({"number": [unknown.message(actor.language or "fa")]}) from None
    place(call_id, request, actor, now)
    return request


def place(call_id: int, request: ServiceRequest, actor: Actor, now: datetime) -> None:
    """Let a call stand on a request that the actor has before them; raises CallDecided."""
    row = _undecided(call_id)
    row.request_id, row.party_id = request.id, request.customer_id
    row.decided_by, row.decided_at = actor.id, now
    phone_calls.tell(row, request, actor, now)
    request.updated_at = now


def dismiss(call_id: int, reason: str, actor: Actor, now: datetime) -> None:
    """Let nothing come of a call; the reason stays with it. Raises Invalid without one."""
    row = _undecided(call_id)
    row.dismissed = dropping.read_reason(reason, actor)
    row.decided_by, row.decided_at = actor.id, now
    told = {"call": row.call_id, "reason": row.dismissed}
    history.note("call_dismissed", actor, now, element=element_of(row.id), data=told)


def element_of(call_id: int) -> str:
    """Under what the history tells of a call."""
    return f"call:{call_id}"


def _undecided(call_id: int) -> PhoneCall:
    row = session().get(PhoneCall, call_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise _none(call_id)
    if row.request_id is not None or row.decided_at is not None:
        raise CallDecided
    return row


def _none(call_id: int) -> NoSuch:
    return NoSuch(en=f"call {call_id}", fa=f"تماس {call_id}")
