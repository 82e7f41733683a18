"""``peygir run``: the database, the web, the worker, the clock and the rest, kept alive together.

Each part is a child process. One that dies is started again; all of them end with their
parent, even when it is killed.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
import traceback
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import NoReturn

from setproctitle import setproctitle

from app.config import Settings
from app.embedded import die_with_parent

GRACE = 8.0
"""Seconds that the parts have to end before they are killed."""
LONGEST_WAIT = 10.0
STEADY_AFTER = 60.0
"""A part that lived this long is started again at once when it dies."""


class PortTaken(Exception):
    """Another program already listens where the web should; the text says what to do."""


@dataclass
class Part:
    """One child process and how often it died of late."""

    name: str
    main: Callable[[], int | None]
    """What the child does until it is asked to end; returns its exit code."""
    pid: int | None = None
    started_at: float = 0.0
    deaths: int = 0

    def start(self) -> None:
        """Forks the child: what is loaded already is shared, and the start takes no time."""
        self.started_at = time.monotonic()
        parent = os.getpid()
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid == 0:
            _live(self, parent)

    def look(self) -> int | None:
        """None while it lives; else its exit code, negative for the signal that killed it."""
        if self.pid is None:
            return None
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        if pid == 0:
            return None
        _kill_group(self.pid)
        self.pid = None
        return os.waitstatus_to_exitcode(status)

    def wait_before_start(self) -> float:
        """Seconds to wait before it is started again: none at first, then twice as long each."""
        return 0.0 if self.deaths <= 1 else min(0.5 * 2.0 ** (self.deaths - 2), LONGEST_WAIT)


@dataclass
class Household:
    """All parts of one installation, on one database.

    It stays a process of one thread, as forking wants it.
    """

    settings: Settings
    parts: Sequence[Part]
    say: Callable[[str], None]
    greet: Callable[[], None]
    """Called once, when the web is ready."""
    database_is_alive: Callable[[], bool] = lambda: True
    over: threading.Event = field(default_factory=threading.Event)

    def run(self) -> bool:
        """Keeps everything running; True when asked to end, False when the database died."""
        greeted = False
        try:
            for part in self.parts:
                part.start()
            while not self.over.wait(0.1) and self.database_is_alive():
                for part in self.parts:
                    self._look_after(part)
                if not greeted and is_ready(self.settings):
                    greeted = True
                    self.greet()
            return self.over.is_set()
        finally:
            # Without a database nothing can be brought to a good end.
            self._stop(GRACE if self.over.is_set() else 1.0)

    def _look_after(self, part: Part) -> None:
        code, lived = part.look(), time.monotonic() - part.started_at
        if code is not None:
            part.deaths = 1 + (0 if lived > STEADY_AFTER else part.deaths)
            part.started_at = time.monotonic()
            wait = part.wait_before_start()
            when = f" in {wait:.0f} s" if wait >= 1 else ""
            self.say(f"{part.name} ended ({_describe(code)}) and is started again{when}.")
        elif part.pid is None and lived >= part.wait_before_start():
            part.start()

    def _stop(self, grace: float) -> None:
        running = [part for part in self.parts if part.pid is not None]
        for part in running:
            os.kill(part.pid or 0, signal.SIGTERM)
        deadline = time.monotonic() + grace
        while time.monotonic() < deadline and any(p.pid and p.look() is None for p in running):
            time.sleep(0.02)
        for part in running:
            if part.pid is not None:
                _kill_group(part.pid)
                os.waitpid(part.pid, 0)
                part.pid = None


def _live(part: Part, parent: int) -> NoReturn:
    """The life of a child, which never returns into the code of its parent."""
    code = 1
    try:
        # Ctrl-C in the terminal reaches the parent alone, which ends its children in order.
        os.setsid()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        die_with_parent(parent, signal.SIGTERM)()
        setproctitle(f"peygir {part.name}")
        code = part.main() or 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001  # The edge of a process: whatever it was, it is told.
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def is_ready(settings: Settings) -> bool:
    """Whether ``/readyz`` answers 200."""
    try:
        address = f"{local_origin(settings)}/readyz"
        with urllib.request.urlopen(address, timeout=1) as answer:  # noqa: S310  # Our own address.
            return bool(answer.status == 200)
    except (OSError, HTTPException):
        # Nobody listens yet, or another program does, which speaks something else.
        return False


def local_origin(settings: Settings) -> str:
    """Where this machine reaches the web."""
    host = "127.0.0.1" if settings.listens_everywhere else settings.host
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"


def require_free_port(settings: Settings) -> None:
    """Raises :class:`PortTaken` when the web could not listen."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        # As gunicorn does: connections that a former run closed do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise PortTaken(
                f"Cannot listen on {settings.host}:{settings.port}: {error.strerror}. "
                "Set PEYGIR_PORT to another port, such as 8001."
            ) from error


def _kill_group(group: int) -> None:
    """Ends what a part may have left of itself, such as a web worker in a long request."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


def _describe(code: int) -> str:
    if code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"exit code {code}"
