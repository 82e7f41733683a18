"""A page that a customer sends twice is one request."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from app.db import session
from app.models import Submission
from app.services.accounts import safety
from app.services.casework import customers
from app.services.casework.customers import Contact

MOST_FROM_ADDRESS, MOST_FOR_RECIPIENT = 20, 10


def keep_once(
    ticket: str, answers: Mapping[str, Any], now: datetime, submit: Callable[[], str]
) -> str:
    """The tracking code that ``submit`` gives, or gave when this page was sent before.

    The ticket is the page's own secret; with other answers the same page is a new request.
    Of two sendings at once the second waits at the primary key until the first has ended,
    and then finds its code. What was sent is forgotten after two days.
    """
    mark = _mark(ticket, answers)
    is_first = session().scalar(
        insert(Submission)
        .values(mark=mark, tracking_code="", created_at=now)
        .on_conflict_do_nothing()
        .returning(Submission.mark)
    )
    row = session().get_one(Submission, mark)
    if is_first:
        row.tracking_code = submit()
    return row.tracking_code


def limit(address: str, contact: Contact, language: str, now: datetime) -> None:
    """Count what somebody unknown submits, by where it comes from and whom we would write to.

    Raises TooManyAttempts after 20 from one address, or 10 for one phone or e-mail, within a
    quarter of an hour: nobody's mailbox is to be flooded with our confirmations.
    """
    known = customers.normalise(contact, language)
    recipients = (known.phone, known.email)
    doors = [("submit_address", address, MOST_FROM_ADDRESS)]
    doors += [("submit_recipient", one, MOST_FOR_RECIPIENT) for one in recipients if one]
    for scope, subject, most in doors:
        safety.check_attempts(scope, subject, most, now)
        safety.count_attempt(scope, subject, now)


def _mark(ticket: str, answers: Mapping[str, Any]) -> str:
    said = json.dumps([ticket, answers], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()
