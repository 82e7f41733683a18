"""Calls that a channel lets wait: its breaker is open, its rate used up, its hours quiet."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from app.access import SYSTEM
from app.models import Channel
from app.services.sending import (
    channel_gate,
    channel_settings,
    channels,
)
from connectors.errors import (
    BadInput,
    BadReply,
    NotConnected,
    Permanent,
    Transient,
)
from connectors.gate import FIRST, TRIP
from tests.app.services.calling import Tick, World, bare, diagram
from tests.support.application import transaction_of
from tests.support.kinds import Partner


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
        # Both the one that was put off and the one whose time the partner had named.
        assert len(partner.orders) == 3
        assert {row.state for row in world.rows} == {"accepted"}

    def test_what_waits_for_its_next_attempt_can_be_sent_at_once(
        self, world: World, partner: Partner, tick: Tick
    ) -> None:
        partner.script = [NotConnected("down")] * 4
        world.channel()
        world.go()
        for seconds in (40, 300, 1000):
            tick(seconds=seconds)
        assert world.row.state == "waiting"
        with transaction_of(world.app):
            way = channels.find("birds")
            assert channel_gate.waiting(way, world.clock()).number == 1
            channel_gate.close(way, SYSTEM, world.clock())
        tick(seconds=1)
        assert (world.row.state, world.tokens) == ("accepted", ["after"])
        with transaction_of(world.app):
            assert not channel_gate.waiting(channels.find("birds"), world.clock())

    def test_what_was_put_off_goes_as_soon_as_the_partner_is_back(
        self, world: World, partner: Partner, tick: Tick
    ) -> None:
        world.channel()
        with transaction_of(world.app):
            for _ in range(TRIP):
                channel_gate.note_failure(channels.find("birds"), world.clock())
        world.go()
        assert partner.orders == []
        with transaction_of(world.app):
            # As the answer to a call that was on its way when the breaker opened.
            channel_gate.note_success(channels.find("birds").id, world.clock())
        tick(seconds=1)
        assert (world.tokens, len(partner.orders)) == (["after"], 1)

    def test_a_trial_that_fails_lets_the_others_wait_longer(
        self, world: World, partner: Partner, tick: Tick
    ) -> None:
        world.channel()
        with transaction_of(world.app):
            for _ in range(TRIP):
                channel_gate.note_failure(channels.find("birds"), world.clock())
        world.go()
        partner.script = [NotConnected("still down")]
        tick(seconds=31)
        assert len(partner.orders) == 1
        with transaction_of(world.app):
            state = channel_gate.states()[channels.find("birds").id]
        assert state.open_until == world.clock() + 2 * FIRST

    def test_what_the_rate_put_off_keeps_its_place_when_the_breaker_closes(
        self, world: World, partner: Partner, tick: Tick
    ) -> None:
        world.channel(policy={"per_minute": 1})
        for _ in range(2):
            world.go()
        place = world.job.next_attempt_at
        assert (place, len(partner.orders)) == (world.clock() + timedelta(minutes=1), 1)
        with transaction_of(world.app):
            for _ in range(TRIP):
                channel_gate.note_failure(channels.find("birds"), world.clock())
            channel_gate.note_success(channels.find("birds").id, world.clock())
        tick(seconds=1)
        assert (world.job.next_attempt_at, len(partner.orders)) == (place, 1)

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
