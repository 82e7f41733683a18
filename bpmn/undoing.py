"""What a diagram says about compensation: who undoes what, and which throw can reach it.

BPMN 2.0.2, 10.6 and 13.5.5. Nothing here runs; lint and compiler ask it.
"""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.diagram import ACTIVITIES, Diagram, Shape, Trigger

THROWS = ("endEvent", "intermediateThrowEvent")


def triggered_by(shape: Shape, kind: str) -> Trigger | None:
    """The trigger of a kind that an event has, if any."""
    return next((trigger for trigger in shape.triggers if trigger.kind == kind), None)


def undo_events(diagram: Diagram, activity: str) -> list[Shape]:
    """The compensation boundary events of an activity."""
    return [e for e in diagram.boundaries(activity) if triggered_by(e, "compensate")]


def handlers_of(diagram: Diagram, event: Shape) -> list[Shape]:
    """The compensation activities that an association ties to a compensation boundary event."""
    ends = [pair for pair in diagram.associations if event.id in pair]
    others = dict.fromkeys(end for pair in ends for end in pair if end != event.id)
    shapes = [diagram.shapes[end] for end in others if end in diagram.shapes]
    return [shape for shape in shapes if shape.for_compensation]


def handler_of(diagram: Diagram, activity: str) -> Shape | None:
    """The activity that undoes another, drawn at its compensation boundary event."""
    found = [h for event in undo_events(diagram, activity) for h in handlers_of(diagram, event)]
    return found[0] if found else None


def undoing_subprocess(diagram: Diagram, activity: str) -> Shape | None:
    """The compensation event subprocess that lies in a subprocess."""
    return next((s for s in diagram.inside(activity) if is_undoing(diagram, s)), None)


def is_undoing(diagram: Diagram, shape: Shape) -> bool:
    """Whether it is an event subprocess that compensation starts."""
    starts = [s for s in diagram.inside(shape.id) if s.type == "startEvent"]
    return shape.by_event and any(triggered_by(start, "compensate") for start in starts)


def waits_aside(diagram: Diagram, shape: Shape) -> bool:
    """Whether no flow leads to or from a node, since only compensation does."""
    return shape.for_compensation or (
        shape.type == "boundaryEvent" and triggered_by(shape, "compensate") is not None
    )


def visible_from(diagram: Diagram, container: str) -> list[str]:
    """The levels whose activities a throw may compensate: its own, and around event subprocesses.

    An event subprocess handles what happens in the scope around it, so it reaches that too.
    """
    found = [container]
    while container in diagram.shapes and diagram.shapes[container].by_event:
        container = diagram.shapes[container].container
        found.append(container)
    return found


def undoes_across(diagram: Diagram) -> bool:
    """Whether a throw reaches more than one level."""
    thrown = (s for s in diagram.shapes.values() if triggered_by(s, "compensate"))
    return any(len(visible_from(diagram, s.container)) > 1 for s in thrown if s.type in THROWS)


def transaction_around(diagram: Diagram, shape: Shape) -> Shape | None:
    """The nearest transaction that holds a node."""
    holder = diagram.shapes.get(shape.container)
    while holder is not None and holder.type != "transaction":
        holder = diagram.shapes.get(holder.container)
    return holder


class Reached:
    """The activities whose completion has to be remembered, since a throw can reach them.

    ``deep`` are those that a cancelled transaction may cut short, so that what they hold has to
    be remembered although they have a handler of their own.
    """

    def __init__(self, diagram: Diagram) -> None:
        self._diagram = diagram
        self._may: dict[str, bool] = {}
        self.names: set[str] = set()
        self.deep: set[str] = set()
        for container, activity in dict.fromkeys(_calls(diagram)):
            for shape in diagram.inside(container):
                if activity in (None, shape.id):
                    self._mark(shape)
        self.turns = {name for name in _cancelled(diagram) if diagram.shapes[name].loop}
        """Repeated transactions of which one turn may cancel all."""
        for transaction in dict.fromkeys(_cancelled(diagram)):
            self._mark_inside(transaction)

    def may_undo(self, shape: Shape) -> bool:
        """Whether there is anything to undo in an activity, once it is complete."""
        if shape.id not in self._may:
            self._may[shape.id] = self._judge(shape)
        return self._may[shape.id]

    def _judge(self, shape: Shape) -> bool:
        diagram = self._diagram
        if shape.type not in ACTIVITIES or shape.for_compensation or is_undoing(diagram, shape):
            return False
        if undo_events(diagram, shape.id) or undoing_subprocess(diagram, shape.id):
            return True
        return any(self.may_undo(inner) for inner in diagram.inside(shape.id))

    def _mark(self, shape: Shape) -> None:
        """An activity with a handler is undone by it; else what lies in it is, by itself."""
        if shape.id in self.names or not self.may_undo(shape):
            return
        self.names.add(shape.id)
        diagram = self._diagram
        if not (undo_events(diagram, shape.id) or undoing_subprocess(diagram, shape.id)):
            for inner in diagram.inside(shape.id):
                self._mark(inner)

    def _mark_inside(self, container: str) -> None:
        for shape in self._diagram.inside(container):
            if shape.id not in self.deep and self.may_undo(shape):
                self.deep.add(shape.id)
                self.names.add(shape.id)
                self._mark_inside(shape.id)


def _calls(diagram: Diagram) -> Iterator[tuple[str, str | None]]:
    """Levels that are compensated, each with the one activity that is named or None for all."""
    for shape in diagram.shapes.values():
        thrown = triggered_by(shape, "compensate")
        if thrown is not None and shape.type in THROWS:
            for container in visible_from(diagram, shape.container):
                yield container, thrown.activity


def _cancelled(diagram: Diagram) -> Iterator[str]:
    """The transactions that a cancel end event ends."""
    for shape in diagram.shapes.values():
        if shape.type == "endEvent" and triggered_by(shape, "cancel"):
            transaction = transaction_around(diagram, shape)
            if transaction is not None:
                yield transaction.id
