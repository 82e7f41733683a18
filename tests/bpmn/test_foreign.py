"""Diagrams of other tools open: they deploy, or are refused with reasons."""

from __future__ import annotations

import codecs

import pytest

import bpmn
from tests.bpmn.build import end, flows, process, start, user
from tests.bpmn.story import Story

OK = process(start(), user("a"), end(), flows("start > a > end"))
MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"


def outcome(source: bytes) -> tuple[set[str], set[str]]:
    """The rules that refuse the file, and those that warn."""
    try:
        found = bpmn.parse(source, "theirs.bpmn").warnings
    except bpmn.Refused as refused:
        found = refused.findings
    sides = [{one.rule for one in found if one.severity == side} for side in ("error", "warning")]
    return sides[0], sides[1]


def with_task(attributes: str = "", inside: str = "", more: str = "") -> bytes:
    """The small process with attributes or content of another tool at its task."""
    spaces = (
        ' xmlns:flowable="http://flowable.org/bpmn" xmlns:activiti="http://activiti.org/bpmn"'
        ' xmlns:drools="http://www.jboss.org/drools" xmlns:signavio="http://www.signavio.com"'
        ' xmlns:bizagi="http://www.bizagi.com/bpmn20" xmlns:bonita="http://www.bonitasoft.org/ns"'
        ' xmlns:visio="http://schemas.microsoft.com/visio/bpmn"'
        ' xmlns:color="http://www.omg.org/spec/BPMN/non-normative/color/1.0"'
    )
    text = OK.decode().replace("<bpmn:definitions", f"<bpmn:definitions{spaces}", 1)
    text = text.replace('<bpmn:userTask id="a"', f'<bpmn:userTask id="a" {attributes}')
    text = text.replace("</bpmn:extensionElements></bpmn:userTask>",
                        f"{inside}</bpmn:extensionElements></bpmn:userTask>")  # fmt: skip
    return text.replace("</bpmn:process>", f"{more}</bpmn:process>").encode()


@pytest.mark.parametrize(
    ("attributes", "inside"),
    [
        ('camunda:assignee="me"', ""),
        ('camunda:formKey="embedded:x"', ""),
        ('flowable:candidateGroups="x"', ""),
        ('activiti:assignee="${me}"', ""),
        ('drools:taskName="x"', ""),
        ("", '<camunda:taskListener event="create" class="x.Y"/>'),
        ("", '<camunda:inputOutput/>'),
        ("", '<flowable:executionListener event="start"/>'),
        ("", '<activiti:formProperty id="x"/>'),
        ("", "<drools:onEntry-script/>"),
    ],
)  # fmt: skip
def test_what_another_engine_would_follow_is_refused(attributes: str, inside: str) -> None:
    errors, _ = outcome(with_task(attributes, inside))
    assert errors == {"extension.vendor"}


@pytest.mark.parametrize(
    ("attributes", "inside"),
    [
        ("", '<signavio:signavioMetaData metaKey="bgcolor" metaValue="#fff"/>'),
        ("", '<bizagi:BizagiExtensions><bizagi:Property/></bizagi:BizagiExtensions>'),
        ("", '<bonita:anything/>'),
        ('visio:shapeId="4"', ""),
    ],
)  # fmt: skip
def test_what_concerns_the_drawing_is_told_and_left(attributes: str, inside: str) -> None:
    errors, warnings = outcome(with_task(attributes, inside))
    assert (errors, warnings) == (set(), {"extension.ignored"})


@pytest.mark.parametrize(
    "attributes", ['camunda:asyncBefore="true"', 'color:background-color="#fff"', ""]
)
def test_what_changes_nothing_deploys(attributes: str) -> None:
    assert not outcome(with_task(attributes))[0]


def test_a_hint_says_what_to_write_instead() -> None:
    with pytest.raises(bpmn.Refused) as refused:
        bpmn.parse(with_task('camunda:candidateGroups="x"'))
    (one,) = refused.value.findings
    assert "Camunda 7" in one.message["en"]
    assert "zeebe:assignmentDefinition" in one.remedy["en"]
    assert "zeebe:assignmentDefinition" in one.remedy["fa"]


def test_an_element_of_another_namespace_among_the_steps_is_told() -> None:
    errors, warnings = outcome(with_task(more="<bizagi:Milestone/>"))
    assert (errors, warnings) == (set(), {"element.foreign"})


def test_artifacts_and_data_stores_change_nothing() -> None:
    more = (
        '<bpmn:dataStoreReference id="store" name="Archive"/><bpmn:group id="group"/>'
        '<bpmn:textAnnotation id="note"><bpmn:text>Mind!</bpmn:text></bpmn:textAnnotation>'
        '<bpmn:association id="tie" sourceRef="a" targetRef="note"/>'
        '<bpmn:documentation>A process.</bpmn:documentation>'
    )  # fmt: skip
    assert outcome(with_task(more=more)) == (set(), set())


