"""What was queued and never done comes due again."""

from __future__ import annotations

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.models import Delivery, ServiceJob
from app.services.casework import messages
from app.services.deployment import definitions
from app.services.execution import abandoned, moments, retries, taking, timers
from tests.app.services.story import actor, bring_to, open_tasks, submit, timers_of
from tests.bpmn.build import end, flows, process, start, timer
from tests.support.clock import MovingClock
from tests.support.statements import rows_read


def lose_jobs(session: Session) -> None:
    """As after the last attempt of a job that always crashed."""
    session.flush()
    session.execute(text("UPDATE procrastinate_jobs SET status = 'failed'"))


def test_a_moment_whose_job_is_gone_comes_due_again(session: Session, clock: MovingClock) -> None:
    request = submit(clock())
    bring_to(request, "check_facts", clock())
    late = timers_of(request)["investigation_late"]
    clock.now = late.due_at
    session.flush()
    moments.set_first_apart(clock(), 50)
    lose_jobs(session)

    number = late.id
    abandoned.take_up(clock.move(minutes=30))
    moments.set_first_apart(clock(), 50)
    session.refresh(late)
    assert late.queued_at != clock()
    abandoned.take_up(clock.move(minutes=31))
    session.refresh(late)
    assert late.queued_at is None
    assert moments.set_first_apart(clock(), 50) >= 1
    assert timers.fire(number, clock())
    assert "set_new_date" in open_tasks(request)


def test_a_beginning_whose_job_is_gone_comes_due_again(
    session: Session, clock: MovingClock
) -> None:
    daily = process(start("s", timer("cycle", "R/P1D")), end(), flows("s > end"))
    definitions.deploy("p.bpmn", daily, actor("admin"), clock())
    clock.move(days=1)
    assert moments.set_first_apart(clock(), 50) == 1
    lose_jobs(session)
    abandoned.take_up(clock.move(minutes=61))
    session.expire_all()
    assert moments.set_first_apart(clock(), 50) == 1


def test_a_moment_whose_job_still_waits_is_left_alone(session: Session, clock: MovingClock) -> None:
    request = submit(clock())
    bring_to(request, "check_facts", clock())
    clock.now = timers_of(request)["investigation_late"].due_at
    session.flush()
    moments.set_first_apart(clock(), 50)
    abandoned.take_up(clock.move(hours=5))
    assert moments.set_first_apart(clock(), 50) == 0


def test_a_service_task_and_a_letter_are_taken_up_too(session: Session, clock: MovingClock) -> None:
    request = submit(clock())
    messages.reply_to_customer(request, "We are on it.", actor("narges"), clock())
    session.flush()
    assert len(taking.set_first_apart()) == 1
    lose_jobs(session)
    abandoned.take_up(clock.move(hours=2))
    session.expire_all()
    assert session.scalars(select(ServiceJob.state)).one() == "waiting"
    assert session.scalars(select(Delivery.state)).one() == "waiting"
    assert retries.enqueue(clock()) == 2
    assert taking.is_any_waiting()


def test_a_service_task_that_no_worker_has_taken_yet_is_left_alone(
    session: Session, clock: MovingClock
) -> None:
    submit(clock())
    abandoned.take_up(clock.move(hours=2))
    session.expire_all()
    assert session.scalars(select(ServiceJob.state)).one() == "queued"


def test_only_what_is_queued_is_looked_at(session: Session, clock: MovingClock) -> None:
    for _ in range(3):
        bring_to(submit(clock()), "check_facts", clock())
    session.flush()
    session.execute(text("UPDATE service_job SET state = 'done'"))
    values = {"now": clock(), "before": clock(), "tasks": ["fire_timer"]}
    for statement in (abandoned._MOMENTS, abandoned._SERVICE_JOBS, abandoned._DELIVERIES):
        assert rows_read(session, text(statement), values) == 0, statement
