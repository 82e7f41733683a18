"""Workers are killed in the middle of a mailing: at the end everybody has it exactly once.

Each worker is a fork of the test, which kills itself by SIGKILL at a moment that is counted and
not timed, so that a slow machine dies at the same places as a quick one.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from typing import Any, NoReturn

from flask import Flask
from sqlalchemy import text

from app import jobs, work_sending, worker
from app.clock import tick as one_tick
from app.db import db
from app.models import Mailing
from app.services.bulk_sending import mailing_reports, mailing_sending
from app.services.execution import service_jobs
from app.services.sending import call_work
from connectors.fake_sms import SmsGateway
from tests.app.services import mailing_story as told
from tests.app.services.test_ways_of_letters import open_texts
from tests.support.application import transaction_of
from tests.support.clock import MovingClock

PEOPLE = 20
TEXTS = {"fa": {"body": "{{ customer.name }}، درود"}}
DEATHS = (1, 2, 3, 5, 8, 13, 4, 9, 16)
"""After so many of the moments below each of the workers dies, one after the other."""

STILL = 60
"""Seconds."""


def test_everybody_gets_it_exactly_once_though_workers_are_killed(
    app: Flask, clock: MovingClock
) -> None:
    with SmsGateway("kavenegar") as gateway:
        open_texts(app, clock, gateway)
        with transaction_of(app):
            for n in range(PEOPLE):
                told.customer(f"c{n}", phone=f"+98912000{n:04}")
        number = told.released(app, clock(), way="line", texts=TEXTS, fallback="fa")
        ends = [live_and_die(app, clock, moments) for moments in DEATHS]
        # Whoever comes last has all the time that it needs.
        ends += [live_and_die(app, clock, None) for _ in range(3)]
        assert ends.count(-signal.SIGKILL) >= len(DEATHS) - 3
        assert set(ends) <= {0, -signal.SIGKILL, -signal.SIGALRM}
        # Each was handed in once, too: what was in doubt was asked after first.
        assert len([one for one in gateway.asked if "/sms/send" in one.path]) == PEOPLE
        got = Counter(one.to for one in gateway.messages)
    assert set(got.values()) == {1}
    assert len(got) == PEOPLE
    rows = told.sent(app, number).values()
    assert Counter(row.state for row in rows) == {"accepted": PEOPLE}
    assert set(told.recipients(app, number).values()) == {("handed", None)}
    with transaction_of(app) as session:
        mailing = session.get_one(Mailing, number)
        assert mailing.state == "done"
        assert mailing_reports.progress(mailing).counts == {"sent": PEOPLE}


def live_and_die(app: Flask, clock: MovingClock, moments: int | None) -> int:
    """The clock beats, what a dead worker had is put back, and a new one works until it dies; its
    exit code."""
    clock.move(minutes=6)
    one_tick(app)
    with transaction_of(app):
        jobs.rescue(0)
    with warnings.catch_warnings():
        # The gateway answers in a thread of its own, which the fork knows nothing of.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        _work(app, moments)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _work(app: Flask, moments: int | None) -> NoReturn:
    # A fork that stands still dies like the others.
    signal.alarm(STILL)
    try:
        with app.app_context():
            # The connections of the test belong to the test.
            db.engine.dispose(close=False)
        if moments is not None:
            _die_after(moments)
        _take_jobs(app)
    except BaseException:  # noqa: BLE001  # Nothing of the test itself may go on in the fork.
        traceback.print_exc(file=sys.__stderr__)
        os._exit(3)
    os._exit(0)


def _die_after(moments: int) -> None:
    """Count the moments before and after each of the worker's deeds, and die at the last one."""
    left = [moments]

    def count() -> None:
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)

    def between(deed: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **kwargs: Any) -> Any:
            count()
            found = deed(*args, **kwargs)
            count()
            return found

        return counted

    for place, name in (
        (mailing_sending, "freeze"), (mailing_sending, "write_all"),
        (work_sending, "_done"), (call_work, "perform"), (service_jobs, "settle_row"),
    ):  # fmt: skip
        setattr(place, name, between(getattr(place, name)))
    worker.TASKS = {name: between(task) for name, task in worker.TASKS.items()}


def _take_jobs(app: Flask) -> None:
    """What a worker does with the queue, one job after the other."""
    with transaction_of(app) as session:
        mine = session.scalars(text("SELECT procrastinate_register_worker_v1()")).one()
    while True:
        with transaction_of(app) as session:
            job = session.execute(_FETCH, {"worker": mine}).one()
        if job.id is None:
            return
        taken = jobs.Running(job.id, mine, job.attempts)
        with jobs.carrying_out(taken):
            worker.perform(app, job.task_name, **job.args)
        if not taken.is_done:
            with transaction_of(app) as session:
                session.execute(_SUCCEEDED, {"number": job.id})


_FETCH = text("SELECT * FROM procrastinate_fetch_job_v2(NULL, :worker)")
_SUCCEEDED = text("SELECT procrastinate_finish_job_v1(:number, 'succeeded', false)")
