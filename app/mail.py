"""The mail process: watches every mailbox and brings what comes in to its place.

Each mailbox has a thread here and one leader among all such processes, elected by an advisory
lock that lives and dies with a connection. A mail is kept and brought to its place in one
transaction, and marked in the mailbox only after that: wherever the process dies, the mail is
either still waiting or known when it is fetched again.
"""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Set
from contextlib import AbstractContextManager

import psycopg
from flask import Flask

from app import leading, work_mail
from app.memory import settle_memory
from connectors import DeliveryFailed
from connectors.mail_cell import Cell

log = logging.getLogger(__name__)

LOCK = 0x50456D
"""The first half of the advisory locks of mailboxes; the second is the channel's id."""
LOOK_EVERY = 5.0
"""Seconds between two looks at the list of mailboxes, and at a leader's place."""


def run(app: Flask) -> int:
    """Watch all mailboxes until SIGTERM or SIGINT; the exit code."""
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    settle_memory()
    watch(app, over)
    return 0


def watch(app: Flask, over: threading.Event) -> None:
    """Keep a watcher for each mailbox that is switched on, as they are now, until it is over."""
    watchers: dict[int, Watcher] = {}
    while not over.is_set():
        try:
            _keep_watching(app, watchers, work_mail.list_mailboxes(app).keys())
        except Exception:
            log.exception("the list of mailboxes cannot be read")
        over.wait(LOOK_EVERY)
    for watcher in watchers.values():
        watcher.over.set()
    for watcher in watchers.values():
        watcher.end()


def _keep_watching(app: Flask, watchers: dict[int, Watcher], wanted: Set[int]) -> None:
    """End the watchers of mailboxes that are gone, and begin those that are missing."""
    for channel_id, watcher in list(watchers.items()):
        if channel_id not in wanted or not watcher.thread.is_alive():
            watchers.pop(channel_id).end()
    for channel_id in wanted - watchers.keys():
        watchers[channel_id] = Watcher(app, channel_id)


class Watcher:
    """One mailbox with its thread."""

    def __init__(self, app: Flask, channel_id: int) -> None:
        self._app, self._channel_id = app, channel_id
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._live, name=f"mailbox-{channel_id}", daemon=True)
        self.thread.start()

    def end(self) -> None:
        """Come to an end; a mail at hand is finished first."""
        self.over.set()
        self.thread.join(work_mail.LONGEST_ROUND)

    def _live(self) -> None:
        failures = 0
        while not self.over.is_set():
            try:
                with self._leader() as leader, Cell() as cell:
                    if leader is None:
                        self.over.wait(LOOK_EVERY)
                        continue
                    self._lead(leader, cell)
                failures = 0
            except DeliveryFailed as failure:
                failures += 1
                log.warning("the mailbox %s cannot be read: %s", self._channel_id, failure)
            except Exception:
                failures += 1
                log.exception("the mailbox %s came to a halt", self._channel_id)
            if failures:
                self.over.wait(leading.pause(failures))

    def _leader(self) -> AbstractContextManager[psycopg.Connection | None]:
        return leading.leader(self._app, LOCK, self._channel_id, "peygir mail")

    def _lead(self, leader: psycopg.Connection, cell: Cell) -> None:
        """Receive as long as the mailbox is this one's and stays as it is."""
        with work_mail.opened(self._app, self._channel_id) as box:
            while box.is_current() and not self.over.is_set():
                # Losing this connection means losing the lock: then another one leads.
                leader.execute("SELECT 1")
                taken = box.take_some(cell, self.over.is_set)
                if not taken:
                    box.wait(self.over.is_set)
