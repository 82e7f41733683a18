"""One bind that is kept: a window of unanswered messages, throttling, signs of life, and exact
word on each message when it breaks.

Only ``submit_sm_resp`` says that a message was taken: writing to a dead connection fails nowhere.
So a message whose answer never came is unknown, and one that was never written is not.
"""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.contract import Inbound, Report
from connectors.errors import DeliveryFailed, LostReply, NotConnected, Unknown
from connectors.phones import read_line, read_sender
from connectors.smpp_parts import Piece, decode, pieces, read_receipt
from connectors.smpp_wire import THROTTLED, Delivered, Given, Wire, failure, words

MOST_DESTINATIONS = 10_000
"""Destinations whose part references are remembered."""


@dataclass(frozen=True)
class Pace:
    """The times of a link, in seconds."""

    answer: float = 30
    """After which a message without its answer, or a sign of life, means that the link is dead."""
    idle: float = 30
    """Of silence, after which a sign of life is asked for."""
    pause: float = 1
    """After the first throttling; doubled each time, up to ``longest_pause``."""
    longest_pause: float = 30
    most_throttles: int = 6
    """In a row, after which a message goes back to wait its turn."""


@dataclass(frozen=True)
class Taken:
    """All parts of a message were taken."""

    token: Any
    ids: tuple[str, ...]


@dataclass(frozen=True)
class Failed:
    """A message was not taken, or nobody knows."""

    token: Any
    error: DeliveryFailed


@dataclass(frozen=True)
class Came:
    """A message or a receipt came in; it waits for ``Link.acknowledge``."""

    sequence: int
    inbound: Inbound | None = None
    report: Report | None = None


Event = Taken | Failed | Came


@dataclass
class _Message:
    token: Any
    to: str
    waiting: deque[Piece]
    ids: list[str] = field(default_factory=list)
    unanswered: int = 0
    throttles: int = 0
    refused: int | None = None
    """The status by which a part was refused for good."""

    @property
    def is_over(self) -> bool:
        return not self.unanswered and (self.refused is not None or not self.waiting)

    def refusal(self, status: int) -> DeliveryFailed:
        """What a refusal means for the whole: with some of its parts taken nobody can say what
        the person gets, and sending all of it again would send these twice."""
        if self.ids:
            return Unknown(f"{len(self.ids)} parts were taken, another not: {words(status)}")
        return failure(status)


