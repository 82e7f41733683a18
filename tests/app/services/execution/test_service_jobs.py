"""Service tasks: sent once, repeated safely after a crash, and never lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

import connectors
from app.models import Delivery, Interaction, ServiceJob, ServiceRequest
from app.services.accounts import people
from app.services.casework import customers, messages
from app.services.execution import faults, open_rows, retries, service_jobs, taking
from app.services.execution.service_jobs import Order
from tests.app.services.story import (
    actor,
    bring_to,
    do,
    instance_of,
    kinds_of,
    open_tasks,
    run_service_jobs,
    standing_faults,
    submit,
)
from tests.support.clock import MovingClock
from tests.support.statements import statements


def job_of(session: Session) -> ServiceJob:
    return session.scalars(select(ServiceJob)).one()


def delivery_of(session: Session) -> Delivery:
    return session.scalars(select(Delivery)).one()


def test_the_job_row_joins_the_transaction_of_the_step(
    session: Session, clock: MovingClock
) -> None:
    submit(clock())
    assert taking.is_any_waiting()
    assert session.execute(text("SELECT count(*) FROM procrastinate_jobs")).scalar() == 0
    session.rollback()
    assert not taking.is_any_waiting()


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
    retries.enqueue(clock())
    session.expire_all()
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


@pytest.mark.parametrize("written", ["false", "", "True"])
def test_only_the_word_true_makes_a_letter_optional(
    session: Session, clock: MovingClock, written: str
) -> None:
    request = submit(clock())
    job = job_of(session)
    job.headers = {**job.headers, "optional": written}
    session.flush()
    orders = service_jobs.begin(job.id, clock())
    refused = service_jobs.Result(orders[0].delivery_id, connectors.Permanent("550 no such user"))
    service_jobs.settle(job.id, [refused], clock())
    assert list(open_tasks(request)) == ["reach_customer"]


def test_an_optional_letter_that_cannot_be_written_is_still_a_fault(
    session: Session, clock: MovingClock
) -> None:
    request = submit(clock())
    job = job_of(session)
    job.headers = {"template": "no-such-template", "optional": "true"}
    session.flush()
    assert service_jobs.begin(job.id, clock()) == []
    assert [fault.element for fault in standing_faults(request)] == ["acknowledge"]


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


@pytest.mark.parametrize("way", ["retry", "skip"])
def test_a_job_that_failed_is_over_when_its_fault_is_gone(
    session: Session, clock: MovingClock, way: str
) -> None:
    request = submit(clock())
    job, instance = job_of(session), instance_of(request)
    service_jobs.give_up(job.id, "ZeroDivisionError: division by zero", clock())
    (fault,) = standing_faults(request)
    assert (open_rows.read(instance.id).jobs, job.ended_at) == ({job.key: job.id}, None)
    if way == "retry":
        faults.retry(fault.id, {}, actor("maryam"), clock())
    else:
        faults.skip(fault.id, {}, actor("admin"), clock())
    session.refresh(job)
    assert (job.state, job.ended_at) == ("failed", clock())
    assert job.key not in open_rows.read(instance.id).jobs
    run_service_jobs(request, clock())
    with statements() as sent:
        do(request, "assess", "narges", clock())
    assert not any("UPDATE service_job" in one for one in sent)


def notice(session: Session, clock: MovingClock, **changes: object) -> ServiceJob:
    """A complaint whose handlers are to be told that the customer wrote."""
    for login in ("sara", "reza"):
        people.by_login(login).email = f"{login}@example.com"
    request = submit(clock(), **changes)
    bring_to(request, "check_facts", clock())
    customer = messages.customer_actor(request)
    messages.say_as_customer(request, "It is worse.", customer, clock(), channel="portal")
    session.flush()
    query = select(ServiceJob).where(ServiceJob.element == "tell_handlers")
    return session.scalars(query).one()


def letters_of(session: Session, job: ServiceJob) -> dict[str, Delivery]:
    query = select(Delivery).where(Delivery.job_id == job.id)
    return {row.recipient.partition("@")[0]: row for row in session.scalars(query)}


def settle(
    job: ServiceJob, orders: list[Order], clock: MovingClock, **failures: connectors.DeliveryFailed
) -> None:
    results = [
        service_jobs.Result(order.delivery_id, failures.get(order.letter.to[0].mailbox[:4]))
        for order in orders
    ]
    service_jobs.settle(job.id, results, clock())


def test_a_refused_colleague_is_not_forgotten_when_another_is_accepted_later(
    session: Session, clock: MovingClock
) -> None:
    job = notice(session, clock)
    orders = service_jobs.begin(job.id, clock())
    failures = {"sara": connectors.Permanent("550"), "reza": connectors.Transient("451")}
    settle(job, orders, clock, **failures)
    assert job.state == "waiting"
    again = service_jobs.begin(job.id, clock.move(hours=7))
    assert [order.letter.to[0].mailbox for order in again] == ["reza@example.com"]
    settle(job, again, clock)
    assert job.state == "failed"
    assert [fault.code for fault in standing_faults(request_of(session))] == ["not_delivered"]


def test_a_retry_sends_to_nobody_twice(session: Session, clock: MovingClock) -> None:
    job = notice(session, clock)
    orders = service_jobs.begin(job.id, clock())
    settle(job, orders, clock, sara=connectors.Permanent("550"))
    (fault,) = standing_faults(request_of(session))
    faults.retry(fault.id, {}, actor("maryam"), clock())
    session.flush()
    anew = session.scalars(select(ServiceJob).where(ServiceJob.state == "queued")).one()
    orders = service_jobs.begin(anew.id, clock())
    assert [order.letter.to[0].mailbox for order in orders] == ["sara@example.com"]


def test_a_letter_waits_for_its_own_moment(session: Session, clock: MovingClock) -> None:
    job = notice(session, clock)
    orders = service_jobs.begin(job.id, clock())
    busy = connectors.Transient("451")
    settle(job, orders, clock, sara=busy, reza=busy)
    letters = letters_of(session, job)
    letters["sara"].next_attempt_at = clock.now + timedelta(hours=6)
    letters["reza"].next_attempt_at = clock.now + timedelta(seconds=5)
    session.flush()
    again = service_jobs.begin(job.id, clock.move(seconds=6))
    assert [order.letter.to[0].mailbox for order in again] == ["reza@example.com"]
    settle(job, again, clock)
    assert (job.state, job.next_attempt_at) == ("waiting", letters["sara"].next_attempt_at)


def test_who_has_left_the_group_meanwhile_does_not_hold_the_process(
    session: Session, clock: MovingClock
) -> None:
    job = notice(session, clock)
    orders = service_jobs.begin(job.id, clock())
    settle(job, orders, clock, sara=connectors.Transient("451"))
    assert job.state == "waiting"
    people.by_login("sara").email = "sara@elsewhere.example.com"
    people.deactivate(people.by_login("leila"))
    session.flush()
    again = service_jobs.begin(job.id, clock.move(hours=7))
    assert [order.letter.to[0].mailbox for order in again] == ["sara@elsewhere.example.com"]
    settle(job, again, clock)
    assert job.state == "done"
    assert "waiting" not in {row.state for row in session.scalars(select(Delivery))}


def test_one_mailbox_of_several_people_gets_one_letter(
    session: Session, clock: MovingClock
) -> None:
    for login in ("sara", "reza", "leila"):
        people.by_login(login).email = "desk@example.com"
    job = notice(session, clock)
    people.by_login("reza").email = people.by_login("sara").email = "Desk@Example.com"
    session.flush()
    first = service_jobs.begin(job.id, clock())
    assert len(first) == 1
    settle(job, first, clock, **{first[0].letter.to[0].mailbox[:4]: connectors.Transient("451")})
    again = service_jobs.begin(job.id, clock.move(hours=7))
    assert [order.delivery_id for order in again] == [first[0].delivery_id]
    settle(job, again, clock)
    assert job.state == "done"


def test_a_confidential_case_is_told_to_those_who_may_see_it(
    session: Session, clock: MovingClock
) -> None:
    people.by_login("maryam").email = "maryam@example.com"
    job = confidential_notice(session, clock)
    orders = service_jobs.begin(job.id, clock())
    assert [order.letter.to[0].mailbox for order in orders] == ["maryam@example.com"]


def test_what_was_told_to_nobody_says_so(session: Session, clock: MovingClock) -> None:
    job = confidential_notice(session, clock)
    assert service_jobs.begin(job.id, clock()) == []
    assert "nobody_told" in kinds_of(request_of(session))


def confidential_notice(session: Session, clock: MovingClock) -> ServiceJob:
    people.by_login("sara").email = "sara@example.com"
    request = submit(clock(), data={"about": "staff", "confidential": True})
    run_service_jobs(request, clock())
    customer = messages.customer_actor(request)
    messages.say_as_customer(request, "It is worse.", customer, clock(), channel="portal")
    session.flush()
    query = select(ServiceJob).where(ServiceJob.element == "tell_handlers")
    return session.scalars(query).one()


def request_of(session: Session) -> ServiceRequest:
    return session.scalars(select(ServiceRequest)).one()


def test_letters_of_a_cancelled_task_are_not_sent(session: Session, clock: MovingClock) -> None:
    request = submit(clock())
    job = job_of(session)
    orders = service_jobs.begin(job.id, clock())
    settle(job, orders, clock, mary=connectors.Transient("451"))
    customer = messages.customer_actor(request)
    messages.withdraw_as_customer(request, "", customer, clock())
    session.expire_all()
    assert job.state == "cancelled"
    assert letters_of(session, job)["maryam"].state == "cancelled"


def test_an_optional_letter_does_not_hold_the_process(session: Session, clock: MovingClock) -> None:
    request = submit(clock())
    job = job_of(session)
    job.headers = {**job.headers, "optional": "true"}
    orders = service_jobs.begin(job.id, clock())
    settle(job, orders, clock, mary=connectors.Permanent("550"))
    assert list(open_tasks(request)) == ["assess"]
    assert "message_not_delivered" in kinds_of(request)
