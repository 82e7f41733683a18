"""Service tasks: sent once, repeated safely after a crash, and never lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

import connectors
from app.models import Delivery, Interaction, ServiceJob
from app.services import customers, faults, service_jobs, timers
from tests.app.services.story import (
    actor,
    instance_of,
    open_tasks,
    run_service_jobs,
    standing_faults,
    submit,
)
from tests.support.clock import MovingClock


def job_of(session: Session) -> ServiceJob:
    return session.scalars(select(ServiceJob)).one()


def delivery_of(session: Session) -> Delivery:
    return session.scalars(select(Delivery)).one()


def test_the_job_row_joins_the_transaction_of_the_step(
    session: Session, clock: MovingClock
) -> None:
    submit(clock())
    queued = session.execute(text("SELECT task_name, args FROM procrastinate_jobs")).all()
    assert [row.task_name for row in queued] == ["run_service_job"]
    session.rollback()
    assert session.execute(text("SELECT count(*) FROM procrastinate_jobs")).scalar() == 0


def test_a_worker_that_died_after_sending_sends_the_same_reference_again(
    session: Session, clock: MovingClock
) -> None:
    submit(clock())
    job = job_of(session)
    first = service_jobs.begin(job.id, clock())
    # The worker dies here; the rescued job begins anew.
    second = service_jobs.begin(job.id, clock.move(minutes=1))
    assert [o.letter.message_id for o in first] == [o.letter.message_id for o in second]
    assert first[0].letter == second[0].letter
    assert len(session.scalars(select(Interaction)).all()) == 1
    assert delivery_of(session).attempts == 2


def test_a_job_that_runs_after_its_end_does_nothing(session: Session, clock: MovingClock) -> None:
    request = submit(clock())
    job = job_of(session)
    run_service_jobs(request, clock())
    revision = instance_of(request).revision
    assert service_jobs.begin(job.id, clock()) == []
    service_jobs.settle(job.id, [service_jobs.Result(delivery_of(session).id, None)], clock())
    assert instance_of(request).revision == revision
    assert list(open_tasks(request)) == ["assess"]


def test_a_busy_server_is_tried_again_later(session: Session, clock: MovingClock) -> None:
    request = submit(clock())
    job = job_of(session)
    orders = service_jobs.begin(job.id, clock())
    busy = service_jobs.Result(orders[0].delivery_id, connectors.Transient("450 busy"))
    service_jobs.settle(job.id, [busy], clock())
    assert job.state == "waiting"
    assert delivery_of(session).state == "waiting"
    assert open_tasks(request) == {}

    clock.move(seconds=6)
    session.flush()
    timers.enqueue_due(clock())
    session.flush()
    assert job.state == "queued"
    run_service_jobs(request, clock())
    assert delivery_of(session).state == "accepted"
    assert list(open_tasks(request)) == ["assess"]


def test_a_final_refusal_goes_the_way_that_the_diagram_drew(
    session: Session, clock: MovingClock
) -> None:
    request = submit(clock())
    job = job_of(session)
    orders = service_jobs.begin(job.id, clock())
    refused = service_jobs.Result(orders[0].delivery_id, connectors.Permanent("550 no such user"))
    service_jobs.settle(job.id, [refused], clock())
    assert delivery_of(session).state == "dead"
    assert list(open_tasks(request)) == ["reach_customer"]
    assert standing_faults(request) == []


def test_a_customer_without_mail_reads_it_on_the_tracking_page(
    session: Session, clock: MovingClock
) -> None:
    request = submit(clock(), customer=customers.Contact("رضا", "09120000316"))
    run_service_jobs(request, clock())
    assert session.scalars(select(Delivery)).all() == []
    said = session.scalars(select(Interaction)).one()
    assert request.number in said.body
    assert list(open_tasks(request)) == ["assess"]


def test_a_message_that_cannot_be_written_stands_as_a_fault(
    session: Session, clock: MovingClock
) -> None:
    request = submit(clock())
    job = job_of(session)
    job.headers = {"template": "no-such-template"}
    session.flush()
    assert service_jobs.begin(job.id, clock()) == []
    (fault,) = standing_faults(request)
    assert fault.element == "acknowledge"
    assert "no-such-template" in fault.message


@pytest.mark.parametrize("attempts", [1, 5, 9])
def test_waits_grow_and_end_within_a_day(
    session: Session, clock: MovingClock, attempts: int
) -> None:
    submit(clock())
    job = job_of(session)
    orders = service_jobs.begin(job.id, clock())
    delivery = delivery_of(session)
    delivery.attempts = attempts
    failure = service_jobs.Result(orders[0].delivery_id, connectors.Transient("busy"))
    service_jobs.settle(job.id, [failure], clock())
    assert delivery.next_attempt_at is None or delivery.next_attempt_at - clock() <= timedelta(
        hours=6
    )


def test_work_that_crashes_on_every_attempt_stands_as_a_fault_and_is_retried(
    session: Session, clock: MovingClock
) -> None:
    request = submit(clock())
    job = job_of(session)
    service_jobs.give_up(job.id, "ZeroDivisionError: division by zero", clock())
    (fault,) = standing_faults(request)
    assert (fault.element, fault.code) == ("acknowledge", "crashed")
    assert job.state == "failed"

    faults.retry(fault.id, {}, actor("maryam"), clock())
    run_service_jobs(request, clock())
    assert list(open_tasks(request)) == ["assess"]
    assert standing_faults(request) == []
