"""Hundreds of moments come due while clocks and workers of two machines are killed at random."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from app.access import SYSTEM
from app.config import Settings, conninfo
from app.services.deployment import definitions
from app.services.execution import processes
from tests.app.services.story import submit
from tests.bpmn.build import boundary, end, flows, process, start, timer, user
from tests.support.application import dispose, transaction_of
from tests.support.patience import wait_until
from tests.support.processes import ROOT, Stack

pytestmark = pytest.mark.slow

INSTANCES = 240
"""Each has two timers beside its task."""
STARTS = 20
"""Processes that begin once, at their moment."""
REQUESTS = 15
"""Complaints that were submitted long ago, so that all steps of their promises' ladders are due."""
LONG_AGO = timedelta(days=60)
SPREAD = 6
"""The seconds over which all of it comes due."""
PARTS = ("worker", "clock")

WAITING = process(
    start(), user("work", groups="intake"),
    boundary("first", "work", timer("duration", "=first"), interrupting=False),
    boundary("second", "work", timer("duration", "=second"), interrupting=False),
    user("looked", groups="intake"), end(),
    flows("start > work > end", "first > looked > end", "second > looked"), key="waiting",
)  # fmt: skip


def beginning(number: int, at: datetime) -> bytes:
    shown = start("s", timer("date", at.strftime("%Y-%m-%dT%H:%M:%SZ")))
    return process(shown, user("a", groups="intake"), end(), flows("s > a > end"),
                   key=f"begun{number}")  # fmt: skip


@pytest.fixture
def machines(database: str, make_stack: Callable[..., Stack]) -> list[Stack]:
    """Two machines, each with a worker and a clock, and all that is about to come due."""
    from app import create_app

    made = [make_stack(), make_stack()]
    app = create_app(Settings(made[0].data, "a-secret-for-tests", database))
    chance = random.Random(7)
    with transaction_of(app):
        now = datetime.now(UTC)
        for number in range(STARTS):
            at = now + timedelta(seconds=4 + number * SPREAD / STARTS)
            definitions.deploy(f"begun{number}.bpmn", beginning(number, at), SYSTEM, now)
        definitions.deploy("waiting.bpmn", WAITING, SYSTEM, now)
        for _ in range(INSTANCES):
            first = 2 + chance.randrange(SPREAD)
            waits = {"first": f"PT{first}S", "second": f"PT{first + 1}S"}
            processes.start(definitions.latest("waiting"), waits, SYSTEM, datetime.now(UTC))
    for _ in range(REQUESTS):
        with transaction_of(app):
            submit(datetime.now(UTC) - LONG_AGO)
    dispose(app)
    return made


def test_two_machines_whose_parts_die_do_each_moment_once(
    database: str, machines: list[Stack]
) -> None:
    for machine in machines:
        machine.start(*PARTS)
    with psycopg.connect(conninfo(database), autocommit=True) as connection:
        kill_at_random(machines, connection)
        wait_until(lambda: not left(connection), 60, lambda: describe(connection, machines))
        check_each_fired_once_in_order(connection)
        check_each_began_once(connection)
        check_each_was_climbed_once(connection)
    said = doctor(machines[0])
    assert said.returncode == 0, said.stdout + said.stderr


Connection = psycopg.Connection[Any]


def kill_at_random(machines: list[Stack], connection: Connection) -> None:
    """A part of one machine dies again and again for as long as something is to come."""
    seed = int(os.environ.get("PEYGIR_TEST_SEED", "0")) or random.SystemRandom().randrange(10**6)
    print(f"PEYGIR_TEST_SEED={seed}")  # noqa: T201  # To see the same deaths again.
    chance = random.Random(seed)
    deadline, deaths = time.monotonic() + 4 * SPREAD, 0
    while time.monotonic() < deadline and (deaths < 6 or left(connection)):
        time.sleep(chance.uniform(0.2, 1.2))
        chance.choice(machines).restart(
            *chance.choice([("worker",), ("worker",), ("clock",), PARTS])
        )
        deaths += 1


def left(connection: Connection) -> list[str]:
    """What is still to come, in words."""
    query = """
        SELECT kind || ' ' || key FROM due_moment WHERE due_at <= now() OR kind <> 'sla'
         UNION ALL SELECT task_name || ' ' || status FROM procrastinate_jobs
                    WHERE status <> 'succeeded'
    """
    return [row[0] for row in connection.execute(query)]


def describe(connection: Connection, machines: list[Stack]) -> str:
    logs = [f"--- {part}\n{one.log(part)[-3000:]}" for one in machines for part in PARTS]
    return "\n".join([*left(connection)[:20], *logs])


def check_each_fired_once_in_order(connection: Connection) -> None:
    query = """
        SELECT instance_id, array_agg(data->'cause'->>'element' ORDER BY event.id)
          FROM event WHERE kind = 'step' AND data->'cause'->>'kind' = 'timer' GROUP BY 1
    """
    fired = connection.execute(query).fetchall()
    assert [elements for _, elements in fired] == [["first", "second"]] * INSTANCES
    tasks = "SELECT count(*) FROM user_task WHERE element = 'looked' GROUP BY instance_id"
    assert Counter(connection.execute(tasks).fetchall()) == Counter({(2,): INSTANCES})


def check_each_began_once(connection: Connection) -> None:
    query = """
        SELECT count(instance.id) FROM process_definition d
          LEFT JOIN process_instance instance ON instance.definition_id = d.id
         WHERE d.key LIKE 'begun%' GROUP BY d.key
    """
    assert connection.execute(query).fetchall() == [(1,)] * STARTS


def check_each_was_climbed_once(connection: Connection) -> None:
    """Each step of a ladder has one entry in the history; a promise breaks but once."""
    noted = """
        SELECT request_id, data->>'metric', data->>'step' FROM event
         WHERE kind = 'promise_escalated' ORDER BY 1, 2, 3
    """
    done = """
        SELECT request_id, metric, step FROM sla_step JOIN sla_clock ON sla_clock.id = clock_id
         WHERE step <> 'broken' ORDER BY 1, 2, 3
    """
    climbed = connection.execute(done).fetchall()
    assert connection.execute(noted).fetchall() == climbed
    assert {request for request, *_ in climbed} == set(range(1, REQUESTS + 1))
    broken = """
        SELECT request_id, data->>'metric' FROM event WHERE kind = 'promise_broken'
         GROUP BY 1, 2 HAVING count(*) > 1
    """
    assert connection.execute(broken).fetchall() == []


def doctor(machine: Stack) -> subprocess.CompletedProcess[str]:
    """What ``peygir doctor`` finds on that machine."""
    command = [sys.executable, "-m", "app.cli", "doctor"]
    return subprocess.run(command, cwd=ROOT, env=machine._env(), capture_output=True, text=True)
