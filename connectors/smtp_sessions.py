"""Open talks with mail servers, kept for the next letter.

Greeting, encryption and login take longer than the letter itself. A kept talk is used only up to
the server's leave to send the content: whatever breaks before it is begun anew.
"""

from __future__ import annotations

import os
import smtplib
import socket
import threading
from collections import defaultdict
from collections.abc import Hashable
from contextlib import suppress
from functools import partial
from weakref import WeakKeyDictionary

from connectors import deadlines
from connectors.deadlines import Deadline

IDLE = 10.0
"""Seconds that a talk is kept without a letter; servers wait for minutes (RFC 5321, 4.5.3.2.7)."""
MOST = 4
"""Talks kept with one server."""
LETTERS = 50
"""Letters of one talk; some servers end it after a hundred."""


class Sessions:
    """Talks that nobody uses at this moment. Each is given to one caller at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: dict[Hashable, list[tuple[smtplib.SMTP, Deadline]]] = defaultdict(list)
        self._letters: WeakKeyDictionary[smtplib.SMTP, int] = WeakKeyDictionary()

    def take(self, way: Hashable) -> smtplib.SMTP | None:
        """One that leads this way, if any is kept."""
        with self._lock:
            kept = self._idle.get(way)
            found = kept.pop() if kept else None
        if found is None:
            return None
        client, end = found
        end.call_off()
        return client if client.sock is not None else self.take(way)

    def give(self, way: Hashable, client: smtplib.SMTP) -> None:
        """Keep this one, whose last letter was taken, for a while."""
        with self._lock:
            self._letters[client] = letters = self._letters.get(client, 0) + 1
            if letters < LETTERS and len(self._idle[way]) < MOST:
                end = deadlines.after(IDLE, partial(self._drop, way, client))
                self._idle[way].append((client, end))
                return
        part(client)

    def _drop(self, way: Hashable, client: smtplib.SMTP) -> None:
        with self._lock:
            self._idle[way] = [one for one in self._idle[way] if one[0] is not client]
            if not self._idle[way]:
                del self._idle[way]
        # No farewell: nobody may wait for an answer here.
        _close(client)

    def disown(self) -> None:
        """Forget all of them without a word to the servers, which speak with somebody else."""
        self._lock = threading.Lock()
        self._idle.clear()


def part(client: smtplib.SMTP) -> None:
    """End a talk politely; the message is taken over by now, so a failure means nothing."""
    with suppress(OSError, smtplib.SMTPException):
        client.quit()
    client.close()


def _close(client: smtplib.SMTP) -> None:
    with suppress(OSError):
        if client.sock is not None:
            # The socket itself, not its TLS: that one would wait for the server.
            socket.socket.shutdown(client.sock, socket.SHUT_RDWR)
    with suppress(OSError):
        client.close()


KEPT = Sessions()
"""Those of this process."""
# A child must not speak on its parent's connections.
os.register_at_fork(after_in_child=KEPT.disown)
