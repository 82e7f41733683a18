"""Messages that wait for a person: joined to a request, opened as one, released or dropped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import String, column, func, literal_column, select, true, update, values
from sqlalchemy.orm import undefer

from app import jobs
from app.access import Actor
from app.db import run, session
from app.errors import Conflict, Invalid, NoSuch
from app.models import InboundMessage, ServiceRequest
from app.models.inbound import AUTOMATIC, BOUNCE, DROPPED, QUARANTINED, TRIAGE
from app.services import history
from app.services.casework import attachments, requests
from app.services.counting import COUNTED, Count, counted, newest_first
from app.services.intake import dropping, mail_intake, receiving
from app.services.intake.incoming import Opening
from app.services.sending import channels
from connectors.mail_reading import Mail

OPEN = (TRIAGE, QUARANTINED, AUTOMATIC)
"""States from which a person may still bring a message to its place."""
RELEASED = "released"
PAGE = 50


class AlreadyDecided(Conflict):
    """Somebody has already decided about this message."""

    fa = "دربارهٔ این پیام پیش‌تر تصمیم گرفته شده است."


def list_page(state: str, *, before: int | None = None) -> list[InboundMessage]:
    """The newest messages of a state, without their raw bytes."""
    query = select(InboundMessage).where(InboundMessage.state == state)
    if before is not None:
        query = query.where(InboundMessage.id < before)
    return list(session().scalars(query.order_by(newest_first(InboundMessage.id)).limit(PAGE + 1)))


def counts() -> Mapping[str, Count]:
    """How many messages are in each state that anybody may have to look at. Those that have found
    their place may be millions, and nobody asks how many."""
    return {state: counted(number) for state, number in run(_COUNTS).all()}


_STATES = values(column("state", String), name="states").data([(one,) for one in (*OPEN, BOUNCE)])
_FIRST = (
    select(literal_column("1"))
    .where(InboundMessage.state == _STATES.c.state)
    .order_by(newest_first(InboundMessage.id))
    .limit(COUNTED + 1)
    .lateral()
)
_COUNTS = (
    select(_STATES.c.state, func.count())
    .select_from(_STATES.join(_FIRST, true()))
    .group_by(_STATES.c.state)
)


def find(message_id: int) -> InboundMessage:
    """One message; raises NoSuch."""
    query = select(InboundMessage).where(InboundMessage.id == message_id)
    row = session().scalar(query.options(undefer(InboundMessage.html)))
    if row is None:
        raise NoSuch(en=f"message {message_id}", fa=f"پیام {message_id}")
    return row


def raw_of(message_id: int) -> bytes | None:
    """The mail as it came."""
    return session().scalar(select(InboundMessage.raw).where(InboundMessage.id == message_id))


def request_of(row: InboundMessage) -> ServiceRequest | None:
    """The request that a message stands on."""
    return session().get(ServiceRequest, row.request_id) if row.request_id is not None else None


def of_request(request_id: int) -> dict[int, InboundMessage]:
    """The messages of a request, by the interaction that each became."""
    query = select(InboundMessage).where(InboundMessage.request_id == request_id)
    return {one.interaction_id: one for one in session().scalars(query) if one.interaction_id}


def join(
    message_id: int,
    number: str,
    uploads: Sequence[attachments.Upload],
    actor: Actor,
    now: datetime,
) -> ServiceRequest:
    """Let a message be the customer's word on a request; raises Invalid for an unknown number,
    AlreadyDecided."""
    row = _undecided(message_id)
    try:
        request = requests.find(number, actor)
    except NoSuch as unknown:
        raise Invalid({"number": [unknown.message(actor.language or "fa")]}) from None
    receiving.join(row, request, uploads, now, why="staff")
    _note(row, request, actor, now)
    return request


def open_request(
    message_id: int,
    opening: Opening,
    uploads: Sequence[attachments.Upload],
    actor: Actor,
    now: datetime,
) -> ServiceRequest:
    """Open a request of a service with a message; raises Invalid by field, AlreadyDecided."""
    row = _undecided(message_id)
    outcome = receiving.open_request(row, opening, uploads, now, actor)
    assert outcome.request is not None  # noqa: S101  # What is refused was raised.
    _note(row, outcome.request, actor, now)
    return outcome.request


def drop(message_id: int, reason: str, actor: Actor, now: datetime) -> None:
    """Let nothing come of a message; the reason stays with it. Raises Invalid without one."""
    row = _undecided(message_id)
    told = {"was": row.state, "reason": dropping.read_reason(reason, actor)}
    row.state, row.why = DROPPED, told["reason"]
    row.decided_by, row.decided_at = actor.id, now
    history.note("message_dropped", actor, now, element=element_of(row.id), data=told)


def element_of(message_id: int) -> str:
    """Under what the history tells of a message."""
    return f"message:{message_id}"


def reasons() -> Mapping[str, int]:
    """Why messages are in quarantine, the most frequent first, with how many of the newest of
    them; released ones are on their way."""
    newest = select(InboundMessage.why).where(*_HELD).order_by(newest_first(InboundMessage.id))
    held = newest.limit(MOST_AT_ONCE).subquery()
    query = select(held.c.why, func.count()).group_by(held.c.why)
    return dict(run(query.order_by(func.count().desc()).limit(MOST_REASONS)).all())


MOST_REASONS = 20
_HELD = (InboundMessage.state == QUARANTINED, InboundMessage.why != RELEASED)


def drop_alike(why: str, reason: str, actor: Actor, now: datetime) -> int:
    """Let nothing come of the oldest messages that are in quarantine for the same reason, as after
    a flood, of at most so many that nobody waits for it; how many. Raises Invalid as :func:`drop`
    does."""
    told = {"was": QUARANTINED, "reason": dropping.read_reason(reason, actor)}
    first = select(InboundMessage.id).where(*_HELD, InboundMessage.why == why)
    # The order of ``newest_first`` from its other end.
    oldest = first.order_by(InboundMessage.id.asc().nulls_first()).limit(MOST_AT_ONCE)
    alike = update(InboundMessage).where(
        InboundMessage.id.in_(oldest.with_for_update().scalar_subquery())
    )
    decided = {"state": DROPPED, "why": told["reason"], "decided_by": actor.id, "decided_at": now}
    done = alike.values(decided).returning(InboundMessage.id)
    ids = session().scalars(done, execution_options={"synchronize_session": False}).all()
    elements = map(element_of, sorted(ids))
    entries = [history.entry("message_dropped", actor, now, element=e, data=told) for e in elements]
    history.record(entries)
    return len(ids)


MOST_AT_ONCE = 5000
"""Messages that are dropped by one act."""


def release(message_id: int, actor: Actor, now: datetime) -> None:
    """Let a message out of quarantine: it goes its way as if it had not been held."""
    row = _undecided(message_id)
    if row.state != QUARANTINED:
        raise AlreadyDecided
    told = {"was": row.why}
    row.why, row.decided_by, row.decided_at = RELEASED, actor.id, now
    history.note("message_released", actor, now, element=element_of(row.id), data=told)
    jobs.defer(jobs.RECEIVE_MAIL, message_id=row.id)


def is_on_its_way(row: InboundMessage) -> bool:
    """Whether a person has let it out of quarantine and it has not come to its place yet; there
    it may still be to a person to place it."""
    return row.state == QUARANTINED and row.why == RELEASED


def go_on(row: InboundMessage, mail: Mail | None, now: datetime) -> None:
    """What comes of a released message: its place, or the hands of a person when it cannot be
    read even now."""
    if not is_on_its_way(row):
        return
    if mail is None or not mail.sender.mailbox:
        row.state, row.why = TRIAGE, "unreadable"
        return
    if not (mail.text or mail.html or mail.files):
        # Of a mail that is too large there are headers alone, which are nobody's word.
        row.state, row.why = TRIAGE, "no_text"
        return
    mail_intake.take_again(row, mail, channels.open_(channels.find_by_id(row.channel_id)), now)


def _undecided(message_id: int) -> InboundMessage:
    row = session().get(InboundMessage, message_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NoSuch(en=f"message {message_id}", fa=f"پیام {message_id}")
    if row.state not in OPEN:
        raise AlreadyDecided
    return row


def _note(row: InboundMessage, request: ServiceRequest, actor: Actor, now: datetime) -> None:
    row.decided_by, row.decided_at = actor.id, now
    data = {"from": row.sender, "subject": row.subject, "state": row.state}
    element = element_of(row.id)
    history.note("message_placed", actor, now, request_id=request.id, element=element, data=data)
