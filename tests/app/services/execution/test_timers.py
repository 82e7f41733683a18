"""Due moments: queued once, fired once, in order, whoever ticks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.db import transaction
from app.models import DueMoment
from app.services.execution import moments, timers
from tests.app.services.story import (
    bring_to,
    do,
    kinds_of,
    open_tasks,
    run_service_jobs,
    submit,
    timers_of,
)
from tests.support.clock import MovingClock


def is_queued(session: Session, moment: DueMoment, now: datetime) -> bool:
    """Whether the clock makes a job for that moment now."""
    session.flush()
    moments.set_first_apart(now, 50)
    session.refresh(moment)
    return moment.queued_at == now


def test_a_late_investigation_is_escalated_beside_the_work(
    session: Session, clock: MovingClock
) -> None:
    request = submit(clock())
    bring_to(request, "check_facts", clock())
    late = timers_of(request)["investigation_late"]
    clock.now = late.due_at
    assert is_queued(session, late, clock())
    assert timers.fire(late.id, clock())
    assert set(open_tasks(request)) == {"check_facts", "set_new_date"}
    assert "timer_fired" in kinds_of(request)


def test_a_timer_fires_once_however_often_its_job_runs(
    session: Session, clock: MovingClock
) -> None:
    request = submit(clock())
    bring_to(request, "check_facts", clock())
    late = timers_of(request)["investigation_late"]
    clock.now = late.due_at
    number = late.id
    assert timers.fire(number, clock())
    session.flush()
    assert not timers.fire(number, clock())
    assert list(open_tasks(request)).count("set_new_date") == 1


def test_a_timer_is_not_fired_before_its_moment(session: Session, clock: MovingClock) -> None:
    request = submit(clock())
    bring_to(request, "check_facts", clock())
    late = timers_of(request)["investigation_late"]
    assert moments.set_first_apart(clock(), 50) == 0
    assert not timers.fire(late.id, clock())


def test_a_worker_whose_clock_is_behind_hands_the_moment_back(
    session: Session, clock: MovingClock
) -> None:
    request = submit(clock())
    bring_to(request, "check_facts", clock())
    late = timers_of(request)["investigation_late"]
    assert is_queued(session, late, late.due_at)
    assert not timers.fire(late.id, late.due_at - timedelta(milliseconds=1))
    assert is_queued(session, late, late.due_at)
    assert timers.fire(late.id, late.due_at)


def test_ten_days_of_silence_settle_the_case(session: Session, clock: MovingClock) -> None:
    request = submit(clock())
    bring_to(request, "propose_remedy", clock())
    do(request, "propose_remedy", "sara", clock())
    silence = timers_of(request)["silence"]
    clock.now = silence.due_at
    assert timers.fire(silence.id, clock())
    run_service_jobs(request, clock())
    assert list(open_tasks(request)) == ["carry_out_remedy"]
    assert "silence" not in timers_of(request)


def test_a_moment_is_set_apart_once_by_however_many(app: Flask, clock: MovingClock) -> None:
    with app.app_context(), transaction():
        for _ in range(5):
            bring_to(submit(clock()), "check_facts", clock())
    clock.move(days=30)
    with app.app_context(), transaction() as session:
        due = session.scalar(select(func.count(DueMoment.id)).where(DueMoment.due_at <= clock()))

    def set_apart(_: int) -> int:
        with app.app_context(), transaction():
            return moments.set_first_apart(clock(), 50)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(set_apart, range(8))) == due
    with app.app_context(), transaction() as session:
        query = text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = ANY(:names)")
        made = session.scalar(query, {"names": ["fire_timer", "climb_ladder"]})
        assert made == due
