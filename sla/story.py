"""A clock's whole story as plain facts, for whoever puts it into words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sla.clock import due_at, elapsed
from sla.ledger import Calendars, Kind, Ledger

Names = Mapping[str, Mapping[str, str]]
"""Names by language for what reasons name: ``{"waits:customer": {"fa": ..., "en": ...}}``, for
parts of them (``iran`` for ``calendar:iran@3``), too; what a version was called comes first."""


@dataclass(frozen=True)
class Reason:
    """Why something was so: ``waits``/``customer``, ``priority``/``urgent``, ``policy``/..."""

    kind: str
    value: str
    """Without its version."""
    version: int | None
    names: Mapping[str, str] = field(hash=False)
    """What people call it; empty when nobody has named it."""


@dataclass(frozen=True)
class Told:
    """One entry of a ledger, and how the clock stood right after it."""

    kind: Kind
    at: datetime
    counted: timedelta
    """Working time counted until then."""
    target: timedelta
    """What is promised from then on."""
    before: timedelta | None
    """What was promised until then; None unless this entry changed it."""
    calendar: Reason
    """By which working time is counted from then on."""
    recalendared: bool
    """Whether this entry changed the calendar."""
    reasons: tuple[Reason, ...]
    due_at: datetime | None
    """When the promise is due after it; None while the clock stands with time left."""


def story(ledger: Ledger, calendars: Calendars, names: Names) -> tuple[Told, ...]:
    """Return what happened to a clock, one fact for each entry, in order.

    The working time counted in the last one is that of the whole clock until then.
    """
    return tuple(
        _told(Ledger(ledger.entries[:number]), calendars, names)
        for number in range(1, len(ledger.entries) + 1)
    )


def _told(ledger: Ledger, calendars: Calendars, names: Names) -> Told:
    last, earlier = ledger.entries[-1], Ledger(ledger.entries[:-1])
    old = earlier.target if earlier.entries else None
    return Told(
        kind=last.kind,
        at=last.at,
        counted=elapsed(ledger, calendars, last.at),
        target=ledger.target,
        before=old if last.target not in (None, old) else None,
        calendar=_reason(f"calendar:{ledger.calendar}", names),
        recalendared=bool(earlier.entries) and ledger.calendar != earlier.calendar,
        reasons=tuple(_reason(one, names) for one in last.reason.split(",") if one),
        due_at=due_at(ledger, calendars),
    )


def _reason(text: str, names: Names) -> Reason:
    kind, _, whole = text.partition(":")
    value, _, version = whole.partition("@")
    called = (text, f"{kind}:{value}", value, kind)
    known = next((names[one] for one in called if names.get(one)), {})
    return Reason(kind, value, int(version) if version.isdecimal() else None, known)
