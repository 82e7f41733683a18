"""A WSDL comes in as one file or a zip file, is kept as bytes, and tells its operations."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from lxml import etree

from connectors import soap_client, soap_fields, soap_operations, standards
from connectors.soap_operations import Field, Operation
from connectors.wsdl import Bundle, pack, read_bundle, unpack
from connectors.wsdl_imports import SHIPPED, settle
from connectors.wsdl_words import BadWsdl
from tests.connectors.wsdls import TEXT, bundle, with_in_schema, zipped

SPLIT = TEXT.replace(
    "<wsdl:types>",
    '<wsdl:types><xs:schema><xs:import namespace="urn:more" schemaLocation="types/more.xsd"/>'
    "</xs:schema>",
)
MORE = (
    '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:more">'
    '<xs:include schemaLocation="../types/inner.xsd"/></xs:schema>'
)
INNER = (
    '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:more">'
    '<xs:element name="x" type="xs:int"/></xs:schema>'
)


def operations(data: bytes, name: str = "complaints.wsdl") -> dict[str, Operation]:
    service = soap_client.load(read_bundle(name, data))
    return {one.name: one for one in soap_fields.operations(service)}


def field(fields: tuple[Field, ...], path: str) -> Field:
    name, _, rest = path.partition(".")
    found = next(one for one in fields if one.name == name)
    return field(found.fields, rest) if rest else found


def test_the_operations_are_told_with_their_fields() -> None:
    found = operations(TEXT.encode())
    assert list(found) == ["RegisterComplaint", "FindComplaint", "Echo"]
    register = found["RegisterComplaint"]
    assert (register.version, register.style, register.one_way) == ("1.1", "document", False)
    assert register.ports == ("Complaints11", "Complaints12")
    assert register.faults == ("ComplaintRefused",)
    assert register.address == "http://127.0.0.1/complaints"
    kind = field(register.inputs, "kind")
    assert (kind.kind, kind.required) == ("text", True)
    assert kind.choices == ("billing", "service", "product")
    assert field(register.inputs, "amount").kind == "number"
    assert not field(register.inputs, "amount").required
    assert field(register.inputs, "tag").many
    birth = field(register.inputs, "complainant.birthDate")
    assert (birth.kind, birth.nillable) == ("date", True)
    assert field(register.inputs, "complainant.id").attribute
    assert field(register.outputs, "complaint.registeredAt").kind == "date-time"


def test_operations_survive_as_json() -> None:
    found = soap_fields.operations(soap_client.load(bundle()))
    assert soap_operations.from_json(soap_operations.as_json(found)) == found


def test_only_one_of_a_choice_is_needed_and_what_repeats_itself_is_cut() -> None:
    found = operations(
        with_in_schema(
            '<xs:complexType name="Tree"><xs:sequence><xs:choice>'
            '<xs:element name="leaf" type="xs:string"/><xs:element name="branch" type="c:Tree"/>'
            "</xs:choice></xs:sequence></xs:complexType>"
        ).replace(b'name="complainant" type="c:Person"', b'name="complainant" type="c:Tree"')
    )
    leaf = field(found["RegisterComplaint"].inputs, "complainant.leaf")
    branch = field(found["RegisterComplaint"].inputs, "complainant.branch")
    assert not leaf.required
    assert not branch.required
    assert branch.cut
    assert not branch.fields


def test_a_zip_file_brings_the_imports_along() -> None:
    files = {"svc/c.wsdl": SPLIT, "svc/types/more.xsd": MORE, "svc/types/inner.xsd": INNER}
    found = read_bundle("all.zip", zipped({**files, "README.txt": "x", "__MACOSX/._c.wsdl": "x"}))
    assert found.main == "svc/c.wsdl"
    assert set(found.files) == set(files)
    assert soap_client.load(found).calls["Echo"]


def test_a_wsdl_in_two_parts_and_a_schema_without_a_namespace() -> None:
    head, binding = TEXT[: TEXT.index("  <wsdl:types>")], TEXT.index('  <wsdl:binding name="Comp')
    abstract = TEXT[:binding] + "</wsdl:definitions>"
    import_ = '<wsdl:import namespace="urn:peygir:example:complaints" location="a/abstract.wsdl"/>'
    kind = TEXT[TEXT.index('<xs:simpleType name="Kind"') : TEXT.index('<xs:complexType name="Per')]
    chameleon = f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{kind}</xs:schema>'
    abstract = abstract.replace(kind, '<xs:include schemaLocation="../kind.xsd"/>')
    files: dict[str, bytes | str] = {
        "main.wsdl": head + import_ + TEXT[binding:], "a/abstract.wsdl": abstract,
        "kind.xsd": chameleon,
    }  # fmt: skip
    found = operations(zipped(files), "all.zip")
    assert list(found) == ["RegisterComplaint", "FindComplaint", "Echo"]
    kinds = field(found["RegisterComplaint"].inputs, "kind").choices
    assert kinds == ("billing", "service", "product")


def test_imports_by_their_web_address_are_found_among_the_files() -> None:
    split = SPLIT.replace("types/more.xsd", "http://partner.example/ws/types/more.xsd")
    more = MORE.replace("../types/inner.xsd", "http://partner.example/deep/inner.xsd")
    found = read_bundle("z.zip", zipped({"c.wsdl": split, "more.xsd": more, "inner.xsd": INNER}))
    assert soap_client.load(found).calls["Echo"]


def test_a_bundle_is_kept_as_the_same_bytes() -> None:
    files: dict[str, bytes | str] = {
        "c.wsdl": SPLIT,
        "types/more.xsd": MORE,
        "types/inner.xsd": INNER,
    }
    one = read_bundle("z.zip", zipped(files))
    other = read_bundle("z.zip", zipped(dict(reversed(files.items()))))
    assert pack(one) == pack(other)
    assert unpack(pack(one)) == one
    assert one.digest == other.digest == unpack(pack(one)).digest
    assert one.digest != bundle().digest
    fetched = Bundle("a?wsdl", {"a?wsdl": TEXT.encode()}, "partner.example")
    assert unpack(pack(fetched)) == fetched


@pytest.mark.parametrize("namespace", sorted(standards.FILES))
def test_every_standard_comes_along(namespace: str) -> None:
    root = etree.fromstring(standards.schema(standards.FILES[namespace]))
    assert root.get("targetNamespace") == namespace
    for location in ("", ' schemaLocation="http://elsewhere.example/x.xsd"'):
        line = f'<xs:import namespace="{namespace}"{location}/>'
        found = read_bundle("c.wsdl", with_in_schema(line))
        assert SHIPPED + standards.FILES[namespace] in settle(found)
        assert soap_client.load(found).calls["Echo"]


def test_types_of_standards_are_used() -> None:
    mime = "http://www.w3.org/2005/05/xmlmime"
    found = operations(
        with_in_schema(f'<xs:import namespace="{mime}"/>').replace(
            b'name="attachment" type="xs:base64Binary"',
            f'name="attachment" type="m:base64Binary" xmlns:m="{mime}"'.encode(),
        )
    )
    attachment = field(found["RegisterComplaint"].inputs, "attachment")
    assert [one.name for one in attachment.fields] == ["_value_1", "contentType"]


def test_a_copy_of_a_standard_with_a_dtd_is_not_even_read() -> None:
    line = '<xs:import namespace="http://www.w3.org/2000/09/xmldsig#" schemaLocation="d.xsd"/>'
    bad = "<!DOCTYPE schema [<!ENTITY x 'y'>]><schema/>"
    found = read_bundle("z.zip", zipped({"c.wsdl": with_in_schema(line), "d.xsd": bad}))
    assert soap_client.load(found).calls["Echo"]


def test_one_bundle_is_worked_out_once_and_the_least_used_goes() -> None:
    ready = soap_client.Ready(most=len(TEXT) * 3 // 2)
    made: list[str] = []

    def get(digest: str) -> soap_client.Service:
        def make() -> soap_client.Service:
            made.append(digest)
            return soap_client.load(bundle())

        return ready.get(digest, make)

    assert get("first") is get("first")
    for digest in ("second", "second", "first"):
        get(digest)
    assert made == ["first", "second", "first"]


def test_threads_that_ask_at_once_wait_for_one_work() -> None:
    ready, made = soap_client.Ready(), list[int]()

    def make() -> soap_client.Service:
        made.append(1)
        return soap_client.load(bundle())

    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda _: ready.get("x", make), range(64)))
    assert len(made) == 1
    assert len({id(one) for one in found}) == 1


def test_what_cannot_be_unpacked_is_told() -> None:
    with pytest.raises(BadWsdl) as caught:
        unpack(b"PK\x03\x04 nothing")
    assert caught.value.rule == "zip"
