"""By which way a letter reaches somebody of the house: by e-mail, else by text message.

People of the house are told at once, whatever quiet hours the channel of mail keeps for customers;
text messages keep them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

import connectors
from app import running
from app.access import MANAGER, SYSTEM, may_see_request
from app.db import session
from app.models import Delivery, ServiceRequest, User
from app.services import history
from app.services.accounts import people
from app.services.sending import channels, deliveries, no_contact
from app.services.sending.deliveries import EMAIL, SMS

HOUSE = "house"
GROUP = "group:"


class Reader(NamedTuple):
    """Somebody who can be written to."""

    user: User
    way: str
    """``email`` or ``sms``."""


def reachable(users: Iterable[User]) -> list[Reader]:
    """Those of the people who have an address to which something may be sent, with the way. However
    many they are, it is one question, and none where no address at all is kept from letters."""
    asked = list(users)
    mailboxes = {one.id: ("email", one.email) for one in asked if one.email}
    texting = channels.default_of(SMS) is not None
    numbers = {one.id: ("phone", one.phone) for one in asked if texting and one.phone}
    barred = no_contact.barred([*mailboxes.values(), *numbers.values()])
    ways = {key: SMS for key, number in numbers.items() if number not in barred}
    ways |= {key: EMAIL for key, mailbox in mailboxes.items() if mailbox not in barred}
    return [Reader(one, ways[one.id]) for one in asked if one.id in ways]


def readers_of(request: ServiceRequest, group: str) -> list[Reader]:
    """Who of the group is written to about a request: those who can be reached and may see it; when
    there is nobody in the group, the managers, who can name somebody."""
    return _seeing(request, people.members([group])) or _seeing(request, people.managers())


def _seeing(request: ServiceRequest, users: Iterable[User]) -> list[Reader]:
    return [one for one in reachable(users) if may_read(one.user, request)]


def may_read(user: User, request: ServiceRequest) -> bool:
    """Whether a letter may tell this person of the request."""
    return may_see_request(people.reader(user), request)


def language_of(user: User) -> str:
    """The language in which this person is written to."""
    return user.language or running.settings().language


def compose(
    to: Reader,
    message: connectors.Message,
    link: str,
    now: datetime,
    *,
    readers: str = HOUSE,
    request_id: int | None = None,
    job_id: int | None = None,
) -> Delivery | None:
    """The row of the mail or text message; ``readers`` says as one of whom they get it."""
    user, language = to.user, language_of(to.user)
    name = user.names.get(language, user.login)
    if to.way == EMAIL:
        return deliveries.compose(
            str(user.email), name, language, message, now,
            request_id=request_id, job_id=job_id, urgent=True, readers=readers,
        )  # fmt: skip
    way = channels.default_of(SMS)
    if way is None:
        return None
    return deliveries.compose_text(
        way, str(user.phone), name, language, message, link, now,
        request_id=request_id, job_id=job_id, readers=readers,
    )  # fmt: skip


def withhold(row: Delivery, now: datetime) -> bool:
    """Hold back a letter that has waited, when nobody who reads that mailbox or number may be told
    of its request any more; whether it was. It is cancelled, but for one that may have gone out
    already: of that a person decides."""
    if row.readers is None or row.request_id is None or row.state in deliveries.OVER:
        return False
    request = session().get_one(ServiceRequest, row.request_id)
    if any(may_read(user, request) for user in _still_meant(row.readers, row.recipient)):
        return False
    is_doubtful = row.state in (deliveries.SENDING, deliveries.UNKNOWN)
    if is_doubtful:
        row.state, row.next_attempt_at = deliveries.UNKNOWN, None
    else:
        deliveries.drop([row])
    told = {"to": row.recipient, "subject": row.subject, "in_doubt": is_doubtful}
    history.note("letter_withheld", SYSTEM, now, request_id=request.id, data=told)
    return True


def _still_meant(readers: str, address: str) -> list[User]:
    """Who reads there, of the group that was written to; managers may stand in for each."""
    found = people.at_address(address)
    if not readers.startswith(GROUP):
        return found
    members = {one.id for one in people.members([readers.removeprefix(GROUP)])}
    return [one for one in found if one.id in members or MANAGER in one.roles]
