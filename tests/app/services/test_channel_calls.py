"""Service tasks that go out by channels: begun, carried out, settled, and what goes wrong."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from datetime import timedelta
from decimal import Decimal
from threading import Event as Flag
from typing import Any

import pytest
from psycopg.pq import TransactionStatus
from sqlalchemy import select, text

import bpmn
from app.access import SYSTEM
from app.db import session
from app.models import Delivery, Event, Fault, ProcessInstance
from app.services.execution import faults, job_rows, processes, service_jobs
from app.services.sending import (
    call_work,
    calls,
    channels,
    delivery_reports,
    no_contact,
)
from connectors.contract import Answer, Report
from connectors.errors import (
    Permanent,
    Transient,
    Unknown,
)
from tests.app.services.calling import Tick, World, bare, desk, diagram
from tests.bpmn.build import (
    boundary,
    declare_error,
    end,
    error,
    flows,
    io,
    process,
    service,
    start,
)
from tests.support.application import transaction_of
from tests.support.kinds import SECRET, Partner
from tests.support.patience import wait_until


def test_the_partner_s_answer_is_the_task_s_result(world: World, partner: Partner) -> None:
    world.channel()
    world.go()
    assert world.tokens == ["after"]
    assert world.variables["heard"] == "hello"
    [order] = partner.orders
    assert order.inputs == {"text": "hello", "tone": "soft"}
    assert partner.options[0]["token"] == SECRET
    row = world.row
    assert (row.state, row.attempts, row.partner_id) == ("accepted", 1, "p-1")
    assert (row.payload, row.reference) == ({"text": "hello", "tone": "soft"}, order.reference)
    assert row.answer == {"echo": {"text": "hello", "tone": "soft"}}


def test_no_transaction_is_open_while_the_partner_is_at_work(
    world: World, partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though what the channel needs, such as its WSDL, is read just before."""
    opened, carried_out = channels.open_, call_work._carried_out
    seen = []

    def open_reading(way: channels.Way) -> channels.Opened:
        session().execute(select(1))
        return opened(way)

    def watched(call: calls.Call, found: channels.Opened) -> call_work.Result:
        driver: Any = session().connection().connection.driver_connection
        seen.append(driver.info.transaction_status)
        return carried_out(call, found)

    monkeypatch.setattr(channels, "open_", open_reading)
    monkeypatch.setattr(call_work, "_carried_out", watched)
    world.channel()
    world.go()
    assert (seen, world.tokens) == ([TransactionStatus.IDLE], ["after"])


def test_cost_is_kept_and_no_secret_is_written_anywhere(world: World, partner: Partner) -> None:
    partner.script = [
        Answer("9", f"ok {SECRET}", {"echo": {"text": f"a {SECRET}"}}, Decimal("12.5"), "IRR")
    ]
    world.channel()
    world.go()
    row = world.row
    assert (row.cost, row.currency) == (Decimal("12.5"), "IRR")
    assert world.variables["heard"] == "a •••"
    with transaction_of(world.app) as session:
        told = json.dumps([event.data for event in session.scalars(select(Event))])
        state = session.get_one(ProcessInstance, world.instance_id)
        outcome = str(processes.inspect(state).variables)
    assert SECRET not in told + outcome + json.dumps(row.answer)


@pytest.mark.parametrize(
    "told",
    [
        Answer(f"id {SECRET}", f"ok {SECRET}", {"echo": {"text": f"a {SECRET}"}, SECRET: [SECRET]}),
        Permanent(f"no {SECRET}"),
        Permanent(f"no {SECRET}", code="deaf"),
        Transient(f"busy {SECRET}"),
        Unknown(f"perhaps {SECRET}"),
        RuntimeError(SECRET),
    ],
    ids=lambda one: type(one).__name__,
)
def test_what_a_partner_repeats_of_our_secrets_is_in_no_table(
    world: World, partner: Partner, told: Any
) -> None:
    partner.script = [told]
    world.channel()
    world.go(bare("parrot"))
    with transaction_of(world.app) as session:
        names = session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
        rows = {name: session.scalars(text(f'SELECT t::text FROM "{name}" t')).all()
                for name in names.all()}  # fmt: skip
    assert rows["delivery"] and rows["channel"], "they are looked at"
    for form in (SECRET, SECRET.encode().hex()):
        assert not [name for name, found in rows.items() if form in str(found)]


@pytest.mark.parametrize("cost", [Decimal("1e10"), Decimal("NaN"), Decimal("-Infinity"), "much"])
def test_a_cost_that_no_table_holds_loses_no_answer(
    world: World, partner: Partner, cost: Any
) -> None:
    partner.script = [Answer("9", "ok", {"echo": {"text": "x"}}, cost, "ریال\0ایران")]
    world.channel()
    world.go()
    row = world.row
    assert (row.state, row.cost, row.partner_id) == ("accepted", None, "9")
    assert world.tokens == ["after"]


