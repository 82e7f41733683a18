"""How clocks follow their requests: starts, pauses, cycles, ends and reopenings."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

import sla
from sla import Ledger, Metric, Policy, elapsed, load_policy, policies
from tests.sla.drawn import shipped

TEHRAN = ZoneInfo("Asia/Tehran")
HOUR = timedelta(hours=1)
SOURCE = """
key = "calls"
calendar = "iran"
names = {fa = "تماس", en = "Calls"}
[metrics.m]
start = "submitted"
stop = "closed"
target = "PT8H"
names = {fa = "م", en = "M"}
customer_names = {fa = "م", en = "M"}
late = {fa = "م", en = "M"}
"""


def saturday(hour: int, minute: int = 0) -> datetime:
    """Return a moment of 21 November 2026, an ordinary working day in Iran."""
    return datetime(2026, 11, 21, hour, minute, tzinfo=TEHRAN)


def metric(more: str = "") -> Metric:
    """The metric of ``SOURCE`` with these further lines."""
    return load_policy((SOURCE + more).encode(), "calls.toml").metrics["m"]


def step(
    clock: Ledger | None,
    of: Metric,
    now: datetime,
    moments: Collection[str] = (),
    states: Collection[str] = (),
    priority: str = "normal",
) -> tuple[Ledger, ...]:
    """One step of a request of this priority."""
    choice = of.choose({"priority": priority}, "iran")
    return sla.follow(clock, of, now, choice=choice, moments=moments, states=states)


def one(ledgers: tuple[Ledger, ...]) -> Ledger:
    """The only clock of a step."""
    (ledger,) = ledgers
    return ledger


def complaint() -> Policy:
    """The shipped policy."""
    return policies()["complaint"]


def test_a_clock_follows_its_request() -> None:
    resolution = complaint().metrics["resolution"]
    assert step(None, resolution, saturday(8), {"stage:received"}) == ()
    clock = one(step(None, resolution, saturday(9), {"submitted"}))
    assert clock.target == timedelta(hours=80)
    assert clock.calendar == "iran"
    assert step(clock, resolution, saturday(9, 30), {"left:acknowledge"}) == (clock,)
    urgent = one(step(clock, resolution, saturday(10), priority="urgent"))
    assert urgent.target == timedelta(hours=24)
    assert urgent.entries[-1].reason == "priority:urgent"
    customer = {"waits:customer"}
    waiting = one(step(urgent, resolution, saturday(11), (), customer, "urgent"))
    assert waiting.phase == "paused"
    assert waiting.paused_for == ("waits:customer",)
    assert step(waiting, resolution, saturday(12), (), customer, "urgent") == (waiting,)
    going = one(step(waiting, resolution, saturday(13), priority="urgent"))
    assert elapsed(going, shipped, saturday(14)) == 3 * HOUR
    settled = {"entered:close_request", "closed"}
    closed = one(step(going, resolution, saturday(15), settled, priority="urgent"))
    assert closed.entries[-1].reason == "entered:close_request"
    assert sla.state(closed, shipped, saturday(16)) == "kept"
    assert step(closed, resolution, saturday(16), {"submitted"}, (), "low") == (closed,)


def test_one_step_may_start_and_stop_a_clock() -> None:
    acknowledgement = complaint().metrics["acknowledgement"]
    clock = one(step(None, acknowledgement, saturday(9), {"submitted", "left:acknowledge"}))
    assert clock.phase == "stopped"
    assert sla.state(clock, shipped, saturday(9)) == "kept"


def test_a_clock_may_stand_during_a_stage_or_a_status() -> None:
    stands = metric('pause = ["stage:visit", "status:waiting"]\n')
    clock = one(step(None, stands, saturday(9), {"submitted"}))
    for state in ("stage:visit", "status:waiting"):
        assert one(step(clock, stands, saturday(10), (), {state})).paused_for == (state,)
    assert step(clock, stands, saturday(10), {"stage:visit"}, {"stage:answer"}) == (clock,)


def test_a_clock_may_stand_from_one_moment_to_another() -> None:
    stands = metric('pause = ["message:parts_ordered", "waits:customer"]\n'
                    'resume = "message:parts_came"\n')  # fmt: skip
    clock = one(step(None, stands, saturday(9), {"submitted"}))
    ordered = one(step(clock, stands, saturday(10), {"message:parts_ordered"}))
    assert ordered.paused_for == ("message:parts_ordered",)
    assert step(ordered, stands, saturday(11)) == (ordered,)
    # That the customer is asked meanwhile ends first: the clock still waits for the parts.
    assert step(ordered, stands, saturday(11), (), {"waits:customer"}) == (ordered,)
    going = one(step(ordered, stands, saturday(12), {"message:parts_came"}))
    assert (going.phase, going.entries[-1].reason) == ("running", "message:parts_came")
    assert elapsed(going, shipped, saturday(13)) == 2 * HOUR


def test_a_pause_that_ends_goes_over_into_one_that_lasts() -> None:
    stands = metric('pause = ["message:parts_ordered", "waits:customer"]\n'
                    'resume = "message:parts_came"\n')  # fmt: skip
    clock = one(step(None, stands, saturday(9), {"submitted"}))
    asked = one(step(clock, stands, saturday(10), (), {"waits:customer"}))
    both = one(step(asked, stands, saturday(11), {"message:parts_ordered"}, {"waits:customer"}))
    assert both.paused_for == ("message:parts_ordered", "waits:customer")
    answered = one(step(both, stands, saturday(12)))
    assert answered.phase == "paused"
    came = one(step(both, stands, saturday(12), {"message:parts_came"}, {"waits:customer"}))
    assert came.paused_for == ("waits:customer",)
    assert elapsed(came, shipped, saturday(15)) == HOUR


def test_a_promise_that_repeats_begins_anew_each_time_it_is_met() -> None:
    updates = metric('repeat = "told:customer"\n')
    clock = one(step(None, updates, saturday(9), {"submitted", "told:customer"}))
    assert clock.phase == "running"
    ended, fresh = step(clock, updates, saturday(11), {"told:customer"})
    assert (ended.stopped_at, ended.entries[-1].reason) == (saturday(11), "told:customer")
    assert (fresh.started_at, fresh.phase) == (saturday(11), "running")
    assert one(step(fresh, updates, saturday(12), {"told:customer", "closed"})).phase == "stopped"
    waiting = metric('repeat = "told:customer"\npause = "waits:customer"\n')
    _, asked = step(clock, waiting, saturday(11), {"told:customer"}, {"waits:customer"})
    assert asked.phase == "paused"


@pytest.mark.parametrize("how", ["ignore", "continue", "restart"])
def test_a_reopened_request_does_to_its_clocks_what_the_policy_says(how: str) -> None:
    reopens = metric(f'reopen = "{how}"\n')
    clock = one(step(None, reopens, saturday(9), {"submitted"}))
    closed = one(step(clock, reopens, saturday(10), {"closed"}))
    found = step(closed, reopens, saturday(13), {"reopened"}, (), "normal")
    if how == "ignore":
        assert found == (closed,)
    elif how == "continue":
        assert elapsed(one(found), shipped, saturday(14)) == 2 * HOUR
    else:
        assert found[0] == closed
        assert elapsed(found[1], shipped, saturday(14)) == HOUR


def test_a_clock_that_goes_on_takes_up_what_is_promised_now() -> None:
    reopens = metric('reopen = "continue"\n[[metrics.m.rules]]\npriority = "urgent"\n'
                     'target = "PT2H"\n')  # fmt: skip
    clock = one(step(None, reopens, saturday(9), {"submitted"}))
    closed = one(step(clock, reopens, saturday(10), {"closed"}))
    again = one(step(closed, reopens, saturday(13), {"reopened"}, (), "urgent"))
    assert again.target == 2 * HOUR
    assert sla.due_at(again, shipped) == saturday(14)


def test_another_version_of_the_calendar_is_written_down_once() -> None:
    plain = metric()
    choice = plain.choose({}, "iran@1")
    clock = one(sla.follow(None, plain, saturday(9), choice=choice, moments={"submitted"}))
    newer = plain.choose({}, "iran@2")
    moved = one(sla.follow(clock, plain, saturday(10), choice=newer))
    assert [entry.calendar for entry in moved.entries] == ["iran@1", "iran@2"]
    assert sla.follow(moved, plain, saturday(11), choice=newer) == (moved,)


def taken_up(
    clock: Ledger | None, of: Metric, now: datetime, *past: Collection[str], states: str = ""
) -> tuple[Ledger, ...]:
    """What becomes of a clock that the policy names anew."""
    choice = of.choose({}, "iran", "calls@2")
    return sla.take_up(clock, of, now, choice=choice, past=past, states={states})


def test_a_promise_that_is_made_anew_goes_on_with_the_time_counted() -> None:
    of = metric('pause = ["waits:customer", "entered:ask"]\nresume = "left:ask"\n')
    clock = one(step(None, of, saturday(9), {"submitted"}))
    dropped = sla.drop(clock, saturday(10), "policy:calls@2")
    assert sla.state(dropped, shipped, saturday(11)) == "dropped"
    again = one(taken_up(dropped, of, saturday(12)))
    assert (again.phase, again.entries[-1].reason) == ("running", "policy:calls@2")
    assert elapsed(again, shipped, saturday(13)) == 2 * HOUR
    asked = one(taken_up(dropped, of, saturday(12), {"entered:ask"}))
    assert asked.paused_for == ("entered:ask",)
    assert one(taken_up(dropped, of, saturday(12), {"entered:ask"}, {"left:ask"})) == again
    waits = one(taken_up(dropped, of, saturday(12), states="waits:customer"))
    assert waits.paused_for == ("waits:customer",)
    assert taken_up(dropped, of, saturday(12), {"closed"}) == (dropped,)


def test_a_promise_dropped_during_a_pause_that_a_moment_began_stands_on() -> None:
    of = metric('pause = "entered:ask"\nresume = "left:ask"\n')
    clock = one(step(None, of, saturday(9), {"submitted", "entered:ask"}))
    dropped = sla.drop(clock, saturday(10), "policy:calls@2")
    assert one(taken_up(dropped, of, saturday(12))).paused_for == ("entered:ask",)
    assert one(taken_up(dropped, of, saturday(12), {"left:ask"})).phase == "running"


def test_a_new_promise_begins_where_its_start_came_and_its_end_did_not() -> None:
    of = metric()
    assert taken_up(None, of, saturday(12), {"entered:a"}) == ()
    clock = one(taken_up(None, of, saturday(12), {"submitted"}, {"entered:a"}))
    assert (clock.started_at, clock.phase) == (saturday(12), "running")
    assert taken_up(None, of, saturday(12), {"submitted"}, {"closed"}) == ()
    again = metric('reopen = "continue"\n')
    past = ({"submitted"}, {"closed"}, {"reopened"})
    assert one(taken_up(None, again, saturday(12), *past)).phase == "running"
    assert taken_up(None, of, saturday(12), *past) == ()


def test_a_broken_promise_that_is_dropped_was_missed() -> None:
    clock = one(step(None, metric(), saturday(8), {"submitted"}))
    late = sla.drop(clock, datetime(2026, 11, 22, 9, tzinfo=TEHRAN), "policy:calls@2")
    assert sla.state(late, shipped, datetime(2026, 11, 23, 9, tzinfo=TEHRAN)) == "missed"


def test_what_was_not_fulfilled_is_dropped_and_what_was_is_kept() -> None:
    of = metric('drop = ["message:withdrawn", "status:closed"]\n')
    assert not metric().drop
    clock = one(step(None, of, saturday(9), {"submitted"}))
    dropped = one(step(clock, of, saturday(10), {"message:withdrawn"}))
    assert (dropped.phase, dropped.entries[-1].reason) == ("dropped", "message:withdrawn")
    assert sla.state(dropped, shipped, saturday(11)) == "dropped"
    # Whoever broke the promise first does not get out of it by the withdrawal.
    late = one(step(clock, of, saturday(9) + 7 * 24 * HOUR, {"message:withdrawn"}))
    assert sla.state(late, shipped, saturday(9) + 8 * 24 * HOUR) == "missed"
    kept = one(step(clock, of, saturday(10), {"closed", "status:closed"}))
    assert (kept.phase, kept.entries[-1].reason) == ("stopped", "closed")


def test_what_was_dropped_goes_on_when_reopened_but_not_by_a_new_policy() -> None:
    of = metric('drop = "message:withdrawn"\nreopen = "continue"\n')
    clock = one(step(None, of, saturday(9), {"submitted"}))
    dropped = one(step(clock, of, saturday(10), {"message:withdrawn"}))
    again = one(step(dropped, of, saturday(12), {sla.REOPENED}))
    assert (again.phase, elapsed(again, shipped, saturday(13))) == ("running", 2 * HOUR)
    choice = of.choose({"priority": "normal"}, "iran")
    past: list[Collection[str]] = [{"message:withdrawn"}, {"told:customer"}]
    assert sla.take_up(dropped, of, saturday(12), choice=choice, past=past) == (dropped,)
    past.append({sla.REOPENED})
    (taken,) = sla.take_up(dropped, of, saturday(12), choice=choice, past=past)
    assert taken.phase == "running"
    fresh: list[Collection[str]] = [{"submitted"}, {"message:withdrawn"}]
    assert sla.take_up(None, of, saturday(12), choice=choice, past=fresh) == ()
