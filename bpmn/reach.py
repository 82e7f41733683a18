"""From which nodes the incoming flows of a join can still be reached."""

from __future__ import annotations

from bpmn.diagram import Diagram


class Reach:
    """The nodes of one diagram as bits, so that a set of them is one number."""

    def __init__(self, diagram: Diagram) -> None:
        self._diagram = diagram
        self.bits = {name: 1 << at for at, name in enumerate(diagram.shapes)}
        """The bit of each node, by its id."""
        self._before = {name: self._nearest(name) for name in diagram.shapes}

    def _nearest(self, name: str) -> list[str]:
        """The nodes right before one; a token in an activity may leave by its boundary events."""
        host = self._diagram.shapes[name].attached_to
        flows = self._diagram.incoming(name)
        return list(dict.fromkeys([*([host] if host else []), *(flow.source for flow in flows)]))

    def of(self, join: str) -> dict[str, int]:
        """For each incoming flow the nodes whose tokens may come by it without passing the join."""
        flows = self._diagram.incoming(join)
        found = {source: self._back_from(source, join) for source in {f.source for f in flows}}
        return {flow.id: found[flow.source] for flow in flows}

    def _back_from(self, source: str, join: str) -> int:
        seen, pending, places = {join}, [source], 0
        while pending:
            name = pending.pop()
            if name not in seen:
                seen.add(name)
                places |= self.bits[name]
                pending.extend(self._before[name])
        return places
