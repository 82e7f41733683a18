"""A process diagram as plain values: what the file says, before anything is judged or run.

Reading fills it, normalising rewrites it, the lint judges it, compiling turns it into the
engine's specs. Each value keeps the line where it stands in the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from bpmn.model import Binding, Names

ACTIVITIES = frozenset(
    {
        "userTask", "serviceTask", "sendTask", "scriptTask", "businessRuleTask", "receiveTask",
        "manualTask", "task", "subProcess", "callActivity", "transaction",
        "adHocSubProcess",
    }
)  # fmt: skip
JOBS = frozenset({"serviceTask", "sendTask"})
GATEWAYS = frozenset(
    {"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway"}
)
EVENTS = frozenset(
    {
        "startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent",
        "boundaryEvent",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Flow:
    """A sequence flow. ``drawn`` is false for one that normalising put in."""

    id: str
    source: str
    target: str
    condition: str | None = None
    line: int = 1
    drawn: bool = True
    container: str = ""
    names: Names = field(default_factory=dict)
    """What is written at it; nothing when it was drawn without."""


@dataclass(frozen=True)
class Trigger:
    """What an event waits for or throws: ``kind`` is ``message``, ``timer``, ``error``..."""

    kind: str
    line: int = 1
    message: str | None = None
    correlation: str | None = None
    reference: str | None = None
    """The id that the definition refers to, kept to say when it is missing."""
    timer: str | None = None
    """``date``, ``duration`` or ``cycle``."""
    expression: str | None = None
    also: tuple[str, ...] = ()
    """Further ways in which a timer is said to be set, of which there may be none."""
    declared: bool = True
    """Whether the error that it refers to stands in the file."""
    error_code: str | None = None
    activity: str | None = None
    """The one activity that is to be compensated."""
    waits: bool = True
    """Whether a compensation is waited for."""
    link: str | None = None
    signal: str | None = None
    escalation_code: str | None = None
    condition: str | None = None
    filtered: bool = False
    """Whether a condition says which changes it looks at, which is not followed."""


@dataclass(frozen=True)
class Assignment:
    """One line of an ``ioMapping``: the expression and the variable that takes its value."""

    source: str
    target: str
    line: int = 1


@dataclass(frozen=True)
class DataProblem:
    """Why a data association cannot be followed: the rule, where, and what it is about."""

    rule: str
    line: int
    name: str


@dataclass(frozen=True)
class Loop:
    """What marks an activity as repeated: multi-instance, or a standard loop."""

    sequential: bool
    line: int = 1
    collection: str | None = None
    element: str | None = None
    output_collection: str | None = None
    output_element: str | None = None
    condition: str | None = None
    """When it is enough; of a standard loop, whether there is another round."""
    cardinality: str | None = None
    standard: bool = False
    test_before: bool = False
    maximum: str | None = None
    twofold: bool = False
    """Whether the activity has a loop marker beside the multi-instance one."""
    oddities: tuple[str, ...] = ()
    """Attributes and children that the engine does not follow."""


@dataclass(frozen=True)
class Calling:
    """What a call activity calls: its ``zeebe:calledElement``, or the standard's attribute."""

    process: str
    line: int = 1
    binding: Binding = "latest"
    said_binding: str = "latest"
    """The binding as it is written, which may be none that there is."""
    tag: str | None = None
    all_in: bool = True
    """Whether the called process gets all variables that can be read at the call."""
    all_out: bool = True
    """Whether all its variables come back."""
    odd: tuple[str, ...] = ()
    """Attributes that cannot be followed as they are written."""
    element: str | None = None
    """The ``calledElement`` of the standard, which names the process where zeebe names none."""


@dataclass(frozen=True)
class AdHoc:
    """What an ad-hoc subprocess says of what runs in it, and until when."""

    elements: str | None = None
    """FEEL that gives the ids of the elements to begin with."""
    condition: str | None = None
    cancels: bool = True
    """Whether the rest is cancelled once the completion condition holds."""
    oddities: tuple[str, ...] = ()


