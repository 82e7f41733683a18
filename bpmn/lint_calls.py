"""Rules about call activities: each says which process it calls, and in which version.

Whether that process exists is judged at deployment: a file alone cannot know.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from bpmn.diagram import Calling, Diagram, Shape
from bpmn.expressions import is_feel
from bpmn.findings import finding
from bpmn.limits import SHORT
from bpmn.model import Finding
from bpmn.tokens import Level

Found = Iterator[Finding]

_MOST = 30
"""Calls of one level that are compared with each other."""


def calls_complete(diagram: Diagram) -> Found:
    """A call activity names its process; nothing else does."""
    for shape in diagram.shapes.values():
        called = shape.extension.called
        if shape.type != "callActivity":
            if called is not None:
                yield finding("call.here", called.line, shape.id, diagram.filename)
        elif called is not None and not called.process and called.element:
            yield finding("call.element-odd", called.line, shape.id, diagram.filename,
                          name=called.element)  # fmt: skip
        elif called is None or not called.process:
            yield finding("call.process", shape.line, shape.id, diagram.filename)
        else:
            yield from _check(diagram, shape, called)


def _check(diagram: Diagram, shape: Shape, called: Calling) -> Found:
    if called.element not in (None, called.process):
        yield finding("call.element-differs", called.line, shape.id, diagram.filename,
                      name=called.element, other=called.process)  # fmt: skip
    for name in called.odd:
        yield finding("element.attribute", called.line, shape.id, diagram.filename, name=name)
    if called.binding != called.said_binding:
        yield finding("call.binding", called.line, shape.id, diagram.filename,
                      text=called.said_binding)  # fmt: skip
    elif called.binding == "versionTag" and not called.tag:
        yield finding("call.tag-missing", called.line, shape.id, diagram.filename)
    elif called.binding != "versionTag" and called.tag:
        yield finding("call.tag-unused", called.line, shape.id, diagram.filename, tag=called.tag)
    if called.tag and is_feel(called.tag):
        yield finding("call.tag-feel", called.line, shape.id, diagram.filename, tag=called.tag)


def results_apart(diagram: Diagram) -> Found:
    """Calls that run together should not all write every variable back."""
    for shape in diagram.shapes.values():
        called, loop = shape.extension.called, shape.loop
        if called is None or loop is None or loop.sequential:
            continue
        if _writes_all(shape):
            yield finding("call.race", called.line, shape.id, diagram.filename, warning=True)


def _writes_all(shape: Shape) -> bool:
    """Whether all variables of the called process come back by themselves."""
    called = shape.extension.called
    return called is not None and called.all_out and not shape.extension.outputs


def branches_apart(diagram: Diagram) -> Found:
    """Two calls in parallel branches should not both write everything back.

    Only where neither can wait for the other: each lies behind a flow of its own.
    """
    levels: dict[str, list[Shape]] = {}
    for shape in diagram.shapes.values():
        if _writes_all(shape):
            levels.setdefault(shape.container, []).append(shape)
    for container, calls in levels.items():
        for shape in _racing(diagram, container, calls[:_MOST]):
            line = shape.extension.called.line if shape.extension.called else shape.line
            yield finding("call.race", line, shape.drawn_id, diagram.filename, warning=True)


def _racing(diagram: Diagram, container: str, calls: list[Shape]) -> list[Shape]:
    """The calls of one level that run beside another of them."""
    if len(calls) < 2:
        return []
    level = Level(diagram, container)
    pairs = combinations([shape for shape in calls if shape.id in level.places], 2)
    racing = {
        one.id for pair in pairs if level.are_parallel(pair[0].id, pair[1].id) for one in pair
    }
    return [shape for shape in calls if shape.id in racing]


def tags_fit(diagram: Diagram) -> Found:
    """A version tag is a short text."""
    for line, element, tag in _tags(diagram):
        if len(tag) > SHORT:
            yield finding("text.too-long", line, element, diagram.filename, what="version tag",
                          limit=SHORT)  # fmt: skip


def _tags(diagram: Diagram) -> Iterator[tuple[int, str, str]]:
    yield diagram.line, diagram.key, diagram.version_tag or ""
    for shape in diagram.shapes.values():
        if shape.extension.called is not None:
            yield shape.extension.called.line, shape.id, shape.extension.called.tag or ""


def calls_end(diagram: Diagram) -> Found:
    """A process that calls itself has a way to an end on which it does not."""
    for shape in diagram.inside(diagram.key):
        called = shape.extension.called
        if called is None or called.process != diagram.key or called.tag:
            continue
        plain = shape.type == "callActivity" and not shape.loop
        if plain and not diagram.boundaries(shape.id) and _on_every_way(diagram, shape):
            yield finding("call.endless", called.line, shape.drawn_id, diagram.filename,
                          warning=True)  # fmt: skip


def _on_every_way(diagram: Diagram, call: Shape) -> bool:
    """Whether every token that begins at a plain start comes to a call, whatever the data are."""
    level = Level(diagram, diagram.key)
    starts = [diagram.shapes[name] for name in level.starts]
    plain = [start.id for start in starts if not start.triggers]
    seen, pending = {call.id}, list(plain)
    while pending:
        name = pending.pop()
        if name not in seen:
            seen.add(name)
            pending.extend(level.after.get(name, ()))
    ways = (name for name in seen - {call.id} if not level.after.get(name))
    return bool(plain) and call.id in level.places and not any(ways)


RULES = (calls_complete, results_apart, tags_fit)
ON_NORMALISED = (branches_apart, calls_end)
