"""Work that a ladder passes on goes to who is there, as it stands at that moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.db import transaction
from app.models import ServiceRequest, UserTask
from app.services.accounts import people
from app.services.desk import absences, task_changes, task_giving
from tests.app.services.service_levels.climbing import (
    climb_all,
    clock_of,
    escalations,
    moment_of,
    use_ladder,
)
from tests.app.services.story import actor, bring_to, submit
from tests.support.clock import MovingClock


def climb(session: Session, request: ServiceRequest, task: UserTask, clock: MovingClock) -> object:
    """Let the step of the ladder come; what came of its one action."""
    clock.now = moment_of(session, clock_of(request, "resolution"), "first")
    climb_all(session, clock())
    session.refresh(task)
    [told] = [one for one in escalations(session, request) if one["step"] == "first"]
    return told["did"][0]


def test_work_is_given_to_nobody_who_has_left(session: Session, clock: MovingClock) -> None:
    use_ladder('{reassign = "user:leila"}', clock())
    request = submit(clock())
    task = bring_to(request, "check_facts", clock())
    people.deactivate(people.by_login("leila"))
    told = climb(session, request, task, clock)
    assert isinstance(told, dict)
    assert set(told["failed"]) == {"fa", "en"}
    assert task.assignee_id is None


def test_work_of_who_is_away_is_given_to_the_substitute(
    session: Session, clock: MovingClock
) -> None:
    use_ladder('{reassign = "user:leila"}', clock())
    request = submit(clock())
    task = bring_to(request, "check_facts", clock())
    leila = people.by_login("leila")
    ends = clock() + timedelta(days=60)
    absences.enter(leila, "reza", clock(), ends, actor("maryam"), clock())
    people.deactivate(leila)
    told = climb(session, request, task, clock)
    assert isinstance(told, dict)
    assert (told["names"], told["tasks"]) == (dict(people.by_login("reza").names), 1)
    assert task.assignee_id == people.by_login("reza").id


def test_what_was_claimed_and_begun_meanwhile_is_seen(session: Session, clock: MovingClock) -> None:
    task = bring_to(submit(clock()), "check_facts", clock())
    session.flush()
    claimed = text("UPDATE user_task SET assignee_id = :by, draft = '{}' WHERE id = :id")
    session.execute(claimed, {"by": actor("reza").id, "id": task.id})
    assert task.draft is None, "what is known here is older"
    [found] = task_changes.held_of([task.instance_id], task.instance_id, task.key)
    assert (found.assignee_id, found.draft) == (actor("reza").id, {})
    assert task_giving.pass_on(found, "leila", people.by_login("leila"), clock())
    session.flush()
    left = session.execute(text("SELECT draft FROM user_task WHERE id = :id"), {"id": task.id})
    assert left.scalar_one() is None


def test_nobody_claims_what_is_being_passed_on(app: Flask, clock: MovingClock) -> None:
    with app.app_context(), transaction():
        task = bring_to(submit(clock()), "check_facts", clock())
        task_id, instance_id = task.id, task.instance_id

    def free() -> list[int]:
        query = "SELECT id FROM user_task WHERE id = :id FOR NO KEY UPDATE SKIP LOCKED"
        with app.app_context(), transaction() as other:
            return list(other.scalars(text(query), {"id": task_id}))

    with ThreadPoolExecutor(1) as pool:
        with app.app_context(), transaction():
            assert [one.id for one in task_changes.held_of([instance_id], None, None)] == [task_id]
            assert pool.submit(free).result() == []
        assert pool.submit(free).result() == [task_id]
