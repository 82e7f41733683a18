"""Faults that are alike: counted together, tried again with one order, each with its history."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.errors import Forbidden, Invalid
from app.models import Event, Fault, ProcessInstance, UserTask
from app.services.accounts import people
from app.services.deployment import definitions
from app.services.desk import tasks
from app.services.execution import alike, faults, processes
from app.services.execution.alike import Deed, Place
from app.work import mend_fault
from tests.app.services.execution.test_faults import DIAGRAM
from tests.app.services.story import actor, instance_of, submit
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
    return Place("divide", fault.element, fault.code, "")


def order(fault: Fault, deed: Deed, expected: int, login: str = "maryam") -> int:
    return alike.order(place_of(fault), deed, expected, actor(login))


def carry_out(session: Session) -> None:
    """Do what the worker finds."""
    taken = text("DELETE FROM procrastinate_jobs WHERE status = 'todo' RETURNING args")
    orders = session.execute(taken).scalars().all()
    session.commit()
    for arguments in orders:
        mend_fault(**arguments)


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
    assert order(standing[1], Deed("retry", reason=" It works again. "), 2) == 2
    told = session.execute(
        text("SELECT args FROM procrastinate_jobs WHERE task_name = 'mend_fault' ORDER BY id")
    ).scalars()
    maryam = people.by_login("maryam").id
    assert list(told) == [
        {
            "fault_id": one.id,
            "user_id": maryam,
            "act": "retry",
            "reason": "It works again.",
            "variables": {},
            "flow": None,
        }
        for one in standing[1:]
    ]


def test_each_goes_on_in_the_name_of_who_ordered_it(session: Session, clock: MovingClock) -> None:
    first, second = stand(session, clock, "a", "b")
    for fault in (first, second):
        instance = session.get_one(ProcessInstance, fault.instance_id)
        assert instance.has_fault
    maryam = people.by_login("maryam")
    session.commit()
    mend_fault(first.id, maryam.id, act="retry", reason="why")
    again = session.get_one(Fault, first.id, populate_existing=True)
    assert (again.resolved_by, again.resolved_at) == (maryam.id, clock())
    events = session.scalars(select(Event).filter_by(instance_id=first.instance_id)).all()
    causes = [event.data.get("cause") or {} for event in events]
    assert any(c.get("kind") == "fault_retried" and c.get("reason") == "why" for c in causes)
    # It could still not be divided, so it stands anew; the order is not carried out twice.
    standing = alike.count_of(place_of(first), actor("maryam"))
    mend_fault(first.id, maryam.id, act="retry", reason="why")
    assert alike.count_of(place_of(first), actor("maryam")) == standing == 2


def test_who_may_no_longer_mend_mends_nothing(session: Session, clock: MovingClock) -> None:
    (fault,) = stand(session, clock, "a")
    with pytest.raises(Forbidden):
        alike.order(place_of(fault), Deed("retry"), 1, actor("sara"))
    with pytest.raises(Invalid):
        order(fault, Deed("retry", reason="x" * 1001), 1)
    sara, maryam = people.by_login("sara"), people.by_login("maryam")
    people.deactivate(maryam)
    session.commit()
    for user in (sara, maryam):
        mend_fault(fault.id, user.id, act="retry")
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
    place = Place("complaint", "assess", "x", "")
    assert alike.list_groups(actor("admin")) == [] == alike.list_of(place, actor("admin"))
    assert alike.count_of(place, actor("admin")) == 0
    assert alike.order(place, Deed("retry"), 9, actor("admin")) == 0
    assert [group.place for group in alike.list_groups(actor("maryam"))] == [place]
    assert alike.order(place, Deed("retry"), 9, actor("maryam")) == 1


def where(session: Session, fault: Fault) -> tuple[str, list[str]]:
    instance = session.get_one(ProcessInstance, fault.instance_id, populate_existing=True)
    return instance.status, list(instance.tokens)


def causes(session: Session, fault: Fault) -> list[dict[str, object]]:
    events = session.scalars(select(Event).filter_by(instance_id=fault.instance_id))
    return [event.data.get("cause") or {} for event in events]


def test_all_are_tried_again_with_the_same_values(session: Session, clock: MovingClock) -> None:
    first, second = stand(session, clock, "a", "b")
    assert order(first, Deed("retry", {"share": 4}), 2) == 2
    carry_out(session)
    for fault in (first, second):
        assert where(session, fault)[1] == ["large"]
        [told] = [one for one in causes(session, fault) if one.get("kind") == "fault_retried"]
        assert told["changed"] == ["share"]


def test_all_are_taken_as_done_with_a_value(session: Session, clock: MovingClock) -> None:
    first, second = stand(session, clock, "a", "b")
    with pytest.raises(Forbidden):
        order(first, Deed("skip"), 2)
    deed = Deed("skip", {"by": "hand"}, "f3", "Agreed by phone.")
    assert order(first, deed, 2, "admin") == 2
    carry_out(session)
    for fault in (first, second):
        assert where(session, fault)[1] == ["large"]
        assert processes.inspect(processes.find(fault.instance_id)).variables["by"] == "hand"
        [told] = [one for one in causes(session, fault) if one.get("kind") == "fault_skipped"]
        assert told["reason"] == "Agreed by phone."


def test_all_processes_are_cancelled_but_those_that_go_on(
    session: Session, clock: MovingClock
) -> None:
    first, second = stand(session, clock, "a", "b")
    with pytest.raises(Forbidden):
        order(first, Deed("cancel", reason="why"), 2)
    with pytest.raises(Invalid):
        order(first, Deed("cancel", reason=" "), 2, "admin")
    assert order(first, Deed("cancel", reason="Sent twice."), 2, "admin") == 2
    faults.retry(second.id, {"share": 4}, actor("maryam"), clock())
    carry_out(session)
    assert where(session, first) == ("terminated", [])
    assert where(session, second) == ("active", ["large"])
    [told] = [one for one in causes(session, first) if one.get("kind") == "cancelled"]
    assert told["reason"] == "Sent twice."


def test_more_than_were_confirmed_are_left_alone(session: Session, clock: MovingClock) -> None:
    first, *_ = stand(session, clock, "a", "b")
    with pytest.raises(alike.MoreMeanwhile, match="2 of them"):
        order(first, Deed("retry"), 1)
    assert session.scalar(text("SELECT count(*) FROM procrastinate_jobs")) == 0


def test_values_that_are_too_large_are_refused(session: Session, clock: MovingClock) -> None:
    (fault,) = stand(session, clock, "a")
    with pytest.raises(Invalid) as refused:
        order(fault, Deed("retry", {"share": "x" * alike.LARGEST}), 1)
    assert list(refused.value.errors) == ["variables"]


def test_an_order_is_written_in_batches(
    session: Session, clock: MovingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    standing = stand(session, clock, "a", "b", "c")
    monkeypatch.setattr(alike, "BATCH", 2)
    assert order(standing[0], Deed("retry"), 3) == 3
    assert session.scalar(text("SELECT count(*) FROM procrastinate_jobs")) == 3
