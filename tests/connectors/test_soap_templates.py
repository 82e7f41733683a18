"""One element template for each operation, whose inputs make up a call that the WSDL allows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectors import soap_client, soap_fields
from connectors.soap_operations import Operation
from connectors.soap_templates import operation_templates
from tests.connectors.wsdls import bundle

NAMES = {"en": "Registry", "fa": "ثبت"}


@pytest.fixture(scope="module")
def operations() -> tuple[Operation, ...]:
    return soap_fields.operations(soap_client.load(bundle()))


def made(operations: tuple[Operation, ...], language: str = "en") -> list[dict[str, Any]]:
    return operation_templates("registry", NAMES, operations, "clientRequestId", language)


@pytest.mark.parametrize("language", ["en", "fa"])
def test_every_operation_gives_a_whole_template(
    operations: tuple[Operation, ...], language: str
) -> None:
    found = made(operations, language)
    assert [one["name"] for one in found] == [
        f"{NAMES[language]}: {name}" for name in ("RegisterComplaint", "FindComplaint", "Echo")
    ]
    assert len({one["id"] for one in found}) == 3
    for template in found:
        groups = {group["id"] for group in template["groups"]}
        for one in template["properties"]:
            assert one["type"] == "Hidden" or (one["label"] and one["group"] in groups)
            assert not (one.get("optional") and one.get("constraints"))


def test_fields_are_inputs_that_make_up_the_values(operations: tuple[Operation, ...]) -> None:
    register = made(operations)[0]
    hidden = [one["value"] for one in register["properties"] if one["type"] == "Hidden"]
    assert hidden == ["soap", "registry", '="RegisterComplaint"']
    by_id = {one["id"]: one for one in register["properties"] if "id" in one}
    subject = by_id["input.values.subject"]
    assert subject["binding"] == {"type": "zeebe:input", "name": "values.subject"}
    assert subject["constraints"] == {"notEmpty": True}
    kind = by_id["input.values.kind"]
    assert [one["value"] for one in kind["choices"]] == ['="billing"', '="service"', '="product"']
    reference = by_id["input.values.clientRequestId"]
    assert (reference["optional"], "our reference" in reference["description"]) == (True, True)
    person = by_id["input.values.complainant"]
    assert person["feel"] == "required"
    assert "name, birthDate, phone, id" in person["description"]
    assert by_id["input.values.tag"]["description"] == "A list."
    assert by_id["result.answer.complaint"]["binding"]["source"] == "=answer.complaint"


def test_what_cannot_be_a_target_is_given_as_one_context(operations: tuple[Operation, ...]) -> None:
    field = replace(operations[0].inputs[0], name="شماره")
    [odd] = made((replace(operations[0], name="ثبت شکایت", inputs=(field,)),))
    names = [one["binding"]["name"] for one in odd["properties"] if "name" in one["binding"]]
    assert names == ["operation", "values"]
    assert odd["id"].isascii()
