"""The text of a mailing, as the page shows it to whoever writes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import g, request

from app.addresses import read_id
from app.errors import Invalid
from app.guard import actor
from app.i18n import read_digits
from app.models import Mailing
from app.services.bulk_sending import (  # fmt: skip
    mailing_acts,
    mailing_audience,
    mailing_reports,
    mailing_sending,
)
from app.services.sending import sms_preview  # fmt: skip


def read(found: Mailing, reached: mailing_audience.Reach | None) -> dict[str, Any] | None:
    """The text as one of the recipients reads it: whom the address names, else the first one."""
    typed = read_digits(request.args.get("customer", ""))
    party_id = read_id(typed)
    who = None
    if party_id is not None:
        who = mailing_audience.of_customer(
            mailing_sending.question_of(found, actor(), g.now), party_id
        )
    else:
        who = next(iter(reached.first if reached is not None else _first(found)), None)
    name, language = (who.name, who.language) if who is not None else ("…", found.fallback)
    language = language if language in found.texts else found.fallback
    try:
        facts = who.facts if who is not None else None
        message = mailing_acts.sample(found, name, language, facts)
    except Invalid as wrong:
        return {"wrong": wrong.errors["trial"], "missed": False, "typed": typed}
    parts = sms_preview.count(message.body, {}) if found.medium == "sms" else None
    return {
        "name": name, "language": language, "message": message, "parts": parts, "typed": typed,
        "missed": party_id is not None and who is None, "wrong": (),
    }  # fmt: skip


def _first(found: Mailing) -> Sequence[mailing_reports.Line]:
    return mailing_reports.lines(found, actor(), limit=1)
