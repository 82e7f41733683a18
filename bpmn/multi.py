"""Multi-instance activities: one turn for each item of a collection, together or in a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bpmn.activities import Activity
from bpmn.expressions import Expression, evaluate, evaluate_raw
from bpmn.instance import Fault
from bpmn.limits import TURNS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bpmn.instance import Token


class MultiInstance(Activity):
    """The body around the turns: boundary events belong to it, mappings to each turn."""

    turn_node: str
    sequential: bool
    collection: Expression
    item_name: str | None
    output_name: str | None
    condition: Expression | None

    def _run(self, my_task: Token) -> bool | None:
        return self.go_on(my_task) if "turns" in my_task.memo else self.enter(my_task)

    def prepare(self, token: Token, seen: dict[str, Any]) -> dict[str, Any]:
        """The items, one turn each; anything but a list is a fault."""
        items = evaluate(self.collection, seen, token.workflow.context)
        if not isinstance(items, list):
            raise Fault("collection", "It is not a list.", self.collection.text)
        if len(items) > TURNS:
            raise Fault("collection", f"It has more than {TURNS} items.", self.collection.text)
        token.workflow.reserve(items)
        turns = {"items": items, "total": len(items), "next": 0, "done": 0}
        if self.output_name:
            turns["outputs"] = [None] * len(items)
        return {"turns": turns}

    def open_scope(self, token: Token, local: Mapping[str, Any]) -> None:
        """The scope in which the turns run."""
        key = token.workflow.next_key()
        token.workflow.scopes.open(key, token.scope, token.key, local)
        token.memo["inside"] = key

    def begin(self, token: Token) -> bool | None:
        """Begin the first turn or all; an empty list is done at once."""
        turns = token.memo["turns"]
        if not turns["total"]:
            return self.end(token)
        for _ in range(1 if self.sequential else turns["total"]):
            self.start_turn(token)
        if not self.sequential:
            turns["items"] = []
        return None

    def start_turn(self, token: Token) -> None:
        """A token for the next item, which sees the item and its number (from one)."""
        instance, turns = token.workflow, token.memo["turns"]
        number = turns["next"]
        turn = instance.spawn(self.process.nodes[self.turn_node], token.memo["inside"])
        item = {} if self.item_name is None else {self.item_name: turns["items"][number]}
        turn.memo["given"] = {**item, "loopCounter": number + 1}
        turn.memo["turn"] = [number + 1, turns["total"]]
        turns["next"] = number + 1
        instance.admit(turn)

    def inside_ended(self, owner: Token, token: Token) -> None:
        """A turn is done: keep its output, then look whether more are needed."""
        turns = owner.memo["turns"]
        turns["done"] += 1
        if "outputs" in turns:
            turns["outputs"][token.memo["turn"][0] - 1] = token.memo.get("output")
        owner.workflow.resume(owner)

    def go_on(self, token: Token) -> bool | None:
        """The next turn, or the end when all are done or the completion condition holds."""
        turns = token.memo["turns"]
        is_done = turns["done"] == turns["total"] or self.is_enough(token)
        token.memo.pop("fault", None)
        if is_done:
            return self.end(token)
        if self.sequential and not any(token.workflow.standing(token.memo["inside"])):
            self.start_turn(token)
        return None

    def is_enough(self, token: Token) -> bool:
        """Whether the completion condition holds, which sees the counts of turns."""
        if self.condition is None:
            return False
        turns, instance = token.memo["turns"], token.workflow
        counts = {
            "numberOfInstances": turns["total"], "numberOfCompletedInstances": turns["done"],
            "numberOfActiveInstances": turns["next"] - turns["done"],
            "numberOfTerminatedInstances": 0,
        }  # fmt: skip
        seen = {**instance.scopes.view(token.memo["inside"]), **counts}
        if self.output_name:
            seen[self.output_name] = turns["outputs"]
        value = evaluate_raw(self.condition, seen, instance.context)
        if not isinstance(value, bool):
            raise Fault("condition", "The completion condition is not true or false.",
                        self.condition.text)  # fmt: skip
        return value

    def end(self, token: Token) -> bool:
        """Write the collected outputs; turns that still run are cancelled."""
        instance, turns = token.workflow, token.memo["turns"]
        instance.clear(token.memo["inside"])
        if self.output_name:
            instance.scopes.write(token.scope, {self.output_name: turns["outputs"]})
        return self.leave(token)
