"""Letters to people of the house that would come in quick succession come as one.

The first goes out at once. What says the same of the same request to the same person within
``APART`` of it is kept back and goes out then, as one letter with the words of all of them: a
customer who sends four short messages in a row does not fill anybody's mailbox, and nothing that
they wrote waits for longer. What a text message or a letter that is long already has no room for
stands on the page of the request alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from app.db import session
from app.models import Delivery
from app.services.sending import deliveries

APART = timedelta(minutes=10)
LONGEST = 20_000
"""Characters of a letter to which no further words are added."""
_LINE = "\n\n" + "—" * 8 + "\n\n"


def bundle(
    rows: Iterable[Delivery], job_id: int, now: datetime, *, is_again: bool = False
) -> list[Delivery]:
    """Of the letters that a task has composed to people of the house about one request, those that
    are to be written: to be sent now, or kept back for others. Letters of an earlier attempt of
    the task stay its own; with ``is_again`` what such an attempt has left to another letter is not
    said once more."""
    wanted = list(rows)
    before = _written_before(wanted)
    # What goes out at this very moment takes no further words; the others wait for us.
    deliveries.lock(one for rows in before.values() for one in rows if _is_kept_back(one))
    found = (_bundled(row, before.get(_kind(row), ()), job_id, now, is_again) for row in wanted)
    return [row for row in found if row is not None]


Kind = tuple[str, str, str | None]


def _kind(row: Delivery) -> Kind:
    """What is written to the members of another group is asked for itself who may still read it."""
    return row.recipient.casefold(), row.subject, row.readers


def _written_before(rows: Sequence[Delivery]) -> dict[Kind, list[Delivery]]:
    """The letters of the same kind, oldest first."""
    found: dict[Kind, list[Delivery]] = {}
    query = select(Delivery).where(
        Delivery.request_id.in_({row.request_id for row in rows}),
        Delivery.subject.in_({row.subject for row in rows}),
        Delivery.recipient.in_({row.recipient for row in rows}),
        Delivery.state.not_in((deliveries.DEAD, deliveries.FAILED, deliveries.CANCELLED)),
    )
    for one in session().scalars(query.order_by(Delivery.id)) if rows else ():
        found.setdefault(_kind(one), []).append(one)
    return found


def _waits(row: Delivery) -> bool:
    return row.attempts == 0 and row.state in (deliveries.QUEUED, deliveries.WAITING)


def _is_kept_back(row: Delivery) -> bool:
    return row.job_id is None and _waits(row)


def _bundled(
    row: Delivery, before: Sequence[Delivery], job_id: int, now: datetime, is_again: bool
) -> Delivery | None:
    if any(one.job_id == job_id for one in before):
        return row
    if is_again and any(row.body.strip() in one.body for one in before if one.job_id is None):
        return None
    lately = [one for one in before if _waits(one) or _went_at(one) > now - APART]
    if not lately:
        return row
    kept_back = next(filter(_is_kept_back, lately), None)
    if kept_back is not None:
        _add_words(kept_back, row)
        return None
    last = max(map(_went_at, lately))
    # No task waits for it, so that its process goes on.
    row.job_id, row.state = None, deliveries.WAITING
    row.next_attempt_at = max(last, now - APART) + APART
    return row


def _went_at(row: Delivery) -> datetime:
    return row.sent_at or row.created_at


def _add_words(kept_back: Delivery, row: Delivery) -> None:
    """Let the letter that is kept back say it, too."""
    is_letter = kept_back.channel == deliveries.EMAIL
    if is_letter and len(kept_back.body) + len(row.body) < LONGEST:
        kept_back.body = kept_back.body.rstrip() + _LINE + row.body
