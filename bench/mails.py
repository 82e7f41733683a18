"""A thousand mails in a mailbox, taken in by the mail process: how fast, and in how much memory."""

from __future__ import annotations

import time
from base64 import encodebytes
from collections.abc import Iterator
from datetime import UTC, datetime

import psutil
import psycopg

from app.access import SYSTEM
from app.db import transaction
from app.models import ServiceRequest, UserTask
from app.services.sending import answering, channel_settings
from app.services.sending.channel_settings import Draft
from bench import notes
from bench.complaints import prepare
from bench.figure import Figure
from bench.stage import Stage, mail, stage
from connectors.mail_threads import answer_address
from tests.support.dovecot import PASSWORD, Dovecot, running

MAILS = 1000
SIZE = 20_000
REQUESTS = 20
"""Open complaints, which half of the mails answer; the other half are new complaints."""
ADDRESS = "requests@ours.example"
MEGABYTE = 1024 * 1024
LONGEST = 600.0
KEPT = "SELECT count(*), count(*) FILTER (WHERE state IN ('joined', 'opened')) FROM inbound_message"
TEXT = "خدمت شما مانند گذشته نیست و کسی پاسخ روشنی نمی‌دهد. لطفاً پیگیری کنید.\r\n"
QUOTED = "در تاریخ ۳ آذر ۱۴۰۵ سازمان <us@ours.example> نوشت:\r\n"


def measure() -> Iterator[Figure]:
    """``mail_intake_per_s`` from the first mail kept to the last, and ``mail_intake_rss_mb``, the
    most that the process and its reader held together."""
    with stage() as on, running() as server:
        answers = _answers(on, server)
        for number in range(MAILS):
            server.deliver(_mail(number, answers), ADDRESS)
        with mail(on) as pid:
            took, most = _watch(on, pid)
    notes.tell(f"{MAILS} mails in {took:.1f} s")
    yield Figure("mail_intake_per_s", (MAILS - 1) / took)
    yield Figure("mail_intake_rss_mb", most)


def _answers(on: Stage, server: Dovecot) -> list[str]:
    """Make the mailbox and some complaints; the addresses to which they are answered."""
    tasks = prepare(on, REQUESTS)
    options = {
        "host": "127.0.0.1", "port": server.imap, "security": "none", "user": "requests",
        "address": ADDRESS, "most_per_day": MAILS,
        "most_new_per_day": MAILS, "most_new_per_domain": MAILS,
    }  # fmt: skip
    with on.app.app_context(), transaction() as work:
        draft = Draft("box", "imap", {"en": "Box"}, options, {"password": PASSWORD})
        channel_settings.save(draft, SYSTEM, datetime.now(UTC))
        requests = [work.get_one(UserTask, one).request_id for one in tasks]
        numbers = [work.get_one(ServiceRequest, one).number for one in requests]
        return [answer_address(ADDRESS, one, answering.key()).mailbox for one in numbers]


def _mail(number: int, answers: list[str]) -> bytes:
    """A mail of 20 kB: a Persian text, a quotation, and a picture that makes up the rest."""
    to = answers[number % len(answers)] if number % 2 else ADDRESS
    head = (
        f"From: Customer {number} <customer{number}@example.com>\r\nTo: {to}\r\n"
        f"Message-ID: <{number}@example.com>\r\nSubject: complaint {number}\r\n"
        "MIME-Version: 1.0\r\n"
        'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    )
    text = TEXT * 20 + QUOTED + f"> {TEXT}" * 10
    start = (head + text).encode() + (
        b'\r\n--b\r\nContent-Type: image/png; name="picture.png"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\n"
    )
    picture = b"\x89PNG\r\n\x1a\n" + bytes(
        number % 256 for _ in range((SIZE - len(start)) * 7 // 10)
    )
    return start + encodebytes(picture).replace(b"\n", b"\r\n") + b"--b--\r\n"


def _watch(on: Stage, pid: int) -> tuple[float, float]:
    """Seconds between the first mail and the last, and the most memory in MB."""
    until, began, most = time.monotonic() + LONGEST, 0.0, 0.0
    with psycopg.connect(on.settings.conninfo, autocommit=True) as connection:
        while time.monotonic() < until:
            kept, placed = connection.execute(KEPT).fetchone() or (0, 0)
            began = began or (time.monotonic() if kept else 0.0)
            most = max(most, _memory(pid))
            if kept == MAILS:
                _require(placed == MAILS, f"only {placed} of {MAILS} mails found their place")
                return time.monotonic() - began, most
            time.sleep(0.05)
    raise RuntimeError(f"{kept} of {MAILS} mails after {LONGEST:.0f} s")


def _require(holds: bool, told: str) -> None:
    if not holds:
        raise RuntimeError(told)


def _memory(pid: int) -> float:
    """What the process and its children hold, what they share counted once for each."""
    process = psutil.Process(pid)
    held = 0
    for one in (process, *process.children(recursive=True)):
        try:
            held += one.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return held / MEGABYTE
