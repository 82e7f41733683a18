"""Who is away has a substitute, to whom the tasks come."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import Actor, may_see_task
from app.errors import Forbidden, Invalid, NoSuch
from app.models import UserTask
from app.services.accounts import api_tokens, people
from app.services.deployment import definitions
from app.services.desk import absences
from app.services.execution import agreement, processes
from tests.app.services.story import actor, bring_to, submit
from tests.bpmn.build import end, flows, node, process, properties, start
from tests.support.cast import token_of
from tests.support.clock import MovingClock

WEEK = timedelta(days=7)


def away(clock: MovingClock, who: str = "sara", substitute: str = "omid") -> int:
    user = people.by_login(who)
    row = absences.enter(
        user, substitute, clock() + timedelta(days=1), clock() + WEEK, actor(who), clock()
    )
    return row.id


def by_token(login: str, clock: MovingClock) -> Actor:
    found = api_tokens.find_actor(token_of(login), clock())
    assert found is not None
    return found


def by_session(login: str, clock: MovingClock) -> Actor:
    known = people.by_login(login)
    found = people.find_user(known.id, known.session_epoch, clock())
    assert found is not None
    return people.actor_of(found)


@pytest.mark.parametrize("come_in", [by_token, by_session])
def test_a_substitute_stands_in_the_groups_only_while_it_lasts(
    session: Session, clock: MovingClock, come_in: object
) -> None:
    assert callable(come_in)
    away(clock)
    task = bring_to(submit(clock()), "check_facts", clock())
    assert not may_see_task(come_in("omid", clock), task)
    clock.move(days=2)
    assert may_see_task(come_in("omid", clock), task)
    assert not may_see_task(come_in("narges", clock), task)
    clock.move(days=6)
    assert not may_see_task(come_in("omid", clock), task)


def test_it_ends_at_once_when_it_is_taken_back(session: Session, clock: MovingClock) -> None:
    absence_id = away(clock)
    clock.move(days=2)
    with pytest.raises(NoSuch):
        absences.end(absence_id, actor("narges"))
    absences.end(absence_id, actor("sara"))
    assert by_token("omid", clock).groups == {"intake"}
    assert absences.of_user(people.by_login("sara").id, clock()) == []


@pytest.mark.parametrize(
    ("attribute", "excluded", "holder", "candidates"),
    [
        ('assignee="sara"', "", "omid", []),
        ('assignee="sara"', "omid", None, []),
        ('candidateUsers="sara, reza"', "", None, ["sara", "reza", "omid"]),
    ],
)
def test_what_is_assigned_by_name_goes_to_the_substitute(
    session: Session, clock: MovingClock, attribute: str, excluded: str,
    holder: str | None, candidates: list[str],
) -> None:  # fmt: skip
    away(clock)
    clock.move(days=2)
    task = begin(attribute, excluded, clock, session)
    assert (task.assignee and task.assignee.login) == holder
    assert task.candidate_users == candidates
    assert agreement.compare(task.instance) == []


def begin(attribute: str, excluded: str, clock: MovingClock, session: Session) -> UserTask:
    said = properties(excludes=f'=["{excluded}"]') + f"<zeebe:assignmentDefinition {attribute}/>"
    source = process(
        start(), node("userTask", "work", extension=said), end(), flows("start > work > end")
    )
    row = definitions.deploy("away.bpmn", source, actor("admin"), clock())
    instance = processes.start(row, {}, actor("admin"), clock())
    return session.scalars(select(UserTask).where(UserTask.instance_id == instance.id)).one()


@pytest.mark.parametrize(
    ("substitute", "days", "field"),
    [("nobody", 3, "substitute"), ("partner", 3, "substitute"), ("sara", 3, "substitute"),
     ("omid", 0, "ends_on"), ("omid", 400, "ends_on")],
)  # fmt: skip
def test_what_cannot_be_is_refused(
    session: Session, clock: MovingClock, substitute: str, days: int, field: str
) -> None:
    sara, now = people.by_login("sara"), clock()
    with pytest.raises(Invalid) as wrong:
        absences.enter(sara, substitute, now, now + timedelta(days=days), actor("sara"), now)
    assert set(wrong.value.errors) == {field}


def test_one_substitute_at_a_time_entered_by_oneself_or_a_manager(
    session: Session, clock: MovingClock
) -> None:
    away(clock)
    with pytest.raises(Invalid) as twice:
        away(clock)
    assert set(twice.value.errors) == {"starts_on"}
    reza, now = people.by_login("reza"), clock()
    with pytest.raises(Forbidden):
        absences.enter(reza, "omid", now, now + WEEK, actor("sara"), now)
    assert absences.enter(reza, "omid", now, now + WEEK, actor("maryam"), now).id
