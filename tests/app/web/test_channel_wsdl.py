"""The WSDL of a channel: uploaded or fetched, judged, shown, and refused with nothing changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.models import Channel, WsdlBundle
from app.services.sending import channels
from connectors.contract import Document
from connectors.soap_partner import SoapPartner
from connectors.wsdl import unpack
from tests.app.web.conftest import read, said
from tests.connectors.wsdls import PARTNER, TEXT, with_in_schema, zipped
from tests.support.application import transaction_of

Login = Callable[..., FlaskClient]
FORM = {
    "base": "0", "kind": "soap", "key": "registry", "name_en": "Registry", "name_fa": "ثبت",
    "options.private_partners": "127.0.0.0/8", "options.auth": "none", "options.timeout": "5",
    "options.most_kb": "100", "options.addressing": "none", "options.server_faults": "again",
    "options.reference_field": "clientRequestId", "enabled": "on",
}  # fmt: skip
pytestmark = pytest.mark.slow


@pytest.fixture
def admin(login: Login) -> FlaskClient:
    made = login("admin")
    assert made.post("/channels/new", data=FORM).location == "/channels/registry"
    return made


@pytest.fixture
def partner() -> Iterator[SoapPartner]:
    with SoapPartner() as found:
        yield found


def give(admin: FlaskClient, data: bytes = b"", name: str = "c.wsdl", **form: Any) -> TestResponse:
    sent = {"base": "1", **form}
    if data:
        sent["wsdl"] = (BytesIO(data), name)
    return admin.post("/channels/registry/wsdl", data=sent)


def row(app: Flask) -> Channel:
    with transaction_of(app) as session:
        return session.scalars(select(Channel).where(Channel.key == "registry")).one()


def test_an_uploaded_wsdl_is_kept_and_its_operations_shown(app: Flask, admin: FlaskClient) -> None:
    assert "calls nobody" in said(admin.get("/channels/registry"))
    assert give(admin, PARTNER.read_bytes()).status_code == 303
    page = read(admin.get("/channels/registry"))
    assert page.xpath("//details/summary/bdi[1]/text()") == [
        "RegisterComplaint", "FindComplaint", "Echo",
    ]  # fmt: skip
    words = " ".join(page.xpath("//details[1]//text()"))
    for told in ("complainant", "birthDate", "may be null", "billing", "ComplaintRefused"):
        assert told in words
    made = row(app)
    assert made.revision == 2
    with app.app_context():
        found = channels.open_(channels.find("registry")).options["wsdl"]
    assert isinstance(found, Document)
    assert found.digest == made.options["wsdl"] == unpack(found.content).digest
    answer = admin.get("/channels/registry/wsdl")
    assert unpack(answer.data).digest == found.digest


def test_saving_the_form_keeps_the_wsdl(app: Flask, admin: FlaskClient) -> None:
    give(admin, PARTNER.read_bytes())
    page = read(admin.get("/channels/registry"))
    [digest] = page.xpath("//input[@name='options.wsdl']/@value")
    changed = {**FORM, "base": "2", "options.wsdl": digest, "options.timeout": "9"}
    assert admin.post("/channels/registry", data=changed).status_code == 303
    assert row(app).options["wsdl"] == digest
    assert row(app).options["timeout"] == 9


def test_a_fetched_wsdl_is_kept_with_its_address(
    app: Flask, admin: FlaskClient, partner: SoapPartner
) -> None:
    assert give(admin, wsdl_url=f"{partner.url}?wsdl&key=rosebud").status_code == 303
    page = admin.get("/channels/registry")
    assert partner.url in said(page)
    with transaction_of(app) as session:
        found = session.scalars(select(WsdlBundle)).one()
        assert found.source == partner.url


@pytest.mark.parametrize(
    ("data", "form", "told"),
    [
        (b"", {}, "Choose a file or write an address."),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", {}, "c.wsdl, line 1: It holds a document"),
        (with_in_schema('<xs:import namespace="u" schemaLocation="file:///etc/passwd"/>'), {},
         "“file:///etc/passwd”"),
        (zipped({"../c.wsdl": TEXT}), {}, "leads out of the zip"),
        (b"", {"wsdl_url": "http://169.254.169.254/x?wsdl"}, "could not be fetched"),
        (b"", {"wsdl_url": "file:///etc/passwd"}, "could not be fetched"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_told_and_nothing_changes(
    app: Flask, admin: FlaskClient, data: bytes, form: dict[str, str], told: str
) -> None:
    answer = give(admin, data, **form)
    assert answer.status_code == 422
    assert told in said(answer)
    assert row(app).revision == 1
    assert row(app).options["wsdl"] == ""
    with transaction_of(app) as session:
        assert session.scalar(select(func.count()).select_from(WsdlBundle)) == 0


def test_somebody_who_was_faster_is_not_overwritten(app: Flask, admin: FlaskClient) -> None:
    give(admin, PARTNER.read_bytes())
    other = TEXT.replace("complaints", "kompleints").encode()
    assert give(admin, other).status_code == 409
    assert row(app).revision == 2


def test_only_a_channel_that_calls_by_soap_takes_one(admin: FlaskClient) -> None:
    other = {"base": "0", "kind": "http", "key": "rest", "options.base_url": "https://x.example"}
    admin.post("/channels/new", data={**FORM, **other})
    answer = admin.post("/channels/rest/wsdl", data={"base": "1"})
    assert answer.status_code == 404


def test_the_modeler_is_offered_each_operation(admin: FlaskClient) -> None:
    assert len(admin.get("/element-templates/soap.json").get_json()) == 1
    give(admin, PARTNER.read_bytes())
    names = [one["name"] for one in admin.get("/element-templates/soap.json").get_json()]
    assert names == [
        "SOAP call", "Registry: RegisterComplaint", "Registry: FindComplaint", "Registry: Echo",
    ]  # fmt: skip
    assert len(admin.get("/element-templates/http.json").get_json()) == 1
    found = [one["id"] for one in admin.get("/element-templates.json").get_json()]
    assert "peygir.soap.registry.Echo" in found
