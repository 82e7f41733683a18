"""Moving running instances: what people added stays theirs, and nobody is moved halfway."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import TERMINAL
from app.errors import Forbidden, Invalid, NotFound
from app.models import (
    Delivery,
    DueMoment,
    Event,
    Fault,
    ProcessInstance,
    ServiceJob,
    Subscription,
    UserTask,
)
from app.services.deployment import definitions
from app.services.desk import tasks
from app.services.execution import agreement, faults, migrating, processes, service_jobs
from app.services.service_levels import promises
from tests.app.services.story import actor, bring_to, instance_of, submit
from tests.bpmn import build
from tests.support.clock import MovingClock


def desk(work: str = "work", *more: str, flow: str = "") -> bytes:
    return build.process(
        build.start(), build.user(work, groups="intake", name="Work"),
        build.user("after", groups="intake"), build.end(),
        build.boundary("late", work, build.timer("duration", "PT1H")), *more,
        build.flows(f"start > {work} > after > end", "late > after", *([flow] if flow else [])),
        key="desk", before=build.declare("call", "=case"),
    )  # fmt: skip


CALLED = build.boundary("called", "do", build.message("call"), interrupting=False)


@pytest.fixture
def deploy(session: Session, clock: MovingClock) -> Callable[[bytes], int]:
    """``deploy(source)`` gives the number of the version."""

    def put(source: bytes) -> int:
        return definitions.deploy("x.bpmn", source, actor("admin"), clock()).version

    return put


def begin(session: Session, clock: MovingClock, **variables: Any) -> ProcessInstance:
    row = definitions.latest("desk")
    instance = processes.start(row, variables, actor("admin"), clock())
    session.flush()
    return instance


def order(to: int, **mapping: str) -> migrating.Order:
    return migrating.order("desk", to, mapping, actor("admin"))


def test_claims_drafts_and_due_moments_stay_and_the_rows_keep_their_ids(
    session: Session, clock: MovingClock, deploy: Callable[[bytes], int]
) -> None:
    deploy(desk())
    instance = begin(session, clock, case="1")
    task = session.scalars(select(UserTask)).one()
    tasks.claim(task.id, actor("narges"), clock())
    tasks.save_draft(task.id, {"a": 1}, actor("narges"), clock())
    timer = session.scalars(select(DueMoment)).one()
    kept = (task.id, task.key, timer.id, timer.due_at)
    clock.move(minutes=30)

    to = deploy(desk("do", CALLED, flow="called > end"))
    plan = migrating.preview(order(to, work="do"), instance.id, actor("admin"))
    assert plan.verdict == "movable"
    assert [(one.element, one.verdict) for one in plan.listeners] == [
        ("late", "kept"), ("called", "armed"),
    ]  # fmt: skip
    assert instance.definition.version == 1
    done = migrating.move(order(to, work="do"), instance.id, actor("admin"), clock())
    session.flush()
    assert done.verdict == "moved"
    assert instance.definition.version == 2

    session.expire_all()
    task, timer = session.scalars(select(UserTask)).one(), session.scalars(select(DueMoment)).one()
    assert (task.id, task.key, timer.id, timer.due_at) == kept
    assert (task.element, task.assignee_id) == ("do", actor("narges").id)
    assert task.draft == {"a": 1}
    assert session.scalars(select(Subscription.element)).all() == ["called"]
    assert agreement.compare(instance) == []
    event = session.scalars(select(Event).order_by(Event.id.desc())).first()
    assert event is not None
    assert event.data["cause"] == {
        "kind": "migrated", "from": 1, "to": 2, "changed": {"work": "do"},
    }  # fmt: skip
    tasks.complete(task.id, {}, actor("narges"), clock(), language="en")
    assert session.scalars(select(UserTask.element).where(UserTask.state == "open")).all() == [
        "after"
    ]


def test_one_that_is_refused_is_not_changed_and_says_why(
    session: Session, clock: MovingClock, deploy: Callable[[bytes], int]
) -> None:
    deploy(desk())
    instance = begin(session, clock)
    before = (instance.revision, instance.state)
    done = migrating.move(order(deploy(desk("do"))), instance.id, actor("admin"), clock())
    assert done.verdict == "refused"
    assert "no element “work”" in done.reasons[0]["en"]
    assert [(one.element, one.verdict) for one in done.tokens] == [("work", "refused")]
    assert (instance.revision, instance.state) == before
    assert instance.definition.version == 1


def test_what_only_the_step_finds_out_is_refused_as_well(
    session: Session, clock: MovingClock, deploy: Callable[[bytes], int]
) -> None:
    deploy(desk())
    instance = begin(session, clock)
    to = deploy(desk("do", CALLED, flow="called > end"))
    done = migrating.move(order(to, work="do"), instance.id, actor("admin"), clock())
    assert done.verdict == "refused"
    assert "correlation" in done.reasons[0]["en"]
    assert agreement.compare(instance) == []


def test_those_that_are_left_are_found_again_until_none_is(
    session: Session, clock: MovingClock, deploy: Callable[[bytes], int]
) -> None:
    deploy(desk())
    first = [begin(session, clock).id for _ in range(3)]
    to = deploy(desk() + b"<!-- 2 -->")
    there = begin(session, clock).id
    said = order(to)
    assert migrating.waiting(said, actor("admin")) == first
    assert migrating.move(said, first[0], actor("admin"), clock()).verdict == "moved"
    session.flush()
    assert migrating.waiting(said, actor("admin")) == first[1:]
    assert migrating.waiting(said, actor("admin"), after=first[1], limit=1) == first[2:]
    assert migrating.move(said, there, actor("admin"), clock()).verdict == "done"
    back = migrating.order("desk", 1, {}, actor("admin"), of=2)
    assert migrating.waiting(back, actor("admin")) == [first[0], there]


def test_one_that_may_not_be_seen_holds_up_no_other(session: Session, clock: MovingClock) -> None:
    about = {"about": "staff", "confidential": True}
    secret, plain = instance_of(submit(clock(), data=about)), instance_of(submit(clock()))
    row = definitions.latest("complaint")
    source = definitions.source_of(row.id) + b"<!-- 2 -->"
    to = definitions.deploy(row.filename, source, actor("admin"), clock()).version
    said = migrating.order("complaint", to, {}, actor("admin"))
    assert migrating.waiting(said, actor("admin")) == [plain.id]
    assert migrating.waiting(said, TERMINAL) == [secret.id, plain.id]


def test_a_request_keeps_its_promises_and_its_stage(session: Session, clock: MovingClock) -> None:
    request = submit(clock())
    bring_to(request, "check_facts", clock())
    session.flush()
    before = (request.stage, request.next_due_at, dict(promises.clocks_of(request.id)))
    clock.move(hours=5)
    row = definitions.latest("complaint")
    again = definitions.deploy(
        row.filename, definitions.source_of(row.id) + b"<!-- 2 -->", actor("admin"), clock()
    )
    instance = instance_of(request)
    moved = migrating.order("complaint", again.version, {}, actor("admin"))
    assert migrating.move(moved, instance.id, actor("admin"), clock()).verdict == "moved"
    session.flush()
    assert (request.stage, request.next_due_at, dict(promises.clocks_of(request.id))) == before
    assert agreement.compare(instance) == []
    bring_to(request, "propose_remedy", clock())


def test_only_operators_move_and_only_to_versions_that_are_there(
    session: Session, clock: MovingClock, deploy: Callable[[bytes], int]
) -> None:
    deploy(desk())
    with pytest.raises(Forbidden):
        migrating.order("desk", 1, {}, actor("maryam"))
    with pytest.raises(NotFound, match="version 7 of desk"):
        migrating.order("desk", 7, {}, actor("admin"))


@pytest.mark.parametrize("pairs", [("a",), ("=b",), ("a=",), ("a=b", "a=c")])
def test_a_mapping_is_written_as_old_and_new(pairs: tuple[str, ...]) -> None:
    with pytest.raises(Invalid):
        migrating.read_mapping(pairs)
    assert migrating.read_mapping(("a=b", "c = d")) == {"a": "b", "c": "d"}


def test_what_was_sent_before_a_fault_is_not_sent_again_under_a_new_name(
    session: Session, clock: MovingClock
) -> None:
    def letter(name: str) -> bytes:
        inputs = {"to": '="a@example.com"', "subject": '="Hello"', "body": '="Well?"'}
        return build.process(
            build.start(), build.service(name, build.io(inputs=inputs), kind="email"), build.end(),
            build.flows(f"start > {name} > end"), key="desk",
        )  # fmt: skip

    definitions.deploy("x.bpmn", letter("tell"), actor("admin"), clock())
    instance = begin(session, clock)
    job = session.scalars(select(ServiceJob)).one()
    (sent,) = service_jobs.begin(job.id, clock())
    session.get_one(Delivery, sent.delivery_id).state = "accepted"
    service_jobs.give_up(job.id, "It crashed.", clock())
    session.flush()
    to = definitions.deploy("x.bpmn", letter("inform"), actor("admin"), clock()).version
    moved = migrating.move(order(to, tell="inform"), instance.id, actor("admin"), clock())
    assert moved.verdict == "moved"
    fault = session.scalars(select(Fault)).one()
    assert fault.element == "inform"
    faults.retry(fault.id, {}, actor("admin"), clock())
    again = session.scalars(select(ServiceJob.id).where(ServiceJob.state == "queued")).one()
    assert service_jobs.begin(again, clock()) == []
    assert instance.status == "completed"
