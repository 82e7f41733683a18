"""Faults that are alike: counted together, tried again with one order, each with its history."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.errors import Forbidden, Invalid
from app.models import Event, Fault, ProcessInstance, UserTask
from app.services import alike, definitions, faults, people, processes, tasks
from app.services.alike import Place
from app.work import retry_fault
from tests.app.services.story import actor, instance_of, submit
from tests.app.services.test_faults import DIAGRAM
from tests.support.clock import MovingClock


def stand(session: Session, clock: MovingClock, *shares: object) -> list[Fault]:
    """So many processes that could not go on, some minutes apart."""
    row = definitions.deploy(DIAGRAM.name, DIAGRAM.read_bytes(), actor("admin"), clock())
    for share in shares:
        instance = processes.start(row, {"share": share}, actor("admin"), clock())
        session.flush()
        task = session.scalars(select(UserTask).filter_by(instance_id=instance.id)).one()
        tasks.complete(task.id, {"agreed": True}, actor("narges"), clock(), language="en")
        clock.move(minutes=1)
    return list(session.scalars(select(Fault).order_by(Fault.id)))


def place_of(fault: Fault) -> Place:
    return Place("divide", fault.element, fault.code)


def test_faults_of_one_step_and_code_stand_together(session: Session, clock: MovingClock) -> None:
    began = clock()
    first, *_others, last = stand(session, clock, "a", "b", "c")
    (group,) = alike.list_groups(actor("maryam"))
    assert (group.place, group.count) == (place_of(first), 3)
    assert (group.since, group.newest.id, group.differ) == (began, last.id, False)
    found = alike.list_of(group.place, actor("maryam"))
    assert [fault.id for fault in found] == sorted(fault.id for fault in found)
    assert alike.count_of(group.place, actor("maryam")) == len(found) == 3


def test_other_codes_and_steps_stand_apart(session: Session, clock: MovingClock) -> None:
    first, second, third = stand(session, clock, "a", "b", "c")
    second.code = "http_503"
    third.element = "elsewhere"
    third.message = "other"
    session.flush()
    groups = alike.list_groups(actor("maryam"))
    assert [(group.newest.id, group.count) for group in groups] == [
        (first.id, 1), (second.id, 1), (third.id, 1),
    ]  # fmt: skip
    third.element = first.element
    session.flush()
    assert [group.differ for group in alike.list_groups(actor("maryam"))] == [True, False]


def test_an_order_for_all_is_one_job_for_each(session: Session, clock: MovingClock) -> None:
    standing = stand(session, clock, "a", "b", "c")
    faults.retry(standing[0].id, {"share": 2}, actor("maryam"), clock())
    assert alike.retry_all(place_of(standing[1]), " It works again. ", actor("maryam")) == 2
    told = session.execute(
        text("SELECT args FROM procrastinate_jobs WHERE task_name = 'retry_fault' ORDER BY id")
    ).scalars()
    maryam = people.by_login("maryam").id
    assert list(told) == [
        {"fault_id": one.id, "user_id": maryam, "reason": "It works again."} for one in standing[1:]
    ]


def test_each_goes_on_in_the_name_of_who_ordered_it(session: Session, clock: MovingClock) -> None:
    first, second = stand(session, clock, "a", "b")
    for fault in (first, second):
        instance = session.get_one(ProcessInstance, fault.instance_id)
        assert instance.has_fault
    maryam = people.by_login("maryam")
    session.commit()
    retry_fault(first.id, maryam.id, "why")
    again = session.get_one(Fault, first.id, populate_existing=True)
    assert (again.resolved_by, again.resolved_at) == (maryam.id, clock())
    events = session.scalars(select(Event).filter_by(instance_id=first.instance_id)).all()
    causes = [event.data.get("cause") or {} for event in events]
    assert any(c.get("kind") == "fault_retried" and c.get("reason") == "why" for c in causes)
    # It could still not be divided, so it stands anew; the order is not carried out twice.
    standing = alike.count_of(place_of(first), actor("maryam"))
    retry_fault(first.id, maryam.id, "why")
    assert alike.count_of(place_of(first), actor("maryam")) == standing == 2


def test_who_may_no_longer_mend_mends_nothing(session: Session, clock: MovingClock) -> None:
    (fault,) = stand(session, clock, "a")
    with pytest.raises(Forbidden):
        alike.retry_all(place_of(fault), "", actor("sara"))
    with pytest.raises(Invalid):
        alike.retry_all(place_of(fault), "x" * 1001, actor("maryam"))
    sara, maryam = people.by_login("sara"), people.by_login("maryam")
    people.deactivate(maryam)
    session.commit()
    for user in (sara, maryam):
        retry_fault(fault.id, user.id, "")
    assert session.get_one(Fault, fault.id, populate_existing=True).resolved_at is None


def test_confidential_faults_are_neither_counted_nor_tried(
    session: Session, clock: MovingClock
) -> None:
    request = submit(clock(), data={"about": "staff", "confidential": True})
    fault = Fault(
        instance_id=instance_of(request).id, key="x", element="assess", code="x",
        message="A name", raised_at=clock() - timedelta(days=1),
    )  # fmt: skip
    session.add(fault)
    session.flush()
    place = Place("complaint", "assess", "x")
    assert alike.list_groups(actor("admin")) == [] == alike.list_of(place, actor("admin"))
    assert alike.count_of(place, actor("admin")) == 0
    assert alike.retry_all(place, "", actor("admin")) == 0
    assert [group.place for group in alike.list_groups(actor("maryam"))] == [place]
    assert alike.retry_all(place, "", actor("maryam")) == 1
