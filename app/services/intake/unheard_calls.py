"""Calls of partners that no process waited for: a person offers them again, or drops them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, String, column, delete, func, literal_column, select, true, values

from app.access import SYSTEM, Actor
from app.db import run, session
from app.errors import Conflict, Invalid, NoSuch
from app.models import PartnerCall
from app.services import history, texts
from app.services.counting import COUNTED, Count, counted, newest_first
from app.services.intake import dropping, partner_calls
from app.services.intake.partner_calls import DROPPED as DROPPED
from app.services.intake.partner_calls import HEARD
from app.services.intake.partner_calls import UNHEARD as UNHEARD
from app.services.intake.partner_calls import WAITING as WAITING
from app.services.sending import channels
from app.services.texts import choose
from connectors import webhook
from connectors.webhook import BadCall

STATES = (UNHEARD, WAITING, DROPPED)
"""What is listed; what a process heard is in the history of that process."""
PAGE = 50
KEPT = timedelta(days=365)
"""How long what nothing waited for is kept for a person."""
FORGOTTEN = 1_000
"""How many are forgotten at a time, each with its word in the history."""


class AlreadyDecided(Conflict):
    """A process has heard this call already, or somebody has dropped it."""

    fa = "این فراخوانی پیش‌تر به فرایندی رسیده یا کنار گذاشته شده است."


class CorrectedMeanwhile(Conflict):
    """Somebody else has corrected this call meanwhile. See how it stands now, and correct that."""

    fa = "در این میان کس دیگری آن را اصلاح کرده است. وضع کنونی را ببینید و همان را اصلاح کنید."


def list_page(state: str, *, before: int | None = None, limit: int = PAGE) -> list[PartnerCall]:
    """The newest calls of a state; one more than ``limit``, where there is."""
    return list(session().scalars(page(state, before, limit)))


def page(state: str, before: int | None, limit: int) -> Select[PartnerCall]:
    """The question for them."""
    query = select(PartnerCall).where(PartnerCall.state == state, _IS_LISTED)
    if before is not None:
        query = query.where(PartnerCall.id < before)
    return query.order_by(newest_first(PartnerCall.id)).limit(limit + 1)


def counts() -> Mapping[str, Count]:
    """How many calls of each state are listed."""
    return {state: counted(number) for state, number in run(_COUNTS).all()}


# The state stands in the text itself, or no plan could use the index of these.
_IS_LISTED = PartnerCall.state != literal_column(f"'{HEARD}'", String)
_EACH = values(column("state", String), name="states").data([(one,) for one in STATES])
_FIRST = (
    select(literal_column("1"))
    .where(PartnerCall.state == _EACH.c.state, _IS_LISTED)
    .order_by(newest_first(PartnerCall.id))
    .limit(COUNTED + 1)
    .lateral()
)
_COUNTS = (
    select(_EACH.c.state, func.count())
    .select_from(_EACH.join(_FIRST, true()))
    .group_by(_EACH.c.state)
)


def offer(call_id: int, actor: Actor, now: datetime) -> PartnerCall:
    """Give a call to the processes that wait for it by now; its ``reached`` tells how many heard
    it. Raises NoSuch, AlreadyDecided."""
    row = _undecided(call_id)
    heard = partner_calls.tell(row, channels.find_by_id(row.channel_id), now)
    _note("offered", row, actor, now, heard=len(heard))
    facts = {**_facts(row), "heard": len(heard)}
    kind = "partner_call_offered"
    for one in heard:
        belongs = {"request_id": one.request_id, "instance_id": one.id}
        history.note(kind, actor, now, **belongs, data=facts)
    return row


def correct(
    call_id: int,
    key: str | None,
    values: str | None,
    reason: str,
    actor: Actor,
    now: datetime,
    *,
    base: str | None = None,
) -> PartnerCall:
    """Put right what a call says before it is offered again; what was before stays in the history
    with the reason. ``values`` is a JSON object; both are checked as at the door, and what is None
    stays as it is. ``base`` is the ``stand_of`` the call that was opened, None for whatever it is.

    Raises Invalid with ``key``, ``values`` and ``reason``, NoSuch, AlreadyDecided, and
    CorrectedMeanwhile where a correction would take another one back.
    """
    row = _undecided(call_id)
    before = {"key": row.correlation, "data": dict(row.data)}
    after = {**before, **_read(key, values, reason, actor)}
    is_stale = base is not None and base != stand_of(row)
    if is_stale and any(old != after[name] for name, old in before.items()):
        raise CorrectedMeanwhile
    changed = {name: old for name, old in before.items() if old != after[name]}
    if changed:
        row.correlation, row.data = after["key"], after["data"]
        now_so = {name: after[name] for name in changed}
        told = {"before": changed, "after": now_so, "reason": after["reason"]}
        _note("corrected", row, actor, now, **told)
    return row


def stand_of(row: PartnerCall) -> str:
    """What tells whether a call still says the same."""
    said = json.dumps([row.correlation, row.data], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def _read(
    key: str | None, values: str | None, reason: str, actor: Actor
) -> dict[str, Any]:  # fmt: skip
    said: dict[str, Any] = {"reason": " ".join(texts.tidy(reason).split())[: dropping.LONGEST]}
    errors: dict[str, list[str]] = {}
    fields: Sequence[tuple[str, str, Callable[[str], Any], str | None]] = (
        ("key", "key", webhook.read_key, key if key is None else key.strip()),
        ("values", "data", webhook.read_data, values),
    )
    for field, name, read, text in fields:
        try:
            said |= {} if text is None else {name: read(text)}
        except BadCall as wrong:
            errors[field] = [_wrong(field, str(wrong), actor)]
    if not said["reason"]:
        errors["reason"] = [choose(_WORDS["reason"], actor.language)]
    if errors:
        raise Invalid(errors)
    return said


def _wrong(field: str, told: str, actor: Actor) -> str:
    # Only the place of what no table stores says more than the sentence.
    words = choose(_WORDS[field], actor.language)
    return f"{words} (\u2068{told}\u2069)" if "U+0000" in told else words


_WORDS = {
    "key": (
        "کلید متنی از ۱ تا ۲۰۰ نویسه است.",
        "The key is a text of 1 to 200 characters.",
    ),
    "values": (
        "یک شیء JSON بنویسید: نام‌ها و مقدارها درون آکولاد.",
        "Write an object in JSON: names and values in braces.",
    ),
    "reason": ("دلیل اصلاح را بنویسید.", "Write why it is corrected."),
}


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
    rows = list(session().scalars(forgettable(now)))
    for row in rows:
        _note("forgotten", row, SYSTEM, now)
    run(delete(PartnerCall).where(PartnerCall.id.in_([row.id for row in rows])))


def forgettable(now: datetime) -> Select[PartnerCall]:
    """The question for the oldest of these, which locks them."""
    late = (PartnerCall.state == UNHEARD, PartnerCall.received_at < now - KEPT)
    query = select(PartnerCall).where(*late).order_by(PartnerCall.received_at).limit(FORGOTTEN)
    return query.with_for_update(skip_locked=True)


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
        raise NoSuch(en=f"call {call_id}", fa=f"فراخوانی {call_id}")
    return row


def element_of(call_id: int) -> str:
    """Under what the history tells of a call."""
    return f"partner_call:{call_id}"


FORGOTTEN_ONES = "house:partner_calls"
"""Under what the history tells of calls that have gone."""


def _note(act: str, row: PartnerCall, actor: Actor, now: datetime, **facts: Any) -> None:
    about = FORGOTTEN_ONES if act == "forgotten" else element_of(row.id)
    data = {**_facts(row), **facts}
    history.note(f"partner_call_{act}", actor, now, element=about, data=data)


def _facts(row: PartnerCall) -> dict[str, str]:
    way = channels.find_by_id(row.channel_id)
    return {"call": row.external_id, "message": row.message, "channel": way.key}
