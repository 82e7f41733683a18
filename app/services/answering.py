"""Letters that can be answered: to a mailbox of ours, by addresses that prove where an answer or
a failure belongs."""

from __future__ import annotations

from dataclasses import replace

from flask import current_app

import connectors
from app.config import Settings
from app.db import session
from app.models import Delivery, ServiceRequest
from app.services import channels
from connectors.mail_quotes import MARKS
from connectors.mail_threads import answer_address, failure_address

MAILBOX = "imap"


def key() -> bytes:
    """What signs the addresses of letters."""
    settings: Settings = current_app.extensions["peygir.settings"]
    return settings.secret_key.encode()


def mailbox() -> channels.Way | None:
    """The mailbox to which answers are asked: of those with an address the default one, else the
    first by its key."""
    ways = [one for one in channels.of_kind(MAILBOX) if one.enabled and one.options.get("address")]
    return min(ways, key=lambda one: (not one.is_default, one.key), default=None)


def addressed(letter: connectors.Letter, delivery: Delivery) -> connectors.Letter:
    """The letter with the addresses that answers and failures go to, and with the line above
    which an answer is written; as it is where no mailbox receives."""
    way = mailbox()
    if way is None:
        return letter
    address = way.options["address"]
    failures = way.options.get("failure_address") or address
    tagged = bool(way.options.get("tags", True))
    return replace(
        letter,
        reply_to=_answers(address, delivery) if tagged else connectors.address(address),
        bounces_to=failure_address(failures, delivery.reference)
        if tagged
        else connectors.address(failures),
        body=f"{MARKS['en' if letter.language == 'en' else 'fa']}\n\n{letter.body}",
    )


def _answers(address: str, delivery: Delivery) -> connectors.Address:
    """With the number of the request where there is one; a step has it at hand already."""
    plain = connectors.address(address)
    if delivery.request_id is None:
        return plain
    request = session().get(ServiceRequest, delivery.request_id)
    return plain if request is None else answer_address(plain.mailbox, request.number, key())
