"""A token that cannot go on stands where it is, with the reason why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from SpiffWorkflow.util.task import TaskState

from bpmn.limits import DETAIL, SHORT

if TYPE_CHECKING:
    from bpmn.instance import Fault, Token


def stand(token: Token, fault: Fault, state: int = TaskState.READY, *, anew: bool = True) -> None:
    """Leave the token where it is, with the reason why; traced when the fault is new."""
    token._set_state(state)
    said = {
        "code": storable(fault.code, SHORT), "message": storable(fault.message, DETAIL),
        "expression": fault.expression,
    }  # fmt: skip
    token.memo["fault"] = said
    if fault.persian:
        token.memo["fault"] = {**said, "persian": storable(fault.persian, DETAIL)}
    if anew:
        node = token.task_spec
        came = {"came_by": token.flow} if token.flow in node.process.drawn else {}
        token.workflow.note("fault", node, None, **said, **came)


def storable(text: str, limit: int) -> str:
    """A text from anywhere without what no table can keep, and cut."""
    return text[:limit].replace("\x00", "").encode("utf-8", "replace").decode()