def test_a_report_with_such_a_cost_counts(world: World, partner: Partner) -> None:
    partner.script = [Answer("9", "ok", {"echo": {"text": "x"}}, final=False)]
    world.channel()
    world.go()
    report = Report("delivered", "9", cost=Decimal("1e30"), currency="\0")
    with transaction_of(world.app):
        delivery_reports.note(world.row.channel_id or 0, report, world.clock())
    assert (world.row.state, world.row.cost) == ("delivered", None)


def test_a_transient_failure_is_tried_again_under_the_same_reference(
    world: World, partner: Partner, tick: Tick
) -> None:
    partner.script = [Transient("busy", retry_after=timedelta(minutes=9))]
    world.channel()
    world.go()
    row = world.row
    assert (row.state, row.attempts, world.job.state) == ("waiting", 1, "waiting")
    assert row.next_attempt_at is not None
    assert row.next_attempt_at >= world.clock() + timedelta(minutes=9)
    tick(minutes=8)
    assert len(partner.orders) == 1
    tick(minutes=2)
    assert world.tokens == ["after"]
    assert len({order.reference for order in partner.orders}) == 1
    assert [order.attempt for order in partner.orders] == [1, 2]


def test_it_is_given_up_after_as_many_attempts_as_the_channel_says(
    world: World, partner: Partner, tick: Tick
) -> None:
    partner.script = [Transient("busy", code="busy") for _ in range(9)]
    world.channel(policy={"attempts": 2})
    world.go()
    tick(hours=1)
    assert len(partner.orders) == 2
    assert (world.row.state, world.tokens) == ("dead", ["undelivered"])


@pytest.mark.parametrize(("code", "token"), [("deaf", "deaf"), ("http_404", "undelivered")])
def test_a_permanent_failure_is_the_error_of_its_code_or_of_the_family(
    world: World, partner: Partner, code: str, token: str
) -> None:
    partner.script = [Permanent("no", code=code)]
    world.channel()
    world.go()
    assert (world.tokens, world.row.state) == ([token], "dead")


def test_uncaught_it_is_a_fault_with_the_partner_s_words_and_no_secret(
    world: World, partner: Partner
) -> None:
    partner.script = [Permanent(f"no such order, {SECRET}", code="gone")]
    world.channel()
    world.go(bare("parrot"))
    with transaction_of(world.app) as session:
        [fault] = session.scalars(select(Fault))
    assert (fault.code, world.tokens) == ("gone", ["call"])
    assert "no such order, •••" in fault.message
    assert SECRET not in str(world.row.error)
    assert faults.remedies(fault)["fa"]
    # Corrected and tried again it is another call.
    world.retry(words="again")
    assert world.tokens == ["after"]
    assert len({order.reference for order in partner.orders}) == 2
    assert partner.orders[1].inputs["text"] == "again"


def test_an_optional_call_lets_the_process_go_on(world: World, partner: Partner) -> None:
    partner.script = [Permanent("no")]
    world.channel()
    world.go(bare("parrot", optional="true"))
    assert world.tokens == ["after"]


@pytest.mark.parametrize(
    ("answer", "heard", "partner_id"),
    [
        (Answer("9\0", "ok", {"echo": {"text": "a\0b"}}), "a\ufffdb", "9\ufffd"),
        (Answer("9", "ok", {"echo": {"text": float("nan")}}), None, "9"),
        (Answer("9", "ok", {"echo": {(1, 2): "no name"}}), None, "9"),
    ],
)
def test_what_no_table_holds_does_not_send_it_again(
    world: World, partner: Partner, answer: Answer, heard: str | None, partner_id: str
) -> None:
    partner.script = [answer]
    world.channel()
    world.go()
    assert len(partner.orders) == 1
    assert (world.row.state, world.row.partner_id) == ("accepted", partner_id)
    # What is no JSON is an error that this diagram catches; it is not taken for done.
    assert world.tokens == (["after"] if heard else ["undelivered"])
    assert world.variables.get("heard") == heard


def test_a_refusal_in_words_that_no_table_holds_is_told(world: World, partner: Partner) -> None:
    partner.script = [Permanent("no\0pe")]
    world.channel()
    world.go(bare("parrot"))
    assert (len(partner.orders), world.row.state) == (1, "dead")
    assert "no\ufffdpe" in (world.row.error or "")


