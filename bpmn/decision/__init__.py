"""Decision models (DMN): read strictly, evaluated with a trace of the rules that matched."""

from __future__ import annotations

from bpmn.decision.errors import (
    AnyViolated,
    DecisionError,
    UniqueViolated,
    UnknownDecision,
    ValueNotAllowed,
)
from bpmn.decision.evaluate import decide
from bpmn.decision.model import Decided, Decision, DecisionModel, Match
from bpmn.decision.reader import load_decision, parse_decision, read_decision
from bpmn.decision.reading import EMPTY

__all__ = [
    "EMPTY", "AnyViolated", "Decided", "Decision", "DecisionError", "DecisionModel", "Match",
    "UniqueViolated", "UnknownDecision", "ValueNotAllowed", "decide", "load_decision",
    "parse_decision", "read_decision",
]  # fmt: skip
