"""Calls by SOAP that do not end well: sorted by what may be done next, and telling no secret."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from connectors import soap_wire
from connectors.contract import NotAble
from connectors.errors import (
    BadReply,
    DeliveryFailed,
    LostReply,
    NotAnswered,
    NotConnected,
    Permanent,
    ReplyTooLarge,
    Transient,
)
from connectors.lying_http import (
    Act,
    drips,
    is_silent,
    large,
    leaves,
    redirects,
    resets,
    says,
    says_html,
    throttles,
)  # fmt: skip
from connectors.networks import AddressRefused
from connectors.soap import NoOperation, NoWsdl
from connectors.soap_faults import SoapFault, SoapFaultForNow
from connectors.soap_partner import Complaint, Refusal, SoapPartner
from connectors.soap_replies import Unreadable
from tests.connectors.soap_calls import LEAST, SOAP, call, failure, options, order
from tests.support.patience import patient


@pytest.fixture
def partner() -> Iterator[SoapPartner]:
    with SoapPartner() as found:
        yield found


def test_the_same_reference_twice_is_one_complaint_and_can_be_asked_after(
    partner: SoapPartner,
) -> None:
    given = options(partner, status_operation="FindComplaint")
    assert SOAP.ask("d-9", given) is None
    partner.afterwards.append(leaves)
    sent = order("RegisterComplaint", LEAST, "d-9")
    with pytest.raises(LostReply):
        SOAP.send(sent, given)
    found = SOAP.ask("d-9", given)
    assert found is not None
    assert found.result["answer"]["complaint"]["number"] == "P-0001"
    assert found.result["operation"] == "FindComplaint"
    assert SOAP.send(sent, given).result["answer"]["complaint"]["number"] == "P-0001"
    assert partner.effects == {"d-9": 1}
    with pytest.raises(NotAble):
        SOAP.ask("d-9", options(partner))


def test_only_named_faults_mean_that_nothing_was_found(partner: SoapPartner) -> None:
    fault = says(_fault_11("c:NotFound", "no"), 500, "text/xml")
    given = options(partner, status_operation="FindComplaint", status_unknown="NotFound")
    partner.script.extend([fault, says(_fault_11("s:Client", "bad"), 500, "text/xml")])
    assert SOAP.ask("d-1", given) is None
    with pytest.raises(SoapFault):
        SOAP.ask("d-1", given)


def test_what_is_done_when_the_end_is_unknown_is_told_by_operation(partner: SoapPartner) -> None:
    registering = order("RegisterComplaint", LEAST)
    assert SOAP.repeats_of(registering, options(partner)) == "hold"
    asking = options(partner, status_operation="FindComplaint", repeatable="Echo, FindComplaint")
    assert SOAP.repeats_of(registering, asking) == "ask"
    assert SOAP.repeats_of(order("Echo", {}), asking) == "repeat"
    assert SOAP.repeats_of(registering, options(partner, repeatable="*")) == "repeat"


PAGE = b"<html><body>Bad Gateway</body></html>"
RUBBLE = says(b"<s:Envelope xmlns:s='x'", content_type="text/xml")


@pytest.mark.parametrize(
    ("act", "once", "repeatable"),
    [
        (says_html(200), BadReply, BadReply),
        (says_html(502), Transient, Transient),
        (says(PAGE, 200, "text/xml"), BadReply, BadReply),
        (says(PAGE, 503), Transient, Transient),
        (says_html(504), LostReply, Transient),
        (says(b"", 200, "text/xml"), LostReply, NotAnswered),
        (RUBBLE, LostReply, NotAnswered),
        (says(b"<a/>", 200, "text/xml"), LostReply, NotAnswered),
        (says(b"\xff\xfe\0", 200, "application/octet-stream"), BadReply, BadReply),
        (
            says(b"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", 200, "text/xml"),
            LostReply,
            NotAnswered,
        ),
        (leaves, LostReply, NotAnswered),
        (resets(50), LostReply, NotAnswered),
        (throttles(7), Transient, Transient),
        (redirects("http://127.0.0.1:9/other"), Permanent, Permanent),
        (says_html(404), Permanent, Permanent),
        (says("{}", 200, "multipart/related; boundary=x"), Unreadable, Unreadable),
    ],
)
def test_what_is_no_answer_is_tried_again_or_asked_after_or_final(
    partner: SoapPartner, act: Act, once: type[DeliveryFailed], repeatable: type[DeliveryFailed]
) -> None:
    assert type(failure(partner, act)).__mro__.index(once) <= 2
    assert isinstance(failure(partner, act), once)
    assert isinstance(failure(partner, act, repeatable="RegisterComplaint"), repeatable)
    assert len(partner.heard) == 3  # Nothing repeats a call by itself.


def test_a_page_says_no_more_than_that_and_a_wait_is_honoured(partner: SoapPartner) -> None:
    assert "a page for people" in failure(partner, says_html(200)).detail
    asked = failure(partner, throttles(7))
    assert isinstance(asked, Transient)
    assert asked.retry_after is not None
    assert asked.retry_after.total_seconds() == 7


@pytest.mark.slow
def test_a_call_ends_in_time_and_at_its_size(partner: SoapPartner) -> None:
    for act in (drips(0.02), is_silent):
        begun = time.monotonic()
        assert isinstance(failure(partner, act, timeout=1), LostReply)
        assert time.monotonic() - begun < patient(3)
    assert isinstance(failure(partner, large(50_000_000), most_kb=200), ReplyTooLarge)


def test_an_answer_of_very_many_elements_is_not_taken_apart(partner: SoapPartner) -> None:
    many = f"<e xmlns='{soap_wire.NAMESPACES['1.1']}'>{'<b/>' * 450_000}</e>".encode()
    assert isinstance(
        failure(partner, says(many, content_type="text/xml"), most_kb=9000), LostReply
    )


def test_nobody_there_and_nobody_allowed(partner: SoapPartner) -> None:
    with pytest.raises(NotConnected):
        call(partner, "Echo", {}, address="http://127.0.0.1:1/x")
    with pytest.raises(AddressRefused):
        call(partner, "Echo", {}, private_partners=[])
    with pytest.raises(NoOperation, match="there are: RegisterComplaint, FindComplaint, Echo"):
        call(partner, "Delete", {})
    with pytest.raises(NoOperation, match="not at Elsewhere"):
        call(partner, "Echo", {}, port="Elsewhere")
    with pytest.raises(NoWsdl):
        SOAP.send(order("Echo", {}), {**options(partner), "wsdl": ""})
    assert not partner.heard


def _fault_11(code: str, words: str, detail: str = "") -> str:
    return (
        f"<s:Envelope xmlns:s='{soap_wire.NAMESPACES['1.1']}' xmlns:c='urn:c'><s:Body><s:Fault>"
        f"<faultcode>{code}</faultcode><faultstring>{words}</faultstring>{detail}"
        "</s:Fault></s:Body></s:Envelope>"
    )


@pytest.mark.parametrize("port", ["Complaints11", "Complaints12"])
def test_a_fault_of_the_service_is_final_and_tells_its_parts(
    partner: SoapPartner, port: str
) -> None:
    def refuse(_: Complaint) -> None:
        raise Refusal("Server", "شماره اشتراک نادرست است", "subscription")

    partner.refuses = refuse
    caught = failure(partner, port=port)
    assert isinstance(caught, SoapFault)
    assert caught.code == "soap_fault"
    assert caught.result["code"] == ("Server" if port == "Complaints11" else "Receiver")
    assert caught.result["subcode"] == (None if port == "Complaints11" else "Refused")
    assert caught.result["reason"] == "شماره اشتراک نادرست است"
    told = {"reason": "شماره اشتراک نادرست است", "field": "subscription"}
    assert caught.result["detail"] == {"ComplaintRefused": told}
    assert "شماره اشتراک نادرست است" in caught.text("fa")


@pytest.mark.parametrize(
    ("fault", "family", "code", "subcode"),
    [
        (_fault_11("s:Server", "down"), SoapFaultForNow, "Server", None),
        (_fault_11("s:Client", "bad"), SoapFault, "Client", None),
        (_fault_11("Client.Auth.Expired", "bad"), SoapFault, "Client", "Auth"),
        (_fault_11("c:FailedAuthentication", "who"), SoapFaultForNow, "FailedAuthentication", None),
        (_fault_11("s:VersionMismatch", ""), SoapFault, "VersionMismatch", None),
        (_fault_11("", ""), SoapFault, "unknown", None),
        (_fault_11("s:Server", "x", "<detail/>"), SoapFaultForNow, "Server", None),
        (_fault_11("s:Server", "x", "<detail><a>1</a></detail>"), SoapFault, "Server", None),
        (_fault_11("s:Server", "x", "<detail>trace</detail>"), SoapFaultForNow, "Server", None),
    ],
)
@pytest.mark.parametrize("status", [200, 400, 500])
def test_faults_are_sorted_by_their_codes(
    partner: SoapPartner, fault: str, family: type, code: str, subcode: str | None, status: int
) -> None:
    caught = failure(partner, says(fault, status, "text/xml"))
    assert isinstance(caught, SoapFault | SoapFaultForNow)
    assert caught.health == ("ill" if code == "FailedAuthentication" else "well")
    assert isinstance(caught, family)
    assert (caught.result["code"], caught.result["subcode"]) == (code, subcode)


def test_a_service_that_calls_every_refusal_its_own_fault(partner: SoapPartner) -> None:
    act = says(_fault_11("s:Server", "no such customer"), 500, "text/xml")
    assert isinstance(failure(partner, act, server_faults="final"), SoapFault)


def test_secrets_stay_out_of_faults_and_answers(partner: SoapPartner) -> None:
    act = says(_fault_11("s:Client", "rosebud-1941 is wrong", "<detail>rosebud-1941</detail>"), 500,
               "text/xml")  # fmt: skip
    caught: Any = failure(partner, act, auth="basic", user="sara", password="rosebud-1941")
    told = f"{caught} {caught.detail} {caught.result} {caught!r}"
    assert "rosebud" not in told
    assert "•••" in caught.result["reason"]
    assert partner.heard[0].headers["authorization"].startswith("Basic ")
    assert "rosebud" not in repr(options(partner)["wsdl"])
