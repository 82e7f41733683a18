"""An SMSC for tests, on 127.0.0.1: it speaks SMPP 3.4 at the level of bytes, and lies when told
to. It knows nothing of the library that our side uses, and ships with the product."""

from __future__ import annotations

import socket
import struct
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from types import TracebackType
from typing import Any, Literal

BIND = {0x01: "receiver", 0x02: "transmitter", 0x09: "transceiver"}
SUBMIT, DELIVER, UNBIND, ENQUIRE, ANSWER = 0x04, 0x05, 0x06, 0x15, 0x80000000
THROTTLED, QUEUE_FULL, BAD_NUMBER, BAD_PASSWORD = 0x58, 0x14, 0x0B, 0x0E

Lie = Literal["throttle", "full", "bad_number", "silence", "drop", "drop_after", "garbage", "huge"]
"""To a ``submit_sm``: ``throttle``, ``full``, ``bad_number`` refuse it. ``silence``: taken, never
answered. ``drop``: cut without taking it. ``drop_after``: taken, then cut. ``garbage``: bytes that
are no PDU. ``huge``: the head of a PDU of 4 GB."""


@dataclass(frozen=True)
class Submitted:
    """A part that was taken."""

    id: str
    to: str
    line: str
    coding: int
    content: bytes
    """With its header."""
    esm_class: int
    bind: int
    """Which bind brought it, from 1."""


@dataclass
class _Bind:
    number: int
    connected: socket.socket
    sequence: Iterator[int] = field(default_factory=lambda: count(1))
    guard: Any = field(default_factory=threading.Lock)

    def send(self, command: int, body: bytes = b"", status: int = 0, answer: int = 0) -> int:
        sequence = answer or next(self.sequence)
        head = struct.pack(">LLLL", 16 + len(body), command, status, sequence)
        with self.guard, suppress(OSError):
            self.connected.sendall(head + body)
        return sequence


