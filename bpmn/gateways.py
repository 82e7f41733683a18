"""Gateways: where the flow parts and comes together."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from bpmn.expressions import evaluate_raw, reasons
from bpmn.instance import Fault
from bpmn.node import Node, Way, complete_silently, others_waiting

if TYPE_CHECKING:
    from bpmn.instance import Token


_SHOWN = 200
"""Characters of a wrong value that a fault shows."""


def _shown(value: Any) -> str:
    if isinstance(value, list | dict):
        # Its parts may be shared, so that it would print a thousand times longer than it is.
        return "a list" if isinstance(value, list) else "a context"
    return "null" if value is None else str(value)[:_SHOWN]


def _in_persian(value: Any, why: str) -> str:
    names = {"null": "هیچ (null)", "a list": "یک فهرست", "a context": "مجموعه‌ای از نام‌ومقدار"}
    given = _shown(value)
    return f"به‌جای درست یا نادرست، {names.get(given, given)} داد. {why}".strip()


class ConditionalGateway(Node, ABC):
    """What gateways with conditions share: the default flow and the test of a condition."""

    default: str | None = None

    def holds(self, way: Way, token: Token) -> bool:
        """Whether the condition of a flow is true; anything but a boolean is a fault."""
        if way.condition is None:
            return True
        seen = token.workflow.scopes.view(token.scope)
        value = evaluate_raw(way.condition, seen, token.workflow.context)
        if isinstance(value, bool):
            return value
        why = reasons(way.condition, seen, token.workflow.context)
        text = f"It gave {_shown(value)} instead of true or false. {why['en']}".strip()
        raise Fault("condition", text, way.condition.text, _in_persian(value, why["fa"]))

    def enter(self, token: Token) -> bool | None:
        """Choose first, since choosing may fail, then go in and out."""
        token.memo["ways"] = [way.id for way in self.choose(token)]
        self.note_entered(token)
        return self.leave(token)

    @abstractmethod
    def choose(self, token: Token) -> Sequence[Way]:
        """The flows to take; a fault when there is none."""

    def chosen(self, token: Token) -> list[Way]:
        """The flows that were chosen on the way in."""
        taken = token.memo.pop("ways")
        return [way for way in self.ways if way.id in taken]

    def fallback(self) -> list[Way]:
        """The default flow; a fault when the gateway has none."""
        ways = [way for way in self.ways if way.id == self.default]
        if not ways:
            raise Fault("no-flow", "No condition holds and there is no default flow.")
        return ways


class ExclusiveGateway(ConditionalGateway):
    """The first flow whose condition holds is taken, else the default."""

    def choose(self, token: Token) -> Sequence[Way]:
        """One flow."""
        if len(self.ways) == 1 and self.ways[0].condition is None:
            return self.ways
        for way in self.ways:
            if way.id != self.default and self.holds(way, token):
                return [way]
        return self.fallback()


class JoiningGateway(Node):
    """What gateways that wait for several flows share."""

    reach: dict[str, int]
    """For each incoming flow the nodes from which it can be reached without passing here."""

    def elsewhere(self, token: Token) -> int:
        """The nodes where other tokens of the scope stand, as bits."""
        bits, places = self.process.reach.bits, 0
        for other in token.workflow.standing(token.scope):
            if other.task_spec is not self:
                places |= bits.get(other.task_spec.name, 0)
        return places

    def any_of(self, flows: Iterable[str | None]) -> int:
        """The nodes from which one of the incoming flows can be reached."""
        places = 0
        for flow in flows:
            places |= self.reach.get(flow or "", 0)
        return places

    def waiting_by_flow(self, token: Token) -> dict[str | None, Token]:
        """The oldest waiting token of each incoming flow, this one included."""
        first: dict[str | None, Token] = {}
        for other in [*others_waiting(token.workflow, token), token]:
            first.setdefault(other.flow, other)
        return first

    def merge(self, token: Token) -> None:
        """Use up one waiting token of each flow; this one goes on for all."""
        for other in self.waiting_by_flow(token).values():
            if other is not token:
                complete_silently(other)

    def wait(self, token: Token) -> None:
        """Note the arrival and let the token wait."""
        self.note_entered(token)
        token._set_state(TaskState.WAITING)


class ParallelGateway(JoiningGateway):
    """Waits for one token on every incoming flow, then goes out by every flow."""

    def arrive(self, token: Token) -> bool:
        """Whether the token is the last one that was missing."""
        if len(self.incoming) < 2:
            return True
        first = self.waiting_by_flow(token)
        if len(first) < len(self.incoming) or first[token.flow] is not token:
            self.wait(token)
            return False
        self.merge(token)
        return True

    def is_stuck(self, token: Token) -> bool:
        """Whether a flow is missing by which no token can come any more."""
        filled = self.waiting_by_flow(token)
        elsewhere = self.elsewhere(token)
        return any(not elsewhere & self.reach[flow] for flow in self.incoming if flow not in filled)


class InclusiveGateway(ConditionalGateway, JoiningGateway):
    """Waits for every flow that a token can still come by; goes out where conditions hold."""

    def arrive(self, token: Token) -> bool:
        """With several incoming flows every token waits; the stepper asks ``may_go`` at rest."""
        if len(self.incoming) < 2:
            return True
        self.wait(token)
        return False

    def may_go(self, token: Token) -> bool:
        """Whether no token elsewhere can still reach an incoming flow that has none.

        A token that can reach an empty flow does not count when it can reach a filled one as
        well (BPMN 2.0, table 13.3).
        """
        filled = self.waiting_by_flow(token)
        empty = [flow for flow in self.incoming if flow not in filled]
        return not self.elsewhere(token) & self.any_of(empty) & ~self.any_of(filled)

    def note_entered(self, token: Token) -> None:
        """A token that waited at the join was noted when it came."""
        if token.memo.pop("waited", None) is None:
            super().note_entered(token)

    def wait(self, token: Token) -> None:
        """Note the arrival and let the token wait."""
        super().wait(token)
        token.memo["waited"] = True

    def choose(self, token: Token) -> Sequence[Way]:
        """All flows whose conditions hold; the default when none of the conditions does."""
        if len(self.ways) == 1 and self.ways[0].condition is None:
            return self.ways
        others = [way for way in self.ways if way.id != self.default]
        taken = [way for way in others if self.holds(way, token)]
        if any(way.condition is not None for way in taken) or not (taken or self.default):
            return taken or self.fallback()
        return [*taken, *(way for way in self.ways if way.id == self.default)]
