"""Ad-hoc subprocesses: what is inside runs when it is asked for (BPMN 2.0.2, 13.3.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bpmn.activities import SubProcess
from bpmn.errors import CannotOperate
from bpmn.expressions import Expression, evaluate, evaluate_raw
from bpmn.instance import Fault
from bpmn.limits import TURNS
from bpmn.listeners import guard

if TYPE_CHECKING:
    from bpmn.instance import Token


class AdHocSubProcess(SubProcess):
    """A scope whose elements are activated by a list on entry, and by people as long as it runs.

    With a completion condition it is done once that holds after an activity inside; without one,
    when nothing that was activated runs any more.
    """

    elements: Expression | None
    condition: Expression | None
    cancels: bool
    """Whether what still runs is cancelled once the completion condition holds."""
    choices: tuple[str, ...]
    """The elements that no flow leads to, which may be activated."""

    def _run(self, my_task: Token) -> bool | None:
        if "ad_hoc" in my_task.memo and "result" not in my_task.memo:
            return self.go_on(my_task)
        return super()._run(my_task)

    def prepare(self, token: Token, seen: dict[str, Any]) -> dict[str, Any]:
        """The elements to begin with; a fault when one of them cannot be activated."""
        return {**super().prepare(token, seen), "first": self.first(token, seen)}

    def first(self, token: Token, seen: dict[str, Any]) -> list[str]:
        """The ids that the list of active elements gives; none without one."""
        if self.elements is None:
            return []
        names = evaluate(self.elements, seen, token.workflow.context)
        if not isinstance(names, list) or len(names) > TURNS:
            raise Fault("collection", "It is not a list of elements.", self.elements.text,
                        "فهرستی از عنصرها نیست.")  # fmt: skip
        for name in names:
            if name not in self.choices:
                told = name if isinstance(name, str) else "null" if name is None else "no text"
                raise Fault("collection", f"“{told}” cannot be activated in this subprocess.",
                            self.elements.text,
                            f"«{told}» در این زیرفرایند فعال‌شدنی نیست.")  # fmt: skip
        return names

    def begin(self, token: Token) -> bool | None:
        """Arm the event subprocesses and activate what the list names, if anything."""
        instance = token.workflow
        guard(instance, token.memo["inside"], self.guards, token.memo.pop("guards"))
        token.memo["ad_hoc"] = {}
        for name in token.memo.pop("first"):
            self.put(token, name)
        return None

    def put(self, token: Token, element: str) -> None:
        """A token before one of the elements inside."""
        instance = token.workflow
        instance.admit(instance.spawn(self.process.nodes[element], token.memo["inside"]))

    def activate(self, token: Token, element: str) -> None:
        """Somebody asks for an element; raises ``CannotOperate`` when it may not be activated."""
        if element not in self.open_choices(token):
            raise CannotOperate(
                f"“{element}” cannot be activated in “{self.element}” now.",
                f"«{element}» اکنون در «{self.element}» فعال نمی‌شود.",
            )
        token.workflow.note("activated", self.process.nodes[element])
        self.put(token, element)

    def open_choices(self, token: Token) -> tuple[str, ...]:
        """What may be activated now: nothing any more once the completion condition held."""
        return () if token.memo["ad_hoc"].get("enough") else self.choices

    def inner_left(self, owner: Token, token: Token) -> None:
        """An activity inside is complete."""
        owner.workflow.resume_first(owner)

    def inside_ended(self, owner: Token, token: Token) -> None:
        """A path inside has come to its end."""
        owner.workflow.resume_first(owner)

    def go_on(self, token: Token) -> bool | None:
        """Look whether it is done; else wait for more."""
        is_idle = not any(token.workflow.standing(token.memo["inside"]))
        enough = self.is_enough(token, is_idle)
        token.memo.pop("fault", None)
        if not enough or not (is_idle or self.cancels):
            return None
        token.memo["result"] = {}
        return self.finish(token, {})

    def is_enough(self, token: Token, is_idle: bool) -> bool:
        """Whether the completion condition holds or held; without one, whether nothing runs."""
        if self.condition is None:
            return is_idle
        said = token.memo["ad_hoc"]
        if not said.get("enough"):
            seen = token.workflow.scopes.view(token.memo["inside"])
            value = evaluate_raw(self.condition, seen, token.workflow.context)
            if not isinstance(value, bool):
                raise Fault("condition", "The completion condition is not true or false.",
                            self.condition.text,
                            "شرط پایان نه درست است نه نادرست.")  # fmt: skip
            said["enough"] = value
        return bool(said["enough"])
