"""Whatever happens to a diagram, reading it gives a process or says why not, and nothing else."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

import bpmn
from bpmn.document import BPMN

HERE = Path(__file__).parent
SOURCES = [
    path.read_bytes()
    for path in (
        *sorted((HERE / "elements").glob("*.bpmn")),
        *sorted((HERE / "golden").glob("*.bpmn")),
        *sorted((Path(bpmn.__file__).parent / "diagrams").glob("example*.bpmn")),
    )
]
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

NOW = datetime(2026, 3, 21, 12, tzinfo=UTC)
Mutation = Callable[[random.Random, etree._Element], None]


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


MUTATIONS: tuple[Mutation, ...] = (_drop, _double, _move, _rename, _set, _unset, _write)


def mutate(source: bytes, seed: int, times: int) -> bytes:
    """The diagram with so many changes, always the same for a seed."""
    chance = random.Random(seed)
    root = etree.fromstring(source)
    for _ in range(times):
        chance.choice(MUTATIONS)(chance, root)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def read(source: bytes) -> None:
    """Parses; whatever is found has its place and its words."""
    try:
        definition = bpmn.parse(source, "x.bpmn")
    except bpmn.Refused as refused:
        found = refused.findings
        assert any(one.severity == "error" for one in found)
    else:
        found = definition.warnings
        assert definition.key
        begin(definition)
    for one in found:
        assert one.line >= 1
        assert one.message["en"]
        assert one.message["fa"]


def begin(definition: bpmn.Definition) -> None:
    """What was accepted begins, or says that it has no such start; no other error comes."""
    with suppress(bpmn.BpmnError):
        bpmn.start(definition, {"a": 1}, NOW, decisions={})


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    source=st.sampled_from(SOURCES),
    seed=st.integers(0, 2**32 - 1),
    times=st.integers(1, 8),
)
def test_a_changed_diagram_is_read_or_refused(source: bytes, seed: int, times: int) -> None:
    read(mutate(source, seed, times))


@settings(max_examples=60, deadline=None)
@given(source=st.sampled_from(SOURCES), at=st.floats(0, 1), put=st.binary(max_size=6))
def test_changed_bytes_are_read_or_refused(source: bytes, at: float, put: bytes) -> None:
    place = int(at * len(source))
    read(source[:place] + put + source[place + len(put) :])


@pytest.mark.parametrize("kind", KINDS)
def test_any_element_may_stand_anywhere(kind: str) -> None:
    for source in SOURCES[:3]:
        root = etree.fromstring(source)
        for place in list(root.iter(f"{{{BPMN}}}*"))[:12]:
            changed = etree.fromstring(source)
            twin = list(changed.iter(f"{{{BPMN}}}*"))[list(root.iter(f"{{{BPMN}}}*")).index(place)]
            etree.SubElement(twin, f"{{{BPMN}}}{kind}")
            read(etree.tostring(changed))
