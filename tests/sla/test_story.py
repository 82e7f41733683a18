"""Stories: each entry of a ledger as a plain fact, and nothing left out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings

import sla
from sla import Ledger, story
from tests.sla.drawn import ledgers, shipped

HOUR = timedelta(hours=1)
MONDAY = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
NAMES = {
    "iran": {"fa": "هفتهٔ کاری ایران", "en": "Iranian working week"},
    "waits:customer": {"fa": "منتظر مشتری", "en": "waiting for the customer"},
    "complaint": {"fa": "شکایت", "en": "Complaints"},
}


def test_a_story_says_what_was_counted_chosen_and_due() -> None:
    clock = sla.start(MONDAY, 8 * HOUR, "policy:complaint@3,tier:gold", "iran@2")
    clock = sla.pause(clock, MONDAY + HOUR, "waits:customer")
    clock = sla.retarget(clock, MONDAY + 2 * HOUR, 4 * HOUR, "priority:urgent", "always@1")
    started, paused, changed = story(clock, shipped, NAMES)
    assert [(one.kind, one.counted) for one in (started, paused)] == [
        ("started", timedelta(0)),
        ("paused", HOUR),
    ]
    policy, tier = started.reasons
    assert (policy.kind, policy.value, policy.version) == ("policy", "complaint", 3)
    assert policy.names["en"] == "Complaints"
    assert (tier.kind, tier.value, tier.names) == ("tier", "gold", {})
    assert started.calendar.names["en"] == "Iranian working week"
    assert started.calendar.version == 2
    assert started.due_at is not None
    assert paused.due_at is None
    assert paused.reasons[0].names["fa"] == "منتظر مشتری"
    assert (changed.before, changed.target, changed.recalendared) == (8 * HOUR, 4 * HOUR, True)
    assert changed.counted == HOUR


@given(ledgers())
@settings(deadline=None)
def test_a_story_is_whole(clock: Ledger) -> None:
    told = story(clock, shipped, NAMES)
    assert [(one.kind, one.at) for one in told] == [(e.kind, e.at) for e in clock.entries]
    counted = [one.counted for one in told]
    assert counted == sorted(counted)
    assert counted[-1] == sla.elapsed(clock, shipped, clock.entries[-1].at)
    assert told[-1].due_at == sla.due_at(clock, shipped)
    for before, after in pairwise(told):
        assert after.before in (None, before.target)
        assert (after.target != before.target) == (after.before is not None)
        assert (after.calendar != before.calendar) == after.recalendared
