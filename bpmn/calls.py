"""Call activities: another deployed process runs inside the instance of its caller.

Its tokens stand in a scope of their own without a parent, so that it sees only what it was
given; errors that it does not catch find their way out through the token that owns the scope.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bpmn.activities import Activity
from bpmn.catching import owner_of
from bpmn.expressions import text_of
from bpmn.instance import Fault
from bpmn.limits import LEVELS
from bpmn.model import Call

if TYPE_CHECKING:
    from bpmn.deployed import Called
    from bpmn.diagram import Calling
    from bpmn.expressions import Expression
    from bpmn.instance import Token
    from bpmn.node import Node
    from bpmn.process import Process


class CallActivity(Activity):
    """An activity that is another process, found when the token comes."""

    calling: Calling
    process_id: Expression

    def prepare(self, token: Token, seen: dict[str, Any]) -> dict[str, Any]:
        """The process to call and the variables it begins with; may raise ``Fault``."""
        _check_depth(token)
        called = self.find(token, seen)
        passed = seen if self.calling.all_in else self.own_values(token, seen)
        token.workflow.reserve(passed)
        return {"called": called.definition.sha256, "passed": dict(passed)}

    def find(self, token: Token, seen: dict[str, Any]) -> Called:
        """The process in the version that the call is bound to, now."""
        key = text_of(self.process_id, seen, token.workflow.context)
        if not key:
            raise self.fails("The call names no process.", "فرایندی نام برده نشده است.")
        call = Call(key, self.calling.binding, self.calling.tag)
        called = token.workflow.call(call, self)
        if called is None:
            raise self.fails(*_nowhere(call))
        if start_of(called.definition.process) is None:
            raise self.fails(
                f"The process “{key}” has no plain start event.",
                f"فرایند «{key}» رویداد آغاز ساده ندارد.",
            )
        return called

    def fails(self, english: str, persian: str) -> Fault:
        """The fault of a call that cannot begin."""
        return Fault("call", english, self.process_id.text, persian)

    def own_values(self, token: Token, seen: dict[str, Any]) -> dict[str, Any]:
        """What the call has for itself: its input mappings, and the item of a turn."""
        names = {target.split(".")[0] for target, _ in self.inputs_map}
        return {name: seen[name] for name in names.union(token.memo.get("given", ()))}

    def begin(self, token: Token) -> bool | None:
        """Open the scope of the called process and put a token before its start event."""
        instance, key = token.workflow, token.workflow.next_key()
        instance.scopes.open(key, None, token.key, token.memo.pop("passed"))
        token.memo["inside"] = key
        node = start_of(instance.process_of(token.memo["called"]))
        if node is not None:
            start = instance.spawn(node, key)
            start.memo["opens"] = True
            instance.admit(start)
        return None

    def inside_ended(self, owner: Token, token: Token) -> None:
        """The called process is done when no token runs in it; then nothing starts there."""
        instance = owner.workflow
        if not any(instance.standing(owner.memo["inside"])):
            instance.clear(owner.memo["inside"])
            owner.memo["result"] = self.take_back(owner)
            instance.resume(owner)

    def take_back(self, owner: Token) -> dict[str, Any]:
        """The variables of the called process, for the output mappings or for the caller.

        As in Zeebe they come into the scope of the call first: those that the call itself was
        given, such as the item of a turn, are changed there and go no further.
        """
        if not (self.calling.all_out or self.outputs_map):
            return {}
        scopes = owner.workflow.scopes.all
        values = dict(scopes[owner.memo["inside"]].values)
        if "local" in owner.memo:
            local = scopes[owner.memo["local"]].values
            local.update({name: values.pop(name) for name in local if name in values})
        return values


def _check_depth(token: Token) -> None:
    depth, owner = 0, owner_of(token)
    while owner is not None:
        depth, owner = depth + 1, owner_of(owner)
    if depth >= LEVELS:
        text = f"Calls and subprocesses lie within each other more than {LEVELS} deep."
        raise Fault("depth", text)


def start_of(process: Process) -> Node | None:
    """The plain start event: the other ones of a called process are not for its callers."""
    return process.start_node()


def _nowhere(call: Call) -> tuple[str, str]:
    """That no such process is deployed, in English and Persian."""
    if call.binding != "versionTag":
        return f"There is no process “{call.process}”.", f"فرایند «{call.process}» منتشر نشده است."
    return (
        f"There is no process “{call.process}” with the version tag “{call.tag}”.",
        f"نسخه‌ای از فرایند «{call.process}» با برچسب «{call.tag}» منتشر نشده است.",
    )
