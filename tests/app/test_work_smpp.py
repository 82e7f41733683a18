"""The SMPP process: what it takes, how each message ends, and what a killed one leaves behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from app import leading, smpp, work_smpp
from app.access import SYSTEM, TERMINAL
from app.models import Delivery, InboundMessage, NoContact
from app.services.execution import operations, processes, suspension
from app.services.intake import sms_intake
from app.services.sending import channels, no_contact
from connectors.errors import NotConnected
from connectors.fake_smsc import Smsc
from connectors.smpp_link import Pace
from tests.app.services.calling import World, diagram
from tests.support.application import transaction_of
from tests.support.clock import MovingClock
from tests.support.patience import patient, wait_until

ROOT = Path(__file__).resolve().parents[2]
CALM = Pace(pause=0.02, longest_pause=0.05)
QUICK = replace(CALM, answer=1)
"""For an SMSC that never answers."""
SMS = diagram("sms", {"to": '="۰۹۱۲ ۱۲۳ ۴۵۶۷"', "body": "=words"}, channel="birds").replace(
    b"=echo.text", b"=id"
)


class Mobile(World):
    """A world whose channel is an SMSC."""

    smsc: Smsc
    pace: Pace = CALM

    def bind(self, **options: Any) -> None:
        given = {**self.smsc.options(), **options}
        password = {"password": given.pop("password")}
        self.channel("smpp", options=given, secrets=password)

    def line(self) -> work_smpp.Line:
        with transaction_of(self.app):
            channel = channels.open_(channels.find("birds"))
        return work_smpp.Line(self.app, channel, self.pace)

    def turn(self, until: Callable[[], Any]) -> None:
        """Keep one bind until that is so."""
        line = self.line()
        try:
            wait_until(lambda: (line.turn(0.02), until())[1], 20, lambda: "it never came to that")
        finally:
            line.end()


@pytest.fixture
def world(app: Flask, clock: MovingClock, run_jobs: Callable[[], int]) -> Iterator[Mobile]:
    made = Mobile(app, clock, run_jobs)
    with Smsc() as made.smsc:
        made.bind()
        yield made


def test_a_task_waits_for_the_process_that_has_the_bind(world: Mobile) -> None:
    world.go(SMS)
    assert (world.tokens, world.row.state, world.row.attempts) == (["call"], "queued", 0)
    assert world.job.state == "waiting"
    world.run_jobs()
    assert world.row.state == "queued"
    world.turn(lambda: world.tokens == ["after"])
    [part] = world.smsc.submitted
    assert (part.to, world.row.state, world.row.partner_id) == ("989121234567", "accepted", part.id)
    assert world.variables["heard"] == part.id
    assert world.row.answer == {"id": part.id, "parts": 1}


def test_a_message_that_ends_while_its_process_is_suspended_lets_it_go_on_later(
    world: Mobile,
) -> None:
    world.go(SMS)
    line = world.line()
    line._link.submit(line._take()[0], "989121234567", "hello")
    suspend(world)
    while world.row.state != "accepted":
        line.turn(0.02)
    line.end()
    assert world.tokens == ["call"]
    with transaction_of(world.app):
        suspension.resume(processes.lock(world.instance_id), "done", SYSTEM, world.clock())
    world.run_jobs()
    assert world.tokens == ["after"]
    assert len(world.smsc.submitted) == 1


def suspend(world: Mobile) -> None:
    with transaction_of(world.app):
        suspension.suspend(processes.lock(world.instance_id), "audit", SYSTEM, world.clock())


def test_nothing_of_a_suspended_process_is_handed_in_until_it_goes_on(world: Mobile) -> None:
    world.go(SMS)
    suspend(world)
    with line_of(world) as line:
        assert line._take() == []
        with transaction_of(world.app):
            suspension.resume(processes.lock(world.instance_id), "done", SYSTEM, world.clock())
        assert len(line._take()) == 1


@contextmanager
def line_of(world: Mobile) -> Iterator[work_smpp.Line]:
    line = world.line()
    try:
        yield line
    finally:
        line._link.close()


def test_nothing_of_a_process_that_is_over_is_handed_in(world: Mobile) -> None:
    world.go(SMS)
    with transaction_of(world.app):
        operations.cancel(world.instance_id, "no more", TERMINAL, world.clock())
    with line_of(world) as line:
        assert line._take() == []
    assert world.row.state == "cancelled"


@pytest.mark.parametrize(("sqlstate", "stops"), [("57P01", True), ("23505", False)])
def test_only_a_lost_database_stops_a_bind_that_receives(
    world: Mobile, monkeypatch: pytest.MonkeyPatch, sqlstate: str, stops: bool
) -> None:
    def refuse(*_: Any) -> None:
        raise refusal(sqlstate)

    monkeypatch.setattr(sms_intake, "take", refuse)
    with line_of(world) as line:
        sequence = world.smsc.say("989127654321", "سلام")
        with pytest.raises(DBAPIError) if stops else nullcontext():
            while world.smsc.wait_acknowledged(sequence, 0) is None:
                line.turn(0.05)


def refusal(sqlstate: str) -> DBAPIError:
    """What the database says, as the session raises it."""
    kind = psycopg.errors.lookup(sqlstate)
    return DBAPIError("INSERT", {}, kind("no"))


def test_a_receipt_updates_the_row(world: Mobile) -> None:
    world.go(SMS)
    world.turn(lambda: world.row.state == "accepted")
    line = world.line()
    sequence = world.smsc.report(world.smsc.submitted[0])
    while world.row.state != "delivered":
        line.turn(0.05)
    assert world.smsc.wait_acknowledged(sequence) == 0
    line.end()
    assert world.row.delivered_at is not None


def test_what_comes_in_is_kept_before_it_is_acknowledged(world: Mobile) -> None:
    line = world.line()
    sequence = world.smsc.say("989127654321", "لغو")
    while world.smsc.wait_acknowledged(sequence, 0) is None:
        line.turn(0.05)
    line.end()
    with transaction_of(world.app) as session:
        assert session.scalars(select(NoContact.address)).all() == ["+989127654321"]
        assert session.scalars(select(Delivery.recipient)).all() == ["+989127654321"]
    if not world.smsc.submitted:
        world.turn(lambda: world.smsc.submitted)
    assert world.smsc.submitted[0].to == "989127654321"


def test_characters_that_no_table_holds_bring_no_bind_down(world: Mobile) -> None:
    line = world.line()
    sequence = world.smsc.say("989127654321", "سلام\0 به شما")
    while (status := world.smsc.wait_acknowledged(sequence, 0)) is None:
        line.turn(0.05)
    line.end()
    assert status == 0
    with transaction_of(world.app) as session:
        assert session.scalars(select(InboundMessage.body)).all() == ["سلام\ufffd به شما"]


def test_who_wishes_for_no_more_does_not_get_what_waited_either(world: Mobile) -> None:
    world.go(SMS)
    with transaction_of(world.app):
        no_contact.bar("phone", "+989121234567", "opted_out", SYSTEM, world.clock())
    world.turn(lambda: world.tokens != ["call"])
    assert (world.tokens, world.row.state) == (["undelivered"], "dead")
    assert world.smsc.submitted == []


def test_parts_that_come_in_are_one_message(world: Mobile) -> None:
    content = "سلام 🙂".encode("utf-16-be")
    line = world.line()
    for number, half in ((2, content[-2:]), (1, content[:-2])):
        sequence = world.smsc.say_part("989127654321", half, 9, 2, number)
        while world.smsc.wait_acknowledged(sequence, 0) is None:
            line.turn(0.05)
    line.end()
    with transaction_of(world.app) as session:
        assert session.scalars(select(InboundMessage.body)).all() == ["سلام 🙂"]


def test_a_binary_message_does_not_stop_the_bind(world: Mobile) -> None:
    line = world.line()
    sequence = world.smsc.say("989127654321", "a\0b")
    while world.smsc.wait_acknowledged(sequence, 0) is None:
        line.turn(0.05)
    line.end()
    with transaction_of(world.app) as session:
        assert session.scalars(select(InboundMessage.body)).all() == ["a\ufffdb"]


def test_a_message_that_cannot_be_kept_comes_again(
    world: Mobile, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: Any) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(sms_intake, "take", crash)
    line = world.line()
    sequence = world.smsc.say("989127654321", "سلام")
    while (status := world.smsc.wait_acknowledged(sequence, 0)) is None:
        line.turn(0.05)
    line.end()
    assert status == 0x64


def test_a_refused_number_ends_at_its_event(world: Mobile) -> None:
    world.smsc.then("bad_number")
    world.go(SMS.replace(b'errorCode="deaf"', b'errorCode="bad_number"'))
    world.turn(lambda: world.tokens != ["call"])
    assert world.tokens == ["deaf"]
    assert world.row.state == "dead"


def test_what_is_no_number_is_never_handed_in(world: Mobile) -> None:
    world.go(SMS.replace("۰۹۱۲ ۱۲۳ ۴۵۶۷".encode(), b"maryam"))
    world.turn(lambda: world.tokens != ["call"])
    assert world.tokens == ["undelivered"]
    assert world.smsc.submitted == []


def test_a_throttled_message_waits_and_goes_out_later(world: Mobile, tick: Any) -> None:
    for _ in range(7):
        world.smsc.then("throttle")
    world.go(SMS)
    world.turn(lambda: world.row.state == "waiting")
    assert (world.tokens, world.job.state) == (["call"], "waiting")
    tick(hours=1)
    world.turn(lambda: world.tokens == ["after"])
    assert len(world.smsc.submitted) == 1


@pytest.mark.parametrize("lie", ["drop", "drop_after", "silence"])
def test_without_an_answer_a_person_decides(world: Mobile, lie: Any) -> None:
    world.smsc.then(lie)
    world.go(SMS)
    world.pace = QUICK
    with pytest.raises(NotConnected):
        world.turn(lambda: world.tokens != ["call"])
    world.pace = CALM
    assert (world.row.state, world.faults) == ("unknown", ["unknown_outcome"])
    world.retry()
    assert world.row.state == "queued"
    world.turn(lambda: world.tokens == ["after"])
    assert len(world.smsc.submitted) == (1 if lie == "drop" else 2)


def test_a_channel_may_say_that_it_is_sent_again(world: Mobile, tick: Any) -> None:
    world.bind(when_unknown="repeat")
    world.smsc.then("drop_after")
    world.go(SMS)
    with pytest.raises(NotConnected):
        world.turn(lambda: world.tokens != ["call"])
    assert (world.row.state, world.faults) == ("waiting", [])
    tick(hours=1)
    world.turn(lambda: world.tokens == ["after"])
    assert len(world.smsc.submitted) == 2


def test_what_a_dead_process_was_sending_is_unknown(world: Mobile) -> None:
    world.go(SMS)
    with transaction_of(world.app) as session:
        row = session.get_one(Delivery, world.row.id)
        row.state, row.attempts = "sending", 1
        channel = channels.open_(channels.find("birds"))
    assert work_smpp.settle_orphans(world.app, channel) == 1
    assert (world.row.state, world.faults) == ("unknown", ["unknown_outcome"])
    assert work_smpp.settle_orphans(world.app, channel) == 0


def test_two_who_take_at_once_take_different_messages(world: Mobile) -> None:
    for _ in range(4):
        world.go(SMS)
    lines = [world.line(), world.line()]
    threads = [threading.Thread(target=line._take) for line in lines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with transaction_of(world.app) as session:
        taken = list(session.scalars(select(Delivery.attempts)))
    assert taken == [1, 1, 1, 1]
    for line in lines:
        line._link.close()


def test_the_process_binds_again_when_the_link_breaks(
    world: Mobile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leading, "pause", lambda failures: 0.05)
    world.bind(binds=2)
    over = threading.Event()
    thread = threading.Thread(target=smpp.keep, args=(world.app, over))
    thread.start()
    try:
        assert world.smsc.wait_for(binds=2)
        world.smsc.cut()
        assert world.smsc.wait_for(binds=2)
        world.go(SMS)
        assert world.smsc.wait_for(submitted=1)
        assert world.smsc.binds == ["transceiver"] * 4
        # Who ends sooner leaves unread what the SMSC says.
        wait_until(lambda: world.tokens == ["after"])
    finally:
        over.set()
        thread.join(patient(30))
    assert world.tokens == ["after"]


CHILD = """
import signal, sys, threading
from app import create_app, smpp
from app.config import Settings
from pathlib import Path
app = create_app(Settings(Path(sys.argv[1]), "a-secret-for-tests", sys.argv[2], language="en"))
smpp.run(app)
"""


@pytest.mark.slow
def test_a_process_killed_before_the_answer_leaves_an_unknown_end(
    world: Mobile, app: Flask
) -> None:
    settings = app.extensions["peygir.settings"]
    world.smsc.then("silence")
    world.go(SMS)
    child = start(settings)
    try:
        assert world.smsc.wait_for(patient(60), submitted=1)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
    assert world.row.state == "sending"
    again = start(settings)
    try:
        wait_until(lambda: world.row.state != "sending", 60)
    finally:
        again.send_signal(signal.SIGTERM)
        assert again.wait(patient(30)) == 0
    assert (world.row.state, world.faults) == ("unknown", ["unknown_outcome"])
    assert len(world.smsc.submitted) == 1, "nobody sends it again unasked"


def start(settings: Any) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", CHILD, str(settings.data), settings.database_url]
    return subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
