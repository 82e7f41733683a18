"""Service tasks that go out by channels: begun, carried out, settled, and what goes wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from threading import Event as Flag
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

import bpmn
from app import work_sending
from app.access import SYSTEM
from app.models import Channel, Delivery, Event, Fault, ProcessInstance, ServiceJob
from app.services.deployment import definitions
from app.services.execution import faults, job_rows, processes, service_jobs
from app.services.sending import (
    call_work,
    calls,
    channel_gate,
    channel_settings,
    channels,
    delivery_reports,
    no_contact,
)
from app.services.sending.channel_settings import Draft
from connectors.contract import Answer, Report
from connectors.errors import (
    BadInput,
    BadReply,
    LostReply,
    NotConnected,
    Permanent,
    Transient,
)
from connectors.gate import FIRST, TRIP
from tests.app.services.story import actor
from tests.bpmn.build import (
    boundary,
    declare_error,
    end,
    error,
    escape,
    flows,
    io,
    process,
    service,
    start,
    user,
)
from tests.support.application import transaction_of
from tests.support.clock import MovingClock
from tests.support.kinds import SECRET, Partner
from tests.support.processes import wait_until

Tick = Callable[..., None]
RunJobs = Callable[[], int]


def headers(**said: str) -> str:
    lines = (f'<zeebe:header key="{k}" value="{escape(v)}"/>' for k, v in said.items())
    return f"<zeebe:taskHeaders>{''.join(lines)}</zeebe:taskHeaders>"


def desk(key: str) -> str:
    return user(key, groups="intake")


def diagram(kind: str = "parrot", inputs: dict[str, str] | None = None, **said: str) -> bytes:
    """One call, with an event for its own error and one for the family."""
    mapping = io(inputs=inputs or {"text": "=words"}, outputs={"heard": "=echo.text"})
    return process(
        start(), service("call", headers(**said) + mapping, kind=kind), desk("after"),
        desk("deaf"), desk("undelivered"), end(),
        boundary("b1", "call", error("deaf")), boundary("b2", "call", error("not_delivered")),
        flows("start > call > after > end", "b1 > deaf > end", "b2 > undelivered > end"),
        before=declare_error("deaf") + declare_error("not_delivered"),
    )  # fmt: skip


class World:
    """One channel, one process, and the worker of the tests."""

    def __init__(self, app: Flask, clock: MovingClock, run_jobs: RunJobs) -> None:
        self.app, self.clock, self.run_jobs = app, clock, run_jobs
        self.instance_id = 0

    def channel(self, kind: str = "parrot", **changes: Any) -> None:
        draft = Draft(
            "birds", kind, {"en": "Birds"}, {"place": "garden"}, {"token": SECRET}, is_default=True
        )
        with transaction_of(self.app):
            channel_settings.save(replace(draft, **changes), SYSTEM, self.clock())

    def begin(self, source: bytes, **variables: Any) -> None:
        with transaction_of(self.app):
            row = definitions.deploy("p.bpmn", source, actor("maryam"), self.clock())
            made = processes.start(row, {"words": "hello", **variables}, SYSTEM, self.clock())
            self.instance_id = made.id

    def go(self, source: bytes | None = None, **variables: Any) -> None:
        """Start a process and let the worker do what waits."""
        self.begin(source or diagram(), **variables)
        self.run_jobs()

    def retry(self, **variables: Any) -> None:
        with transaction_of(self.app) as session:
            [standing] = session.scalars(select(Fault).where(Fault.resolved_at.is_(None)))
            faults.retry(standing.id, variables, actor("maryam"), self.clock())
        self.run_jobs()

    @property
    def tokens(self) -> list[str]:
        with transaction_of(self.app) as session:
            return list(session.get_one(ProcessInstance, self.instance_id).tokens)

    @property
    def variables(self) -> dict[str, Any]:
        with transaction_of(self.app) as session:
            instance = session.get_one(ProcessInstance, self.instance_id)
            return dict(processes.inspect(instance).variables)

    @property
    def row(self) -> Delivery:
        [found] = self.rows
        return found

    @property
    def rows(self) -> list[Delivery]:
        with transaction_of(self.app) as session:
            return list(session.scalars(select(Delivery).order_by(Delivery.id)))

    @property
    def job(self) -> ServiceJob:
        with transaction_of(self.app) as session:
            query = select(ServiceJob).order_by(ServiceJob.id.desc()).limit(1)
            return session.scalars(query).one()

    @property
    def faults(self) -> list[str]:
        with transaction_of(self.app) as session:
            return list(session.scalars(select(Fault.code).where(Fault.resolved_at.is_(None))))

    def die_in_the_middle(self) -> None:
        """A worker begins the job, sends perhaps, and is never seen again."""
        with transaction_of(self.app) as session:
            job = session.scalars(select(ServiceJob).order_by(ServiceJob.id.desc())).first()
            assert job is not None
            assert service_jobs.begin(job.id, self.clock(), worker=99)
        with transaction_of(self.app) as session:
            # What the others do when the worker falls silent.
            session.get_one(ServiceJob, job.id).taken_by = 0
        self.job_id = job.id

    def take_up(self) -> None:
        """Another worker takes up what the dead one had begun."""
        Context().run(self._take_up)

    def _take_up(self) -> None:
        with self.app.app_context():
            work_sending.run_service_job(self.job_id)


@pytest.fixture
def world(app: Flask, clock: MovingClock, run_jobs: RunJobs, partner: Partner) -> World:
    return World(app, clock, run_jobs)


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


def bare(kind: str, inputs: dict[str, str] | None = None, **said: str) -> bytes:
    """The same without any event that catches."""
    mapping = io(inputs=inputs or {"text": "=words"})
    return process(start(), service("call", headers(**said) + mapping, kind=kind), desk("after"),
                   end(), flows("start > call > after > end"))  # fmt: skip


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
    assert (world.tokens, world.variables["heard"]) == (["after"], heard)


def test_a_refusal_in_words_that_no_table_holds_is_told(world: World, partner: Partner) -> None:
    partner.script = [Permanent("no\0pe")]
    world.channel()
    world.go(bare("parrot"))
    assert (len(partner.orders), world.row.state) == (1, "dead")
    assert "no\ufffdpe" in (world.row.error or "")


class TestUnknown:
    """A sending whose end nobody knows: the worker died, or the reply was lost."""

    def test_of_a_kind_that_repeats_it_goes_again_under_the_same_reference(
        self, world: World, partner: Partner
    ) -> None:
        world.channel()
        world.begin(diagram())
        world.die_in_the_middle()
        assert world.row.state == "sending"
        world.take_up()
        assert world.tokens == ["after"]
        assert (partner.orders[0].reference, world.row.attempts) == (world.row.reference, 2)

    def test_a_kind_that_can_ask_asks_first_and_sends_nothing_twice(
        self, world: World, partner: Partner
    ) -> None:
        world.channel("asking-parrot")
        world.begin(diagram("asking-parrot"))
        world.die_in_the_middle()
        reference = world.row.reference
        partner.known[reference] = Answer("p-7", "", {"echo": {"text": "known"}})
        world.take_up()
        assert (partner.asked, partner.orders) == ([reference], [])
        assert (world.tokens, world.variables["heard"]) == (["after"], "known")
        assert world.row.partner_id == "p-7"

    def test_what_the_partner_does_not_know_is_sent(self, world: World, partner: Partner) -> None:
        world.channel("asking-parrot")
        world.begin(diagram("asking-parrot"))
        world.die_in_the_middle()
        world.take_up()
        assert partner.asked == [order.reference for order in partner.orders]
        assert world.tokens == ["after"]

    def test_a_lost_reply_is_asked_after_until_the_partner_says(
        self, world: World, partner: Partner, tick: Tick
    ) -> None:
        partner.script = [LostReply("reset")]
        world.channel("asking-parrot")
        world.go(diagram("asking-parrot"))
        assert (world.row.state, world.job.state) == ("unknown", "waiting")
        tick(minutes=1)
        assert (len(partner.orders), len(partner.asked)) == (1, 1)
        assert (world.row.state, world.tokens) == ("accepted", ["after"])

    def test_a_partner_that_cannot_be_asked_keeps_it_unknown(
        self, world: World, partner: Partner, tick: Tick, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from tests.support.kinds import AskingParrot

        def ask(*_: Any) -> Answer:
            partner.asked.append("?")
            raise NotConnected("down")

        monkeypatch.setattr(AskingParrot, "ask", ask)
        partner.script = [LostReply("reset")]
        world.channel("asking-parrot", policy={"attempts": 3})
        world.go(bare("asking-parrot"))
        tick(minutes=1)
        assert world.row.state == "unknown"
        tick(minutes=10)
        # After the last attempt a person decides; nothing was sent twice.
        assert (len(partner.orders), len(partner.asked)) == (1, 2)
        assert world.faults == ["unknown_outcome"]

    @pytest.mark.parametrize("how", ["died", "lost"])
    def test_of_a_kind_that_may_not_repeat_a_person_decides(
        self, world: World, partner: Partner, how: str
    ) -> None:
        world.channel("held-parrot")
        if how == "died":
            world.begin(diagram("held-parrot"))
            world.die_in_the_middle()
            world.take_up()
        else:
            partner.script = [LostReply("reset")]
            world.go(diagram("held-parrot"))
        # It is no error that the diagram may catch: the partner may well have done it.
        assert (world.row.state, world.faults, world.tokens) == (
            "unknown", ["unknown_outcome"], ["call"],
        )  # fmt: skip
        sent_before = len(partner.orders)
        reference = world.row.reference
        world.retry()
        assert len(partner.orders) == sent_before + 1
        assert (partner.orders[-1].reference, world.tokens) == (reference, ["after"])

    def test_the_person_s_decision_holds_for_one_attempt_alone(
        self, world: World, partner: Partner
    ) -> None:
        partner.script = [LostReply("reset"), LostReply("again")]
        world.channel("held-parrot")
        world.go(bare("held-parrot"))
        world.retry()
        assert world.faults == ["unknown_outcome"]
        assert len(partner.orders) == 2

    def test_a_connector_that_crashes_is_of_unknown_end_and_tells_no_secret(
        self, world: World, partner: Partner, caplog: pytest.LogCaptureFixture
    ) -> None:
        partner.script = [RuntimeError(f"oops {SECRET}")]
        world.channel("held-parrot")
        world.go(bare("held-parrot"))
        assert world.faults == ["unknown_outcome"]
        assert SECRET not in caplog.text + str(world.row.error)


class TestGate:
    def test_what_an_open_channel_puts_off_counts_no_attempt(
        self, world: World, partner: Partner, tick: Tick
    ) -> None:
        world.channel()
        with transaction_of(world.app):
            for _ in range(TRIP):
                channel_gate.note_failure(channels.find("birds"), world.clock())
        world.go()
        assert (world.row.state, world.row.attempts, partner.orders) == ("waiting", 0, [])
        assert world.job.next_attempt_at == world.clock() + FIRST
        tick(seconds=31)
        assert world.tokens == ["after"]
        with transaction_of(world.app):
            assert channel_gate.states()[channels.find("birds").id].failures == 0

    def test_whoever_closes_the_breaker_sends_what_waits_at_once(
        self, world: World, partner: Partner, tick: Tick
    ) -> None:
        partner.script = [Transient("busy", retry_after=timedelta(hours=1))]
        world.channel()
        world.go()
        with transaction_of(world.app):
            for _ in range(TRIP):
                channel_gate.note_failure(channels.find("birds"), world.clock())
        world.go()
        assert len(partner.orders) == 1
        with transaction_of(world.app):
            channel_gate.close(channels.find("birds"), SYSTEM, world.clock())
        tick(seconds=1)
        # Of the two only the one that was put off: the other's time was named by the partner.
        assert (world.tokens, len(partner.orders)) == (["after"], 2)

    def test_failures_of_the_partner_open_its_channel(self, world: World, partner: Partner) -> None:
        partner.script = [NotConnected("down") for _ in range(TRIP)]
        world.channel()
        for _ in range(TRIP + 1):
            world.go()
        assert len(partner.orders) == TRIP
        with transaction_of(world.app):
            assert channel_gate.states()[channels.find("birds").id].open_until is not None

    def test_what_the_partner_was_never_asked_closes_nothing(
        self, world: World, partner: Partner
    ) -> None:
        world.channel("held-parrot")
        world.begin(bare("held-parrot"))
        world.die_in_the_middle()
        with transaction_of(world.app):
            channel_gate.note_failure(channels.find("birds"), world.clock())
        world.take_up()
        assert (world.faults, partner.orders) == (["unknown_outcome"], [])
        with transaction_of(world.app):
            assert channel_gate.states()[channels.find("birds").id].failures == 1

    def test_a_permanent_refusal_opens_nothing(self, world: World, partner: Partner) -> None:
        partner.script = [Permanent("no") for _ in range(TRIP + 1)]
        world.channel()
        for _ in range(TRIP + 1):
            world.go()
        assert len(partner.orders) == TRIP + 1

    def test_what_one_call_alone_gets_opens_nothing(self, world: World, partner: Partner) -> None:
        partner.script = [BadReply("a page for people") for _ in range(TRIP + 1)]
        world.channel()
        for _ in range(TRIP + 1):
            world.go()
        assert len(partner.orders) == TRIP + 1

    def test_what_never_went_out_neither_opens_nor_closes_it(
        self, world: World, partner: Partner
    ) -> None:
        partner.script = [NotConnected("down"), BadInput("text"), RuntimeError("oops")]
        world.channel()
        for _ in partner.script[:]:
            world.go()
        assert len(partner.orders) == 3
        with transaction_of(world.app):
            assert channel_gate.states()[channels.find("birds").id].failures == 1

    def test_an_answer_to_the_trial_lets_the_others_go(
        self, world: World, partner: Partner, tick: Tick
    ) -> None:
        world.channel()
        with transaction_of(world.app):
            for _ in range(TRIP):
                channel_gate.note_failure(channels.find("birds"), world.clock())
        partner.script = [BadReply("a page for people")]
        world.go()
        tick(seconds=31)
        with transaction_of(world.app):
            assert channel_gate.states()[channels.find("birds").id].open_until is None

    def test_a_rate_gives_each_its_place(self, world: World, partner: Partner, tick: Tick) -> None:
        world.channel(policy={"per_minute": 1})
        for _ in range(3):
            world.go()
        assert len(partner.orders) == 1
        tick(minutes=1)
        assert len(partner.orders) == 2
        tick(minutes=1)
        assert len(partner.orders) == 3

    def test_what_is_for_a_channel_that_is_off_waits_for_it(
        self, world: World, partner: Partner, tick: Tick
    ) -> None:
        world.channel(enabled=False)
        world.go(diagram(channel="birds"))
        assert partner.orders == []
        with transaction_of(world.app):
            channel_settings.switch("birds", SYSTEM, world.clock(), enabled=True)
        tick(minutes=6)
        assert world.tokens == ["after"]

    def test_settings_that_cannot_be_used_are_tried_again_and_open_nothing(
        self, world: World, partner: Partner, tick: Tick
    ) -> None:
        world.channel()
        with transaction_of(world.app) as session:
            row = session.scalars(select(Channel)).one()
            good = dict(row.options)
            row.options = {**good, "mood": "so-so"}
        world.app.extensions.pop("peygir.channels", None)
        world.go()
        assert (world.row.state, partner.orders) == ("waiting", [])
        with transaction_of(world.app) as session:
            assert channel_gate.states() == {}
            session.scalars(select(Channel)).one().options = good
        world.app.extensions.pop("peygir.channels", None)
        tick(hours=1)
        assert world.tokens == ["after"]


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
        monkeypatch.setitem(no_contact.KIND_OF, "texting-parrot", "phone")  # type: ignore[arg-type]  # Declared as read only.
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
        assert begun.wait(20)
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
