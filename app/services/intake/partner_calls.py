"""What partners' systems tell us finds the processes that wait for it, each call once.

A call may come before its process waits: the partner answers our request by a callback while we
still write down that it was sent. Such a call is kept and offered again for a day.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, literal_column, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import ReturningInsert

from app import jobs
from app.access import ADMINISTRATOR, MANAGER, Actor
from app.db import session
from app.errors import NoSuch, NotFound
from app.models import PartnerCall, ProcessInstance
from app.services.casework import messages
from app.services.counting import newest_first
from app.services.execution import correlation, listening
from app.services.sending import channels, keys
from connectors.contract import Hook, Inbound
from connectors.networks import comes_from, read_networks

HEARD, WAITING, UNHEARD, DROPPED = "heard", "waiting", "unheard", "dropped"
PAUSES: Sequence[timedelta] = tuple(
    timedelta(seconds=one) for one in (2, 5, 15, 60, 300, 900, 3600, 6 * 3600, 17 * 3600)
)
"""After each of them a call that nothing waited for is offered once more."""


class Closed(NotFound):
    """There is no such door: no channel of this name takes calls from there with this secret."""

    fa = "چنین دری نیست: هیچ کانالی با این نام و رمز، از آنجا فراخوانی نمی‌پذیرد."


@dataclass(frozen=True)
class Taken:
    """What became of a call."""

    new: int
    """How many of its messages had not come before."""
    heard: int
    """How many processes have heard them by now."""


def take(key: str, secret: str, source: str, hook: Hook, now: datetime) -> Taken:
    """Keep what a partner's call says and give it to the processes that wait. Nothing of it may
    be answered before this is committed.

    Raises Closed without saying which of channel, secret and source is wrong, ``NotGenuine`` for
    a wrong signature and ``ValueError`` for what cannot be read.
    """
    way, found = open_door(key, secret, source)
    inbound = found.connector.read_inbound(hook, found.options)
    kept = [_keep(way, one, now) for one in inbound]
    return Taken(sum(new for _, new in kept), sum(row.reached or 0 for row, _ in kept))


def open_door(key: str, secret: str, source: str) -> tuple[channels.Way, channels.Opened]:
    """The channel that takes calls from there with this secret; raises Closed."""
    try:
        way = channels.find(key)
        found = channels.open_(way)
    except (NoSuch, channels.ChannelUnusable, keys.KeysLost, keys.KeyFileBad):
        raise Closed from None
    ours = str(found.options.get("hook_secret") or "")
    knows = bool(ours) and hmac.compare_digest(ours.encode(), secret.encode("utf-8", "replace"))
    networks = read_networks(str(found.options.get("sources") or ""))
    may = "receive" in found.connector.abilities and way.enabled and comes_from(source, networks)
    if not (knows and may):
        raise Closed
    return way, found


def _keep(way: channels.Way, inbound: Inbound, now: datetime) -> tuple[PartnerCall, bool]:
    """The message as it is kept, and whether it is new. Of two that come at once the second
    one waits here until the first is committed."""
    name = inbound.facts.get("message")
    if name is None or name in messages.OF_THE_CUSTOMER:
        raise ValueError("type: not a message for a process")
    values = {
        "channel_id": way.id,
        "external_id": inbound.id,
        "message": name,
        "correlation": inbound.facts["key"],
        "data": inbound.facts["data"],
        "state": WAITING,
        "attempts": 0,
        "received_at": now,
    }
    call_id, is_new = session().execute(_KEEP, values).one()
    row = session().get_one(PartnerCall, call_id)
    if is_new:
        _offer(row, way, now)
    return row, bool(is_new)


_INSERT = insert(PartnerCall)
_KEEP: ReturningInsert[int, bool] = _INSERT.on_conflict_do_update(
    index_elements=[PartnerCall.channel_id, PartnerCall.external_id],
    # Nothing changes by this, but the row is there, found and locked by one statement, whatever is
    # forgotten in this moment.
    set_={"external_id": _INSERT.excluded.external_id},
).returning(PartnerCall.id, literal_column("xmax = 0"))


def offer_again(call_id: int, now: datetime) -> None:
    """Offer a kept call once more; what was heard or decided meanwhile stays as it is."""
    call = session().get(PartnerCall, call_id, with_for_update=True, populate_existing=True)
    if call is not None and call.state == WAITING:
        _offer(call, channels.find_by_id(call.channel_id), now)


def _offer(call: PartnerCall, way: channels.Way, now: datetime) -> None:
    call.attempts += 1
    if not tell(call, way, now):
        _put_off(call, now)


def tell(call: PartnerCall, way: channels.Way, now: datetime) -> Sequence[ProcessInstance]:
    """Give a call to the processes that wait for it at this moment: those that heard it. One that
    nobody hears stays as it is."""
    actor = Actor("system", names=way.names, roles=frozenset({ADMINISTRATOR, MANAGER}))
    try:
        with session().begin_nested():
            heard = correlation.publish(call.message, call.correlation, call.data, actor, now)
    except listening.NothingWaits:
        call.reached = 0
        return ()
    call.state, call.heard_at = HEARD, now
    told = (*heard.delivered, *heard.started)
    call.reached = len(told)
    return told


def _put_off(call: PartnerCall, now: datetime) -> None:
    call.state = WAITING if call.attempts <= len(PAUSES) else UNHEARD
    if call.state == WAITING:
        at = now + PAUSES[call.attempts - 1]
        jobs.defer(jobs.OFFER_CALL, at=at, call_id=call.id)


KEPT = timedelta(days=90)
"""How long what a process heard, or a person dropped, guards against copies of it."""


FORGOTTEN = 20_000
"""How many of each state are forgotten at a time."""


def prune(now: datetime) -> None:
    """Forget calls that were heard or dropped long ago, with what they said; the oldest first."""
    for state in (HEARD, DROPPED):
        ids = oldest(state, now).scalar_subquery()
        gone = delete(PartnerCall).where(PartnerCall.id.in_(ids))
        session().execute(gone, execution_options={"synchronize_session": False})


def oldest(state: str, now: datetime) -> Select[int]:
    """The question for those of a state."""
    old = select(PartnerCall.id).where(
        PartnerCall.state == state, PartnerCall.received_at < now - KEPT
    )
    return old.order_by(PartnerCall.received_at).limit(FORGOTTEN)


def of_channel(channel_id: int, limit: int = 50) -> list[PartnerCall]:
    """The newest calls of a channel, the newest first."""
    return list(session().scalars(newest(channel_id, limit)))


def newest(channel_id: int, limit: int) -> Select[PartnerCall]:
    """The question for them."""
    query = select(PartnerCall).where(PartnerCall.channel_id == channel_id)
    return query.order_by(newest_first(PartnerCall.id)).limit(limit)
