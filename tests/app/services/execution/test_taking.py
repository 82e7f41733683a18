"""Workers take service tasks from their table: each once, in order, and none is lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import Context
from typing import Any
from unittest.mock import DEFAULT, patch

import pytest
from flask import Flask
from procrastinate.exceptions import ConnectorException
from sqlalchemy import Executable, text

from app import work_sending
from app.access import SYSTEM
from app.services.deployment import definitions
from app.services.execution import job_rows, processes, service_jobs, suspension, taking
from app.takers import Bell, Takers
from app.worker import perform
from tests.bpmn.build import end, flows, gateway, io, process, service, start
from tests.support.application import WORKER, transaction_of
from tests.support.clock import MovingClock
from tests.support.patience import wait_until

MAIL = io(inputs={"to": '="a@example.com"', "subject": '="Hello"', "body": '="Well?"'})


def letter(name: str) -> str:
    return service(name, MAIL, kind="email")


ONE = process(start(), letter("send"), end(), flows("start > send > end"), key="one")
TWO = process(
    start(), gateway("parallel", "split"), letter("first"), letter("second"),
    gateway("parallel", "join"), end(),
    flows("start > split", "split > first > join", "split > second > join", "join > end"),
    key="two",
)  # fmt: skip

Begin = Callable[..., list[int]]


@pytest.fixture
def begin(app: Flask, clock: MovingClock) -> Begin:
    """``begin(3)`` begins so many instances with a letter each; ``begin(1, TWO)`` with two."""

    def start_all(count: int, source: bytes = ONE) -> list[int]:
        with transaction_of(app):
            row = definitions.deploy("p.bpmn", source, SYSTEM, clock())
            return [processes.start(row, {}, SYSTEM, clock()).id for _ in range(count)]

    return start_all


def ask(app: Flask, query: str, **values: Any) -> list[tuple[Any, ...]]:
    with transaction_of(app) as session:
        result = session.execute(text(query), values)
        return [tuple(row) for row in result] if result.returns_rows else []  # type: ignore[attr-defined]


def take(app: Flask, worker: int = WORKER) -> taking.Claim | None:
    def act() -> taking.Claim | None:
        with app.app_context():
            return work_sending.take_service_job(worker, lambda: None).claim

    return Context().run(act)


@contextmanager
def alone() -> Iterator[None]:
    """Each task is taken by a look of its own, as where so many were done in a row."""
    with patch("app.work_sending.MOST_IN_A_ROW", 1):
        yield


def jobs_of(app: Flask) -> list[tuple[Any, ...]]:
    return ask(app, "SELECT element, state, taken_by FROM service_job ORDER BY id")


def waiting(app: Flask) -> list[tuple[Any, ...]]:
    return ask(
        app, "SELECT task_name, (args->>'job_id')::bigint, lock FROM procrastinate_jobs ORDER BY id"
    )


@contextmanager
def begun(app: Flask, worker: int = WORKER) -> Iterator[int]:
    """The first waiting task is taken and not settled yet, as while its letter is sent."""
    with transaction_of(app):
        claim = taking.claim()
        assert claim is not None
        assert service_jobs.begin(claim.job_id, NOW(), worker=worker, claim=claim)
    yield claim.job_id


NOW = MovingClock()


def test_what_is_taken_is_done_without_a_job_in_the_queue(app: Flask, begin: Begin) -> None:
    begin(1)
    assert jobs_of(app) == [("send", "queued", None)]
    assert take(app) is not None
    assert take(app) is None
    assert jobs_of(app) == [("send", "done", WORKER)]
    assert ask(app, "SELECT status FROM process_instance") == [("completed",)]
    assert waiting(app) == []


@pytest.mark.parametrize("question", [taking._CLAIM, taking._ANY])
def test_what_waits_is_found_by_its_index(app: Flask, question: Executable) -> None:
    with transaction_of(app) as session:
        # A plan that serves for all values is made of the text alone.
        asked = str(question.compile(dialect=session.connection().dialect))  # type: ignore[attr-defined]
        session.execute(text("SET LOCAL enable_seqscan = off"))
        session.execute(text("SET LOCAL enable_bitmapscan = off"))
        asked = re.sub(r"%\(\w+\)s", "$1", asked)
        plan = session.connection().exec_driver_sql(f"EXPLAIN (GENERIC_PLAN) {asked}").scalars()
        assert "ix_service_job_untaken" in "\n".join(plan)


def test_several_at_once_take_each_once(app: Flask, begin: Begin) -> None:
    begin(12)

    def take_all(_: int) -> int:
        return sum(1 for _ in iter(lambda: take(app), None))

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(take_all, range(4))) == 12
    assert ask(app, "SELECT count(*), max(attempts) FROM service_job") == [(12, 1)]
    assert ask(app, "SELECT count(*) FROM delivery WHERE state = 'accepted'") == [(12,)]


def test_tasks_of_one_instance_are_taken_one_after_the_other(app: Flask, begin: Begin) -> None:
    begin(1, TWO)
    other = begin(1)
    with begun(app) as first:
        assert [row[2] for row in jobs_of(app)] == [WORKER, None, None]
        assert take(app) is not None
        assert take(app) is None
        assert ask(app, "SELECT status FROM process_instance WHERE id = :id", id=other[0]) == [
            ("completed",)
        ]
        with transaction_of(app):
            service_jobs.settle(first, results_of(first), NOW())
    assert take(app) is not None
    assert [row[1] for row in jobs_of(app)] == ["done", "done", "done"]


def results_of(job_id: int) -> list[service_jobs.Result]:
    rows = job_rows.letters_of(job_id)
    return [service_jobs.Result(row.id, None) for row in rows]


def test_an_instance_that_is_at_work_is_passed_over(app: Flask, begin: Begin) -> None:
    one, two = begin(2)
    with transaction_of(app):
        processes.lock(one)
        assert (claim := take(app)) is not None
        assert claim.held.instance.id == two
        assert take(app) is None
    assert take(app) is not None


def test_what_another_one_took_meanwhile_is_left_to_him(app: Flask, begin: Begin) -> None:
    begin(1)
    with begun(app) as job_id, transaction_of(app):
        assert service_jobs.begin(job_id, NOW(), worker=WORKER + 1) == []
        assert service_jobs.begin(job_id, NOW()) == []


def test_what_a_silent_worker_had_taken_gets_a_job_of_its_own(app: Flask, begin: Begin) -> None:
    begin(1)
    with begun(app) as job_id:
        with transaction_of(app):
            assert taking.give_back(15, WORKER) == []
        dead = "INSERT INTO procrastinate_workers (id, last_heartbeat) OVERRIDING SYSTEM VALUE"
        ask(app, f"{dead} VALUES (:id, now())", id=WORKER)
        with transaction_of(app):
            assert taking.give_back(15, WORKER + 1) == []
        ask(app, "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '20 s'")
        with transaction_of(app):
            assert taking.give_back(15, WORKER + 1) == [job_id]
    [(instance,)] = ask(app, "SELECT id FROM process_instance")
    assert waiting(app) == [("run_service_job", job_id, f"instance:{instance}")]
    assert take(app) is None
    Context().run(perform, app, "run_service_job", job_id=job_id)
    assert jobs_of(app) == [("send", "done", taking.QUEUE)]
    assert ask(app, "SELECT count(*) FROM delivery") == [(1,)]


def test_the_first_ones_are_set_apart_when_one_may_have_brought_a_worker_down(
    app: Flask, begin: Begin
) -> None:
    begin(taking.SUSPECTS + 1)
    with transaction_of(app):
        assert len(taking.set_first_apart()) == taking.SUSPECTS
    assert len(waiting(app)) == taking.SUSPECTS
    assert take(app) is not None
    assert take(app) is None


def test_one_that_crashes_gets_a_job_of_its_own(app: Flask, begin: Begin) -> None:
    begin(2)
    with patch("app.services.execution.service_jobs.settle", side_effect=ZeroDivisionError):
        with pytest.raises(work_sending.Crashed) as crash:
            take(app)
    with transaction_of(app):
        taking.set_apart(crash.value.job_ids[0])
    assert [row[:2] for row in waiting(app)] == [("run_service_job", *crash.value.job_ids)]
    assert take(app) is not None
    assert take(app) is None
    assert [row[1:] for row in jobs_of(app)] == [("queued", taking.QUEUE), ("done", WORKER)]


def test_a_suspended_instance_is_passed_over_until_its_resume(
    app: Flask, begin: Begin, clock: MovingClock
) -> None:
    [one] = begin(1)
    with transaction_of(app):
        suspension.suspend(processes.lock(one), "a test", SYSTEM, clock())
    assert take(app) is None
    with transaction_of(app):
        assert not taking.is_any_waiting()
        suspension.resume(processes.lock(one), "a test", SYSTEM, clock())
        assert taking.is_any_waiting()
    assert take(app) is not None


def test_one_that_was_suspended_while_its_letter_was_sent_is_taken_again_after_the_resume(
    app: Flask, begin: Begin, clock: MovingClock
) -> None:
    [one] = begin(1)
    with begun(app) as job_id:
        with transaction_of(app):
            suspension.suspend(processes.lock(one), "a test", SYSTEM, clock())
        with transaction_of(app):
            service_jobs.settle(job_id, results_of(job_id), clock())
    assert jobs_of(app) == [("send", "queued", None)]
    with transaction_of(app):
        suspension.resume(processes.lock(one), "a test", SYSTEM, clock())
    assert take(app) is not None
    assert jobs_of(app) == [("send", "done", WORKER)]
    assert ask(app, "SELECT count(*) FROM delivery") == [(1,)]


def test_threads_take_what_is_announced_and_what_was_locked(app: Flask, begin: Begin) -> None:
    [locked] = begin(1)
    takers = Takers(app, app.extensions["peygir.settings"].conninfo, 2)
    with transaction_of(app):
        processes.lock(locked)
        takers.start(WORKER)
        begin(1)
        wait_until(lambda: [row[1] for row in jobs_of(app)] == ["queued", "done"], 20)
    try:
        wait_until(lambda: [row[1] for row in jobs_of(app)] == ["done", "done"], 20)
    finally:
        takers.end()
        takers.join(60)


def test_a_thread_that_crashed_sets_the_task_apart_and_goes_on(app: Flask, begin: Begin) -> None:
    takers = Takers(app, app.extensions["peygir.settings"].conninfo, 1)
    with patch("app.services.execution.service_jobs.settle", side_effect=ZeroDivisionError):
        takers.start(WORKER)
        begin(1)
        wait_until(lambda: len(waiting(app)) == 1, 20)
    try:
        begin(1)
        wait_until(lambda: [row[1] for row in jobs_of(app)] == ["queued", "done"], 20)
    finally:
        takers.end()
        takers.join(60)


def test_a_ring_is_kept_for_a_thread_that_is_busy() -> None:
    bell = Bell(1)
    bell.ring()
    bell.ring()
    assert bell.wait()
    bell.end()
    assert not bell.wait()
    assert not bell.pause(30)


def test_a_task_is_set_apart_though_the_queue_refuses_at_first(app: Flask, begin: Begin) -> None:
    begin(1)
    [(job_id,)] = ask(app, "SELECT id FROM service_job")
    takers = Takers(app, "", 1)
    refusing = [ConnectorException("refused"), DEFAULT]
    with (
        patch("app.takers.AWAY", 0.0),
        patch("app.work_sending.set_service_jobs_apart", side_effect=refusing,
              wraps=work_sending.set_service_jobs_apart) as asked,
    ):  # fmt: skip
        Context().run(takers._set_apart, [job_id])
    assert asked.call_count == 2
    assert [row[:2] for row in waiting(app)] == [("run_service_job", job_id)]