class Link:
    """Sends and receives over one wire; whoever owns it calls ``turn`` again and again."""

    def __init__(
        self,
        wire: Wire,
        source: Mapping[str, Any],
        window: int = 10,
        pace: Pace | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wire, self._source, self._window = wire, source, window
        self._pace, self._clock = pace or Pace(), clock
        self._messages: list[_Message] = []
        self._unanswered: dict[int, tuple[_Message, Piece, float]] = {}
        self._references: OrderedDict[str, int] = OrderedDict()
        self._paused_until = 0.0
        self._heard_at = clock()
        self._asked_at: float | None = None

    @property
    def room(self) -> int:
        """How many more messages may be handed in now."""
        return max(self._window - len(self._messages), 0)

    @property
    def is_busy(self) -> bool:
        """Whether messages are under way."""
        return bool(self._messages)

    def submit(self, token: Any, to: str, text: str) -> None:
        """Take a message in; its end is an event that carries the token."""
        parts = deque(pieces(text, self._reference(to)))
        self._messages.append(_Message(token, to, parts))

    def turn(self, seconds: float) -> list[Event]:
        """Write what may be written, and read for so many seconds at most.

        Raises NotConnected when the link is dead; then ``lost`` says what became of the rest.
        """
        self._write()
        given = self._wire.read(seconds)
        events: list[Event] = []
        while given is not None:
            self._heard_at, self._asked_at = self._clock(), None
            events += self._hear(given)
            given = self._wire.read(0)
        self._check_life()
        return events + list(self._finished())

    def acknowledge(self, came: Came, *, kept: bool = True) -> None:
        """Say that what came in is kept for good, or that it should come again later."""
        status = 0 if kept else 0x64
        self._wire.send("deliver_sm_resp", came.sequence, status=status)

    def lost(self) -> list[Failed]:
        """The ends of all messages when the link is dead: unknown for those that were written
        without an answer or only in part, not connected for the others."""
        found = []
        for message in self._messages:
            begun = message.unanswered or message.ids
            error: DeliveryFailed = NotConnected("the link broke")
            if begun:
                error = LostReply("the link broke")
            elif message.refused is not None:
                error = message.refusal(message.refused)
            found.append(Failed(message.token, error))
        self._messages, self._unanswered = [], {}
        return found

    def close(self) -> None:
        """Say goodbye and end the connection."""
        try:
            self._wire.send("unbind")
            self._wire.read(1)
        except NotConnected:
            pass
        finally:
            self._wire.close()

    def _reference(self, to: str) -> int:
        """The next reference for this destination: there are only 256, and parts of two messages
        to one person must not share one."""
        reference = self._references.pop(to, None)
        if reference is None:
            reference = secrets.randbelow(256)
        self._references[to] = reference = (reference + 1) % 256
        if len(self._references) > MOST_DESTINATIONS:
            self._references.popitem(last=False)
        return reference

    def _write(self) -> None:
        if self._clock() < self._paused_until:
            return
        for message in self._messages:
            while message.waiting and message.refused is None:
                if len(self._unanswered) >= self._window:
                    return
                piece = message.waiting.popleft()
                # Counted before it is written: half of it may be on its way when that fails.
                message.unanswered += 1
                sequence = self._wire.submit(piece, self._source, message.to)
                self._unanswered[sequence] = (message, piece, self._clock())

    def _hear(self, given: Given) -> Iterator[Event]:
        if isinstance(given, Delivered):
            yield _came(given)
        elif given.command in ("submit_sm_resp", "generic_nack"):
            self._answered(given)
        elif given.command == "enquire_link":
            self._wire.send("enquire_link_resp", given.sequence)
        elif given.command == "unbind":
            raise NotConnected("unbound by the other side")

    def _answered(self, given: Given) -> None:
        found = self._unanswered.pop(given.sequence, None)
        if found is None:
            return
        message, piece, _ = found
        message.unanswered -= 1
        if given.status == 0:
            message.ids.append(given.id)
            message.throttles = 0
        elif given.status in THROTTLED and message.throttles < self._pace.most_throttles:
            self._throttle(message, piece)
        else:
            message.refused = given.status

    def _throttle(self, message: _Message, piece: Piece) -> None:
        message.throttles += 1
        message.waiting.appendleft(piece)
        pause = min(self._pace.pause * 2 ** (message.throttles - 1), self._pace.longest_pause)
        self._paused_until = max(self._paused_until, self._clock() + pause)

    def _check_life(self) -> None:
        now = self._clock()
        oldest = min((at for _, _, at in self._unanswered.values()), default=now)
        if now - oldest > self._pace.answer:
            raise NotConnected("no answer to a message")
        if self._asked_at is not None and now - self._asked_at > self._pace.answer:
            raise NotConnected("no sign of life")
        if self._asked_at is None and now - self._heard_at > self._pace.idle:
            self._wire.send("enquire_link")
            self._asked_at = now

    def _finished(self) -> Iterator[Event]:
        over = [message for message in self._messages if message.is_over]
        self._messages = [message for message in self._messages if not message.is_over]
        for message in over:
            if message.refused is None:
                yield Taken(message.token, tuple(message.ids))
            else:
                yield Failed(message.token, message.refusal(message.refused))


def _came(given: Delivered) -> Came:
    if given.receipt:
        text = decode([given.content], given.coding)
        found = read_receipt(text, given.receipted_id, given.message_state)
        if found is None or found.state is None:
            return Came(given.sequence)
        return Came(given.sequence, report=Report(found.state, found.id, words=found.words))
    return Came(given.sequence, inbound=_inbound(given))


def _inbound(given: Delivered) -> Inbound:
    place = given.place
    facts: dict[str, Any] = {"coding": given.coding}
    if place is not None:
        facts |= {"part": place.number, "of": place.total, "reference": place.reference}
    body = decode([given.content], given.coding)
    sender, line = read_sender(_plus(given.sender)), read_line(given.recipient)
    return Inbound("", sender, line, body, raw=given.content, facts=facts)


def _plus(sender: str) -> str:
    """Digits as networks write numbers, with the country and no sign before it."""
    return f"+{sender}" if len(sender) > 10 and sender.isdecimal() and sender[0] != "0" else sender


def source_of(line: str) -> Mapping[str, Any]:
    """How a sender's line is told: its kind (letters, a short code, a number) and itself."""
    plain = line.removeprefix("+")
    if not plain.isdecimal():
        kind, plan = 5, 0
    elif line.startswith("+"):
        kind, plan = 1, 1
    else:
        kind, plan = (3, 0) if len(plain) <= 6 else (0, 1)
    return {"source_addr_ton": kind, "source_addr_npi": plan, "source_addr": plain}
