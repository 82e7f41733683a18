"""Connections that go where they may and end when they must.

The connection resolves its host itself, judges every address, and connects to one of those that
were judged; the name stays what TLS checks. A watch cuts it at its deadline, whatever it is
doing: single waits have limits of their own, but a partner that sends a byte now and then would
outlast every one of them.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection

from connectors import deadlines
from connectors.answers import Answer
from connectors.deadlines import Deadline
from connectors.errors import NotConnected
from connectors.networks import Address, Network, find_addresses


@dataclass(frozen=True)
class Limits:
    """How long and how much. Times are seconds, sizes bytes."""

    connect: float = 10
    """To find the host and to reach one of its addresses, with TLS."""
    wait: float = 30
    """Each wait for the partner's next bytes."""
    total: float = 60
    """The whole call, from the name's look-up to the last byte."""
    most: int = 10 * 1024 * 1024
    """Of an answer, after it was unpacked."""


class Watch:
    """Knows how far one call has come, and cuts its connection at the deadline."""

    def __init__(self, allowed: Sequence[Network], limits: Limits) -> None:
        self.allowed, self.limits = allowed, limits
        self.sent = False
        """Whether the whole request was handed to the network."""
        self.was_cut = False
        """Whether the end that the reader sees was made here."""
        self._ends = time.monotonic() + limits.total
        self._socket: Any = None
        self._end: Deadline | None = None

    def left(self) -> float:
        """Seconds until the deadline, never less than a hundredth."""
        return max(self._ends - time.monotonic(), 0.01)

    def is_late(self) -> bool:
        return time.monotonic() >= self._ends

    def guard(self, connected: Any) -> None:
        """Cut this socket at the deadline."""
        self._socket = connected
        self._end = deadlines.after(self.left(), self._cut)

    def end(self) -> None:
        if self._end is not None:
            self._end.call_off()

    def _cut(self) -> None:
        self.was_cut = True
        with suppress(OSError):
            # The socket itself, not its TLS: that one would wait for the partner.
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def connect(self, host: str, port: int) -> socket.socket:
        """A socket connected to one of the host's addresses, all of which are allowed."""
        until = time.monotonic() + min(self.limits.connect, self.left())
        addresses = find_addresses(host, port, self.allowed, until - time.monotonic())
        for address in addresses:
            seconds = until - time.monotonic()
            if seconds <= 0:
                break
            with suppress(OSError):
                return _connect(address, port, seconds)
        shown = ", ".join(map(str, addresses[:3]))
        raise NotConnected(f"{host} does not answer at {shown}, port {port}")


def _connect(address: Address, port: int, seconds: float) -> socket.socket:
    """Connect within so many seconds, which are also those that TLS may then take."""
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.settimeout(seconds)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        made.connect((str(address), port))
    except OSError:
        made.close()
        raise
    return made


class _Guarded(HTTPConnection):
    """What both kinds of connections do otherwise than those of urllib3, of which they are for one
    request: how they find the partner, and how they write and read."""

    def __init__(self, *args: Any, watch: Watch, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.watch = watch

    def _new_conn(self) -> socket.socket:
        return self.watch.connect(self._dns_host, self.port or 0)

    def connect(self) -> None:
        super().connect()
        # Kept apart from the connection, which forgets a socket that the partner will close.
        self.watch.guard(self.sock)

    def ask(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> None:
        """Send the whole request; a small body in one piece with the headers. Target and headers
        are clean (``transport.checked_headers``, ``urls.read_url``)."""
        lines = [f"{method} {target} HTTP/1.1", f"Host: {self._named()}"]
        if body is not None or method not in _WITHOUT_BODY:
            lines.append(f"Content-Length: {len(body or b'')}")
        lines += [f"{name}: {value}" for name, value in headers.items()]
        whole = "\r\n".join((*lines, "\r\n")).encode("ascii") + (body or b"")
        self.sock.settimeout(self.timeout)
        # The time for one ``sendall`` is that for all of its bytes.
        for start in range(0, len(whole), _PIECE):
            self.sock.sendall(whole[start : start + _PIECE])
        self.watch.sent = True

    def _named(self) -> str:
        """What ``Host`` says of where it goes (RFC 9110, 7.2)."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == self.default_port else f"{name}:{self.port}"

    def answer(self, method: str) -> Answer:
        """The beginning of the answer, up to its body."""
        self.sock.settimeout(self.timeout)
        found = Answer(self.sock, method=method)
        try:
            found.begin()
        except BaseException:
            found.close()
            raise
        return found


_WITHOUT_BODY = frozenset({"GET", "HEAD", "DELETE", "OPTIONS"})
_PIECE = 64 * 1024


class GuardedHttp(_Guarded):
    """A plain connection under a watch."""


class GuardedHttps(_Guarded, HTTPSConnection):
    """An encrypted connection under a watch."""
