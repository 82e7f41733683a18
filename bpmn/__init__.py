"""The process room: reads, checks and runs BPMN diagrams, their FEEL and their tables.

Everything that leaves it is a plain frozen value of ``bpmn.model`` or ``bpmn.definition``.
"""

from __future__ import annotations

from bpmn import feel
from bpmn.commands import (
    ActivateElement,
    Command,
    CompleteJob,
    CompleteTask,
    DeliverMessage,
    DeliverSignal,
    FailJob,
    FireTimer,
    MoveToken,
    RetryFault,
    SetVariables,
    SkipFault,
    Terminate,
    ThrowError,
)
from bpmn.decision import DecisionModel, load_decision, parse_decision
from bpmn.definition import Definition, load, parse
from bpmn.deployed import Called, Deployed, DeployedTogether
from bpmn.engine import NoSuchStart, Stored, inspect, read, start, step
from bpmn.errors import BpmnError, CannotOperate, Refused, Told, UnknownKey, WrongState
from bpmn.fault_remedies import remedy_of
from bpmn.localise import localise
from bpmn.many import by_key
from bpmn.migrate import MigrationPlan, TokenMove, migrate, plan_migration
from bpmn.model import (
    Activatable,
    Call,
    Element,
    Finding,
    Names,
    Outcome,
    Place,
    StageLabel,
    StandingFault,
    StartPoint,
    Status,
    ThrownSignal,
    Trace,
    WaitingJob,
    WaitingMessage,
    WaitingSignal,
    WaitingTask,
    WaitingTimer,
)
from bpmn.nearness import nearness
from bpmn.rearm import ListenerMove
from bpmn.schedule import (
    ConditionFailed,
    Moment,
    condition_holds,
    first_moment,
    next_moment,
)
from bpmn.state import ENGINE_VERSION
from bpmn.values import BadVariables, plain_variables

__all__ = [
    "ENGINE_VERSION",
    "Activatable",
    "ActivateElement",
    "BadVariables",
    "BpmnError",
    "Call",
    "Called",
    "CannotOperate",
    "Command",
    "CompleteJob",
    "CompleteTask",
    "ConditionFailed",
    "DecisionModel",
    "Definition",
    "DeliverMessage",
    "DeliverSignal",
    "Deployed",
    "DeployedTogether",
    "Element",
    "FailJob",
    "Finding",
    "FireTimer",
    "ListenerMove",
    "MigrationPlan",
    "Moment",
    "MoveToken",
    "Names",
    "NoSuchStart",
    "Outcome",
    "Place",
    "Refused",
    "RetryFault",
    "SetVariables",
    "SkipFault",
    "StageLabel",
    "StandingFault",
    "StartPoint",
    "Status",
    "Stored",
    "Terminate",
    "ThrowError",
    "ThrownSignal",
    "TokenMove",
    "Told",
    "Trace",
    "UnknownKey",
    "WaitingJob",
    "WaitingMessage",
    "WaitingSignal",
    "WaitingTask",
    "WaitingTimer",
    "WrongState",
    "by_key",
    "condition_holds",
    "feel",
    "first_moment",
    "inspect",
    "load",
    "load_decision",
    "localise",
    "migrate",
    "nearness",
    "next_moment",
    "parse",
    "parse_decision",
    "plain_variables",
    "plan_migration",
    "read",
    "remedy_of",
    "start",
    "step",
]
