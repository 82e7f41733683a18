"""What can be proved of the tokens of one level: which flows exclude each other, and when.

A level is a process or subprocess with its own nodes. Nodes and flows are points of one graph;
*dominators* of a point are the points that every way from the beginning to it passes.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import combinations, pairwise

from bpmn.diagram import Diagram, Flow, Shape

MOST = 30
"""Ways into one point that are compared each with each; of more each with the next one only."""
_NEXT = 200
"""Ways that are compared at all."""
_CHOOSERS = frozenset({"exclusiveGateway", "eventBasedGateway"})


class Level:
    """The nodes and flows of one process or subprocess, from its beginnings on."""

    def __init__(self, diagram: Diagram, container: str) -> None:
        self.diagram = diagram
        self.shapes = {shape.id: shape for shape in diagram.inside(container)}
        self._once: dict[str, bool] = {}
        self.after: dict[str, list[str]] = {}
        """The points right after each point; a flow's name begins with a sign no id holds."""
        self.before: dict[str, list[str]] = {}
        for shape in self.shapes.values():
            for flow in diagram.outgoing(shape.id):
                if flow.target in self.shapes:
                    self._join(shape.id, point(flow))
                    self._join(point(flow), flow.target)
            for event in diagram.boundaries(shape.id):
                self._join(shape.id, event.id)
        self.starts = [s.id for s in self.shapes.values() if s.type == "startEvent"]

    def _join(self, source: str, target: str) -> None:
        self.after.setdefault(source, []).append(target)
        self.before.setdefault(target, []).append(source)

    @cached_property
    def order(self) -> list[str]:
        """All points that can be reached, each after those on the way to it where that can be."""
        seen, done = set(self.starts), list[str]()
        pending = [(start, iter(self.after.get(start, ()))) for start in self.starts]
        while pending:
            name, following = pending[-1]
            for other in following:
                if other not in seen:
                    seen.add(other)
                    pending.append((other, iter(self.after.get(other, ()))))
                    break
            else:
                pending.pop()
                done.append(name)
        return done[::-1]

    @cached_property
    def dominators(self) -> dict[str, int]:
        """For each point the set of its dominators, itself among them, as bits by ``order``."""
        places = self.places
        everything = (1 << len(self.order)) - 1
        found = dict.fromkeys(self.order, everything)
        found.update({start: 1 << places[start] for start in self.starts})
        changed = True
        while changed:
            changed = False
            for name in self.order:
                if name in self.starts:
                    continue
                common = everything
                for other in self.before[name]:
                    if other in found:
                        common &= found[other]
                common |= 1 << places[name]
                changed = changed or common != found[name]
                found[name] = common
        return found

    @cached_property
    def places(self) -> dict[str, int]:
        """Where each point stands in ``order``."""
        return {name: at for at, name in enumerate(self.order)}

    @cached_property
    def turning(self) -> set[str]:
        """The points from which a way leads back to themselves."""
        alive = set(self.order)
        for ways in (self.before, self.after):
            counts = {n: sum(o in alive for o in ways.get(n, ())) for n in alive}
            pending = [name for name, count in counts.items() if not count]
            other_way = self.after if ways is self.before else self.before
            while pending:
                name = pending.pop()
                alive.discard(name)
                for other in other_way.get(name, ()):
                    if other in counts and other in alive:
                        counts[other] -= 1
                        if not counts[other]:
                            pending.append(other)
        return alive

    def chooser(self, first: str, second: str) -> str | None:
        """The nearest node that certainly sends its one token to only one of two points."""
        common = self.dominators[first] & self.dominators[second]
        for at in reversed(_bits(common)):
            name = self.order[at]
            shape = self.shapes.get(name)
            if shape is None:
                continue
            ways = [self._branches(name, self.dominators[one]) for one in (first, second)]
            if not (self._chooses(shape) or self._goes_otherwise(shape, ways)):
                continue
            if all(ways) and not ways[0] & ways[1] and self.comes_once(name):
                return name
        return None

    def splitter(self, first: str, second: str) -> str | None:
        """The nearest node that both come from, if it sends a token each of their ways."""
        name = self._nearest(first, second)
        shape = self.shapes.get(name)
        if shape is None or shape.type != "parallelGateway":
            return None
        ways = [self._branches(name, self.dominators[one]) for one in (first, second)]
        return name if all(ways) and not ways[0] & ways[1] else None

    def are_parallel(self, first: str, second: str) -> bool:
        """Whether two points lie behind flows that are taken together, each behind its own."""
        name = self._nearest(first, second)
        shape = self.shapes.get(name)
        if shape is None or (shape.type.endswith("Gateway") and shape.type != "parallelGateway"):
            return False
        sure = [point(flow) for flow in self.diagram.outgoing(name) if flow.condition is None]
        ways = [
            {one for one in sure if one in self.places and dominators >> self.places[one] & 1}
            for dominators in (self.dominators[first], self.dominators[second])
        ]
        return all(ways) and not ways[0] & ways[1]

    def _nearest(self, first: str, second: str) -> str:
        """The last node that every way to either of two points passes; empty without one."""
        common = self.dominators[first] & self.dominators[second]
        nodes = [self.order[at] for at in _bits(common) if self.order[at] in self.shapes]
        return nodes[-1] if nodes else ""

    def _branches(self, name: str, dominators: int) -> set[str]:
        """Of the ways out of a node those that a point with these dominators lies behind.

        All flows of an activity count as one way, its boundary events each as another.
        """
        chosen = {one for one in self.after[name] if dominators >> self.places[one] & 1}
        if self.shapes[name].type.endswith("Gateway"):
            return chosen
        return {one if one in self.shapes else "" for one in chosen}

    def _chooses(self, shape: Shape) -> bool:
        if shape.type in _CHOOSERS:
            return True
        events = self.diagram.boundaries(shape.id)
        return bool(events) and all(event.interrupting for event in events)

    def _goes_otherwise(self, shape: Shape, ways: list[set[str]]) -> bool:
        """Whether one way is the default flow alone, which is taken if no condition holds."""
        leaving = [flow for flow in self.diagram.outgoing(shape.id) if flow.id != shape.default]
        conditional = all(flow.condition is not None for flow in leaving)
        decides = shape.type == "inclusiveGateway" and shape.default and conditional
        return bool(decides) and {f"#{shape.default}"} in ways

    def needs_itself(self, flow: Flow) -> bool:
        """Whether every way to a flow passes the node that it leads to."""
        return bool(self.dominators[point(flow)] >> self.places[flow.target] & 1)

    def comes_once(self, name: str) -> bool:
        """Whether it is certain that at most one token of an instance ever comes to a point."""
        if name not in self._once:
            # One after another, since a long drawing is deeper than calls may lie in each other.
            for one in self._upstream(name):
                self._once[one] = False
                self._once[one] = self._comes_once(one)
        return self._once[name]

    def _upstream(self, name: str) -> list[str]:
        """A point and all on the way to it that were not judged yet, in their order."""
        found, pending = {name}, [name]
        while pending:
            for other in self.before.get(pending.pop(), ()):
                if other in self.places and other not in found and other not in self._once:
                    found.add(other)
                    pending.append(other)
        return sorted(found, key=self.places.__getitem__)

    def _comes_once(self, name: str) -> bool:
        if name in self.turning:
            return False
        shape = self.shapes.get(name)
        if shape is not None and shape.attached_to:
            return shape.interrupting and self.comes_once(shape.attached_to)
        ways = [one for one in self.before.get(name, ()) if one in self.places]
        if not ways:
            return True
        if shape is not None and shape.type == "parallelGateway" and len(ways) > 1:
            return any(self.comes_once(one) for one in ways)
        if not all(self.comes_once(one) for one in ways):
            return False
        if len(ways) > MOST:
            return self._is_chosen_between(ways)
        return all(self.chooser(a, b) is not None for a, b in combinations(ways, 2))

    def _is_chosen_between(self, ways: list[str]) -> bool:
        """Whether one node that all ways come from sends its one token to only one of them."""
        common = self.dominators[ways[0]]
        for one in ways:
            common &= self.dominators[one]
        for at in reversed(_bits(common)):
            shape = self.shapes.get(self.order[at])
            if shape is not None and self._chooses(shape) and self.comes_once(shape.id):
                taken = [self._branches(shape.id, self.dominators[one]) for one in ways]
                return all(taken) and sum(map(len, taken)) == len(set().union(*taken))
        return False


def pairs_of(flows: list[Flow]) -> Iterator[tuple[Flow, Flow]]:
    """The ways into a join that are compared with each other."""
    few = len(flows) <= MOST
    return combinations(flows, 2) if few else pairwise(flows[:_NEXT])


def point(flow: Flow) -> str:
    """The name of a flow among the points."""
    return f"#{flow.id}"


def _bits(number: int) -> list[int]:
    found = []
    while number:
        low = number & -number
        found.append(low.bit_length() - 1)
        number ^= low
    return found
