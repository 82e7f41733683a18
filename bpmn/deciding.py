"""Asks a decision table on behalf of a business rule task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bpmn import decision, feel
from bpmn.instance import Fault

if TYPE_CHECKING:
    from bpmn.instance import Context

_TELLING = (decision.DecisionError, feel.FeelError)
_FAILURES = (*_TELLING, ArithmeticError, LookupError, TypeError, ValueError)


def decide(
    wanted: str, seen: Mapping[str, Any], context: Context, decisions: Mapping[str, Any]
) -> tuple[Any, list[Any]]:
    """The decision's result as JSON holds it, and the rules that matched; or a ``Fault``."""
    model = decisions.get(wanted)
    if model is None:
        raise Fault("decision", f"There is no decision “{wanted}”.",
                    persian=f"تصمیم «{wanted}» نیست.")  # fmt: skip
    try:
        decided = decision.decide(model, wanted, seen, now=context.now, functions=context.functions)
        return feel.to_json(decided.value), [_match(match) for match in decided.matches]
    except _FAILURES as error:
        told = error.messages if isinstance(error, _TELLING) else {}
        text = str(error) or type(error).__name__
        raise Fault("decision", told.get("en", text), wanted, told.get("fa")) from error


def _match(match: decision.Match) -> dict[str, Any]:
    return {
        "decision": match.decision, "rules": list(match.rules), "rule_ids": list(match.rule_ids),
        "inputs": list(match.inputs),
    }  # fmt: skip
