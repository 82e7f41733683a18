"""Sending and receiving over SMPP: the edge that opens the transactions around what the link
does, none of which happens inside one."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime

from flask import Flask

from app import clock_now
from app.away import is_away
from app.db import session, transaction
from app.services.intake import sms_intake
from app.services.sending import channel_gate, channels, delivery_reports, smpp_sending
from app.services.sending.channels import Opened
from app.services.sending.smpp_sending import Outgoing
from connectors.smpp import answer_of, open_link
from connectors.smpp_link import Came, Event, Failed, Link, Pace, Taken

log = logging.getLogger(__name__)

KIND = "smpp"


def list_lines(app: Flask) -> dict[int, int]:
    """The revision of each SMPP channel that is switched on, by the channel's id."""
    with app.app_context(), transaction():
        ways = channels.all_ways()
        return {one.id: one.revision for one in ways if one.kind == KIND and one.enabled}


def opened(app: Flask, channel_id: int) -> Opened:
    """The channel with its options; raises the errors of ``channels.open_``."""
    with app.app_context(), transaction():
        return channels.open_(channels.find_by_id(channel_id))


class Line:
    """One bind of a channel, which lives as long as its connection."""

    def __init__(self, app: Flask, channel: Opened, pace: Pace | None = None) -> None:
        self._app, self._channel = app, channel
        self._link: Link = open_link(channel.options, pace)
        self._sends = channel.options["mode"] != "receiver"

    def turn(self, seconds: float) -> bool:
        """Take what waits, hand it in, and do what the SMSC says; whether anything happened.

        Raises NotConnected when the link is dead; ``end`` then tells what became of the rest.
        """
        taken = self._take() if self._sends and self._link.room else []
        for one in taken:
            self._link.submit(one, one.to, one.text)
        events = self._link.turn(seconds)
        self._do(events)
        return bool(taken or events)

    def end(self) -> None:
        """Close the link; what it did not finish is settled as what it is."""
        self._link.close()
        self._do(self._link.lost())

    @property
    def is_busy(self) -> bool:
        """Whether messages are under way."""
        return self._link.is_busy

    def finish(self, seconds: float) -> None:
        """Turn once more without taking anything new."""
        self._do(self._link.turn(seconds))

    def _take(self) -> list[Outgoing]:
        with self._app.app_context():
            with transaction():
                taken = smpp_sending.take(self._channel, self._link.room, clock_now())
            return [one for one in taken if not self._is_refused(one)]

    def _is_refused(self, one: Outgoing) -> bool:
        with transaction():
            return smpp_sending.refused(one, self._channel, clock_now()) is not None

    def _do(self, events: Iterable[Event]) -> None:
        """The ends of messages first: a receipt may come with the very answer it belongs to."""
        with self._app.app_context():
            for event in sorted(events, key=lambda one: isinstance(one, Came)):
                if isinstance(event, Came):
                    self._receive(event)
                else:
                    self._settle(event)
            session().expunge_all()

    def _settle(self, event: Taken | Failed) -> None:
        one: Outgoing = event.token
        with transaction():
            now = clock_now()
            if isinstance(event, Taken):
                answer = answer_of(event.ids, one.text, self._channel.options)
                smpp_sending.settle(one, self._channel, now, answer=answer)
            else:
                smpp_sending.settle(one, self._channel, now, failure=event.error)

    def _receive(self, came: Came) -> None:
        """Keep what came in, and only then say so; what cannot be kept comes again later."""
        try:
            with transaction():
                self._keep(came, clock_now())
        except Exception as error:
            if is_away(error):
                raise
            log.exception("a message of %s crashed", self._channel.way.key)
            self._link.acknowledge(came, kept=False)
        else:
            self._link.acknowledge(came)

    def _keep(self, came: Came, now: datetime) -> None:
        if came.report is not None:
            delivery_reports.note(self._channel.way.id, came.report, now)
        if came.inbound is not None:
            sms_intake.take(self._channel, came.inbound, now)


def settle_orphans(app: Flask, channel: Opened) -> int:
    """Settle what a process which is gone was sending; how many there were."""
    with app.app_context():
        with transaction():
            found = smpp_sending.orphans(channel)
        for one in found:
            with transaction():
                smpp_sending.settle_orphan(one, channel, clock_now())
        return len(found)


def note_health(app: Flask, channel: Opened, *, is_well: bool) -> None:
    """Tell the channel's breaker whether its bind stands."""
    with app.app_context(), transaction():
        if is_well:
            channel_gate.note_success(channel.way.id, clock_now())
        else:
            channel_gate.note_failure(channel.way, clock_now())
