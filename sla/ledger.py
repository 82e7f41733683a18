"""A clock as a ledger: what happened to it and when, in order, never rewritten."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NamedTuple, get_args

from sla.calendar import Calendar

Kind = Literal[
    "started", "paused", "resumed", "retargeted", "stopped", "dropped", "reopened"
]  # fmt: skip
Phase = Literal["running", "paused", "stopped", "dropped"]
Calendars = Callable[[str], Calendar]
"""Gives the calendar that an entry names, such as ``iran@3``."""

_FOLLOWS: Mapping[Kind, frozenset[Phase | None]] = {
    "started": frozenset({None}),
    "paused": frozenset({"running"}),
    "resumed": frozenset({"paused"}),
    "retargeted": frozenset({"running", "paused"}),
    "stopped": frozenset({"running", "paused"}),
    "dropped": frozenset({"running", "paused"}),
    "reopened": frozenset({"stopped", "dropped"}),
}
_LEADS_TO: Mapping[Kind, Phase] = {
    "started": "running", "paused": "paused", "resumed": "running", "stopped": "stopped",
    "dropped": "dropped", "reopened": "running",
}  # fmt: skip
OVER: frozenset[Phase] = frozenset({"stopped", "dropped"})
"""The phases in which a clock neither runs nor stands."""
_FIELDS = frozenset({"kind", "at", "target", "calendar", "reason"})


class LedgerRefused(ValueError):  # It says what happened to the entry.
    """An entry that cannot follow what the ledger holds, or a ledger that cannot be read."""


@dataclass(frozen=True)
class Entry:
    """One thing that happened to a clock."""

    kind: Kind
    at: datetime
    """With a time zone."""
    target: timedelta | None = None
    """Working time promised from now on; in ``started`` and ``retargeted`` only."""
    reason: str = ""
    """Why, for the page that explains the clock, as words with commas between them:
    ``waits:customer``, ``policy:complaint@3,priority:urgent``."""
    calendar: str = ""
    """The calendar by which time is counted from now on, ``iran@3``; in ``started`` and
    ``retargeted`` only. Nothing in a ledger of former times: its keeper knows it."""


class Span(NamedTuple):
    """A stretch in which a clock ran by one calendar."""

    began: datetime
    ended: datetime | None
    """None while it runs."""
    calendar: str


@dataclass(frozen=True)
class Ledger:
    """The whole life of one clock; begins with ``started``."""

    entries: tuple[Entry, ...]

    @property
    def phase(self) -> Phase:
        return next(_LEADS_TO[e.kind] for e in reversed(self.entries) if e.kind in _LEADS_TO)

    @property
    def target(self) -> timedelta:
        """The working time promised now."""
        return next(e.target for e in reversed(self.entries) if e.target is not None)

    @property
    def calendar(self) -> str:
        """The calendar by which it counts now."""
        return next((e.calendar for e in reversed(self.entries) if e.calendar), "")

    @property
    def started_at(self) -> datetime:
        return self.entries[0].at

    @property
    def stopped_at(self) -> datetime | None:
        """When it stopped or was dropped; None while it runs or stands."""
        return self.entries[-1].at if self.phase in OVER else None

    @property
    def paused_for(self) -> tuple[str, ...]:
        """Why it stands; nothing unless it is paused."""
        if self.phase != "paused":
            return ()
        last = next(e for e in reversed(self.entries) if e.kind == "paused")
        return tuple(last.reason.split(",")) if last.reason else ()

    def spans(self) -> Iterator[Span]:
        """Give each stretch in which the clock ran; the last one is open while it runs."""
        began: datetime | None = None
        calendar = ""
        for entry in self.entries:
            ends = entry.kind in {"paused", *OVER}
            moves = entry.calendar not in {"", calendar}
            if began is not None and (ends or moves):
                yield Span(began, entry.at, calendar)
                began = None if ends else entry.at
            elif entry.kind in {"started", "resumed", "reopened"}:
                began = entry.at
            calendar = entry.calendar or calendar
        if began is not None:
            yield Span(began, None, calendar)


def start(at: datetime, target: timedelta, reason: str = "", calendar: str = "") -> Ledger:
    """Start a clock that promises ``target`` of working time by a calendar."""
    return _append(Ledger(()), Entry("started", at, target, reason, calendar))


def pause(ledger: Ledger, at: datetime, reason: str = "") -> Ledger:
    """Let the clock stand. Raises :class:`LedgerRefused` unless it runs."""
    return _append(ledger, Entry("paused", at, None, reason))


def resume(ledger: Ledger, at: datetime, reason: str = "") -> Ledger:
    """Let the clock go on. Raises :class:`LedgerRefused` unless it is paused."""
    return _append(ledger, Entry("resumed", at, None, reason))


def retarget(
    ledger: Ledger, at: datetime, target: timedelta, reason: str = "", calendar: str = ""
) -> Ledger:
    """Promise another length, or count by another calendar (none: the same) from now on; the
    time already counted stays counted."""
    return _append(ledger, Entry("retargeted", at, target, reason, calendar))


def stop(ledger: Ledger, at: datetime, reason: str = "") -> Ledger:
    """Stop the clock."""
    return _append(ledger, Entry("stopped", at, None, reason))


def drop(ledger: Ledger, at: datetime, reason: str = "") -> Ledger:
    """End the clock because what it counts is promised no longer: neither kept nor broken."""
    return _append(ledger, Entry("dropped", at, None, reason))


def reopen(ledger: Ledger, at: datetime, reason: str = "") -> Ledger:
    """Let a clock that is over go on with the time it had counted; in between it stood."""
    return _append(ledger, Entry("reopened", at, None, reason))


def to_json(ledger: Ledger) -> list[dict[str, Any]]:
    """Return the ledger as plain data: instants as ISO 8601 in UTC, targets in seconds."""
    return [_entry_to_json(entry) for entry in ledger.entries]


def from_json(data: Sequence[Mapping[str, Any]], calendar: str = "") -> Ledger:
    """Read what :func:`to_json` wrote; raises :class:`LedgerRefused` for anything else.

    ``calendar`` is the one of a ledger of former times, which does not name it itself.
    """
    ledger = Ledger(())
    for each in data:
        ledger = _append(ledger, _entry_from_json(each))
    if not ledger.entries:
        raise LedgerRefused("a ledger begins with “started”")
    first, *rest = ledger.entries
    if first.calendar or not calendar:
        return ledger
    return Ledger((replace(first, calendar=calendar), *rest))


def _append(ledger: Ledger, entry: Entry) -> Ledger:
    phase = ledger.phase if ledger.entries else None
    if phase not in _FOLLOWS[entry.kind]:
        raise LedgerRefused(f"“{entry.kind}” cannot follow: the clock is {phase or 'not started'}")
    if entry.at.tzinfo is None or (ledger.entries and entry.at < ledger.entries[-1].at):
        raise LedgerRefused(f"“{entry.kind}” at {entry.at} is before the entry that it follows")
    if entry.target is not None and entry.target <= timedelta(0):
        raise LedgerRefused("a target is longer than nothing")
    promises = entry.kind in {"started", "retargeted"}
    if (entry.target is not None) != promises or (entry.calendar and not promises):
        raise LedgerRefused(f"“{entry.kind}” has a target or a calendar too much or none")
    return Ledger((*ledger.entries, entry))


def _entry_to_json(entry: Entry) -> dict[str, Any]:
    data: dict[str, Any] = {"kind": entry.kind, "at": entry.at.astimezone(UTC).isoformat()}
    if entry.target is not None:
        data["target"] = entry.target.total_seconds()
    if entry.calendar:
        data["calendar"] = entry.calendar
    if entry.reason:
        data["reason"] = entry.reason
    return data


def _entry_from_json(data: Mapping[str, Any]) -> Entry:
    try:
        target = timedelta(seconds=data["target"]) if "target" in data else None
        at, kind = datetime.fromisoformat(data["at"]), data["kind"]
        strange = kind not in get_args(Kind) or set(data) - _FIELDS
    except (LookupError, TypeError, ValueError, OverflowError) as error:
        raise LedgerRefused(f"not an entry of a ledger: {data!r:.100}") from error
    if strange:
        raise LedgerRefused(f"not an entry of a ledger: {data!r:.100}")
    return Entry(kind, at, target, str(data.get("reason", "")), str(data.get("calendar", "")))
