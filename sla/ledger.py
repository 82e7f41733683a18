"""A clock as a ledger: what happened to it and when, in order, never rewritten."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, get_args

Kind = Literal["started", "paused", "resumed", "retargeted", "stopped"]
Phase = Literal["running", "paused", "stopped"]

_FOLLOWS: Mapping[Kind, frozenset[Phase | None]] = {
    "started": frozenset({None}),
    "paused": frozenset({"running"}),
    "resumed": frozenset({"paused"}),
    "retargeted": frozenset({"running", "paused"}),
    "stopped": frozenset({"running", "paused"}),
}
_LEADS_TO: Mapping[Kind, Phase] = {
    "started": "running", "paused": "paused", "resumed": "running", "stopped": "stopped",
}  # fmt: skip
_FIELDS = frozenset({"kind", "at", "target", "reason"})


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
    """Why, for the page that explains the clock: ``waits:customer``, ``priority:urgent``."""


@dataclass(frozen=True)
class Ledger:
    """The whole life of one clock; begins with ``started``."""

    entries: tuple[Entry, ...]

    @property
    def phase(self) -> Phase:
        return [_LEADS_TO[one.kind] for one in self.entries if one.kind in _LEADS_TO][-1]

    @property
    def target(self) -> timedelta:
        """The working time promised now."""
        return [one.target for one in self.entries if one.target is not None][-1]

    @property
    def started_at(self) -> datetime:
        return self.entries[0].at

    @property
    def stopped_at(self) -> datetime | None:
        return self.entries[-1].at if self.phase == "stopped" else None

    def spans(self) -> Iterator[tuple[datetime, datetime | None]]:
        """Give each stretch in which the clock ran; the last one is open while it runs."""
        began: datetime | None = None
        for entry in self.entries:
            if entry.kind in {"started", "resumed"}:
                began = entry.at
            elif entry.kind in {"paused", "stopped"} and began is not None:
                yield began, entry.at
                began = None
        if began is not None:
            yield began, None


def start(at: datetime, target: timedelta, reason: str = "") -> Ledger:
    """Start a clock that promises ``target`` of working time."""
    return _append(Ledger(()), Entry("started", at, target, reason))


def pause(ledger: Ledger, at: datetime, reason: str = "") -> Ledger:
    """Let the clock stand. Raises :class:`LedgerRefused` unless it runs."""
    return _append(ledger, Entry("paused", at, None, reason))


def resume(ledger: Ledger, at: datetime, reason: str = "") -> Ledger:
    """Let the clock go on. Raises :class:`LedgerRefused` unless it is paused."""
    return _append(ledger, Entry("resumed", at, None, reason))


def retarget(ledger: Ledger, at: datetime, target: timedelta, reason: str = "") -> Ledger:
    """Promise another length; the time already counted stays counted."""
    return _append(ledger, Entry("retargeted", at, target, reason))


def stop(ledger: Ledger, at: datetime, reason: str = "") -> Ledger:
    """Stop the clock for good."""
    return _append(ledger, Entry("stopped", at, None, reason))


def to_json(ledger: Ledger) -> list[dict[str, Any]]:
    """Return the ledger as plain data: instants as ISO 8601 in UTC, targets in seconds."""
    return [_entry_to_json(entry) for entry in ledger.entries]


def from_json(data: Sequence[Mapping[str, Any]]) -> Ledger:
    """Read what :func:`to_json` wrote; raises :class:`LedgerRefused` for anything else."""
    ledger = Ledger(())
    for each in data:
        ledger = _append(ledger, _entry_from_json(each))
    if not ledger.entries:
        raise LedgerRefused("a ledger begins with “started”")
    return ledger


def _append(ledger: Ledger, entry: Entry) -> Ledger:
    phase = ledger.phase if ledger.entries else None
    if phase not in _FOLLOWS[entry.kind]:
        raise LedgerRefused(f"“{entry.kind}” cannot follow: the clock is {phase or 'not started'}")
    if entry.at.tzinfo is None or (ledger.entries and entry.at < ledger.entries[-1].at):
        raise LedgerRefused(f"“{entry.kind}” at {entry.at} is before the entry that it follows")
    if entry.target is not None and entry.target <= timedelta(0):
        raise LedgerRefused("a target is longer than nothing")
    if (entry.target is not None) != (entry.kind in {"started", "retargeted"}):
        raise LedgerRefused(f"“{entry.kind}” has a target too much or none")
    return Ledger((*ledger.entries, entry))


def _entry_to_json(entry: Entry) -> dict[str, Any]:
    data: dict[str, Any] = {"kind": entry.kind, "at": entry.at.astimezone(UTC).isoformat()}
    if entry.target is not None:
        data["target"] = entry.target.total_seconds()
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
    return Entry(kind, at, target, str(data.get("reason", "")))
