"""Ladders: steps in working time before, at and after the due moment."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings

import sla
from sla import BROKEN, Ladder, Ledger, SettingsRefused, ladders, load_ladder, step_moments
from sla.ladder_files import FOLDER
from tests.sla.drawn import ledgers, shipped

TEHRAN = ZoneInfo("Asia/Tehran")
HOUR = timedelta(hours=1)
GOOD = """
key = "calls"
names = {fa = "پیگیری", en = "Escalation"}
[[steps]]
key = "late"
at = "+PT2H"
names = {fa = "دیر", en = "Late"}
actions = [{reassign = "group:managers"}, {signal = "late"}, {start_process = "review"}]
[[steps]]
key = "soon"
at = "-PT1H"
names = {fa = "زود", en = "Soon"}
actions = [{notify = ["assignee", "group:intake"], template = "promise-half"}]
[[steps]]
key = "half"
at = "50%"
names = {fa = "نیم", en = "Half"}
actions = [{raise_priority = "+1"}, {message = "hurry"}]
"""


def ladder() -> Ladder:
    """The ladder above."""
    return load_ladder(GOOD.encode(), "calls.toml")


def saturday(hour: int) -> datetime:
    """Return a moment of 21 November 2026, an ordinary working day in Iran."""
    return datetime(2026, 11, 21, hour, tzinfo=TEHRAN)


def test_steps_come_in_the_working_time_of_the_clock() -> None:
    clock = sla.start(saturday(9), 4 * HOUR, calendar="iran@1")
    found = [(step.key, at) for step, at in step_moments(clock, ladder(), shipped)]
    assert found == [
        ("half", saturday(11)),
        ("soon", saturday(12)),
        (BROKEN, saturday(13)),
        ("late", saturday(15)),
    ]


def test_a_ladder_is_read_whole() -> None:
    late, soon, half = ladder().steps
    assert [action.kind for action in late.actions] == ["reassign", "signal", "start_process"]
    assert soon.actions[0].to == ("assignee", "group:intake")
    assert soon.actions[0].template == "promise-half"
    assert half.actions[0].to == ("+1",)


def test_of_a_paused_clock_only_what_it_reached_before_is_a_moment() -> None:
    clock = sla.pause(sla.start(saturday(9), 4 * HOUR), saturday(12))
    assert [step.key for step, _ in step_moments(clock, ladder(), shipped)] == ["half"]
    assert step_moments(sla.stop(clock, saturday(13)), ladder(), shipped) == []


def test_a_step_longer_before_the_end_than_the_promise_comes_at_the_start() -> None:
    clock = sla.start(saturday(9), HOUR / 2)
    found = {step.key: at for step, at in step_moments(clock, ladder(), shipped)}
    assert found["soon"] == saturday(9)


@given(ledgers(live=True))
@settings(deadline=None)
def test_moments_are_in_order_and_agree_with_the_due_moment(clock: Ledger) -> None:
    moments = step_moments(clock, ladder(), shipped)
    instants = [at for _, at in moments]
    assert instants == sorted(instants)
    due = sla.due_at(clock, shipped)
    assert {step.key: at for step, at in moments}.get(BROKEN) == due
    for step, at in moments:
        length = step.length(clock.target)
        assert sla.elapsed(clock, shipped, at) == length
        if due is not None and length != clock.target:
            assert (at < due) == (length < clock.target) or at == due
    if clock.phase == "running":
        assert len(moments) == 4


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('"50%"', '"half"', "steps.3.at"),
        ('"50%"', '"0%"', "steps.3.at"),
        ('"+PT2H"', '"PT2H"', "steps.1.at"),
        ('"+PT2H"', '"+P1W"', "steps.1.at"),
        ('key = "soon"', 'key = "late"', "steps.1.key"),
        ('key = "soon"', 'key = "broken"', "steps.2.key"),
        ('"+1"', '"+2"', "steps.3.actions.1.raise_priority"),
        ('"group:managers"', '"managers"', "steps.1.actions.1.reassign"),
        ('"assignee"', '"everybody"', "steps.2.actions.1.notify"),
        (', template = "promise-half"', "", "steps.2.actions.1.template"),
        ('{signal = "late"}', '{signal = ["a", "b"]}', "steps.1.actions.2.signal"),
        ('{signal = "late"}', "{}", "steps.1.actions.2"),
        ('{signal = "late"}', '{signal = "late", loud = "yes"}', "steps.1.actions.2.loud"),
        ('{fa = "نیم", en = "Half"}', '{en = "Half"}', "steps.3.names.fa"),
    ],
)
def test_a_mistake_is_named_with_file_and_key(old: str, new: str, key: str) -> None:
    assert old in GOOD
    with pytest.raises(SettingsRefused) as caught:
        load_ladder(GOOD.replace(old, new).encode(), "calls.toml")
    assert (caught.value.file, caught.value.key) == ("calls.toml", key)
    assert any("\u0600" <= letter <= "\u06ff" for letter in caught.value.messages["fa"])


def test_a_ladder_without_steps_is_refused() -> None:
    with pytest.raises(SettingsRefused, match="1 to"):
        load_ladder(b'key = "x"\nnames = {fa = "a", en = "b"}\nsteps = []', "x.toml")


def test_every_shipped_ladder_has_its_file() -> None:
    assert {file.stem for file in FOLDER.glob("*.toml")} == set(ladders())
    assert [step.at for step in ladders()["complaint"].steps] == ["50%", "75%", "100%", "+P1D"]
