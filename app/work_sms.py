"""Asking SMS gateways that do not call us: for what came in, and for what became of messages.

No network is touched inside a transaction, and what is fetched is kept message by message: a
worker that dies in between leaves the rest with the gateway.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from functools import partial

from app import clock_now, jobs
from app.db import may_pass, require_no_transaction, session, transaction
from app.services import channels, delivery_reports, sms_intake
from app.services.channels import Opened, Way
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
    with transaction():
        sms_intake.take_late(clock_now())


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
            _guarded(channel, partial(_keep, channel, one))
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


def _guarded(channel: Opened, act: Callable[[], None]) -> None:
    """Let one message that goes wrong hold up no other; it is fetched again in the next round."""
    try:
        act()
    except Exception as error:
        if may_pass(error):
            raise
        log.exception("a message of %s crashed", channel.way.key)
