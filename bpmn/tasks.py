"""Tasks: what a person, a worker, a script or a decision table does, and waiting for a message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bpmn.activities import Activity, InstantTask
from bpmn.deciding import decide
from bpmn.events import at_process_level
from bpmn.expressions import Expression, compute, names_of, number_of, text_of
from bpmn.instance import Fault
from bpmn.limits import SHORT
from bpmn.listeners import Wait, awaken
from bpmn.timing import instant_of

if TYPE_CHECKING:
    from bpmn.instance import Token


class ManualTask(InstantTask):
    """Work outside the system; the token passes through, as in Zeebe."""


class ScriptTask(InstantTask):
    """A FEEL expression whose value becomes a variable."""

    script: Expression
    result_name: str

    def work(self, token: Token, seen: dict[str, Any]) -> dict[str, Any]:
        """The value of the expression under the result variable's name."""
        return {self.result_name: compute(self.script, seen, token.workflow.context)}


class BusinessRuleTask(InstantTask):
    """A decision whose result becomes a variable."""

    decision: Expression
    result_name: str

    def work(self, token: Token, seen: dict[str, Any]) -> dict[str, Any]:
        """The decision's result under the result variable's name."""
        context = token.workflow.context
        decision = text_of(self.decision, seen, context) or ""
        result, how = decide(decision, seen, context, token.workflow.decisions_of(self))
        token.memo["decided"] = {"decision": decision, "result": result, **how}
        return {self.result_name: result}

    def note_work(self, token: Token, result: Mapping[str, Any]) -> None:
        """Trace the decision and its result."""
        token.workflow.note("decided", self, None, **token.memo.pop("decided"))


class UserTask(Activity):
    """A task for a person."""

    may_rest = True
    people: dict[str, Expression]
    lane_group: str | None

    def prepare(self, token: Token, seen: dict[str, Any]) -> dict[str, Any]:
        """Who may do it, who may not, how urgent it is and until when."""
        context, said = token.workflow.context, self.people
        due = said.get("due")
        return {
            "task": {
                **self.candidates(token, seen),
                "excluded": names_of(said.get("excludes"), seen, context),
                "priority": number_of(said.get("priority"), seen, context, 50, 100),
                "due": None if due is None else _iso(instant_of(due, seen, context)),
            }
        }

    def candidates(self, token: Token, seen: dict[str, Any]) -> dict[str, Any]:
        """Groups, users and assignee; a fault when that is nobody, for nobody would see it."""
        context, said = token.workflow.context, self.people
        groups = names_of(said.get("groups"), seen, context)
        users = names_of(said.get("users"), seen, context)
        assignee = text_of(said.get("assignee"), seen, context, SHORT)
        if not (groups or users or assignee):
            if self.lane_group is None or "groups" in said:
                written = said.get("groups") or said.get("users") or said.get("assignee")
                raise Fault("nobody", "No group and no person.", written.text if written else None)
            groups = [self.lane_group]
        return {"groups": groups, "users": users, "assignee": assignee}


def _iso(instant: Any) -> str | None:
    return None if instant is None else instant.isoformat()


class JobTask(Activity):
    """A service or send task: its token is parked until the job's result is given."""

    may_rest = True
    begins_anew = True
    job_type: Expression
    retries: Expression | None
    headers: Mapping[str, str]

    def prepare(self, token: Token, seen: dict[str, Any]) -> dict[str, Any]:
        """The job as the worker needs it."""
        context = token.workflow.context
        kind = text_of(self.job_type, seen, context, SHORT)
        if not kind:
            raise Fault("job-type", "The job has no type.", self.job_type.text)
        retries = number_of(self.retries, seen, context, 3, 1_000)
        return {"job": {"type": kind, "retries": retries}}

    def finish(self, token: Token, result: Mapping[str, Any]) -> bool | None:
        """The job is done; a message end event ends its path by it."""
        ends = self.shape.type == "endEvent" and at_process_level(token)
        super().finish(token, result)
        if ends:
            token.workflow.ended.append(self.element)
        return True


class ReceiveTask(Activity):
    """A task that waits for a message."""

    wait: Wait

    def prepare(self, token: Token, seen: dict[str, Any]) -> dict[str, Any]:
        """The subscription."""
        return self.wait.arrange(seen, token.workflow.context)

    def fire(self, token: Token, result: Mapping[str, Any]) -> None:
        """The message has come."""
        awaken(token, result)
