"""How a mailing fares: counts by what became of each recipient, and the whole list of them."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    union_all,
)

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
    """By outcome and reason, the most frequent, of those that were skipped or failed."""

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
    """The counts of one mailing, by the states of its recipients and of their messages; whoever
    has the page open asks every few seconds, so that the two are not joined."""
    found, reasons = Counter[str](), Counter[tuple[str, str]]()
    for of, state, number in session().execute(counting(mailing.id)):
        if of == _SPARED:
            reasons[SKIPPED, state] += number
            found[SKIPPED] += number
            found[_held(mailing)] -= number
        elif of == _MESSAGES:
            found[_OUTCOME_OF.get(state) or _held(mailing)] += number
        elif state != HANDED:
            found[state] += number
    for outcome, why, number in _reasons(mailing.id):
        reasons[outcome, why] += number
    kept = {one: found[one] for one in OUTCOMES if found[one]}
    return Progress(kept, dict(reasons.most_common(MOST_REASONS)))


MOST_REASONS = 30
_OUTCOME_OF: Mapping[str, str] = {
    deliveries.QUEUED: QUEUED, deliveries.SENDING: QUEUED, deliveries.WAITING: QUEUED,
    deliveries.ACCEPTED: SENT, deliveries.DELIVERED: DELIVERED, deliveries.FAILED: FAILED,
    deliveries.DEAD: FAILED, deliveries.UNKNOWN: UNKNOWN,
}  # fmt: skip
"""Of messages by their state; those that were cancelled are spared or held back."""


def _held(mailing: Mailing) -> str:
    """What a stop holds back waits, until the mailing is cancelled."""
    return CANCELLED if mailing.state == CANCELLED else WAITING


_RECIPIENTS, _MESSAGES, _SPARED = "recipients", "messages", "spared"


def counting(mailing_id: int) -> CompoundSelect[str, str, int]:
    """The question how many recipients are in each state, how many of their messages, and of those
    that were cancelled, how many for the receiver's own sake; all at one instant."""
    own, sent = MailingRecipient, Delivery
    recipients = select(literal(_RECIPIENTS), own.state, func.count()).where(
        own.mailing_id == mailing_id
    )
    messages = select(literal(_MESSAGES), sent.state, func.count()).where(
        sent.mailing_id == mailing_id
    )
    why = func.coalesce(sent.error, "")
    spared = select(literal(_SPARED), why, func.count()).where(
        sent.mailing_id == mailing_id, sent.state == deliveries.CANCELLED, sent.error.in_(SPARED)
    )
    return union_all(
        recipients.group_by(own.state), messages.group_by(sent.state), spared.group_by(why)
    )


def _reasons(mailing_id: int) -> Iterator[tuple[str, str, int]]:
    why = func.coalesce(MailingRecipient.reason, "")
    skipped = select(literal(SKIPPED), why, func.count()).where(
        MailingRecipient.mailing_id == mailing_id, MailingRecipient.state == SKIPPED
    )
    told = func.left(func.coalesce(Delivery.error, ""), 120)
    outcome = case((Delivery.state == deliveries.UNKNOWN, UNKNOWN), else_=FAILED)
    failed = select(outcome, told, func.count()).where(
        Delivery.mailing_id == mailing_id,
        Delivery.state.in_((deliveries.FAILED, deliveries.DEAD, deliveries.UNKNOWN)),
    )
    for query, groups in ((skipped, (why,)), (failed, (outcome, told))):
        most = query.group_by(*groups).order_by(func.count().desc()).limit(MOST_REASONS)
        yield from ((row[0], row[1], row[2]) for row in session().execute(most) if row[1])


def told(mailing: Mailing) -> dict[str, Any]:
    """The progress as plain values: ``total``, ``ended``, ``counts``, ``reasons``, ``costs``."""
    found = progress(mailing)
    reasons = [
        {"outcome": outcome, "reason": reason, "count": count}
        for (outcome, reason), count in found.reasons.items()
    ]
    return {
        "total": found.total, "ended": found.ended, "counts": found.counts, "reasons": reasons,
        "costs": costs(mailing.id),
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


def costs(mailing_id: int) -> dict[str, Decimal]:
    """By currency what it has cost, as far as gateways have told."""
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
    mailing: Mailing, actor: Actor, *, outcome: str = "", after: int = 0, limit: int = 50
) -> list[Line]:
    """The first recipients behind ``after`` whom the actor may see, in their order; of one outcome
    if one is named."""
    found = [
        Line(*row)
        for question in line_questions(mailing, actor, outcome=outcome, after=after, limit=limit)
        for row in session().execute(question)
    ]
    return sorted(found, key=lambda one: one.id)[:limit]


def line_questions(
    mailing: Mailing, actor: Actor, *, outcome: str = "", after: int = 0, limit: int = 50
) -> list[Select[Any]]:
    """One for each state of recipients that may have it: the index knows those in their order."""
    lines_of = _lines(mailing, actor).where(MailingRecipient.id > after)
    # The order of ``newest_first`` from its other end.
    first = lines_of.order_by(MailingRecipient.id.asc().nulls_first()).limit(limit)
    return [
        first.where(MailingRecipient.state == state, *more)
        for state, more in _places(mailing, outcome)
    ]


def _places(mailing: Mailing, outcome: str) -> Iterator[tuple[str, Sequence[ColumnElement[bool]]]]:
    """The states of recipients, and what must hold of their messages besides."""
    own = (WAITING, SKIPPED, CANCELLED)
    yield from ((one, ()) for one in own if outcome in ("", one))
    if outcome in ("", _held(mailing), *_OUTCOME_OF.values(), SKIPPED):
        yield HANDED, _of_messages(mailing, outcome)


def _of_messages(mailing: Mailing, outcome: str) -> Sequence[ColumnElement[bool]]:
    if not outcome:
        return ()
    is_spared = Delivery.error.in_(SPARED)
    states = [state for state, one in _OUTCOME_OF.items() if one == outcome]
    is_told = Delivery.state.in_(states or [deliveries.CANCELLED])
    of_mailing = Delivery.mailing_id == mailing.id
    if states:
        return of_mailing, is_told
    held = or_(Delivery.error.is_(None), ~is_spared)
    return of_mailing, is_told, is_spared if outcome == SKIPPED else held


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


def as_csv(mailing: Mailing, actor: Actor) -> Iterator[str]:
    """The whole report as a CSV file that spreadsheets open, some lines at a time."""
    yield "\ufeff" + _written([HEAD])
    after: int | None = 0
    while after is not None:
        some = lines(mailing, actor, after=after, limit=AT_ONCE)
        yield _written([map(_cell, _cells(line)) for line in some])
        after = some[-1].id if len(some) == AT_ONCE else None


AT_ONCE = 1000
"""Lines of a report that are read together."""


def _written(rows: Iterable[Iterable[Any]]) -> str:
    file = io.StringIO()
    csv.writer(file).writerows(rows)
    return file.getvalue()


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
    found = select(number, func.count()).where(number.in_(ids), MailingRecipient.state == WAITING)
    waiting = _counted(found.group_by(number))
    open_ = _counted(_open_deliveries(ids))
    return {
        one.id: (one.recipients, waiting.get(one.id, 0) + open_.get(one.id, 0))
        for one in mailings
        if one.recipients is not None
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