@dataclass(frozen=True)
class Extension:
    """What the zeebe extension elements of one node say."""

    properties: Mapping[str, str] = field(default_factory=dict)
    inputs: tuple[Assignment, ...] = ()
    outputs: tuple[Assignment, ...] = ()
    job_type: str | None = None
    retries: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    form: str | None = None
    assignee: str | None = None
    groups: str | None = None
    users: str | None = None
    due: str | None = None
    follow_up: str | None = None
    priority: str | None = None
    decision: str | None = None
    script: str | None = None
    result: str | None = None
    called: Calling | None = None
    unknown: tuple[tuple[str, int], ...] = ()
    """Extension elements that would be ignored, each with its line."""


@dataclass(frozen=True)
class Shape:
    """One flow node: its BPMN local name, where it stands, and all that it carries."""

    id: str
    type: str
    line: int
    container: str
    """The id of the process or subprocess that holds it."""
    name: str = ""
    triggers: tuple[Trigger, ...] = ()
    extension: Extension = Extension()
    lane: str | None = None
    attached_to: str | None = None
    interrupting: bool = True
    for_compensation: bool = False
    """It undoes another activity: no flow leads here, an association does."""
    by_event: bool = False
    """An event subprocess: started by its start event, not by a flow."""
    default: str | None = None
    loop: Loop | None = None
    ad_hoc: AdHoc | None = None
    data_problems: tuple[DataProblem, ...] = ()
    oddities: tuple[str, ...] = ()
    """Attributes and children that the engine does not follow."""
    instantiates: bool = False
    """A gateway or receive task whose message creates the instance."""
    parallel: bool = False
    """An event-based gateway that waits for all of its events, not for the first."""
    through: tuple[Shape, str] | None = None
    """The instantiating gateway, and the flow from it, that a start event stands behind."""
    implicit: bool = False
    """A start event put in where none is drawn."""
    origin: str | None = None
    """The drawn node that a node put in by normalising stands for."""

    @property
    def trigger(self) -> Trigger | None:
        """The only trigger, if there is one."""
        return self.triggers[0] if self.triggers else None

    @property
    def drawn_id(self) -> str:
        """The id of the node as a person sees it in the diagram."""
        return self.origin or self.id


@dataclass(frozen=True)
class Diagram:
    """One executable process of a file."""

    key: str
    line: int
    name: str
    properties: Mapping[str, str]
    shapes: Mapping[str, Shape]
    flows: Mapping[str, Flow]
    filename: str = ""
    lane_names: Mapping[str, str] = field(default_factory=dict)
    associations: tuple[tuple[str, str], ...] = ()
    """The ends of each association, as drawn."""
    version_tag: str | None = None

    def outgoing(self, shape: str) -> list[Flow]:
        """The flows that leave a node, in the order of the file."""
        return self._index.leaving.get(shape, [])

    def incoming(self, shape: str) -> list[Flow]:
        """The flows that reach a node, in the order of the file."""
        return self._index.reaching.get(shape, [])

    def inside(self, container: str) -> list[Shape]:
        """The nodes that a process or subprocess holds itself."""
        return self._index.held.get(container, [])

    def boundaries(self, host: str) -> list[Shape]:
        """The boundary events attached to an activity."""
        return self._index.attached.get(host, [])

    @cached_property
    def _index(self) -> _Index:
        return _Index(self)


class _Index:
    """Flows by their ends and nodes by their holders, found once."""

    def __init__(self, diagram: Diagram) -> None:
        self.leaving: dict[str, list[Flow]] = {}
        self.reaching: dict[str, list[Flow]] = {}
        self.held: dict[str, list[Shape]] = {}
        self.attached: dict[str, list[Shape]] = {}
        for flow in diagram.flows.values():
            self.leaving.setdefault(flow.source, []).append(flow)
            self.reaching.setdefault(flow.target, []).append(flow)
        for shape in diagram.shapes.values():
            self.held.setdefault(shape.container, []).append(shape)
            if shape.attached_to:
                self.attached.setdefault(shape.attached_to, []).append(shape)
