"""Kill -9 of web, worker and clock at random moments: nothing is lost, nothing happens twice."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from pathlib import Path
from typing import Any

import psycopg
import pytest

from app.config import Settings, conninfo, sqlalchemy_url
from app.embedded import server
from tests.bpmn import build
from tests.journeys.driver import HANDS, Driver
from tests.support.application import dispose, transaction_of
from tests.support.cast import add_cast
from tests.support.patience import wait_until
from tests.support.ports import free_port
from tests.support.post import SlowServer
from tests.support.processes import PARTS, ROOT, Stack

pytestmark = pytest.mark.slow

CASES = 8
"""So many complaints, and as many runs of the small process."""
SECONDS_OF_KILLING = 16.0

PING = build.process(
    build.start(),
    build.catch("rest", build.timer("duration", "PT1S")),
    build.user("look", groups="intake"),
    build.catch("rest_again", build.timer("duration", "PT1S")),
    build.service(
        "tell",
        build.io(inputs={"to": '="ping@example.com"', "subject": '="Ping"', "body": '="Done."'}),
        kind="email",
    ),
    build.end(),
    build.flows("start > rest > look > rest_again > tell > end"),
    key="ping",
)

STEPS_OF_PING = Counter(
    ["start", "timer rest", "task_completed look", "timer rest_again", "service_task tell"]
)
STEPS_OF_COMPLAINT = Counter(
    ["start", "message message_arrived", "message answer_received"]
    + [f"task_completed {element}" for element in HANDS if element != "look"]
    + [
        f"service_task {element}"
        for element in (
            "acknowledge",
            "communicate_decision",
            "close_request",
            "tell_handlers",
            "find_alike",
        )
    ]
)
"""Every step that such a case takes, once each."""

ASKS_LATER = "tokens = ARRAY['survey_due']::varchar[]"
"""A complaint that only waits for the day when its customer is asked how it was."""


@pytest.fixture
def database() -> Iterator[str]:
    """A database of this test's own that keeps what it confirmed, whatever dies."""
    folder = Path(tempfile.mkdtemp(prefix="peygir-kill-"))
    folder.chmod(0o711)
    with server(folder, own=True) as running:
        url = sqlalchemy_url(running.url)
        prepare(url, folder)
        yield url
    shutil.rmtree(folder, ignore_errors=True)


def prepare(url: str, folder: Path) -> None:
    """Tables, the cast, the shipped processes and the small one with timers."""
    from app import create_app
    from app.access import SYSTEM
    from app.db import session
    from app.migrate import upgrade
    from app.models import User
    from app.services.deployment import definitions
    from tests.support.cast import BORN

    upgrade(url)
    app = create_app(Settings(folder, "a-secret-for-tests", url))
    with transaction_of(app):
        add_cast()
        definitions.deploy("ping.bpmn", PING, SYSTEM, BORN)
        sara = session().query(User).filter_by(login="sara").one()
        sara.email = "sara@example.com"
    dispose(app)


@pytest.fixture
def post() -> Iterator[SlowServer]:
    """The mail server, which outlives everything."""
    with SlowServer() as running:
        yield running


def test_nothing_is_lost_and_nothing_happens_twice(
    database: str, post: SlowServer, tmp_path: Path
) -> None:
    mail = {"PEYGIR_SMTP_URL": f"smtp://{post.host}:{post.port}"}
    stack = Stack(database, tmp_path, free_port(), mail)
    driver = Driver(stack.origin)
    try:
        stack.start()
        with psycopg.connect(conninfo(database), autocommit=True) as connection:
            with at_work(driver):
                kill_at_random(stack, post)
                wait_until(
                    lambda: driver.odd or not rest(connection),
                    60,
                    lambda: describe(connection, stack),
                )
            tell_deaths(driver, stack, post)
            check_driver(driver, connection)
            check_cases(connection)
            check_mail(connection, post)
        check_health(stack)
    finally:
        stack.stop()


@contextmanager
def at_work(driver: Driver) -> Iterator[None]:
    """The driver submits, and does what waits, for as long as the block lasts."""
    over = threading.Event()
    hands = [
        threading.Thread(target=driver.work, args=(over,), daemon=True),
        threading.Thread(target=submit_all, args=(driver,), daemon=True),
    ]
    for hand in hands:
        hand.start()
    try:
        yield
    finally:
        over.set()
        for hand in hands:
            hand.join(30)


def submit_all(driver: Driver) -> None:
    """All cases, spread over the time of the killing."""
    for n in range(CASES):
        driver.complain(n)
        driver.ping(n)
        time.sleep(SECONDS_OF_KILLING / CASES / 2)


def kill_at_random(stack: Stack, post: SlowServer) -> None:
    """A part dies every second or so, now and then all at once; the worker while it sends."""
    seed = int(os.environ.get("PEYGIR_TEST_SEED", "0")) or random.SystemRandom().randrange(10**6)
    print(f"PEYGIR_TEST_SEED={seed}")  # noqa: T201  # To see the same deaths again.
    chance = random.Random(seed)
    deadline = time.monotonic() + SECONDS_OF_KILLING
    while time.monotonic() < deadline:
        time.sleep(chance.uniform(0.1, 1.5))
        parts = chance.choice([("web",), ("clock",), ("worker",), ("worker",), PARTS])
        if "worker" in parts:
            post.thinking.wait(1)
        stack.restart(*parts)


Connection = psycopg.Connection[Any]


def column(connection: Connection, query: str) -> list[Any]:
    return [row[0] for row in connection.execute(query)]


