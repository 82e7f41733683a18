"""Due moments: done once each, in their order, whoever asks and however late."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app import jobs, work
from app.access import SYSTEM
from app.db import transaction
from app.services.deployment import definitions
from app.services.execution import moments, processes, retries, suspension, timers
from tests.app.services.story import submit
from tests.bpmn.build import boundary, end, flows, process, start, timer, user
from tests.support.application import transaction_of
from tests.support.clock import MovingClock

HOUR = timedelta(hours=1)
NAP = process(
    start(), user("work", groups="intake"),
    boundary("first", "work", timer("duration", "PT1H"), interrupting=False),
    boundary("second", "work", timer("duration", "PT2H"), interrupting=False), end(),
    flows("start > work > end", "first > end", "second > end"), key="nap",
)  # fmt: skip
"""Two timers beside a task, an hour apart."""

Begin = Callable[..., list[int]]


@pytest.fixture
def begin(app: Flask, clock: MovingClock) -> Begin:
    """``begin(3, apart=1)`` begins so many instances, each so many minutes after the last."""

    def start_all(count: int, apart: int = 0, source: bytes = NAP) -> list[int]:
        made = []
        with transaction_of(app):
            definitions.deploy("nap.bpmn", source, SYSTEM, clock())
            for _ in range(count):
                row = definitions.latest("nap")
                made.append(processes.start(row, {}, SYSTEM, clock.move(minutes=apart)).id)
        return made

    return start_all


def ask(app: Flask, query: str, **values: Any) -> list[tuple[Any, ...]]:
    with transaction_of(app) as session:
        result = session.execute(text(query), values)
        return [tuple(row) for row in result] if result.returns_rows else []  # type: ignore[attr-defined]


def fired(app: Flask) -> list[tuple[Any, ...]]:
    """The instance and the element of each timer that fired, in that order."""
    query = """
        SELECT instance_id, data->'cause'->>'element' FROM event
         WHERE kind = 'step' AND data->'cause'->>'kind' = 'timer' ORDER BY id
    """
    return ask(app, query)


def waiting_jobs(app: Flask) -> list[tuple[Any, ...]]:
    query = """
        SELECT task_name, (args->>'moment_id')::bigint, lock, priority FROM procrastinate_jobs
         WHERE status = 'todo' ORDER BY id
    """
    return ask(app, query)


def test_what_is_late_is_done_in_due_order(
    app: Flask, begin: Begin, clock: MovingClock, tick: Callable[..., None]
) -> None:
    one, two, three = begin(3, apart=25)
    tick(hours=5)
    expected = [(one, "first"), (two, "first"), (three, "first")]
    assert fired(app) == [*expected, (one, "second"), (two, "second"), (three, "second")]
    assert waiting_jobs(app) == []


def test_a_cycle_that_was_missed_fires_once_and_goes_on_in_its_rhythm(
    app: Flask, begin: Begin, clock: MovingClock, tick: Callable[..., None]
) -> None:
    source = process(
        start(), user("work", groups="intake"),
        boundary("again", "work", timer("cycle", "R/PT1H"), interrupting=False), end(),
        flows("start > work > end", "again > end"), key="nap",
    )  # fmt: skip
    [one] = begin(1, source=source)
    begun = clock()
    tick(hours=5, minutes=30)
    assert fired(app) == [(one, "again")]
    [(due_at,)] = ask(app, "SELECT due_at FROM due_moment")
    assert due_at == begun + 6 * HOUR


def test_several_at_once_do_each_moment_once(app: Flask, begin: Begin, clock: MovingClock) -> None:
    made = begin(20)
    clock.move(hours=3)
    take = in_context(app, work.take_moments)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(take, range(4)))
    # What one had found before an earlier one, it left for later.
    take(0)
    done = fired(app)
    assert sorted(done) == sorted((one, which) for one in made for which in ("first", "second"))
    for one in made:
        assert [which for instance, which in done if instance == one] == ["first", "second"]


def in_context(app: Flask, act: Callable[[], object]) -> Callable[[int], None]:
    def run(_: int) -> None:
        with app.app_context():
            act()

    return run


def test_what_somebody_does_already_is_passed_over_with_all_of_its_instance(
    app: Flask, begin: Begin, clock: MovingClock
) -> None:
    begin(2, apart=5)
    now = clock.move(hours=3)
    with transaction_of(app):
        first = moments.claim(now)
        with ThreadPoolExecutor(1) as pool:
            rest = pool.submit(lambda: list(claims(app, now))).result()
    elements = dict(ask(app, "SELECT id, instance_id || ' ' || element FROM due_moment"))
    assert first is not None
    assert [elements[one] for one in (first.id, *rest)] == ["1 first", "2 first", "2 second"]


def claims(app: Flask, now: datetime) -> Iterator[int]:
    """All that one transaction can claim, one after the other."""
    with transaction_of(app):
        last = None
        while (last := moments.claim(now, last)) is not None:
            yield last.id


def test_one_that_crashes_gets_a_job_of_its_own_and_holds_up_nothing(
    app: Flask, begin: Begin, clock: MovingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = begin(2, apart=5)
    [(bad,)] = ask(app, "SELECT min(id) FROM due_moment")
    with crashing(monkeypatch, bad, RuntimeError("a bug")):
        clock.move(hours=1, minutes=30)
        in_context(app, work.take_moments)(0)
        in_context(app, work.take_moments)(0)
    assert fired(app) == [(two, "first")]
    assert waiting_jobs(app) == [(jobs.FIRE_TIMER, bad, f"instance:{one}", 0)]
    in_context(app, lambda: work.fire_timer(bad))(0)
    assert fired(app) == [(two, "first"), (one, "first")]


@contextmanager
def crashing(monkeypatch: pytest.MonkeyPatch, bad: int, error: Exception) -> Iterator[None]:
    """Let the firing of that moment crash."""

    def fire(moment_id: int, now: datetime) -> bool:
        if moment_id == bad:
            raise error
        return timers.fire(moment_id, now)

    with monkeypatch.context() as patched:
        patched.setitem(work._DO, moments.TIMER, fire)
        yield


def test_a_database_that_went_away_is_no_fault_of_the_moment(
    app: Flask, begin: Begin, clock: MovingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(1)
    [(first,)] = ask(app, "SELECT min(id) FROM due_moment")
    away = OperationalError("SELECT 1", {}, psycopg.OperationalError("the connection is lost"))
    clock.move(hours=3)
    with crashing(monkeypatch, first, away), pytest.raises(OperationalError):
        in_context(app, work.take_moments)(0)
    assert waiting_jobs(app) == []
    in_context(app, work.take_moments)(0)
    assert len(fired(app)) == 2


def test_after_the_death_of_a_worker_the_first_moments_get_jobs_of_their_own(
    app: Flask, begin: Begin, clock: MovingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(3, apart=5)
    monkeypatch.setattr(work, "SUSPECTS", 2)
    clock.move(hours=3)
    with jobs.carrying_out(jobs.Running(1, 1, attempts=1)):
        in_context(app, work.take_moments)(0)
    assert fired(app) == []
    query = "SELECT id FROM due_moment ORDER BY due_at, id"
    suspects = [number for (number,) in ask(app, query)][:2]
    assert [job[:2] for job in waiting_jobs(app)] == [
        (jobs.FIRE_TIMER, number) for number in suspects
    ]
    in_context(app, work.take_moments)(0)
    assert fired(app) == [(3, "first"), (3, "second")]
    do_waiting_jobs(app)
    assert fired(app)[2:] == [(1, "first"), (2, "first"), (1, "second"), (2, "second")]


def do_waiting_jobs(app: Flask) -> None:
    """Do the jobs that moments have got, as one worker does: in the order they were made."""
    for name, moment, *_ in waiting_jobs(app):
        assert name == jobs.FIRE_TIMER
        in_context(app, lambda number=moment: work.fire_timer(number))(0)  # type: ignore[misc]


def test_a_timer_that_was_found_before_an_earlier_one_comes_after_it(
    app: Flask, begin: Begin, clock: MovingClock
) -> None:
    """Another worker had the earlier one in hand, and died."""
    [one] = begin(1)
    [(second,)] = ask(app, "SELECT id FROM due_moment WHERE element = 'second'")
    with transaction_of(app):
        assert not timers.fire(second, clock.move(hours=3))
    in_context(app, work.take_moments)(0)
    assert fired(app) == [(one, "first"), (one, "second")]


def test_a_timer_whose_job_is_older_than_that_of_an_earlier_one_goes_behind_it(
    app: Flask, begin: Begin, clock: MovingClock
) -> None:
    [one] = begin(1)
    [(first,), (second,)] = ask(app, "SELECT id FROM due_moment ORDER BY due_at")
    clock.move(hours=3)
    for moment in (second, first):
        with transaction_of(app):
            moments.set_apart(moment, clock.move(seconds=1))
    in_context(app, lambda: work.fire_timer(second))(0)
    assert [job[1] for job in waiting_jobs(app)] == [second, first, second]
    do_waiting_jobs(app)
    assert fired(app) == [(one, "first"), (one, "second")]


def test_a_timer_that_was_given_up_keeps_no_later_one_from_firing(
    app: Flask, begin: Begin, clock: MovingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    [one] = begin(1)
    [(bad,), (second,)] = ask(app, "SELECT id FROM due_moment ORDER BY due_at")
    clock.move(hours=3)
    with crashing(monkeypatch, bad, RuntimeError("a bug")):
        in_context(app, work.take_moments)(0)
    give_up = "UPDATE procrastinate_jobs SET status = 'failed' WHERE (args->>'moment_id')::int = :n"
    ask(app, give_up, n=bad)
    assert [job[1] for job in waiting_jobs(app)] == [second]
    do_waiting_jobs(app)
    assert fired(app) == [(one, "second")]


def wake(app: Flask, now: datetime) -> int:
    with transaction_of(app):
        return moments.wake(now)


def test_few_workers_are_asked_however_much_is_due(
    app: Flask, begin: Begin, clock: MovingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(5)
    assert wake(app, clock()) == 0
    now = clock.move(hours=3)
    assert (wake(app, now), wake(app, now)) == (1, 0)
    monkeypatch.setattr(moments, "SHARE", 3)
    monkeypatch.setattr(moments, "TAKERS", 3)
    assert (wake(app, now), wake(app, now)) == (2, 0)
    take = (jobs.TAKE_MOMENTS, None, None)
    assert waiting_jobs(app) == [(*take, 10), (*take, -10), (*take, -10)]


def test_a_thread_that_is_to_try_again_later_is_not_waited_for(
    app: Flask, begin: Begin, clock: MovingClock
) -> None:
    begin(1)
    now = clock.move(hours=3)
    assert (wake(app, now), wake(app, now)) == (1, 0)
    ask(app, "UPDATE procrastinate_jobs SET scheduled_at = now() + interval '10 minutes'")
    assert (wake(app, now), wake(app, now)) == (1, 0)


def test_one_thread_goes_before_the_letters_and_the_others_after_them(
    app: Flask, begin: Begin, clock: MovingClock
) -> None:
    begin(20)
    now = clock.move(hours=3)
    assert wake(app, now) == 2
    with transaction_of(app):
        jobs.defer(jobs.SEND_DELIVERY, delivery_id=404)
    ask(app, "UPDATE procrastinate_jobs SET status = 'doing' WHERE priority > 0")
    assert wake(app, now) == 1
    order = "SELECT task_name FROM procrastinate_jobs WHERE status = 'todo' ORDER BY priority DESC"
    names = [name for (name,) in ask(app, order)]
    assert names == [jobs.TAKE_MOMENTS, jobs.SEND_DELIVERY, jobs.TAKE_MOMENTS]


def test_the_moment_of_a_suspended_process_is_passed_over_until_its_resume(
    app: Flask, begin: Begin, clock: MovingClock
) -> None:
    [one] = begin(1)
    with transaction_of(app):
        suspension.suspend(processes.lock(one), "a test", SYSTEM, clock())
    assert wake(app, clock.move(hours=3)) == 1
    in_context(app, work.take_moments)(0)
    assert fired(app) == []
    ask(app, "DELETE FROM procrastinate_jobs")
    assert wake(app, clock()) == 0
    with transaction_of(app):
        suspension.resume(processes.lock(one), "a test", SYSTEM, clock())
    assert fired(app) == [(one, "first"), (one, "second")]


def test_a_timer_that_an_ended_process_left_behind_goes(
    app: Flask, begin: Begin, clock: MovingClock
) -> None:
    begin(1)
    ask(app, "UPDATE process_instance SET status = 'completed'")
    clock.move(hours=3)
    in_context(app, work.take_moments)(0)
    assert ask(app, "SELECT count(*) FROM due_moment") == [(0,)]
    assert fired(app) == []


def test_letters_to_be_tried_again_are_queued_once(app: Flask, clock: MovingClock) -> None:
    insert = """
        INSERT INTO delivery (reference, channel, recipient, recipient_name, language, subject,
                              body, state, attempts, created_at, next_attempt_at)
        SELECT 'm' || n, 'email', 'a@example.com', '', 'en', '', '', 'waiting', 1, now(), :now
          FROM generate_series(1, 3) n
    """
    ask(app, insert, now=clock())
    with transaction_of(app):
        assert (retries.enqueue(clock()), retries.enqueue(clock())) == (3, 0)


def test_the_plan_of_a_clock_comes_due_in_its_order_and_is_cancelled_as_a_whole(
    app: Flask, clock: MovingClock
) -> None:
    with transaction_of(app):
        submit(clock())
    (first,), (second,), *_ = ask(app, "SELECT id FROM sla_clock ORDER BY id")
    with transaction_of(app):
        moments.cancel([row for (row,) in ask(app, "SELECT id FROM sla_clock")])
        moments.plan([ladder_row(first, step, clock()) for step in ("half", "due")])
        moments.plan([ladder_row(second, "half", clock() + HOUR)])
    assert [moment.kind for moment in all_claimed(app, clock())] == ["sla"]
    assert len(all_claimed(app, clock() + HOUR)) == 2
    with transaction_of(app):
        moments.cancel([first])
    assert len(all_claimed(app, clock() + HOUR)) == 1


def ladder_row(clock_id: int, step: str, due_at: datetime) -> moments.Row:
    return {"kind": moments.LADDER, "clock_id": clock_id, "key": step, "due_at": due_at}


def all_claimed(app: Flask, now: datetime) -> list[moments.Claimed]:
    """What workers can claim at the same time."""
    all_there = threading.Barrier(5)

    def claim(_: int) -> moments.Claimed | None:
        with app.app_context(), transaction():
            found = moments.claim(now)
            all_there.wait(60)
            return found

    with ThreadPoolExecutor(5) as pool:
        return [one for one in pool.map(claim, range(5)) if one is not None]
