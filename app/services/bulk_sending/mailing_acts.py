"""What people do with a mailing: let it go out, call it back, stop it, let it go on, end it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select, update

import connectors
from app import jobs
from app.access import Actor, manager
from app.db import session
from app.errors import Forbidden, Invalid, OperationRefused
from app.models import Delivery, Mailing, MailingRecipient
from app.services.bulk_sending import mailing_sending, mailing_texts, mailings
from app.services.bulk_sending.mailing_gate import RUNNING, SPARED, STOPPED
from app.services.bulk_sending.mailing_sending import CANCELLED, SCHEDULED, WAITING
from app.services.bulk_sending.mailings import DRAFT
from app.services.sending import answering, calls, deliveries, no_contact
from app.services.sending.channels import Way
from app.services.texts import choose

FARTHEST = timedelta(days=366)


def release(mailing_id: int, starts_at: datetime | None, actor: Actor, now: datetime) -> Mailing:
    """Let a draft go out, at once or at an instant; raises Invalid with the field ``at``, or
    ``audience`` when nobody would get it."""
    mailing = _take(mailing_id, actor, DRAFT)
    if actor.id is None:
        raise Forbidden
    begins = starts_at or now
    if not now <= begins <= now + FARTHEST:
        raise Invalid({"at": [choose(_WORDS["at"], actor.language)]})
    if not mailing_sending.reaches_anybody(mailing, actor, now):
        raise Invalid({"audience": [choose(_WORDS["nobody"], actor.language)]})
    mailing.state, mailing.released_by = SCHEDULED, actor.id
    mailing.starts_at = mailing.next_at = begins
    return _done(mailing, "scheduled", actor, now, starts_at=begins.isoformat())


def recall(mailing_id: int, actor: Actor, now: datetime) -> Mailing:
    """Make a draft again of what has not begun."""
    mailing = _take(mailing_id, actor, SCHEDULED)
    mailing.state, mailing.starts_at, mailing.next_at = DRAFT, None, None
    return _done(mailing, "recalled", actor, now)


def stop(mailing_id: int, actor: Actor, now: datetime) -> Mailing:
    """Hold back all that was not handed to the partner yet; what was has gone."""
    mailing = _take(mailing_id, actor, RUNNING)
    mailing.state, mailing.next_at = STOPPED, None
    session().flush()
    _hold_back(mailing)
    return _done(mailing, "stopped", actor, now, went=gone(mailing.id))


def resume(mailing_id: int, actor: Actor, now: datetime) -> Mailing:
    """Let a stopped mailing go on where it stopped, or begin it when it never began."""
    mailing = _take(mailing_id, actor, STOPPED)
    if actor.id is None:
        raise Forbidden
    if mailing.started_at is None:
        mailing.state, mailing.starts_at, mailing.released_by = SCHEDULED, now, actor.id
    else:
        mailing.state = RUNNING
    mailing.next_at = now
    return _done(mailing, "resumed", actor, now)


def cancel(mailing_id: int, actor: Actor, now: datetime) -> Mailing:
    """End it for good; what was not handed to the partner is never sent."""
    mailing = _take(mailing_id, actor, DRAFT, SCHEDULED, RUNNING, STOPPED)
    mailing.state, mailing.next_at, mailing.ended_at = CANCELLED, None, now
    session().flush()
    _hold_back(mailing)
    waiting = update(MailingRecipient).where(
        MailingRecipient.mailing_id == mailing.id, MailingRecipient.state == WAITING
    )
    session().execute(waiting.values(state=CANCELLED))
    return _done(mailing, "cancelled", actor, now, went=gone(mailing.id))


def gone(mailing_id: int) -> int:
    """How many have gone out, or are in the partner's hands."""
    query = select(func.count()).where(
        Delivery.mailing_id == mailing_id, Delivery.state != deliveries.CANCELLED,
        Delivery.attempts > 0,
    )  # fmt: skip
    return session().scalar(query) or 0


def _hold_back(mailing: Mailing) -> None:
    waits = Delivery.state.in_((deliveries.QUEUED, deliveries.WAITING))
    change = update(Delivery).where(Delivery.mailing_id == mailing.id, waits)
    session().execute(change.values(state=deliveries.CANCELLED, next_attempt_at=None))


