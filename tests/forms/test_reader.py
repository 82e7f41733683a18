"""A form file is read whole or refused with every reason."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms import Form, FormRefused, expressions, load, render, validate
from tests.forms.samples import EVERY_TYPE, ask, make, write

DOCS = Path(__file__).parents[2] / "docs" / "forms.md"


def find(source: bytes | str) -> set[tuple[str, str]]:
    """The (component id, code) of each finding."""
    with pytest.raises(FormRefused) as refused:
        load(source, "sample")
    return {(finding.element, finding.code) for finding in refused.value.findings}


def test_the_documented_example_is_sound() -> None:
    example = re.search(r"```json\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert example
    form = load(example[1], "complaint-assess")
    assert [field.key for field in form.fields] == ["what_happened", "remedy", "amount"]
    assert form.warnings == ()
    assert form.titles == {"en": "Assess the complaint", "fa": "ارزیابی شکایت"}
    assert expressions(form) == (("Field_amount", 'remedy != "refund"'),)


def test_every_supported_type_is_read() -> None:
    form = make(*EVERY_TYPE)
    assert {field.type for field in form.fields} == {
        component["type"] for component in EVERY_TYPE
    } - {"text", "separator", "spacer"}


@pytest.mark.parametrize(
    "component",
    [
        {"type": "html", "content": "<b>x</b>"},
        {"type": "iframe", "url": "https://example.com"},
        {"type": "button", "key": "go"},
        {"type": "dynamiclist", "path": "x"},
        {"type": "expression", "key": "x"},
        {"type": ["textfield"]},
        {},
    ],
)
def test_other_types_are_refused_by_id(component: dict[str, Any]) -> None:
    source = json.dumps({"components": [{"id": "C_0", **component}]})
    assert find(source) == {("C_0", "component")}


@pytest.mark.parametrize(
    ("component", "code"),
    [
        (ask("textfield", "a b"), "key"),
        (ask("textfield", "customer.name"), "key"),
        (ask("textfield", label="", properties={}), "label"),
        (ask("textfield", label="=name"), "expression"),
        (ask("textfield", label="Dear {{name}}"), "expression"),
        (ask("textfield", readonly="=true"), "flag"),
        (ask("textfield", validate={"required": "yes"}), "flag"),
        (ask("textfield", validate={"minLength": 9, "maxLength": 3}), "length"),
        (ask("textfield", validate={"maxLength": 501}), "whole"),
        (ask("textfield", validate={"pattern": "(?=look)"}), "pattern"),
        (ask("textfield", validate={"pattern": "("}), "pattern"),
        (ask("textfield", validate={"validationType": "iban"}), "validation-type"),
        (ask("textfield", conditional={"hide": "a > 1"}), "hide"),
        (ask("textfield", conditional={"show": "=a"}), "attribute"),
        (ask("textfield", onclick="alert(1)"), "attribute"),
        (ask("textfield", validate=[]), "object"),
        (ask("textfield", layout={"columns": 40}), "whole"),
        (ask("number", validate={"min": "=a"}), "number"),
        (ask("number", validate={"min": 5, "max": 1}), "range"),
        (ask("number", validate={"min": 0.2, "max": 0.8}, decimalDigits=0), "range"),
        (ask("number", serializeToString=True), "serialise"),
        (ask("number", defaultValue="many"), "default"),
        (ask("select", values=[]), "options"),
        (ask("select", values=[{"label": "A"}]), "option"),
        (ask("select", values=[{"label": "A", "value": "a"}] * 2), "option-repeated"),
        (ask("select", valuesKey="units"), "attribute"),
        (ask("select", valuesExpression="=units"), "attribute"),
        (ask("radio", defaultValue="z"), "default"),
        (ask("datetime", subtype="week"), "subtype"),
        ({"type": "text", "text": ""}, "text-empty"),
        ({"type": "group", "path": "person", "components": []}, "attribute"),
    ],
)
def test_what_is_not_supported_is_refused(component: dict[str, Any], code: str) -> None:
    assert ("C_0", code) in find(write(component))


BROKEN = """{
  "components": [
    {"type": "textfield", "id": "a", "key": "a", "label": "A {", "properties": {"label_fa": "آ"}},
    {
      "type": "group", "id": "g", "label": "G \\" }",
      "components": [
        {"key": "b"},
        {"type": "select", "id": "c", "key": "c", "label": "C", "values": [
          {"label": "One", "value": "1"},
          {"label": "Two"}
        ]}
      ]
    },
    {"type": "number", "id": "d", "key": "d", "label": "D",
     "validate": {"max": "=x"}, "defaultValue": "many"}
  ],
  "id": "other"
}"""


def test_each_finding_has_its_line_and_a_remedy_in_both_languages() -> None:
    with pytest.raises(FormRefused) as refused:
        load(BROKEN, "sample")
    found = refused.value.findings
    assert {(one.line, one.element, one.code) for one in found} == {
        (1, "", "form-id"), (7, "g", "id"), (7, "#2", "component"), (10, "c", "option"),
        (15, "d", "number"), (14, "d", "default"),
    }  # fmt: skip
    for one in found:
        assert set(one.message) == set(one.remedy) == {"en", "fa"}
        assert all(one.message.values())
        assert all(one.remedy.values())
    (default,) = [one for one in found if one.code == "default"]
    assert "Enter a number" in default.message["en"]
    assert "یک عدد بنویسید" in default.message["fa"]


def test_json_that_cannot_be_read_is_told_with_its_line() -> None:
    with pytest.raises(FormRefused) as refused:
        load('{\n "components": [\n  oops\n ]\n}', "sample")
    assert [(one.code, one.line) for one in refused.value.findings] == [("json", 3)]


@pytest.mark.parametrize(
    "source",
    [b"", b"[]", b"\xff\xfe", b"{", b'{"components": [NaN]}', b"[" * 100_000, b" " * 600_000,
     b'{"a": ' + b"9" * 6000 + b"}"],
)  # fmt: skip
def test_what_is_no_json_object_is_refused(source: bytes) -> None:
    assert {code for _, code in find(source)} <= {"json", "json-object", "size"}


def test_keys_and_ids_are_used_once() -> None:
    twice = write(ask("textfield", "a", id="one"), ask("textfield", "a", id="one"))
    assert find(twice) == {("one", "id-repeated"), ("one", "key-repeated")}


def test_an_id_is_the_name_of_the_file() -> None:
    assert ("", "form-id") in find(write(ask("textfield"), id="other"))


@pytest.mark.parametrize("version", [4, 17, "18", True])
def test_forms_of_older_editors_are_refused(version: object) -> None:
    assert find(write(ask("textfield"), schemaVersion=version)) == {("", "schema-version")}
    assert make(ask("textfield"), schemaVersion=18).fields


def test_what_the_caller_says_of_a_condition_is_a_finding_where_it_is_written() -> None:
    group = {
        "type": "group", "id": "g", "label": "G", "conditional": {"hide": "=odd"},
        "components": [ask("textfield", id="f", label="F", conditional={"hide": "=fair"})],
    }  # fmt: skip

    def judge(text: str) -> list[tuple[str, dict[str, object]]]:
        return [("condition-function", {"text": text, "name": "odd"})] if text == "odd" else []

    with pytest.raises(FormRefused) as refused:
        load(write(group), "sample", judge)
    assert [(one.element, one.code) for one in refused.value.findings] == [
        ("g", "condition-function")
    ]


def test_all_findings_are_told_at_once() -> None:
    assert len(find(write(ask("textfield", "a b"), ask("html"), ask("select", values=[])))) == 3


def test_groups_nest_two_deep() -> None:
    deep: dict[str, Any] = ask("textfield", id="leaf", label="Leaf")
    for depth in range(3):
        deep = {"type": "group", "id": f"g{depth}", "label": "G", "components": [deep]}
    assert find(json.dumps({"components": [deep]})) == {("g0", "depth")}


def test_a_missing_persian_text_is_a_warning() -> None:
    form = make(ask("textfield", properties={}))
    assert [(warning.element, warning.code) for warning in form.warnings] == [("C_0", "language")]


def test_a_groups_condition_holds_for_its_fields() -> None:
    group = {
        "type": "group", "id": "g", "label": "G", "conditional": {"hide": "=no"},
        "components": [ask("textfield", id="f", label="F", conditional={"hide": "=never"})],
    }  # fmt: skip
    form = make(group)
    assert form.fields[0].hide == ("no", "never")


def test_pages_are_top_level_groups_and_what_stands_between() -> None:
    def group(n: int) -> dict[str, Any]:
        inside = ask("textfield", f"g{n}", id=f"f{n}", label="F")
        return {"type": "group", "id": f"Group_{n}", "label": f"G{n}", "components": [inside]}

    form = make(ask("textfield", "a"), ask("textfield", "b"), group(1), group(2), ask("number"))
    told = [(page.key, [field.key for field in page.fields]) for page in form.pages]
    assert told == [("C_0", ["a", "b"]), ("Group_1", ["g1"]), ("Group_2", ["g2"]), ("C_4", ["x"])]


def test_the_editors_date_label_is_the_label() -> None:
    picker = {"type": "datetime", "id": "d", "key": "d", "subtype": "date", "dateLabel": "Since",
              "properties": {"label_fa": "از"}}  # fmt: skip
    form = load(json.dumps({"components": [picker]}), "sample")
    assert form.fields[0].labels == {"en": "Since", "fa": "از"}
    assert form.warnings == ()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4)
    ),
    max_leaves=12,
)
NAMES = st.sampled_from(
    ["type", "id", "key", "label", "validate", "values", "components", "properties", "conditional",
     "defaultValue", "layout", "readonly", "subtype", "description", "text", "decimalDigits"]
)  # fmt: skip
TYPES = st.sampled_from([component["type"] for component in EVERY_TYPE] + ["group", "html"])


@st.composite
def hostile_components(draw: st.DrawFn) -> dict[str, Any]:
    """A component near to a sound one, with any JSON in some places."""
    sound = {"id": draw(st.text("abc", min_size=1, max_size=2)), "type": draw(TYPES),
             "key": draw(st.text("xyz", min_size=1, max_size=2)), "label": "L"}  # fmt: skip
    return {**sound, **draw(st.dictionaries(NAMES, JSON, max_size=3))}


@settings(max_examples=300, deadline=None)
@given(st.lists(hostile_components() | JSON, min_size=1, max_size=4), JSON)
def test_any_file_is_read_or_refused(components: list[Any], data: Any) -> None:
    source = json.dumps({"components": components})
    try:
        form = load(source, "sample")
    except FormRefused:
        return
    assert isinstance(form, Form)
    clean, errors = validate(form, data, "fa")
    assert not clean.keys() & errors.keys()
    render(form, data if isinstance(data, dict) else {}, errors, "fa").encode()
