"""Drawn clocks: ledgers that were paused, retargeted, moved and reopened, as they may occur."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

import sla
from sla import Calendar, Ledger, calendars

KEYS = ("iran@1", "always@1", "england@2")

instants = st.timedeltas(timedelta(0), timedelta(days=730)).map(
    datetime(2025, 6, 1, tzinfo=UTC).__add__
)
steps = st.timedeltas(timedelta(0), timedelta(days=9))
targets = st.timedeltas(timedelta(seconds=1), timedelta(hours=200))
keys = st.sampled_from(KEYS)


def shipped(key: str) -> Calendar:
    """The shipped calendar, whatever its version; the Iranian one for an entry without."""
    return calendars()[key.partition("@")[0] or "iran"]


@st.composite
def ledgers(draw: st.DrawFn, *, live: bool = False) -> Ledger:
    """Draw a clock to which anything happened some times; ``live``: it has not stopped."""
    at = draw(instants)
    ledger = sla.start(at, draw(targets), calendar=draw(keys))
    for kind in draw(st.lists(st.sampled_from("prtcs"), max_size=8)):
        at += draw(st.just(timedelta(0)) | steps)
        ledger = _changed(draw, ledger, kind, at)
    if ledger.phase == "stopped" and live:
        ledger = sla.reopen(ledger, at)
    return ledger


def _changed(draw: st.DrawFn, ledger: Ledger, kind: str, at: datetime) -> Ledger:
    if ledger.phase == "stopped":
        return sla.reopen(ledger, at, "reopened")
    if kind == "t":
        return sla.retarget(ledger, at, draw(targets), "priority:urgent")
    if kind == "c":
        return sla.retarget(ledger, at, ledger.target, calendar=draw(keys))
    if kind == "s":
        return sla.stop(ledger, at, "closed")
    if ledger.phase == "running":
        return sla.pause(ledger, at, "waits:customer")
    return sla.resume(ledger, at)
