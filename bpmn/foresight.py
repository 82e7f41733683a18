"""What is certain of joins, given where the tokens of one scope stand.

Only what holds whatever the data are is told: a flow into a join that no token can come by any
more, while another token is certain to come to it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, NamedTuple

from bpmn.activities import Activity
from bpmn.events import EventGateway
from bpmn.gateways import ExclusiveGateway, InclusiveGateway, ParallelGateway

if TYPE_CHECKING:
    from bpmn.node import Node
    from bpmn.process import Process


class Standing(NamedTuple):
    """Where a token stands, and by which flow it came if it waits at a join."""

    node: Node
    flow: str | None = None


class Starved(NamedTuple):
    """A join that will wait for ever, and the flow by which nothing can come."""

    join: str
    flow: str


def starved_joins(process: Process, container: str, tokens: Collection[Standing]) -> list[Starved]:
    """The parallel joins of one process or subprocess that would wait for ever."""
    found = []
    for node in process.nodes.values():
        if isinstance(node, ParallelGateway) and node.shape.container == container:
            flow = _never_filled(process, node, tokens)
            if flow is not None and _is_awaited(process, node, tokens):
                found.append(Starved(node.element, flow))
    return found


def _never_filled(
    process: Process, join: ParallelGateway, tokens: Collection[Standing]
) -> str | None:
    """The first flow into a join by which no token can come any more."""
    if len(join.incoming) < 2:
        return None
    filled = {token.flow for token in tokens if token.node is join}
    places = 0
    for token in tokens:
        if token.node is not join:
            places |= process.reach.bits.get(token.node.shape.id, 0)
    missing = (flow for flow in join.incoming if flow not in filled)
    return next((flow for flow in missing if not places & join.reach[flow]), None)


def _is_awaited(process: Process, join: Node, tokens: Collection[Standing]) -> bool:
    """Whether some token waits at a join, or is certain to come to it."""
    if any(token.node is join for token in tokens):
        return True
    avoiding = _avoiding(process, join)
    return any(token.node.shape.id not in avoiding for token in tokens)


def _avoiding(process: Process, join: Node) -> set[str]:
    """The nodes of a join's level from which a token may come to an end without the join."""
    level = [n for n in process.nodes.values() if n.shape.container == join.shape.container]
    before: dict[str, list[Node]] = {}
    for node in level:
        for after in _after(node):
            before.setdefault(after, []).append(node)
    avoiding = {n.shape.id for n in level if n is not join and not _after(n)}
    pending = list(avoiding)
    while pending:
        for node in before.get(pending.pop(), ()):
            name = node.shape.id
            if node is not join and name not in avoiding and _may_avoid(node, avoiding):
                avoiding.add(name)
                pending.append(name)
    return avoiding


def _may_avoid(node: Node, avoiding: set[str]) -> bool:
    """Whether a token at a node may leave it so that nothing of it comes to the join."""
    if any(name in avoiding for name in _other_ways(node)):
        return True
    ways = [way.target in avoiding for way in node.ways]
    chooses = isinstance(node, ExclusiveGateway | InclusiveGateway)
    return bool(ways) and (any(ways) if chooses else all(ways))


def _after(node: Node) -> list[str]:
    return [*(way.target for way in node.ways), *_other_ways(node)]


def _other_ways(node: Node) -> list[str]:
    """Where a token may go instead of by the flows: an event that is waited for, or at an edge."""
    if isinstance(node, EventGateway):
        return [target for target, _ in node.races]
    if isinstance(node, Activity):
        return [event.shape.id for event in node.boundaries if event.shape.interrupting]
    return []
