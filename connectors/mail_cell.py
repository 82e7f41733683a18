"""Reads mails in a process of its own, so that a hostile one costs no more than that process.

It has a limit on its memory, and whoever waits for it ends it when it takes too long.
"""

from __future__ import annotations

import multiprocessing
import resource
import signal
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Any

from connectors.mail_parts import Unreadable
from connectors.mail_reading import Mail, check, read

LONGEST = 20.0
"""Seconds that reading one mail may take."""
MEMORY = 1024 * 1024 * 1024
"""Bytes of addresses; reading the largest mail allowed takes a fifth of it."""
_START = 30.0

Reader = Callable[[bytes], Mail]


class Cell:
    """One reading process, started when it is first needed and again after it was ended.

    It serves one thread at a time. Raises :class:`Unreadable` as ``mail_reading.read`` does,
    and with the codes ``too_slow`` and ``broken`` when the process had to be ended or died.
    """

    def __init__(self, *, longest: float = LONGEST, reader: Reader = read) -> None:
        self._longest, self._reader = longest, reader
        self._process: BaseProcess | None = None
        self._end: Connection | None = None

    def read(self, raw: bytes) -> Mail:
        """Read one mail; see ``mail_reading.read``."""
        check(raw)
        end = self._started()
        try:
            end.send_bytes(raw)
            if not end.poll(self._longest):
                self.close()
                raise Unreadable("too_slow")
            found: Any = end.recv()
        except (EOFError, OSError):
            self.close()
            raise Unreadable("broken") from None
        if isinstance(found, Mail):
            return found
        raise Unreadable(str(found))

    def close(self) -> None:
        """End the process, whatever it does."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process.close()
        if self._end is not None:
            self._end.close()
        self._process = self._end = None

    def __enter__(self) -> Cell:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def _started(self) -> Connection:
        if self._end is not None and self._process is not None and self._process.is_alive():
            return self._end
        self.close()
        # Spawned, not forked: other threads may hold locks that a copy would wait for.
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        self._process = context.Process(
            target=_live, args=(theirs, self._reader), name="peygir mail reader", daemon=True
        )
        self._process.start()
        theirs.close()
        self._end = ours
        if not ours.poll(_START):
            self.close()
            raise Unreadable("too_slow")
        ours.recv()
        return ours


def _live(end: Connection, reader: Reader) -> None:
    """What the process does: read mail after mail until nobody is there any more."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(EOFError, OSError, KeyboardInterrupt):
        end.send("ready")
        while True:
            end.send(_answer(end.recv_bytes(), reader))


def _answer(raw: bytes, reader: Reader) -> Mail | str:
    try:
        return reader(raw)
    except Unreadable as refused:
        return refused.code
    except MemoryError:
        return "broken"
