"""Jobs join the caller's transaction, are kept from doubling, and are taken up again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import Context
from datetime import timedelta
from unittest.mock import patch

import pytest
from flask import Flask
from procrastinate.exceptions import ConnectorException
from procrastinate.manager import JobManager
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from app import jobs, rescue
from app.away import is_away
from app.config import Settings
from app.db import transaction
from app.job_queue import Retry
from app.models import Fault, Interaction, ServiceJob
from app.services.execution import taking
from app.takers import Takers
from app.worker import _perform_ours, _work, give_up, make_queue
from tests.app.services.story import submit
from tests.support.application import transaction_of
from tests.support.clock import MovingClock


def names(app: Flask) -> list[str]:
    with transaction_of(app) as session:
        return list(session.scalars(text("SELECT task_name FROM procrastinate_jobs ORDER BY id")))


def status(app: Flask, number: int | None) -> str:
    with transaction_of(app) as session:
        query = text("SELECT status::text FROM procrastinate_jobs WHERE id = :number")
        return str(session.scalar(query, {"number": number}))


def take_up(session: Session, number: int | None, *, silent_for: float) -> None:
    """As a worker takes a job, and then falls silent."""
    worker = session.scalar(
        text(
            "INSERT INTO procrastinate_workers (last_heartbeat)"
            " VALUES (now() - make_interval(secs => :seconds)) RETURNING id"
        ),
        {"seconds": silent_for},
    )
    session.execute(
        text("UPDATE procrastinate_jobs SET status = 'doing', worker_id = :worker WHERE id = :job"),
        {"worker": worker, "job": number},
    )


def test_a_job_appears_with_the_commit(app: Flask) -> None:
    with app.app_context(), transaction():
        jobs.defer(jobs.FIRE_TIMER, moment_id=1)
        assert names_seen_from_outside(app) == []
    assert names(app) == ["fire_timer"]


def names_seen_from_outside(app: Flask) -> list[str]:
    return Context().run(names, app)


def test_a_rollback_takes_the_job_with_it(app: Flask) -> None:
    with pytest.raises(ZeroDivisionError), transaction_of(app):
        jobs.defer(jobs.FIRE_TIMER, moment_id=1)
        raise ZeroDivisionError
    assert names(app) == []


def test_a_queueing_lock_keeps_a_second_job_away_and_the_transaction_whole(app: Flask) -> None:
    with transaction_of(app):
        first = jobs.defer(jobs.SEND_DELIVERY, queueing_lock="delivery:7", delivery_id=7)
        second = jobs.defer(jobs.SEND_DELIVERY, queueing_lock="delivery:7", delivery_id=7)
        third = jobs.defer(jobs.SEND_DELIVERY, delivery_id=8)
    assert first is not None and second is None and third is not None
    assert len(names(app)) == 2


def test_jobs_of_one_lock_are_done_one_after_the_other(app: Flask) -> None:
    with transaction_of(app) as session:
        first = jobs.defer(jobs.SEND_DELIVERY, lock="instance:1", delivery_id=1)
        second = jobs.defer(jobs.SEND_DELIVERY, lock="instance:1", delivery_id=2)
        other = jobs.defer(jobs.SEND_DELIVERY, lock="instance:2", delivery_id=3)
        worker = session.scalar(
            text("INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id")
        )
        fetch = text("SELECT id FROM procrastinate_fetch_job_v2(NULL, :worker)")
        taken = [session.scalar(fetch, {"worker": worker}) for _ in range(3)]
        assert taken == [first, other, None]
        done = text("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = :job")
        session.execute(done, {"job": first})
        assert session.scalar(fetch, {"worker": worker}) == second


def test_a_delayed_job_waits_for_its_moment(
    app: Flask, clock: MovingClock, run_jobs: Callable[[], int]
) -> None:
    with transaction_of(app):
        number = jobs.defer(jobs.FIRE_TIMER, at=clock() + timedelta(hours=1), moment_id=404)
    assert run_jobs() == 0
    clock.move(hours=2)
    assert run_jobs() == 1
    assert status(app, number) == "succeeded"


def test_the_job_of_a_silent_worker_is_put_back(app: Flask) -> None:
    with transaction_of(app) as session:
        number = jobs.defer(jobs.FIRE_TIMER, moment_id=1)
        take_up(session, number, silent_for=60)
    with transaction_of(app):
        assert jobs.rescue(15) == [number]
    assert status(app, number) == "todo"


def test_the_job_of_a_living_worker_is_left_alone(app: Flask) -> None:
    with transaction_of(app) as session:
        number = jobs.defer(jobs.FIRE_TIMER, moment_id=1)
        take_up(session, number, silent_for=5)
    with transaction_of(app):
        assert jobs.rescue(15) == []
    assert status(app, number) == "doing"


def test_two_dead_jobs_of_one_queueing_lock_and_a_new_one_become_one(app: Flask) -> None:
    with transaction_of(app) as session:
        other = jobs.defer(jobs.FIRE_TIMER, moment_id=1)
        take_up(session, other, silent_for=60)
    dead = []
    for _ in range(2):
        with transaction_of(app) as session:
            dead.append(jobs.defer(jobs.ADVANCE_MAILING, queueing_lock="mailing:1", mailing_id=1))
            take_up(session, dead[-1], silent_for=60)
    with transaction_of(app):
        assert jobs.defer(jobs.ADVANCE_MAILING, queueing_lock="mailing:1", mailing_id=1)
    with transaction_of(app):
        assert jobs.rescue(15) == [other, *dead]
    with transaction_of(app) as session:
        left = session.execute(
            text("SELECT id, status::text, attempts FROM procrastinate_jobs ORDER BY id")
        )
        # The one that stays was begun before, which tells it from a new one.
        assert [tuple(row) for row in left] == [(other, "todo", 1), (dead[1], "todo", 1)]


def test_a_job_that_brings_every_worker_down_is_given_up(app: Flask) -> None:
    with transaction_of(app) as session:
        number = jobs.defer(jobs.FIRE_TIMER, moment_id=1)
        take_up(session, number, silent_for=60)
        session.execute(text("UPDATE procrastinate_jobs SET attempts = 20"))
    with transaction_of(app):
        jobs.rescue(15)
    assert status(app, number) == "failed"


def test_a_job_is_done_with_its_last_transaction(app: Flask) -> None:
    with transaction_of(app) as session:
        number = jobs.defer(jobs.FIRE_TIMER, moment_id=1)
        take_up(session, number, silent_for=0)
        worker = session.scalar(text("SELECT worker_id FROM procrastinate_jobs"))
    taken = jobs.Running(number or 0, worker)
    with pytest.raises(ZeroDivisionError), transaction_of(app), jobs.carrying_out(taken):
        jobs.finish()
        raise ZeroDivisionError
    assert status(app, number) == "doing"
    with transaction_of(app), jobs.carrying_out(taken):
        jobs.finish()
    assert taken.is_done
    assert status(app, number) == "succeeded"


def test_a_job_that_another_worker_took_over_is_not_finished_by_the_first(app: Flask) -> None:
    with transaction_of(app) as session:
        number = jobs.defer(jobs.FIRE_TIMER, moment_id=1)
        take_up(session, number, silent_for=0)
    taken = jobs.Running(number or 0, -1)
    with transaction_of(app), jobs.carrying_out(taken):
        jobs.finish()
    assert not taken.is_done
    assert status(app, number) == "doing"


def test_a_customer_is_told_once_though_the_job_was_given_to_another_worker(
    app: Flask, clock: MovingClock
) -> None:
    with transaction_of(app) as session:
        request_id = submit(clock()).id
        before = session.scalar(select(func.count(Interaction.id)))
        words = {"question": "Why?", "answer_by": "x"}
        template = "complaint-reminder"
        number = jobs.defer(
            jobs.TELL_CUSTOMER, request_id=request_id, template=template, variables=words
        )
        take_up(session, number, silent_for=0)
        worker = session.scalar(text("SELECT worker_id FROM procrastinate_jobs"))
    for owner, told in ((-1, 0), (worker, 1)):
        taken = jobs.Running(number or 0, owner)
        with jobs.carrying_out(taken):
            _perform_ours(app, taken, jobs.TELL_CUSTOMER, request_id=request_id,
                          template=template, variables=words)  # fmt: skip
        assert taken.is_done
        with transaction_of(app) as session:
            assert session.scalar(select(func.count(Interaction.id))) == (before or 0) + told
        assert status(app, number) == ("succeeded" if told else "doing")


def test_the_worker_sends_a_letter_and_finishes_its_job_once(
    app: Flask, clock: MovingClock, caplog: pytest.LogCaptureFixture
) -> None:
    with transaction_of(app) as session:
        submit(clock())
        session.flush()
        taking.set_first_apart()
    # In a thread of its own, since a browser test of the same process may keep a loop running here.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(_work_until_nothing_waits(app))).result()
    with transaction_of(app) as session:
        ends = select(ServiceJob.state)
        assert set(session.scalars(ends)) == {"done"}
        told = text("SELECT type::text FROM procrastinate_events ORDER BY id")
        assert list(session.scalars(told)) == ["deferred", "started", "succeeded"]
    assert [line.message for line in caplog.records if line.levelno >= logging.WARNING] == []


def test_the_queue_is_not_asked_again_when_it_told_that_it_is_empty(app: Flask) -> None:
    with app.app_context(), transaction():
        first, second = (jobs.defer("send_delivery", delivery_id=number) for number in (1, 2))
    # In a thread of its own, since a browser test of the same process may keep a loop running here.
    with ThreadPoolExecutor(1) as pool:
        taken, asked = pool.submit(lambda: asyncio.run(_take_four(app))).result()
    assert taken == [first, second, None, None]
    assert asked == 3, "after the second job, and again once one was announced"


async def _take_four(app: Flask) -> tuple[list[int | None], int]:
    settings: Settings = app.extensions["peygir.settings"]
    async with make_queue(app, settings.conninfo).open_async() as queue:
        manager = queue.job_manager
        worker = await manager.register_worker()
        with patch.object(
            manager.connector, "execute_query_one_async",
            wraps=manager.connector.execute_query_one_async,
        ) as asked:  # fmt: skip
            taken = [await manager.fetch_job(None, worker) for _ in range(3)]
            await _announce(manager)
            taken.append(await manager.fetch_job(None, worker))
        return [job.id if job else None for job in taken], asked.await_count


async def _announce(manager: JobManager) -> None:
    """Let the manager hear of a job, as the server would tell it."""

    async def tell(on_notification: Callable[..., Awaitable[None]], **_: object) -> None:
        await on_notification(channel="any", payload='{"type": "job_inserted", "job_id": 9}')

    async def hear(**_: object) -> None:
        pass

    with patch.object(manager.connector, "listen_notify", tell):
        await manager.listen_for_jobs(on_notification=hear)


async def _work_until_nothing_waits(app: Flask) -> None:
    async with make_queue(app, app.extensions["peygir.settings"].conninfo).open_async() as queue:
        await queue.run_worker_async(wait=False, install_signal_handlers=False)


def test_old_done_jobs_are_forgotten_and_failed_ones_kept(app: Flask, clock: MovingClock) -> None:
    with transaction_of(app) as session:
        done = jobs.defer(jobs.FIRE_TIMER, moment_id=1)
        failed = jobs.defer(jobs.FIRE_TIMER, moment_id=2)
        for number, end in ((done, "succeeded"), (failed, "failed")):
            take_up(session, number, silent_for=0)
            finish = f"SELECT procrastinate_finish_job_v1(:number, '{end}', false)"
            session.execute(text(finish), {"number": number})
    with transaction_of(app) as session:
        now = session.scalar(text("SELECT now()"))
        assert now is not None
        jobs.forget_done(now + timedelta(days=2))
        assert status_within(session) == ["failed", "succeeded"]
        jobs.forget_done(now + timedelta(days=4))
        assert status_within(session) == ["failed"]


def status_within(session: Session) -> list[str]:
    query = text("SELECT status::text FROM procrastinate_jobs ORDER BY 1")
    return list(session.scalars(query))


@pytest.mark.parametrize(
    ("error", "attempts", "again"),
    [
        (OperationalError("", {}, Exception()), 100, True),
        (OperationalError("", {}, Exception()), 150, False),
        (KeyError("x"), 4, True),
        (KeyError("x"), 5, False),
    ],
)
def test_hiccups_of_the_database_are_waited_out_and_other_crashes_given_up(
    app: Flask, error: Exception, attempts: int, again: bool
) -> None:
    task = make_queue(app, "").tasks[jobs.FIRE_TIMER]
    job = type("Job", (), {"attempts": attempts})()
    assert isinstance(task.retry_strategy, Retry)
    decision = task.retry_strategy.get_retry_decision(exception=error, job=job)
    assert (decision is not None) is again


def test_a_service_job_that_always_crashes_ends_as_a_fault(app: Flask, clock: MovingClock) -> None:
    with transaction_of(app) as session:
        submit(clock())
        job_id = session.scalars(select(ServiceJob.id)).one()
    give_up(app, jobs.RUN_SERVICE_JOB, ZeroDivisionError("by zero"), job_id=job_id)
    with transaction_of(app) as session:
        fault = session.scalars(select(Fault)).one()
        assert (fault.code, fault.message) == ("crashed", "ZeroDivisionError: by zero")


def test_a_database_that_went_away_is_told_by_its_own_error(app: Flask) -> None:
    order = jobs.Order(jobs.FIRE_TIMER, {"moment_id": 1})
    ways: list[Callable[[], object]] = [
        lambda: jobs.defer(jobs.FIRE_TIMER, moment_id=1),
        lambda: jobs.defer(jobs.FIRE_TIMER, queueing_lock="one", moment_id=1),
        lambda: jobs.defer_all([order]),
    ]
    for act in ways:
        # Ending the transaction of a lost connection raises an error of its own.
        with suppress(SQLAlchemyError), transaction_of(app) as session:
            pid = session.scalar(text("SELECT pg_backend_pid()"))
            Context().run(end_connection, app, pid)
            with pytest.raises(OperationalError) as caught:
                act()
        assert is_away(caught.value)
    assert names(app) == []


def end_connection(app: Flask, pid: int | None) -> None:
    with transaction_of(app) as session:
        session.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})


def test_looking_for_the_abandoned_survives_whatever_goes_wrong(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    with patch("app.jobs.rescue", side_effect=ConnectorException("gone")):
        assert rescue.look(app, 0, set())
    assert "could not look for abandoned jobs" in caplog.text


def test_a_living_worker_that_was_struck_off_ends_with_an_error(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.rescue.EVERY", 0.05)

    def strike_off(worker: int) -> None:
        with transaction_of(app) as session:
            session.execute(
                text("DELETE FROM procrastinate_workers WHERE id = :id"), {"id": worker}
            )

    def start(takers: Takers, worker: int) -> None:
        takers.worker = worker
        Context().run(strike_off, worker)

    async def work() -> int:
        return await asyncio.wait_for(_work(app, app.extensions["peygir.settings"]), 30)

    with (
        patch.object(Takers, "start", start), patch.object(Takers, "join"),
        patch("asyncio.unix_events._UnixSelectorEventLoop.add_signal_handler"),
        patch("signal.alarm") as alarm, ThreadPoolExecutor(1) as pool,
    ):  # fmt: skip
        assert pool.submit(lambda: asyncio.run(work())).result() == 1
    assert alarm.called


def test_a_worker_that_is_registered_goes_on(app: Flask) -> None:
    with transaction_of(app) as session:
        add = text("INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id")
        worker = session.scalar(add) or 0
    assert rescue.look(app, worker, set())
    assert not rescue.look(app, worker + 1, set())
