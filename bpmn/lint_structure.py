"""Rules about the file as XML: that what refers to something refers to what is there."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from bpmn import xml
from bpmn.document import BPMN, NOT_STEPS, Document
from bpmn.model import Finding

Found = Iterator[Finding]


def flows_connect(document: Document) -> Found:
    """Both ends of a sequence flow are flow nodes of its own process."""
    for process in document.judged:
        for flow in process.iter(f"{{{BPMN}}}sequenceFlow"):
            ends = [flow.get("sourceRef", ""), flow.get("targetRef", "")]
            if not all(end in document.named for end in ends):
                yield document.find("flow.dangling", flow, source=ends[0], target=ends[1])
                continue
            yield from _ends(document, process, flow, ends)


def _ends(
    document: Document, process: etree._Element, flow: etree._Element, ends: list[str]
) -> Found:
    for end in ends:
        node = document.named[end]
        if not is_step(node):
            yield document.find("flow.end-wrong", flow, node=end, type=xml.local(node))
        elif document.pool_of.get(end) != document.name_of(process):
            yield document.find("flow.crosses-pool", flow)


def is_step(node: etree._Element) -> bool:
    """Whether a token may stand on it: a task, an event, a gateway, a subprocess."""
    parent = node.getparent()
    held = parent is not None and xml.local(parent) in _HOLDERS
    return held and xml.local(node) not in NOT_STEPS


_HOLDERS = frozenset({"process", "subProcess", "transaction", "adHocSubProcess"})

RULES = (flows_connect,)
