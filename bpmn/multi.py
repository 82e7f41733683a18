"""Multi-instance activities: one turn for each item of a collection, together or in a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bpmn.cold import BLOCK, Blocks
from bpmn.expressions import Expression, evaluate, evaluate_raw, text_of
from bpmn.instance import Fault
from bpmn.limits import TURNS
from bpmn.turns import Repeated

if TYPE_CHECKING:
    from bpmn.instance import Token


class MultiInstance(Repeated):
    """The body around the turns of a collection, or of a number of them."""

    sequential: bool
    collection: Expression | None
    cardinality: Expression | None
    item_name: str | None
    output_name: str | None
    condition: Expression | None
    condition_reads: frozenset[str] = frozenset()

    def prepare(self, token: Token, seen: dict[str, Any]) -> dict[str, Any]:
        """The items, one turn each; anything but a list or a fair number is a fault."""
        if self.collection is None:
            turns: dict[str, Any] = {"total": self.count(token, seen), "next": 0, "done": 0}
        else:
            items = self.items(token, seen, self.collection)
            turns = {"items": items, "total": len(items), "next": 0, "done": 0}
        many = turns["total"] > BLOCK
        if many and "items" in turns:
            turns["items"] = Blocks.of(turns["items"])
        if self.output_name:
            turns["outputs"] = Blocks.empty(turns["total"]) if many else [None] * turns["total"]
        return {"turns": turns}

    def items(self, token: Token, seen: dict[str, Any], collection: Expression) -> list[Any]:
        """The list that the collection gives."""
        items = evaluate(collection, seen, token.workflow.context)
        if not isinstance(items, list):
            raise Fault("collection", "It is not a list.", collection.text, "فهرست نیست.")
        if len(items) > TURNS:
            raise Fault("collection", f"It has more than {TURNS} items.", collection.text,
                        f"بیش از {TURNS} عضو دارد.")  # fmt: skip
        token.workflow.reserve(items)
        return items

    def count(self, token: Token, seen: dict[str, Any]) -> int:
        """The number of turns that the loop cardinality gives (BPMN 2.0.2, table 10.29)."""
        said = self.cardinality or Expression("")
        text = text_of(said, seen, token.workflow.context) or "null"
        if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) <= TURNS):
            why = f"{text} is not a whole number from 0 to {TURNS}."
            raise Fault("collection", why, said.text,
                        f"{text} عدد درستی از 0 تا {TURNS} نیست.")  # fmt: skip
        return int(text)

    def begin(self, token: Token) -> bool | None:
        """Begin the first turn or all; an empty list is done at once."""
        turns = token.memo["turns"]
        if not turns["total"]:
            return self.end(token)
        for _ in range(1 if self.sequential else turns["total"]):
            self.start_turn(token)
        if not self.sequential:
            turns.pop("items", None)
        return None

    def given(self, turns: dict[str, Any], number: int) -> dict[str, Any]:
        """The item, under its name."""
        has_item = self.item_name is not None and "items" in turns
        return {str(self.item_name): turns["items"][number]} if has_item else {}

    def note_turn(self, owner: Token, token: Token) -> None:
        """Keep the output of a turn at the place of its item."""
        super().note_turn(owner, token)
        turns = owner.memo["turns"]
        if "outputs" in turns:
            turns["outputs"][token.memo["turn"][0] - 1] = token.memo.get("output")

    def go_on(self, token: Token) -> bool | None:
        """The next turn, or the end when all are over or the completion condition holds."""
        turns = token.memo["turns"]
        over = turns["done"] + turns.get("terminated", 0)
        is_done = over == turns["total"] or self.is_enough(token)
        token.memo.pop("fault", None)
        turns.pop("told", None)
        if is_done:
            return self.end(token)
        if self.sequential and not any(token.workflow.standing(token.memo["inside"])):
            self.start_turn(token)
        return None

    def counts(self, turns: dict[str, Any]) -> dict[str, int]:
        """How many turns there are, run, are complete and were terminated (table 10.30)."""
        done, lost = turns["done"], turns.get("terminated", 0)
        return {
            "numberOfInstances": turns["total"], "numberOfCompletedInstances": done,
            "numberOfActiveInstances": turns["next"] - done - lost,
            "numberOfTerminatedInstances": lost,
        }  # fmt: skip

    def is_enough(self, token: Token) -> bool:
        """Whether the completion condition holds, which sees the turn that was just done."""
        if self.condition is None:
            return False
        turns, instance = token.memo["turns"], token.workflow
        seen = instance.scopes.view(token.memo["inside"])
        if self.output_name in self.condition_reads:
            seen[str(self.output_name)] = _whole(turns["outputs"])
        seen.update(turns.get("told", {}), **self.counts(turns))
        value = evaluate_raw(self.condition, seen, instance.context)
        if not isinstance(value, bool):
            raise Fault("condition", "The completion condition is not true or false.",
                        self.condition.text, "شرط پایان نه درست است نه نادرست.")  # fmt: skip
        return value

    def end(self, token: Token) -> bool:
        """Write the collected outputs; turns that still run are cancelled."""
        if self.output_name:
            outputs = _whole(token.memo["turns"]["outputs"])
            token.workflow.scopes.write(token.scope, {self.output_name: outputs})
        return super().end(token)


def _whole(values: list[Any] | Blocks) -> list[Any]:
    """Outputs as the list that they are."""
    return values.whole() if isinstance(values, Blocks) else values
