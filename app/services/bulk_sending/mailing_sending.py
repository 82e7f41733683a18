"""A mailing under way: its recipients are frozen once, then handed over in small batches.

Each batch is one transaction that locks the mailing: whoever is handed over has a delivery, and
whoever has none is handed over later, whenever a worker dies. Few are under way at a time, so that
other messages of the channel need not wait behind thousands, and a stop stops nearly all.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, case, cast, func, literal, select, text
from sqlalchemy.dialects.postgresql import JSONPATH, insert

import connectors
from app import jobs, running
from app.access import SYSTEM, Actor, manager
from app.bulk import write_all
from app.db import run, session
from app.models import Delivery, Mailing, MailingRecipient, MailingRefusal, User
from app.models.history import MAILING
from app.saving import append, values_of
from app.services import history
from app.services.accounts import people
from app.services.bulk_sending import mailing_audience, mailing_texts
from app.services.bulk_sending.mailing_gate import DONE, RUNNING, SPARED, STOPPED
from app.services.bulk_sending.mailing_pace import BEAT, Open, allowed, open_of, room_of
from app.services.sending import answering, calls, channel_gate, channels, deliveries, no_contact
from app.services.sending.channels import Way

SCHEDULED = "scheduled"
WAITING, HANDED, SKIPPED, CANCELLED = "waiting", "handed", "skipped", "cancelled"
UNWRITTEN = "unwritten"
LEASE = timedelta(seconds=30)
"""After this a mailing is looked at again though nobody said how the last look went."""
REST = timedelta(seconds=5)


def wake(now: datetime) -> int:
    """Queue each mailing whose moment has come, once however many clocks tick; how many."""
    found = run(_DUE, {"now": now, "lease": now + LEASE}).scalars()
    for mailing_id in found:
        lock = f"mailing:{mailing_id}"
        jobs.defer(jobs.ADVANCE_MAILING, queueing_lock=lock, mailing_id=mailing_id)
    return len(found)


_DUE = text("""
    UPDATE mailing SET next_at = :lease
     WHERE id IN (SELECT id FROM mailing WHERE next_at <= :now
                   ORDER BY next_at LIMIT 20 FOR UPDATE SKIP LOCKED)
    RETURNING id
