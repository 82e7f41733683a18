"""A mailing is stopped, cancelled or dies at any instant: nobody gets it twice."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update

import connectors
from app import jobs, work, work_sending
from app.errors import OperationRefused
from app.models import Delivery, Mailing, MailingRecipient
from app.services.bulk_sending import (
    mailing_acts,
    mailing_reports,
    mailing_sending,
    mailings,
    unsubscribing,
)
from app.services.execution import retries
from app.services.sending import deliveries
from tests.app.services import mailing_story as told
from tests.app.services.story import actor
from tests.support.application import transaction_of
from tests.support.clock import MovingClock

Tick = Callable[..., None]


def test_a_stop_holds_back_what_is_queued_and_a_resume_goes_on(
    app: Flask, clock: MovingClock, tick: Tick, run_jobs: Callable[[], int]
) -> None:
    with transaction_of(app):
        told.crowd(8)
    number = told.released(app, clock())
    with transaction_of(app) as work:
        mailing_sending.advance(number, clock())
        first = work.scalars(select(Delivery).where(Delivery.mailing_id == number)).first()
        assert first is not None
        first.state, first.attempts = deliveries.SENDING, 1
        going = first.id
    with transaction_of(app):
        mailing_acts.stop(number, actor("maryam"), clock())
        assert mailing_acts.gone(number) == 1
        assert mailing_acts.held_back(number) == 7
        totals = mailing_reports.totals([mailings.find(number)])
        assert totals == {number: (8, 8)}
    run_jobs()
    states = sorted(row.state for row in told.sent(app, number).values())
    assert states == ["cancelled"] * 7 + ["sending"]
    # What was being sent fails for a while: it is not tried again until the mailing goes on.
    with transaction_of(app):
        row = deliveries.find(going)
        assert row is not None
        deliveries.settle_failure(row, connectors.NotConnected("gone"), clock())
    tick(hours=1)
    references = {row.reference for row in told.sent(app, number).values()}
    assert all(row.state == "cancelled" for row in told.sent(app, number).values())
    with transaction_of(app):
        mailing_acts.resume(number, actor("maryam"), clock())
    for _ in range(3):
        tick(seconds=6)
    rows = told.sent(app, number).values()
    assert [row.state for row in rows] == ["accepted"] * 8
    assert {row.reference for row in rows} == references
    assert told.state(app, number) == "done"


def begun_once(app: Flask, clock: MovingClock, state: str) -> tuple[int, int]:
    """The ids of a mailing to one customer and of its message, which was begun and is so since."""
    with transaction_of(app):
        told.crowd(1)
    number = told.released(app, clock())
    with transaction_of(app) as work:
        mailing_sending.advance(number, clock())
        row = work.scalars(select(Delivery).where(Delivery.mailing_id == number)).one()
        row.state, row.attempts = state, 1
        return number, row.id


def test_only_a_job_that_was_begun_before_takes_up_what_is_being_sent(
    app: Flask, clock: MovingClock
) -> None:
    number, delivery_id = begun_once(app, clock, deliveries.SENDING)
    with app.app_context():
        work_sending.send_delivery(delivery_id)
    assert [one.attempts for one in told.sent(app, number).values()] == [1]
    with app.app_context(), jobs.carrying_out(jobs.Running(0, None, attempts=1)):
        work_sending.send_delivery(delivery_id)
    assert [one.state for one in told.sent(app, number).values()] == ["accepted"]


@pytest.mark.parametrize("act", [mailing_acts.stop, mailing_acts.cancel])
def test_what_a_dead_worker_was_sending_at_a_stop_does_not_stay_so_for_ever(
    app: Flask, clock: MovingClock, tick: Tick, run_jobs: Callable[[], int], act: Any
) -> None:
    number, delivery_id = begun_once(app, clock, deliveries.SENDING)
    with transaction_of(app):
        act(number, actor("maryam"), clock())
    with app.app_context(), jobs.carrying_out(jobs.Running(0, None, attempts=1)):
        work_sending.send_delivery(delivery_id)
    run_jobs()
    assert [one.state for one in told.sent(app, number).values()] == ["unknown"]
    if act is mailing_acts.cancel:
        return
    with transaction_of(app):
        mailing_acts.resume(number, actor("maryam"), clock())
    for _ in range(2):
        tick(minutes=6)
    assert [one.state for one in told.sent(app, number).values()] == ["accepted"]
    assert told.state(app, number) == "done"


def test_what_was_to_be_asked_at_the_moment_at_which_a_mailing_is_done_is_asked(
    app: Flask, clock: MovingClock
) -> None:
    number, delivery_id = begun_once(app, clock, deliveries.UNKNOWN)
    # The clock has queued the question, and a worker looks at the mailing before another asks.
    with transaction_of(app):
        mailing_sending.advance(number, clock())
    assert told.state(app, number) == "done"
    with app.app_context():
        work_sending.send_delivery(delivery_id)
    assert [one.state for one in told.sent(app, number).values()] == ["accepted"]


@pytest.mark.parametrize("state", [deliveries.SENDING, deliveries.UNKNOWN])
def test_nobody_gets_again_what_they_have_ended_meanwhile_nor_is_it_called_left_out(
    app: Flask, clock: MovingClock, state: str
) -> None:
    with transaction_of(app):
        told.crowd(1)
    number = told.released(app, clock())
    with transaction_of(app) as work:
        mailing_sending.advance(number, clock())
        row = work.scalars(select(Delivery).where(Delivery.mailing_id == number)).one()
        row.state, row.attempts = state, 1
        unsubscribing.end(unsubscribing.Asked("email", row.recipient, number), clock())
        delivery_id = row.id
    with app.app_context(), jobs.carrying_out(jobs.Running(0, None, attempts=1)):
        work_sending.send_delivery(delivery_id)
    [row] = told.sent(app, number).values()
    assert (row.state, row.attempts, row.error) == ("unknown", 1, "unsubscribed")


def test_a_cancelled_one_is_over(app: Flask, clock: MovingClock, tick: Tick) -> None:
    with transaction_of(app):
        told.crowd(3)
    number = told.released(app, clock(), per_minute=6)
    tick(seconds=0)
    with transaction_of(app):
        mailing_acts.cancel(number, actor("maryam"), clock())
    tick(minutes=5)
    with transaction_of(app) as work:
        found = mailing_reports.progress(work.get_one(Mailing, number))
        assert found.counts == {"sent": 1, "cancelled": 2}
        with pytest.raises(OperationRefused):
            mailing_acts.resume(number, actor("maryam"), clock())


def test_a_batch_that_crashes_leaves_everybody_as_they_were(
    app: Flask, clock: MovingClock, tick: Tick, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction_of(app):
        told.crowd(5)
    number = told.released(app, clock())
    with monkeypatch.context() as patched:
        patched.setattr(jobs, "defer_all", _die)
        with app.app_context(), pytest.raises(MemoryError):
            work.advance_mailing(number)
    assert told.state(app, number) == "scheduled"
    assert not told.sent(app, number)
    tick(seconds=1)
    assert [row.state for row in told.sent(app, number).values()] == ["accepted"] * 5


def _die(*_: Any) -> None:
    raise MemoryError("the worker is gone")


def test_two_workers_hand_everybody_over_once(app: Flask, clock: MovingClock) -> None:
    with transaction_of(app):
        told.crowd(40)
    number = told.released(app, clock())

    def advance(_: int) -> None:
        with app.app_context():
            work.advance_mailing(number)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda n: Context().run(advance, n), range(3)))
    with transaction_of(app) as session:
        mine = select(func.count()).where(Delivery.mailing_id == number)
        assert session.scalar(mine) == 40
        frozen = select(func.count()).where(MailingRecipient.mailing_id == number)
        assert session.scalar(frozen) == 40


def test_what_is_tried_again_of_a_mailing_still_lets_letters_of_people_go_first(
    app: Flask, clock: MovingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "BATCH", 3)
    with transaction_of(app):
        told.crowd(4)
    number = told.released(app, clock())
    with transaction_of(app) as work:
        mailing_sending.advance(number, clock())
        message = connectors.Message("Your request", "x")
        letter = deliveries.compose("ali@example.com", "Ali", "en", message, clock())
        deliveries.keep([letter])
        later = {"state": deliveries.WAITING, "next_attempt_at": clock() + timedelta(seconds=1)}
        work.execute(update(Delivery).values(later))
        work.execute(text("DELETE FROM procrastinate_jobs"))
        letters = [letter.id]
    # The letter came due last.
    clock.move(seconds=2)
    with transaction_of(app) as work:
        work.execute(
            update(Delivery).where(Delivery.id.in_(letters)).values(next_attempt_at=clock())
        )
        retries.enqueue(clock())
    with transaction_of(app) as work:
        queued = "SELECT (args ->> 'delivery_id')::int, priority FROM procrastinate_jobs"
        found = [tuple(row) for row in work.execute(text(queued))]
    assert len(found) == 3
    assert [priority for one, priority in found if one in letters] == [0]
    assert {priority for one, priority in found if one not in letters} == {jobs.AFTER_OTHERS}
