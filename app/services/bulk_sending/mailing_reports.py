"""How a mailing fares: counts by what became of each recipient, and the whole list of them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from app.access import Actor, parties_seen_by
from app.db import session
from app.models import Delivery, Mailing, MailingRecipient, Party
from app.services.bulk_sending.mailing_gate import SPARED
from app.services.bulk_sending.mailing_sending import CANCELLED, HANDED, SKIPPED, WAITING
from app.services.sending import deliveries

QUEUED, SENT, DELIVERED, FAILED, UNKNOWN = "queued", "sent", "delivered", "failed", "unknown"
OUTCOMES = (WAITING, QUEUED, SENT, DELIVERED, FAILED, UNKNOWN, SKIPPED, CANCELLED)
"""What may have become of a recipient, as the report says it."""
_OPEN = (WAITING, QUEUED)


@dataclass(frozen=True)
class Progress:
    """How far a mailing is."""

    counts: Mapping[str, int]
    reasons: Mapping[tuple[str, str], int]
    """By outcome and reason, of those that were skipped or failed."""
    costs: Mapping[str, Decimal]
    """By currency, of what gateways have told."""

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def ended(self) -> int:
        """Those with whom nothing more will be done."""
        return self.total - sum(self.counts.get(one, 0) for one in _OPEN)

    @property
    def share(self) -> float:
        return self.ended / self.total if self.total else 0.0


def progress(mailing: Mailing) -> Progress:
    """The counts of one mailing."""
    outcome, reason = _outcome(mailing), _reason()
    query = (
        select(outcome.label("outcome"), reason.label("reason"), func.count().label("number"))
        .select_from(MailingRecipient)
        .outerjoin(Delivery, Delivery.id == MailingRecipient.delivery_id)
        .where(MailingRecipient.mailing_id == mailing.id)
        .group_by(outcome, reason)
    )
    counts: dict[str, int] = {}
    reasons: dict[tuple[str, str], int] = {}
    for row in session().execute(query):
        counts[row.outcome] = counts.get(row.outcome, 0) + row.number
        if row.outcome in (SKIPPED, FAILED, UNKNOWN) and row.reason:
            reasons[row.outcome, row.reason] = row.number
    kept = {one: counts[one] for one in OUTCOMES if counts.get(one)}
    most = sorted(reasons.items(), key=lambda one: -one[1])[:30]
    return Progress(kept, dict(most), _costs(mailing.id))


def told(mailing: Mailing) -> dict[str, Any]:
    """The progress as plain values: ``total``, ``ended``, ``counts``, ``reasons``, ``costs``."""
    found = progress(mailing)
    reasons = [
        {"outcome": outcome, "reason": reason, "count": count}
        for (outcome, reason), count in found.reasons.items()
    ]
    return {
        "total": found.total, "ended": found.ended, "counts": found.counts, "reasons": reasons,
        "costs": found.costs,
    }  # fmt: skip


def _outcome(mailing: Mailing) -> ColumnElement[str]:
    """What became of a recipient. What a stop holds back waits, until the mailing is cancelled."""
    is_spared = and_(Delivery.state == deliveries.CANCELLED, Delivery.error.in_(SPARED))
    held = CANCELLED if mailing.state == CANCELLED else WAITING
    found: ColumnElement[str] = case(
        (MailingRecipient.state != HANDED, MailingRecipient.state),
        (is_spared, SKIPPED),
        (Delivery.state == deliveries.CANCELLED, held),
        (Delivery.state == deliveries.ACCEPTED, SENT),
        (Delivery.state == deliveries.DELIVERED, DELIVERED),
        (Delivery.state.in_((deliveries.FAILED, deliveries.DEAD)), FAILED),
        (Delivery.state == deliveries.UNKNOWN, UNKNOWN),
        else_=QUEUED,
    )
    return found


def _reason() -> ColumnElement[str | None]:
    told = Delivery.state.in_(
        (deliveries.FAILED, deliveries.DEAD, deliveries.CANCELLED, deliveries.UNKNOWN)
    )
    return func.coalesce(
        MailingRecipient.reason, case((told, func.left(Delivery.error, 120)), else_=None)
    )


def _costs(mailing_id: int) -> dict[str, Decimal]:
    query = (
        select(func.coalesce(Delivery.currency, ""), func.sum(Delivery.cost))
        .where(Delivery.mailing_id == mailing_id, Delivery.cost.is_not(None))
        .group_by(Delivery.currency)
    )
    return {row[0]: row[1] or Decimal(0) for row in session().execute(query)}


@dataclass(frozen=True)
class Line:
    """One recipient with what became of it."""

    id: int
    party_id: int | None
    name: str
    address: str | None
    language: str
    outcome: str
    reason: str | None
    attempts: int | None
    sent_at: Any
    delivered_at: Any
    cost: Decimal | None
    currency: str | None
    facts: Mapping[str, Any]
    """The further columns of the line of a list."""


def lines(
    mailing: Mailing, actor: Actor, *, outcome: str = "", after: int = 0, limit: int | None = 50
) -> list[Line]:
    """The recipients whom the actor may see, in their order; of one outcome if one is named."""
    query = _lines(mailing, actor).where(MailingRecipient.id > after)
    if outcome:
        query = query.where(_outcome(mailing) == outcome)
    rows = session().execute(query.order_by(MailingRecipient.id).limit(limit))
    return [Line(*row) for row in rows]


def _lines(mailing: Mailing, actor: Actor) -> Select[Any]:
    seen = select(Party.id).where(parties_seen_by(actor))
    may_see = or_(MailingRecipient.party_id.is_(None), MailingRecipient.party_id.in_(seen))
    one, sent = MailingRecipient, Delivery
    query: Any = (
        select(
            one.id, one.party_id, one.name, one.address, one.language, _outcome(mailing),
            _reason(), sent.attempts, sent.sent_at, sent.delivered_at, sent.cost, sent.currency,
            one.facts,
        )
        .outerjoin(Delivery, Delivery.id == MailingRecipient.delivery_id)
        .where(MailingRecipient.mailing_id == mailing.id, may_see)
    )  # fmt: skip
    found: Select[Any] = query
    return found


HEAD = (
    "customer", "name", "address", "language", "outcome", "reason", "attempts", "sent_at",
    "delivered_at", "cost", "currency",
)  # fmt: skip


def as_csv(mailing: Mailing, actor: Actor) -> str:
    """The whole report as a CSV file that spreadsheets open."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(HEAD)
    for line in lines(mailing, actor, limit=None):
        writer.writerow(map(_cell, _cells(line)))
    return "\ufeff" + file.getvalue()


