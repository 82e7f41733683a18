"""One thread for each channel that is kept open: a mailbox that is watched, a bind that sends.

Each has one leader among all such processes, see ``app.leading``; the others wait for its place.
"""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Set
from typing import ClassVar

import psycopg
from flask import Flask
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app import leading
from app.away import is_away
from app.db import transaction
from app.errors import PeygirError
from app.services.sending import channels
from connectors import DeliveryFailed

log = logging.getLogger(__name__)

LOOK_EVERY = 5.0
"""Seconds between two looks at the list of channels, and at a leader's place."""

_WAITS = "waits for the database, which does not answer"

Channels = Callable[[Flask], Set[int]]
"""The channels that are to be kept now, by their ids."""


class Keeper(ABC):
    """One channel with its thread, which leads it or waits to."""

    lock: ClassVar[int]
    """The first half of the advisory locks of such channels; the second is the channel's id."""
    name: ClassVar[str]
    """Who it is, in the database."""
    what: ClassVar[str]
    """The channel in words, for the log."""
    patience: ClassVar[float]
    """Seconds that it has for its end."""

    def __init__(self, app: Flask, channel_id: int) -> None:
        self.app, self.channel_id = app, channel_id
        self.over = threading.Event()
        self.thread = threading.Thread(
            target=self._live, name=f"{self.name} {channel_id}", daemon=True
        )
        self.thread.start()

    @abstractmethod
    def lead(self, leader: psycopg.Connection) -> None:
        """Work as long as this connection, which holds the lock, lives and the channel stays as it
        is, until it is over."""

    def end(self) -> None:
        """Come to an end; what is at hand may be finished."""
        self.over.set()
        self.thread.join(self.patience)

    def _live(self) -> None:
        failures = 0
        while not self.over.is_set():
            try:
                with leading.leader(self.app, self.lock, self.channel_id, self.name) as leader:
                    if leader is None:
                        self.over.wait(LOOK_EVERY)
                        continue
                    self.lead(leader)
                failures = 0
            except DeliveryFailed as failure:
                failures += 1
                log.warning("%s %s does not work now: %s", self.what, self._key(), failure)
            except Exception as error:
                failures += 1
                if is_away(error):
                    log.warning("%s %s %s", self.what, self._key(), _WAITS)
                else:
                    log.exception("%s %s came to a halt", self.what, self._key())
            if failures:
                self.over.wait(leading.pause(failures))

    def _key(self) -> str:
        """What people call the channel; its number while the database cannot tell."""
        try:
            with self.app.app_context(), transaction():
                return channels.find_by_id(self.channel_id).key
        except (DBAPIError, PoolTimeout, PeygirError):
            return str(self.channel_id)


def keep(app: Flask, kind: type[Keeper], channels: Channels, over: threading.Event) -> None:
    """Keep a thread for each channel that is switched on, as they are now, until it is over."""
    keepers: dict[int, Keeper] = {}
    while not over.is_set():
        try:
            _renew(app, kind, keepers, channels(app))
        except Exception:
            log.exception("the list of channels cannot be read")
        over.wait(LOOK_EVERY)
    for keeper in keepers.values():
        keeper.over.set()
    for keeper in keepers.values():
        keeper.end()


def _renew(app: Flask, kind: type[Keeper], keepers: dict[int, Keeper], wanted: Set[int]) -> None:
    """End the keepers of channels that are gone, and begin those that are missing."""
    for channel_id, keeper in list(keepers.items()):
        if channel_id not in wanted or not keeper.thread.is_alive():
            keepers.pop(channel_id).end()
    for channel_id in wanted - keepers.keys():
        keepers[channel_id] = kind(app, channel_id)
