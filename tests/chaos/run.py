"""The run itself: complaints are worked through while parts are killed; then all is counted.

At the end every case is closed, every effect whose key the partner can be asked for happened
exactly once, every letter arrived under one Message-ID, and ``peygir doctor`` finds nothing.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path
from random import Random
from typing import Any

import psycopg

from app.config import conninfo, sqlalchemy_url
from app.embedded import server
from tests.chaos.partners import TO, Partners, open_partners, prepare
from tests.journeys.driver import Driver
from tests.support.post import SlowServer
from tests.support.processes import PARTS, ROOT, Stack, free_port

Connection = psycopg.Connection[Any]


@dataclass(frozen=True)
class Plan:
    """How long and how hard."""

    complaints: int
    kills: int
    patience: float
    """Seconds that what is left may take after the last kill."""
    seed: int


@dataclass
class Score:
    """What was seen; ``wrong`` is empty when everything held."""

    complaints: int
    kills: int
    seconds: float
    unanswered: int
    again: int
    """Jobs that a living worker took up from a dead one."""
    repeated: int
    """Letters that were sent again under the same Message-ID."""
    asked: int
    """Calls whose end was not known, so that the partner was asked."""
    failures: int
    """How often a partner failed."""
    wrong: list[str]

    def __str__(self) -> str:
        told = (
            f"{self.complaints} complaints, {self.kills} kills, {self.seconds:.0f} s: "
            f"{self.unanswered} calls of ours without an answer, {self.again} jobs taken up again, "
            f"{self.repeated} letters repeated, {self.asked} partners asked, "
            f"{self.failures} failures of partners"
        )
        return "\n".join([told, *(self.wrong or ["nothing lost, nothing twice"])])


def run(plan: Plan) -> Score:
    """Go through the plan on a database of its own."""
    chance, began = Random(plan.seed), time.monotonic()
    with _database() as url, open_partners(chance) as partners:
        data = Path(tempfile.mkdtemp(prefix="peygir-chaos-data-"))
        prepare(url, data, partners)
        mail = {"PEYGIR_SMTP_URL": f"smtp://{partners.mail.host}:{partners.mail.port}"}
        stack = Stack(url, data, free_port(), mail)
        driver = Driver(stack.origin)
        try:
            stack.start()
            with psycopg.connect(conninfo(url), autocommit=True) as connection:
                with _at_work(driver, plan.complaints):
                    _kill(stack, partners.mail, plan.kills, chance)
                    left = _await_rest(connection, driver, plan)
                wrong = [*left, *driver.odd, *_wrong(connection, partners, plan.complaints)]
                wrong += _doctor(stack)
                return Score(
                    plan.complaints, plan.kills, time.monotonic() - began, driver.unanswered,
                    stack.log("worker").count("was abandoned by a dead worker"),
                    _repeated(partners), _asked(partners), partners.failures, wrong,
                )  # fmt: skip
        finally:
            stack.stop()
            shutil.rmtree(data, ignore_errors=True)


@contextmanager
def _database() -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="peygir-chaos-"))
    folder.chmod(0o711)
    try:
        with server(folder, own=True) as running:
            yield sqlalchemy_url(running.url)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _at_work(driver: Driver, complaints: int) -> Iterator[None]:
    over = threading.Event()

    def submit() -> None:
        for n in range(complaints):
            driver.complain(n)

    hands = [
        threading.Thread(target=driver.work, args=(over,), daemon=True),
        threading.Thread(target=submit, daemon=True),
    ]
    for hand in hands:
        hand.start()
    try:
        yield
    finally:
        over.set()
        for hand in hands:
            hand.join(60)


def _kill(stack: Stack, post: SlowServer, kills: int, chance: Random) -> None:
    """So many deaths, one after another: of the worker mostly, while it sends; now and then of all
    parts at once."""
    for _ in range(kills):
        time.sleep(chance.uniform(0.1, 1.0))
        parts = chance.choice([("web",), ("clock",), ("worker",), ("worker",), ("worker",), PARTS])
        if "worker" in parts:
            post.thinking.wait(1)
        stack.restart(*parts)


def _await_rest(connection: Connection, driver: Driver, plan: Plan) -> list[str]:
    deadline = time.monotonic() + plan.patience
    while left := _left(connection, plan.complaints):
        if driver.odd or time.monotonic() > deadline:
            return left
        time.sleep(0.5)
    return []


def _column(connection: Connection, query: str) -> list[Any]:
    return [row[0] for row in connection.execute(query.encode())]


def _left(connection: Connection, complaints: int) -> list[str]:
    """What is still to come, in words."""
    (closed,) = _column(connection, "SELECT count(*) FROM service_request WHERE status = 'closed'")
    left = [] if closed == complaints else [f"{complaints - closed} complaints are not closed"]
    for query in _PENDING:
        left += [f"{count} {what}" for what, count in connection.execute(query.encode())]
    return left


_PENDING = (
    """SELECT 'deliveries are ' || state, count(*) FROM delivery
        WHERE state NOT IN ('accepted', 'delivered', 'cancelled') GROUP BY state""",
    "SELECT 'service tasks are ' || state, count(*) FROM service_job "
    "WHERE state <> 'done' GROUP BY state",
    "SELECT 'jobs are ' || status, count(*) FROM procrastinate_jobs "
    "WHERE status <> 'succeeded' GROUP BY status",
    "SELECT 'faults ' || code, count(*) FROM fault WHERE resolved_at IS NULL GROUP BY code",
)


def _wrong(connection: Connection, partners: Partners, complaints: int) -> list[str]:
    """What happened too often, or not at all."""
    numbers = _column(connection, "SELECT number FROM service_request")
    wrong = [] if len(numbers) == complaints else [f"{len(numbers)} complaints in the tables"]
    texts = Counter(one.text for one in partners.texts.messages)
    wrong += _differences("text", texts, Counter(f"پیگیری {number}" for number in numbers))
    wrong += [f"a text went to {one.to}" for one in partners.texts.messages if one.to not in _TO]
    registered = Counter(one.subject for one in partners.registry.complaints)
    wrong += _differences("registration", registered, Counter(numbers))
    twice = "SELECT element FROM {} GROUP BY instance_id, element HAVING count(*) > 1"
    for table in ("user_task", "service_job"):
        wrong += [f"{one} twice" for one in _column(connection, twice.format(table))]
    return wrong + _wrong_mail(connection, partners)


_TO = (TO, TO.replace("+98", "0"), TO.removeprefix("+"))


def _differences(what: str, came: Counter[str], wanted: Counter[str]) -> list[str]:
    keys = sorted(came.keys() | wanted.keys())
    return [
        f"{what} {key}: {came[key]} times, not {wanted[key]}"
        for key in keys
        if came[key] != wanted[key]
    ]


def _wrong_mail(connection: Connection, partners: Partners) -> list[str]:
    """A letter is repeated under the same Message-ID, by which its reader sees it once."""
    arrived = {_message_id(one.content) for one in partners.mail.received}
    sent = "SELECT reference, recipient, attempts FROM delivery WHERE channel = 'email'"
    rows = list(connection.execute(sent.encode()))
    found = [f"a letter to {to} never came" for key, to, _ in rows if not _has(arrived, key)]
    often = Counter(_message_id(one.content) for one in partners.mail.received)
    for name, count in often.items():
        tries = [attempts for key, _, attempts in rows if key in name]
        if not tries or count > tries[0]:
            found.append(f"the letter {name} came {count} times")
    return found


def _has(arrived: set[str], reference: str) -> bool:
    return any(reference in one for one in arrived)


def _message_id(content: bytes) -> str:
    return str(message_from_bytes(content)["Message-ID"])


def _repeated(partners: Partners) -> int:
    names = [_message_id(one.content) for one in partners.mail.received]
    return len(names) - len(set(names))


def _asked(partners: Partners) -> int:
    texts = sum("status" in one.path for one in partners.texts.asked)
    return texts + sum(b"FindComplaint" in one.body for one in partners.registry.heard)


def _doctor(stack: Stack) -> list[str]:
    command = [sys.executable, "-m", "app.cli", "doctor"]
    said = subprocess.run(
        command, cwd=ROOT, env=stack._env(), capture_output=True, text=True, check=False
    )
    return [] if said.returncode == 0 else [f"doctor: {said.stdout}{said.stderr}"]
