"""What the engine takes and gives: plain frozen values, so that no other room meets the library.

A *key* names one thing inside one instance for as long as it lives (a waiting user task, a
timer, a parked service task). Keys are strings, unique in their instance and kept over
saving and restoring, so a row that carries one can be matched after any step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Names = Mapping[str, str]
"""A text by language, ``{"fa": ..., "en": ...}``; at least one language is there."""

Status = Literal["active", "completed", "terminated"]


@dataclass(frozen=True)
class Finding:
    """One reason why a diagram or a table is refused, or one warning about it."""

    line: int
    element: str
    rule: str
    message: Names
    severity: Literal["error", "warning"] = "error"
    file: str = ""
    remedy: Names = field(default_factory=dict)
    """What to draw or write instead; empty when the message says it."""


Binding = Literal["latest", "deployment", "versionTag"]


@dataclass(frozen=True)
class Call:
    """Which process a call activity calls, and in which version.

    ``latest`` is the newest when the call begins, ``deployment`` the one that was deployed
    together with the caller, ``versionTag`` the newest that carries ``tag``.
    """

    process: str
    binding: Binding = "latest"
    tag: str | None = None


@dataclass(frozen=True)
class Element:
    """One flow element of a deployed process, as pages and services need to know it."""

    id: str
    type: str
    """The BPMN local name: ``userTask``, ``exclusiveGateway``, ``boundaryEvent``."""
    names: Names
    lane: str | None = None
    properties: Mapping[str, str] = field(default_factory=dict)
    """The ``zeebe:property`` values: ``stage``, ``waits``, ``sla``, ``name_fa``, and others."""
    form: str | None = None
    line: int = 0
    """Where it stands in the file, for findings about what it names."""
    decision: str | None = None
    """The decision that a business rule task names, unless an expression gives it."""
    job_type: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    """The task headers of a service task."""
    inputs: frozenset[str] = frozenset()
    """The variables that its input mappings give it, by their first names."""
    groups: tuple[str, ...] = ()
    """The candidate groups that a user task or its lane names, unless an expression gives them."""
    calls: Call | None = None
    """The process that a call activity calls, unless an expression gives it."""
    interrupting: bool = True
    """Whether what it waits for comes but once: false for an event that does not interrupt."""
    depth: int = 0
    """In how many subprocesses it lies."""
    inside: str | None = None
    """The subprocess in which it lies; None for the process itself."""


@dataclass(frozen=True)
class StartPoint:
    """One way in which a process begins."""

    element: str
    kind: str
    """``none``, ``message``, ``signal``, ``timer`` or ``conditional``."""
    name: str | None = None
    """Of the message or signal."""
    timer: str | None = None
    """``date``, ``duration`` or ``cycle``."""
    expression: str | None = None
    """Of the timer or the condition."""


@dataclass(frozen=True)
class StageLabel:
    """One step of the track that the customer sees, in the order of the process."""

    key: str
    names: Names


@dataclass(frozen=True)
class WaitingTask:
    """A user task that waits for a person."""

    key: str
    element: str
    names: Names
    form: str | None
    candidate_groups: tuple[str, ...]
    candidate_users: tuple[str, ...]
    excluded_users: tuple[str, ...]
    """Logins that may not take it: the property ``excludes``, a FEEL list (ISO 10002, 8.3)."""
    assignee: str | None
    priority: int
    due_at: datetime | None
    """From ``taskSchedule``; a clock of the property ``sla`` is set by the services."""
    variables: Mapping[str, Any]
    """What the task sees: the scope's variables with its input mappings applied."""
    multi_instance: tuple[int, int] | None = None
    definition: str | None = None
    """The sha256 of the called process that it belongs to; None for the instance's own."""


@dataclass(frozen=True)
class WaitingTimer:
    """A timer that waits for its instant."""

    key: str
    element: str
    due_at: datetime
    definition: str | None = None
    """The sha256 of the called process that it belongs to; None for the instance's own."""


@dataclass(frozen=True)
class WaitingMessage:
    """A message subscription: delivered to exactly this instance when name and correlation fit."""

    key: str
    element: str
    message: str
    correlation: str | None
    definition: str | None = None
    """The sha256 of the called process that it belongs to; None for the instance's own."""


