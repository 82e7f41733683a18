"""Diagrams spoilt by chance, the same for the same seed: what a hostile or broken file may be."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

from lxml import etree

import bpmn
from bpmn.document import BPMN

HERE = Path(__file__).parent
SOURCES = [
    path.read_bytes()
    for path in (
        *sorted((HERE / "elements").glob("*.bpmn")),
        *sorted((HERE / "golden").glob("*.bpmn")),
        *sorted((Path(bpmn.__file__).parent / "diagrams").glob("*.bpmn")),
    )
]
"""Every diagram there is to begin with."""
KINDS = (
    "startEvent", "endEvent", "boundaryEvent", "intermediateCatchEvent", "intermediateThrowEvent",
    "userTask", "serviceTask", "receiveTask", "callActivity", "subProcess", "transaction",
    "adHocSubProcess", "exclusiveGateway", "parallelGateway", "eventBasedGateway",
    "complexGateway", "sequenceFlow", "lane", "participant", "messageFlow", "association",
    "dataObjectReference", "timerEventDefinition", "messageEventDefinition",
    "signalEventDefinition", "linkEventDefinition", "compensateEventDefinition",
    "multiInstanceLoopCharacteristics", "standardLoopCharacteristics", "process", "nonsense",
)  # fmt: skip
VALUES = (
    "", " ", "true", "false", "0", "=", "=1 +", "=null", "x" * 300, "بررسی\u200cشد", "a:b", "#",
    "PT1H", "R/PT0S", "\u202e", "2026-03-21T08:00:00Z", "99999999999999999999", "{x}", "%s",
)  # fmt: skip

Mutation = Callable[[random.Random, etree._Element], None]
_DEEP = 40
_HUGE = 5_000


def _pick(chance: random.Random, root: etree._Element) -> etree._Element:
    return chance.choice([node for node in root.iter() if "/DI" not in str(node.tag)])


def _drop(chance: random.Random, root: etree._Element) -> None:
    node = _pick(chance, root)
    parent = node.getparent()
    if parent is not None:
        parent.remove(node)


def _double(chance: random.Random, root: etree._Element) -> None:
    node = _pick(chance, root)
    if node.getparent() is not None:
        node.addnext(etree.fromstring(etree.tostring(node)))


def _move(chance: random.Random, root: etree._Element) -> None:
    node, place = _pick(chance, root), _pick(chance, root)
    if node is not root and node not in place.iterancestors() and node is not place:
        place.append(node)


def _rename(chance: random.Random, root: etree._Element) -> None:
    node = _pick(chance, root)
    if node is not root:
        node.tag = f"{{{BPMN}}}{chance.choice(KINDS)}"


def _set(chance: random.Random, root: etree._Element) -> None:
    node = _pick(chance, root)
    others = [one.get("id", "") for one in root.iter(f"{{{BPMN}}}*") if one.get("id")]
    names = [*map(str, node.attrib), "id", "sourceRef", "targetRef", "default", "attachedToRef"]
    node.set(chance.choice(names), chance.choice([*VALUES, *others]))


def _unset(chance: random.Random, root: etree._Element) -> None:
    node = _pick(chance, root)
    if node.attrib:
        del node.attrib[chance.choice(list(node.attrib))]


def _write(chance: random.Random, root: etree._Element) -> None:
    _pick(chance, root).text = chance.choice(VALUES)


def _swap(chance: random.Random, root: etree._Element) -> None:
    first, second = _pick(chance, root), _pick(chance, root)
    for name in ("id", "sourceRef", "targetRef"):
        if name in first.attrib and name in second.attrib:
            first.attrib[name], second.attrib[name] = second.attrib[name], first.attrib[name]


def _swell(chance: random.Random, root: etree._Element) -> None:
    node = _pick(chance, root)
    name = chance.choice([*map(str, node.attrib), "name"])
    node.set(name, chance.choice(("x", "ش", "=1+", "((")) * chance.randrange(1, _HUGE))


def _bury(chance: random.Random, root: etree._Element) -> None:
    """Put an element into subprocesses within subprocesses."""
    node = _pick(chance, root)
    parent = node.getparent()
    if parent is None:
        return
    place = parent.index(node)
    for number in range(chance.randrange(1, _DEEP)):
        around = etree.Element(f"{{{BPMN}}}subProcess", id=f"deep{number}")
        around.append(node)
        node = around
    parent.insert(place, node)


MUTATIONS: tuple[Mutation, ...] = (
    _drop, _double, _move, _rename, _set, _unset, _write, _swap, _swell, _bury,
)  # fmt: skip


def mutate(source: bytes, seed: int, times: int) -> bytes:
    """The diagram with so many changes, always the same for a seed."""
    chance = random.Random(seed)
    root = etree.fromstring(source)
    for _ in range(times):
        chance.choice(MUTATIONS)(chance, root)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)
