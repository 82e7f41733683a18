"""Asks a decision table on behalf of a business rule task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bpmn import decision, feel
from bpmn.expressions import ABSENT, told
from bpmn.instance import Fault

if TYPE_CHECKING:
    from bpmn.instance import Context

_FAIR = ABSENT | {decision.EMPTY}
_SHOWN = 10
"""Warnings of one decision that the history keeps."""
_TELLING = (decision.DecisionError, feel.FeelError)
_FAILURES = (*_TELLING, ArithmeticError, LookupError, TypeError, ValueError)


def decide(
    wanted: str, seen: Mapping[str, Any], context: Context, decisions: Mapping[str, Any]
) -> tuple[Any, dict[str, Any]]:
    """The decision's result as JSON holds it, and what the history keeps of how it came to it:
    the ``rules`` that matched, and ``warnings`` where there are any; or a ``Fault``."""
    model = decisions.get(wanted)
    if model is None:
        raise Fault("decision", f"There is no decision “{wanted}”.",
                    persian=f"تصمیم «{wanted}» نیست.")  # fmt: skip
    try:
        decided = decision.decide(model, wanted, seen, now=context.now, functions=context.functions)
        _refuse_null(wanted, decided)
        return feel.to_json(decided.value), _told(decided)
    except _FAILURES as error:
        words = error.messages if isinstance(error, _TELLING) else {}
        text = str(error) or type(error).__name__
        raise Fault("decision", words.get("en", text), wanted, words.get("fa")) from error


def _refuse_null(wanted: str, decided: decision.Decided) -> None:
    """Null because something could not be worked out is a ``Fault``; null as a value is none."""
    wrong = told(cause for cause in decided.causes if cause.code not in _FAIR)
    if decided.value is None and wrong["en"]:
        raise Fault("decision", wrong["en"], wanted, wrong["fa"])


def _told(decided: decision.Decided) -> dict[str, Any]:
    """The rules that matched, and what could not be worked out, for the history."""
    rules = [_match(match) for match in decided.matches]
    warnings = [warning.messages for warning in decided.warnings]
    said = [one for at, one in enumerate(warnings) if one not in warnings[:at]][:_SHOWN]
    return {"rules": rules} | ({"warnings": said} if said else {})


def _match(match: decision.Match) -> dict[str, Any]:
    return {
        "decision": match.decision, "rules": list(match.rules), "rule_ids": list(match.rule_ids),
        "inputs": list(match.inputs),
    }  # fmt: skip
