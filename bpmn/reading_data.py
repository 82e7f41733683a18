"""Reads data objects and data associations: what is only drawn, and what copies a value.

A data object is a variable of its name (BPMN 2.0.2, 10.4). A task sees every variable, so an
association that only points at it says nothing more; one that renames, transforms or assigns is
read as an input or output mapping.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from bpmn import xml
from bpmn.diagram import Assignment, DataProblem
from bpmn.extensions import BPMN

_NAME = re.compile(r"[^\W\d]\w*")
_ITEMS = frozenset(
    {
        "dataObject", "dataObjectReference", "dataStore", "dataStoreReference", "property",
        "dataInput", "dataOutput",
    }
)  # fmt: skip
_STORES = frozenset({"dataStore", "dataStoreReference"})
_OWN = frozenset({"dataInput", "dataOutput", "property"})
"""What an activity itself holds data in; tools name a placeholder ``__targetRef_placeholder``."""


@dataclass
class Flowing:
    """What the associations of one node come to."""

    inputs: list[Assignment] = field(default_factory=list)
    outputs: list[Assignment] = field(default_factory=list)
    problems: list[DataProblem] = field(default_factory=list)


class DataItems:
    """Everything in a file that holds data, by id."""

    def __init__(self, root: etree._Element) -> None:
        nodes = (node for node in root.iter(f"{{{BPMN}}}*") if xml.local(node) in _ITEMS)
        self._nodes = {node.get("id"): node for node in nodes}

    def kind(self, reference: str) -> str:
        """The BPMN name of what an id stands for; empty when it stands for no data."""
        node = self._nodes.get(reference)
        return "" if node is None else xml.local(node)

    def name(self, reference: str) -> str:
        """The variable that an id stands for: by its own name, or by that of its data object."""
        node = self._nodes.get(reference)
        if node is None:
            return ""
        name = node.get("name", "").strip()
        of = node.get("dataObjectRef")
        return name or (self.name(of) if of and of != reference else "")

    def flowing(self, node: etree._Element) -> Flowing:
        """The mappings that the associations of a node mean."""
        found = Flowing()
        for child in node:
            kind = xml.local(child)
            if kind in ("dataInputAssociation", "dataOutputAssociation"):
                self._read(child, found, inward=kind == "dataInputAssociation")
        return found

    def _read(self, node: etree._Element, found: Flowing, *, inward: bool) -> None:
        into = found.inputs if inward else found.outputs
        assigned = list(_assignments(node))
        into += assigned
        if not assigned:
            self._copy(node, found, inward=inward)

    def _copy(self, node: etree._Element, found: Flowing, *, inward: bool) -> None:
        sources, target = _texts(node, "sourceRef"), "".join(_texts(node, "targetRef"))
        said = _texts(node, "transformation")
        ends = [*sources, target]
        if not said and self._is_drawn_only(ends, inward=inward):
            return
        names = [self.name(end) for end in ends]
        problem = self._problem(ends, names, transforms=bool(said))
        if problem is not None:
            found.problems.append(DataProblem(problem[0], xml.line(node), problem[1]))
            return
        source = said[0] if said else f"={names[0]}"
        into = found.inputs if inward else found.outputs
        if said or names[0] != names[-1] or not inward:
            into.append(Assignment(source, names[-1], xml.line(node)))

    def _is_drawn_only(self, ends: list[str], *, inward: bool) -> bool:
        """Whether the end at the node itself is none, has no name or is a tool's placeholder."""
        own = ends[-1:] if inward else ends[:-1]
        return not any(self.kind(end) in _OWN and self.name(end).strip("_ ") for end in own
                       if not self.name(end).startswith("__"))  # fmt: skip

    def _problem(
        self, ends: list[str], names: list[str], *, transforms: bool
    ) -> tuple[str, str] | None:
        """Why the association cannot be followed, with what it is about."""
        stores = [end for end in ends if self.kind(end) in _STORES]
        if stores:
            return "data.store", self.name(stores[0]) or stores[0]
        needed = ends[-1:] if transforms else ends
        if len(needed) > 2 or (not transforms and len(ends) != 2):
            return "data.several", ends[-1]
        for end, name in zip(ends, names, strict=True):
            if end in needed and not _NAME.fullmatch(name):
                return "data.name", name or end
        return None


def _assignments(node: etree._Element) -> Iterator[Assignment]:
    for child in node.findall(f"{{{BPMN}}}assignment"):
        source, target = "".join(_texts(child, "from")), "".join(_texts(child, "to"))
        yield Assignment(source, target.removeprefix("=").strip(), xml.line(child))


def _texts(node: etree._Element, name: str) -> list[str]:
    return [(child.text or "").strip() for child in node.findall(f"{{{BPMN}}}{name}")]
