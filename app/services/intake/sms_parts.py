"""Long text messages that come in parts: kept until they are whole, then joined as bytes, since
other systems split characters in two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from app.db import run, session
from app.models import InboundPart
from connectors.contract import Inbound
from connectors.smpp_parts import decode

PATIENCE = timedelta(hours=1)
"""After which the parts that are there are taken for the message."""
KNOWN_FOR = timedelta(days=1)
"""How long a part that comes once more is known for a copy; an SMSC repeats what it got no answer
for."""
MOST = 100
"""Late messages of one channel that are taken in one round."""


@dataclass(frozen=True)
class Place:
    """What the parts of one message have in common."""

    channel_id: int
    sender: str
    recipient: str
    reference: int
    """The sender's own number of the message; there are only 256, so it comes again."""
    total: int


def join(channel_id: int, part: Inbound, now: datetime) -> Inbound | None:
    """The whole message, once this was its last missing part; None until then, and for a copy of
    a part whose message is whole already. A message that has no parts is whole."""
    facts = part.facts
    if "of" not in facts:
        return part
    sides = part.sender[:40], part.recipient[:40]
    place = Place(channel_id, *sides, facts["reference"], facts["of"])
    run(_IN_TURN, {"place": str(place)})
    _keep(place, part, now)
    rows = _waiting(place)
    return _taken(rows, now) if len(rows) == place.total else None


_IN_TURN = select(func.pg_advisory_xact_lock(func.hashtext(bindparam("place"))))
"""Of two who keep the last two parts at once neither would see the other's."""


def _keep(place: Place, part: Inbound, now: datetime) -> None:
    number, content = part.facts["part"], part.raw
    values = {
        **vars(place), "number": number, "coding": part.facts["coding"], "content": content,
        "received_at": now,
    }  # fmt: skip
    made = insert(InboundPart).values(values).on_conflict_do_nothing()
    if session().scalar(made.returning(InboundPart.id)) is not None:
        return
    there = InboundPart.number == number
    before = session().scalars(select(InboundPart).where(*_at(place), there)).first()
    if before is None or (before.taken_at is not None and before.content != content):
        # The sender's numbers begin anew: this is another message, under the number of that one.
        session().execute(delete(InboundPart).where(*_at(place), InboundPart.taken_at.is_not(None)))
        session().execute(made)


def late_channels(now: datetime) -> Sequence[int]:
    """The channels that have messages which have waited too long for a part."""
    query = select(InboundPart.channel_id).where(*_late(now)).distinct()
    return session().scalars(query.order_by(InboundPart.channel_id)).all()


def late(channel_id: int, now: datetime) -> Sequence[Place]:
    """The messages of a channel that have waited too long for a part."""
    columns = [getattr(InboundPart, one.name) for one in fields(Place)]
    query = select(*columns).where(InboundPart.channel_id == channel_id, *_late(now))
    return [Place(*row) for row in session().execute(query.distinct().limit(MOST))]


def _late(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return InboundPart.taken_at.is_(None), InboundPart.received_at <= now - PATIENCE


def take_late(place: Place, now: datetime) -> Inbound | None:
    """What is there of a message; None when it was taken meanwhile."""
    rows = _waiting(place)
    return _taken(rows, now) if rows else None


def prune(now: datetime) -> None:
    """Forget the parts whose copies come no more."""
    session().execute(delete(InboundPart).where(InboundPart.taken_at < now - KNOWN_FOR))


def _at(place: Place) -> list[ColumnElement[bool]]:
    return [getattr(InboundPart, name) == value for name, value in vars(place).items()]


def _waiting(place: Place) -> Sequence[InboundPart]:
    query = select(InboundPart).where(*_at(place), InboundPart.taken_at.is_(None))
    return session().scalars(query.order_by(InboundPart.number).with_for_update()).all()


def _taken(rows: Sequence[InboundPart], now: datetime) -> Inbound:
    first = rows[0]
    for row in rows:
        row.taken_at = now
    missing = first.total - len(rows)
    body = decode([row.content for row in rows], first.coding)
    whole = Inbound("", first.sender, first.recipient, body)
    return replace(whole, facts={"missing": missing}) if missing else whole
