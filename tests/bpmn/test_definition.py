"""What the other rooms learn of a process: names, stages, lanes, what it calls for."""

from __future__ import annotations

import pytest

import bpmn
from tests.bpmn import build
from tests.bpmn.build import (
    boundary,
    declare,
    end,
    flows,
    message,
    node,
    process,
    properties,
    service,
    start,
    user,
)
from tests.bpmn.story import NOON

SOURCE = process(
    node("startEvent", "start", "", '<zeebe:formDefinition formId="complaint"/>'),
    user("a", properties(name_fa="بررسی", stage="work", waits="customer")
         + '<zeebe:formDefinition formId="check"/>', name="Check", groups="desk, quality"),
    service("s", kind="notify"), end(), boundary("m", "a", message("note"), interrupting=False),
    flows("start > a > s > end", "m > end"),
    before=declare("note", "=request.number"),
    properties=properties(
        stages="received, work", stage__received__fa="رسید", stage__received__en="Received",
        stage__work__en="At work", name_fa="شکایت", owner="quality",
    ),
    attrs='name="Complaint"',
)  # fmt: skip


def test_a_definition_says_what_it_names() -> None:
    definition = bpmn.parse(SOURCE)
    assert definition.key == "p"
    assert definition.names == {"fa": "شکایت", "en": "Complaint"}
    assert definition.start_form == "complaint"
    assert definition.forms == ("complaint", "check")
    assert definition.messages == ("note",)
    assert definition.job_types == ("notify",)
    assert definition.groups == ("desk", "quality")
    assert definition.decisions == ()
    assert definition.properties["owner"] == "quality"
    assert definition.flows["a_s"] == ("a", "s")


def test_stages_stand_in_order_and_borrow_a_missing_label() -> None:
    definition = bpmn.parse(SOURCE)
    assert [(s.key, dict(s.names)) for s in definition.stages] == [
        ("received", {"fa": "رسید", "en": "Received"}),
        ("work", {"fa": "At work", "en": "At work"}),
    ]
    assert [w.rule for w in definition.warnings] == ["stage.label"]


def test_elements_carry_type_names_properties_and_form() -> None:
    element = bpmn.parse(SOURCE).elements["a"]
    assert (element.type, element.form) == ("userTask", "check")
    assert element.names == {"fa": "بررسی", "en": "Check"}
    assert element.properties["waits"] == "customer"


def test_a_name_that_no_page_can_show_is_cut() -> None:
    long = SOURCE.replace(b'name="Check"', b'name="' + b"Check " * 900 + b'"')
    names = bpmn.parse(long).elements["a"].names
    assert names["fa"] == "بررسی"
    assert names["en"] == ("Check " * 900)[:200].rstrip() + "…"


def test_an_element_knows_the_subprocess_in_which_it_lies() -> None:
    inner = build.sub("part", build.start("s"), build.user("inner"), build.end("e"),
                      build.flows("s > inner > e"))  # fmt: skip
    drawn = build.process(build.start(), inner, build.end(), build.flows("start > part > end"))
    elements = bpmn.parse(drawn).elements
    assert (elements["inner"].inside, elements["part"].inside) == ("part", None)


def test_the_same_bytes_are_compiled_once() -> None:
    assert bpmn.parse(SOURCE) is bpmn.parse(bytes(SOURCE))
    assert bpmn.parse(SOURCE).sha256 != bpmn.parse(SOURCE + b"\n").sha256


def test_a_diagram_is_shown_with_the_names_of_a_language() -> None:
    persian = bpmn.localise(SOURCE, "fa").decode()
    assert 'name="بررسی"' in persian
    assert 'name="Check"' not in persian
    assert 'name="شکایت"' in persian
    assert 'name="Check"' in bpmn.localise(SOURCE, "en").decode()


def test_a_file_that_was_accepted_before_is_loaded_even_if_refused_today() -> None:
    old = process(start(), user("a", groups="g" * 90), end(), flows("start > a > end"))
    with pytest.raises(bpmn.Refused):
        bpmn.parse(old)
    definition = bpmn.load(old, "old.bpmn")
    assert [(found.rule, found.file) for found in definition.warnings] == [
        ("text.too-long", "old.bpmn")
    ]
    assert bpmn.start(definition, {}, NOON).tokens == ("a",)
    assert bpmn.load(old, "old.bpmn") is definition
    with pytest.raises(bpmn.Refused):
        bpmn.load(b"no diagram")
