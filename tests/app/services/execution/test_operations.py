"""What an operator does to a running instance: nothing lost, nothing twice, nothing left behind."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import connectors
from app import jobs
from app.errors import Forbidden, Invalid, NotFound, OperationRefused
from app.models import (
    Delivery,
    DueMoment,
    Event,
    Fault,
    HeldMessage,
    ProcessInstance,
    ServiceJob,
    Subscription,
    UserTask,
)
from app.services.deployment import definitions
from app.services.desk import tasks
from app.services.execution import (
    corrections,
    faults,
    listening,
    moments,
    operations,
    processes,
    service_jobs,
    taking,
    timers,
)
from app.services.execution.processes import InstanceEnded, InstanceSuspended
from app.services.service_levels import sla_settings, sla_writing
from tests.app.services.story import actor, instance_of, submit
from tests.bpmn import build
from tests.support.clock import MovingClock

DESK = build.process(
    build.start(), build.user("work", groups="intake"),
    build.boundary("late", "work", build.timer("duration", "PT1H")),
    build.boundary("called", "work", build.message("call")),
    build.user("escalated", groups="intake"), build.user("talked", groups="intake"), build.end(),
    build.flows("start > work > end", "late > escalated > end", "called > talked > end"),
    key="desk", before=build.declare("call", "=case"),
)  # fmt: skip
LETTER = build.process(
    build.start(),
    build.service("tell", build.io(inputs={"to": '="a@example.com"', "subject": '="Hello"',
                                           "body": '="Well?"'}), kind="email"),
    build.user("after", groups="intake"), build.end(), build.flows("start > tell > after > end"),
    key="letter",
)  # fmt: skip


@pytest.fixture
def begin(session: Session, clock: MovingClock) -> Callable[..., ProcessInstance]:
    """``begin(DESK, case="1")`` starts a process of its own."""

    def start(source: bytes, **variables: Any) -> ProcessInstance:
        row = definitions.deploy("x.bpmn", source, actor("admin"), clock())
        instance = processes.start(row, variables, actor("admin"), clock())
        session.flush()
        return instance

    return start


Begin = Callable[..., ProcessInstance]


def elements(session: Session, instance: ProcessInstance) -> list[str]:
    session.flush()
    query = select(UserTask.element).where(UserTask.instance_id == instance.id)
    return sorted(session.scalars(query.where(UserTask.state == "open")))


def left(session: Session, instance: ProcessInstance) -> list[str]:
    """Everything of the instance that still waits in a table."""
    session.flush()
    open_rows: Mapping[str, Any] = {
        "task": select(UserTask.id).where(UserTask.state == "open"),
        "timer": select(DueMoment.id),
        "subscription": select(Subscription.id),
        "held": select(HeldMessage.id),
        "job": select(ServiceJob.id).where(ServiceJob.state.in_(("queued", "waiting", "failed"))),
        "fault": select(Fault.id).where(Fault.resolved_at.is_(None)),
    }
    found = [
        name for name, query in open_rows.items()
        if session.scalars(query.filter_by(instance_id=instance.id)).first() is not None
    ]  # fmt: skip
    letters = select(Delivery.id).where(Delivery.state.in_(("queued", "sending", "waiting")))
    return found + ["letter"] * len(session.scalars(letters).all())


def kinds(session: Session, instance: ProcessInstance) -> list[str]:
    session.flush()
    query = select(Event).where(Event.instance_id == instance.id).order_by(Event.id)
    return [
        event.data["cause"]["kind"] if event.kind == "step" else event.kind
        for event in session.scalars(query)
    ]


def call(session: Session, instance: ProcessInstance, clock: MovingClock) -> bool:
    heard = listening.deliver_to(instance.id, "call", "1", {"said": "x"}, actor("admin"), clock())
    session.flush()
    return heard


def suspend(session: Session, instance: ProcessInstance, clock: MovingClock) -> None:
    operations.suspend(instance.id, "look at it", actor("admin"), clock())
    session.flush()


def resume(session: Session, instance: ProcessInstance, clock: MovingClock) -> None:
    operations.resume(instance.id, "", actor("admin"), clock())
    session.flush()


def test_no_task_of_a_suspended_process_is_completed(
    session: Session, clock: MovingClock, begin: Begin
) -> None:
    instance = begin(DESK, case="1")
    suspend(session, instance, clock)
    task = session.scalars(select(UserTask)).one()
    tasks.claim(task.id, actor("narges"), clock())
    with pytest.raises(InstanceSuspended):
        tasks.complete(task.id, {}, actor("narges"), clock(), language="en")
    session.rollback()


def test_a_task_is_completed_after_the_resume(
    session: Session, clock: MovingClock, begin: Begin
) -> None:
    instance = begin(DESK, case="1")
    suspend(session, instance, clock)
    suspend(session, instance, clock)
    resume(session, instance, clock)
    resume(session, instance, clock)
    task = session.scalars(select(UserTask)).one()
    tasks.complete(task.id, {}, actor("narges"), clock(), language="en")
    assert instance.status == "completed"
    told = [kind for kind in kinds(session, instance) if kind.startswith("instance_")]
    assert told == ["instance_suspended", "instance_resumed"]


def test_the_event_tells_who_and_why(session: Session, clock: MovingClock, begin: Begin) -> None:
    instance = begin(DESK, case="1")
    suspend(session, instance, clock)
    event = session.scalars(select(Event).where(Event.kind == "instance_suspended")).one()
    assert (event.actor_id, event.data["reason"]) == (actor("admin").id, "look at it")


def test_a_due_timer_waits_and_fires_at_the_resume(
    session: Session, clock: MovingClock, begin: Begin
) -> None:
    instance = begin(DESK, case="1")
    timer = session.scalars(select(DueMoment)).one()
    suspend(session, instance, clock)
    clock.move(hours=2)
    assert not timers.fire(timer.id, clock())
    session.flush()
    assert moments.set_first_apart(clock(), 50) == 0
    assert elements(session, instance) == ["work"]
    resume(session, instance, clock)
    assert elements(session, instance) == ["escalated"]


def test_a_timer_that_was_queued_before_fires_once(
    session: Session, clock: MovingClock, begin: Begin
) -> None:
    instance = begin(DESK, case="1")
    number = session.scalars(select(DueMoment.id)).one()
    clock.move(hours=2)
    assert moments.set_first_apart(clock(), 50) == 1
    suspend(session, instance, clock)
    assert not timers.fire(number, clock())
    resume(session, instance, clock)
    assert not timers.fire(number, clock())
    assert elements(session, instance) == ["escalated"]


@pytest.mark.parametrize(("minutes", "then"), [(30, "talked"), (90, "escalated")])
def test_messages_and_timers_take_effect_in_their_order(
    session: Session, clock: MovingClock, begin: Begin, minutes: int, then: str
) -> None:
    instance = begin(DESK, case="1")
    suspend(session, instance, clock)
    clock.move(minutes=minutes)
    assert call(session, instance, clock)
    clock.move(hours=3)
    assert elements(session, instance) == ["work"]
    resume(session, instance, clock)
    assert elements(session, instance) == [then]
    assert ("message_not_awaited" in kinds(session, instance)) is (then == "escalated")
    assert session.scalars(select(HeldMessage)).all() == []


def test_a_message_that_is_heard_once_is_held_once(
    session: Session, clock: MovingClock, begin: Begin
) -> None:
    instance = begin(DESK, case="1")
    suspend(session, instance, clock)
    assert call(session, instance, clock)
    assert not call(session, instance, clock)
    resume(session, instance, clock)
    assert elements(session, instance) == ["talked"]
    assert processes.inspect(instance).variables["said"] == "x"


def test_a_letter_in_flight_is_settled_after_the_resume_and_sent_once(
    session: Session, clock: MovingClock, begin: Begin
) -> None:
    instance = begin(LETTER)
    job = session.scalars(select(ServiceJob)).one()
    (order,) = service_jobs.begin(job.id, clock())
    suspend(session, instance, clock)
    service_jobs.settle(job.id, [service_jobs.Result(order.delivery_id, None)], clock())
    session.flush()
    assert session.get_one(Delivery, order.delivery_id).state == "accepted"
    assert elements(session, instance) == []
    assert service_jobs.begin(job.id, clock()) == []
    resume(session, instance, clock)
    assert service_jobs.begin(job.id, clock()) == []
    assert elements(session, instance) == ["after"]
    assert len(session.scalars(select(Delivery)).all()) == 1


def test_a_crashed_job_whose_turn_came_meanwhile_is_queued_again_at_the_resume(
    session: Session, clock: MovingClock, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    instance = begin(LETTER)
    job = session.scalars(select(ServiceJob)).one()
    suspend(session, instance, clock)
    assert service_jobs.begin(job.id, clock()) == []
    taking.set_apart(job.id)
    asked: list[dict[str, Any]] = []
    monkeypatch.setattr(jobs, "defer", lambda task, **more: asked.append({"task": task, **more}))
    resume(session, instance, clock)
    assert asked == [
        {"task": "run_service_job", "lock": f"instance:{instance.id}", "job_id": job.id}
    ]


def test_a_cancelled_process_leaves_nothing_behind(
    session: Session, clock: MovingClock, begin: Begin
) -> None:
    instance = begin(DESK, case="1")
    suspend(session, instance, clock)
    call(session, instance, clock)
    with pytest.raises(Invalid):
        operations.cancel(instance.id, " ", actor("admin"), clock())
    operations.cancel(instance.id, "twice the same", actor("admin"), clock())
    assert left(session, instance) == []
    assert (instance.status, instance.suspended_at) == ("terminated", None)
    with pytest.raises(InstanceEnded):
        operations.suspend(instance.id, "", actor("admin"), clock())


def test_a_letter_that_waits_is_cancelled_with_its_process(
    session: Session, clock: MovingClock, begin: Begin
) -> None:
    instance = begin(LETTER)
    job = session.scalars(select(ServiceJob)).one()
    (order,) = service_jobs.begin(job.id, clock())
    later = service_jobs.Result(order.delivery_id, connectors.Transient("busy"))
    service_jobs.settle(job.id, [later], clock())
    assert left(session, instance) == ["job", "letter"]
    operations.cancel(instance.id, "wrong address", actor("admin"), clock())
    assert left(session, instance) == []


def test_cancelling_closes_the_request(session: Session, clock: MovingClock) -> None:
    request = submit(clock())
    instance = instance_of(request)
    operations.cancel(instance.id, "a test", actor("admin"), clock())
    assert not request.is_open
    assert left(session, instance) == []


def test_a_fault_is_skipped_with_the_values_that_were_missing(
    session: Session, clock: MovingClock, begin: Begin
) -> None:
    source = build.process(
        build.start(), build.script("sum", "=amount + 1", "total"),
        build.user("after", groups="intake"), build.end(),
        build.flows("start > sum > after > end"), key="adding",
    )  # fmt: skip
    instance = begin(source, amount="many")
    fault = session.scalars(select(Fault)).one()
    with pytest.raises(Forbidden):
        faults.skip(fault.id, {}, actor("maryam"), clock())
    faults.skip(fault.id, {"total": 3}, actor("admin"), clock(), reason="by hand")
    assert elements(session, instance) == ["after"]
    assert not instance.has_fault
    assert left(session, instance) == ["task"]
    assert "fault_skipped" in kinds(session, instance)


def test_variables_change_and_the_history_says_which(
    session: Session, clock: MovingClock, begin: Begin
) -> None:
    instance = begin(DESK, case="1")
    operations.change_variables(instance.id, {"a": 1}, None, "", actor("admin"), clock())
    assert processes.inspect(instance).variables == {"case": "1", "a": 1}
    event = session.scalars(
        select(Event).where(Event.instance_id == instance.id).order_by(Event.id.desc())
    ).first()
    assert event is not None
    assert event.data["cause"] == {
        "kind": "variables_changed", "changed": ["a"], "values": {"a": {"to": "1"}},
    }  # fmt: skip


def test_the_history_keeps_what_was_written_and_what_stood_there(
    session: Session, clock: MovingClock, begin: Begin
) -> None:
    instance = begin(DESK, case="1")
    wanted = {"case": "۲", "long": "x" * 1_000}
    operations.change_variables(instance.id, wanted, None, "", actor("admin"), clock())
    last = select(Event).where(Event.instance_id == instance.id).order_by(Event.id.desc())
    event = session.scalars(last.limit(1)).one()
    values = event.data["cause"]["values"]
    assert values["case"] == {"from": '"1"', "to": '"۲"'}
    assert len(values["long"]["to"]) == corrections.LONGEST
    assert values["long"]["to"].endswith("…")


def test_a_moved_token_takes_its_task_timer_and_subscription_along(
    session: Session, clock: MovingClock, begin: Begin
) -> None:
    instance = begin(DESK, case="1")
    operations.move(instance.id, "work", "escalated", "", actor("admin"), clock())
    assert elements(session, instance) == ["escalated"]
    assert left(session, instance) == ["task"]
    states = session.execute(select(UserTask.element, UserTask.state)).all()
    assert [tuple(row) for row in states] == [("work", "cancelled"), ("escalated", "open")]


def test_what_cannot_be_done_changes_nothing(
    session: Session, clock: MovingClock, begin: Begin
) -> None:
    instance = begin(DESK, case="1")
    before = instance.revision
    with pytest.raises(OperationRefused, match="No flow leads"):
        operations.move(instance.id, "work", "late", "", actor("admin"), clock())
    assert instance.revision == before
    assert elements(session, instance) == ["work"]


def test_only_operators_lay_hands_on_a_process_and_only_on_what_they_see(
    session: Session, clock: MovingClock, begin: Begin
) -> None:
    instance = begin(DESK, case="1")
    for who in ("sara", "maryam", "partner"):
        with pytest.raises(Forbidden):
            operations.suspend(instance.id, "", actor(who), clock())
    secret = submit(clock(), data={"about": "staff", "confidential": True})
    with pytest.raises(NotFound):
        operations.suspend(instance_of(secret).id, "", actor("admin"), clock())


def test_promises_go_on_unless_the_policy_says_otherwise(
    session: Session, clock: MovingClock
) -> None:
    request = submit(clock())
    instance = instance_of(request)
    due = request.next_due_at
    suspend(session, instance, clock)
    assert request.next_due_at == due
    resume(session, instance, clock)
    source = sla_settings.versions("policy", "complaint")[0].source
    stopping = re.sub("pause = .*\n", "", source)
    stopping = stopping.replace("start =", 'pause = "waits:suspended"\nstart =')
    sla_writing.save("policy", "complaint", stopping, actor("admin"), clock())
    suspend(session, instance, clock)
    assert request.next_due_at is None
    clock.move(hours=1)
    resume(session, instance, clock)
    assert request.next_due_at is not None
    assert due is not None
    assert request.next_due_at > due
