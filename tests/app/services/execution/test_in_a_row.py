"""What one instance sends next is begun with the end of what it sent before, and nothing of what
was certain gets less so."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import Context
from threading import Event as Flag
from typing import Any
from unittest.mock import patch

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app import db, work_sending
from app.access import SYSTEM
from app.services.execution import (
    job_letters,
    job_rows,
    processes,
    service_jobs,
    suspension,
    taking,
)
from app.services.sending import channel_gate, channel_settings, channels, deliveries
from app.services.sending.channel_settings import Draft
from app.worker import perform
from connectors import Transient
from connectors.gate import TRIP
from tests.app.services.execution.test_taking import (
    NOW,
    ONE,
    TWO,
    Begin,
    ask,
    begin,
    jobs_of,
    letter,
    take,
)
from tests.bpmn.build import end, flows, io, process, service, start
from tests.support.application import WORKER, transaction_of
from tests.support.clock import MovingClock
from tests.support.kinds import Partner, partner
from tests.support.patience import wait_until
from tests.support.statements import statements

__all__ = ["begin", "partner"]

THREE = process(
    start(), letter("one"), letter("two"), letter("three"), end(),
    flows("start > one > two > three > end"), key="row",
)  # fmt: skip
TWELVE = process(
    start(), *[letter(f"n{n}") for n in range(12)], end(),
    flows("start > " + " > ".join(f"n{n}" for n in range(12)) + " > end"), key="twelve",
)  # fmt: skip
CALL = io(inputs={"text": '="hello"'})
CALLS = process(
    start(), letter("mail"), service("one", CALL, kind="parrot"),
    service("two", CALL, kind="parrot"), end(),
    flows("start > mail > one > two > end"), key="calls",
)  # fmt: skip


def states(app: Flask) -> list[tuple[Any, ...]]:
    return [row[:2] for row in jobs_of(app)]


def sent(app: Flask) -> list[tuple[Any, ...]]:
    return ask(app, "SELECT state, attempts FROM delivery ORDER BY id")


def channel(app: Flask, clock: MovingClock, **policy: Any) -> None:
    draft = Draft("birds", "parrot", {"en": "B"}, {"place": "x"}, is_default=True, policy=policy)
    with transaction_of(app):
        channel_settings.save(draft, SYSTEM, clock())


@contextmanager
def sending(act: Any) -> Iterator[list[str]]:
    """``act(subject number)`` happens whenever a letter goes out; the elements are not known."""
    gone: list[str] = []
    send = work_sending.send

    def sends(given: Any) -> Any:
        gone.append(given.delivery_id)
        return act(len(gone)) or send(given)

    with patch("app.work_sending.send", sends):
        yield gone


def test_one_look_carries_out_what_follows_each_other(app: Flask, begin: Begin) -> None:
    begin(1, THREE)
    assert take(app) is not None
    assert jobs_of(app) == [(name, "done", WORKER) for name in ("one", "two", "three")]
    assert sent(app) == [("accepted", 1)] * 3
    assert ask(app, "SELECT status FROM process_instance") == [("completed",)]
    assert ask(app, "SELECT max(attempts), min(attempts) FROM service_job") == [(1, 1)]
    assert take(app) is None


def test_what_follows_is_marked_and_committed_before_it_goes_out(app: Flask, begin: Begin) -> None:
    seen = []
    begin(1, THREE)
    with sending(lambda _: seen.append((jobs_of(app), sent(app)))):
        take(app)
    assert [(jobs[-1], letters[-1]) for jobs, letters in seen] == [
        ((name, "queued", WORKER), ("sending", 1)) for name in ("one", "two", "three")
    ]
    assert seen[1][0][0] == ("one", "done", WORKER)


def test_a_worker_that_dies_on_the_way_leaves_what_it_had_begun_and_no_more(
    app: Flask, begin: Begin
) -> None:
    class Killed(BaseException):
        """As by a signal: nothing is done any more."""

    def die(number: int) -> None:
        if number == 2:
            raise Killed

    begin(1, THREE)
    with sending(die) as gone, pytest.raises(Killed):
        take(app)
    assert jobs_of(app) == [("one", "done", WORKER), ("two", "queued", WORKER)]
    with transaction_of(app):
        [abandoned] = taking.give_back(15, WORKER + 1)
    with sending(lambda _: None) as later:
        Context().run(perform, app, "run_service_job", job_id=abandoned)
    # A mail of unknown end goes out again under the same reference.
    assert later == gone[1:]
    assert sent(app) == [("accepted", 1), ("accepted", 2)]
    assert states(app)[-1] == ("three", "queued")
    assert take(app, WORKER + 1) is not None
    assert sent(app)[-1] == ("accepted", 1)


def test_a_crash_in_beginning_what_follows_undoes_nothing_and_is_counted(
    app: Flask, begin: Begin
) -> None:
    compose = job_letters.compose

    def composing(instance: Any, job: Any, *more: Any) -> Any:
        if job.element == "two":
            raise ZeroDivisionError
        return compose(instance, job, *more)

    begin(1, THREE)
    with patch("app.services.execution.job_letters.compose", composing):
        assert take(app) is not None
        assert jobs_of(app) == [("one", "done", WORKER), ("two", "queued", None)]
        assert sent(app) == [("accepted", 1)]
        with pytest.raises(work_sending.Crashed) as crash:
            take(app)
    [(two,)] = ask(app, "SELECT id FROM service_job WHERE element = 'two'")
    assert crash.value.job_ids == (two,)
    assert take(app) is not None
    assert sent(app) == [("accepted", 1)] * 3


def test_one_that_crashes_in_the_row_gets_a_job_of_its_own(app: Flask, begin: Begin) -> None:
    def crash(number: int) -> None:
        if number == 2:
            raise ZeroDivisionError

    begin(1, THREE)
    with sending(crash), pytest.raises(work_sending.Crashed) as crashed:
        take(app)
    with app.app_context():
        work_sending.set_service_jobs_apart(crashed.value.job_ids)
    assert jobs_of(app) == [("one", "done", WORKER), ("two", "queued", taking.QUEUE)]


def test_a_lost_answer_to_the_end_leaves_nothing_lying(app: Flask, begin: Begin) -> None:
    begin(1, THREE)
    real, number = db.transaction, 0

    @contextmanager
    def losing() -> Iterator[Any]:
        nonlocal number
        number += 1
        with real() as session:
            yield session
        if number == 2:
            raise OperationalError("COMMIT", None, psycopg.OperationalError("lost"))

    with patch.object(work_sending, "transaction", losing):
        with pytest.raises(work_sending.Crashed) as crash:
            take(app)
    assert jobs_of(app) == [("one", "done", WORKER), ("two", "queued", WORKER)]
    with app.app_context():
        work_sending.set_service_jobs_apart(crash.value.job_ids)
    assert jobs_of(app)[-1] == ("two", "queued", taking.QUEUE)
    [(two,)] = ask(app, "SELECT id FROM service_job WHERE state = 'queued'")
    Context().run(perform, app, "run_service_job", job_id=two)
    assert take(app) is not None
    assert states(app) == [(name, "done") for name in ("one", "two", "three")]


def test_a_suspended_instance_sends_nothing_more(
    app: Flask, begin: Begin, clock: MovingClock
) -> None:
    [one] = begin(1, THREE)

    def suspend(number: int) -> None:
        if number == 2:
            Context().run(stop)

    def stop() -> None:
        with transaction_of(app):
            suspension.suspend(processes.lock(one), "a test", SYSTEM, clock())

    with sending(suspend):
        assert take(app) is not None
    assert jobs_of(app) == [("one", "done", WORKER), ("two", "queued", None)]
    assert take(app) is None
    with transaction_of(app):
        suspension.resume(processes.lock(one), "a test", SYSTEM, clock())
    while take(app) is not None:
        pass
    assert sent(app) == [("accepted", 1)] * 3


def test_one_instance_does_not_hold_a_thread(app: Flask, begin: Begin) -> None:
    begin(1, TWELVE)
    begin(1, ONE)
    conninfo = app.extensions["peygir.settings"].conninfo
    with psycopg.connect(conninfo, autocommit=True) as ear:
        ear.execute(f"LISTEN {taking.CHANNEL}")
        assert take(app) is not None
        # Of the eleventh all workers are told, the ten before were nobody's business.
        assert len(list(ear.notifies(timeout=60, stop_after=1))) == 1
        assert list(ear.notifies(timeout=0.2)) == []
    assert states(app).count(("send", "queued")) == 1
    assert len([1 for _, state in states(app) if state == "done"]) == work_sending.MOST_IN_A_ROW
    second = take(app)
    assert second is not None
    assert second.held.job.element == "send"
    assert take(app) is not None
    assert take(app) is None


def test_a_worker_that_is_to_end_begins_nothing_more(app: Flask, begin: Begin) -> None:
    begin(1, THREE)
    with app.app_context():
        look = work_sending.take_service_job(WORKER, lambda: None, lambda: True)
    assert look.claim is not None
    assert states(app) == [("one", "done"), ("two", "queued")]


def test_tasks_beside_each_other_keep_their_order(app: Flask, begin: Begin) -> None:
    begin(1, TWO)
    assert take(app) is not None
    assert jobs_of(app) == [("first", "done", WORKER), ("second", "done", WORKER)]
    assert ask(app, "SELECT status FROM process_instance") == [("completed",)]


def test_what_has_a_job_of_its_own_comes_first(app: Flask, begin: Begin) -> None:
    begin(1, TWO)
    with sending(lambda _: Context().run(set_second_apart, app)):
        assert take(app) is not None
    assert jobs_of(app) == [("first", "done", WORKER), ("second", "queued", taking.QUEUE)]


def set_second_apart(app: Flask) -> None:
    with transaction_of(app):
        taking.set_first_apart()


def test_what_was_taken_away_meanwhile_is_followed_by_nothing(app: Flask, begin: Begin) -> None:
    def take_away(_: int) -> None:
        ask(app, "UPDATE service_job SET taken_by = 0")

    begin(1, THREE)
    with sending(lambda number: Context().run(take_away, number)):
        assert take(app) is not None
    assert jobs_of(app) == [("one", "done", 0), ("two", "queued", None)]


def test_a_letter_that_waits_for_its_next_attempt_ends_the_row(app: Flask, begin: Begin) -> None:
    begin(1, THREE)
    with sending(lambda number: Transient("busy") if number == 2 else None):
        assert take(app) is not None
    assert states(app) == [("one", "done"), ("two", "waiting")]
    assert sent(app) == [("accepted", 1), ("waiting", 1)]


def test_a_channel_without_a_token_puts_off_what_follows(
    app: Flask, begin: Begin, clock: MovingClock, partner: Partner
) -> None:
    channel(app, clock, per_minute=1)
    begin(1, CALLS)
    assert take(app) is not None
    assert states(app) == [("mail", "done"), ("one", "done"), ("two", "waiting")]
    assert sent(app)[-1] == ("waiting", 0)
    assert len(partner.orders) == 1
    assert take(app) is None


def test_a_channel_that_is_off_puts_off_what_follows(
    app: Flask, begin: Begin, clock: MovingClock, partner: Partner
) -> None:
    channel(app, clock)
    begin(1, CALLS)
    with transaction_of(app):
        channel_settings.switch("birds", SYSTEM, clock(), enabled=False)
        ask_again = channels.find("birds")
    assert ask_again.enabled is False
    assert take(app) is not None
    assert states(app)[0] == ("mail", "done")
    assert partner.orders == []


def test_a_channel_hears_of_its_recovery_before_it_is_asked_again(
    app: Flask, begin: Begin, clock: MovingClock, partner: Partner
) -> None:
    channel(app, clock)
    with transaction_of(app):
        for _ in range(TRIP):
            channel_gate.note_failure(channels.find("birds"), clock())
    clock.move(minutes=1)
    begin(1, CALLS)
    while take(app) is not None:
        pass
    assert len(partner.orders) == 2
    assert states(app) == [(name, "done") for name in ("mail", "one", "two")]


def test_what_cannot_be_written_ends_the_row_with_a_fault(app: Flask, begin: Begin) -> None:
    source = process(
        start(), letter("one"), service("two", io(inputs={"to": "=null"}), kind="email"), end(),
        flows("start > one > two > end"), key="bad",
    )  # fmt: skip
    begin(1, source)
    assert take(app) is not None
    assert states(app) == [("one", "done"), ("two", "failed")]
    assert ask(app, "SELECT element FROM fault") == [("two",)]


def test_what_follows_sees_the_result_of_the_one_before(
    app: Flask, begin: Begin, clock: MovingClock, partner: Partner
) -> None:
    channel(app, clock)
    heard = io(inputs={"text": '="first"'}, outputs={"heard": "=echo.text"})
    source = process(
        start(), service("one", heard, kind="parrot"),
        service("two", io(inputs={"text": '=heard + " and second"'}), kind="parrot"), end(),
        flows("start > one > two > end"), key="told",
    )  # fmt: skip
    begin(1, source)
    assert take(app) is not None
    assert [order.inputs["text"] for order in partner.orders] == ["first", "first and second"]


def test_what_follows_takes_no_claim_of_its_own(app: Flask, begin: Begin) -> None:
    begin(1, THREE)
    with app.app_context(), statements() as asked:
        work_sending.take_service_job(WORKER, lambda: None)
    assert len([one for one in asked if "JOIN service_job" in one and "SKIP LOCKED" in one]) == 1
    begun = [one for one in asked if "INSERT INTO delivery" in one]
    assert ["UPDATE process_instance" in one for one in begun] == [False, True, True]


def test_who_waited_for_the_lock_reads_again_what_others_may_have_written(
    app: Flask, begin: Begin
) -> None:
    [one] = begin(1)
    with transaction_of(app):
        claim = taking.claim()
        assert claim is not None
        service_jobs.begin(claim.job_id, NOW(), worker=WORKER, claim=claim)
    long = "waitstart < clock_timestamp() - interval '20 ms'"
    waiting = text(f"SELECT count(*) FROM pg_locks WHERE NOT granted AND {long}")
    held = Flag()

    def hold() -> None:
        with transaction_of(app) as session:
            processes.lock(one)
            held.set()
            wait_until(lambda: bool(session.execute(waiting).scalar()), 20)

    with ThreadPoolExecutor(1) as pool:
        pool.submit(Context().run, hold)
        assert held.wait(60)
        with transaction_of(app):
            found = job_rows.to_settle(claim.job_id)
            assert found is not None
            assert found.standing is None
            assert [row.state for row in found.letters] == ["sending"]


def test_rows_of_several_workers_keep_each_order_and_send_each_once(
    app: Flask, begin: Begin
) -> None:
    begin(6, THREE)

    def take_all(worker: int) -> int:
        return sum(1 for _ in iter(lambda: take(app, worker), None))

    with sending(lambda _: None) as gone, ThreadPoolExecutor(4) as pool:
        list(pool.map(take_all, range(WORKER, WORKER + 4)))
        take_all(WORKER)
    assert ask(app, "SELECT DISTINCT state, attempts FROM service_job") == [("done", 1)]
    of = """SELECT delivery.reference, job.instance_id, job.element FROM delivery
              JOIN service_job job ON job.id = delivery.job_id"""
    known = {reference: rest for reference, *rest in ask(app, of)}
    assert sorted(gone) == sorted(known)
    by_instance: dict[int, list[str]] = {}
    for instance_id, element in (known[reference] for reference in gone):
        by_instance.setdefault(instance_id, []).append(element)
    assert list(by_instance.values()) == [["one", "two", "three"]] * 6


def test_the_channels_of_one_task_are_asked_for_leave_in_one_order_by_all(
    app: Flask, begin: Begin, clock: MovingClock, partner: Partner
) -> None:
    for key in ("birds", "crows"):
        draft = Draft(key, "parrot", {"en": key}, {"place": "x"}, policy={"per_minute": 60})
        with transaction_of(app):
            channel_settings.save(draft, SYSTEM, clock())
    ways = {key: channel_of(app, key) for key in ("birds", "crows")}

    def composing(_: Any, job: Any, *more: Any) -> Any:
        facts = {"job_id": job.id, "channel": "parrot", "recipient_name": "", "language": "en"}
        words = {"subject": "", "body": "", "payload": {"text": "x"}, "urgent": False}
        # As for a group whose first colleague reads text messages and whose second one mail.
        rows = [
            deliveries.new(
                channel_id=ways[key], recipient=key, created_at=clock(), **facts, **words
            )
            for key in ("crows", "birds")
        ]
        return job_letters.Composed(rows, [])

    begin(1, CALLS)
    real, asked = channel_gate.ask, []

    def asking(way: Any, *more: Any, **besides: Any) -> Any:
        asked.append(way.key)
        return real(way, *more, **besides)

    with (
        patch("app.services.execution.job_letters.compose", composing),
        patch("app.services.sending.channel_gate.ask", asking),
        transaction_of(app),
    ):
        claim = taking.claim()
        assert claim is not None
        orders = service_jobs.begin(claim.job_id, clock(), worker=WORKER, claim=claim)
    assert asked == ["birds", "crows"]
    assert len({order.delivery_id for order in orders}) == 2


def channel_of(app: Flask, key: str) -> int:
    with transaction_of(app):
        return channels.find(key).id
