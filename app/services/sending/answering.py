"""Letters that can be answered: to a mailbox of ours, by addresses that prove where an answer or
a failure belongs."""

from __future__ import annotations

from dataclasses import dataclass, replace

from itsdangerous import Signer

import connectors
from app import running
from app.db import session
from app.models import Delivery, ServiceRequest
from app.services.sending import channels
from connectors.contract import Order
from connectors.mail_quotes import MARKS
from connectors.mail_threads import answer_address, failure_address

MAILBOX = "imap"


def key() -> bytes:
    """What signs the addresses of letters."""
    settings = running.settings()
    return settings.secret_key.encode()


def mailbox() -> channels.Way | None:
    """The mailbox to which answers are asked: of those with an address the default one, else the
    first by its key."""
    ways = [one for one in channels.of_kind(MAILBOX) if one.enabled and one.options.get("address")]
    return min(ways, key=lambda one: (not one.is_default, one.key), default=None)


TRIED = "test"
"""In place of a reference, in a letter that somebody sent to themselves as a trial."""


def unsubscribe_link(delivery: Delivery) -> str:
    """Where the receiver of a mailing ends such letters; empty for every other letter."""
    return link_of(delivery.reference) if delivery.mailing_id is not None else ""


def link_of(reference: str) -> str:
    """The address of the page that ends mailings, for the letter of that reference.

    The reference with a sign of ours is its token, so that nobody ends mailings for somebody else
    by counting, and neither name nor address stands in a link.
    """
    settings = running.settings()
    token = signer().sign(reference.encode()).decode()
    return f"{settings.public_url}/portal/unsubscribe/{token}"


def signer() -> Signer:
    """What signs the tokens of those links."""
    return Signer(key(), salt="mailing-unsubscribe")


@dataclass(frozen=True)
class WayBack:
    """Where answers to one letter and failures of it go."""

    answers: connectors.Address
    failures: connectors.Address


def way_back(delivery: Delivery) -> WayBack | None:
    """The addresses of a letter; None where no mailbox receives."""
    way = mailbox()
    if way is None:
        return None
    address = way.options["address"]
    failures = way.options.get("failure_address") or address
    if not way.options.get("tags", True):
        return WayBack(connectors.address(address), connectors.address(failures))
    return WayBack(_answers(address, delivery), failure_address(failures, delivery.reference))


def addressed(letter: connectors.Letter, delivery: Delivery) -> connectors.Letter:
    """The letter with the addresses that answers and failures go to, and, about a request, with
    the line above which an answer is written; as it is where no mailbox receives."""
    back = way_back(delivery)
    if back is None:
        return letter
    body = _marked(letter.body, letter.language, delivery)
    return replace(letter, reply_to=back.answers, bounces_to=back.failures, body=body)


def ordered(order: Order, delivery: Delivery) -> Order:
    """The same for a letter that goes out by a channel."""
    back = way_back(delivery)
    if back is None:
        return order
    return replace(
        order, body=_marked(order.body, order.language, delivery),
        answers_to=back.answers.mailbox, failures_to=back.failures.mailbox,
    )  # fmt: skip


def _marked(body: str, language: str, delivery: Delivery) -> str:
    """The text below the line above which an answer is written, where the letter is about a
    request; an answer to others joins nothing."""
    if delivery.request_id is None:
        return body
    return f"{MARKS['en' if language == 'en' else 'fa']}\n\n{body}"


def _answers(address: str, delivery: Delivery) -> connectors.Address:
    """With the number of the request where there is one; a step has it at hand already."""
    plain = connectors.address(address)
    if delivery.request_id is None:
        return plain
    request = session().get(ServiceRequest, delivery.request_id)
    return plain if request is None else answer_address(plain.mailbox, request.number, key())
