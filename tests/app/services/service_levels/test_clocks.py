"""Clocks in the tables: terms, cycles, reopening, and the clocks of single tasks."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

import sla
from app.db import transaction
from app.errors import Forbidden, Invalid, NoSuch
from app.models import (
    Branch,
    Contract,
    DueMoment,
    Event,
    Party,
    ProcessInstance,
    ServiceRequest,
    SlaClock,
    UserTask,
)
from app.services.casework import messages, requests, terms
from app.services.deployment import definitions
from app.services.desk import tasks
from app.services.execution import operations, processes, reopening
from app.services.service_levels import (
    clock_rows,
    ladders,
    promises,
    sla_settings,
    sla_writing,
    standing,
)
from tests.app.services.story import ASSESSED, actor, kinds_of, run_service_jobs, submit
from tests.bpmn import build
from tests.support.clock import MovingClock

HOUR = timedelta(hours=1)
RULES = """
[[metrics.resolution.rules]]
contract = "gold"
target = "PT16H"
calendar = "always"
[[metrics.resolution.rules]]
tier = "vip"
target = "P2D"
"""


def use_rules(clock: MovingClock) -> None:
    """Let gold contracts and important customers be served faster."""
    source = sla_settings.versions("policy", "complaint")[0].source + RULES
    sla_writing.save("policy", "complaint", source, actor("admin"), clock())


def sign(session: Session, request: ServiceRequest, **facts: object) -> Contract:
    """A gold contract of the customer of this request."""
    usual = {"number": "C-1", "level": "gold", "services": [], "starts_on": date(2026, 1, 1)}
    contract = Contract(
        party_id=request.customer_id, names={"fa": "طلایی", "en": "Gold"}, **{**usual, **facts}
    )
    session.add(contract)
    session.flush()
    return contract


def promise(request: ServiceRequest, metric: str, clock: MovingClock) -> promises.Promise:
    return next(p for p in promises.of_request(request, clock()) if p.metric == metric)


def test_a_new_request_takes_the_contract_in_force(session: Session, clock: MovingClock) -> None:
    use_rules(clock)
    first = submit(clock())
    plain = promise(first, "resolution", clock)
    assert (plain.target, plain.calendar, dict(plain.rule["when"])) == (
        80 * HOUR, "iran@1", {"priority": "normal"}
    )  # fmt: skip
    contract = sign(session, first)
    second = submit(clock())
    gold = promise(second, "resolution", clock)
    assert second.contract_id == contract.id
    assert (gold.target, gold.calendar, gold.policy) == (16 * HOUR, "always@1", "complaint@2")
    assert gold.rule == {
        "when": {"contract": "gold"}, "over": [{"priority": "normal"}, {}], "own_calendar": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    "facts",
    [
        {"starts_on": date(2027, 1, 1)},
        {"ends_on": date(2026, 1, 2)},
        {"services": ["incident"]},
    ],
)
def test_a_contract_out_of_force_does_not_count(
    session: Session, clock: MovingClock, facts: dict[str, object]
) -> None:
    use_rules(clock)
    sign(session, submit(clock()), **facts)
    assert submit(clock()).contract_id is None


def test_staff_put_a_request_under_another_contract_and_branch(
    session: Session, clock: MovingClock
) -> None:
    use_rules(clock)
    request = submit(clock())
    contract = sign(session, request)
    names = {"fa": "شمال", "en": "North"}
    session.add(Branch(key="north", names=names, calendar="england"))
    session.flush()
    clock.move(hours=2)
    before = promise(request, "resolution", clock).remaining
    terms.choose(request, actor("sara"), clock(), contract=contract.number, branch="north")
    promises.renew(request, clock())
    session.flush()
    after = promise(request, "resolution", clock)
    assert after.remaining == before - (80 - 16) * HOUR
    assert after.calendar == "always@1"
    # What no rule gives another calendar is counted by that of the branch.
    assert promise(request, "first_response", clock).calendar == "england@1"
    assert "terms_changed" in kinds_of(request)
    with pytest.raises(NoSuch):
        terms.choose(request, actor("sara"), clock(), contract="C-9", branch=None)
    with pytest.raises(NoSuch):
        terms.choose(request, actor("sara"), clock(), contract=None, branch="south")
    with pytest.raises(Forbidden):
        terms.choose(request, actor("partner"), clock(), contract=None, branch=None)


def test_a_customers_tier_counts_when_the_terms_are_judged_anew(
    session: Session, clock: MovingClock
) -> None:
    use_rules(clock)
    request = submit(clock())
    session.get_one(Party, request.customer_id).tier = "vip"
    session.flush()
    promises.renew(request, clock())
    found = promise(request, "resolution", clock)
    assert (found.target, found.rule["when"]) == (16 * HOUR, {"tier": "vip"})
    ledger = clock_rows.ledger_of(promises.clocks_of(request.id)["resolution"])
    assert ledger.entries[-1].reason == "policy:complaint@2,tier:vip"


def test_whatever_is_told_to_the_customer_begins_the_next_update(
    session: Session, clock: MovingClock
) -> None:
    request = submit(clock())
    run_service_jobs(request, clock())
    # The letter of acknowledgement was the first word.
    assert promise(request, "update_interval", clock).cycle == 2
    clock.move(hours=3)
    messages.reply_to_customer(request, "We are on it.", actor("sara"), clock())
    session.flush()
    found = promise(request, "update_interval", clock)
    assert (found.cycle, found.remaining, found.state) == (3, 40 * HOUR, "on_track")
    rows = session.scalars(
        select(SlaClock).where(SlaClock.metric == "update_interval").order_by(SlaClock.cycle)
    ).all()
    assert [row.state for row in rows] == ["stopped", "stopped", "running"]
    kept = select(DueMoment.clock_id).where(DueMoment.clock_id.in_([row.id for row in rows]))
    assert list(session.scalars(kept)) == [rows[-1].id]
    messages.note_internally(request, "Just us.", actor("sara"), clock())
    assert promise(request, "update_interval", clock).cycle == 3


DESK = build.process(
    build.start(),
    build.user("work", build.properties(sla="PT4H"), groups="intake"),
    build.user("check", build.properties(sla="PT4H", sla_pause="waits:customer", ladder="notice"),
               groups="intake"),
    build.end(),
    build.flows("start > work > check > end"),
    key="desk",
)  # fmt: skip
REOPENS = build.process(
    build.start(),
    build.user("work", build.properties(sla="PT4H"), groups="intake"),
    build.node("intermediateCatchEvent", "again", build.message("reopen"),
               build.properties(stage="closed")),
    build.user("more", groups="intake"),
    build.end(),
    build.flows("start > work > again > more > end"),
    key="complaint", before=build.declare("reopen", "=request.number"),
    properties=build.properties(stages="received, closed"),
)  # fmt: skip


def test_promises_known_from_the_step_are_those_of_the_tables(
    session: Session, clock: MovingClock
) -> None:
    request = submit(clock())
    run_service_jobs(request, clock())
    clock.move(hours=1)
    task = session.scalars(select(UserTask).where(UserTask.element == "assess")).one()
    tasks.complete(task.id, ASSESSED, actor("narges"), clock(), language="en")
    assert clock_rows.remembered(request.id) is not None
    known = standing.of_requests([request], clock())
    with session.begin_nested():
        # Behind a savepoint, which may be undone, nothing of before counts as known.
        assert clock_rows.remembered(request.id) is None
        assert standing.of_requests([request], clock()) == known
    assert len(known.of(request)) > 1
    session.commit()
    assert clock_rows.remembered(request.id) is None


def clocks_of_tasks(session: Session) -> dict[str, SlaClock]:
    query = select(SlaClock).where(SlaClock.task_key.is_not(None)).order_by(SlaClock.id)
    session.flush()
    return {clock.metric: clock for clock in session.scalars(query)}


def open_task(session: Session, element: str) -> UserTask:
    query = select(UserTask).where(UserTask.element == element, UserTask.state == "open")
    return session.scalars(query.execution_options(populate_existing=True)).one()


def begin(source: bytes, clock: MovingClock) -> ProcessInstance:
    row = definitions.deploy("x.bpmn", source, actor("admin"), clock())
    return processes.start(row, {}, actor("admin"), clock())


def test_a_step_of_work_has_a_clock_of_its_own(session: Session, clock: MovingClock) -> None:
    begin(DESK, clock)
    work = clocks_of_tasks(session)["work"]
    task = open_task(session, "work")
    assert (work.state, work.due_at, work.next_step) == ("running", task.due_at, "broken")
    clock.move(hours=1)
    tasks.complete(task.id, {}, actor("narges"), clock(), language="en")
    both = clocks_of_tasks(session)
    assert [both[name].state for name in ("work", "check")] == ["stopped", "running"]
    assert both["check"].ladder == "notice@1"
    assert both["check"].next_step == "at_risk"
    waiting = list(session.scalars(select(DueMoment.clock_id)))
    assert waiting == [both["check"].id]
    clock.move(hours=1)
    tasks.complete(open_task(session, "check").id, {}, actor("narges"), clock(), language="en")
    assert {c.state for c in clocks_of_tasks(session).values()} == {"stopped"}
    assert list(session.scalars(select(DueMoment.id))) == []


def test_late_work_is_noted_once(session: Session, clock: MovingClock) -> None:
    instance = begin(DESK, clock)
    clock.move(days=3)
    session.flush()
    [moment] = session.scalars(select(DueMoment.id))
    assert ladders.climb(moment, clock()) == 1
    session.flush()
    tasks.complete(open_task(session, "work").id, {}, actor("narges"), clock(), language="en")
    late = select(Event).where(Event.kind == "task_late", Event.instance_id == instance.id)
    [event] = session.scalars(late)
    assert event.element == "work"


def test_late_work_is_noted_when_it_is_done_before_the_clock_came(
    session: Session, clock: MovingClock
) -> None:
    begin(DESK, clock)
    clock.move(days=3)
    tasks.complete(open_task(session, "work").id, {}, actor("narges"), clock(), language="en")
    session.flush()
    assert len(list(session.scalars(select(Event).where(Event.kind == "task_late")))) == 1


def test_the_clock_of_work_stands_while_its_process_is_suspended(
    session: Session, clock: MovingClock
) -> None:
    instance = begin(DESK, clock)
    due = open_task(session, "work").due_at
    assert due is not None
    clock.move(hours=1)
    operations.suspend(instance.id, "look at it", actor("admin"), clock())
    assert clocks_of_tasks(session)["work"].state == "paused"
    assert open_task(session, "work").due_at is None
    assert list(session.scalars(select(DueMoment.id))) == []
    clock.move(hours=2)
    operations.resume(instance.id, "seen", actor("admin"), clock())
    session.flush()
    assert open_task(session, "work").due_at == clocks_of_tasks(session)["work"].due_at
    assert open_task(session, "work").due_at == due + 2 * HOUR


def test_the_date_of_a_task_schedule_is_kept_as_it_was_written(
    session: Session, clock: MovingClock
) -> None:
    night = "2026-05-09T22:30:00Z"
    schedule = f'<zeebe:taskSchedule dueDate="{night}"/>'
    source = build.process(
        build.start(), build.user("work", schedule, groups="intake"), build.end(),
        build.flows("start > work > end"), key="dated",
    )  # fmt: skip
    begin(source, clock)
    work = clocks_of_tasks(session)["work"]
    assert work.calendar == "always@1"
    assert work.due_at == open_task(session, "work").due_at == datetime.fromisoformat(night)


def test_work_on_a_request_is_counted_by_the_hours_of_its_branch(
    session: Session, clock: MovingClock
) -> None:
    session.add(Branch(key="north", names={"fa": "شمال", "en": "North"}, calendar="always"))
    session.flush()
    request = submit(clock(), branch="north")
    run_service_jobs(request, clock())
    assess = clocks_of_tasks(session)["assess"]
    assert (assess.calendar, assess.request_id) == ("always@1", request.id)
    assert open_task(session, "assess").due_at == clock() + 4 * HOUR == assess.due_at


def test_a_branch_that_nobody_has_is_refused(session: Session, clock: MovingClock) -> None:
    with pytest.raises(Invalid) as caught:
        submit(clock(), branch="south")
    assert set(caught.value.errors) == {"branch"}


def test_a_request_is_reopened_where_its_process_awaits_it(
    session: Session, clock: MovingClock
) -> None:
    definitions.deploy("complaint.bpmn", REOPENS, actor("admin"), clock())
    request = submit(clock())
    with pytest.raises(reopening.RequestOpen):
        requests.reopen(request, actor("sara"), clock(), "")
    clock.move(hours=2)
    tasks.complete(open_task(session, "work").id, {}, actor("narges"), clock(), language="en")
    session.flush()
    assert not request.is_open
    closed = promise(request, "resolution", clock)
    # Nothing in this process says that it was settled.
    assert (closed.state, closed.remaining) == ("dropped", 78 * HOUR)
    clock.move(days=3)
    with pytest.raises(Forbidden):
        requests.reopen(request, actor("partner"), clock(), "")
    requests.reopen(request, actor("sara"), clock(), "It broke again.")
    session.flush()
    assert request.is_open
    assert open_task(session, "more").request_id == request.id
    going = {one.metric: one for one in promises.of_request(request, clock())}
    assert (going["resolution"].state, going["resolution"].remaining) == ("on_track", 78 * HOUR)
    assert going["acknowledgement"].stopped_at is not None
    assert (going["update_interval"].cycle, going["update_interval"].remaining) == (2, 40 * HOUR)
    assert request.next_due_at == min(p.due_at for p in going.values() if not p.stopped_at)
    assert "request_reopened" in kinds_of(request)


def test_a_request_whose_process_has_ended_stays_closed(
    session: Session, clock: MovingClock
) -> None:
    definitions.deploy("complaint.bpmn", REOPENS, actor("admin"), clock())
    request = submit(clock())
    for element in ("work", "more"):
        tasks.complete(open_task(session, element).id, {}, actor("narges"), clock(), language="en")
        session.flush()
        if element == "work":
            requests.reopen(request, actor("sara"), clock(), "")
    assert not request.is_open
    session.commit()
    with pytest.raises(reopening.CannotReopen):
        requests.reopen(request, actor("sara"), clock(), "")
    session.rollback()
    assert not request.is_open


def test_what_would_be_promised_is_told_before_it_is_saved(
    session: Session, clock: MovingClock
) -> None:
    policy = sla.load_policy(
        (sla_settings.versions("policy", "complaint")[0].source + RULES).encode(), "complaint.toml"
    )
    told = promises.preview(policy, {"contract": "gold"}, clock())
    found = {one.metric.key: one for one in told}
    assert found["resolution"].due_at == clock() + 16 * HOUR
    assert found["resolution"].choice.rule.when == {"contract": "gold"}


def test_a_closed_request_leaves_no_clock_running_whatever_its_policy_says(
    session: Session, clock: MovingClock
) -> None:
    source = sla_settings.versions("policy", "complaint")[0].source
    forgetful = source.replace('drop = "closed"\n', "")
    assert forgetful != source
    sla_writing.save("policy", "complaint", forgetful, actor("admin"), clock())
    definitions.deploy("complaint.bpmn", REOPENS, actor("admin"), clock())
    request = submit(clock())
    tasks.complete(open_task(session, "work").id, {}, actor("narges"), clock(), language="en")
    session.flush()
    assert not request.is_open
    states = {row.metric: row.state for row in promises.clocks_of(request.id).values()}
    assert set(states.values()) == {"dropped"}
    ended = clock_rows.ledger_of(promises.clocks_of(request.id)["resolution"])
    assert ended.entries[-1].reason == "closed"
    assert request.next_due_at is None


def test_a_priority_raised_meanwhile_is_not_undone(app: Flask, clock: MovingClock) -> None:
    with app.app_context(), transaction():
        request_id = submit(clock()).id
    with app.app_context(), transaction() as ours:
        request = ours.get_one(ServiceRequest, request_id)
        assert request.priority == "normal"
        with app.app_context(), transaction() as theirs:
            other = theirs.get_one(ServiceRequest, request_id)
            other.priority = "urgent"
            promises.renew(other, clock())
            theirs.flush()
            raised = promises.clocks_of(request_id)["resolution"].target_seconds
        promises.happened(request, {"told:customer"}, clock())
        assert request.priority == "urgent"
    with app.app_context(), transaction():
        assert promises.clocks_of(request_id)["resolution"].target_seconds == raised
