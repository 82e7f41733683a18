"""The SMPP process: keeps the binds of every SMPP channel, sends what waits, and receives.

Each channel has a thread here and one leader among all such processes, elected by an advisory
lock that lives and dies with a connection. So what the leader finds marked as being sent, when it
begins, was in the hands of one that is gone.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Iterator, Set
from contextlib import contextmanager, suppress

import psycopg
from flask import Flask

from app import leading, work_smpp
from app.services.sending.channels import Opened
from connectors import DeliveryFailed, NotConnected

log = logging.getLogger(__name__)

LOCK = 0x50456E
"""The first half of the advisory locks of channels; the second is the channel's id."""
LOOK_EVERY = 5.0
"""Seconds between two looks at the list of channels, and at a leader's place."""
IDLE = 0.25
"""Seconds for which a bind listens before it looks for messages to send."""
LAST_WORDS = 6.0
"""Seconds for which what was handed in may still be answered when the process ends."""


def run(app: Flask) -> int:
    """Keep all binds until SIGTERM or SIGINT; the exit code."""
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    keep(app, over)
    return 0


def keep(app: Flask, over: threading.Event) -> None:
    """Keep a thread for each channel that is switched on, as they are now, until it is over."""
    keepers: dict[int, Keeper] = {}
    while not over.is_set():
        try:
            _keep_all(app, keepers, work_smpp.list_lines(app).keys())
        except Exception:
            log.exception("the list of channels cannot be read")
        over.wait(LOOK_EVERY)
    for keeper in keepers.values():
        keeper.over.set()
    for keeper in keepers.values():
        keeper.end()


def _keep_all(app: Flask, keepers: dict[int, Keeper], wanted: Set[int]) -> None:
    for channel_id, keeper in list(keepers.items()):
        if channel_id not in wanted or not keeper.thread.is_alive():
            keepers.pop(channel_id).end()
    for channel_id in wanted - keepers.keys():
        keepers[channel_id] = Keeper(app, channel_id)


class Keeper:
    """One channel with its thread and its binds."""

    def __init__(self, app: Flask, channel_id: int) -> None:
        self._app, self._channel_id = app, channel_id
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._live, name=f"smpp-{channel_id}", daemon=True)
        self.thread.start()

    def end(self) -> None:
        """Come to an end; what was handed in may still be answered."""
        self.over.set()
        self.thread.join(LAST_WORDS * 2)

    def _live(self) -> None:
        failures = 0
        while not self.over.is_set():
            try:
                with leading.leader(self._app, LOCK, self._channel_id, "peygir smpp") as leader:
                    if leader is None:
                        self.over.wait(LOOK_EVERY)
                        continue
                    self._lead(leader)
                failures = 0
            except DeliveryFailed as failure:
                failures += 1
                log.warning("the SMPP channel %s is not bound: %s", self._channel_id, failure)
            except Exception:
                failures += 1
                log.exception("the SMPP channel %s came to a halt", self._channel_id)
            if failures:
                self.over.wait(leading.pause(failures))

    def _lead(self, leader: psycopg.Connection) -> None:
        channel = work_smpp.opened(self._app, self._channel_id)
        lost = work_smpp.settle_orphans(self._app, channel)
        if lost:
            log.warning("%s: %s messages were under way when it ended", channel.way.key, lost)
        with _lines(self._app, channel) as lines:
            self._turn(leader, channel, lines)

    def _turn(
        self, leader: psycopg.Connection, channel: Opened, lines: list[work_smpp.Line]
    ) -> None:
        """Send and receive as long as the channel is this one's and stays as it is."""
        looked_at = 0.0
        while not self.over.is_set():
            if time.monotonic() - looked_at > LOOK_EVERY:
                # Losing this connection means losing the lock: then another one leads.
                leader.execute("SELECT 1")
                current = work_smpp.list_lines(self._app).get(channel.way.id)
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
