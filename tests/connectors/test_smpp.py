"""SMPP against a simulator: window, parts, receipts, throttling, dead and lying peers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from connectors import smpp_parts
from connectors.contract import Order
from connectors.errors import (
    DeliveryFailed,
    LostReply,
    NotAdmitted,
    NotConnected,
    Permanent,
    Unknown,
)
from connectors.fake_smsc import Smsc
from connectors.networks import AddressRefused
from connectors.smpp import Smpp, answer_of, open_link
from connectors.smpp_link import Came, Event, Failed, Link, Pace, Taken, source_of
from connectors.sms_errors import BadNumber, BadPattern, Throttled
from tests.support.patience import wait_until

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
KIND = Smpp()
CALM = Pace(pause=0.02, longest_pause=0.05, most_throttles=3)
"""Waits for an answer as long as any SMSC may take, however busy the machine."""
QUICK = replace(CALM, answer=0.5)
SARA, REZA = "+989121234567", "+989127654321"
OPTIONS = {"host": "127.0.0.1", "system_id": "peygir", "line": "3000"}
LONG = "س" * 66 + "🙂" + "ب" * 70


@contextmanager
def linked(pace: Pace = CALM, **more: Any) -> Iterator[tuple[Smsc, Link]]:
    with Smsc() as smsc:
        link = open_link(KIND.Options().load(smsc.options(**more)), pace)
        try:
            yield smsc, link
        finally:
            link.close()


def turn_until(link: Link, done: Callable[[list[Event]], bool]) -> list[Event]:
    """Turn the link until that is so; a link that never gets there fails the test."""
    events: list[Event] = []

    def is_done() -> bool:
        events.extend(link.turn(0.02))
        return done(events)

    wait_until(is_done, 10, lambda: str(events))
    return events


def ends(count: int) -> Callable[[list[Event]], bool]:
    return lambda events: sum(isinstance(one, Taken | Failed) for one in events) >= count


def text_of(smsc: Smsc, to: str) -> str:
    found = [one for one in smsc.submitted if one.to == to.removeprefix("+")]
    rest = [smpp_parts.take_apart(one.content, one.esm_class)[1] for one in found]
    return smpp_parts.decode(rest, found[0].coding)


def test_a_message_counts_as_taken_only_by_its_answer() -> None:
    with linked() as (smsc, link):
        link.submit("a", SARA, "سلام")
        [taken] = turn_until(link, ends(1))
        assert taken == Taken("a", (smsc.submitted[0].id,))
        assert text_of(smsc, SARA) == "سلام"
        assert smsc.submitted[0].line == "3000"
        assert not link.is_busy


def test_a_long_message_goes_in_parts_that_split_no_emoji() -> None:
    with linked() as (smsc, link):
        link.submit("a", SARA, LONG)
        [taken] = turn_until(link, ends(1))
        assert isinstance(taken, Taken)
        assert list(taken.ids) == [one.id for one in smsc.submitted]
        assert len(smsc.submitted) == 3
        assert all(len(one.content) <= 140 and one.esm_class & 0x40 for one in smsc.submitted)
        assert text_of(smsc, SARA) == LONG


def test_two_long_messages_to_one_person_never_share_a_reference() -> None:
    with linked() as (smsc, link):
        for number in range(60):
            link.submit(number, SARA, "ب" * 71)
            link.submit(f"other {number}", REZA, "ب" * 71)
            turn_until(link, ends(2))
        references = [one.content[3] for one in smsc.submitted if one.to == SARA[1:]]
    assert references[0::2] == references[1::2]
    assert len(set(references)) == 60


def test_the_window_is_kept() -> None:
    with linked(window=2) as (smsc, link):
        smsc.then("silence", "silence")
        for token in range(4):
            link.submit(token, SARA, "a")
        link.turn(0.05)
        assert smsc.wait_for(submitted=2)
        link.turn(0.05)
        assert len(smsc.submitted) == 2


def test_throttling_pauses_and_ends_nothing() -> None:
    with linked() as (smsc, link):
        smsc.then("throttle", "full")
        for token in range(5):
            link.submit(token, SARA, f"m{token}")
        events = turn_until(link, ends(5))
        assert {one.token for one in events if isinstance(one, Taken)} == set(range(5))
        assert len(smsc.submitted) == 5


def test_a_message_that_is_throttled_again_and_again_waits_its_turn() -> None:
    with linked() as (smsc, link):
        smsc.then("throttle", "throttle", "throttle", "throttle")
        link.submit("a", SARA, "a")
        [failed] = turn_until(link, ends(1))
        assert isinstance(failed, Failed) and isinstance(failed.error, Throttled)
        link.submit("b", SARA, "b")
        assert isinstance(turn_until(link, ends(1))[0], Taken)


def test_a_refused_number_is_permanent_and_the_next_message_goes_out() -> None:
    with linked() as (smsc, link):
        smsc.then("bad_number")
        link.submit("a", SARA, "a")
        link.submit("b", REZA, "b")
        by_token = {
            one.token: one for one in turn_until(link, ends(2)) if not isinstance(one, Came)
        }
        failed = by_token["a"]
        assert isinstance(failed, Failed) and isinstance(failed.error, BadNumber)
        assert isinstance(by_token["b"], Taken)
        assert len(smsc.submitted) == 1


def test_a_message_of_which_some_parts_were_taken_is_unknown() -> None:
    with linked(window=1) as (smsc, link):
        link.submit("a", SARA, LONG)
        link.turn(0.05)
        assert smsc.wait_for(submitted=1)
        smsc.then("bad_number")
        [failed] = turn_until(link, ends(1))
    assert isinstance(failed, Failed) and isinstance(failed.error, Unknown)
    assert "1 parts were taken" in str(failed.error)


@pytest.mark.parametrize("lie", ["drop", "drop_after", "silence", "garbage", "huge"])
def test_a_link_that_breaks_tells_exactly_what_is_unknown(lie: Any) -> None:
    with linked(QUICK, window=1) as (smsc, link):
        smsc.then(lie)
        link.submit("written", SARA, "a")
        link.submit("not written", SARA, "b")
        with pytest.raises(NotConnected):
            turn_until(link, ends(1))
        lost = {one.token: one.error for one in link.lost()}
    assert isinstance(lost["written"], LostReply)
    assert type(lost["not written"]) is NotConnected
    assert not link.is_busy


def test_a_cut_connection_is_noticed_though_writing_fails_nowhere() -> None:
    with linked() as (smsc, link):
        smsc.cut()
        link.submit("a", SARA, "a")
        with pytest.raises(NotConnected):
            turn_until(link, ends(1))


def test_signs_of_life_keep_an_idle_link_and_tell_a_dead_one() -> None:
    with linked(replace(CALM, answer=1.5, idle=0.1)) as (smsc, link):
        turn_until(link, lambda events: smsc.enquiries >= 2)
        smsc.mute = True
        with pytest.raises(NotConnected):
            turn_until(link, ends(1))
        assert link.lost() == []


def test_receipts_name_the_messages() -> None:
    with linked() as (smsc, link):
        for token in range(20):
            link.submit(token, SARA, f"m{token}")
            turn_until(link, ends(1))
        for part in smsc.submitted:
            smsc.report(part)
            smsc.report(part)
        events = turn_until(link, lambda events: len(events) >= 40)
        reports = [one.report for one in events if isinstance(one, Came) and one.report]
    assert len(reports) == 40
    assert {one.id for one in reports} == {part.id for part in smsc.submitted}
    assert {one.state for one in reports} == {"delivered"}


@pytest.mark.parametrize(
    ("word", "state"),
    [("UNDELIV", "failed"), ("EXPIRED", "failed"), ("UNKNOWN", "unknown"), ("ENROUTE", None)],
)
def test_what_a_receipt_says(word: str, state: str | None) -> None:
    with linked() as (smsc, link):
        link.submit("a", SARA, "a")
        turn_until(link, ends(1))
        smsc.report(smsc.submitted[0], word)
        [came] = turn_until(link, bool)
    assert isinstance(came, Came)
    assert (came.report.state if came.report else None) == state


def test_what_came_in_is_acknowledged_only_when_it_is_kept() -> None:
    with linked() as (smsc, link):
        first = smsc.say(SARA, "لغو")
        [came] = turn_until(link, bool)
        assert isinstance(came, Came) and came.inbound is not None
        assert (came.inbound.sender, came.inbound.body) == (SARA, "لغو")
        assert came.inbound.recipient == "3000"
        assert smsc.wait_acknowledged(first, 0.1) is None
        link.acknowledge(came)
        assert smsc.wait_acknowledged(first) == 0
        second = smsc.say(SARA, "again")
        [came] = turn_until(link, bool)
        assert isinstance(came, Came)
        link.acknowledge(came, kept=False)
        assert smsc.wait_acknowledged(second) == 0x64


def test_parts_are_told_by_place_and_joined_as_bytes() -> None:
    content = "نام من مریم است 🙂".encode("utf-16-be")
    # Others split where they like, here in the middle of the emoji.
    halves = content[:-2], content[-2:]
    with linked() as (smsc, link):
        for number, half in enumerate(halves, 1):
            smsc.say_part(SARA, half, 7, 2, number)
        events = turn_until(link, lambda events: len(events) == 2)
    came = [one.inbound for one in events if isinstance(one, Came) and one.inbound]
    assert [(one.facts["part"], one.facts["of"], one.facts["reference"]) for one in came] == [
        (1, 2, 7), (2, 2, 7),
    ]  # fmt: skip
    assert smpp_parts.decode([one.raw for one in came], 8) == "نام من مریم است 🙂"


def test_a_gsm_escape_that_others_split_is_read_whole() -> None:
    assert smpp_parts.decode([b"a\x1b", b"\x65b"], smpp_parts.GSM) == "a€b"


def test_the_kind_sends_one_message_and_probes() -> None:
    order = Order("d-1", NOW, {"to": "09121234567", "body": "سلام"})
    with Smsc() as smsc:
        options = KIND.Options().load(smsc.options())
        assert "bound as peygir" in KIND.probe(options)
        assert not smsc.submitted
        answer = KIND.send(order, options)
        assert answer.id == smsc.submitted[0].id
        smsc.then("bad_number")
        with pytest.raises(BadNumber):
            KIND.send(order, options)
        smsc.then("drop_after")
        with pytest.raises(LostReply):
            KIND.send(order, options)
    with pytest.raises(NotConnected):
        KIND.send(order, options)
    with pytest.raises(BadPattern):
        KIND.send(Order("d-1", NOW, {"to": "09121234567", "template": "x"}), options)
    assert KIND.repeats_of(order, options) == "hold"
    assert KIND.repeats_of(order, {**options, "when_unknown": "repeat"}) == "repeat"


def test_a_wrong_password_is_told_without_it(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), Smsc() as smsc:
        with pytest.raises(NotAdmitted, match="bind: 14") as caught:
            KIND.probe(KIND.Options().load(smsc.options(password="wrong-88")))
        assert "wrong-88" not in str(caught.value) + caplog.text
        assert b"wrong-88".hex() not in caplog.text
        KIND.probe(KIND.Options().load(smsc.options()))
    assert smsc.password.encode().hex() not in caplog.text


def test_private_addresses_need_leave() -> None:
    with Smsc() as smsc, pytest.raises(AddressRefused):
        KIND.probe(KIND.Options().load(smsc.options(private_partners=[])))


def test_a_receipt_may_name_the_id_in_decimal() -> None:
    options = KIND.Options().load(OPTIONS | {"decimal_receipts": True})
    assert answer_of(("1a0",), "a", options).id == "416"
    assert answer_of(("xyz",), "a", options).id == "xyz"


@pytest.mark.parametrize(
    ("line", "kind", "plan"),
    [("3000", 3, 0), ("30004505000017", 0, 1), ("+989121234567", 1, 1), ("PEYGIR", 5, 0)],
)
def test_how_a_line_is_told(line: str, kind: int, plan: int) -> None:
    source = source_of(line)
    assert (source["source_addr_ton"], source["source_addr_npi"]) == (kind, plan)
    assert source["source_addr"] == line.removeprefix("+")


@given(st.binary(max_size=200), st.integers(0, 255), st.integers(0, 255))
def test_any_content_is_read(content: bytes, esm_class: int, coding: int) -> None:
    place, rest = smpp_parts.take_apart(content, esm_class)
    assert place is None or 1 <= place.number <= place.total
    text = smpp_parts.decode([rest], coding)
    assert "\0" not in text, "a binary message must not stop a bind that cannot store it"
    smpp_parts.read_receipt(text)


@pytest.mark.parametrize(
    ("text", "id_", "state"),
    [
        ("id:ab12 sub:001 stat:DELIVRD err:000", "ab12", "delivered"),
        ("ID:1 stat:DELIVRD", None, None), ("id:9 stat:NEWWORD", "9", None), ("hello", None, None),
    ],
)  # fmt: skip
def test_the_text_of_receipts(text: str, id_: str | None, state: str | None) -> None:
    found = smpp_parts.read_receipt(text)
    assert (found.id if found else None) == id_
    assert (found.state if found else None) == state
    assert smpp_parts.read_receipt("", "77", 2) == smpp_parts.Receipt("77", "delivered")


@pytest.mark.parametrize(
    "wrong", [{"password": "too-long-8"}, {"system_id": "پیگیر"}, {"window": 0}]
)
def test_wrong_options_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        KIND.Options().load({**OPTIONS, **wrong})


def test_errors_are_of_the_families() -> None:
    assert issubclass(BadNumber, Permanent)
    assert issubclass(LostReply, DeliveryFailed)
