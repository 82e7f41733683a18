"""The newest messages, and how many there are in each state, found without reading all of them.

Some day there are ten million rows, nearly all of them settled, and those of one huge mailing lie
in a row. So both questions go by the indexes that know the state, and nothing is counted further
than ``COUNTED``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    String,
    Values,
    column,
    func,
    literal_column,
    select,
    true,
    union_all,
    values,
)

import connectors.phones
from app.access import Actor, letters_seen_by
from app.db import session
from app.models import Delivery, Mailing, ServiceRequest
from app.services.counting import COUNTED, Count, counted, newest_first
from app.services.sending import deliveries

OF_NO_MAILING, OF_MAILINGS, ALL = "", "mailings", "all"
NEWEST_MAILINGS = 20
"""Of so many mailings the messages are listed together; those of an older one alone."""
STATES = (
    deliveries.QUEUED, deliveries.SENDING, deliveries.WAITING, deliveries.ACCEPTED,
    deliveries.DELIVERED, deliveries.UNKNOWN, deliveries.FAILED, deliveries.DEAD,
    deliveries.CANCELLED, deliveries.CLOSED,
)  # fmt: skip


@dataclass(frozen=True)
class Some:
    """Which of the messages are meant."""

    kind: str = OF_NO_MAILING
    mailing_id: int | None = None
    """Those of this mailing alone, whatever the kind."""
    state: str = ""
    """Those in this state alone; empty for every one."""
    address: str = ""
    """Those to this address alone, as it is kept; empty for every one."""

    @property
    def has_own(self) -> bool:
        """Whether those of no mailing are among them."""
        return self.mailing_id is None and self.kind != OF_MAILINGS

    @property
    def has_mailings(self) -> bool:
        """Whether those of mailings are among them."""
        return self.mailing_id is not None or self.kind != OF_NO_MAILING


def which(
    typed: str = OF_NO_MAILING, mailing_id: int | None = None, state: str = "", address: str = ""
) -> Some:
    """What somebody asks for by a kind, or by the number of a mailing; the address of a person in
    any usual writing, or the key of the channel that a call went out by."""
    kind = typed if typed in (OF_MAILINGS, ALL) else OF_NO_MAILING
    address = address.strip()
    kept = connectors.phones.read_phone(address) or address.lower()
    return Some(kind, mailing_id, state if state in STATES else "", kept[:254])


def list_recent(actor: Actor, some: Some | None = None, limit: int = 200) -> list[Delivery]:
    """The newest messages that the actor may see, the newest first; without those of mailings
    unless ``some`` says otherwise."""
    found = newest_ids(actor, some or Some(), limit)
    rows = session().scalars(select(Delivery).where(Delivery.id.in_(session().scalars(found))))
    return sorted(rows, key=lambda one: -one.id)


def newest_ids(actor: Actor, some: Some, limit: int) -> Select[int]:
    """The question for their numbers, the newest first."""
    seen = select(Delivery.id).outerjoin(
        ServiceRequest, Delivery.request_id == ServiceRequest.id
    ).where(letters_seen_by(actor)).limit(limit)  # fmt: skip
    if some.address:
        return _to_address(seen, some).order_by(Delivery.id.desc())
    if some.has_own and some.has_mailings and not some.state:
        return seen.order_by(Delivery.id.desc())
    seen = seen.order_by(newest_first(Delivery.id))
    parts = [_newest_own(seen, some)] if some.has_own else []
    parts += [_newest_of_mailings(seen, some)] if some.has_mailings else []
    found = union_all(*parts).subquery()
    number: ColumnElement[int] = found.c.id
    return select(number).order_by(number.desc()).limit(limit)


def _newest_own(seen: Select[int], some: Some) -> Select[int]:
    # Of each state so many of the newest are among them: those of all are found in no index.
    states = _states(some.state)
    of_state = Delivery.state == states.c.state
    newest = seen.where(of_state, Delivery.mailing_id.is_(None)).lateral("newest")
    return select(newest.c.id).select_from(states.join(newest, true()))


def _newest_of_mailings(seen: Select[int], some: Some) -> Select[int]:
    states, mailings = _states(some.state), _mailings(some).limit(NEWEST_MAILINGS).subquery()
    of_state = Delivery.state == states.c.state
    newest = seen.where(of_state, Delivery.mailing_id == mailings.c.id).lateral("newest")
    joined = mailings.join(states, true()).join(newest, true())
    return select(newest.c.id).select_from(joined)


def _to_address(seen: Select[int], some: Some) -> Select[int]:
    """Those of the newest to one address that are meant: a channel may have got millions."""
    newest = select(Delivery.id).where(
        func.lower(Delivery.recipient) == some.address
    ).order_by(newest_first(Delivery.id)).limit(LOOKED_AT).subquery()  # fmt: skip
    seen = seen.where(Delivery.id.in_(select(newest.c.id)))
    if some.state:
        seen = seen.where(Delivery.state == some.state)
    if some.mailing_id is not None:
        return seen.where(Delivery.mailing_id == some.mailing_id)
    if some.has_own and some.has_mailings:
        return seen
    own = Delivery.mailing_id.is_(None)
    return seen.where(own if some.has_own else ~own)


LOOKED_AT = 5000
"""So many of the newest messages to one address are looked through."""


def _states(of: str = "") -> Values:
    return values(column("state", String), name="states").data(
        [(one,) for one in (STATES if not of else (of,))]
    )


def _mailings(some: Some) -> Select[int]:
    begun = select(Mailing.id)
    if some.mailing_id is not None:
        return begun.where(Mailing.id == some.mailing_id)
    return begun.where(Mailing.started_at.is_not(None)).order_by(Mailing.started_at.desc())


def counts(question: Select[str, int]) -> Mapping[str, Count]:
    """How many there are in each state; a state without any is left out."""
    return {state: counted(number) for state, number in session().execute(question)}


def own() -> Select[str, int]:
    """The question how many messages of no mailing are in each state."""
    states = _states()
    of_state = select(_ONE).where(
        Delivery.state == states.c.state, Delivery.mailing_id.is_(None)
    )  # fmt: skip
    return _by_state(states, _first(of_state).lateral())


def of_mailings(some: Some) -> Select[str, int]:
    """The same for those of the mailings that are meant."""
    states, mailings = _states(), _mailings(some).subquery("mailings")
    of_mailing = select(_ONE).where(
        Delivery.state == states.c.state, Delivery.mailing_id == mailings.c.id
    )  # fmt: skip
    newest = _first(of_mailing.correlate(states, mailings)).lateral()
    of_state = select(_ONE).select_from(mailings.join(newest, true())).correlate(states)
    return _by_state(states, of_state.limit(COUNTED + 1).lateral())


def _first(query: Select[int]) -> Select[int]:
    return query.order_by(newest_first(Delivery.id)).limit(COUNTED + 1)


_ONE: ColumnElement[int] = literal_column("1")


def _by_state(states: Values, of_state: FromClause) -> Select[str, int]:
    state: ColumnElement[str] = states.c.state
    joined = states.join(of_state, true())
    return select(state, func.count()).select_from(joined).group_by(state)
