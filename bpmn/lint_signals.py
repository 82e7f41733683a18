"""Rules about signals: each names one that the file declares."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.diagram import Diagram
from bpmn.findings import finding
from bpmn.model import Finding


def signals_named(diagram: Diagram) -> Iterator[Finding]:
    """A signal that is thrown or waited for is declared, with a name."""
    for shape in diagram.shapes.values():
        for trigger in shape.triggers:
            if trigger.kind == "signal" and not trigger.signal:
                yield finding("event.signal-missing", trigger.line, shape.id, diagram.filename)


RULES = (signals_named,)
