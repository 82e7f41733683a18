"""Signals: every instance that waits hears one, in a step of its own, once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text

import bpmn
from app.access import SYSTEM
from app.models import (
    Event,
    ProcessDefinition,
    ProcessInstance,
    SignalDelivery,
    SignalStart,
    SignalSubscription,
    ThrownSignal,
    UserTask,
)
from app.services.deployment import definitions
from app.services.desk import tasks
from app.services.execution import abandoned, agreement, operations, processes, signals
from tests.app.services.story import actor
from tests.bpmn import build
from tests.support.application import transaction_of
from tests.support.clock import MovingClock

GO = build.declare_signal("go")
LISTENER = build.process(
    build.start(), build.user("a", groups="intake"),
    build.boundary("b", "a", build.signal("go"), interrupting=False),
    build.user("heard", groups="intake"), build.end(), build.end("e2"),
    build.flows("start > a > end", "b > heard > e2"), key="listener", before=GO,
)  # fmt: skip
WAITER = build.process(
    build.start(), build.catch("c", build.signal("go")), build.user("z", groups="intake"),
    build.end(), build.flows("start > c > z > end"), key="waiter", before=GO,
)  # fmt: skip
THROWER = build.process(
    build.start(), build.user("ready", groups="intake"),
    build.throw("t", build.signal("go"), build.io(inputs={"price": "=n * 2"})), build.end(),
    build.flows("start > ready > t > end"), key="thrower", before=GO,
)  # fmt: skip

STARTED = build.process(
    build.start("begun", build.signal("go")), build.user("act", groups="intake"), build.end(),
    build.flows("begun > act > end"), key="started", before=GO,
)  # fmt: skip

Begin = Callable[..., int]


@pytest.fixture
def begin(app: Flask, clock: MovingClock) -> Begin:
    """``begin(WAITER)`` starts a process and commits; the id of its instance."""

    def start(source: bytes, at: str | None = None, **variables: Any) -> int:
        with transaction_of(app):
            row = definitions.deploy("x.bpmn", source, actor("admin"), clock())
            return processes.start(row, variables, actor("admin"), clock(), at=at).id

    return start


def complete(app: Flask, instance_id: int, element: str, now: datetime) -> None:
    """Do the only open task of an element."""
    with transaction_of(app) as session:
        query = select(UserTask.id).where(UserTask.instance_id == instance_id)
        task_id = session.scalars(query.where(UserTask.element == element)).one()
        tasks.complete(task_id, {}, actor("narges"), now, language="en")


def stands(app: Flask, instance_id: int) -> list[str]:
    """The open user tasks of an instance, and that its tables agree with its state."""
    with transaction_of(app) as session:
        instance = session.get_one(ProcessInstance, instance_id)
        assert agreement.compare(instance) == []
        open_tasks = select(UserTask.element).where(UserTask.state == "open")
        return sorted(session.scalars(open_tasks.where(UserTask.instance_id == instance_id)))


def count(app: Flask, model: type[Any]) -> int:
    with transaction_of(app) as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_a_thrown_signal_reaches_every_waiting_instance_with_its_values(
    app: Flask, begin: Begin, clock: MovingClock, run_jobs: Callable[[], int]
) -> None:
    waiter, listener, thrower = begin(WAITER), begin(LISTENER), begin(THROWER, n=21)
    complete(app, thrower, "ready", clock())
    later = begin(WAITER)
    assert (stands(app, waiter), stands(app, listener)) == ([], ["a"])
    assert run_jobs() == 2
    assert (stands(app, waiter), stands(app, listener)) == (["z"], ["a", "heard"])
    assert stands(app, later) == []
    with transaction_of(app) as session:
        assert processes.inspect(session.get_one(ProcessInstance, waiter)).variables == {
            "price": 42
        }
        query = select(Event.kind).where(Event.instance_id == waiter).order_by(Event.id)
        assert "signal_caught" in list(session.scalars(query))
    assert (count(app, SignalDelivery), count(app, SignalSubscription)) == (0, 2)


def test_a_job_that_runs_twice_is_heard_once(app: Flask, begin: Begin, clock: MovingClock) -> None:
    listener, thrower = begin(LISTENER), begin(THROWER, n=1)
    complete(app, thrower, "ready", clock())
    with transaction_of(app) as session:
        delivery_id = session.scalars(select(SignalDelivery.id)).one()
        assert signals.deliver(delivery_id, clock())
    with transaction_of(app):
        assert not signals.deliver(delivery_id, clock())
    assert stands(app, listener) == ["a", "heard"]


def test_a_step_that_is_rolled_back_threw_nothing(
    app: Flask, begin: Begin, clock: MovingClock, run_jobs: Callable[[], int]
) -> None:
    listener, thrower = begin(LISTENER), begin(THROWER, n=1)
    with pytest.raises(RuntimeError, match="power cut"), transaction_of(app):
        instance = processes.lock(thrower)
        key = processes.inspect(instance).user_tasks[0].key
        command = bpmn.CompleteTask(key, {})
        processes.advance(instance, command, {"kind": "test"}, SYSTEM, clock())
        raise RuntimeError("power cut")
    assert run_jobs() == 0
    assert stands(app, listener) == ["a"]
    assert count(app, ThrownSignal) == 0


def test_who_stopped_waiting_meanwhile_hears_nothing(
    app: Flask, begin: Begin, clock: MovingClock, run_jobs: Callable[[], int]
) -> None:
    listener, thrower = begin(LISTENER), begin(THROWER, n=1)
    complete(app, thrower, "ready", clock())
    complete(app, listener, "a", clock())
    assert run_jobs() == 1
    assert stands(app, listener) == []
    assert count(app, SignalDelivery) == 0


def test_a_lost_job_is_made_again_and_what_all_have_heard_is_forgotten(
    app: Flask, begin: Begin, clock: MovingClock, run_jobs: Callable[[], int]
) -> None:
    listener, thrower = begin(LISTENER), begin(THROWER, n=1)
    complete(app, thrower, "ready", clock())
    with transaction_of(app) as session:
        session.execute(text("DELETE FROM procrastinate_jobs"))
        abandoned.take_up(clock() + timedelta(hours=2))
    assert run_jobs() == 1
    assert stands(app, listener) == ["a", "heard"]
    with transaction_of(app):
        abandoned.take_up(clock() + timedelta(hours=2))
    assert count(app, ThrownSignal) == 0


def test_a_suspended_instance_hears_it_when_it_is_resumed(
    app: Flask, begin: Begin, clock: MovingClock, run_jobs: Callable[[], int]
) -> None:
    listener, thrower = begin(LISTENER), begin(THROWER, n=1)
    with transaction_of(app):
        operations.suspend(listener, "Looked at.", actor("admin"), clock())
    complete(app, thrower, "ready", clock())
    run_jobs()
    assert stands(app, listener) == ["a"]
    with transaction_of(app):
        operations.resume(listener, "Mended.", actor("admin"), clock())
    run_jobs()
    assert stands(app, listener) == ["a", "heard"]


def runs(app: Flask, key: str) -> list[int]:
    """The instances of a process."""
    with transaction_of(app) as session:
        query = select(ProcessInstance.id).join(ProcessInstance.definition)
        return list(session.scalars(query.where(ProcessDefinition.key == key)))


def test_it_begins_the_processes_that_it_starts_each_once(
    app: Flask, begin: Begin, clock: MovingClock, run_jobs: Callable[[], int]
) -> None:
    thrower = begin(THROWER, n=21)
    with transaction_of(app):
        definitions.deploy("started.bpmn", STARTED, actor("admin"), clock())
    complete(app, thrower, "ready", clock())
    assert runs(app, "started") == []
    with transaction_of(app) as session:
        start_id = session.scalars(select(SignalStart.id)).one()
    assert run_jobs() == 1
    begun = runs(app, "started")
    assert [stands(app, number) for number in begun] == [["act"]]
    with transaction_of(app) as session:
        assert signals.begin(start_id, clock()) is None
        known = processes.inspect(session.get_one(ProcessInstance, begun[0])).variables
        assert known == {"price": 42}


def test_a_process_that_lost_its_job_begins_later(
    app: Flask, clock: MovingClock, run_jobs: Callable[[], int]
) -> None:
    with transaction_of(app) as session:
        definitions.deploy("started.bpmn", STARTED, actor("admin"), clock())
        assert signals.throw("go", {}, actor("admin"), clock()).begun == 1
        session.execute(text("DELETE FROM procrastinate_jobs"))
    with transaction_of(app):
        abandoned.take_up(clock() + timedelta(hours=2))
    assert run_jobs() == 1
    assert len(runs(app, "started")) == 1


class TestFromOutside:
    def test_a_program_tells_all_and_learns_how_many(
        self, app: Flask, begin: Begin, api: Callable[[str], FlaskClient],
        run_jobs: Callable[[], int],
    ) -> None:  # fmt: skip
        waiter, listener = begin(WAITER), begin(LISTENER)
        shown = api("admin").get(f"/api/v1/instances/{waiter}").get_json()
        assert [(one["element"], one["name"]) for one in shown["signals"]] == [("c", "go")]
        partner = api("partner")
        answer = partner.post("/api/v1/signals", json={"name": "go", "variables": {"n": 1}})
        assert (answer.status_code, answer.get_json()) == (202, {"reached": 2, "begun": 0})
        run_jobs()
        assert (stands(app, waiter), stands(app, listener)) == (["z"], ["a", "heard"])
        assert partner.post("/api/v1/signals", json={"name": "went"}).get_json()["reached"] == 0

    def test_the_same_key_throws_once(
        self, app: Flask, begin: Begin, api: Callable[[str], FlaskClient],
        run_jobs: Callable[[], int],
    ) -> None:  # fmt: skip
        listener, partner = begin(LISTENER), api("partner")
        for _ in range(2):
            answer = partner.post(
                "/api/v1/signals", json={"name": "go"}, headers={"Idempotency-Key": "k"}
            )
            assert (answer.status_code, answer.get_json()["reached"]) == (202, 1)
        run_jobs()
        assert stands(app, listener) == ["a", "heard"]

    def test_a_name_is_needed(self, api: Callable[[str], FlaskClient]) -> None:
        answer = api("partner").post("/api/v1/signals", json={"name": " "})
        assert answer.status_code == 422


def test_processes_that_wake_each_other_come_to_an_end(
    app: Flask, begin: Begin, run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.services.execution.broadcasts.GENERATIONS", 5)
    again = build.process(
        build.start("begun", build.signal("go")), build.throw("t", build.signal("go")),
        build.end(), build.flows("begun > t > end"), key="again", before=GO,
    )  # fmt: skip
    begin(again, at="begun")
    for _ in range(10):
        run_jobs()
    assert count(app, ProcessInstance) == 6
    with transaction_of(app) as session:
        stopped = session.scalars(select(Event).where(Event.kind == "signal_stopped")).all()
        assert [one.data for one in stopped] == [{"signal": "go", "why": "generations"}]
        assert session.scalars(select(ThrownSignal.generation)).all()[-1] == 4


DOUBLING = build.process(
    build.start("begun", build.signal("go")), build.throw("t", build.signal("go")),
    build.throw("u", build.signal("go")), build.end(), build.flows("begun > t > u > end"),
    key="doubling", before=GO,
)  # fmt: skip


def run_out(run_jobs: Callable[[], int]) -> None:
    """Run jobs until none is left."""
    while run_jobs():
        pass


class TestASignalThatDoubles:
    """What one signal may lead to is counted over the whole chain, however it branches."""

    def test_is_stopped_after_so_many_and_says_so(
        self, app: Flask, begin: Begin, run_jobs: Callable[[], int],
        monkeypatch: pytest.MonkeyPatch, login: Callable[[str], FlaskClient],
    ) -> None:  # fmt: skip
        monkeypatch.setattr("app.services.execution.broadcasts.REACH", 20)
        begin(DOUBLING, at="begun")
        run_out(run_jobs)
        # Two of the first, whose doing is counted: twice ten of their own.
        assert count(app, ProcessInstance) == 1 + 2 + 2 * 20
        assert (count(app, SignalStart), count(app, SignalDelivery)) == (0, 0)
        with transaction_of(app) as session:
            stopped = session.scalars(select(Event).where(Event.kind == "signal_stopped")).all()
            assert {one.data["why"] for one in stopped} == {"reach"}
            assert session.scalar(select(func.count()).where(ProcessInstance.has_fault)) == 0
            instance_id = stopped[0].instance_id
        page = login("admin").get(f"/instances/{instance_id}").get_data(as_text=True)
        assert "یک سیگنال بی‌وقفه به سیگنال‌های بیشتر" in page or "one signal led to more" in page

    def test_is_counted_also_when_some_were_heard_long_ago(
        self, app: Flask, begin: Begin, run_jobs: Callable[[], int],
        monkeypatch: pytest.MonkeyPatch, clock: MovingClock,
    ) -> None:  # fmt: skip
        monkeypatch.setattr("app.services.execution.broadcasts.REACH", 20)
        begin(DOUBLING, at="begun")
        for _ in range(100):
            clock.move(hours=2)
            with transaction_of(app):
                abandoned.take_up(clock())
            if not run_jobs():
                break
        assert count(app, ProcessInstance) == 1 + 2 + 2 * 20
        clock.move(hours=2)
        with transaction_of(app):
            abandoned.take_up(clock())
        assert count(app, ThrownSignal) == 0

    def test_the_first_signal_reaches_everybody_who_waits(
        self, app: Flask, begin: Begin, run_jobs: Callable[[], int],
        monkeypatch: pytest.MonkeyPatch, clock: MovingClock,
    ) -> None:  # fmt: skip
        monkeypatch.setattr("app.services.execution.broadcasts.REACH", 1)
        waiting = [begin(WAITER) for _ in range(3)]
        complete(app, begin(THROWER, n=1), "ready", clock())
        run_out(run_jobs)
        assert [stands(app, one) for one in waiting] == [["z"]] * 3
