"""Asks a decision table on behalf of a business rule task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bpmn import feel
from bpmn.instance import Fault

if TYPE_CHECKING:
    from bpmn.instance import Context


def decide(
    decision: str, seen: Mapping[str, Any], context: Context
) -> tuple[Any, list[Any]]:
    """The decision's result as JSON holds it, and the rules that matched."""
    raise Fault("decision", f"There is no decision {decision}.")
