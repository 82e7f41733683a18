"""What is written by plan is what zeep writes, to the byte; what has no plan is left to zeep."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from connectors import soap_client, soap_plans, soap_values, soap_wire
from connectors.errors import BadInput
from connectors.soap_client import Service
from tests.connectors.soap_calls import FULL, LEAST
from tests.connectors.test_soap_shapes import DOCUMENT, RPC, RPC_TYPES, SHAPES, call_of, wsdl
from tests.connectors.wsdls import bundle

PARTNERS = soap_client.load(bundle())
TREE = (
    '<xs:complexType name="Node"><xs:all><xs:element name="on" type="xs:date" nillable="true"/>'
    '<xs:element name="next" type="t:Node" minOccurs="0" form="unqualified"/></xs:all>'
    '<xs:attribute name="kind" type="xs:string" use="required"/>'
    '<xs:attribute name="size" type="xs:int"/></xs:complexType>'
    '<xs:element name="In"><xs:complexType><xs:sequence>'
    '<xs:element name="node" type="t:Node" minOccurs="0" maxOccurs="2"/>'
    '<xs:element name="code" type="xs:int" nillable="true" maxOccurs="unbounded"/>'
    '<xs:element name="deaf" type="xs:boolean" nillable="true"/>'
    "</xs:sequence></xs:complexType></xs:element>"
    '<xs:element name="Out" type="xs:string"/>'
)
TREES = wsdl(TREE, DOCUMENT)
NODES: st.SearchStrategy[dict[str, Any]] = st.deferred(
    lambda: st.fixed_dictionaries(
        {},
        optional={
            "on": st.sampled_from([None, "2026-03-21", "2026-03-21T10:00:00Z"]),
            "kind": st.sampled_from([None, "الف", "<&\"'>", ""]),
            "size": st.integers(-3, 3),
            "next": st.none() | NODES,
        },
    )
)
CALLS = st.fixed_dictionaries(
    {},
    optional={
        "node": NODES | st.lists(NODES, max_size=3),
        "code": st.none() | st.integers(0, 9) | st.lists(st.none() | st.integers(0, 9), max_size=3),
        "deaf": st.none() | st.booleans(),
    },
)


def both(service: Service, values: Mapping[str, Any], operation: str = "Do") -> tuple[Any, Any]:
    """The plan's envelope, if it has one, and what zeep writes or why it does not."""
    call = service.calls[operation][0]
    made = soap_values.arguments(call, service, values)
    planned = soap_plans.envelope(call, service, made)
    try:
        wanted: Any = etree.tostring(soap_wire._by_zeep(call, made, {}))
    except BadInput as error:
        wanted = error
    return etree.tostring(planned) if planned is not None else None, wanted


@pytest.mark.parametrize("values", [LEAST, FULL, {**FULL, "complainant": {"name": "x"}}])
def test_a_call_is_written_by_plan_as_zeep_writes_it(values: Mapping[str, Any]) -> None:
    given = {"clientRequestId": "r-1", **values}
    planned, wanted = both(PARTNERS, given, "RegisterComplaint")
    assert planned == wanted
    assert isinstance(planned, bytes)


@settings(max_examples=300, deadline=None)
@given(CALLS)
def test_whatever_the_values_the_plan_writes_what_zeep_writes_or_nothing(
    values: Mapping[str, Any],
) -> None:
    planned, wanted = both(TREES, values)
    assert planned in (wanted, None)
    if isinstance(wanted, BadInput):
        assert planned is None


def test_nil_attributes_and_types_within_themselves_have_a_plan() -> None:
    inner = {"on": "2026-03-21", "kind": "b", "next": {"kind": "c", "size": 1}}
    planned, wanted = both(
        TREES, {"code": [1, None], "node": [{"on": None, "kind": "a"}, inner], "deaf": None}
    )
    assert planned == wanted
    assert planned is not None and planned.count(b"nil=") == 4


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"code": 1, "node": [{"kind": "a"}] * 3}, "at most 2"),
        ({"code": [], "deaf": True}, "at least 1"),
        ({"code": 1, "node": {"size": 1}}, "required"),
    ],
)
def test_what_does_not_fit_is_refused_in_the_words_of_zeep(values: Any, why: str) -> None:
    with pytest.raises(BadInput) as caught:
        soap_wire.envelope(call_of(TREES), TREES, values, {})
    assert why in caught.value.detail


def test_odd_shapes_have_no_plan() -> None:
    assert both(wsdl(SHAPES, DOCUMENT), {"_value_1": [{"word": "x"}]})[0] is None
    rpc = wsdl(RPC_TYPES, RPC, style="rpc", use="encoded")
    assert both(rpc, {"name": "x", "who": {"name": "y", "age": 1}, "list": []})[0] is None
