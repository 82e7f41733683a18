"""Hostile WSDLs: a clear error with file and line, nothing read, nothing reached, and bounded."""

from __future__ import annotations

import socket
import time
import zipfile
from io import BytesIO
from typing import Any

import pytest

from connectors import soap_check, soap_client, wsdl
from connectors.soap_check import Allowance
from connectors.wsdl import Bundle, read_bundle
from connectors.wsdl_words import BadWsdl
from tests.connectors.wsdls import TEXT, bundle, with_import, with_in_schema, zipped
from tests.support.patience import patient

LAUGHS = "<!DOCTYPE x [<!ENTITY a0 'ha'>" + "".join(
    f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12)
) + "]>"  # fmt: skip
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_TWO = '<xs:group name="g{n}"><xs:sequence>{twice}</xs:sequence></xs:group>'
_LAST = (
    '<xs:group name="g40"><xs:choice><xs:element name="z" type="xs:int"/></xs:choice></xs:group>'
)
GROUPS = _LAST + "".join(
    _TWO.format(n=n, twice=f'<xs:group ref="c:g{n + 1}"/>' * 2) for n in range(40)
)


@pytest.fixture(autouse=True)
def _nothing_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("somebody opened a connection")

    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def refusal(data: bytes, name: str = "c.wsdl") -> BadWsdl:
    with pytest.raises(BadWsdl) as caught:
        soap_client.load(read_bundle(name, data))
    for language in ("en", "fa"):
        assert "{" not in caught.value.text(language)
    return caught.value


def schema_import(location: str, namespace: str = "urn:elsewhere") -> bytes:
    line = f'\n<xs:import namespace="{namespace}" schemaLocation="{location}"/>'
    return with_in_schema(line)


@pytest.mark.parametrize(
    ("location", "rule"),
    [
        ("http://127.0.0.1:9/evil.xsd", "outside"),
        ("https://169.254.169.254/latest/meta-data", "outside"),
        ("//10.0.0.1/x.xsd", "outside"),
        ("ftp://10.0.0.1/x.xsd", "outside"),
        ("file:///etc/passwd", "local"),
        ("FILE:///etc/passwd", "local"),
        ("file:/etc/passwd", "local"),
        ("/etc/passwd", "local"),
        ("C:\\secret.xsd", "local"),
        ("../../../../etc/passwd", "missing"),
        ("%2e%2e/%2e%2e/etc/passwd", "missing"),
        ("more.xsd", "missing"),
        ("jar:file:///x.zip!/a.xsd", "missing"),
        ("http://[::bad", "outside"),
    ],
)
def test_nothing_from_elsewhere_is_imported(location: str, rule: str) -> None:
    at = TEXT[: TEXT.index("<xs:simpleType")].count("\n") + 1
    found = refusal(schema_import(location))
    assert (found.rule, found.file, found.line) == (rule, "c.wsdl", at)
    assert location in found.text("en")
    assert location in found.text("fa")
    line = f'<xs:include schemaLocation="{location}"/>'
    assert refusal(with_in_schema(line)).rule == rule
    line = f'<wsdl:import namespace="urn:x" location="{location}"/>'
    assert refusal(with_import(line)).rule == rule


