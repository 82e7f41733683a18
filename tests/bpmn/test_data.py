"""Data objects: what is only drawn, and associations that copy a value (BPMN 2.0.2, 10.4)."""

from __future__ import annotations

import pytest

import bpmn
from tests.bpmn.build import end, flows, process, start, user
from tests.bpmn.story import Story

ITEMS = (
    '<bpmn:dataObject id="o1"/><bpmn:dataObjectReference id="r1" name="order" dataObjectRef="o1"/>'
    '<bpmn:dataObject id="o2" name="bill"/><bpmn:dataObjectReference id="r2" dataObjectRef="o2"/>'
    '<bpmn:dataObjectReference id="r3" name="A form [signed]" dataObjectRef="o1"/>'
    '<bpmn:dataStoreReference id="s1" name="Archive"/>'
    '<bpmn:property id="p1" name="note"/>'
)
SPEC = (
    '<bpmn:ioSpecification><bpmn:dataInput id="i1" name="ordered"/><bpmn:dataInput id="i2"/>'
    '<bpmn:dataOutput id="d1" name="result"/><bpmn:inputSet/><bpmn:outputSet/>'
    "</bpmn:ioSpecification>"
)


def into(source: str, target: str, more: str = "") -> str:
    """A data input association."""
    return (
        f"<bpmn:dataInputAssociation><bpmn:sourceRef>{source}</bpmn:sourceRef>"
        f"<bpmn:targetRef>{target}</bpmn:targetRef>{more}</bpmn:dataInputAssociation>"
    )


def out(source: str, target: str, more: str = "") -> str:
    """A data output association."""
    own = f"<bpmn:sourceRef>{source}</bpmn:sourceRef>" if source else ""
    return (
        f"<bpmn:dataOutputAssociation>{own}<bpmn:targetRef>{target}</bpmn:targetRef>{more}"
        "</bpmn:dataOutputAssociation>"
    )


def story(*inner: str) -> Story:
    """A user task with associations, before another."""
    task = user("a", inner=SPEC + "".join(inner))
    source = process(start(), ITEMS, task, user("z"), end(), flows("start > a > z > end"))
    return Story(source, {"order": 7})


PLACEHOLDER = '<bpmn:property id="p9" name="__targetRef_placeholder"/>'


@pytest.mark.parametrize(
    "drawn",
    [
        PLACEHOLDER + into("r1", "p9"), PLACEHOLDER + into("s1", "p9"), into("r3", "i2"),
        out("", "r1"), out("", "s1"), out("a", "r3"),
    ],
)  # fmt: skip
def test_what_is_only_drawn_has_no_effect(drawn: str) -> None:
    told = story(drawn)
    assert told.task("a").variables == {"order": 7}
    told.complete("a", x=1)
    assert told.outcome.variables == {"order": 7, "x": 1}


def test_an_input_takes_the_value_of_a_data_object() -> None:
    told = story(into("r1", "i1"))
    assert told.task("a").variables == {"order": 7, "ordered": 7}


def test_an_output_gives_its_value_to_a_data_object() -> None:
    told = story(out("d1", "r2"))
    told.complete("a", result=5, other=1)
    assert told.outcome.variables == {"order": 7, "bill": 5}


def test_a_transformation_and_an_assignment_are_followed() -> None:
    changed = "<bpmn:transformation>=order * 2</bpmn:transformation>"
    assert story(into("r1", "i1", changed)).task("a").variables["ordered"] == 14
    assigned = (
        "<bpmn:assignment><bpmn:from>=order + 1</bpmn:from><bpmn:to>next</bpmn:to>"
        "</bpmn:assignment>"
    )
    assert story(into("r1", "i2", assigned)).task("a").variables["next"] == 8
    told = story(out("d1", "r2", assigned.replace("order", "result")))
    told.complete("a", result=1)
    assert told.outcome.variables == {"order": 7, "next": 2}


@pytest.mark.parametrize(
    ("drawn", "rule"),
    [
        (into("s1", "i1"), "data.store"),
        (out("d1", "s1"), "data.store"),
        (into("r3", "i1"), "data.name"),
        (out("d1", "r3"), "data.name"),
        (into("r1</bpmn:sourceRef><bpmn:sourceRef>r2", "i1"), "data.several"),
        (into("r1", "i1", "<bpmn:transformation>order</bpmn:transformation>"), "feel.needed"),
        (into("r1", "i1", "<bpmn:assignment><bpmn:from>=1</bpmn:from><bpmn:to>a b</bpmn:to>"
              "</bpmn:assignment>"), "mapping.target"),
    ],
)  # fmt: skip
def test_what_cannot_be_followed_is_refused(drawn: str, rule: str) -> None:
    with pytest.raises(bpmn.Refused) as caught:
        story(drawn)
    assert rule in {one.rule for one in caught.value.findings}
