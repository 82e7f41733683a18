"""When a step of a ladder is done: once, at its instant, and not for what has passed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.db import transaction
from app.models import Event, SlaStep
from app.services.execution import moments as due_moments
from app.services.service_levels import ladders, promises, sla_settings, sla_writing
from tests.app.services.service_levels.climbing import (
    LADDER,
    climb_all,
    clock_of,
    escalations,
    moment_of,
    moments,
    use_ladder,
)
from tests.app.services.story import actor, open_tasks, run_service_jobs, submit
from tests.support.clock import MovingClock


def test_a_clock_has_one_due_moment_that_of_its_next_step(
    session: Session, clock: MovingClock
) -> None:
    request = submit(clock())
    waiting = {one.clock_id: one for one in moments(session)}
    own = promises.clocks_of(request.id)
    assert set(waiting) >= {one.id for one in own.values()}
    for one in own.values():
        assert (waiting[one.id].key, waiting[one.id].due_at) == (one.next_step, one.next_step_at)
    assert waiting[own["resolution"].id].key == "half"


def test_a_step_is_due_anew_when_its_instant_moves_into_the_future_again(
    session: Session, clock: MovingClock
) -> None:
    request = submit(clock())
    clock.now = moment_of(session, clock_of(request, "resolution"), "half")
    climb_all(session, clock())
    assert clock_of(request, "resolution").next_step == "at_risk"
    source = sla_settings.versions("policy", "complaint")[0].source
    longer = source.replace('normal = "P10D"', 'normal = "P30D"').replace('"P10D"', '"P30D"')
    sla_writing.save("policy", "complaint", longer, actor("admin"), clock())
    promises.renew(request, clock())
    session.flush()
    resolution = clock_of(request, "resolution")
    assert resolution.next_step == "half"
    assert resolution.next_step_at is not None
    assert resolution.next_step_at > clock()
    steps = select(func.count(SlaStep.id)).where(
        SlaStep.clock_id == resolution.id, SlaStep.step == "half"
    )
    assert session.scalar(steps) == 1
    clock.now = resolution.next_step_at
    climb_all(session, clock())
    assert session.scalar(steps) == 2


def test_a_step_that_was_done_is_not_done_again_when_the_promise_becomes_shorter(
    session: Session, clock: MovingClock
) -> None:
    request = submit(clock())
    clock.now = moment_of(session, clock_of(request, "resolution"), "half")
    climb_all(session, clock())
    source = sla_settings.versions("policy", "complaint")[0].source
    shorter = source.replace('"P10D"', '"P6D"')
    sla_writing.save("policy", "complaint", shorter, actor("admin"), clock())
    promises.renew(request, clock())
    session.flush()
    resolution = clock_of(request, "resolution")
    # Five of six days are used: what was never done is done at once, what was done is not.
    assert resolution.next_step == "at_risk"
    climb_all(session, clock())
    done = [one["step"] for one in escalations(session, request) if one["metric"] == "resolution"]
    assert done == ["half", "at_risk"]


def test_two_workers_at_once_do_a_step_once(app: Flask, clock: MovingClock) -> None:
    with app.app_context(), transaction():
        request_id = submit(clock()).id
    clock.move(days=60)
    with app.app_context(), transaction() as session:
        waiting = [one.id for one in moments(session)]

    def work(moment: int) -> int:
        with app.app_context(), transaction():
            return ladders.climb(moment, clock())

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, [*waiting, *waiting]))
    with app.app_context(), transaction() as session:
        rows = session.execute(select(SlaStep.clock_id, SlaStep.step)).all()
        assert len(rows) == len(set(rows)) > 0
        told = select(Event.data).where(
            Event.request_id == request_id, Event.kind == "promise_escalated"
        )
        steps = [(one["metric"], one["step"]) for one in session.scalars(told)]
        assert len(steps) == len(set(steps)) > 0


def test_a_worker_that_dies_in_the_middle_leaves_nothing_half_done(
    app: Flask, clock: MovingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context(), transaction():
        submit(clock())
    clock.move(days=60)
    with app.app_context(), transaction() as session:
        moment = moments(session, "resolution")[0].id

    def die(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as dying, pytest.raises(SystemExit):
        dying.setattr(ladders, "_plan_next", die)
        with app.app_context(), transaction():
            ladders.climb(moment, clock())
    with app.app_context(), transaction() as session:
        assert session.scalar(select(func.count(SlaStep.id))) == 0
        assert ladders.climb(moment, clock()) == 5
        assert ladders.climb(moment, clock()) == 0


def test_a_worker_whose_clock_is_behind_hands_the_step_back(
    session: Session, clock: MovingClock
) -> None:
    submit(clock())
    first = moments(session, "resolution")[0]
    session.flush()
    due_moments.set_first_apart(first.due_at, 50)
    session.refresh(first)
    assert first.queued_at is not None
    assert ladders.climb(first.id, clock()) == 0
    assert first.queued_at is None


def test_a_clock_that_stopped_has_nothing_more_to_come(
    session: Session, clock: MovingClock
) -> None:
    request = submit(clock())
    run_service_jobs(request, clock())
    session.flush()
    assert clock_of(request, "acknowledgement").state == "stopped"
    assert moments(session, "acknowledgement") == []
    assert set(open_tasks(request)) == {"assess"}


def test_a_new_ladder_does_nothing_for_steps_that_have_passed(
    session: Session, clock: MovingClock
) -> None:
    request = submit(clock())
    clock.now = moment_of(session, clock_of(request, "resolution"), "at_risk")
    climb_all(session, clock())
    use_ladder('{raise_priority = "urgent"}', clock())
    promises.renew(request, clock())
    session.flush()
    resolution = clock_of(request, "resolution")
    assert (resolution.ladder, resolution.next_step) == ("complaint@2", "broken")
    assert resolution.done["first"] == moment_of(session, resolution, "first").isoformat()
    climb_all(session, clock())
    assert "first" not in {one["step"] for one in escalations(session, request)}
    assert request.priority == "normal"


def test_a_new_ladder_drops_nothing_that_has_come_and_waits_to_be_done(
    session: Session, clock: MovingClock
) -> None:
    request = submit(clock())
    clock.now = moment_of(session, clock_of(request, "resolution"), "half")
    early = LADDER[LADDER.index("[[steps]]") :].replace("50%", "25%").replace("ACTIONS", "")
    early = early.replace("actions = []", 'actions = [{raise_priority = "urgent"}]')
    source = sla_settings.versions("ladder", "complaint")[0].source + early
    sla_writing.save("ladder", "complaint", source, actor("admin"), clock())
    promises.renew(request, clock())
    session.flush()
    assert clock_of(request, "resolution").next_step == "half"
    climb_all(session, clock())
    done = [one["step"] for one in escalations(session, request) if one["metric"] == "resolution"]
    assert done == ["half"]
