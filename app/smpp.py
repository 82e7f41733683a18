"""The SMPP process: keeps the binds of every SMPP channel, sends what waits, and receives.

Each channel has a thread here and one leader among all such processes, elected by an advisory
lock that lives and dies with a connection. So what the leader finds marked as being sent, when it
begins, was in the hands of one that is gone.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Set
from contextlib import contextmanager, suppress

import psycopg
from flask import Flask

from app import keepers, work_smpp
from app.ending import asked_to_end
from app.services.sending.channels import Opened
from connectors import DeliveryFailed, NotConnected

log = logging.getLogger(__name__)

IDLE = 0.25
"""Seconds for which a bind listens before it looks for messages to send."""
LAST_WORDS = 6.0
"""Seconds for which what was handed in may still be answered when the process ends."""


def run(app: Flask) -> int:
    """Keep all binds until SIGTERM or SIGINT; the exit code."""
    keep(app, asked_to_end())
    return 0


def keep(app: Flask, over: threading.Event) -> None:
    """Keep the binds of each channel that is switched on, as they are now, until it is over."""
    keepers.keep(app, Bound, _channels, over)


def _channels(app: Flask) -> Set[int]:
    return work_smpp.list_lines(app).keys()


class Bound(keepers.Keeper):
    """One channel with its thread and its binds; at its end, what was handed in may still be
    answered."""

    lock = 0x50456E
    name = "peygir smpp"
    what = "the SMPP channel"
    patience = LAST_WORDS * 2

    def lead(self, leader: psycopg.Connection) -> None:
        """Settle what was under way when another one ended, then send and receive."""
        channel = work_smpp.opened(self.app, self.channel_id)
        lost = work_smpp.settle_orphans(self.app, channel)
        if lost:
            log.warning("%s: %s messages were under way when it ended", channel.way.key, lost)
        with _lines(self.app, channel) as lines:
            self._turn(leader, channel, lines)

    def _turn(
        self, leader: psycopg.Connection, channel: Opened, lines: list[work_smpp.Line]
    ) -> None:
        """Send and receive as long as the channel is this one's and stays as it is."""
        looked_at = 0.0
        while not self.over.is_set():
            if time.monotonic() - looked_at > keepers.LOOK_EVERY:
                # Losing this connection means losing the lock: then another one leads.
                leader.execute("SELECT 1")
                current = work_smpp.list_lines(self.app).get(channel.way.id)
                if current != channel.way.revision:
                    break
                looked_at = time.monotonic()
            for line in lines:
                line.turn(IDLE / len(lines))
        _finish(lines)


def _finish(lines: list[work_smpp.Line]) -> None:
    """Wait for the answers to what was handed in."""
    until = time.monotonic() + LAST_WORDS
    for line in lines:
        while line.is_busy and time.monotonic() < until:
            line.finish(IDLE)


@contextmanager
def _lines(app: Flask, channel: Opened) -> Iterator[list[work_smpp.Line]]:
    """The binds of a channel, all of which end together."""
    lines: list[work_smpp.Line] = []
    try:
        while len(lines) < channel.options["binds"]:
            lines.append(work_smpp.Line(app, channel))
        work_smpp.note_health(app, channel, is_well=True)
        yield lines
    except DeliveryFailed:
        work_smpp.note_health(app, channel, is_well=False)
        raise
    finally:
        for line in lines:
            with suppress(NotConnected):
                line.end()
