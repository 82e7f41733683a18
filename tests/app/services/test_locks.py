"""Two who act on one case at once wait for each other in one order, never crosswise."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError

import pytest
from flask import Flask

from app.db import session, transaction
from app.errors import Conflict
from app.models import ServiceRequest
from app.services.casework import messages
from app.services.desk import tasks
from app.services.intake import sms_parts
from connectors.contract import Inbound
from tests.app.services.intake.sms.texts import open_line, part
from tests.app.services.story import ANSWERS, actor, bring_to, submit
from tests.support.clock import MovingClock

ROUNDS = 6


def race(app: Flask, *acts: Callable[[], object]) -> list[str]:
    """Do all at once, each in its own transaction; ``done`` or ``refused`` for each."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], object]) -> str:
        with app.app_context():
            barrier.wait(60)
            try:
                with transaction():
                    act()
            except Conflict:
                return "refused"
            return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_claiming_and_completing(app: Flask, clock: MovingClock, round_: int) -> None:
    with app.app_context(), transaction():
        task = bring_to(submit(clock()), "assess", clock()).id
    answers = race(
        app,
        lambda: tasks.claim(task, actor("narges"), clock()),
        lambda: tasks.complete(task, ANSWERS["assess"], actor("omid"), clock(), language="en"),
    )
    assert "done" in answers


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_writing_and_completing(app: Flask, clock: MovingClock, round_: int) -> None:
    with app.app_context(), transaction():
        task = bring_to(submit(clock()), "check_facts", clock())
        task_id, request_id = task.id, task.request_id

    def write() -> None:
        request = session().get_one(ServiceRequest, request_id)
        customer = messages.customer_actor(request)
        messages.say_as_customer(request, "Any news?", customer, clock(), channel="portal")

    def complete() -> None:
        answers = ANSWERS["check_facts"]
        tasks.complete(task_id, answers, actor("sara"), clock(), language="en")

    assert race(app, write, complete, write) == ["done", "done", "done"]


def test_parts_of_a_text_that_come_at_once_by_two_ways(app: Flask, clock: MovingClock) -> None:
    with app.app_context(), transaction():
        channel_id = open_line(clock).way.id
    both, whole = Barrier(2), []

    def take(number: int) -> None:
        content = part(number, "ت".encode("utf-16-be"))
        came = Inbound(sender="+989120000042", recipient="3000", body="?", **content)
        whole.append(sms_parts.join(channel_id, came, clock()))
        with suppress(BrokenBarrierError):
            both.wait(0.3)

    assert race(app, lambda: take(1), lambda: take(2)) == ["done", "done"]
    assert [one.body for one in whole if one is not None] == ["تت"]
