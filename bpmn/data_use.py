"""Which variables a process reads, and what writes them, as far as the diagram tells.

What comes from outside without being mapped (the data of a start, of a task without form, of a
message or a job) may be any variable. Then nothing is said of what is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bpmn.diagram import JOBS, Diagram, Shape
from bpmn.expressions import expression, is_feel
from bpmn.feel import FeelSyntaxError, nodes
from bpmn.feel.builtins import BUILTINS
from bpmn.findings import finding
from bpmn.lint_texts import texts
from bpmn.model import Finding

ALWAYS = frozenset(
    {
        "request", "priority", "outcome", "completed_by", "loopCounter", "numberOfInstances",
        "numberOfCompletedInstances", "numberOfActiveInstances", "numberOfTerminatedInstances",
    }
)  # fmt: skip
"""Variables that the product itself gives."""
_KNOWN = ALWAYS | set(BUILTINS)
_AFTER_WORK = ("output element", "completion condition", "loop condition", "active elements")
_BRINGS = frozenset({"message", "signal", "error", "escalation"})


@dataclass(frozen=True)
class DataUse:
    """The variables of one process."""

    reads: tuple[tuple[str, str, int], ...] = ()
    """Name, element and line of each variable that an expression reads."""
    writes: frozenset[str] = frozenset()
    forms: frozenset[str] = frozenset()
    """Forms whose fields become variables."""
    anything: bool = False
    """Whether something may write variables that the diagram does not name."""

    def given(self, fields: frozenset[str]) -> frozenset[str]:
        """All variables of which it is known that something gives them; ``fields`` are those of
        all ``forms``."""
        return self.writes | fields | ALWAYS

    def unwritten(self, fields: frozenset[str], filename: str) -> Iterator[Finding]:
        """A finding for each variable that is read though nothing writes it; ``fields`` are
        those of all ``forms``."""
        known = self.given(fields)
        for name, element, line in dict.fromkeys(self.reads):
            if not self.anything and name not in known:
                yield finding("data.unwritten", line, element, filename, name=name)


def data_use_of(diagram: Diagram) -> DataUse:
    """What the process does with its variables."""
    shapes = list(diagram.shapes.values())
    return DataUse(
        reads=tuple(_reads(diagram)),
        writes=frozenset(name for shape in shapes for name in _writes(shape)),
        forms=frozenset(shape.extension.form or "" for shape in shapes if _takes_form(shape)),
        anything=any(_brings_anything(diagram, shape) for shape in shapes),
    )


def _writes(shape: Shape) -> Iterator[str]:
    zeebe = shape.extension
    for mapping in (*zeebe.inputs, *zeebe.outputs):
        yield mapping.target.partition(".")[0]
    if zeebe.result:
        yield zeebe.result
    if shape.loop is not None:
        yield from filter(None, (shape.loop.element, shape.loop.output_collection))


def _takes_form(shape: Shape) -> bool:
    asks = shape.type in ("userTask", "startEvent")
    return asks and bool(shape.extension.form) and not shape.extension.outputs


def _brings_anything(diagram: Diagram, shape: Shape) -> bool:
    zeebe = shape.extension
    if shape.type == "startEvent" and shape.container == diagram.key:
        return not zeebe.form or bool(shape.triggers)
    if zeebe.outputs:
        return False
    if shape.type == "userTask":
        return not zeebe.form
    brought = any(trigger.kind in _BRINGS for trigger in shape.triggers)
    works = shape.type in JOBS or zeebe.job_type or shape.type in ("callActivity", "receiveTask")
    return bool(works) or brought


def _reads(diagram: Diagram) -> Iterator[tuple[str, str, int]]:
    for shape in diagram.shapes.values():
        after = {f"mapping to {mapping.target}" for mapping in shape.extension.outputs}
        for what, text, line in texts(shape):
            if what not in after and what not in _AFTER_WORK:
                yield from ((name, shape.id, line) for name in _names(text))
    for flow in diagram.flows.values():
        yield from ((name, flow.id, flow.line) for name in _names(flow.condition or ""))


def _names(text: str) -> list[str]:
    """The variables of an expression; none where names may mean the parts of an item."""
    if not is_feel(text):
        return []
    try:
        compiled = expression(text).compiled
    except FeelSyntaxError:
        return []
    if compiled is None or compiled.variables() <= _KNOWN:
        return []
    parts = compiled.parts
    if any(isinstance(part, nodes.Filter | nodes.ContextOf | nodes.FunctionOf) for part in parts):
        return []
    own = {*_KNOWN, *(name for part in parts for name in nodes.declared(part))}
    own |= {p.function.name for p in parts if isinstance(p, nodes.Call)
            and isinstance(p.function, nodes.Name)}  # fmt: skip
    names = dict.fromkeys(part.name for part in parts if isinstance(part, nodes.Name))
    return [name for name in names if name.isidentifier() and name not in own]
