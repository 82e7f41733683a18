"""What the doctor looks at of all that comes in: mailboxes, quarantine, calls, texts that wait."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import func, select

from app.db import session
from app.finding import Finding, Findings
from app.models import Channel, ChannelState, InboundMessage, PartnerCall, PhoneCall
from app.models.inbound import QUARANTINED
from app.services.intake import mail_keeping, partner_calls, phone_calls
from app.services.sending import channels, smpp_sending

LATE = timedelta(hours=1)
"""How long something may wait for a partner or for a process that listens."""
OLD = timedelta(days=7)
"""How long something may wait for a person before it is worth a word."""
UNSEEN = timedelta(minutes=10)
"""How long a mailbox may go unread, beyond two of its own rounds."""


def check_received(now: datetime) -> Findings:
    """What comes in is looked at, heard and decided; old mails do not pile up."""
    found = [*_mailboxes(now), *_texts(now), *_calls(now), *_quarantine(now), *_phone_calls()]
    yield from found
    yield from _sizes()
    if not any(one.state == "problem" for one in found):
        yield Finding("ok", "what comes in is taken")


def _mailboxes(now: datetime) -> Findings:
    query = (
        select(Channel.key, Channel.options, Channel.updated_at, ChannelState.looked_at)
        .outerjoin(ChannelState, ChannelState.channel_id == Channel.id)
        .where(Channel.kind == "imap", Channel.enabled)
        .order_by(Channel.key)
    )
    for key, options, changed_at, looked_at in session().execute(query):
        patience = UNSEEN + timedelta(seconds=2 * int(options.get("poll_seconds", 60)))
        if (looked_at or changed_at) < now - patience:
            since = f"since {_told(looked_at)}" if looked_at else "yet"
            told = f"mailbox {key} was not read {since}; is `peygir mail` running, and what does"
            yield Finding("problem", f"{told} its log say?")
        if not options.get("authserv_id"):
            told = f"mailbox {key} takes senders at their word; its option authserv_id names the"
            yield Finding("note", f"{told} server that proves them")


def _texts(now: datetime) -> Findings:
    for way in channels.of_kind("smpp"):
        count = smpp_sending.count_waiting(way.id, now - LATE)
        if count:
            told = f"channel {way.key}: texts that have waited for `peygir smpp` for an hour"
            yield Finding("problem", f"{told}: {count}")


def _calls(now: datetime) -> Findings:
    """A call of today may have come too early; one of last week waits for a person."""
    old = func.count().filter(PartnerCall.received_at < now - OLD)
    query = (
        select(Channel.key, PartnerCall.message, func.count(), old)
        .join(Channel, Channel.id == PartnerCall.channel_id)
        .where(*_UNDECIDED, PartnerCall.received_at < now - LATE)
        .group_by(Channel.key, PartnerCall.message)
        .order_by(Channel.key, PartnerCall.message)
    )
    for key, message, count, old_ones in session().execute(query):
        told = f"channel {key}: calls “{message}” of the partner that nothing waited for"
        ages = f"{count}, {old_ones} of them for more than a week" if old_ones else str(count)
        yield Finding("problem" if old_ones else "note", f"{told} (/partner-calls): {ages}")


_UNDECIDED = (
    PartnerCall.state != partner_calls.HEARD,
    PartnerCall.state != partner_calls.DROPPED,
)


def _quarantine(now: datetime) -> Findings:
    query = select(func.count()).where(
        InboundMessage.state == QUARANTINED, InboundMessage.received_at < now - OLD
    )
    count = session().scalar(query) or 0
    if count:
        told = "messages in quarantine for more than a week, to be released or dropped"
        yield Finding("note", f"{told} (/triage?state=quarantined): {count}")


def _phone_calls() -> Iterator[Finding]:
    query = select(func.count()).select_from(PhoneCall).where(*phone_calls.UNPLACED)
    count = session().scalar(query) or 0
    if count:
        yield Finding("note", f"phone calls that belong to no request (/triage/calls): {count}")


def _sizes() -> Findings:
    kept = mail_keeping.sizes()
    if kept.count and kept.oldest is not None:
        size = f"{kept.size / 1_000_000:.1f} MB"
        told = f"raw mails kept: {kept.count}, {size}, the oldest of {kept.oldest.date()}"
        yield Finding("ok", told)


def _told(at: datetime) -> str:
    return at.isoformat(timespec="minutes")