def test_an_import_within_an_import_names_its_own_file() -> None:
    more = (
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:elsewhere">\n'
        '\n<xs:import namespace="urn:third" schemaLocation="file:///etc/shadow"/></xs:schema>'
    )
    found = refusal(zipped({"c.wsdl": schema_import("d/more.xsd"), "d/more.xsd": more}), "c.zip")
    assert (found.rule, found.file, found.line) == ("local", "d/more.xsd", 3)
    assert found.text("en").startswith("d/more.xsd, line 3: ")
    assert found.text("fa").startswith("\u2068d/more.xsd\u2069، سطر ۳: ")


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (HEAD + LAUGHS + "<x>&a11;</x>", "dtd"),
        (HEAD + "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>", "dtd"),
        (HEAD + "<!DOCTYPE x SYSTEM 'http://10.0.0.1/x.dtd'><x/>", "dtd"),
        (HEAD + "<!DOCTYPE x [<!ENTITY % p SYSTEM 'http://10.0.0.1/p'> %p;]><x/>", "dtd"),
        (HEAD + LAUGHS + TEXT.partition("?>")[2].replace("Complaints", "&a11;", 1), "dtd"),
        ("<x>" * 90_000 + "</x>" * 90_000, "malformed"),
        ("<a>" * 120 + "</a>" * 120, "deep"),
        ("<a>" + "<b/>" * 1_000_000 + "</a>", "many"),
        ("<a " + " ".join(f'a{n}=""' for n in range(900_000)) + "/>", "many"),
        ("<!DOCTYPE html><html><body>Login</body></html>", "html"),
        ("<html xmlns='http://www.w3.org/1999/xhtml'/>", "html"),
        ("<html><body><p>not closed</html>", "html"),
        ("<description xmlns='http://www.w3.org/ns/wsdl'/>", "wsdl-2"),
        ("<feed/>", "no-wsdl"),
        ("nothing at all", "malformed"),
        ("<?xml version='1.0' encoding='no-such'?><x/>", "malformed"),
        ("  ", "empty"),
    ],
)
def test_what_is_no_decent_wsdl_is_refused_at_once(text: str, rule: str) -> None:
    begun = time.process_time()
    assert refusal(text.encode()).rule == rule
    assert refusal(zipped({"c.wsdl": text or " "}), "c.zip").rule in (rule, "malformed", "no-wsdl")
    assert time.process_time() - begun < 10


def test_a_dtd_in_utf_16_is_seen() -> None:
    text = "<?xml version='1.0' encoding='utf-16'?>" + LAUGHS + "<x>&a11;</x>"
    assert refusal(text.encode("utf-16")).rule == "dtd"


def test_sizes_are_bounded_before_anything_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refusal(b"<a>" + b" " * wsdl.UPLOAD + b"</a>").rule == "large"
    assert refusal(zipped({"c.wsdl": b" " * (wsdl.FILE + 1)}), "c.zip").rule == "large"
    lies = zipped({"c.wsdl": b" " * (wsdl.FILE + 1)})
    # The directory at the end says that the file is small.
    at = lies.rindex(b"PK\x01\x02")
    lies = lies[: at + 24] + (10).to_bytes(4, "little") + lies[at + 28 :]
    assert refusal(lies, "c.zip").rule in ("large", "zip")
    monkeypatch.setattr(wsdl, "FILES", 3)
    assert refusal(zipped({f"{n}.xsd": "<a/>" for n in range(4)}), "c.zip").rule == "many-files"


@pytest.mark.parametrize(
    "name", ["../c.wsdl", "/c.wsdl", "a/../../c.wsdl", "..\\c.wsdl", "C:/c.wsdl"]
)
def test_names_do_not_lead_out_of_the_zip(name: str) -> None:
    assert refusal(zipped({name: TEXT}), "c.zip").rule == "name"


def test_odd_zips_are_told() -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("c.wsdl", TEXT)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("c.wsdl", TEXT)
    assert refusal(out.getvalue(), "c.zip").rule == "name"
    broken = zipped({"c.wsdl": TEXT})
    assert refusal(broken[:200] + b"\0" * 50 + broken[250:], "c.zip").rule == "zip"
    assert refusal(broken[:-10], "c.zip").rule == "zip"
    other = TEXT.replace('<wsdl:definitions name="Complaints"', '<wsdl:definitions name="Other"')
    found = refusal(zipped({"a.wsdl": TEXT, "b.wsdl": other}), "c.zip")
    assert (found.rule, found.details["names"]) == ("several", "a.wsdl, b.wsdl")