def held_back(mailing_id: int) -> int:
    """How many are left to be sent."""
    waiting = select(func.count()).where(
        MailingRecipient.mailing_id == mailing_id, MailingRecipient.state == WAITING
    )
    held = select(func.count()).where(
        Delivery.mailing_id == mailing_id, Delivery.state == deliveries.CANCELLED,
        or_(Delivery.error.is_(None), Delivery.error.not_in(SPARED)),
    )  # fmt: skip
    return (session().scalar(waiting) or 0) + (session().scalar(held) or 0)


def _take(mailing_id: int, actor: Actor, *states: str) -> Mailing:
    """The mailing, locked; raises OperationRefused when it is in another state."""
    if not manager(actor):
        raise Forbidden
    mailings.find(mailing_id)
    mailing = mailing_sending.locked(mailing_id)
    if mailing.state not in states:
        raise OperationRefused(en=_REFUSED[1], fa=_REFUSED[0])
    return mailing


_REFUSED = (
    "این ارسال گروهی در این میان به حال دیگری رفته است؛ چیزی تغییر نکرد.",
    "This mailing is in another state by now; nothing was changed.",
)


def _done(mailing: Mailing, act: str, actor: Actor, now: datetime, **facts: object) -> Mailing:
    mailing.updated_at = now
    session().flush()
    mailing_sending.note(mailing, act, actor, now, **facts)
    return mailing


def send_trial(mailing_id: int, address: str, language: str, actor: Actor, now: datetime) -> None:
    """Send the text to oneself; raises Invalid with the field ``trial``."""
    if not manager(actor):
        raise Forbidden
    mailing = mailings.find(mailing_id)
    kind = no_contact.KIND_OF[mailing.medium]
    key = no_contact.key_of(kind, address)
    if key is None or no_contact.is_barred(kind, key):
        raise Invalid(
            {"trial": [choose(_WORDS[kind if key is None else "barred"], actor.language)]}
        )
    chosen = language if language in mailing.texts else mailing.fallback
    way = mailing_sending.way_of(mailing)
    row = _trial(mailing, way, key, chosen, actor, now)
    deliveries.keep([row])
    if way is None or not calls.is_apart(way):
        jobs.defer(jobs.SEND_DELIVERY, delivery_id=row.id)
    mailing_sending.note(mailing, "tried", actor, now, language=chosen)


def _trial(
    mailing: Mailing, way: Way | None, to: str, language: str, actor: Actor, now: datetime
) -> Delivery:
    name = actor.names.get(language, "")
    first = next(iter(mailing_sending.first_of(mailing, actor, now)), None)
    message = sample(mailing, name, language, first.facts if first is not None else None)
    mark = {"fa": "[آزمایشی] ", "en": "[Trial] "}[language] if mailing.medium == "email" else ""
    return Delivery(
        reference=secrets.token_hex(12), channel=mailing.medium, channel_id=way.id if way else None,
        recipient=to, recipient_name=name, language=language,
        subject=(mark + message.subject)[:300], body=message.body,
        payload={} if way else None,
        state=deliveries.QUEUED, attempts=0, urgent=False, may_have_arrived=False,
        created_at=now,
    )  # fmt: skip


def sample(
    mailing: Mailing,
    name: str,
    language: str,
    facts: Mapping[str, Any] | None,
) -> connectors.Message:
    """The text as one person would read it, with the facts of their line of a list, or with
    something in their place; raises Invalid with the field ``trial`` when it cannot be shown."""
    written = mailing_sending.written_of(mailing)
    try:
        shown = mailing_texts.stand_ins(written) if facts is None else facts
        reader = mailing_texts.Reader(name, language, shown, answering.link_of(answering.TRIED))
        return mailing_texts.fill(written, reader)
    except connectors.BadTemplate as wrong:
        raise Invalid({"trial": [str(wrong)]}) from None


_WORDS = {
    "at": (
        "لحظه‌ای در آینده بنویسید، حداکثر یک سال دیگر.",
        "Write a moment in the future, within a year.",
    ),
    "nobody": (
        "هیچ‌کس این را نمی‌گیرد؛ شرط‌ها را ببینید.",
        "Nobody would get this; look at the conditions.",
    ),
    "email": ("نشانی ایمیل درستی بنویسید.", "Write an e-mail address."),
    "phone": ("شمارهٔ تلفن درستی بنویسید.", "Write a telephone number."),
    "barred": (
        "به این نشانی نباید چیزی فرستاد.",
        "Nothing may be sent to this address.",
    ),
}