""")


def advance(mailing_id: int, now: datetime) -> None:
    """Begin a mailing whose time has come, hand over the next recipients, or find it done."""
    mailing = locked(mailing_id)
    if mailing.state == SCHEDULED and mailing.starts_at is not None and mailing.starts_at <= now:
        _begin(mailing, now)
    if mailing.state == RUNNING:
        mailing.next_at = _hand_over(mailing, now)
    session().flush()


def locked(mailing_id: int) -> Mailing:
    """The mailing, locked until the transaction ends."""
    return session().get_one(Mailing, mailing_id, with_for_update=True, populate_existing=True)


def _begin(mailing: Mailing, now: datetime) -> None:
    """Freeze the recipients, unless whoever let it go may not do so any more."""
    user = session().get(User, mailing.released_by) if mailing.released_by else None
    actor = people.actor_of(user) if user is not None and user.is_active else None
    if actor is None or not manager(actor):
        mailing.state, mailing.next_at = STOPPED, None
        note(mailing, "stopped", SYSTEM, now, why="rights")
        return
    freeze(mailing, actor, now)
    mailing.state, mailing.started_at = RUNNING, now
    note(mailing, "started", SYSTEM, now, recipients=_count(mailing, WAITING))


def freeze(mailing: Mailing, actor: Actor, now: datetime) -> None:
    """Write down with one statement who gets it and who is left out for what; what customers and
    conditions become later changes nothing."""
    found = mailing_audience.meant(question_of(mailing, actor, now))
    rows = select(
        literal(mailing.id), found.c.party_id, found.c.address, found.c.name, found.c.language,
        found.c.facts, case((found.c.reason.is_not(None), SKIPPED), else_=WAITING),
        found.c.reason,
    ).order_by(found.c.place)  # fmt: skip
    names = (
        "mailing_id", "party_id", "address", "name", "language", "facts", "state", "reason",
    )  # fmt: skip
    session().execute(insert(MailingRecipient).from_select(names, rows))
    query = select(func.count()).where(MailingRecipient.mailing_id == mailing.id)
    mailing.recipients = session().scalar(query)


def question_of(
    mailing: Mailing, actor: Actor, now: datetime, most: int | None = None
) -> mailing_audience.Question:
    """For whom the mailing is meant, seen with the actor's eyes; of all of them, or of the first
    ``most`` lines or customers alone."""
    is_list = mailing.audience.get("source") == mailing_audience.LIST
    return mailing_audience.Question(
        mailing.medium, mailing.audience, first_lines(mailing, most) if is_list else (),
        sorted(mailing.texts), mailing.fallback, actor, now, running.settings().time_zone, most,
    )  # fmt: skip


def reaches_anybody(mailing: Mailing, actor: Actor, now: datetime) -> bool:
    """Whether one of those who are meant would get it; most often one of the first does."""
    return any(
        mailing_audience.reach(question_of(mailing, actor, now, most)).count
        for most in (mailing_audience.AT_SIGHT, None)
    )


def first_of(mailing: Mailing, actor: Actor, now: datetime) -> Sequence[Any]:
    """The first who would get it now of those whom the actor may see, with their ``facts``."""
    question = question_of(mailing, actor, now, mailing_audience.AT_SIGHT)
    return mailing_audience.reach(question).first


def first_lines(mailing: Mailing, most: int | None) -> Sequence[Any]:
    """The first lines of its list, without reading the others; all of them for None."""
    if most is None:
        return mailing.listed or ()
    some = func.jsonb_path_query_array(Mailing.listed, cast(f"$[0 to {most - 1}]", JSONPATH))
    return session().scalar(select(some).where(Mailing.id == mailing.id)) or ()


def written_of(mailing: Mailing) -> mailing_texts.Written:
    """What the mailing is written with."""
    columns = mailing.audience.get("columns", ())
    return mailing_texts.Written(mailing.medium, mailing.texts, columns, mailing.stop_line)


def way_of(mailing: Mailing) -> Way | None:
    """The channel by which it goes; that of all letters where it names none, so that None is left
    for mail by the built-in way."""
    if mailing.channel_id is not None:
        return channels.find_by_id(mailing.channel_id)
    return channels.default_of(mailing.medium)


def waits_until(mailing: Mailing, now: datetime) -> datetime | None:
    """When a mailing goes on that is under way, but whose channel lets nothing go now."""
    way = way_of(mailing)
    if mailing.state != RUNNING or way is None or not way.enabled:
        return None
    return channel_gate.closed_until(way, now)


def is_switched_off(mailing: Mailing) -> bool:
    """Whether a mailing is under way, but its channel was switched off."""
    way = way_of(mailing)
    return mailing.state == RUNNING and way is not None and not way.enabled


def note(mailing: Mailing, act: str, actor: Actor, now: datetime, **facts: Any) -> None:
    """Write into the history who did what with the mailing."""
    history.note(MAILING, actor, now, element=str(mailing.id), data={"act": act, **facts})


def _hand_over(mailing: Mailing, now: datetime) -> datetime | None:
    """Hand over as many as may go now; when to look at it next, None when all is done."""
    open_ = open_of(mailing.id, now)
    way = way_of(mailing)
    if open_.held:
        _revive(mailing, way)
        return now + BEAT
    if not _next(mailing.id, 1):
        return _rest(mailing, open_, now)
    closed = channel_gate.closed_until(way, now) if way is not None else None
    if closed is not None:
        return closed
    count, wait = allowed(mailing, max(room_of(way) - open_.under_way, 0), now)
    if count:
        _hand(mailing, way, _next(mailing.id, count), now)
    return now + wait


def _rest(mailing: Mailing, open_: Open, now: datetime) -> datetime | None:
    """When to look again at a mailing of which all is handed over."""
    if open_.under_way or open_.later:
        return max(now + REST, open_.next_at or now) if not open_.under_way else now + REST
    mailing.state, mailing.ended_at = DONE, now
    note(mailing, "done", SYSTEM, now)
    return None


def _count(mailing: Mailing, state: str) -> int:
    query = select(func.count()).where(
        MailingRecipient.mailing_id == mailing.id, MailingRecipient.state == state
    )
    return session().scalar(query) or 0


def _next(mailing_id: int, count: int) -> Sequence[MailingRecipient]:
    return session().scalars(next_of(mailing_id, count)).all()


def next_of(mailing_id: int, count: int) -> Select[MailingRecipient]:
    """The question for the first recipients who wait."""
    query = select(MailingRecipient).where(
        MailingRecipient.mailing_id == mailing_id, MailingRecipient.state == WAITING
    )
    # The order of ``newest_first`` from its other end.
    return query.order_by(MailingRecipient.id.asc().nulls_first()).limit(count)


def _hand(
    mailing: Mailing, way: Way | None, rows: Sequence[MailingRecipient], now: datetime
) -> None:
    """Make a delivery for each who may still be written to, with its job."""
    kind, written = no_contact.KIND_OF[mailing.medium], written_of(mailing)
    keys = {row.id: no_contact.key_of(kind, row.address or "") for row in rows}
    objections = _objections(kind, [key for key in keys.values() if key])
    made: list[tuple[MailingRecipient, Delivery]] = []
    for row in rows:
        why = objections.get(keys[row.id] or "")
        if why is not None:
            row.state, row.reason = SKIPPED, why
            continue
        try:
            made.append((row, compose(mailing, way, written, row, now)))
        except connectors.BadTemplate:
            row.state, row.reason = SKIPPED, UNWRITTEN
    ids = append(Delivery, [values_of(one) for _, one in made])
    for (row, _), delivery_id in zip(made, ids, strict=True):
        row.state, row.delivery_id = HANDED, delivery_id
    write_all(MailingRecipient)
    _queue(ids, way)


def _queue(ids: Sequence[int], way: Way | None) -> None:
    if way is None or not calls.is_apart(way):
        jobs.defer_all(
            [
                jobs.Order(jobs.SEND_DELIVERY, {"delivery_id": one}, priority=jobs.AFTER_OTHERS)
                for one in ids
            ]
        )


def _objections(kind: no_contact.Kind, keys: Sequence[str]) -> Mapping[str, str]:
    """Why nothing is sent to those of the addresses to which nothing is."""
    refused = select(MailingRefusal.address).where(
        MailingRefusal.kind == kind, MailingRefusal.address.in_(keys)
    )
    found = dict.fromkeys(session().scalars(refused), mailing_audience.REFUSED)
    return {**found, **dict.fromkeys(no_contact.among(kind, keys), mailing_audience.BARRED)}


def compose(
    mailing: Mailing,
    way: Way | None,
    written: mailing_texts.Written,
    to: MailingRecipient,
    now: datetime,
) -> Delivery:
    """The row of one message, to be written; raises ``connectors.BadTemplate``."""
    reference = secrets.token_hex(12)
    link = answering.link_of(reference)
    reader = mailing_texts.Reader(to.name, to.language, to.facts, link)
    message = mailing_texts.fill(written, reader)
    return Delivery(
        reference=reference,
        mailing_id=mailing.id,
        channel=mailing.medium,
        channel_id=way.id if way is not None else None,
        recipient=to.address or "",
        recipient_name=to.name,
        language=to.language,
        subject=message.subject[:300],
        body=message.body,
        payload={} if way is not None else None,
        state=deliveries.QUEUED,
        attempts=0,
        urgent=False,
        may_have_arrived=False,
        created_at=now,
    )


def _revive(mailing: Mailing, way: Way | None) -> None:
    """Queue again what a stop has held back, under the same references; but for what has a job
    still, which may be at it this very moment."""
    held = run(_REVIVE, {"id": mailing.id, "spared": list(SPARED), "limit": room_of(way)})
    _queue(held.scalars(), way)


_HELD_BACK = """
    SELECT id FROM delivery
     WHERE mailing_id = :id AND state = 'cancelled'
       AND (error IS NULL OR error <> ALL (:spared))
       AND NOT EXISTS (SELECT 1 FROM procrastinate_jobs job
                        WHERE job.task_name = 'send_delivery'
                          AND job.status IN ('todo', 'doing')
                          AND (job.args ->> 'delivery_id')::bigint = delivery.id)
     ORDER BY id ASC NULLS FIRST LIMIT :limit FOR UPDATE
"""
"""In the order of ``newest_first`` from its other end: that of the index."""
_REVIVE = text(f"""
    UPDATE delivery SET state = 'queued', next_attempt_at = NULL
     WHERE id IN ({_HELD_BACK})
    RETURNING id
""")  # noqa: S608  # Both texts are ours.
