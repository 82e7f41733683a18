"""A complaint lives from submission to learning, told at the level of the services."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Excluded
from app.models import Delivery, Interaction
from app.services.casework import messages
from app.services.desk import task_giving, tasks
from app.services.service_levels import promises
from tests.app.services.story import (
    actor,
    bring_to,
    do,
    instance_of,
    kinds_of,
    messages_awaited,
    open_tasks,
    pass_survey,
    run_service_jobs,
    submit,
)
from tests.support.clock import MovingClock


def test_from_submission_to_learning(session: Session, clock: MovingClock) -> None:
    request = submit(clock())
    assert request.number.startswith("R-")
    assert request.stage == "received"

    # The acknowledgement goes out first; only then may the desk assess.
    assert open_tasks(request) == {}
    run_service_jobs(request, clock())
    mail = session.scalars(select(Delivery)).one()
    assert mail.recipient == "maryam@example.com"
    assert request.tracking_code in mail.body

    do(request, "assess", "narges", clock.move(hours=1))
    assert request.stage == "investigation"
    do(request, "check_facts", "sara", clock.move(hours=1))
    do(request, "propose_remedy", "reza", clock.move(hours=1))
    assert request.status == "waiting"
    assert request.waits_for == "customer"
    assert messages.CUSTOMER_ANSWER in messages_awaited(request)

    customer = messages.customer_actor(request)
    messages.answer_as_customer(request, "accept", "", customer, clock.move(hours=1))
    assert request.status == "open"
    do(request, "carry_out_remedy", "sara", clock.move(hours=1))
    assert request.status == "closed"
    assert request.closed_at == clock()

    # The customer is done; the organisation still learns (ISO 10002, clause 8).
    assert set(open_tasks(request)) == {"find_cause"}
    do(request, "find_cause", "babak", clock.move(hours=1))
    assert open_tasks(request) == {}
    pass_survey(request, clock)
    assert instance_of(request).status == "completed"
    assert messages_awaited(request) == set()
    assert kinds_of(request)[0] == "request_submitted"
    assert "process_completed" in kinds_of(request)


def test_an_objection_is_reviewed_by_somebody_else(session: Session, clock: MovingClock) -> None:
    request = submit(clock())
    bring_to(request, "propose_remedy", clock())
    do(request, "propose_remedy", "sara", clock())
    customer = messages.customer_actor(request)
    messages.answer_as_customer(request, "object", "Not enough.", customer, clock())
    run_service_jobs(request, clock())
    review = open_tasks(request)["review_again"]
    assert "sara" in review.excluded_users

    with pytest.raises(Excluded):
        tasks.claim(review.id, actor("sara"), clock())
    with pytest.raises(Excluded):
        task_giving.assign(review.id, "sara", actor("maryam"), clock())
    assert "Not enough." in session.scalars(select(Interaction.body)).all()


def test_a_withdrawal_ends_the_case_and_tells_the_customer(
    session: Session, clock: MovingClock
) -> None:
    request = submit(clock())
    bring_to(request, "check_facts", clock())
    customer = messages.customer_actor(request)
    messages.withdraw_as_customer(request, "It works again.", customer, clock())
    run_service_jobs(request, clock())
    assert request.status == "closed"
    assert request.outcome == "withdrawn"
    assert open_tasks(request) == {}
    assert promises.next_of(promises.of_request(request, clock())) is None
    # What is promised no longer, and was not late, is told neither as kept nor as broken.
    dropped = {p.metric for p in promises.of_request(request, clock()) if p.state == "dropped"}
    assert "first_response" in dropped
    assert "promise_broken" not in kinds_of(request)


def test_a_message_reaches_the_process_while_it_runs(session: Session, clock: MovingClock) -> None:
    request = submit(clock())
    bring_to(request, "check_facts", clock())
    customer = messages.customer_actor(request)
    messages.say_as_customer(request, "The floor is wet.", customer, clock(), channel="portal")
    run_service_jobs(request, clock())
    shown = tasks.shown_data(open_tasks(request)["check_facts"])
    assert "The floor is wet." in shown["customer_added"]
    assert set(open_tasks(request)) == {"check_facts"}


def test_a_question_pauses_the_promise_until_the_customer_answers(
    session: Session, clock: MovingClock
) -> None:
    request = submit(clock())
    bring_to(request, "check_facts", clock())
    before = {p.metric: p.remaining for p in promises.of_request(request, clock())}
    answers = {
        "findings": "A photo is missing.",
        "founded": "open",
        "needs_information": True,
        "question": "Please send a photo.",
    }
    do(request, "check_facts", "sara", clock(), **answers)
    assert request.waits_for == "customer"
    clock.move(days=2)
    paused = {p.metric: p for p in promises.of_request(request, clock())}
    assert paused["first_response"].state == "paused"
    assert paused["first_response"].remaining == before["first_response"]

    customer = messages.customer_actor(request)
    messages.say_as_customer(request, "Here it is.", customer, clock(), channel="portal")
    run_service_jobs(request, clock())
    assert request.status == "open"
    assert set(open_tasks(request)) == {"check_facts"}
    running = {p.metric: p for p in promises.of_request(request, clock())}
    assert running["first_response"].remaining == before["first_response"]
