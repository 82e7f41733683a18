"""Asking SMS gateways that do not call us: for what came in, and for what became of messages.

No network is touched inside a transaction, and what is fetched is kept message by message: a
worker that dies in between leaves the rest with the gateway.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from app import clock_now, jobs
from app.away import is_away
from app.db import require_no_transaction, session, transaction
from app.errors import PeygirError
from app.services.intake import sms_intake, sms_parts
from app.services.sending import channels, delivery_reports
from app.services.sending.channels import Opened, Way
from connectors.contract import Inbound, Report
from connectors.errors import DeliveryFailed
from connectors.sms_receiving import Fetching

log = logging.getLogger(__name__)


def order_fetching() -> None:
    """Queue a round for each channel that asks its gateway, and take messages of which a part
    has not come in time."""
    with transaction():
        for way in _asking():
            jobs.defer(jobs.FETCH_SMS, queueing_lock=f"fetch-sms-{way.id}", channel_id=way.id)
    take_late()


def take_late() -> None:
    """Take messages of which a part has not come in time, each in a transaction of its own; those
    of a channel that cannot be used now wait, and hold up no other's."""
    with transaction():
        waiting = sms_parts.late_channels(clock_now())
    for channel_id in waiting:
        try:
            _take_late_of(channel_id)
        except PeygirError as error:
            log.warning("messages with a missing part wait: %s", error)


def _take_late_of(channel_id: int) -> None:
    with transaction():
        places = sms_parts.late(channel_id, clock_now())
    for place in places:
        with _guarded(channel_id), transaction():
            sms_intake.take_late(place, clock_now())


def _asking() -> Iterator[Way]:
    return (one for one in channels.all_ways() if one.enabled and one.options.get("poll"))


def fetch(channel_id: int) -> None:
    """One round: the newest messages, then reports for those that have none yet."""
    with transaction():
        channel = channels.open_(channels.find_by_id(channel_id))
    connector = channel.connector
    if not isinstance(connector, Fetching):
        return
    try:
        for one in _fetched(connector, channel):
            with _guarded(channel_id):
                _keep(channel, one)
        _fetch_reports(connector, channel)
    except DeliveryFailed as failure:
        log.warning("%s cannot be asked: %s", channel.way.key, failure)


def _fetched(connector: Fetching, channel: Opened) -> list[Inbound]:
    require_no_transaction()
    return list(connector.fetch_inbound(channel.options))


def _fetch_reports(connector: Fetching, channel: Opened) -> None:
    with transaction():
        ids = delivery_reports.missing(channel.way.id, clock_now())
    for one in ids:
        require_no_transaction()
        report = connector.fetch_report(one, channel.options)
        if report is not None:
            _note(channel, report)


def _note(channel: Opened, report: Report) -> None:
    with transaction():
        delivery_reports.note(channel.way.id, report, clock_now())


def _keep(channel: Opened, inbound: Inbound) -> None:
    with transaction():
        sms_intake.take(channel, inbound, clock_now())
    session().expunge_all()


@contextmanager
def _guarded(channel_id: int) -> Iterator[None]:
    """Let one message that goes wrong hold up no other; it is taken again in the next round."""
    try:
        yield
    except PeygirError:
        raise
    except Exception as error:
        if is_away(error):
            raise
        log.exception("a message of channel %s crashed", channel_id)
