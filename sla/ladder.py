"""Escalation ladders: what is done before, at and after the due moment of a promise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Literal

from sla.clock import Reckoning
from sla.ledger import Calendars, Ledger

ActionKind = Literal[
    "notify", "raise_priority", "reassign", "signal", "message", "start_process"
]  # fmt: skip

BROKEN = "broken"
"""The key of the step that every clock has, without any action: at its due moment it is noted
that the promise is broken."""


@dataclass(frozen=True)
class Action:
    """One thing that a step does."""

    kind: ActionKind
    to: tuple[str, ...]
    """``notify``: ``assignee``, ``group``, ``manager``, ``customer`` or ``group:<key>``, any of
    them; ``reassign``: one ``group:<key>`` or ``user:<login>``; ``raise_priority``: a priority,
    or ``+1`` for one more than it is; else one name or key."""
    template: str = ""
    """What is written to whom is notified."""


@dataclass(frozen=True)
class LadderStep:
    """One step: when, counted in the working time of the clock, and what is done."""

    key: str
    at: str
    """As it was written: ``75%``, ``-PT2H`` (before the due moment), ``+P1D`` (after it)."""
    names: Mapping[str, str] = field(hash=False)
    actions: tuple[Action, ...]
    share: float = 1.0
    offset: timedelta = timedelta(0)

    def length(self, target: timedelta) -> timedelta:
        """Return after how much working time of the clock it comes; at its start at the
        earliest."""
        return max(target * self.share + self.offset, timedelta(0))


@dataclass(frozen=True)
class Ladder:
    """The steps of an escalation, in the order of the file."""

    key: str
    names: Mapping[str, str] = field(hash=False)
    steps: tuple[LadderStep, ...]


BREACH = LadderStep(BROKEN, "100%", {"fa": "قول نقض شد", "en": "The promise broke"}, ())
EMPTY = Ladder("", {"fa": "", "en": ""}, ())
"""The ladder of a clock that has none of its own: it only breaks."""


def step_moments(
    ledger: Ledger, ladder: Ladder, calendars: Calendars
) -> list[tuple[LadderStep, datetime]]:
    """Return the steps with their instants (in UTC), in the order in which they come.

    The due moment itself is always among them, as the step ``broken``, before others of the same
    instant. A step that the clock does not reach, since it is paused before, is left out; of one
    that it reached before a pause the instant lies in the past. A clock that is over has no steps.
    """
    return list(steps_of(Reckoning(ledger, calendars), ladder))


def steps_of(reckoning: Reckoning, ladder: Ladder) -> Iterator[tuple[LadderStep, datetime]]:
    """Give the same one by one, for who looks at the first ones only."""
    ledger = reckoning.ledger
    if ledger.stopped_at is not None:
        return
    target = ledger.target
    for length, step in sorted(_lengths(ladder, target), key=itemgetter(0)):
        instant = reckoning.due_at(length)
        if instant is not None:
            yield step, instant


def _lengths(ladder: Ladder, target: timedelta) -> list[tuple[timedelta, LadderStep]]:
    return [(target, BREACH), *((step.length(target), step) for step in ladder.steps)]
