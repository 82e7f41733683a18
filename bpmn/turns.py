"""What all repeated activities share: a body around turns, which its boundary events belong to."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from bpmn.activities import Activity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bpmn.instance import Token


class Repeated(Activity, ABC):
    """The body of an activity that runs in turns; mappings belong to each turn."""

    turn_node: str

    def _run(self, my_task: Token) -> bool | None:
        return self.go_on(my_task) if "turns" in my_task.memo else self.enter(my_task)

    @abstractmethod
    def go_on(self, token: Token) -> bool | None:
        """Begin another turn or leave; may raise ``Fault``."""

    def open_scope(self, token: Token, local: Mapping[str, Any]) -> None:
        """The scope in which the turns run."""
        key = token.workflow.next_key()
        token.workflow.scopes.open(key, token.scope, token.key, local)
        token.memo["inside"] = key

    def start_turn(self, token: Token) -> None:
        """A token for the next turn, which sees what it is given and its number (from one)."""
        instance, turns = token.workflow, token.memo["turns"]
        number = turns["next"]
        turn = instance.spawn(self.process.nodes[self.turn_node], token.memo["inside"])
        turn.memo["given"] = {**self.given(turns, number), "loopCounter": number + 1}
        turn.memo["turn"] = [number + 1, turns["total"]]
        turns["next"] = number + 1
        instance.admit(turn)

    def given(self, turns: dict[str, Any], number: int) -> dict[str, Any]:
        """What only this turn sees."""
        return {}

    def inside_ended(self, owner: Token, token: Token) -> None:
        """A turn is done; the body looks at once whether more are needed."""
        owner.memo["turns"]["done"] += 1
        self.note_turn(owner, token)
        owner.workflow.resume_first(owner)

    def note_turn(self, owner: Token, token: Token) -> None:
        """Keep what a finished turn leaves."""
        told = token.memo.get("told")
        if told is not None:
            owner.memo["turns"]["told"] = told

    def inside_cancelled(self, owner: Token, token: Token) -> None:
        """A turn was ended from outside, on its own; the others go on."""
        if "turn" in token.memo and not owner.memo["turns"].get("over"):
            owner.memo["turns"]["terminated"] = owner.memo["turns"].get("terminated", 0) + 1
            owner.workflow.resume_first(owner)

    def end(self, token: Token) -> bool:
        """Leave; turns that still run are cancelled."""
        token.memo["turns"]["over"] = True
        token.workflow.clear(token.memo["inside"])
        return self.leave(token)
