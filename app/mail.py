"""The mail process: watches every mailbox and brings what comes in to its place.

Each mailbox has a thread here and one leader among all such processes, elected by an advisory
lock that lives and dies with a connection. A mail is kept and brought to its place in one
transaction, and marked in the mailbox only after that: wherever the process dies, the mail is
either still waiting or known when it is fetched again.
"""

from __future__ import annotations

from collections.abc import Set

import psycopg
from flask import Flask

from app import keepers, work_mail
from app.ending import asked_to_end
from app.memory import settle_memory
from connectors.mail_cell import Cell


def run(app: Flask) -> int:
    """Watch all mailboxes until SIGTERM or SIGINT; the exit code."""
    over = asked_to_end()
    settle_memory()
    keepers.keep(app, Watcher, _mailboxes, over)
    return 0


def _mailboxes(app: Flask) -> Set[int]:
    return work_mail.list_mailboxes(app).keys()


class Watcher(keepers.Keeper):
    """One mailbox with its thread; at its end, a mail at hand is finished first."""

    lock = 0x50456D
    name = "peygir mail"
    what = "the mailbox"
    patience = work_mail.LONGEST_ROUND

    def lead(self, leader: psycopg.Connection) -> None:
        """Receive as long as the mailbox is this one's and stays as it is."""
        with Cell() as cell, work_mail.opened(self.app, self.channel_id) as box:
            while box.is_current() and not self.over.is_set():
                # Losing this connection means losing the lock: then another one leads.
                leader.execute("SELECT 1")
                taken = box.take_some(cell, self.over.is_set)
                if not taken:
                    box.wait(self.over.is_set)
