"""Calls whose end nobody knows: the worker died, or the reply was lost."""

from __future__ import annotations

import re
from typing import Any

import pytest

from app.models import Delivery
from app.services.execution import faults, operations, service_jobs
from app.services.execution.service_jobs import Result
from app.services.sending import delivery_lists, delivery_reports, given_up
from connectors.contract import Answer, Report
from connectors.errors import (
    DeliveryFailed,
    LostReply,
    NotConnected,
)
from tests.app.services.calling import Tick, World, bare, diagram
from tests.app.services.story import actor
from tests.support.application import transaction_of
from tests.support.kinds import SECRET, Partner


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
        assert re.search(r"RuntimeError at \S+/kinds\.py:\d+, ", caplog.text)


class TestDecided:
    """What a person decided, or a process left behind, is in doubt no more."""

    def test_a_fault_that_is_skipped_or_cancelled_takes_the_doubt_along(
        self, world: World, partner: Partner
    ) -> None:
        world.channel("held-parrot")
        for act in ("skip", "cancel"):
            partner.script = [LostReply("reset")]
            world.go(bare("held-parrot"))
            assert counts(world)["unknown"] == 1
            decide(world, act)
            row = world.rows[-1]
            assert (row.state, row.next_attempt_at) == ("closed", None)
            assert "unknown" not in counts(world)
        assert len(partner.orders) == 2

    def test_what_is_to_go_again_is_counted_with_what_is_tried_again(
        self, world: World, partner: Partner
    ) -> None:
        partner.script = [LostReply("reset")]
        world.channel("held-parrot")
        world.go(bare("held-parrot"))
        decide(world, "retry")
        assert (world.row.state, world.row.attempts) == ("unknown", 0)
        assert counts(world) == {"waiting": 1}
        world.run_jobs()
        assert (world.row.state, len(partner.orders)) == ("accepted", 2)

    @pytest.mark.parametrize(
        ("failure", "state"), [(LostReply("reset"), "closed"), (NotConnected("down"), "cancelled")]
    )
    def test_nothing_stays_open_of_what_ended_after_its_process(
        self, world: World, partner: Partner, failure: DeliveryFailed, state: str
    ) -> None:
        world.channel("held-parrot")
        world.begin(bare("held-parrot"))
        with transaction_of(world.app):
            [order] = service_jobs.begin(world.job.id, world.clock(), worker=99)
        decide(world, "end")
        assert world.row.state == "sending"
        with transaction_of(world.app):
            result = Result(order.delivery_id, failure, repeats="hold")
            service_jobs.settle(world.job.id, [result], world.clock())
        assert (world.row.state, world.row.next_attempt_at) == (state, None)

    @pytest.mark.parametrize(
        ("failure", "tokens"),
        [(LostReply("reset"), ["call"]), (NotConnected("down"), ["after"])],
    )
    def test_what_failed_while_its_process_was_suspended_is_taken_up_when_it_is_resumed(
        self, world: World, partner: Partner, tick: Tick, failure: DeliveryFailed, tokens: list[str]
    ) -> None:
        """It is neither lost nor taken for sent."""
        world.channel("held-parrot")
        world.begin(bare("held-parrot"))
        with transaction_of(world.app):
            [order] = service_jobs.begin(world.job.id, world.clock(), worker=99)
            operations.suspend(world.instance_id, "a look", actor("admin"), world.clock())
        with transaction_of(world.app):
            result = Result(order.delivery_id, failure, repeats="hold")
            service_jobs.settle(world.job.id, [result], world.clock())
        with transaction_of(world.app):
            operations.resume(world.instance_id, "", actor("admin"), world.clock())
        world.run_jobs()
        tick(minutes=10)
        assert world.tokens == tokens
        sent, is_doubtful = len(partner.orders), isinstance(failure, LostReply)
        assert (sent, world.row.state) == ((0, "unknown") if is_doubtful else (1, "accepted"))
        assert world.faults == (["unknown_outcome"] if is_doubtful else [])

    def test_a_report_tells_the_end_also_of_what_was_closed(
        self, world: World, partner: Partner
    ) -> None:
        partner.script = [LostReply("reset")]
        world.channel("held-parrot")
        world.go(bare("held-parrot"))
        decide(world, "skip")
        with transaction_of(world.app) as session:
            row = session.get_one(Delivery, world.row.id)
            report = Report("delivered", reference=row.reference)
            assert delivery_reports.note(row.channel_id or 0, report, world.clock())
        assert world.row.state == "delivered"


def decide(world: World, act: str) -> None:
    with transaction_of(world.app):
        person, now = actor("admin"), world.clock()
        if act == "end":
            operations.cancel(world.instance_id, "over", person, now)
            return
        [*_, fault] = faults.of_instance(world.instance_id)
        if act == "retry":
            faults.retry(fault.id, {}, person, now)
        elif act == "skip":
            faults.skip(fault.id, {}, person, now)
        else:
            faults.cancel(fault.id, person, now, reason="over")


def counts(world: World) -> dict[str, int]:
    with transaction_of(world.app):
        found = given_up.by_state(delivery_lists.which())
    return {state: one.number for state, one in found.items() if one}
