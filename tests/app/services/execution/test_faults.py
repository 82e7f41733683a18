"""Faults: visible, retryable, and never a lost or half-taken step."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Forbidden, Invalid, NotFound
from app.models import Fault, UserTask
from app.services.deployment import definitions
from app.services.desk import tasks
from app.services.execution import faults, processes
from app.services.execution.faults import FaultResolved
from tests.app.services.story import actor, instance_of, submit
from tests.support.clock import MovingClock

DIAGRAM = Path(__file__).parents[1] / "divide.bpmn"


def start(session: Session, clock: MovingClock, **variables: object) -> int:
    row = definitions.deploy(DIAGRAM.name, DIAGRAM.read_bytes(), actor("admin"), clock())
    instance = processes.start(row, variables, actor("admin"), clock())
    session.flush()
    return instance.id


def open_elements(session: Session, instance_id: int) -> list[str]:
    query = select(UserTask.element).where(
        UserTask.instance_id == instance_id, UserTask.state == "open"
    )
    return list(session.scalars(query))


def test_a_failing_expression_stands_before_its_element(
    session: Session, clock: MovingClock
) -> None:
    instance_id = start(session, clock, share="not a number")
    task = session.scalars(select(UserTask)).one()
    tasks.complete(task.id, {"agreed": True}, actor("narges"), clock(), language="en")

    # The person's work is kept: the step was taken as far as it could be.
    assert task.state == "completed"
    (fault,) = faults.of_instance(instance_id)
    assert fault.element == "decide"
    assert fault.expression
    assert processes.find(instance_id).has_fault
    assert open_elements(session, instance_id) == []


def test_the_faults_of_a_confidential_request_are_for_who_sees_it(
    session: Session, clock: MovingClock
) -> None:
    request = submit(clock(), data={"about": "staff", "confidential": True})
    fault = Fault(
        instance_id=instance_of(request).id, key="x", element="assess", code="x",
        message="A name", raised_at=clock(),
    )  # fmt: skip
    session.add(fault)
    session.flush()
    assert faults.list_open(actor("maryam")) == [fault]
    assert faults.list_open(actor("admin")) == []
    with pytest.raises(NotFound):
        faults.retry(fault.id, {}, actor("admin"), clock())


def test_a_retry_with_corrected_variables_goes_on(session: Session, clock: MovingClock) -> None:
    instance_id = start(session, clock, share="not a number")
    task = session.scalars(select(UserTask)).one()
    tasks.complete(task.id, {"agreed": True}, actor("narges"), clock(), language="en")
    (fault,) = faults.of_instance(instance_id)

    with pytest.raises(Forbidden):
        faults.retry(fault.id, {"share": 4}, actor("narges"), clock())
    faults.retry(fault.id, {"share": 4}, actor("maryam"), clock())
    assert open_elements(session, instance_id) == ["large"]
    assert not processes.find(instance_id).has_fault
    with pytest.raises(FaultResolved):
        faults.retry(fault.id, {"share": 4}, actor("maryam"), clock())


def test_a_retry_that_fails_again_is_a_new_fault(session: Session, clock: MovingClock) -> None:
    instance_id = start(session, clock, share="not a number")
    task = session.scalars(select(UserTask)).one()
    tasks.complete(task.id, {}, actor("narges"), clock(), language="en")
    (first,) = faults.of_instance(instance_id)
    faults.retry(first.id, {}, actor("maryam"), clock())
    standing = session.scalars(select(Fault).where(Fault.resolved_at.is_(None))).all()
    assert [fault.element for fault in standing] == ["decide"]
    assert standing[0].id != first.id


def test_variables_that_cannot_be_stored_are_refused(session: Session, clock: MovingClock) -> None:
    instance_id = start(session, clock, share="not a number")
    task = session.scalars(select(UserTask)).one()
    tasks.complete(task.id, {}, actor("narges"), clock(), language="en")
    (fault,) = faults.of_instance(instance_id)
    with pytest.raises(Invalid) as wrong:
        faults.retry(fault.id, {"share": float("inf")}, actor("maryam"), clock())
    assert set(wrong.value.errors) == {"variables"}
