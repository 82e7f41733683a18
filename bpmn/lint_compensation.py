"""Rules about compensation and transactions: who undoes what, and who may ask for it."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.diagram import Diagram, Shape, Trigger
from bpmn.findings import finding
from bpmn.model import Finding
from bpmn.undoing import (
    THROWS,
    Reached,
    handlers_of,
    transaction_around,
    triggered_by,
    undo_events,
    undoing_subprocess,
    visible_from,
    waits_aside,
)

Found = Iterator[Finding]


def handlers_tied(diagram: Diagram) -> Found:
    """Each compensation boundary event has one handler beside it, and each handler an event."""
    tied: set[str] = set()
    for shape in diagram.shapes.values():
        if shape.type == "boundaryEvent" and triggered_by(shape, "compensate"):
            handlers = handlers_of(diagram, shape)
            tied |= {handler.id for handler in handlers}
            if len(handlers) != 1 or handlers[0].container != shape.container:
                yield _about("compensation.handler", diagram, shape)
            events = undo_events(diagram, shape.attached_to or "")
            if len(events) > 1 and events[0] is not shape:
                yield _about("compensation.twice", diagram, shape)
    for shape in diagram.shapes.values():
        if shape.for_compensation and shape.id not in tied:
            yield _about("compensation.untied", diagram, shape)


def handlers_aside(diagram: Diagram) -> Found:
    """No flow leads to or from what only compensation starts, and nothing interrupts it."""
    for shape in diagram.shapes.values():
        if not waits_aside(diagram, shape):
            continue
        if diagram.incoming(shape.id) or diagram.outgoing(shape.id):
            yield _about("compensation.flows", diagram, shape)
        if shape.for_compensation and diagram.boundaries(shape.id):
            yield _about("compensation.boundary", diagram, shape)


def throws_reach(diagram: Diagram) -> Found:
    """A throw finds something to undo, and what can be undone is found by a throw."""
    reached = Reached(diagram)
    for shape in diagram.shapes.values():
        thrown = triggered_by(shape, "compensate")
        if thrown is not None and shape.type in THROWS:
            yield from _throw(diagram, shape, thrown, reached)
        lone = shape.type == "boundaryEvent" and shape.attached_to not in reached.names
        if thrown is not None and lone:
            yield _about("compensation.never", diagram, shape)


def _throw(diagram: Diagram, shape: Shape, thrown: Trigger, reached: Reached) -> Found:
    levels = visible_from(diagram, shape.container)
    seen = [inner for level in levels for inner in diagram.inside(level)]
    if not thrown.waits:
        yield _about("compensation.wait", diagram, shape)
    if thrown.activity is not None:
        named = [inner for inner in seen if inner.id == thrown.activity]
        if not (named and reached.may_undo(named[0])):
            yield _about("compensation.activity", diagram, shape, activity=thrown.activity)
    elif not any(reached.may_undo(inner) for inner in seen):
        yield _about("compensation.nothing", diagram, shape)


def starts_stand(diagram: Diagram) -> Found:
    """A compensation event subprocess lies in a subprocess, which it undoes; one in each."""
    for shape in diagram.shapes.values():
        if shape.type != "startEvent" or triggered_by(shape, "compensate") is None:
            continue
        handler = diagram.shapes.get(shape.container)
        if handler is None or not handler.by_event:
            continue
        holder = diagram.shapes.get(handler.container)
        if holder is None or holder.by_event:
            yield _about("compensation.start", diagram, shape)
        elif undoing_subprocess(diagram, holder.id) is not handler:
            yield _about("compensation.twice", diagram, shape)
        elif undo_events(diagram, holder.id):
            yield _about("compensation.both", diagram, shape)


def cancels_stand(diagram: Diagram) -> Found:
    """A transaction is cancelled from inside, and left by its cancel boundary event."""
    ended = _cancelled(diagram)
    for shape in diagram.shapes.values():
        if triggered_by(shape, "cancel") is None:
            continue
        if shape.type == "endEvent":
            transaction = transaction_around(diagram, shape)
            if transaction is None:
                yield _about("cancel.outside", diagram, shape)
            elif not _cancel_events(diagram, transaction.id):
                yield _about("cancel.uncaught", diagram, shape)
        if shape.type == "boundaryEvent":
            yield from _cancel_boundary(diagram, shape, ended)


def _cancelled(diagram: Diagram) -> set[str]:
    ends = [s for s in diagram.shapes.values() if s.type == "endEvent"]
    found = [transaction_around(diagram, end) for end in ends if triggered_by(end, "cancel")]
    return {transaction.id for transaction in found if transaction is not None}


def _cancel_events(diagram: Diagram, transaction: str) -> list[Shape]:
    return [e for e in diagram.boundaries(transaction) if triggered_by(e, "cancel")]


def _cancel_boundary(diagram: Diagram, shape: Shape, ended: set[str]) -> Found:
    host = diagram.shapes.get(shape.attached_to or "")
    if host is None or host.type != "transaction" or not shape.interrupting:
        yield _about("cancel.boundary", diagram, shape)
        return
    if _cancel_events(diagram, host.id)[0] is not shape:
        yield _about("compensation.twice", diagram, shape)
    if host.id not in ended:
        yield _about("cancel.never", diagram, shape)


def _about(rule: str, diagram: Diagram, shape: Shape, **details: str) -> Finding:
    return finding(rule, shape.line, shape.id, diagram.filename, warning=False, **details)


RULES = (handlers_tied, handlers_aside, throws_reach, starts_stand, cancels_stand)