def test_a_wsdl_without_soap_and_one_that_redefines_are_told() -> None:
    http = TEXT.replace("http://schemas.xmlsoap.org/soap/http", "http://example.org/smtp")
    assert refusal(http.encode()).rule == "no-operation"
    found = refusal(with_in_schema('<xs:redefine schemaLocation="x.xsd"/>'))
    assert (found.rule, found.details["name"]) == ("redefine", "redefine")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('element="c:RegisterComplaint"', 'element="c:Nothing"'),
        ('element="c:RegisterComplaint"', 'element="q:RegisterComplaint"'),
        ('element="c:RegisterComplaint"', 'type="c:Nothing"'),
        ('type="c:Kind"', 'type="c:NoKind"'),
        ('type="c:Kind"', 'type="unknown:Kind"'),
        ('maxOccurs="unbounded"', 'maxOccurs="many"'),
        ('binding="c:Complaints11"', 'binding="c:Nothing"'),
        ('type="c:Complaints"', 'type="c:Nothing"'),
        ('message="c:RegisterComplaintRequest"', 'message="c:Nothing"'),
        ('message="c:RegisterComplaintRequest"', ""),
        ('name="parameters"', ""),
        ('name="RegisterComplaint"', ""),
        ("xs:complexType", "xs:complexTyp"),
        ("xs:sequence", "xs:all"),
        ("wsdl:portType", "wsdl:portTyp"),
        ("wsdl:input", "wsdl:output"),
        ('<xs:restriction base="xs:string">', "<xs:restriction>"),
        ('targetNamespace="urn:peygir:example:complaints"', ""),
        ('transport="http://schemas.xmlsoap.org/soap/http"', ""),
        ("soap:body", "soap:head"),
    ],
)
def test_a_broken_wsdl_is_either_read_or_refused_with_one_clear_error(old: str, new: str) -> None:
    broken = TEXT.replace(old, new).encode()
    assert broken != TEXT.encode()
    told = ""
    try:
        soap_client.load(read_bundle("c.wsdl", broken))
    except BadWsdl as error:
        told = error.text("en")
    assert not told or told.startswith("c.wsdl: ")


@pytest.mark.slow
@pytest.mark.parametrize(
    "schema",
    [
        '<xs:group name="q"><xs:sequence><xs:group ref="c:q"/></xs:sequence></xs:group>'
        '<xs:complexType name="T"><xs:group ref="c:q"/></xs:complexType>',
        "".join(
            f'<xs:complexType name="C{n}"><xs:complexContent><xs:extension base="c:C{n + 1}"/>'
            "</xs:complexContent></xs:complexType>"
            for n in range(3000)
        )
        + '<xs:complexType name="C3000"/>',
    ],
)
def test_types_without_end_are_told(schema: str) -> None:
    name = b"c:T" if '"T"' in schema else b"c:C0"
    data = with_in_schema(schema)
    with pytest.raises(BadWsdl) as caught:
        soap_check.approve(read_bundle("c.wsdl", data))
    assert caught.value.rule in ("endless", "unusable")
    with pytest.raises(BadWsdl) as caught:
        soap_check.approve(read_bundle("c.wsdl", data.replace(b"c:Person", name)))
    assert caught.value.rule in ("endless", "unusable")


@pytest.mark.slow
def test_a_wsdl_of_unknown_origin_cannot_take_the_time_or_memory_of_the_application() -> None:
    text = with_in_schema(GROUPS).replace(
        b'<xs:element name="clientRequestId"', b'<xs:group ref="c:g0"/>\n<xs:element name="x"', 1
    )
    begun = time.monotonic()
    for allowance in (Allowance(seconds=1), Allowance(seconds=30, megabytes=70), Allowance(30, 30)):
        with pytest.raises(BadWsdl) as caught:
            soap_check.approve(read_bundle("c.wsdl", text), allowance)
        assert caught.value.rule == "too-much"
    assert time.monotonic() - begun < patient(30)


@pytest.mark.slow
def test_an_honest_wsdl_passes_the_check_and_a_bad_one_keeps_its_words() -> None:
    found = soap_check.approve(bundle())
    assert [one["name"] for one in found] == ["RegisterComplaint", "FindComplaint", "Echo"]
    bad = Bundle("c.wsdl", {"c.wsdl": schema_import("file:///etc/passwd")})
    with pytest.raises(BadWsdl) as caught:
        soap_check.approve(bad)
    assert (caught.value.rule, caught.value.file) == ("local", "c.wsdl")
    assert "file:///etc/passwd" in caught.value.text("fa")
