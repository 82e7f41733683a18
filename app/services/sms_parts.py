"""Long text messages that come in parts: kept until they are whole, then joined as bytes, since
other systems split characters in two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from app.db import session
from app.models import InboundPart
from connectors.contract import Inbound
from connectors.smpp_parts import decode

PATIENCE = timedelta(hours=1)
"""After which the parts that are there are taken for the message."""


def join(channel_id: int, part: Inbound, now: datetime) -> Inbound | None:
    """The whole message, once this was its last missing part; None until then. A message that has
    no parts is whole."""
    facts = part.facts
    if "of" not in facts:
        return part
    place = {
        "channel_id": channel_id, "sender": part.sender[:40], "recipient": part.recipient[:40],
        "reference": facts["reference"], "total": facts["of"],
    }  # fmt: skip
    values = {
        **place, "number": facts["part"], "coding": facts["coding"], "content": part.raw,
        "received_at": now,
    }  # fmt: skip
    session().execute(insert(InboundPart).values(values).on_conflict_do_nothing())
    rows = _parts(place)
    if len(rows) < facts["of"]:
        return None
    return _taken(rows)


def late(now: datetime) -> Sequence[tuple[int, Inbound]]:
    """The messages, with their channels, that have waited too long for a part; what is there of
    them is taken."""
    first = (
        select(InboundPart.channel_id, InboundPart.sender, InboundPart.recipient,
               InboundPart.reference, InboundPart.total)
        .group_by(InboundPart.channel_id, InboundPart.sender, InboundPart.recipient,
                  InboundPart.reference, InboundPart.total)
        .where(InboundPart.received_at <= now - PATIENCE)
    )  # fmt: skip
    found = [dict(row._mapping) for row in session().execute(first.limit(100))]
    return [(place["channel_id"], _taken(_parts(place))) for place in found]


def _parts(place: Mapping[str, Any]) -> Sequence[InboundPart]:
    query = select(InboundPart).filter_by(**place).order_by(InboundPart.number)
    return session().scalars(query.with_for_update()).all()


def _taken(rows: Sequence[InboundPart]) -> Inbound:
    first = rows[0]
    body = decode([row.content for row in rows], first.coding)
    missing = first.total - len(rows)
    session().execute(delete(InboundPart).where(InboundPart.id.in_([row.id for row in rows])))
    whole = Inbound("", first.sender, first.recipient, body)
    return replace(whole, facts={"missing": missing}) if missing else whole