@dataclass(frozen=True)
class WaitingSignal:
    """A place that waits for a signal; every one of that name gets it (BPMN 2.0.2, 10.5.1)."""

    key: str
    element: str
    signal: str
    definition: str | None = None
    """The sha256 of the called process that it belongs to; None for the instance's own."""


@dataclass(frozen=True)
class ThrownSignal:
    """A signal that a step threw: its own instance has heard it, all others shall."""

    signal: str
    element: str
    variables: Mapping[str, Any]
    """The values of the throwing event's input mappings, which travel along."""


@dataclass(frozen=True)
class WaitingJob:
    """A service task whose token is parked until its result is given."""

    key: str
    element: str
    type: str
    headers: Mapping[str, str]
    inputs: Mapping[str, Any]
    """What the task sees: the scope's variables with its input mappings applied."""
    retries: int
    definition: str | None = None
    """The sha256 of the called process that it belongs to; None for the instance's own."""


@dataclass(frozen=True)
class Trace:
    """One thing that happened in a step, in order.

    ``kind`` is one of ``started``, ``entered``, ``left``, ``cancelled``, ``message``, ``timer``,
    ``error``, ``escalation``, ``signal``, ``condition`` (an event came), ``thrown`` (a signal or
    an escalation), ``uncaught`` (an escalation that nothing catches), ``decided``, ``fault``,
    ``completed``, ``terminated``, ``skipped``, ``changed``, ``moved``,
    ``migrated``, ``compensated`` (what was complete is undone), ``activated`` (by
    somebody, in an ad-hoc subprocess).
    """

    kind: str
    element: str | None = None
    flow: str | None = None
    """The sequence flow taken, for the marked path."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """``turn`` of a multi-instance activity, ``completed_by``, ``code``, ``rules``, and so on."""
    definition: str | None = None
    """The sha256 of the called process that it belongs to; None for the instance's own."""


@dataclass(frozen=True)
class StandingFault:
    """A token that stands before an element which could not run: visible and retryable."""

    key: str
    element: str
    code: str
    """Which kind of failure; for a job that failed, the code that was given."""
    message: str
    """What happened, in English and with all detail."""
    expression: str | None = None
    texts: Names = field(default_factory=dict)
    """The same for people, in each language."""
    definition: str | None = None
    """The sha256 of the called process that it belongs to; None for the instance's own."""


@dataclass(frozen=True)
class Place:
    """Where one token stands."""

    key: str
    element: str
    definition: str | None = None
    """The sha256 of the called process that it belongs to; None for the instance's own."""


@dataclass(frozen=True)
class Activatable:
    """An ad-hoc subprocess that runs, with the elements inside that may be activated now."""

    key: str
    element: str
    elements: tuple[str, ...]
    definition: str | None = None
    """The sha256 of the called process that it belongs to; None for the instance's own."""


@dataclass(frozen=True)
class Outcome:
    """All that is true of an instance after one step; the lists are complete, not differences."""

    state: bytes
    """Compressed JSON without the process definition."""
    status: Status
    end_elements: tuple[str, ...]
    """The end events reached in this step, of the process and of its event subprocesses."""
    user_tasks: tuple[WaitingTask, ...]
    timers: tuple[WaitingTimer, ...]
    messages: tuple[WaitingMessage, ...]
    jobs: tuple[WaitingJob, ...]
    faults: tuple[StandingFault, ...]
    tokens: tuple[str, ...]
    """Element ids where tokens stand, one per token; a subprocess counts beside what it holds."""
    trace: tuple[Trace, ...]
    variables: Mapping[str, Any]
    """The process scope."""
    places: tuple[Place, ...] = ()
    """The same as ``tokens``, each with its key and the process it stands in."""
    signals: tuple[WaitingSignal, ...] = ()
    thrown: tuple[ThrownSignal, ...] = ()
    """The signals that this step threw, in order, for all other instances."""
    activatable: tuple[Activatable, ...] = ()
    """The ad-hoc subprocesses that run, with what may be activated in each."""
