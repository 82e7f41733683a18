"""Calls by SOAP to the partner of the tests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.contract import Document, Order
from connectors.errors import DeliveryFailed
from connectors.lying_http import (
    Act,
)  # fmt: skip
from connectors.soap import Soap
from connectors.soap_partner import SoapPartner
from connectors.wsdl import pack, read_bundle
from tests.connectors.wsdls import PARTNER

SOAP = Soap()
AT = datetime(2026, 3, 21, 12, 0, tzinfo=UTC)
FULL: Mapping[str, Any] = {
    "subject": "تأخیر در نصب کنتور",
    "description": "سه هفته\nاست که می‌گویند «فردا» & <هیچ>",
    "kind": "service",
    "amount": 1250000.5,
    "urgent": True,
    "happenedOn": "2026-03-01",
    "complainant": {
        "name": "زهرا رضایی‌نژاد 🙂", "birthDate": None, "phone": ["+989120000000"], "id": 12,
    },
    "tag": ["کنتور", "تأخیر"],
    "attachment": "AAEC",
}  # fmt: skip
LEAST: Mapping[str, Any] = {"subject": "کوتاه", "kind": "billing"}


def document(data: bytes = b"") -> Document:
    bundle = read_bundle("complaints.wsdl", data or PARTNER.read_bytes())
    return Document(bundle.digest, bundle.main, pack(bundle))


def options(partner: SoapPartner, **given: Any) -> dict[str, Any]:
    usual = {"private_partners": ["127.0.0.0/8"], "timeout": 20, "address": partner.url}
    return {**SOAP.Options().load({**usual, **given}), "wsdl": document()}


def order(operation: str, values: Any, reference: str = "d-1") -> Order:
    return Order(reference, AT, {"operation": operation, "values": values})


def call(partner: SoapPartner, operation: str, values: Any, **given: Any) -> dict[str, Any]:
    answer = SOAP.send(order(operation, values), options(partner, **given))
    assert answer.result["operation"] == operation
    found: dict[str, Any] = answer.result["answer"]
    return found


def failure(partner: SoapPartner, *acts: Act, **given: Any) -> DeliveryFailed:
    partner.script.extend(acts)
    with pytest.raises(DeliveryFailed) as caught:
        call(partner, "RegisterComplaint", LEAST, **given)
    return caught.value
