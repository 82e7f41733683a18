"""Refresh tokens of channels, kept for all processes: one asks at a time, and what it is given in
place of the token that it used is stored before anybody asks again.

Asking goes over the network, so that no transaction may be open: the turn is an advisory lock of a
connection of its own, which ends with the process.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from app import clock_now, leading
from app.db import transaction
from app.errors import PeygirError
from app.services.sending import channel_tokens

log = logging.getLogger(__name__)

LOCK = 0x506574
"""The first half of the advisory locks; the second is the channel's id."""


class Keeper:
    """Keeps the refresh token of one channel; see ``connectors.oauth.Keeper``."""

    def __init__(self, app: Flask, channel_id: int) -> None:
        self._app, self._channel_id = app, channel_id
        self._unkept: tuple[str, str] | None = None
        self._used = ""
        """What is asked with in the turn that goes on: only one does at a time."""

    @contextmanager
    def turn(self, held: str) -> Iterator[str]:
        """One process at a time, with the refresh token as it is kept now."""
        with leading.turn(self._app, LOCK, self._channel_id, "peygir tokens"):
            if self._unkept is not None:
                self.keep(*self._unkept)
            self._used = self._current() or held
            yield self._used

    def _current(self) -> str:
        with self._app.app_context(), transaction():
            stored = channel_tokens.current(self._channel_id)
        used, given = self._unkept or ("", "")
        # What could not be stored yet is known to this process alone.
        return given if stored == used else stored

    def keep(self, used: str, given: str) -> None:
        """Store what was given in place of what was used, in a transaction of its own. When the
        database is away just now, it is tried again at the next turn."""
        self._unkept = (used, given)
        try:
            with self._app.app_context(), transaction():
                channel_tokens.keep(self._channel_id, used, given)
        except (SQLAlchemyError, PeygirError) as error:
            # Its text may hold a secret.
            name = type(error).__name__
            log.error("the new token of channel %s is not stored: %s", self._channel_id, name)  # noqa: TRY400
        else:
            self._unkept = None

    def refused(self) -> None:
        """Write down that a person has to put in another token."""
        with self._app.app_context(), transaction():
            channel_tokens.note_refused(self._channel_id, self._used, clock_now())
