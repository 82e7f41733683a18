"""The zeebe extension elements of one node, read into plain values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree

from bpmn import xml
from bpmn.diagram import Assignment, Calling, Extension
from bpmn.model import Binding

ZEEBE = "http://camunda.org/schema/zeebe/1.0"
BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"

# Attributes that are followed, by element; ``None`` means: read elsewhere or without effect.
_ATTRIBUTES: dict[str, dict[str, str]] = {
    "taskDefinition": {"type": "job_type", "retries": "retries"},
    "formDefinition": {"formId": "form"},
    "assignmentDefinition": {
        "assignee": "assignee",
        "candidateGroups": "groups",
        "candidateUsers": "users",
    },
    "taskSchedule": {"dueDate": "due", "followUpDate": "follow_up"},
    "priorityDefinition": {"priority": "priority"},
    "calledDecision": {"decisionId": "decision", "resultVariable": "result"},
    "script": {"expression": "script", "resultVariable": "result"},
}
_WITHOUT_EFFECT = frozenset({"userTask", "versionTag", "subscription", "loopCharacteristics"})
_READ_APART = frozenset({"properties", "ioMapping", "taskHeaders", "calledElement", "adHoc"})
_BINDINGS: dict[str, Binding] = {
    "latest": "latest", "deployment": "deployment", "versionTag": "versionTag",
}  # fmt: skip
KNOWN = _WITHOUT_EFFECT | _READ_APART | _ATTRIBUTES.keys()
"""Every extension element that the engine knows on one element or another."""
_SWITCHES = frozenset({"propagateAllParentVariables", "propagateAllChildVariables"})


def read_extension(node: etree._Element) -> Extension:
    """All that the node's extension elements say; an empty ``Extension`` when it has none."""
    holder = node.find(f"{{{BPMN}}}extensionElements")
    if holder is None:
        return Extension()
    said: dict[str, Any] = {}
    for child in holder:
        said.update(_attributes(child))
    return Extension(
        properties=dict(_pairs(holder, "property", "name")),
        headers=dict(_pairs(holder, "header", "key")),
        inputs=_mappings(holder, "input"), outputs=_mappings(holder, "output"),
        called=_called(holder), unknown=tuple(_unknown(holder)), **said,
    )  # fmt: skip


def _attributes(child: etree._Element) -> Iterator[tuple[str, str]]:
    if xml.namespace(child) != ZEEBE:
        return
    for attribute, field in _ATTRIBUTES.get(xml.local(child), {}).items():
        value = child.get(attribute)
        if value is not None and value.strip():
            yield field, value.strip()


def _pairs(holder: etree._Element, kind: str, key: str) -> Iterator[tuple[str, str]]:
    for child in holder.iter(f"{{{ZEEBE}}}{kind}"):
        name = child.get(key)
        if name:
            yield name, child.get("value", "")


def _mappings(holder: etree._Element, kind: str) -> tuple[Assignment, ...]:
    return tuple(
        Assignment(child.get("source", ""), child.get("target", ""), xml.line(child))
        for child in holder.iter(f"{{{ZEEBE}}}{kind}")
    )


def _called(holder: etree._Element) -> Calling | None:
    child = holder.find(f"{{{ZEEBE}}}calledElement")
    if child is None:
        return None
    said = child.get("bindingType", "latest").strip()
    return Calling(
        process=child.get("processId", "").strip(), line=xml.line(child),
        binding=_BINDINGS.get(said, "latest"), said_binding=said,
        tag=child.get("versionTag", "").strip() or None,
        all_in=_is_on(child, "propagateAllParentVariables"),
        all_out=_is_on(child, "propagateAllChildVariables"),
        odd=tuple(_odd(child)),
    )  # fmt: skip


def _is_on(child: etree._Element, name: str) -> bool:
    return child.get(name, "true").strip() not in ("false", "0")


def _odd(child: etree._Element) -> Iterator[str]:
    for name, value in child.attrib.items():
        switch = str(name) in _SWITCHES and str(value).strip() in ("true", "false", "1", "0")
        if not switch and str(name) not in ("processId", "bindingType", "versionTag"):
            yield str(name)


def read_version_tag(process: etree._Element) -> str | None:
    """The version tag that a process gives itself; None without one."""
    tag = process.find(f"{{{BPMN}}}extensionElements/{{{ZEEBE}}}versionTag")
    return None if tag is None else tag.get("value", "").strip() or None


def _unknown(holder: etree._Element) -> Iterator[tuple[str, int]]:
    for child in holder:
        if xml.namespace(child) == ZEEBE and xml.local(child) not in KNOWN:
            yield xml.local(child), xml.line(child)
        if child.get("formKey") or child.get("externalReference"):
            yield "formKey", xml.line(child)
        if xml.local(child) == "calledElement":
            continue
        if child.get("versionTag") or child.get("bindingType", "latest") != "latest":
            yield "bindingType", xml.line(child)
