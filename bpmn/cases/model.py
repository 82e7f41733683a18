"""A test case as plain values: what is told to a process, and what must come of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bpmn.timing import Span

Data = Mapping[str, Any]
Given = Mapping[str, Data | tuple[Data, ...]]
"""For each element what it is given: always the same, or one after the other."""

NOW = datetime(2026, 3, 21, 12, tzinfo=UTC)
"""When a case begins that does not say it."""


@dataclass(frozen=True)
class Reply:
    """What a fake partner answers to one call; of ``json``, ``xml`` and ``text`` at most one."""

    status: int = 200
    json: Any = None
    has_json: bool = False
    """Whether ``json`` is said, for it may be null."""
    xml: str | None = None
    text: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    after: int | None = None
    """Seconds after which the partner asks to be called again."""
    fails: str | None = None
    """``timeout``, ``break`` or ``unreachable``: then there is no answer at all."""


Replies = Mapping[str, Reply | tuple[Reply, ...]]
"""For each element or job type the answer to every call, or one after the other."""


@dataclass(frozen=True)
class Sent:
    """A call that a fake partner heard."""

    element: str
    values: Data
    """By the names that ``sent`` of a case may use."""


@dataclass(frozen=True)
class Expect:
    """What must be true; a field that is None is not looked at."""

    status: str | None = None
    ends: tuple[str, ...] | None = None
    """The end events of the process itself, and of its event subprocesses, reached since the
    start, in their order; those that throw an error end nothing themselves."""
    tokens: tuple[str, ...] | None = None
    """Where tokens stand, one for each, in any order."""
    faults: tuple[str, ...] | None = None
    """``element`` or ``element code`` of each fault that stands, in any order."""
    variables: Data | None = None
    """Some variables of the process and their values; others may be there."""
    path: tuple[str, ...] | None = None
    """Elements entered in this order; others may lie between."""
    avoids: tuple[str, ...] | None = None
    """Elements never entered."""
    trace: tuple[str, ...] | None = None
    """All that happened since the start, as ``kind element``, exactly."""
    sent: Mapping[str, tuple[Data, ...]] | None = None
    """By element: what the fake partner heard of it, call by call."""


@dataclass(frozen=True)
class Complete:
    """A person finishes the first user task that waits at an element."""

    element: str
    data: Data = field(default_factory=dict)
    by: str | None = None


@dataclass(frozen=True)
class FinishJob:
    """The first job of an element or job type gives a result, an error or fails for good."""

    job: str
    result: Data = field(default_factory=dict)
    error: str | None = None
    fail: str | None = None


@dataclass(frozen=True)
class Tell:
    """A message arrives; ``correlation`` chooses among subscriptions of the same name."""

    message: str
    data: Data = field(default_factory=dict)
    correlation: str | None = None


@dataclass(frozen=True)
class Broadcast:
    """A signal is heard."""

    signal: str
    data: Data = field(default_factory=dict)


@dataclass(frozen=True)
class Ring:
    """Time goes on to the instant of an element's timer, which fires after all before it."""

    timer: str


@dataclass(frozen=True)
class Pass:
    """Time goes on, and what comes due fires in order."""

    span: Span


@dataclass(frozen=True)
class Retry:
    """An operator tries the first fault of an element again, with variables changed."""

    element: str
    data: Data = field(default_factory=dict)


@dataclass(frozen=True)
class Skip:
    """An operator takes the faulted element as done, with the values it should have given."""

    element: str
    data: Data = field(default_factory=dict)
    flow: str | None = None
    """By which flow a gateway is left; without it by its default or its only one."""


@dataclass(frozen=True)
class Change:
    """An operator changes variables of the process, or of one open scope in it."""

    variables: Data
    scope: str | None = None
    """The element whose own variables are meant."""


@dataclass(frozen=True)
class Move:
    """An operator takes the token away from an element, and puts one before another."""

    element: str
    to: str


@dataclass(frozen=True)
class Activate:
    """Somebody asks for an element of an ad-hoc subprocess that runs."""

    element: str


@dataclass(frozen=True)
class Post:
    """A partner posts a webhook; it is judged as the connector judges it."""

    body: Data
    signed: bool = True
    refused: bool = False
    """Whether it must not be let in."""
    key_field: str = "key"


Operation = Retry | Skip | Change | Move
Step = Complete | FinishJob | Tell | Post | Broadcast | Ring | Pass | Operation | Activate | Expect


@dataclass(frozen=True)
class Start:
    """How the instance begins."""

    data: Data = field(default_factory=dict)
    message: str | None = None
    signal: str | None = None
    at: str | None = None
    """The start event, where neither a message nor a signal says it."""


@dataclass(frozen=True)
class Case:
    """One story of a process, from its start to what must be true at the end."""

    name: str
    expect: Expect
    start: Start = Start()
    answers: Given = field(default_factory=dict)
    """By user task: what people answer whenever it waits and no step is left for it."""
    jobs: Given = field(default_factory=dict)
    """By element or job type: what comes back whenever it waits and no step is left for it."""
    replies: Replies = field(default_factory=dict)
    """By element or job type: what the fake partners of HTTP answer."""
    steps: tuple[Step, ...] = ()
    by: str | None = None
    """The login of who answers, where a step names nobody."""
    now: datetime = NOW


@dataclass(frozen=True)
class BadCase:
    """A case that cannot be read; those beside it can."""

    name: str
    why: tuple[str, ...]


@dataclass(frozen=True)
class Supports:
    """Which element of BPMN a file shows, for the table of what is supported."""

    element: str
    clause: str
    group: str
    note: str = ""


@dataclass(frozen=True)
class CaseFile:
    """All that one ``.test.json`` says about the diagram beside it."""

    filename: str
    cases: tuple[Case, ...] = ()
    bad: tuple[BadCase, ...] = ()
    supports: Supports | None = None
    refused: tuple[str, ...] = ()
    """Rules by which the diagram must be refused; then it has no cases."""
    decisions: tuple[str, ...] | None = None
    """Files of decision tables beside it; None: those of the folder that it names."""
    processes: tuple[str, ...] | None = None
    """Files of the processes that it calls; None: those of the folder that it calls."""
    calendar: str | None = None
    """Whose working time counts; None: the organisation's own."""
    partners: tuple[str, ...] = ()
    """Types of tasks that fake partners answer, where a case gives nothing."""
