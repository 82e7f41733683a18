"""An HTTP partner that does what it is told to, on a free port of this machine.

It ships with the product, so that those who write processes can test what is called, and what
becomes of a call when the partner drips, lies, or leaves in the middle of its answer.
"""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import struct
import threading
import zlib
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from http.client import parse_headers
from io import BufferedReader
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Heard:
    """One request that the partner got whole."""

    method: str
    target: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def key(self) -> str | None:
        """By what the partner knows a repeated call again."""
        return self.headers.get("idempotency-key") or self.headers.get("webhook-id")


@dataclass
class Talk:
    """The partner's side of one connection."""

    heard: Heard
    connection: socket.socket
    closing: threading.Event

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)

    def drip(self, data: bytes, pause: float) -> None:
        """Send byte by byte, until the caller has gone or the partner is closed."""
        for one in data:
            if self.closing.wait(pause):
                return
            self.send(bytes([one]))

    def wait(self) -> None:
        """Say nothing until the caller has gone or the partner is closed."""
        self.connection.settimeout(0.05)
        while not self.closing.is_set():
            with suppress(TimeoutError):
                if not self.connection.recv(1):
                    return

    def reset(self) -> None:
        """Break the connection so that the caller's system sees it (RST)."""
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


Act = Callable[[Talk], None]
"""What the partner does when it has heard a request."""


def says(
    body: bytes | str = b"",
    status: int = 200,
    content_type: str = "text/plain; charset=utf-8",
    headers: Mapping[str, str] | None = None,
) -> Act:
    """Answer as a decent server does."""
    data = body.encode() if isinstance(body, str) else body
    return lambda talk: talk.send(head(status, len(data), content_type, headers) + data)


def says_json(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Act:
    """Answer with JSON."""
    return says(json.dumps(value, ensure_ascii=False), status, "application/json", headers)


def says_html(status: int = 200) -> Act:
    """Answer with a page for people, as gateways and captive portals do."""
    return says("<!doctype html><title>Sorry</title>", status, "text/html")


def throttles(seconds: int | str, status: int = 429) -> Act:
    """Ask to come back later."""
    return says_json({"error": "slow down"}, status, {"Retry-After": str(seconds)})


def redirects(to: str, status: int = 302) -> Act:
    """Send the caller elsewhere."""
    return says(b"", status, headers={"Location": to})


def large(size: int) -> Act:
    """Answer with so many bytes of JSON."""

    def act(talk: Talk) -> None:
        talk.send(head(200, size, "application/json") + b'"')
        piece = b"x" * 65536
        for start in range(1, size - 1, len(piece)):
            talk.send(piece[: size - 1 - start])
        talk.send(b'"')

    return act


def bomb(size: int, encoding: str = "gzip") -> Act:
    """Answer with so many bytes, packed into about a thousandth of it."""
    plain = b"\0" * size
    packed = gzip.compress(plain) if encoding == "gzip" else zlib.compress(plain)
    return says(packed, 200, "application/json", {"Content-Encoding": encoding})


def drips(pause: float = 0.05, after: int = 0) -> Act:
    """Answer byte by byte; the first ``after`` bytes come at once."""

    def act(talk: Talk) -> None:
        data = head(200, 100_000, "application/json") + b" " * 100_000
        talk.send(data[:after])
        talk.drip(data[after:], pause)

    return act


def resets(after: int = 0) -> Act:
    """Break the connection in the midst of the answer, after so many bytes of its body."""

    def act(talk: Talk) -> None:
        talk.send(head(200, after + 1000, "application/json") + b" " * after)
        talk.reset()

    return act


def leaves(talk: Talk) -> None:
    """Take the request and close the connection without a word."""


def is_silent(talk: Talk) -> None:
    """Take the request and never say a word."""
    talk.wait()


def speaks(data: bytes) -> Act:
    """Answer with these very bytes."""
    return lambda talk: talk.send(data)


def head(
    status: int, length: int, content_type: str, headers: Mapping[str, str] | None = None
) -> bytes:
    """Status line and headers, up to the empty line."""
    with suppress(ValueError):
        return _head(f"{status} {HTTPStatus(status).phrase}", length, content_type, headers or {})
    return _head(f"{status} Odd", length, content_type, headers or {})


def _head(status: str, length: int, content_type: str, headers: Mapping[str, str]) -> bytes:
    usual = {"Content-Type": content_type, "Content-Length": str(length), "Connection": "close"}
    lines = [
        f"HTTP/1.1 {status}",
        *(f"{name}: {one}" for name, one in {**usual, **headers}.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


@dataclass
class LyingPartner:
    """Use it in a ``with`` block; ``url`` says where it listens.

    ``script`` holds what it does to each request in turn; after that it does ``usual``. With
    ``answer`` the request itself decides; it may return None to leave it to the script.
    """

    script: list[Act] = field(default_factory=list)
    usual: Act = field(default_factory=lambda: says_json({"ok": True}))
    answer: Callable[[Heard], Act | None] | None = None
    tls: ssl.SSLContext | None = None
    heard: list[Heard] = field(default_factory=list)
    connections: int = 0
    """How many callers came, also those that left without a request."""

    def __enter__(self) -> LyingPartner:
        self._closing, self._threads = threading.Event(), list[threading.Thread]()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.05)
        self.port = self._listener.getsockname()[1]
        self._start(self._listen)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.set()
        for thread in self._threads:
            thread.join(10)
        self._listener.close()

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def then(self, *acts: Act) -> LyingPartner:
        """Add to the script and return the partner itself."""
        self.script.extend(acts)
        return self

    @property
    def effects(self) -> Counter[str]:
        """How often each idempotency key came."""
        return Counter(one.key for one in self.heard if one.key)

    def _start(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _listen(self) -> None:
        while not self._closing.is_set():
            with suppress(TimeoutError):
                connection, _ = self._listener.accept()
                self.connections += 1
                self._start(partial(self._serve, connection))

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(10)
        try:
            with connection, self._wrapped(connection) as channel:
                self._talk(channel)
        except (OSError, ValueError):
            # The caller left, or spoke something else than HTTP.
            return

    def _wrapped(self, connection: socket.socket) -> socket.socket:
        return self.tls.wrap_socket(connection, server_side=True) if self.tls else connection

    def _talk(self, channel: socket.socket) -> None:
        with channel.makefile("rb") as reader:
            heard = _read(reader)
        self.heard.append(heard)
        chosen = self.answer(heard) if self.answer else None
        if chosen is None:
            chosen = self.script.pop(0) if self.script else self.usual
        chosen(Talk(heard, channel, self._closing))


def _read(reader: BufferedReader) -> Heard:
    """Read one request; ``ValueError`` when it does not arrive whole."""
    method, target, _ = reader.readline(65537).decode("latin-1").split()
    headers = {name.lower(): value for name, value in parse_headers(reader).items()}
    length = int(headers.get("content-length", 0))
    body = reader.read(length)
    if len(body) < length:
        raise ValueError("the request was cut")
    return Heard(method, target, headers, body)
