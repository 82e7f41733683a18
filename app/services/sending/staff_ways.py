"""By which way a letter reaches somebody of the house: by e-mail, else by text message.

People of the house are told at once, whatever quiet hours the channel of mail keeps for customers;
text messages keep them.
"""

from __future__ import annotations

from datetime import datetime

import connectors
from app import running
from app.models import Delivery, User
from app.services.sending import channels, deliveries, no_contact
from app.services.sending.deliveries import EMAIL, SMS


def open_way(user: User) -> str:
    """By which way this person can be written to: ``email``, else ``sms``; empty for who has no
    address, or wants nothing sent to those that they have."""
    if user.email and not no_contact.is_barred("email", user.email):
        return EMAIL
    if user.phone and channels.default_of(SMS) and not no_contact.is_barred("phone", user.phone):
        return SMS
    return ""


def language_of(user: User) -> str:
    """The language in which this person is written to."""
    return user.language or running.settings().language


def compose(
    user: User,
    message: connectors.Message,
    link: str,
    now: datetime,
    *,
    request_id: int | None = None,
    job_id: int | None = None,
) -> Delivery | None:
    """The row of the mail or text message; nothing to who cannot or must not be written to."""
    language = language_of(user)
    name = user.names.get(language, user.login)
    chosen = open_way(user)
    if chosen == EMAIL:
        return deliveries.compose(
            str(user.email), name, language, message, now,
            request_id=request_id, job_id=job_id, urgent=True,
        )  # fmt: skip
    way = channels.default_of(SMS) if chosen == SMS else None
    if way is None:
        return None
    return deliveries.compose_text(
        way, str(user.phone), name, language, message, link, now,
        request_id=request_id, job_id=job_id,
    )  # fmt: skip
