"""What was said by ways that have no wire here: on the telephone, by fax, letter or in person.

A member of staff enters it on the request, with the way, the direction and the moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.access import MANAGER, STAFF, Actor
from app.db import session
from app.errors import Forbidden, Invalid
from app.models import Interaction, ServiceRequest
from app.services import history
from app.services.casework import messages
from app.services.service_levels import promises
from app.services.texts import choose

CHANNELS = ("phone", "voicemail", "fax", "letter", "in_person")
"""The ways, as an interaction's ``channel`` says them."""
DIRECTIONS = ("inbound", "outbound")
OLDEST = timedelta(days=366)
"""What happened longer ago is a mistake in the date."""


@dataclass(frozen=True)
class Said:
    """One contact as it is entered."""

    channel: str
    direction: str
    at: datetime
    body: str


def enter(request: ServiceRequest, said: Said, actor: Actor, now: datetime) -> Interaction:
    """Keep a contact among what was said on the request; its customer reads it, too.

    Raises Forbidden for who is no member of staff, and Invalid with the fields ``channel``,
    ``direction``, ``at`` and ``body``. No process hears of it: a member of staff does not decide
    in the customer's place.
    """
    if not actor.has(STAFF, MANAGER):
        raise Forbidden
    language = actor.language or request.language
    _check(said, language, now)
    row = Interaction(
        request_id=request.id, party_id=request.customer_id, direction=said.direction,
        channel=said.channel, author_kind=actor.kind, author_id=actor.id,
        author_names=dict(actor.names), body=messages.checked(said.body, language), at=said.at,
    )  # fmt: skip
    session().add(row)
    session().flush()
    told = {"channel": said.channel, "direction": said.direction, "at": said.at.isoformat()}
    history.note("contact_entered", actor, now, request_id=request.id, data=told)
    if said.direction == "outbound":
        promises.happened(request, {"told:customer"}, now)
    request.updated_at = now
    return row


def _check(said: Said, language: str, now: datetime) -> None:
    wrong = {}
    if said.channel not in CHANNELS:
        wrong["channel"] = "channel"
    if said.direction not in DIRECTIONS:
        wrong["direction"] = "direction"
    if said.at > now:
        wrong["at"] = "future"
    elif now - said.at > OLDEST:
        wrong["at"] = "old"
    if wrong:
        raise Invalid({field: [choose(_WORDS[key], language)] for field, key in wrong.items()})


_WORDS = {
    "channel": ("راه تماس را برگزینید.", "Choose how it was said."),
    "direction": ("برگزینید چه کسی تماس گرفت.", "Choose who got in touch."),
    "future": ("زمان تماس هنوز نرسیده است.", "That moment has not come yet."),
    "old": ("زمان تماس بیش از یک سال پیش است.", "That is more than a year ago."),
}
