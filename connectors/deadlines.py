"""Things done at their moment by one thread for all talks, which costs less than a thread each."""

from __future__ import annotations

import heapq
import logging
import os
import threading
import time
from collections.abc import Callable
from itertools import count

log = logging.getLogger(__name__)

_order = count()


class Deadline:
    """Something that is to be done unless it is called off before."""

    def __init__(self, at: float, act: Callable[[], object]) -> None:
        self.at, self._act = at, act
        self._number = next(_order)
        self._guard = threading.Lock()
        self._is_off = False

    def __lt__(self, other: Deadline) -> bool:
        return (self.at, self._number) < (other.at, other._number)

    @property
    def is_off(self) -> bool:
        """Whether it was called off."""
        return self._is_off

    def call_off(self) -> None:
        """Do it no more; what is being done at this moment comes to its end first."""
        with self._guard:
            # It stays in the row until its moment, but what it was to act on does not.
            self._is_off, self._act = True, _nothing

    def do(self) -> None:
        """Do it, unless it was called off."""
        with self._guard:
            if not self._is_off:
                self._act()


def _nothing() -> None:
    """What is left to do."""


class Deadlines:
    """Keeps the time for all. What is done must not wait for anything."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: list[Deadline] = []
        self._is_running = False

    def after(self, seconds: float, act: Callable[[], object]) -> Deadline:
        """Do this in so many seconds."""
        made = Deadline(time.monotonic() + seconds, act)
        with self._changed:
            heapq.heappush(self._waiting, made)
            if not self._is_running:
                self._is_running = True
                threading.Thread(target=self._keep, daemon=True, name="deadlines").start()
            elif self._waiting[0] is made:
                self._changed.notify()
        return made

    def _keep(self) -> None:
        while True:
            try:
                self._next().do()
            except Exception:  # The thread is the edge: without it no talk would be cut any more.
                log.exception("a deadline could not be kept")

    def _next(self) -> Deadline:
        with self._changed:
            while True:
                while self._waiting and self._waiting[0].is_off:
                    heapq.heappop(self._waiting)
                left = self._waiting[0].at - time.monotonic() if self._waiting else None
                if left is not None and left <= 0:
                    return heapq.heappop(self._waiting)
                self._changed.wait(left)


_kept = Deadlines()


def after(seconds: float, act: Callable[[], object]) -> Deadline:
    """Do this in so many seconds, in the thread of this process that keeps the time."""
    return _kept.after(seconds, act)


def _begin_anew() -> None:
    """A forked child has none of its parent's threads."""
    global _kept  # One for each process.
    _kept = Deadlines()


os.register_at_fork(after_in_child=_begin_anew)
