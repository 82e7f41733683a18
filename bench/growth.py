"""What a long life costs: loops that turn and collections that are worked through, to their end.

Every step is taken as the services take it: from the stored bytes to the new ones.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import select

import bpmn
from app.access import SYSTEM
from app.db import session, transaction
from app.memory import settle_memory
from app.models import UserTask
from app.services.accounts import people
from app.services.deployment import definitions
from app.services.desk import tasks
from app.services.execution import processes
from bench import notes
from bench.figure import Figure
from bench.stage import stage

DIAGRAMS = Path(__file__).with_name("diagrams")
NOW = datetime(2026, 5, 2, 6, 0, tzinfo=UTC)
RUNS = 3
TURNS = 10_000
EARLY, LATE = slice(100, 200), slice(TURNS - 100, TURNS)
FEW = 100
SEQUENTIAL, PARALLEL = 2_000, 500


def measure_loop() -> Iterator[Figure]:
    """``loop_growth`` and ``loop_state_kb``."""
    growths, largest = [], 0
    for _ in range(RUNS):
        seconds, size = _turn()
        growths.append(sum(seconds[LATE]) / sum(seconds[EARLY]))
        largest = max(largest, size)
    notes.tell(f"loop: {TURNS} turns, growth {', '.join(f'{one:.2f}' for one in growths)}")
    yield Figure("loop_growth", median(growths))
    yield Figure("loop_state_kb", largest / 1024)


def _turn() -> tuple[list[float], int]:
    """The processor time of each turn of a review that is never good, and the largest state."""
    definition = _definition("review-loop")
    outcome = bpmn.start(definition, {"subject": "A refrigerator"}, NOW)
    seconds, largest = [], 0
    for _ in range(TURNS):
        began = time.thread_time()
        outcome = _complete(definition, outcome, {"good": False})
        seconds.append(time.thread_time() - began)
        largest = max(largest, len(outcome.state))
    return seconds, largest


def measure_items() -> Iterator[Figure]:
    """``mi_sequential_growth`` and ``mi_parallel_growth``."""
    with stage() as on, on.app.app_context():
        settle_memory()
        for kind, many in (("sequential", SEQUENTIAL), ("parallel", PARALLEL)):
            with transaction():
                definitions.deploy(f"items-{kind}.bpmn", _source(f"items-{kind}"), SYSTEM, NOW)
            pairs = [(_per_item(kind, FEW), _per_item(kind, many)) for _ in range(RUNS)]
            told = ", ".join(f"{few * 1e3:.2f} and {full * 1e3:.2f}" for few, full in pairs)
            notes.tell(f"{kind}: ms for each of {FEW} and of {many} items: {told}")
            yield Figure(f"mi_{kind}_growth", median(full / few for few, full in pairs))


def _per_item(kind: str, count: int) -> float:
    """The time for each item, from the start of the instance to its end.

    Each item is one user task, completed as the desk does: read, checked, stepped and saved on
    PostgreSQL in a transaction of its own.
    """
    began = time.perf_counter()
    with transaction():
        row = definitions.latest(f"items_{kind}")
        instance = processes.start(row, {"items": list(range(count))}, SYSTEM, NOW)
        desk = people.actor_of(people.by_login("sara"))
    while (task := _open_task(instance.id)) is not None:
        with transaction():
            tasks.complete(task, {}, desk, NOW, language="en")
        # A session of its own for each task, as each request has.
        session().expunge_all()
    taken = time.perf_counter() - began
    if processes.inspect(processes.find(instance.id)).variables["results"] != list(range(count)):
        raise RuntimeError("the results are not what was given")
    return taken / count


def _open_task(instance_id: int) -> int | None:
    query = select(UserTask.id).where(UserTask.instance_id == instance_id)
    return session().scalar(query.where(UserTask.state == "open").order_by(UserTask.id).limit(1))


def _complete(
    definition: bpmn.Definition, outcome: bpmn.Outcome, given: Mapping[str, Any]
) -> bpmn.Outcome:
    task = outcome.user_tasks[0]
    return bpmn.step(definition, outcome.state, bpmn.CompleteTask(task.key, given), NOW)


def _definition(name: str) -> bpmn.Definition:
    return bpmn.parse(_source(name), f"{name}.bpmn")


def _source(name: str) -> bytes:
    return (DIAGRAMS / f"{name}.bpmn").read_bytes()
