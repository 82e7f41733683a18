"""From which nodes the incoming flows of a join can still be reached."""

from __future__ import annotations

from bpmn.diagram import Diagram


def reach_of(diagram: Diagram, join: str) -> dict[str, frozenset[str]]:
    """For each incoming flow, the nodes whose tokens may come by it without passing the join.

    A token in an activity may also leave by the activity's boundary events.
    """
    return {flow.id: _back_from(diagram, flow.source, join) for flow in diagram.incoming(join)}


def _back_from(diagram: Diagram, source: str, join: str) -> frozenset[str]:
    found: set[str] = set()
    pending = [source]
    while pending:
        node = pending.pop()
        if node == join or node in found:
            continue
        found.add(node)
        host = diagram.shapes[node].attached_to
        pending.extend([host] if host else [])
        pending.extend(flow.source for flow in diagram.incoming(node))
    return frozenset(found)