class TestRefusedBeforehand:
    def test_without_a_channel_it_is_a_fault_until_there_is_one(
        self, world: World, partner: Partner
    ) -> None:
        world.go()
        assert world.faults == ["no_channel"]
        world.channel()
        world.retry()
        assert world.tokens == ["after"]

    def test_a_missing_input_and_one_too_large_are_faults(
        self, world: World, partner: Partner
    ) -> None:
        world.channel()
        world.go(bare("parrot", {"text": "=if words = null then words else null"}))
        assert world.faults == ["input"]
        world.go(bare("parrot"), words="x" * 300_000)
        assert sorted(world.faults) == ["input", "too_large"]
        assert partner.orders == []

    def test_an_answer_that_is_too_large_is_told_and_asked_for_no_more(
        self, world: World, partner: Partner
    ) -> None:
        partner.script = [Answer("1", "", {"echo": {"text": "x" * 300_000}})]
        world.channel()
        world.go(bare("parrot"))
        assert world.faults == ["reply_too_large"]
        assert (world.row.state, world.row.answer) == ("accepted", None)


class TestPeople:
    """Kinds that write to people: their addresses, and whom not to write to."""

    def test_do_not_contact_is_respected_and_the_process_told(
        self, world: World, partner: Partner, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(no_contact.KIND_OF, "texting-parrot", "phone")
        world.channel("texting-parrot")
        with transaction_of(world.app):
            assert no_contact.bar("phone", "0912 345 6789", "opted_out", SYSTEM, world.clock())
        source = diagram("texting-parrot", {"to": "=to", "text": "=words"})
        world.go(source, to="۰۹۱۲۳۴۵۶۷۸۹")
        assert (world.tokens, partner.orders, world.rows) == (["undelivered"], [], [])
        with transaction_of(world.app):
            assert no_contact.allow("phone", "+989123456789", SYSTEM, world.clock())
        world.go(source, to="۰۹۱۲۳۴۵۶۷۸۹")
        assert world.tokens == ["after"]

    def test_it_can_be_caught_by_its_own_code(self, world: World, partner: Partner) -> None:
        with transaction_of(world.app):
            no_contact.bar("email", "Maryam@Example.com", "asked", SYSTEM, world.clock())
        inputs = {"to": '="maryam@example.com"', "subject": '="x"', "body": '="y"'}
        source = process(
            start(), service("call", io(inputs=inputs), kind="email"), desk("after"),
            desk("never"), end(), boundary("b", "call", error("do_not_contact")),
            flows("start > call > after > end", "b > never > end"),
            before=declare_error("do_not_contact"),
        )  # fmt: skip
        world.go(source)
        assert (world.tokens, world.rows) == (["never"], [])


def test_a_report_that_comes_while_the_answer_is_written_is_not_lost(
    world: World, partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The report has the row in hand when the result is to be settled, which waits for it."""
    world.channel()
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    usual, begun = job_rows.to_settle, Flag()

    def report(row: Delivery) -> None:
        assert row.channel_id is not None
        told = Report(state="failed", reference=row.reference, words="off")
        with transaction_of(world.app) as session:
            delivery_reports.note(row.channel_id, told, world.clock())
            session.flush()
            begun.set()
            wait_until(lambda: bool(session.execute(waiting).scalar()), 20)

    def to_settle(job_id: int) -> job_rows.Settled | None:
        pool.submit(Context().run, report, world.row)
        assert begun.wait(60)
        return usual(job_id)

    monkeypatch.setattr(job_rows, "to_settle", to_settle)
    with ThreadPoolExecutor(1) as pool:
        world.go()
    assert (world.tokens, world.row.state) == (["after"], "failed")


def test_two_workers_never_carry_out_the_same(world: World, partner: Partner) -> None:
    world.channel()
    world.begin(diagram())
    job = world.job
    with transaction_of(world.app):
        [order] = service_jobs.begin(job.id, world.clock(), worker=1)
    with transaction_of(world.app):
        assert service_jobs.begin(job.id, world.clock(), worker=2) == []
    assert isinstance(order.work, calls.Call)
    assert world.run_jobs() == 0
    assert partner.orders == []


def test_the_event_of_a_cancelled_process_leaves_what_was_sent_as_it_is(
    world: World, partner: Partner
) -> None:
    world.channel()
    world.begin(diagram())
    with transaction_of(world.app):
        [order] = service_jobs.begin(world.job.id, world.clock(), worker=1)
    with transaction_of(world.app) as session:
        instance = processes.lock(world.instance_id)
        processes.advance(
            instance, bpmn.Terminate("enough"), {"kind": "cancelled"}, SYSTEM, world.clock()
        )
        assert session.get_one(ProcessInstance, world.instance_id).status != "active"
    assert isinstance(order.work, calls.Call)
    with world.app.app_context():
        result = call_work.perform(order.work)
    with transaction_of(world.app):
        service_jobs.settle(world.job.id, [result], world.clock())
    assert (world.row.state, len(partner.orders)) == ("accepted", 1)
