"""By which way a letter reaches the customer: by e-mail, else by text message.

The header ``by`` of a task says ``email``, ``sms`` or ``any``, which is what holds without it:
mail where the request has an address to which something may be sent, else a text message where it
has such a number and there is a default channel for them. A text message says the letter in short,
with the link to the tracking page.
"""

from __future__ import annotations

from datetime import datetime

import connectors
from app.models import Delivery, ServiceRequest
from app.services.sending import channels, deliveries, no_contact, wording
from app.services.sending.deliveries import EMAIL, SMS

ANY = "any"
URGENT = "urgent"
"""The priority of requests about which letters go out in quiet hours, too."""


def compose(
    request: ServiceRequest,
    message: connectors.Message,
    now: datetime,
    *,
    by: str = ANY,
    job_id: int | None = None,
) -> Delivery | None:
    """The row of the mail or text message to who asked; nothing when neither can reach them.

    Raises DoNotContact.
    """
    by = (open_way(request) or ANY) if by == ANY else by
    address, name = request.contact_email, request.contact_name
    if by != SMS and address is not None:
        no_contact.check("email", address)
        return deliveries.compose(
            address, name, request.language, message, now,
            request_id=request.id, job_id=job_id, urgent=request.priority == URGENT,
        )  # fmt: skip
    way = channels.default_of(SMS) if by != EMAIL and request.contact_phone else None
    return _compose_text(request, way, message, now, job_id) if way else None


def offer(request: ServiceRequest, message: connectors.Message, now: datetime) -> Delivery | None:
    """The same where no process waits to be told: nothing to who must not be written to."""
    try:
        return compose(request, message, now)
    except no_contact.DoNotContact:
        return None


def open_way(request: ServiceRequest) -> str:
    """By which way a letter reaches the customer: ``email``, else ``sms`` where nothing may be
    sent to their mailbox or they have none; empty where by neither."""
    address, number = request.contact_email, request.contact_phone
    if address is not None and not no_contact.is_barred("email", address):
        return EMAIL
    if number and channels.default_of(SMS) and not no_contact.is_barred("phone", number):
        return SMS
    return ""


def prepare_reply(request: ServiceRequest, body: str, now: datetime) -> Delivery | None:
    """What carries a member of staff's words to the customer, written; nothing where no way
    reaches them."""
    way = open_way(request)
    row = compose(request, wording.reply(request, body), now, by=way) if way else None
    if row is not None:
        deliveries.keep([row])
    return row


def _compose_text(
    request: ServiceRequest,
    way: channels.Way,
    message: connectors.Message,
    now: datetime,
    job_id: int | None,
) -> Delivery:
    number = str(request.contact_phone)
    no_contact.check("phone", number)
    return deliveries.compose_text(
        way, number, request.contact_name, request.language, message,
        wording.tracking_url(request), now, request_id=request.id, job_id=job_id,
    )  # fmt: skip