def test_a_file_that_holds_a_drawing_only() -> None:
    source = (
        f'<definitions xmlns="{MODEL}" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI">'
        '<bpmndi:BPMNDiagram><bpmndi:BPMNPlane bpmnElement="gone"/></bpmndi:BPMNDiagram>'
        "</definitions>"
    )
    assert outcome(source.encode())[0] == {"process.none"}


def test_several_pools_of_which_one_runs() -> None:
    pools = (
        '<bpmn:collaboration id="c"><bpmn:participant id="p1" processRef="p"/>'
        '<bpmn:participant id="p2" processRef="q"/><bpmn:messageFlow id="m" sourceRef="a"'
        ' targetRef="p2"/></bpmn:collaboration><bpmn:process id="q"><bpmn:task id="theirs"/>'
        "</bpmn:process></bpmn:definitions>"
    )
    source = OK.replace(b"</bpmn:definitions>", pools.encode())
    assert outcome(source) == (set(), set())
    assert Story(source).tasks == ["a"]


@pytest.mark.parametrize("prefix", ["", "semantic", "bpmn2", "ns0", "مدل"])
def test_any_prefix_or_none(prefix: str) -> None:
    text = OK.decode().replace("xmlns:bpmn=", f"xmlns:{prefix}=" if prefix else "xmlns=")
    text = text.replace("bpmn:tFormal", f"{prefix}:tFormal" if prefix else "tFormal")
    for sign in ("<", "</"):
        text = text.replace(f"{sign}bpmn:", f"{sign}{prefix}:" if prefix else sign)
    assert Story(text.encode()).tasks == ["a"]


def test_references_may_be_qualified() -> None:
    text = OK.decode().replace("<bpmn:definitions", '<bpmn:definitions xmlns:tns="peygir"', 1)
    text = text.replace("</bpmn:process>", '<bpmn:association id="s" sourceRef="tns:a"'
                        ' targetRef="tns:end"/></bpmn:process>')  # fmt: skip
    text = text.replace('sourceRef="start"', 'sourceRef="tns:start"')
    assert Story(text.encode()).tasks == ["a"]


@pytest.mark.parametrize(
    "source",
    [
        codecs.BOM_UTF8 + OK,
        OK.decode().replace("UTF-8", "UTF-16").encode("utf-16"),
        codecs.BOM_UTF16_BE + OK.decode().replace("UTF-8", "UTF-16").encode("utf-16-be"),
        OK.decode().replace("UTF-8", "ISO-8859-1").encode("latin-1"),
        OK.replace(b'<?xml version="1.0" encoding="UTF-8"?>\n', b""),
        OK.replace(b"\n", b"\r\n"),
        OK.replace(b'id="start"', b"id='start'"),
        OK.replace(b"<bpmn:process", b"<!-- a --><?pi b?><bpmn:process"),
        OK.replace(b"</bpmn:process>", b"<?pi c?><!-- d --> text <![CDATA[<e>]]></bpmn:process>"),
    ],
)
def test_encodings_and_oddities_of_xml(source: bytes) -> None:
    assert Story(source).tasks == ["a"]


def test_a_condition_may_stand_in_cdata() -> None:
    source = process(
        start(), user("a"), user("b"), end(), '<bpmn:exclusiveGateway id="g" default="g_b"/>',
        flows("start > g >[=n] a > end", "g > b > end"),
    ).replace(b">=n<", b"><![CDATA[=n > 1]]><")  # fmt: skip
    assert Story(source, {"n": 2}).tasks == ["a"]


@pytest.mark.parametrize("name", ["بررسی‌شکایت", "مُهر", "کار_۱", "a·b", "Ünïcode-1.2", "_"])
def test_ids_may_be_of_any_script(name: str) -> None:
    source = process(start(), user(name), end(), flows(f"start > {name} > end"))
    story = Story(source)
    assert story.tasks == [name]
    story.complete(name)
    assert story.is_over


@pytest.mark.parametrize("name", ["1a", "-a", ".a", "a b", "a:b", "a/b", "a\u00a0b", "a#"])
def test_what_is_no_id_of_xml_is_refused(name: str) -> None:
    source = process(start(), user("a"), end(), flows("start > a > end"))
    assert "id.odd" in outcome(source.replace(b'id="a"', f'id="{name}"'.encode()))[0]


def test_very_long_names_and_documentation() -> None:
    source = process(
        start(), user("a", name="نام " * 5_000, inner=f"<bpmn:documentation>{'x' * 50_000}"
                      "</bpmn:documentation>"), end(), flows("start > a > end"),
    )  # fmt: skip
    assert outcome(source)[0] <= {"text.too-long"}
    assert "text.too-long" in outcome(OK.replace(b'"a"', b'"' + b"a" * 300 + b'"'))[0]
