"""How it was: asked three working days after the end, answered once, by the customer alone."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.access import Actor
from app.errors import Forbidden, Invalid
from app.models import ServiceRequest
from app.services.casework import messages, surveys
from app.services.execution import processes
from app.services.execution.listening import NothingAsked
from tests.app.services.story import (
    actor,
    bring_to,
    do,
    fire,
    instance_of,
    kinds_of,
    open_tasks,
    run_service_jobs,
    submit,
)
from tests.support.clock import MovingClock

ANSWERS: dict[str, Any] = {"survey_score": "5", "survey_promises": "yes", "survey_comment": ""}


def asked(clock: MovingClock) -> ServiceRequest:
    """A closed complaint whose customer is asked how it was."""
    request = submit(clock(), language="en")
    bring_to(request, "propose_remedy", clock())
    do(request, "propose_remedy", "sara", clock())
    customer = messages.customer_actor(request)
    messages.answer_as_customer(request, "accept", "", customer, clock())
    do(request, "carry_out_remedy", "sara", clock())
    assert not surveys.is_asked(request)
    fire(request, "survey_due", clock)
    return request


def customer_of(request: ServiceRequest) -> Actor:
    return messages.customer_actor(request)


def test_the_answers_fall_on_the_case_once(session: Session, clock: MovingClock) -> None:
    request = asked(clock)
    assert surveys.is_asked(request)
    surveys.answer(request, ANSWERS, customer_of(request), clock())
    known = processes.inspect(instance_of(request)).variables
    assert (known["survey_score"], known["survey_promises"]) == ("5", "yes")
    assert "survey_answered" in kinds_of(request)
    assert not surveys.is_asked(request)
    with pytest.raises(NothingAsked):
        surveys.answer(request, ANSWERS, customer_of(request), clock())


def test_a_low_score_is_a_task_for_the_managers(session: Session, clock: MovingClock) -> None:
    request = asked(clock)
    surveys.answer(request, {**ANSWERS, "survey_score": "2"}, customer_of(request), clock())
    run_service_jobs(request, clock())
    task = open_tasks(request)["call_back"]
    assert task.candidate_groups == ["managers"]
    do(request, "call_back", "maryam", clock(), called_by="phone", call_note="He was angry.")
    assert "call_back" not in open_tasks(request)


def test_nobody_answers_in_the_customers_place(session: Session, clock: MovingClock) -> None:
    request = asked(clock)
    with pytest.raises(Forbidden):
        surveys.answer(request, ANSWERS, actor("sara"), clock())


def test_a_score_that_is_none_is_refused(session: Session, clock: MovingClock) -> None:
    request = asked(clock)
    with pytest.raises(Invalid) as wrong:
        surveys.answer(request, {"survey_score": "9"}, customer_of(request), clock())
    assert set(wrong.value.errors) == {"survey_score"}
    assert surveys.is_asked(request)
