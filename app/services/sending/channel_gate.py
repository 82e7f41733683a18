"""Whether a channel may send now, as all workers together know it: breaker, rate, quiet hours.

The row of a channel's state is the last thing that a transaction locks, and nothing else is
locked while it is held: those who send by the same channel wait for each other only briefly.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import NamedTuple

from sqlalchemy import Select, bindparam, func, select, text, true, update
from sqlalchemy.dialects.postgresql import insert

from app import running
from app.access import SYSTEM, Actor
from app.db import run, session
from app.models import Channel, ChannelState, Delivery
from app.services import history
from app.services.counting import COUNTED, Count, counted
from app.services.sending import channel_policy
from app.services.sending.channels import Way
from connectors.gate import BURST, Breaker, Rate


class Leave(NamedTuple):
    """Whether something may go out now."""

    until: datetime | None
    """When to ask again; None when it may go."""
    is_shaken: bool = False
    """Whether the channel failed lately, so that a success is worth noting."""
    is_trial: bool = False
    """Whether this sending tries for all others if the partner is back."""


def ask(way: Way, place: datetime | None, now: datetime, *, urgent: bool = False) -> Leave:
    """Ask leave to send by a channel; what is ``urgent`` heeds no quiet hours.

    ``place`` is what was answered before, if anything: who was given a place in the row of the
    channel's rate need not queue again. A token of the rate is taken by this question.
    """
    if not way.enabled:
        return Leave(now + OFF)
    quiet = None if urgent else channel_policy.quiet(way.policy)
    over_at = quiet.over_at(now, running.settings().time_zone) if quiet else None
    if over_at is not None:
        return Leave(over_at)
    rate, breaker = channel_policy.per_minute(way.policy), _breaker(way.id)
    if rate is None and breaker.open_until is None:
        return Leave(None, breaker.failures > 0)
    state = _locked(way.id)
    breaker = Breaker(state.failures, state.open_until)
    if breaker.is_open(now):
        return Leave(breaker.open_until, is_shaken=True)
    until = _ask_rate(state, rate, place, now)
    # What its rate puts off tries nothing, so that whoever may go first does.
    is_trial = until is None and breaker.is_on_trial(now)
    if is_trial:
        state.open_until = breaker.trying(now).open_until
    session().flush()
    return Leave(until, state.failures > 0, is_trial)


def closed_until(way: Way, now: datetime, *, urgent: bool = False) -> datetime | None:
    """When a channel that lets nothing go now is to be asked again; no token of its rate is
    taken. None while it is open; what is ``urgent`` heeds no quiet hours."""
    if not way.enabled:
        return now + OFF
    quiet = None if urgent else channel_policy.quiet(way.policy)
    over_at = quiet.over_at(now, running.settings().time_zone) if quiet else None
    breaker = _breaker(way.id)
    return over_at or (breaker.open_until if breaker.is_open(now) else None)


OFF = timedelta(minutes=5)
"""How long something waits before it asks again whether its channel is switched on."""


def _ask_rate(
    state: ChannelState, per_minute: int | None, place: datetime | None, now: datetime
) -> datetime | None:
    # Who comes much later than the place was meant for, as after an outage, queues again.
    if per_minute is None or (place is not None and place <= now <= place + BURST):
        return None
    taken, at = Rate(per_minute, state.tokens, state.refilled_at).take(now)
    state.tokens, state.refilled_at = taken.tokens, taken.counted_at
    return at


def note_success(channel_id: int, now: datetime) -> None:
    """The partner answered: the breaker closes, and what it has put off goes at once. Nothing is
    written while it is closed."""
    forget()
    until = run(_BREAKER, {"channel_id": channel_id}).one_or_none()
    if until is not None and until.open_until is not None:
        _call_up(channel_id, now, until.open_until)
    was_shaken = (ChannelState.failures > 0) | ChannelState.open_until.is_not(None)
    change = update(ChannelState).where(ChannelState.channel_id == channel_id, was_shaken)
    session().execute(change.values(failures=0, open_until=None))


def note_failure(way: Way, now: datetime, *, on_trial: bool = False) -> None:
    """The partner could not be reached or did not answer rightly: once more in a row.

    ``on_trial``: by the sending that tried whether it is back."""
    forget()
    state = _locked(way.id)
    before = Breaker(state.failures, state.open_until)
    after = before.after_failure(now, on_trial=on_trial)
    state.failures, state.open_until = after.failures, after.open_until
    session().flush()
    if after.is_open(now) and before.open_until is None:
        facts = {"until": after.open_until and after.open_until.isoformat()}
        history.note("channel_opened", SYSTEM, now, element=way.key, data=facts)


def note_look(channel_id: int, now: datetime) -> None:
    """A mailbox was looked into."""
    made = insert(ChannelState).values(channel_id=channel_id, failures=0, looked_at=now)
    seen = made.on_conflict_do_update(index_elements=["channel_id"], set_={"looked_at": now})
    session().execute(seen)


def close(way: Way, actor: Actor, now: datetime) -> None:
    """Let a channel send again at once, with all that waits for it or for its own next attempt, for
    an administrator who knows that it works. What a worker has in hand is left as it is."""
    _call_up(way.id, now, datetime.max.replace(tzinfo=UTC), failed=True)
    note_success(way.id, now)
    history.note("channel_closed", actor, now, element=way.key)


def waiting(way: Way, now: datetime) -> Count:
    """How many messages of this channel wait for a moment of their own."""
    query = select(Delivery.id).where(
        Delivery.channel_id == way.id, Delivery.state.in_(("waiting", "unknown")),
        Delivery.next_attempt_at > now,
    ).limit(COUNTED + 1)  # fmt: skip
    return counted(session().scalar(select(func.count()).select_from(query.subquery())) or 0)


def _call_up(channel_id: int, now: datetime, until: datetime, *, failed: bool = False) -> None:
    """Let what was put off to a moment up to this one go now, and what has ``failed`` as well."""
    for statement in _CALL_UP:
        run(statement, {"channel_id": channel_id, "now": now, "until": until, "failed": failed})


_PUT_OFF = """
    SELECT job_id FROM delivery
     WHERE channel_id = :channel_id AND state IN ('waiting', 'unknown')
       AND (:failed OR not_before = next_attempt_at)
       AND next_attempt_at > :now AND next_attempt_at <= :until"""
_CALL_UP = [
    text(f"""
        UPDATE service_job SET next_attempt_at = :now
         WHERE id IN (SELECT id FROM service_job
                       WHERE id IN ({_PUT_OFF}) AND state = 'waiting' AND next_attempt_at > :now
                         FOR UPDATE SKIP LOCKED)
    """),  # noqa: S608  # Both texts are ours.
    text("""
        UPDATE delivery SET next_attempt_at = :now
         WHERE id IN (SELECT id FROM delivery
                       WHERE channel_id = :channel_id AND state IN ('waiting', 'unknown')
                         AND (:failed OR not_before = next_attempt_at)
                         AND next_attempt_at > :now AND next_attempt_at <= :until
                         FOR UPDATE SKIP LOCKED)
    """),
    text("""
        UPDATE mailing SET next_at = :now
         WHERE id IN (SELECT id FROM mailing
                       WHERE channel_id = :channel_id AND state = 'running'
                         AND next_at > :now AND next_at <= :until
                         FOR UPDATE SKIP LOCKED)
    """),
]
"""What the gate put off is known by its place; of what failed only ``next_attempt_at`` is set."""


def states() -> Mapping[int, ChannelState]:
    """How each channel fares, by its id; one that never failed and has no rate is missing."""
    return {row.channel_id: row for row in session().scalars(select(ChannelState))}


class Busy(NamedTuple):
    """What went by a channel."""

    states: Mapping[str, int]
    is_part: bool
    """Whether these are the newest ``COUNTED`` alone."""


def counts(since: datetime) -> Mapping[int, Busy]:
    """How many deliveries of each channel are in each state, of the newest made since then."""
    found: dict[int, dict[str, int]] = {}
    for channel_id, state, number in session().execute(counting(since)):
        found.setdefault(channel_id, {})[state] = number
    return {
        number: Busy(states, sum(states.values()) >= COUNTED) for number, states in found.items()
    }


def counting(since: datetime) -> Select[int, str, int]:
    """The question for it."""
    newest = (
        select(Delivery.state)
        .where(Delivery.channel_id == Channel.id, Delivery.created_at >= since)
        .order_by(Delivery.created_at.desc())
        .limit(COUNTED)
        .lateral()
    )
    query = select(Channel.id, newest.c.state, func.count()).select_from(Channel)
    return query.join(newest, true()).group_by(Channel.id, newest.c.state)


def _breaker(channel_id: int) -> Breaker:
    """A breaker in order counts as known for a while, so that asking for leave again costs no
    statement; until then other processes may send by a channel that has just failed too often."""
    known = running.kept(_KNOWN, dict[int, float])
    if monotonic() - known.get(channel_id, -FRESH_FOR) < FRESH_FOR:
        return Breaker()
    row = run(_BREAKER, {"channel_id": channel_id}).one_or_none()
    found = Breaker() if row is None else Breaker(*row)
    if found == Breaker():
        known[channel_id] = monotonic()
    return found


def forget() -> None:
    """Look again at the next question whether the channels are in order."""
    running.forget(_KNOWN)


_KNOWN = "peygir.channels_in_order"
FRESH_FOR = 1.0
"""Seconds for which a channel that was in order counts as such."""


_BREAKER = select(ChannelState.failures, ChannelState.open_until).where(
    ChannelState.channel_id == bindparam("channel_id")
)


def _locked(channel_id: int) -> ChannelState:
    """The row of the state, made when it is missing, locked until the transaction ends."""
    made = insert(ChannelState).values(channel_id=channel_id, failures=0).on_conflict_do_nothing()
    session().execute(made)
    query = select(ChannelState).where(ChannelState.channel_id == channel_id).with_for_update()
    return session().scalars(query.execution_options(populate_existing=True)).one()
