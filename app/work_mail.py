"""Receiving mails: the edge that opens the transactions around what the mailbox and the reader
do, none of which happens inside one."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from flask import Flask, current_app

from app import clock_now
from app.away import may_pass
from app.db import require_no_transaction, session, transaction
from app.models import InboundMessage
from app.services.intake import inbound_files, mail_intake, mail_keeping, triage
from app.services.intake.mail_intake import Fetched
from app.services.sending import channel_gate, channels
from connectors import mail_reading, mailboxes
from connectors.imap import entered
from connectors.mail_cell import Cell
from connectors.mail_parts import Unreadable

log = logging.getLogger(__name__)

KIND = "imap"
BATCH = 50
"""Mails that are marked together, after each of them was kept."""
SPELL = 30.0
"""Seconds for which one job removes old mails."""
LOOK_NOTED_EVERY = 60.0
"""Seconds between two notes that a mailbox was looked into."""
LONGEST_ROUND = 60.0
"""Seconds after which a round that should end is left alone."""


def _mailboxes() -> dict[int, int]:
    """The revision of each mailbox that is switched on, by the channel's id."""
    return {one.id: one.revision for one in channels.all_ways() if one.kind == KIND and one.enabled}


def list_mailboxes(app: Flask) -> dict[int, int]:
    """The same, at the edge of a thread."""
    with app.app_context(), transaction():
        return _mailboxes()


@dataclass
class Box:
    """A mailbox that is open, with the channel's options as they were then."""

    app: Flask
    channel: channels.Opened
    folder: mailboxes.Mailbox
    given: set[int] = field(default_factory=set)
    _noted_at: float = -LOOK_NOTED_EVERY

    def is_current(self) -> bool:
        """Whether the channel is still what was opened."""
        way = self.channel.way
        return list_mailboxes(self.app).get(way.id) == way.revision

    def take_some(self, cell: Cell, is_over: Callable[[], bool]) -> int:
        """Keep the oldest waiting mails and mark them; how many there were."""
        waiting = self.folder.waiting(BATCH)
        self._note_look()
        done: list[int] = []
        try:
            for one in waiting:
                if is_over():
                    break
                self._take(one, cell)
                done.append(one.uid)
        finally:
            # What is kept is marked, even when the next one went wrong.
            self.folder.mark(done)
        return len(done)

    def wait(self, is_over: Callable[[], bool]) -> None:
        """Return when something came in, or when it is time to look."""
        self.folder.wait(self.channel.options["poll_seconds"], is_over)

    def _note_look(self) -> None:
        """Let the doctor know, now and then, that the mailbox was looked into."""
        if time.monotonic() - self._noted_at < LOOK_NOTED_EVERY:
            return
        self._noted_at = time.monotonic()
        with self.app.app_context(), transaction():
            channel_gate.note_look(self.channel.way.id, clock_now())

    def _take(self, one: mailboxes.Waiting, cell: Cell) -> None:
        is_large = one.size > mail_reading.LARGEST
        raw = self.folder.read(one.uid, head=is_large)
        if raw is None:
            return
        fetched = Fetched(self.folder.uidvalidity, one.uid, raw)
        with self.app.app_context():
            if is_large:
                put_aside(fetched, "too_large", self.channel)
            else:
                take(fetched, self.channel, cell)


@contextmanager
def opened(app: Flask, channel_id: int) -> Iterator[Box]:
    """The mailbox of a channel, entered.

    Raises the errors of ``mailboxes.opened``, and those of ``channels.open_``.
    """
    with app.app_context(), transaction():
        channel = channels.open_(channels.find_by_id(channel_id))
    options = channel.options
    with entered(options, options["done_folder"]) as folder:
        yield Box(app, channel, folder)


def take(fetched: Fetched, channel: channels.Opened, cell: Cell) -> str:
    """Read one mail and bring it to its place; its state. A mail that cannot be read, or at
    which our own work fails, is kept in quarantine."""
    require_no_transaction()
    try:
        mail = cell.read(fetched.raw)
    except Unreadable as refused:
        return put_aside(fetched, refused.code, channel)
    try:
        with transaction():
            return mail_intake.take(fetched, mail, channel, clock_now()).state
    except Exception as error:
        if may_pass(error):
            raise
        log.exception("the mail %s of %s crashed", fetched.external_id, channel.way.key)
        return put_aside(fetched, "crashed", channel)
    finally:
        session().expunge_all()


def put_aside(fetched: Fetched, why: str, channel: channels.Opened) -> str:
    """Keep one mail in quarantine."""
    with transaction():
        return mail_intake.put_aside(fetched, why, channel, clock_now()).state


def forget_old() -> None:
    """Remove the raw bytes of mails whose time is over, some at a time; what is not done within
    the spell is done the next hour."""
    settings, until = current_app.extensions["peygir.settings"], time.monotonic() + SPELL
    while time.monotonic() < until:
        with transaction():
            count = mail_keeping.forget_some(settings, clock_now())
        if not count:
            return


def receive_released(message_id: int) -> None:
    """Bring a mail to its place that somebody has released from quarantine."""
    mail = inbound_files.read_again(message_id)
    with transaction():
        row = session().get(InboundMessage, message_id, with_for_update=True)
        if row is not None:
            triage.go_on(row, mail, clock_now())
