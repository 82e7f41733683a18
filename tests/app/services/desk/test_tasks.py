"""Claiming, giving back, assigning, drafting and completing user tasks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import transaction
from app.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    TaskDone,
    TaskNotYours,
    TaskTaken,
)
from app.models import Event, ProcessInstance, ServiceRequest, UserTask
from app.services.accounts import people, staff
from app.services.casework import requests
from app.services.desk import task_giving, tasks
from tests.app.services.story import (
    ASSESSED,
    MARYAM,
    actor,
    bring_to,
    do,
    instance_of,
    kinds_of,
    open_tasks,
    submit,
)
from tests.support.clock import MovingClock


def test_claiming_makes_the_actor_its_owner_once(session: Session, clock: MovingClock) -> None:
    request = submit(clock())
    task = bring_to(request, "assess", clock())
    claimed = tasks.claim(task.id, actor("narges"), clock())
    again = tasks.claim(task.id, actor("narges"), clock.move(minutes=1))
    assert claimed.assignee_id == again.assignee_id == actor("narges").id
    assert kinds_of(request).count("task_claimed") == 1


def test_a_claimed_task_names_its_holder_to_the_next(session: Session, clock: MovingClock) -> None:
    task = bring_to(submit(clock()), "assess", clock())
    tasks.claim(task.id, actor("narges"), clock())
    with pytest.raises(TaskTaken) as taken:
        tasks.claim(task.id, actor("omid"), clock())
    assert "نرگس" in taken.value.message("fa")


def test_another_group_neither_sees_nor_claims_it(session: Session, clock: MovingClock) -> None:
    task = bring_to(submit(clock()), "assess", clock())
    for stranger in ("sara", "babak"):
        with pytest.raises(NotFound):
            tasks.claim(task.id, actor(stranger), clock())
        with pytest.raises(NotFound):
            tasks.complete(task.id, ASSESSED, actor(stranger), clock(), language="en")


def test_only_the_owner_or_an_overseer_gives_it_back(session: Session, clock: MovingClock) -> None:
    task = bring_to(submit(clock()), "assess", clock())
    tasks.claim(task.id, actor("narges"), clock())
    with pytest.raises(TaskNotYours):
        tasks.unclaim(task.id, actor("omid"), clock())
    assert tasks.unclaim(task.id, actor("maryam"), clock()).assignee_id is None


def test_completing_twice_changes_nothing(session: Session, clock: MovingClock) -> None:
    request = submit(clock())
    task = do(request, "assess", "narges", clock())
    revision = instance_of(request).revision
    events = len(session.scalars(select(Event.id)).all())
    with pytest.raises(TaskDone):
        tasks.complete(task.id, ASSESSED, actor("narges"), clock(), language="en")
    assert instance_of(request).revision == revision
    assert len(session.scalars(select(Event.id)).all()) == events


def test_anothers_task_cannot_be_completed(session: Session, clock: MovingClock) -> None:
    task = bring_to(submit(clock()), "assess", clock())
    tasks.claim(task.id, actor("narges"), clock())
    with pytest.raises(TaskNotYours):
        tasks.complete(task.id, ASSESSED, actor("omid"), clock(), language="en")


def test_wrong_answers_name_their_fields_and_take_no_step(
    session: Session, clock: MovingClock
) -> None:
    request = submit(clock())
    task = bring_to(request, "assess", clock())
    revision = instance_of(request).revision
    with pytest.raises(Invalid) as wrong:
        tasks.complete(task.id, {"kind": "nonsense"}, actor("narges"), clock(), language="fa")
    assert set(wrong.value.errors) >= {"kind"}
    assert instance_of(request).revision == revision
    assert task.state == "open"


def test_a_draft_waits_for_its_owner_and_goes_with_completion(
    session: Session, clock: MovingClock
) -> None:
    request = submit(clock())
    task = bring_to(request, "assess", clock())
    tasks.claim(task.id, actor("narges"), clock())
    tasks.save_draft(task.id, {"severity": "high"}, actor("narges"), clock())
    assert tasks.find(task.id, actor("narges")).draft == {"severity": "high"}
    with pytest.raises(TaskNotYours):
        tasks.save_draft(task.id, {}, actor("omid"), clock())
    assert do(request, "assess", "narges", clock()).draft is None


def test_a_confidential_request_is_seen_by_name_only(session: Session, clock: MovingClock) -> None:
    request = submit(clock(), data={"about": "staff", "confidential": True})
    task = bring_to(request, "assess", clock())
    with pytest.raises(NotFound):
        tasks.find(task.id, actor("narges"))
    task_giving.assign(task.id, "narges", actor("maryam"), clock())
    assert tasks.find(task.id, actor("narges")).id == task.id
    with pytest.raises(NotFound):
        tasks.find(task.id, actor("omid"))


@pytest.mark.parametrize("login", ["sara", "admin", "partner", "nobody"])
def test_a_task_is_given_to_a_colleague_of_its_group_only(
    session: Session, clock: MovingClock, login: str
) -> None:
    task = bring_to(submit(clock()), "assess", clock())
    with pytest.raises(Invalid) as wrong:
        task_giving.assign(task.id, login, actor("narges"), clock())
    assert set(wrong.value.errors) == {"assignee"}
    with pytest.raises(Invalid):
        task_giving.assign(task.id, login, actor("maryam"), clock())
    assert (
        task_giving.assign(task.id, "omid", actor("narges"), clock()).assignee_id
        == actor("omid").id
    )


SECRET = {"about": "staff", "confidential": True}


def test_only_a_manager_lets_others_into_a_confidential_request(
    session: Session, clock: MovingClock
) -> None:
    """Given a confidential complaint in Narges's hands, when she or the administrator gives
    it away, then they may not; a manager may, and then Narges sees it no longer."""
    request = submit(clock(), data=SECRET)
    task = bring_to(request, "assess", clock())
    task_giving.assign(task.id, "narges", actor("maryam"), clock())
    assert task_giving.colleagues(task, actor("narges")) == []
    with pytest.raises(Forbidden):
        task_giving.assign(task.id, "omid", actor("narges"), clock())
    with pytest.raises(NotFound):
        task_giving.assign(task.id, "omid", actor("admin"), clock())
    task_giving.assign(task.id, "sara", actor("maryam"), clock())
    assert request.named_users == [actor("sara").id]
    with pytest.raises(NotFound):
        tasks.find(task.id, actor("narges"))


def test_who_holds_another_task_of_it_or_entered_it_stays_named(
    session: Session, clock: MovingClock
) -> None:
    told = requests.Submission("complaint", "A", "B", MARYAM, SECRET)
    entered = requests.submit(told, actor("narges"), clock(), channel="phone", language="fa")
    assert entered.named_users == [actor("narges").id]
    task = bring_to(entered, "assess", clock())
    task_giving.assign(task.id, "narges", actor("maryam"), clock())
    task_giving.assign(task.id, "sara", actor("maryam"), clock())
    assert set(entered.named_users) == {actor("narges").id, actor("sara").id}
    other = UserTask(
        instance_id=task.instance_id, request_id=task.request_id, key="other", element="assess",
        names={}, candidate_groups=[], candidate_users=[], excluded_users=[], priority=50,
        assignee_id=actor("sara").id, created_at=clock(), state="open", revision=1,
    )  # fmt: skip
    session.add(other)
    session.flush()
    task_giving.assign(task.id, "leila", actor("maryam"), clock())
    assert set(entered.named_users) == {actor(one).id for one in ("narges", "sara", "leila")}


def test_two_tasks_given_at_once_name_both_people(app: Flask, clock: MovingClock) -> None:
    with app.app_context(), transaction() as work:
        request = submit(clock(), data=SECRET)
        first = bring_to(request, "assess", clock())
        second = UserTask(
            instance_id=first.instance_id, request_id=request.id, key="other", element="assess",
            names={}, candidate_groups=[], candidate_users=[], excluded_users=[], priority=50,
            created_at=clock(), state="open", revision=1,
        )  # fmt: skip
        work.add(second)
        work.flush()
        pairs, request_id = [(first.id, "sara"), (second.id, "leila")], request.id
    barrier = Barrier(2)

    def give(pair: tuple[int, str]) -> None:
        with app.app_context(), transaction():
            who = actor("maryam")
            barrier.wait(60)
            task_giving.assign(*pair, who, clock())

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(give, pairs))
    with app.app_context(), transaction() as work:
        named = work.get_one(ServiceRequest, request_id).named_users
        assert set(named) == {actor("sara").id, actor("leila").id}


def test_a_draft_claims_the_task_and_goes_with_its_owner(
    session: Session, clock: MovingClock
) -> None:
    """Given a draft of Narges's on a task that was free, then it is hers: Omid neither reads
    nor overwrites it, and it is gone when the task is given back or away."""
    request = submit(clock())
    task = bring_to(request, "assess", clock())
    tasks.save_draft(task.id, {"severity": "high"}, actor("narges"), clock())
    assert task.assignee_id == actor("narges").id
    assert kinds_of(request).count("task_claimed") == 1
    assert tasks.draft_of(task, actor("omid")) is None
    with pytest.raises(TaskNotYours):
        tasks.save_draft(task.id, {}, actor("omid"), clock())
    assert tasks.unclaim(task.id, actor("narges"), clock()).draft is None
    tasks.save_draft(task.id, {"severity": "high"}, actor("narges"), clock())
    assert task_giving.assign(task.id, "omid", actor("narges"), clock()).draft is None


def test_the_tasks_of_who_is_shut_out_wait_for_the_group(
    session: Session, clock: MovingClock
) -> None:
    request = submit(clock())
    task = bring_to(request, "assess", clock())
    tasks.claim(task.id, actor("narges"), clock())
    narges = people.by_login("narges")
    staff.let_in(narges, actor("admin"), clock.move(minutes=5), may_enter=False)
    assert (task.assignee_id, task.claimed_at) == (None, None)
    assert kinds_of(request)[-1] == "task_released"
    assert tasks.claim(task.id, actor("omid"), clock()).assignee_id == actor("omid").id


def test_of_two_who_claim_at_once_one_wins(app: Flask, clock: MovingClock) -> None:
    with app.app_context(), transaction():
        task_id = bring_to(submit(clock()), "assess", clock()).id
    barrier = Barrier(2)

    def claim(login: str) -> str:
        with app.app_context(), transaction():
            who = actor(login)
            barrier.wait(60)
            try:
                tasks.claim(task_id, who, clock())
            except TaskTaken:
                return "taken"
            return "won"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(claim, ("narges", "omid"))) == ["taken", "won"]


def test_one_who_claims_twice_at_once_has_it(app: Flask, clock: MovingClock) -> None:
    with app.app_context(), transaction():
        task_id = bring_to(submit(clock()), "assess", clock()).id
    barrier = Barrier(4)

    def claim(_: int) -> int | None:
        with app.app_context(), transaction():
            who = actor("narges")
            barrier.wait(60)
            return tasks.claim(task_id, who, clock()).assignee_id

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(claim, range(4)))) == 1


def test_of_many_who_complete_at_once_one_takes_the_step(app: Flask, clock: MovingClock) -> None:
    with app.app_context(), transaction():
        request = submit(clock())
        task = bring_to(request, "assess", clock())
        task_id, instance_id = task.id, task.instance_id
        revision = instance_of(request).revision
    barrier = Barrier(4)

    def complete(login: str) -> str:
        with app.app_context():
            try:
                with transaction():
                    who = actor(login)
                    barrier.wait(60)
                    tasks.complete(task_id, ASSESSED, who, clock(), language="en")
            except Conflict:
                return "refused"
            return "done"

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(complete, ("narges", "omid", "maryam", "admin")))
    assert answers.count("done") == 1
    with app.app_context(), transaction() as session:
        assert session.get_one(ProcessInstance, instance_id).revision == revision + 1
        query = select(UserTask.element).where(
            UserTask.instance_id == instance_id, UserTask.state == "open"
        )
        assert session.scalars(query).all() == ["check_facts"]


def test_the_facts_task_waits_for_the_group_that_the_table_named(
    session: Session, clock: MovingClock
) -> None:
    request = submit(clock())
    do(request, "assess", "narges", clock())
    assert open_tasks(request)["check_facts"].candidate_groups == ["complaints"]
    assert request.priority == "low"