class Smsc:
    """Answers on a port of its own while it is open. What it has taken is in ``submitted``.

    With Smsc() as smsc: ... ``smsc.options()`` is what a channel needs.
    """

    password = "secret-8"  # noqa: S105  # It guards nothing.

    def __init__(self) -> None:
        self.submitted: list[Submitted] = []
        self.lies: deque[Lie] = deque()
        self.binds: list[str] = []
        """The modes of all binds, in order."""
        self.enquiries = 0
        self.mute = False
        """Whether it leaves signs of life unanswered."""
        self.acknowledged: dict[int, int] = {}
        """The status of the answer to each ``deliver_sm``, by its sequence number."""
        self._ids = count(0x1A0)
        self._open: list[_Bind] = []
        self._changed = threading.Condition()
        self._server = socket.create_server(("127.0.0.1", 0))

    def __enter__(self) -> Smsc:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(OSError):
            # Closing alone would leave it answering while it waits for the next caller.
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self.cut()

    @property
    def port(self) -> int:
        """Where it answers."""
        return int(self._server.getsockname()[1])

    def options(self, **more: Any) -> dict[str, Any]:
        """The options of a channel that goes to this SMSC."""
        own = {"host": "127.0.0.1", "port": self.port, "system_id": "peygir", "line": "3000"}
        return {**own, "password": self.password, "private_partners": ["127.0.0.0/8"], **more}

    def then(self, *lies: Lie) -> Smsc:
        """Lie in turn to the next parts that are handed in."""
        self.lies.extend(lies)
        return self

    def cut(self) -> None:
        """End every connection without a word."""
        with self._changed:
            found, self._open = self._open, []
        for bind in found:
            with suppress(OSError):
                bind.connected.shutdown(socket.SHUT_RDWR)
            bind.connected.close()

    def wait_for(self, seconds: float = 60, *, submitted: int = 0, binds: int = 0) -> bool:
        """Wait until so many parts were taken and so many binds are open; whether they are."""
        with self._changed:
            return self._changed.wait_for(
                lambda: len(self.submitted) >= submitted and len(self._open) >= binds, seconds
            )

    def report(self, part: Submitted, state: str = "DELIVRD", id_: str | None = None) -> int:
        """Send the receipt of a part; the number of the PDU."""
        text = f"id:{id_ or part.id} sub:001 dlvrd:001 submit date:2611221000 done date:2611221001"
        text += f" stat:{state} err:{'000' if state == 'DELIVRD' else '034'} text:..."
        return self._deliver(part.to, part.line, text.encode(), 0, 0x04)

    def say(self, sender: str, text: str, line: str = "3000") -> int:
        """Send a person's message in one part; the number of the PDU."""
        return self._deliver(sender, line, text.encode("utf-16-be"), 8, 0)

    def say_part(
        self, sender: str, content: bytes, reference: int, total: int, number: int, coding: int = 8
    ) -> int:
        """Send one part of a person's message; the number of the PDU."""
        head = bytes([5, 0, 3, reference, total, number])
        return self._deliver(sender, "3000", head + content, coding, 0x40)

    def wait_acknowledged(self, sequence: int, seconds: float = 60) -> int | None:
        """The status by which we answered a ``deliver_sm``; None when no answer came."""
        with self._changed:
            self._changed.wait_for(lambda: sequence in self.acknowledged, seconds)
            return self.acknowledged.get(sequence)

    def _deliver(self, sender: str, line: str, content: bytes, coding: int, esm_class: int) -> int:
        body = b"\0\1\1" + sender.removeprefix("+").encode() + b"\0\0\1" + line.encode() + b"\0"
        body += bytes([esm_class, 0, 0]) + b"\0\0" + bytes([0, 0, coding, 0, len(content)])
        return self._open[-1].send(DELIVER, body + content)

    def _accept(self) -> None:
        for number in count(1):
            try:
                connected, _ = self._server.accept()
            except OSError:
                return
            bind = _Bind(number, connected)
            threading.Thread(target=self._serve, args=(bind,), daemon=True).start()

    def _serve(self, bind: _Bind) -> None:
        with suppress(OSError, EOFError, ValueError):
            while True:
                command, status, sequence, body = _read(bind.connected)
                if not self._answer(bind, command, status, sequence, body):
                    break
        with self._changed:
            self._open = [one for one in self._open if one is not bind]
        bind.connected.close()

    def _answer(self, bind: _Bind, command: int, status: int, sequence: int, body: bytes) -> bool:
        """Whether the connection lives on."""
        if command in BIND:
            return self._bind(bind, command, sequence, body)
        if command == SUBMIT:
            return self._submit(bind, sequence, body)
        if command == ENQUIRE:
            self.enquiries += 1
            if not self.mute:
                bind.send(ENQUIRE | ANSWER, answer=sequence)
        if command == UNBIND:
            bind.send(UNBIND | ANSWER, answer=sequence)
        if command == DELIVER | ANSWER:
            with self._changed:
                self.acknowledged[sequence] = status
                self._changed.notify_all()
        return command != UNBIND

    def _bind(self, bind: _Bind, command: int, sequence: int, body: bytes) -> bool:
        password = body.split(b"\0")[1].decode()
        status = 0 if password == self.password else BAD_PASSWORD
        if status == 0:
            with self._changed:
                self.binds.append(BIND[command])
                self._open.append(bind)
                self._changed.notify_all()
        bind.send(command | ANSWER, b"SMSC\0", status, sequence)
        return status == 0

    def _submit(self, bind: _Bind, sequence: int, body: bytes) -> bool:
        lie = self.lies.popleft() if self.lies else None
        refused = {"throttle": THROTTLED, "full": QUEUE_FULL, "bad_number": BAD_NUMBER}
        if lie in refused:
            bind.send(SUBMIT | ANSWER, b"", refused[lie], sequence)
        elif lie == "garbage":
            bind.connected.sendall(struct.pack(">LLLL", 17, 0xDEAD, 0, 1) + b"x")
        elif lie == "huge":
            bind.connected.sendall(struct.pack(">LLLL", 0xFFFFFFF0, DELIVER, 0, 1))
        elif lie != "drop":
            taken = self._take(bind, body)
            if lie is None:
                bind.send(SUBMIT | ANSWER, taken.id.encode() + b"\0", 0, sequence)
        return lie not in ("drop", "drop_after")

    def _take(self, bind: _Bind, body: bytes) -> Submitted:
        _, rest = _string(body)
        line, rest = _string(rest[2:])
        to, rest = _string(rest[2:])
        esm_class = rest[0]
        _, after = _string(rest[3:])
        _, after = _string(after)
        coding, length = after[2], after[4]
        content = after[5 : 5 + length]
        with self._changed:
            taken = Submitted(
                f"{next(self._ids):x}", to, line, coding, content, esm_class, bind.number
            )
            self.submitted.append(taken)
            self._changed.notify_all()
        return taken


def _string(body: bytes) -> tuple[str, bytes]:
    end = body.index(b"\0")
    return body[:end].decode("latin-1"), body[end + 1 :]


def _read(connected: socket.socket) -> tuple[int, int, int, bytes]:
    length, command, status, sequence = struct.unpack(">LLLL", _exactly(connected, 16))
    return command, status, sequence, _exactly(connected, length - 16)


def _exactly(connected: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        piece = connected.recv(size - len(found))
        if not piece:
            raise EOFError
        found += piece
    return found
