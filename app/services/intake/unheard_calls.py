"""Calls of partners that no process waited for: a person offers them again, or drops them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select

from app.access import SYSTEM, Actor
from app.db import run, session
from app.errors import Conflict, NoSuch
from app.models import PartnerCall
from app.services import history
from app.services.intake import dropping, partner_calls
from app.services.intake.partner_calls import DROPPED as DROPPED
from app.services.intake.partner_calls import HEARD
from app.services.intake.partner_calls import UNHEARD as UNHEARD
from app.services.intake.partner_calls import WAITING as WAITING
from app.services.sending import channels

STATES = (UNHEARD, WAITING, DROPPED)
"""What is listed; what a process heard is in the history of that process."""
PAGE = 50
KEPT = timedelta(days=365)
"""How long what nothing waited for is kept for a person."""
FORGOTTEN = 1_000
"""How many are forgotten at a time, each with its word in the history."""


class AlreadyDecided(Conflict):
    """A process has heard this call already, or somebody has dropped it."""

    fa = "این تماس پیش‌تر به فرایندی رسیده یا کنار گذاشته شده است."


def list_page(state: str, *, before: int | None = None, limit: int = PAGE) -> list[PartnerCall]:
    """The newest calls of a state; one more than ``limit``, where there is."""
    query = select(PartnerCall).where(PartnerCall.state == state, PartnerCall.state != HEARD)
    if before is not None:
        query = query.where(PartnerCall.id < before)
    return list(session().scalars(query.order_by(PartnerCall.id.desc()).limit(limit + 1)))


def counts() -> Mapping[str, int]:
    """How many calls of each state are listed."""
    query = select(PartnerCall.state, func.count()).where(PartnerCall.state != HEARD)
    return dict(run(query.group_by(PartnerCall.state)).all())


def offer(call_id: int, actor: Actor, now: datetime) -> PartnerCall:
    """Give a call to the processes that wait for it by now; its ``reached`` tells how many heard
    it. Raises NoSuch, AlreadyDecided."""
    row = _undecided(call_id)
    partner_calls.tell(row, channels.find_by_id(row.channel_id), now)
    _note("offered", row, actor, now, heard=row.reached)
    return row


def drop(call_id: int, reason: str, actor: Actor, now: datetime) -> PartnerCall:
    """Let nothing come of a call; the reason stays with it. Raises Invalid without one, NoSuch,
    AlreadyDecided."""
    row = _undecided(call_id)
    why = dropping.read_reason(reason, actor)
    row.state, row.why = DROPPED, why
    row.decided_by, row.decided_at = actor.id, now
    _note("dropped", row, actor, now, reason=why)
    return row


def prune(now: datetime) -> None:
    """Forget what nothing waited for and nobody decided in a year, with a word in the history."""
    late = (PartnerCall.state == UNHEARD, PartnerCall.received_at < now - KEPT)
    query = select(PartnerCall).where(*late).order_by(PartnerCall.id).limit(FORGOTTEN)
    rows = list(session().scalars(query.with_for_update(skip_locked=True)))
    for row in rows:
        _note("forgotten", row, SYSTEM, now)
    run(delete(PartnerCall).where(PartnerCall.id.in_([row.id for row in rows])))


def find(call_id: int) -> PartnerCall:
    """One call; raises NoSuch."""
    return _one(session().get(PartnerCall, call_id), call_id)


def _undecided(call_id: int) -> PartnerCall:
    row = _one(
        session().get(PartnerCall, call_id, with_for_update=True, populate_existing=True), call_id
    )
    if row.state not in (UNHEARD, WAITING):
        raise AlreadyDecided
    return row


def _one(row: PartnerCall | None, call_id: int) -> PartnerCall:
    if row is None:
        raise NoSuch(en=f"call {call_id}", fa=f"تماس {call_id}")
    return row


def _note(act: str, row: PartnerCall, actor: Actor, now: datetime, **facts: Any) -> None:
    key = channels.find_by_id(row.channel_id).key
    said = {"call": row.external_id, "message": row.message, **facts}
    history.note(f"partner_call_{act}", actor, now, element=key, data=said)
