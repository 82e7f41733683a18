"""Reads what makes a subprocess an ad-hoc one."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from bpmn import xml
from bpmn.diagram import AdHoc
from bpmn.document import BOOLEANS, said
from bpmn.extensions import BPMN, ZEEBE


def read_ad_hoc(node: etree._Element) -> AdHoc | None:
    """The marks of an ad-hoc subprocess; None when there are none."""
    zeebe = node.find(f"{{{BPMN}}}extensionElements/{{{ZEEBE}}}adHoc")
    if zeebe is None and xml.local(node) != "adHocSubProcess":
        return None
    condition = node.find(f"{{{BPMN}}}completionCondition")
    return AdHoc(
        elements=None if zeebe is None else zeebe.get("activeElementsCollection"),
        condition=None if condition is None else (condition.text or "").strip(),
        cancels=said(node, "cancelRemainingInstances", default=True),
        oddities=tuple(_oddities(node, zeebe)),
    )


def _oddities(node: etree._Element, zeebe: etree._Element | None) -> Iterator[str]:
    if node.get("ordering", "Parallel") != "Parallel":
        yield "ordering"
    if node.get("cancelRemainingInstances", "true").strip() not in BOOLEANS:
        yield "cancelRemainingInstances"
    for name in ("outputCollection", "outputElement"):
        if zeebe is not None and zeebe.get(name):
            yield name
