"""Rules about pools and the message flows between them (BPMN 2.0.2, 9.3 and 9.4)."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from bpmn import xml
from bpmn.document import Document
from bpmn.model import Finding

Found = Iterator[Finding]

_EITHER = frozenset(
    {
        "participant", "task", "userTask", "serviceTask", "manualTask", "scriptTask",
        "businessRuleTask", "callActivity", "subProcess", "transaction", "adHocSubProcess",
        "callConversation", "conversation", "subConversation",
    }
)  # fmt: skip
_SENDS = _EITHER | {"sendTask", "intermediateThrowEvent", "endEvent"}
_RECEIVES = _EITHER | {
    "receiveTask", "startEvent", "intermediateCatchEvent", "boundaryEvent", "eventBasedGateway",
}  # fmt: skip


def pools_refer(document: Document) -> Found:
    """A pool that shows a process shows one of the file, and no two show the same."""
    processes, shown = {document.name_of(node) for node in document.processes}, set[str]()
    for pool in document.all("participant"):
        name = pool.get("processRef")
        if name and name not in processes:
            yield document.find("pool.process", pool, process=name)
        elif name and name in shown:
            yield document.find("pool.shared", pool, process=name)
        shown.add(name or "")


def messages_pass(document: Document) -> Found:
    """A message flow leads from what can send to what can receive, from pool to pool."""
    pools = _pools(document)
    for flow in document.all("messageFlow"):
        ends = [flow.get("sourceRef", ""), flow.get("targetRef", "")]
        nodes = [document.named.get(end) for end in ends]
        source, target = nodes
        if source is None or target is None:
            rule = "pool.message-dangling"
        elif xml.local(source) not in _SENDS or xml.local(target) not in _RECEIVES:
            rule = "pool.message-end"
        elif _pool(pools, source) == _pool(pools, target):
            rule = "pool.message-inside"
        else:
            yield from _events(document, flow, source, target)
            continue
        yield document.find(rule, flow, source=ends[0], target=ends[1])


def _events(document: Document, flow: etree._Element, *ends: etree._Element) -> Found:
    """An event at the end of a message flow has a message (BPMN 2.0.2, 10.5.2 to 10.5.4)."""
    for node in ends:
        kinds = {xml.local(child) for child in node}
        message = kinds & {"messageEventDefinition", "eventDefinitionRef"}
        if xml.local(node).endswith("Event") and not message:
            yield document.find("pool.message-event", flow, event=document.name_of(node))


def _pools(document: Document) -> dict[str, str]:
    """For each id the pool it lies in: the participant, else the process."""
    shown = {pool.get("processRef"): document.name_of(pool) for pool in document.all("participant")}
    return {name: shown.get(process, process) for name, process in document.pool_of.items()}


def _pool(pools: dict[str, str], node: etree._Element) -> str:
    name = str(node.get("id"))
    return pools.get(name, name)


RULES = (pools_refer, messages_pass)