def rest(connection: Connection) -> list[str]:
    """What is still to come, in words."""
    ended = f"SELECT count(*) FROM process_instance WHERE status = 'completed' OR {ASKS_LATER}"
    (count,) = column(connection, ended)
    left = [] if count == 2 * CASES else [f"{2 * CASES - count} cases are under way"]
    left += column(connection, "SELECT 'mail ' || state FROM delivery WHERE state <> 'accepted'")
    left += column(connection, "SELECT 'task ' || state FROM service_job WHERE state <> 'done'")
    query = """
        SELECT task_name || ' ' || status FROM procrastinate_jobs WHERE status <> 'succeeded'
    """
    return left + column(connection, query)


def describe(connection: Connection, stack: Stack) -> str:
    """Where everything stands, for whoever has to find out why it does not go on."""
    stand = "SELECT i.id || ' ' || i.status || ' ' || i.tokens::text FROM process_instance i"
    lines = [*rest(connection), *column(connection, stand)]
    return "\n".join([*lines, *(f"--- {part}\n{stack.log(part)[-3000:]}" for part in PARTS)])


def tell_deaths(driver: Driver, stack: Stack, post: SlowServer) -> None:
    """How often a death hit something in the middle of its work."""
    abandoned = stack.log("worker").count("was abandoned by a dead worker")
    again = len(post.received) - len({_message_id(one.content) for one in post.received})
    print(f"calls without an answer: {driver.unanswered}, jobs taken up again: {abandoned}, "  # noqa: T201
          f"letters sent again: {again}")  # fmt: skip


def check_driver(driver: Driver, connection: Connection) -> None:
    """What the API confirmed is there, and nothing that it did not do."""
    assert driver.odd == []
    numbers = set(column(connection, "SELECT number FROM service_request"))
    assert numbers == set(driver.numbers.values())
    assert len(numbers) == CASES
    by = """
        SELECT t.id, u.login, t.data FROM user_task t JOIN staff_user u ON u.id = t.completed_by
    """
    done = {row[0]: row[1:] for row in connection.execute(by)}
    elements = dict(connection.execute("SELECT id, element FROM user_task").fetchall())
    assert set(driver.done) <= set(done)
    for task, (login, data) in done.items():
        who, given = HANDS[elements[task]]
        assert (login, data | given) == (who, data)


def check_cases(connection: Connection) -> None:
    """Every case is where it should be, by exactly the steps that lead there."""
    closed = "SELECT status || ' ' || outcome FROM service_request"
    assert column(connection, closed) == ["closed accepted"] * CASES
    for instance, key, revision in connection.execute(_INSTANCES).fetchall():
        steps = column(connection, _STEPS.format(instance=instance))
        assert Counter(steps) == (STEPS_OF_PING if key == "ping" else STEPS_OF_COMPLAINT), key
        assert revision == len(steps)
        ends = f"SELECT 1 FROM event WHERE kind = 'process_completed' AND instance_id = {instance}"
        assert len(column(connection, ends)) == (key == "ping")
    asked = "SELECT element FROM due_moment WHERE element IS NOT NULL"
    assert column(connection, asked) == ["survey_due"] * CASES
    assert column(connection, "SELECT id FROM fault") == []
    twice = "SELECT instance_id FROM {} GROUP BY instance_id, element HAVING count(*) > 1"
    assert column(connection, twice.format("user_task")) == []
    assert column(connection, twice.format("service_job")) == []
    words = "SELECT body FROM interaction WHERE direction = 'inbound'"
    assert Counter(column(connection, words)) == Counter(f"Word {n}" for n in range(CASES))


_INSTANCES = """
    SELECT i.id, d.key, i.revision FROM process_instance i
      JOIN process_definition d ON d.id = i.definition_id ORDER BY i.id
"""
_STEPS = """
    SELECT concat_ws(' ', data->'cause'->>'kind', data->'cause'->>'element')
      FROM event WHERE instance_id = {instance} AND kind = 'step' ORDER BY id
"""


def check_mail(connection: Connection, post: SlowServer) -> None:
    """Every letter arrived, under one Message-ID each, however often it had to be sent."""
    arrived: dict[str, str] = {}
    for one in post.received:
        message = message_from_bytes(one.content)
        name = f"{one.recipients[0]} {message['Subject']}"
        assert arrived.setdefault(_message_id(one.content), name) == name
    expected = ["ping@example.com Ping"] * CASES
    for number in column(connection, "SELECT number FROM service_request"):
        expected += [f"{to} {subject}: {number}" for to, subject in letters_of(connection, number)]
    assert Counter(arrived.values()) == Counter(expected)
    assert len(arrived) == column(connection, "SELECT count(*) FROM delivery")[0]


def _message_id(content: bytes) -> str:
    return str(message_from_bytes(content)["Message-ID"])


def letters_of(connection: Connection, number: str) -> list[tuple[str, str]]:
    """Whom each complaint's letters go to, and what stands above them."""
    query = f"""
        SELECT c.value FROM service_request r JOIN contact_point c ON c.party_id = r.customer_id
         WHERE c.kind = 'email' AND r.number = '{number}'
    """
    (customer,) = column(connection, query)
    return [
        (customer, "We received your complaint"),
        (customer, "Our decision on your complaint"),
        (customer, "Your complaint is closed"),
        ("sara@example.com", "The customer wrote"),
    ]


def check_health(stack: Stack) -> None:
    """``peygir doctor`` finds nothing."""
    command = [sys.executable, "-m", "app.cli", "doctor"]
    said = subprocess.run(command, cwd=ROOT, env=stack._env(), capture_output=True, text=True)
    assert said.returncode == 0, said.stdout + said.stderr
