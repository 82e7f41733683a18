"""What the doctor looks at of all that goes out: letters, calls, mailings, and their channels."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import func, select

from app.access import TERMINAL
from app.config import Settings
from app.db import session
from app.errors import PeygirError
from app.finding import Finding, Findings
from app.models import Mailing
from app.services.sending import channel_gate, channels, doubtful, given_up, probing
from connectors import registry

MAILING_LATE = timedelta(minutes=2)
CERTIFICATES = timedelta(days=30)
"""How long before their end certificates are told of."""


def check_deliveries(settings: Settings, now: datetime) -> Findings:
    """Letters go out, and neither they nor calls stand given up."""
    yield check_way_of_letters(settings)
    # Those of a mailing stand in its report.
    letters, calls = given_up.count(now)
    how = "retry, skip or cancel their faults"
    if letters:
        told = f"letters and texts that could not be delivered: {letters}"
        yield Finding("problem", f"{told}; {how}, others are told of for a week")
    if calls:
        yield Finding("problem", f"calls of partners that were given up: {calls}; {how}")
    if not letters and not calls:
        yield Finding("ok", "no letter and no call was given up")
    if found := doubtful.count(TERMINAL):
        told = "messages of which nobody knows whether they arrived, to be decided"
        yield Finding(
            "problem", f"{told} (/deliveries/doubtful): {found.number}{'+' * found.is_more}"
        )


def check_mailings(now: datetime) -> Findings:
    """No mailing waits for a worker that does not come, or crashes at it."""
    waiting = select(func.count()).where(Mailing.next_at < now - MAILING_LATE)
    if number := session().scalar(waiting):
        yield Finding("problem", f"mailings that do not go on though their time has come: {number}")


def check_way_of_letters(settings: Settings) -> Finding:
    """The way that letters take can be gone: the server of mail answers."""
    way = channels.default_of("email")
    if way is None and settings.smtp_url is None:
        return Finding("note", f"no SMTP server is set; letters go to {settings.outbox}")
    name = f"the channel {way.key}" if way else "PEYGIR_SMTP_URL"
    probed = probing.probe(way.key, "en") if way else probing.probe_mail(settings)
    state: Literal["ok", "problem"] = "ok" if probed.worked else "problem"
    return Finding(state, f"letters go out by {name}: {probed.words}")


def _ends(opened: channels.Opened, now: datetime) -> Findings:
    """Certificates that end within a month, or have ended."""
    for one in opened.connector.ends(opened.options):
        told = f"channel {opened.way.key}: {one.option} "
        if one.at <= now:
            yield Finding("problem", f"{told}has ended on {one.at:%Y-%m-%d}")
        elif one.at <= now + CERTIFICATES:
            days = (one.at - now).days
            yield Finding("note", f"{told}ends on {one.at:%Y-%m-%d}, in {days} days")


def check_kinds() -> Findings:
    """What other packages bring can be used."""
    for one in registry.unusable():
        yield Finding("problem", str(one))


def check_channels(now: datetime) -> Findings:
    """Every channel that is on can be used: its kind is there and its secrets can be read."""
    states, ways = channel_gate.states(), [one for one in channels.all_ways() if one.enabled]
    for way in ways:
        try:
            yield from _ends(channels.open_(way), now)
        except PeygirError as error:
            yield Finding("problem", f"channel {way.key}: {error.message('en')}")
        except Exception as error:  # noqa: BLE001  # A stranger's kind may raise anything.
            yield Finding("problem", f"channel {way.key}: its kind failed: {type(error).__name__}")
        state = states.get(way.id)
        if state is not None and state.open_until is not None:
            until = state.open_until.isoformat(timespec="seconds")
            yield Finding("note", f"channel {way.key} failed and is left alone until {until}")
        if state is not None and state.token_refused_at is not None:
            since = state.token_refused_at.isoformat(timespec="seconds")
            told = f"channel {way.key}: its refresh token is refused since {since}"
            yield Finding("problem", f"{told}; let the owner agree anew and enter the new one")
    if ways:
        yield Finding("ok", f"channels that are on: {len(ways)}")
