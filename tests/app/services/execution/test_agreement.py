"""Whatever process runs and whatever happens in it, the tables say what the engine's state says."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields
from itertools import count
from random import Random
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import bpmn
from app.errors import Invalid, OperationRefused
from app.models import DueMoment, ProcessInstance, ServiceJob, Subscription, UserTask
from app.services.deployment import definitions
from app.services.execution import (
    agreement,
    diagrams,
    faults,
    held,
    listening,
    operations,
    processes,
)
from tests.app.services.story import actor
from tests.bpmn.blocks import process
from tests.bpmn.random_blocks import large
from tests.bpmn.test_properties import VARIABLES, next_command
from tests.support.clock import MovingClock

STEPS = 40
TOLD = tuple(field.name for field in fields(bpmn.Outcome))
DESK, INTAKE = b'candidateGroups="desk"', b'candidateGroups="intake"'
WORK, MAIL = b'type="work"', b'type="email"'


def begin(seed: int, clock: MovingClock) -> ProcessInstance:
    """An instance of a random process, with all that it calls deployed before it."""
    block = large(seed, 12)(count(1))
    row = None
    for source in (*block.called, process(block)):
        known = source.replace(DESK, INTAKE).replace(WORK, MAIL)
        row = definitions.deploy(f"{seed}.bpmn", known, actor("admin"), clock())
    assert row is not None
    return processes.start(row, VARIABLES, actor("admin"), clock())


def keys(session: Session, instance: ProcessInstance) -> tuple[set[str], ...]:
    """What three of the tables hold for people, clocks and messages."""
    queries = (
        select(UserTask.key).where(UserTask.instance_id == instance.id, UserTask.state == "open"),
        select(DueMoment.key).where(DueMoment.instance_id == instance.id),
        select(Subscription.key).where(Subscription.instance_id == instance.id),
    )
    return tuple(set(session.scalars(query)) for query in queries)


def finish(
    session: Session, instance: ProcessInstance, command: bpmn.Command, clock: MovingClock
) -> None:
    """The row of the task or job that a command completes ends with whoever completes it."""
    if isinstance(command, bpmn.CompleteTask):
        task = session.scalars(_row(UserTask, instance, command.key)).one()
        task.state, task.ended_at = "completed", clock()
    elif isinstance(command, bpmn.CompleteJob):
        job = session.scalars(_row(ServiceJob, instance, command.key)).one()
        job.state, job.ended_at = "done", clock()


def _row(table: Any, instance: ProcessInstance, key: str) -> Any:
    return select(table).where(table.instance_id == instance.id, table.key == key)


@pytest.mark.parametrize("seed", range(10))
def test_the_tables_say_what_the_state_says(
    session: Session, clock: MovingClock, seed: int
) -> None:
    instance, chance = begin(seed, clock), Random(seed)
    for _ in range(STEPS):
        session.flush()
        outcome = processes.inspect(instance)
        found = diagrams.of(instance)
        fresh = bpmn.inspect(found.own, instance.state, deployed=found)
        assert [part for part in TOLD if getattr(outcome, part) != getattr(fresh, part)] == []
        waiting = (outcome.user_tasks, outcome.timers, outcome.messages)
        assert keys(session, instance) == tuple({w.key for w in part} for part in waiting)
        assert agreement.compare(instance) == []
        if instance.status != "active":
            break
        clock.move(minutes=10)
        command = next_command(outcome, chance)
        finish(session, instance, command, clock)
        processes.advance(instance, command, {"kind": "test"}, actor("admin"), clock())


@pytest.mark.parametrize("seed", range(6))
def test_nothing_that_an_operator_does_leaves_a_row_behind(
    session: Session, clock: MovingClock, seed: int
) -> None:
    """Whatever is done by hand, between whatever goes on by itself, suspended or not."""
    instance, chance = begin(seed, clock), Random(seed)
    admin = actor("admin")
    for _ in range(STEPS):
        session.flush()
        assert agreement.compare(instance) == []
        if instance.status != "active":
            break
        clock.move(minutes=10)
        with suppress(OperationRefused, Invalid), session.begin_nested():
            operate(session, instance, chance, clock)
    if instance.status == "active":
        operations.cancel(instance.id, "over", admin, clock())
        session.flush()
    assert agreement.compare(instance) == []
    assert held.first(instance.id) is None


def operate(
    session: Session, instance: ProcessInstance, chance: Random, clock: MovingClock
) -> None:
    """One act of an operator, or of whoever else."""
    outcome, admin, now = processes.inspect(instance), actor("admin"), clock()
    acts: dict[str, Callable[[], object]] = {
        "step": lambda: go_on(session, instance, outcome, chance, clock),
        "move": lambda: move(instance, outcome, chance, clock),
        "suspend": lambda: operations.suspend(instance.id, "", admin, now),
        "resume": lambda: operations.resume(instance.id, "", admin, now),
        "message": lambda: tell(instance, outcome, chance, clock),
        "set": lambda: operations.change_variables(
            instance.id, {"n": chance.choice([0, 7, "many"])}, None, "", admin, now
        ),
        "fault": lambda: mend(instance, chance, clock),
    }
    acts[chance.choice(("step", "step", *acts))]()


def go_on(
    session: Session, instance: ProcessInstance, outcome: bpmn.Outcome, chance: Random,
    clock: MovingClock,
) -> None:  # fmt: skip
    parts = (outcome.user_tasks, outcome.jobs, outcome.timers, outcome.messages, outcome.signals)
    if instance.suspended_at is None and any(parts):
        command = next_command(outcome, chance)
        finish(session, instance, command, clock)
        processes.advance(instance, command, {"kind": "test"}, actor("admin"), clock())


def move(
    instance: ProcessInstance, outcome: bpmn.Outcome, chance: Random, clock: MovingClock
) -> None:
    place = chance.choice(outcome.places)
    known = sorted(definitions.load(instance.definition_id).elements)
    operations.move(instance.id, place.key, chance.choice(known), "", actor("admin"), clock())


def tell(
    instance: ProcessInstance, outcome: bpmn.Outcome, chance: Random, clock: MovingClock
) -> None:
    if outcome.messages:
        one = chance.choice(outcome.messages)
        message, key = one.message, one.correlation or ""
        listening.deliver_to(instance.id, message, key, {}, actor("admin"), clock())


def mend(instance: ProcessInstance, chance: Random, clock: MovingClock) -> None:
    for fault in faults.of_instance(instance.id):
        if fault.resolved_at is None:
            act = chance.choice((faults.retry, faults.skip))
            act(fault.id, {"n": 1}, actor("admin"), clock())
            return
