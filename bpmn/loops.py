"""The standard loop: an activity that repeats as long as a condition holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bpmn.expressions import Expression, evaluate_raw
from bpmn.instance import Fault
from bpmn.turns import Repeated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bpmn.instance import Token


class StandardLoop(Repeated):
    """The body around the rounds (BPMN 2.0.2, table 10.28).

    Within a round ``loopCounter`` is its number, from one; in the condition it is the number
    of rounds that are done.
    """

    condition: Expression | None
    test_before: bool
    maximum: int | None

    def prepare(self, token: Token, seen: dict[str, Any]) -> dict[str, Any]:
        """Whether there is a first round, when that is asked before."""
        begins = not self.test_before or self.holds(token, seen, 0)
        return {"turns": {"total": None, "next": 0, "done": 0, "begins": begins}}

    def begin(self, token: Token) -> bool | None:
        """Begin the first round, if any."""
        if not token.memo["turns"].pop("begins"):
            return self.end(token)
        self.start_turn(token)
        return None

    def go_on(self, token: Token) -> bool | None:
        """Another round, unless the condition has become false or the cap is reached."""
        turns = token.memo["turns"]
        done = turns["done"] + turns.get("terminated", 0)
        seen = token.workflow.scopes.view(token.memo["inside"])
        seen.update(turns.get("told", {}))
        again = done != self.maximum and self.holds(token, seen, done)
        token.memo.pop("fault", None)
        turns.pop("told", None)
        if not again:
            return self.end(token)
        self.start_turn(token)
        return None

    def holds(self, token: Token, seen: Mapping[str, Any], done: int) -> bool:
        """Whether the condition asks for another round; without one the cap alone ends it."""
        if self.condition is None:
            return True
        view = {**seen, "loopCounter": done}
        value = evaluate_raw(self.condition, view, token.workflow.context)
        if not isinstance(value, bool):
            raise Fault("condition", "The loop condition is not true or false.",
                        self.condition.text, "شرط تکرار نه درست است نه نادرست.")  # fmt: skip
        return value