def _cells(line: Line) -> Iterator[Any]:
    yield from (line.party_id, line.name, line.address, line.language, line.outcome, line.reason)
    yield line.attempts
    for moment in (line.sent_at, line.delivered_at):
        yield moment.isoformat(timespec="seconds") if moment else ""
    yield from (line.cost, line.currency)


_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"\+?[0-9]+(\.[0-9]+)?")


def _cell(value: Any) -> str:
    """A value that a spreadsheet takes for a text or a number, never for something to work out."""
    told = "" if value is None else str(value)
    return f"'{told}" if _FORMULA.match(told) and not _NUMBER.fullmatch(told) else told


def totals(mailings: Sequence[Mailing]) -> dict[int, tuple[int, int]]:
    """Of each mailing how many recipients there are, and with how many something is still to do."""
    ids = [one.id for one in mailings]
    number = MailingRecipient.mailing_id
    found = select(number, func.count()).where(number.in_(ids)).group_by(number)
    waiting = _counted(found.where(MailingRecipient.state == WAITING))
    open_ = _counted(_open_deliveries(ids))
    return {
        one: (count, waiting.get(one, 0) + open_.get(one, 0))
        for one, count in _counted(found).items()
    }


def _counted(query: Select[int | None, int]) -> dict[int, int]:
    return {row[0] or 0: row[1] for row in session().execute(query)}


def _open_deliveries(ids: Sequence[int]) -> Select[int | None, int]:
    """By mailing how many messages are to be sent; those that are over are not even looked at."""
    under_way = (deliveries.QUEUED, deliveries.SENDING, deliveries.WAITING)
    is_held = and_(
        Delivery.state == deliveries.CANCELLED, Mailing.state != CANCELLED,
        or_(Delivery.error.is_(None), Delivery.error.not_in(SPARED)),
    )  # fmt: skip
    return (
        select(Delivery.mailing_id, func.count())
        .join(Mailing, Mailing.id == Delivery.mailing_id)
        .where(Delivery.mailing_id.in_(ids), or_(Delivery.state.in_(under_way), is_held))
        .where(Delivery.state.in_((*under_way, deliveries.CANCELLED)))
        .group_by(Delivery.mailing_id)
    )
