"""A changed setting reaches every clock that runs, in the background."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app import work
from app.db import transaction
from app.models import DueMoment, Event, ServiceRequest, SlaClock, UserTask
from app.services.casework import records
from app.services.desk import tasks
from app.services.execution import operations
from app.services.service_levels import (
    clock_rows,
    clocks,
    promises,
    reclock,
    sla_settings,
    sla_story,
    sla_texts,
    sla_words,
    sla_writing,
    standing,
)
from tests.app.services.story import (
    actor,
    bring_to,
    instance_of,
    kinds_of,
    run_service_jobs,
    submit,
)
from tests.support.clock import MovingClock

HOUR = timedelta(hours=1)


def change(kind: sla_settings.Kind, key: str, clock: MovingClock, *pairs: tuple[str, str]) -> None:
    source = sla_settings.versions(kind, key)[0].source
    for old, new in pairs:
        assert old in source
        source = source.replace(old, new)
    sla_writing.save(kind, key, source, actor("admin"), clock())


def recount(kind: sla_settings.Kind, key: str, clock: MovingClock) -> int:
    """Do it all in the transaction of the test; in how many batches."""
    batches = 0
    for bring in (reclock.bring_batch, reclock.bring_loose):
        after: int | None = 0
        while (after := bring(kind, key, after or 0, clock())) is not None:
            batches += 1
    return batches


def due_of(session: Session, clock: SlaClock) -> DueMoment:
    return session.scalars(select(DueMoment).where(DueMoment.clock_id == clock.id)).one()


def test_a_changed_policy_moves_all_open_promises_and_keeps_what_was_counted(
    session: Session, clock: MovingClock
) -> None:
    request = submit(clock())
    run_service_jobs(request, clock())
    clock.move(hours=3)
    before = {p.metric: p for p in promises.of_request(request, clock())}
    change("policy", "complaint", clock, ('normal = "P10D"', 'normal = "P12D"'),
           ('low = "P10D"', 'low = "P12D"'))  # fmt: skip
    assert recount("policy", "complaint", clock) == 1
    session.flush()
    after = {p.metric: p for p in promises.of_request(request, clock())}
    moved, same = after["resolution"], after["first_response"]
    assert moved.remaining == before["resolution"].remaining + 16 * HOUR
    assert (same.remaining, same.policy) == (before["first_response"].remaining, "complaint@2")
    assert after["acknowledgement"].policy == "complaint@1"
    row = promises.clocks_of(request.id)["resolution"]
    assert clock_rows.ledger_of(row).entries[-1].kind == "retargeted"
    assert due_of(session, row).due_at == row.next_step_at
    [event] = session.scalars(select(Event).where(Event.kind == "promises_moved"))
    assert (event.data["kind"], event.data["version"]) == ("policy", 2)
    assert [one["names"]["en"] for one in event.data["moved"]] == ["Resolution"]
    assert recount("policy", "complaint", clock) == 0


def test_a_changed_calendar_counts_from_now_on(session: Session, clock: MovingClock) -> None:
    request = submit(clock())
    run_service_jobs(request, clock())
    due = request.next_due_at
    task = session.scalars(select(UserTask).where(UserTask.state == "open")).one()
    was = task.due_at
    clock.move(hours=2)
    counted = {p.metric: p.remaining for p in promises.of_request(request, clock())}
    # Two hours of every morning are lost from now on.
    change("calendar", "iran", clock, ('"08:00-16:00"', '"10:00-16:00"'))
    recount("calendar", "iran", clock)
    session.flush()
    session.refresh(task)
    found = {p.metric: p for p in promises.of_request(request, clock())}
    assert {metric: one.remaining for metric, one in found.items()} == counted
    assert {one.calendar for one in found.values() if one.stopped_at is None} == {"iran@2"}
    assert request.next_due_at is not None
    assert due is not None
    assert request.next_due_at > due
    own = session.scalars(select(SlaClock).where(SlaClock.task_key.is_not(None))).one()
    assert own.calendar == "iran@2"
    assert task.due_at == own.due_at
    assert was is not None


def test_a_changed_ladder_is_climbed_from_the_next_step_on(
    session: Session, clock: MovingClock
) -> None:
    request = submit(clock())
    row = promises.clocks_of(request.id)["resolution"]
    half = row.next_step_at
    change("ladder", "complaint", clock, ('at = "50%"', 'at = "25%"'))
    recount("ladder", "complaint", clock)
    session.flush()
    row = promises.clocks_of(request.id)["resolution"]
    assert row.ladder == "complaint@2"
    assert row.next_step_at is not None
    assert half is not None
    assert due_of(session, row).due_at == row.next_step_at < half
    assert recount("ladder", "complaint", clock) == 0


def test_it_goes_on_in_batches_and_can_be_begun_again(
    app: Flask, clock: MovingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reclock, "BATCH", 2)
    with app.app_context(), transaction():
        for _ in range(5):
            submit(clock())
        change("policy", "complaint", clock, ('"P10D"', '"P12D"'))
    with app.app_context(), transaction():
        assert reclock.bring_batch("policy", "complaint", 0, clock()) is not None
    left = select(func.count(SlaClock.id)).where(SlaClock.policy_version == 1)
    with app.app_context(), transaction() as session:
        assert 0 < (session.scalar(left) or 0) < 20
    # The worker that began with it has died; another one takes the job up.
    with app.app_context():
        work.reclock("policy", "complaint")
    with app.app_context(), transaction() as session:
        assert session.scalar(left) == 0
        told = select(func.count(Event.id)).where(Event.kind == "promises_moved")
        assert session.scalar(told) == 5


def test_one_that_cannot_be_counted_anew_holds_up_no_other_and_is_tried_again(
    app: Flask, clock: MovingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context(), transaction():
        made = [submit(clock()).id for _ in range(3)]
        change("policy", "complaint", clock, ('"P10D"', '"P12D"'))
    usual = clocks.recount

    def count(request: ServiceRequest, *rest: Any, **more: Any) -> Any:
        if request.id == made[1]:
            raise ZeroDivisionError("a bad one")
        return usual(request, *rest, **more)

    with app.app_context(), monkeypatch.context() as patched:
        patched.setattr(clocks, "recount", count)
        work.reclock("policy", "complaint")
    assert requests_left(app) == {made[1]}
    with app.app_context(), transaction() as session:
        session.execute(text("UPDATE procrastinate_jobs SET status = 'succeeded'"))
    with app.app_context():
        work.tidy()
        work.tidy()
    with app.app_context(), transaction() as session:
        query = (
            "SELECT args FROM procrastinate_jobs WHERE task_name = 'reclock' AND status = 'todo'"
        )
        assert session.scalars(text(query)).all() == [{"kind": "policy", "key": "complaint"}]
    with app.app_context():
        work.reclock("policy", "complaint")
    assert requests_left(app) == set()


def requests_left(app: Flask) -> set[int | None]:
    """Those with clocks that go by the first version still."""
    with app.app_context(), transaction() as session:
        old = SlaClock.policy_version == 1, SlaClock.state != "stopped"
        return set(session.scalars(select(SlaClock.request_id).where(*old)))


def test_it_does_not_stand_in_the_way_of_steps(app: Flask, clock: MovingClock) -> None:
    with app.app_context(), transaction():
        numbers = [bring_to(submit(clock()), "check_facts", clock()).id for _ in range(12)]
        change("policy", "complaint", clock, ('"P10D"', '"P12D"'))

    def step(task_id: int) -> None:
        with app.app_context(), transaction():
            answers = {"findings": "Seen.", "founded": "yes"}
            tasks.complete(task_id, answers, actor("sara"), clock(), language="en")

    def all_clocks(_: int) -> None:
        with app.app_context():
            work.reclock("policy", "complaint")

    with ThreadPoolExecutor(4) as pool:
        done = [pool.submit(all_clocks, 0), *(pool.submit(step, one) for one in numbers)]
        done.append(pool.submit(all_clocks, 1))
        for one in done:
            one.result()
    with app.app_context(), transaction() as session:
        left = select(func.count(SlaClock.id)).where(
            SlaClock.policy_version == 1, SlaClock.state != "stopped", SlaClock.task_key.is_(None)
        )
        assert session.scalar(left) == 0


def drop_metric(name: str, clock: MovingClock) -> None:
    """Let the policy of complaints promise one thing less."""
    source = sla_settings.versions("policy", "complaint")[0].source
    head, *parts = re.split(r"(?m)^(?=\[metrics\.)", source)
    left = [one for one in parts if not re.match(rf"\[metrics\.{name}[\].]", one)]
    assert len(left) < len(parts)
    sla_writing.save("policy", "complaint", head + "".join(left), actor("admin"), clock())


def test_a_promise_that_a_new_policy_drops_ends_and_is_due_no_more(
    session: Session, clock: MovingClock
) -> None:
    request = submit(clock())
    row = promises.clocks_of(request.id)["update_interval"]
    drop_metric("update_interval", clock)
    assert recount("policy", "complaint", clock) == 1
    session.flush()
    session.refresh(row)
    assert (row.state, row.stopped_at) == ("dropped", clock())
    assert clock_rows.ledger_of(row).entries[-1].reason == "policy:complaint@2"
    stands = {one.metric: one.state for one in standing.of_requests([request], clock()).of(request)}
    assert stands["update_interval"] == "dropped"
    assert not list(session.scalars(select(DueMoment).where(DueMoment.clock_id == row.id)))
    kinds = kinds_of(request)
    assert not {"promise_kept", "promise_broken"} & {*kinds}
    assert kinds.count("promise_dropped") == 1
    assert records.standing_of(request.customer_id, actor("admin")).kept == 0
    assert promises.clocks_of(request.id)["resolution"].state == "running"
    assert recount("policy", "complaint", clock) == 0


def use_version(version: int, clock: MovingClock) -> None:
    """Go back to the text of an older version of the policy of complaints."""
    sources = {row.version: row.source for row in sla_settings.versions("policy", "complaint")}
    sla_writing.save("policy", "complaint", sources[version], actor("admin"), clock())


def test_a_promise_that_comes_back_goes_on_with_the_time_counted(
    session: Session, clock: MovingClock
) -> None:
    request = submit(clock())
    run_service_jobs(request, clock())
    clock.move(hours=2)
    counted = {p.metric: p.remaining for p in promises.of_request(request, clock())}
    drop_metric("resolution", clock)
    recount("policy", "complaint", clock)
    clock.move(hours=1)
    use_version(1, clock)
    assert recount("policy", "complaint", clock) == 1
    session.flush()
    [row] = [one for one in promises.clocks_of(request.id).values() if one.metric == "resolution"]
    assert (row.state, row.cycle, row.policy_version) == ("running", 1, 3)
    found = {p.metric: p.remaining for p in promises.of_request(request, clock())}
    assert found["resolution"] == counted["resolution"]
    assert due_of(session, row).due_at == row.next_step_at
    assert kinds_of(request).count("promise_taken_up") == 1
    assert recount("policy", "complaint", clock) == 0


def test_a_promise_that_was_met_while_nobody_made_it_does_not_come_back(
    session: Session, clock: MovingClock
) -> None:
    request = submit(clock())
    drop_metric("acknowledgement", clock)
    recount("policy", "complaint", clock)
    clock.move(minutes=1)
    run_service_jobs(request, clock())
    use_version(1, clock)
    recount("policy", "complaint", clock)
    assert promises.clocks_of(request.id)["acknowledgement"].state == "dropped"
    assert recount("policy", "complaint", clock) == 0


def test_a_new_promise_is_made_to_open_requests_too(session: Session, clock: MovingClock) -> None:
    done, request = submit(clock()), submit(clock())
    bring_to(done, "check_facts", clock())
    clock.move(hours=1)
    change("policy", "complaint", clock, ("metrics.update_interval", "metrics.news"),
           ("metrics.acknowledgement", "metrics.assessed"),
           ('stop = ["left:acknowledge", "left:reach_customer"]',
            'stop = "left:assess"'))  # fmt: skip
    recount("policy", "complaint", clock)
    session.flush()
    found = {one: promises.clocks_of(one.id) for one in (done, request)}
    assert {clocks["news"].state for clocks in found.values()} == {"running"}
    assert clock_rows.ledger_of(found[request]["news"]).started_at == clock()
    assert found[request]["update_interval"].state == "dropped"
    assert found[request]["assessed"].state == "running"
    assert "assessed" not in found[done]
    assert recount("policy", "complaint", clock) == 0


def test_a_step_before_the_recount_follows_the_new_policy_as_well(
    session: Session, clock: MovingClock
) -> None:
    request = submit(clock())
    run_service_jobs(request, clock())
    drop_metric("resolution", clock)
    promises.renew(request, clock())
    use_version(1, clock)
    bring_to(request, "check_facts", clock())
    assert promises.clocks_of(request.id)["resolution"].state == "running"
    assert recount("policy", "complaint", clock) == 0


def test_a_request_to_which_nothing_was_promised_gets_what_a_new_policy_promises(
    session: Session, clock: MovingClock
) -> None:
    source = sla_settings.versions("policy", "complaint")[0].source
    never = source.replace('start = "submitted"', 'start = "entered:reopened_later"')
    sla_writing.save("policy", "complaint", never, actor("admin"), clock())
    request = submit(clock())
    assert promises.clocks_of(request.id) == {}
    use_version(1, clock)
    assert recount("policy", "complaint", clock) == 1
    session.flush()
    assert {row.state for row in promises.clocks_of(request.id).values()} == {"running"}
    assert request.next_due_at is not None


def test_a_dropped_promise_of_a_closed_request_is_looked_at_no_more(
    session: Session, clock: MovingClock
) -> None:
    request = submit(clock())
    drop_metric("resolution", clock)
    recount("policy", "complaint", clock)
    request.close("rejected", clock())
    promises.happened(request, {"closed"}, clock())
    use_version(1, clock)
    assert recount("policy", "complaint", clock) == 0
    row = promises.clocks_of(request.id)["resolution"]
    assert (row.state, row.policy_version) == ("dropped", 2)


def test_a_new_pause_reaches_requests_that_wait_now(session: Session, clock: MovingClock) -> None:
    request = submit(clock())
    request.status, request.waits_for = "waiting", "customer"
    session.flush()
    change("policy", "complaint", clock, ('stop = ["left:acknowledge", '
           '"left:reach_customer"]', 'stop = ["closed"]\npause = "waits:customer"'))  # fmt: skip
    assert promises.clocks_of(request.id)["acknowledgement"].state == "running"
    recount("policy", "complaint", clock)
    row = promises.clocks_of(request.id)["acknowledgement"]
    assert row.state == "paused"
    assert clock_rows.ledger_of(row).paused_for == ("waits:customer",)


def test_a_new_pause_for_a_suspended_process_reaches_those_that_are(
    session: Session, clock: MovingClock
) -> None:
    request, other = submit(clock()), submit(clock())
    operations.suspend(instance_of(request).id, "look at it", actor("admin"), clock())
    session.flush()
    change("policy", "complaint", clock, ('pause = ["waits:customer", "waits:partner"]',
           'pause = ["waits:customer", "waits:suspended"]'))  # fmt: skip
    promises.renew(request, clock())
    promises.renew(other, clock())
    assert promises.clocks_of(request.id)["update_interval"].state == "running"
    states = {
        row.state
        for row in promises.clocks_of(request.id).values()
        if "waits:suspended" in clock_rows.ledger_of(row).paused_for
    }
    assert states == {"paused"}
    assert {row.state for row in promises.clocks_of(other.id).values()} == {"running"}


@pytest.mark.parametrize("language", ["en", "fa"])
def test_the_story_says_which_policy_dropped_a_promise_and_which_made_it_again(
    session: Session, clock: MovingClock, language: str
) -> None:
    request = submit(clock())
    drop_metric("resolution", clock)
    recount("policy", "complaint", clock)
    use_version(1, clock)
    session.flush()

    def lines() -> list[str]:
        story = next(
            one for one in sla_story.of_request(request, clock()) if one.metric == "resolution"
        )
        told = [sla_words.entry(story, one, language, str) for one in story.told]
        return [sla_words.stands(story, language, str), *told]

    stands, *_, dropped = lines()
    assert stands.startswith(sla_texts.STATES["dropped"][language])
    expected = {
        "en": "No longer promised: “Complaints” (version 2) leaves it out.",
        "fa": "دیگر قول داده نمی‌شود: در «رسیدگی به شکایت» (نسخهٔ ۲) نیامده است.",
    }
    assert dropped.startswith(expected[language])
    recount("policy", "complaint", clock)
    again = {"en": "Promised again by “Complaints” (version 3)",
             "fa": "«رسیدگی به شکایت» (نسخهٔ ۳) دوباره"}  # fmt: skip
    assert lines()[-1].startswith(again[language])
