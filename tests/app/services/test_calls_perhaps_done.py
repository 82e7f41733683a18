"""What was given up though the partner may have done it: trying again is no second order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from app.models import Delivery
from app.services.execution import faults
from app.services.sending import deliveries
from app.services.sending.call_ends import AnswerTooLarge
from app.services.sending.plain_results import NotJson
from connectors.contract import Answer
from connectors.errors import (
    DeliveryFailed,
    LostReply,
    NotAnswered,
    NotConnected,
    Permanent,
    ReplyTooLarge,
)
from connectors.http_answers import Refused
from connectors.soap_replies import Unreadable
from connectors.soap_signatures import ReplyNotGenuine
from tests.app.services.calling import Tick, World, bare
from tests.support.kinds import Partner

DONE = [ReplyTooLarge, Unreadable, ReplyNotGenuine, AnswerTooLarge, NotJson]


@pytest.mark.parametrize("kind", [ReplyTooLarge, Unreadable, ReplyNotGenuine])
@pytest.mark.parametrize("channel", ["parrot", "held-parrot"])
def test_it_goes_again_under_the_same_reference(
    world: World, partner: Partner, kind: type[DeliveryFailed], channel: str
) -> None:
    partner.script = [kind("odd")]
    world.channel(channel)
    world.go(bare(channel))
    assert (world.row.state, world.faults) == ("dead", [kind.default_code])
    world.retry()
    assert [one.reference for one in partner.orders] == [world.row.reference] * 2
    assert (world.row.state, world.tokens) == ("accepted", ["after"])


def test_a_partner_that_can_be_asked_is_asked_first(world: World, partner: Partner) -> None:
    partner.script = [ReplyNotGenuine("odd")]
    world.channel("asking-parrot")
    world.go(bare("asking-parrot"))
    reference = world.row.reference
    partner.known[reference] = Answer("p-7", "", {"echo": {"text": "known"}})
    world.retry()
    assert (partner.asked, len(partner.orders)) == ([reference], 1)
    assert (world.row.partner_id, world.tokens) == ("p-7", ["after"])


def test_what_was_lost_on_the_way_before_it_was_given_up_is_remembered(
    world: World, partner: Partner, tick: Tick
) -> None:
    partner.script = [NotAnswered("reset"), NotConnected("down")]
    world.channel(policy={"attempts": 2})
    world.go(bare("parrot"))
    tick(minutes=10)
    assert (world.row.state, world.row.attempts) == ("dead", 2)
    world.retry()
    assert {one.reference for one in partner.orders} == {world.row.reference}
    assert world.tokens == ["after"]


def test_a_doubt_at_a_partner_that_may_hear_it_twice_is_remembered(
    world: World, partner: Partner
) -> None:
    partner.script = [LostReply("reset")]
    world.channel(policy={"attempts": 1})
    world.go(bare("parrot"))
    assert world.row.state == "dead"
    world.retry()
    first, second = partner.orders
    assert first.reference == second.reference


@pytest.mark.parametrize("channel", ["held-parrot", "asking-parrot"])
def test_a_doubt_that_a_person_has_decided_is_remembered(
    world: World, partner: Partner, channel: str
) -> None:
    """The next attempt did surely not arrive; the first one still may have."""
    partner.script = [ReplyNotGenuine("odd"), NotConnected("down")]
    if channel == "held-parrot":
        partner.script[0] = LostReply("reset")
    world.channel(channel, policy={"attempts": 1})
    world.go(bare(channel))
    world.retry()
    assert (world.row.state, len(partner.orders)) == ("dead", 2)
    assert world.row.may_have_arrived
    world.retry()
    assert [one.reference for one in partner.orders] == [world.row.reference] * 3
    assert world.tokens == ["after"]


@pytest.mark.parametrize("state", ["sending", "unknown"])
def test_what_a_dead_worker_had_in_hand_is_remembered(state: str) -> None:
    row = deliveries.new(state=state)
    deliveries.keep_doubt(row)
    assert row.may_have_arrived


@pytest.mark.parametrize("failure", [NotConnected("down"), Refused("422 no")])
def test_what_surely_never_happened_is_an_order_of_its_own(
    world: World, partner: Partner, failure: DeliveryFailed
) -> None:
    """A partner that keeps what it answered to a reference would only refuse it once more."""
    partner.script = [failure]
    world.channel(policy={"attempts": 1})
    world.go(bare("parrot"))
    world.retry()
    first, second = partner.orders
    assert first.reference != second.reference
    assert world.tokens == ["after"]


@pytest.mark.parametrize("failure", [ReplyNotGenuine("odd"), LostReply("reset")])
def test_corrected_values_go_out_under_the_same_reference(
    world: World, partner: Partner, failure: DeliveryFailed
) -> None:
    partner.script = [failure]
    world.channel("held-parrot")
    world.go(bare("held-parrot"))
    world.retry(words="corrected")
    first, second = partner.orders
    assert (first.inputs["text"], second.inputs["text"]) == ("hello", "corrected")
    assert first.reference == second.reference
    assert world.row.payload == dict(second.inputs)


def test_a_letter_whose_reply_was_lost_is_remembered_as_one_that_may_have_arrived() -> None:
    now = datetime(2026, 5, 2, tzinfo=UTC)
    row = deliveries.new(created_at=now, may_have_arrived=False)
    row.attempts = 1
    deliveries.settle_failure(row, NotConnected("down"), now)
    assert not row.may_have_arrived
    for failure in (LostReply("reset"), Refused("no")):
        deliveries.settle_failure(row, failure, now)
        assert row.may_have_arrived


@pytest.mark.parametrize(
    ("state", "after"),
    [("queued", "cancelled"), ("waiting", "cancelled"), ("sending", "closed"),
     ("unknown", "closed"), ("accepted", "accepted"), ("dead", "dead")],
)  # fmt: skip
def test_who_left_a_group_has_perhaps_been_written_to(state: str, after: str) -> None:
    row = deliveries.new(state=state)
    deliveries.drop([row])
    assert row.state == after


@pytest.mark.parametrize("end", [deliveries.drop, deliveries.leave])
def test_what_an_earlier_attempt_may_have_brought_there_is_never_called_cancelled(
    end: Callable[[list[Delivery]], None],
) -> None:
    rows = [deliveries.new(state="waiting", may_have_arrived=one) for one in (True, False)]
    end(rows)
    assert [row.state for row in rows] == ["closed", "cancelled"]


@pytest.mark.parametrize("kind", DONE)
def test_the_fault_says_that_the_partner_may_have_done_it(kind: type[Permanent]) -> None:
    code = kind.default_code
    assert kind("").may_have_acted
    told = faults.remedies_of(code)
    assert "may have done it" in told["en"]
    assert "شاید" in told["fa"]
