"""A whole ``.bpmn`` file: its tree, its elements by id, and the processes that it may run.

Only what is no diagram at all is refused here. All else that is odd becomes a finding, and the
rest of the file is read as far as it goes, so that one mistake hides no other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from lxml import etree

from bpmn import xml
from bpmn.errors import Refused
from bpmn.findings import finding
from bpmn.model import Finding

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"

# What lies in a process without being a step of it.
NOT_STEPS = frozenset(
    {
        "sequenceFlow", "laneSet", "documentation", "extensionElements", "textAnnotation",
        "association", "group", "category", "incoming", "outgoing", "dataObject",
        "dataObjectReference", "dataStoreReference", "property", "ioSpecification",
        "multiInstanceLoopCharacteristics", "standardLoopCharacteristics", "auditing",
        "monitoring", "supportedInterfaceRef", "correlationSubscription", "dataInputAssociation",
        "dataOutputAssociation", "completionCondition", "resourceRole", "potentialOwner",
        "humanPerformer", "performer", "supports", "ioBinding",
    }
)  # fmt: skip
CONTAINERS = frozenset({"subProcess", "transaction", "adHocSubProcess"})
BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
"""What xsd:boolean may be; white space around it does not count."""

# NCName of "Namespaces in XML 1.0": colons and hashes are left to names that are made up.
_FIRST = (
    "A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
ID = re.compile(f"[{_FIRST}][{_FIRST}\\-.0-9\u00b7\u0300-\u036f\u203f-\u2040]*")


class Document:
    """One file, with what it declares."""

    def __init__(self, root: etree._Element, filename: str = "") -> None:
        self.root = root
        self.filename = filename
        self.named: dict[str, etree._Element] = {}
        """The first element of each id."""
        self.renamed: dict[etree._Element, str] = {}
        """Elements whose id is missing or taken, with the name they go by in findings."""
        self.found: list[Finding] = []
        _drop_prefixes(root)
        self._name_all()
        self._choose()

    def name_of(self, node: etree._Element) -> str:
        """The element's id, or what stands for it."""
        return self.renamed.get(node) or str(node.get("id", ""))

    @property
    def is_drawn(self) -> bool:
        """Whether there is a shape that a viewer could show."""
        return next(self.root.iter(f"{{{BPMNDI}}}BPMNShape"), None) is not None

    def find(self, rule: str, at: etree._Element, **details: str | int) -> Finding:
        """A finding at an element of the file."""
        said: dict[str, Any] = dict(details)
        return finding(rule, xml.line(at), self.name_of(at), self.filename, **said)

    def all(self, *kinds: str) -> Iterator[etree._Element]:
        """Every BPMN element of these local names, in the order of the file."""
        return self.root.iter(*(f"{{{BPMN}}}{kind}" for kind in kinds))

    @cached_property
    def pool_of(self) -> dict[str, str]:
        """For each id in a process, or of it, the id of the process."""
        return {
            name: self.name_of(process)
            for process in self.processes
            for node in process.iter(f"{{{BPMN}}}*")
            if (name := node.get("id"))
        }

    @property
    def processes(self) -> list[etree._Element]:
        """All processes of the file, executable or not."""
        return self.root.findall(f"{{{BPMN}}}process")

    def _name_all(self) -> None:
        """Ids name tokens and rows, so each must be there and be the only one of its name."""
        for number, node in enumerate(self.root.iter(f"{{{BPMN}}}*")):
            name = node.get("id")
            if not name:
                if _needs_id(node):
                    self._rename(node, xml.local(node), number)
                    self.found.append(self.find("id.missing", node, type=xml.local(node)))
                continue
            if name in self.named:
                self.found.append(self.find("id.duplicate", node))
                self._rename(node, name, number)
            elif not ID.fullmatch(name):
                self.found.append(self.find("id.odd", node))
            self.named.setdefault(str(name), node)

    def _rename(self, node: etree._Element, word: str, number: int) -> None:
        """A name that no id can be, since it holds a colon."""
        self.renamed[node] = f"{word}:{number}"

    @cached_property
    def shown(self) -> dict[str, str]:
        """What stands in the file for each made-up name: the id that is taken, or nothing."""
        return {name: str(node.get("id", "")) for node, name in self.renamed.items()}

    def _choose(self) -> None:
        """The processes to be judged: the executable one, if there is one."""
        processes = self.processes
        chosen = [node for node in processes if said(node, "isExecutable")]
        if not chosen and len(processes) == 1 and not processes[0].get("isExecutable"):
            self.found.append(self.find("process.unsaid", processes[0]))
            chosen = processes
        elif not chosen:
            at = processes[0] if processes else self.root
            self.found.append(self.find("process.none", at))
        self.found += [self.find("process.several", node) for node in chosen[1:]]
        self.judged: list[etree._Element] = chosen or processes


def read_document(source: bytes, filename: str = "") -> Document:
    """The file's tree; raises ``Refused`` when it is no BPMN 2.0 file at all."""
    root = xml.read(source, filename).getroot()
    if root.tag != f"{{{BPMN}}}definitions":
        raise Refused([finding("file.not-bpmn", xml.line(root), "", filename)])
    return Document(root, filename)


def said(node: etree._Element, name: str, *, default: bool = False) -> bool:
    """A boolean attribute; one that is neither true nor false is found as an oddity."""
    return BOOLEANS.get(node.get(name, "").strip(), default)


def steps(process: etree._Element) -> Iterator[tuple[etree._Element, etree._Element]]:
    """Every flow node with what holds it, walked without recursion."""
    pending = [process]
    for holder in pending:
        for node in holder:
            if xml.namespace(node) == BPMN and xml.local(node) not in NOT_STEPS:
                yield node, holder
                if xml.local(node) in CONTAINERS:
                    pending.append(node)


def _needs_id(node: etree._Element) -> bool:
    parent, kind = node.getparent(), xml.local(node)
    if kind == "process":
        return True
    if parent is None or xml.local(parent) not in {"process", *CONTAINERS}:
        return False
    return kind == "sequenceFlow" or kind not in NOT_STEPS


def _drop_prefixes(root: etree._Element) -> None:
    """References are qualified names; in one file they all mean ids of this file."""
    for node in root.iter(f"{{{BPMN}}}*"):
        for name, value in node.attrib.items():
            if ":" in value and str(name).endswith(("Ref", "calledElement")):
                prefix, _, rest = str(value).strip().partition(":")
                if prefix in node.nsmap:
                    node.set(name, rest)
