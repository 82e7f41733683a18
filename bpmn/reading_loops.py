"""Reads what marks an activity as repeated."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from bpmn import xml
from bpmn.diagram import Loop
from bpmn.document import BOOLEANS, said
from bpmn.extensions import BPMN, ZEEBE

_TRUTHS = ("isSequential", "testBefore")
_CHILDREN = frozenset(
    {
        "loopDataInputRef", "loopDataOutputRef", "inputDataItem", "outputDataItem",
        "complexBehaviorDefinition",
    }
)  # fmt: skip
_EVENTS = ("noneBehaviorEventRef", "oneBehaviorEventRef")


def read_loop(node: etree._Element) -> Loop | None:
    """The loop of an activity; None when it runs once."""
    multi = node.find(f"{{{BPMN}}}multiInstanceLoopCharacteristics")
    standard = node.find(f"{{{BPMN}}}standardLoopCharacteristics")
    if multi is not None:
        return _multi(multi, also=standard is not None)
    return None if standard is None else _standard(standard)


def _multi(mark: etree._Element, *, also: bool) -> Loop:
    zeebe = mark.find(f".//{{{ZEEBE}}}loopCharacteristics")
    told = {} if zeebe is None else {str(k): str(v) for k, v in zeebe.attrib.items()}
    odd = tuple(_oddities(mark))
    return Loop(
        sequential=said(mark, "isSequential"), line=xml.line(mark),
        collection=told.get("inputCollection"), element=told.get("inputElement"),
        output_collection=told.get("outputCollection"),
        output_element=told.get("outputElement"), condition=_text(mark, "completionCondition"),
        cardinality=_text(mark, "loopCardinality"), oddities=odd, twofold=also,
    )  # fmt: skip


def _standard(mark: etree._Element) -> Loop:
    return Loop(
        sequential=True, line=xml.line(mark), condition=_text(mark, "loopCondition"),
        standard=True, test_before=said(mark, "testBefore"),
        maximum=(mark.get("loopMaximum") or "").strip() or None, oddities=tuple(_oddities(mark)),
    )  # fmt: skip


def _text(mark: etree._Element, child: str) -> str | None:
    found = mark.find(f"{{{BPMN}}}{child}")
    return None if found is None else (found.text or "").strip()


def _oddities(mark: etree._Element) -> Iterator[str]:
    """What the engine does not follow (BPMN 2.0.2, table 10.29)."""
    yield from (name for name in _TRUTHS if mark.get(name, "0").strip() not in BOOLEANS)
    yield from (name for name in _EVENTS if mark.get(name))
    if mark.get("behavior", "All").strip() != "All":
        yield "behavior"
    yield from (xml.local(child) for child in mark if xml.local(child) in _CHILDREN)
