"""The mail process on a real server: every mail once, whenever and wherever it is killed."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from email import message_from_bytes
from typing import Any

import psycopg
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from app.access import SYSTEM
from app.config import Settings, conninfo
from app.services.sending import channel_settings
from app.services.sending.channel_settings import Draft
from tests.connectors.mails import mail
from tests.support.application import dispose, transaction_of
from tests.support.clock import START
from tests.support.dovecot import PASSWORD, Dovecot
from tests.support.patience import wait_until
from tests.support.ports import free_port
from tests.support.processes import Stack

pytestmark = pytest.mark.slow

OPENED = "SELECT count(*) FROM service_request WHERE channel = 'email'"
KEPT = "SELECT count(*), count(DISTINCT body) FROM inbound_message"


def ask(database: str, statement: str) -> Any:
    with psycopg.connect(conninfo(database), autocommit=True) as connection:
        return connection.execute(statement).fetchone()


def open_box(stack: Stack, dovecot: Dovecot, user: str) -> None:
    """A channel for this mailbox, made as the processes of the stack read it."""
    from app import create_app

    settings = Settings(stack.data, "a-secret-for-tests", stack.database, language="en")
    app = create_app(settings)
    options = {
        "host": "127.0.0.1", "port": dovecot.imap, "security": "none", "user": user,
        "address": f"{user}@ours.example", "poll_seconds": 5,
    }  # fmt: skip
    draft = Draft(user, "imap", {"en": user}, options, {"password": PASSWORD})
    with transaction_of(app):
        channel_settings.save(draft, SYSTEM, START)
    dispose(app)


def complaint(number: int) -> bytes:
    headers = f"From: C{number} <c{number}@example.com>\r\nMessage-ID: <{number}@x>\r\n"
    return mail(f"{headers}Subject: a complaint", f"Number {number} is broken.".encode())


def test_mails_are_received_once_though_the_process_is_killed_at_random(
    make_stack: Callable[..., Stack], dovecot: Dovecot
) -> None:
    stack, draw = make_stack(), random.Random(5)
    open_box(stack, dovecot, "kill")
    for start in range(0, 80, 16):
        # A quick machine has taken all there was before the last kill: each round brings its own.
        for number in range(start, start + 16):
            dovecot.deliver(complaint(number), "kill@ours.example")
        before = ask(stack.database, KEPT)[0]
        stack.start("mail")
        wait_until(
            lambda kept=before: ask(stack.database, KEPT)[0] > kept,  # type: ignore[misc]  # The default binds it.
            60,
            lambda: stack.log("mail")[-2000:],
        )
        # Somewhere in a batch: in a mail, between two, or before those that are kept are marked.
        time.sleep(draw.uniform(0.0, 0.3))
        stack.kill("mail")
    stack.start("mail")
    wait_until(lambda: not dovecot.count("kill"), 60, lambda: stack.log("mail")[-2000:])
    assert ask(stack.database, KEPT) == (80, 80)
    assert ask(stack.database, OPENED) == (80,)
    assert dovecot.count("kill", "Peygir") == 80


class Post:
    """An SMTP server that keeps what it gets."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, bytes]] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd calls it so.
        content = envelope.original_content or b""
        self.letters.append((str(envelope.mail_from), content))
        return "250 taken"


def test_a_customer_writes_is_answered_and_writes_again(
    make_stack: Callable[..., Stack], dovecot: Dovecot
) -> None:
    post, port = Post(), free_port()
    smtp = Controller(post, hostname="127.0.0.1", port=port)
    smtp.start()
    try:
        stack = make_stack(PEYGIR_SMTP_URL=f"smtp://127.0.0.1:{port}")
        open_box(stack, dovecot, "talk")
        stack.start("mail", "worker")
        dovecot.deliver(complaint(1), "talk@ours.example")
        wait_until(lambda: post.letters, 60, lambda: stack.log("mail") + stack.log("worker"))
        sender, content = post.letters[0]
        told = message_from_bytes(content)
        assert sender.startswith("talk+")
        to = str(told["Reply-To"])
        assert to.startswith("talk+r-000001.")
        reply = f"From: c1@example.com\r\nTo: {to}\r\nIn-Reply-To: {told['Message-ID']}"
        dovecot.deliver(mail(reply, b"Please hurry."), to)
        said = "SELECT body, author_kind FROM interaction WHERE direction = 'inbound'"
        wait_until(lambda: ask(stack.database, said), 30, lambda: stack.log("mail")[-2000:])
        assert ask(stack.database, said) == ("Please hurry.", "customer")
        assert ask(stack.database, OPENED) == (1,)
    finally:
        smtp.stop()


def test_of_two_processes_one_leads_each_mailbox_and_the_other_takes_over(
    make_stack: Callable[..., Stack], dovecot: Dovecot
) -> None:
    stack = make_stack()
    open_box(stack, dovecot, "lead")
    stack.start("mail")
    held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 5260653"
    wait_until(lambda: ask(stack.database, held) == (1,), 30, lambda: stack.log("mail"))
    other = make_stack()
    other.data = stack.data
    other.start("mail")
    dovecot.deliver(complaint(1), "lead@ours.example")
    wait_until(lambda: not dovecot.count("lead"), 30, lambda: stack.log("mail"))
    stack.kill("mail")
    dovecot.deliver(complaint(2), "lead@ours.example")
    wait_until(lambda: not dovecot.count("lead"), 40, lambda: other.log("mail"))
    assert ask(stack.database, KEPT) == (2, 2)
