"""The run itself: complaints are worked through while parts are killed; then all is counted.

At the end every case is closed, every effect whose key the partner can be asked for happened
exactly once, every letter arrived under one Message-ID, and ``peygir doctor`` finds nothing.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import psycopg

from app.config import conninfo, sqlalchemy_url
from app.embedded import server
from tests.chaos import counting
from tests.chaos.hurrying import bury, hurry
from tests.chaos.partners import Partners, furnish, open_partners, populate
from tests.journeys.driver import Driver, Share
from tests.support.nursery import Nursery
from tests.support.ports import free_port
from tests.support.processes import PARTS, Stack

Connection = psycopg.Connection[Any]
Tell = Callable[[str], object]

HANDS = 3
"""How many do tasks, and how many submit complaints, at the same time."""
AHEAD = 10
"""Complaints that are submitted before the deaths that their share belongs to."""
BEHIND = 60
"""Complaints that may be under way before the next death waits for them."""
LULL = 15.0
"""Seconds that a death waits at most."""
TELL_EVERY = 20.0


@dataclass(frozen=True)
class Plan:
    """How long and how hard."""

    complaints: int
    kills: int
    patience: float
    """Seconds that what is left may take after the last kill."""
    seed: int
    longest_wait: float = 20
    """Seconds that something may wait for its next attempt; what would wait longer is hastened."""
    buries: bool = False
    """Whether killed workers count as silent at once, and not after their fifteen seconds."""


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


@dataclass
class Course:
    """How far a run has come."""

    plan: Plan
    stack: Stack
    partners: Partners
    driver: Driver
    tell: Tell
    began: float = field(default_factory=time.monotonic)
    killed: int = 0
    told_at: float = 0.0

    @property
    def allowed(self) -> float:
        """How many complaints may be there by now: they are spread over the deaths."""
        plan = self.plan
        return AHEAD + plan.complaints * (self.killed + 1) / max(plan.kills, 1)

    def follow(self, connection: Connection) -> None:
        """What is done every now and then: hasten what waits, and tell how far it is."""
        hurry(connection, self.plan.longest_wait)
        now = time.monotonic()
        if now - self.told_at > TELL_EVERY:
            self.told_at = now
            rest = "; ".join(counting.left(connection, len(self.driver.numbers)))
            self.tell(
                f"{now - self.began:.0f} s: {self.killed} kills, {len(self.driver.numbers)} "
                f"complaints, {counting.closed(connection)} closed; {rest}"
            )


def run(plan: Plan, url: str | None = None, tell: Tell = lambda _: None) -> Score:
    """Go through the plan, on a database of its own or on this one, which has the cast in it."""
    chance = Random(plan.seed)
    with _database(url) as place, open_partners(chance) as partners, _folder() as data:
        furnish(place, data, partners)
        mail = {"PEYGIR_SMTP_URL": f"smtp://{partners.mail.host}:{partners.mail.port}"}
        with Nursery() as nursery:
            stack = Stack(place, data, free_port(), mail, nursery)
            course = Course(plan, stack, partners, Driver(stack.origin), tell)
            try:
                return _run(course, place, chance)
            finally:
                stack.stop()


def _run(course: Course, url: str, chance: Random) -> Score:
    plan, stack, partners, driver = course.plan, course.stack, course.partners, course.driver
    stack.start()
    with psycopg.connect(conninfo(url), autocommit=True) as connection:
        with _at_work(course):
            _kill(course, connection, chance)
            left = _await_rest(course, connection)
        wrong = [*left, *driver.odd, *counting.wrong(connection, partners, plan.complaints)]
    wrong += counting.doctor(stack)
    return Score(
        plan.complaints, plan.kills, time.monotonic() - course.began, driver.unanswered,
        stack.log("worker").count("was abandoned by a dead worker"),
        counting.repeated(partners), counting.asked(partners), partners.failures, wrong,
    )  # fmt: skip


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="peygir-chaos-"))
    # PostgreSQL started by root runs under an account of its own, which must get through.
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _database(url: str | None) -> Iterator[str]:
    if url is not None:
        yield url
        return
    with _folder() as folder, server(folder, own=True) as running:
        place = sqlalchemy_url(running.url)
        populate(place, folder)
        yield place


@contextmanager
def _at_work(course: Course) -> Iterator[None]:
    over, works = threading.Event(), []
    for which in range(HANDS):
        share = Share(which, HANDS)
        works += [
            threading.Thread(target=course.driver.work, args=(over, share), daemon=True),
            threading.Thread(target=_submit, args=(course, over, share), daemon=True),
        ]
    for one in works:
        one.start()
    try:
        yield
    finally:
        over.set()
        for one in works:
            one.join(60)


def _submit(course: Course, over: threading.Event, share: Share) -> None:
    for n in filter(share.holds, range(course.plan.complaints)):
        while n > course.allowed and not over.wait(0.2):
            pass
        if over.is_set():
            return
        course.driver.complain(n)


def _kill(course: Course, connection: Connection, chance: Random) -> None:
    """So many deaths, one after another: of the worker mostly, while it calls a partner; now and
    then of something that has just begun to live, or of all parts at once."""
    while course.killed < course.plan.kills and not course.driver.odd:
        _let_work(course, connection)
        parts = chance.choice([("web",), ("clock",), ("worker",), ("worker",), ("worker",), PARTS])
        if "worker" in parts and chance.random() < 0.8:
            course.partners.await_call(chance, 5)
        else:
            time.sleep(chance.uniform(0.1, 1.0))
        course.stack.kill(*parts)
        if course.plan.buries and "worker" in parts:
            bury(connection)
        course.stack.start(*parts)
        course.killed += 1
        course.follow(connection)


def _let_work(course: Course, connection: Connection) -> None:
    """Spread the deaths over the work: nothing would get done between them otherwise."""
    plan, deadline = course.plan, time.monotonic() + LULL
    wanted = plan.complaints * course.killed / plan.kills - BEHIND
    while counting.closed(connection) < wanted and time.monotonic() < deadline:
        time.sleep(0.2)
        course.follow(connection)


def _await_rest(course: Course, connection: Connection) -> list[str]:
    deadline = time.monotonic() + course.plan.patience
    while left := counting.left(connection, course.plan.complaints):
        if course.driver.odd or time.monotonic() > deadline:
            return left
        time.sleep(0.5)
        course.follow(connection)
    return []
