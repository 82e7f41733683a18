"""The element templates that the modeler reads, made from the kinds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from connectors import registry, soap_client, soap_fields
from connectors.contract import Connector
from connectors.element_templates import element_template, element_templates
from connectors.reference import describe
from connectors.soap_templates import operation_templates
from tests.connectors.wsdls import bundle
from tests.support.kinds import Parrot

BINDINGS = {"zeebe:taskDefinition", "zeebe:taskHeader", "zeebe:input", "zeebe:output"}


@pytest.mark.parametrize("language", ["en", "fa"])
@pytest.mark.parametrize("kind", registry.kinds().values(), ids=lambda one: one.kind)
def test_every_kind_gives_a_whole_template(kind: Connector, language: str) -> None:
    made = element_template(kind, language)
    assert made["id"] == f"peygir.{kind.kind}"
    assert made["name"] == kind.names[language]
    groups = {group["id"] for group in made["groups"]}
    for one in made["properties"]:
        assert one["binding"]["type"] in BINDINGS
        assert one["type"] == "Hidden" or one["label"]
        assert one.get("group", "way") in groups
        # Of the two the form of templates allows only one.
        assert not (one.get("optional") and one.get("constraints"))
    ids = [one["id"] for one in made["properties"] if "id" in one]
    assert len(ids) == len(set(ids))
    assert f"`{kind.kind}`" in describe(kind, language)


def test_a_template_binds_type_channel_inputs_and_results() -> None:
    [made] = element_templates([Parrot()], "en")
    kind, channel, text, tone, data, echo = made["properties"]
    assert (kind["type"], kind["value"]) == ("Hidden", "parrot")
    assert kind["binding"] == {"type": "zeebe:taskDefinition", "property": "type"}
    assert channel["binding"] == {"type": "zeebe:taskHeader", "key": "channel"}
    assert text["constraints"] == {"notEmpty": True}
    assert (text["type"], text["feel"]) == ("Text", "required")
    assert (tone["type"], tone["value"]) == ("Dropdown", '="soft"')
    assert tone["choices"] == [{"name": "Soft", "value": '="soft"'}]
    assert (data["feel"], data["optional"]) == ("required", True)
    assert echo["binding"] == {"type": "zeebe:output", "source": "=echo"}
    assert "deaf (It heard nothing)" in made["description"]


@pytest.mark.parametrize("kind", registry.kinds().values(), ids=lambda one: one.kind)
def test_what_the_modeler_writes_by_itself_is_feel_as_a_deployment_demands(kind: Connector) -> None:
    for one in element_template(kind, "en")["properties"]:
        if one["binding"]["type"] != "zeebe:input":
            continue
        values = [one.get("value"), *(choice["value"] for choice in one.get("choices", ()))]
        assert all(value.startswith("=") for value in values if value)
        assert one["type"] == "Dropdown" or one["feel"] == "required"


SCHEMA = Path(__file__).parents[1] / "support" / "element-template.schema.json"
"""Camunda's own, of the package @camunda/zeebe-element-templates-json-schema 0.46.0 (MIT licence,
copyright 2020 Camunda Services GmbH), without its line breaks."""


@pytest.fixture(scope="module")
def schema() -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(json.loads(SCHEMA.read_text("utf-8")))


@pytest.mark.parametrize("language", ["en", "fa"])
def test_the_templates_are_such_as_the_modeler_s_own_schema_demands(
    schema: jsonschema_rs.Validator, language: str
) -> None:
    made = [*element_templates(registry.kinds().values(), language), *of_a_wsdl(language)]
    told = [(e.message, list(e.instance_path)) for e in schema.iter_errors(made)]
    assert told == []
    assert len(made) > len(registry.kinds())


def of_a_wsdl(language: str) -> list[dict[str, Any]]:
    """The templates of a WSDL's operations."""
    operations = soap_fields.operations(soap_client.load(bundle()))
    return operation_templates("care", {"en": "Care"}, operations, "clientRequestId", language)


@pytest.mark.parametrize(
    "wrong",
    [
        {"appliesTo": ["nothing"]},
        {"properties": [{"type": "String", "binding": {"type": "zeebe:nothing"}}]},
        {"name": None},
    ],
)
def test_the_schema_refuses_what_is_wrong(
    schema: jsonschema_rs.Validator, wrong: dict[str, Any]
) -> None:
    assert not schema.is_valid({**element_template(Parrot(), "en"), **wrong})
