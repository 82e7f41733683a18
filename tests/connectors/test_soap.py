"""Calls by SOAP: values go and come exactly, and whatever the partner does is understood."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from lxml import etree

from connectors import soap_wire
from connectors.contract import Document, NotAble, Order
from connectors.errors import (
    BadInput,
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
from connectors.soap import NoOperation, NoWsdl, Soap
from connectors.soap_faults import SoapFault, SoapFaultForNow
from connectors.soap_partner import Complaint, Refusal, SoapPartner
from connectors.soap_replies import Unreadable
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


@pytest.fixture
def partner() -> Iterator[SoapPartner]:
    with SoapPartner() as found:
        yield found


def document(data: bytes = b"") -> Document:
    bundle = read_bundle("complaints.wsdl", data or PARTNER.read_bytes())
    return Document(bundle.digest, bundle.main, pack(bundle))


def options(partner: SoapPartner, **given: Any) -> dict[str, Any]:
    usual = {"private_partners": ["127.0.0.0/8"], "timeout": 5, "address": partner.url}
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


@pytest.mark.parametrize("port", ["Complaints11", "Complaints12", ""])
def test_a_call_goes_and_its_answer_comes_as_json_values(partner: SoapPartner, port: str) -> None:
    found = call(partner, "RegisterComplaint", FULL, port=port)
    assert found == {
        "complaint": {
            "number": "P-0001",
            "subject": FULL["subject"],
            "registeredAt": "2026-03-21T08:30:00+00:00",
            "dueOn": "2026-04-20",
            "fee": 1250000.5,
            "remark": FULL["description"],
            "complainant": FULL["complainant"],
            "tag": FULL["tag"],
        }
    }
    heard = partner.heard[0]
    version = "1.2" if port == "Complaints12" else "1.1"
    assert soap_wire.version(partner.envelopes[0]) == version
    action = "urn:peygir:example:complaints:RegisterComplaint"
    if version == "1.1":
        assert heard.headers["soapaction"] == f'"{action}"'
        assert heard.headers["content-type"] == "text/xml; charset=utf-8"
    else:
        assert f'action="{action}"' in heard.headers["content-type"]
    sent = partner.complaints[0].content
    assert sent.findtext("{*}attachment") == "AAEC"
    assert sent.findtext("{*}amount") == "1250000.5"
    assert partner.complaints[0].request_id == "d-1"


def test_nil_empty_and_missing_are_told_apart(partner: SoapPartner) -> None:
    found = call(partner, "RegisterComplaint", {**LEAST, "complainant": {"name": ""}})
    complaint = found["complaint"]
    assert complaint["fee"] is None
    assert complaint["remark"] is None
    assert complaint["tag"] == []
    assert complaint["complainant"] == {"name": "", "birthDate": None, "phone": [], "id": None}
    sent = partner.complaints[0].content
    nil = "{http://www.w3.org/2001/XMLSchema-instance}nil"
    assert sent.find("{*}complainant/{*}birthDate").get(nil) == "true"  # type: ignore[union-attr]  # None fails, too.
    assert sent.find("{*}description") is None


@pytest.mark.parametrize(
    "amount", [0, -7, 10**15, 2**53 - 1, 0.1, 1e-7, 1.5e300, "123456789012345678.90", "۱۲٫۵"]
)
def test_numbers_keep_every_digit(partner: SoapPartner, amount: Any) -> None:
    if amount == "۱۲٫۵":
        with pytest.raises(BadInput, match="amount: a number is expected"):
            call(partner, "RegisterComplaint", {**LEAST, "amount": amount})
        return
    found = call(partner, "RegisterComplaint", {**LEAST, "amount": amount})
    assert found["complaint"]["fee"] == (amount if amount != 10**15 else 10**15)
    assert type(found["complaint"]["fee"]) is not bool
    assert "E" not in (partner.complaints[0].content.findtext("{*}amount") or "")


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"subject": "x", "kind": "other"}, "kind: one of billing, service, product is expected"),
        ({"subject": "x"}, "kind"),
        ({"kind": "billing", "subject": None}, "subject"),
        ({**LEAST, "nothing": 1}, "nothing: no such field; there are: clientRequestId, subject"),
        ({**LEAST, "amount": "many"}, "amount: a number is expected"),
        ({**LEAST, "amount": float("nan")}, "amount: a number is expected"),
        ({**LEAST, "amount": True}, "amount: a number is expected"),
        ({**LEAST, "urgent": "perhaps"}, "urgent: true or false is expected"),
        ({**LEAST, "happenedOn": "1404/01/01"}, "happenedOn: a date such as 2026-03-21"),
        ({**LEAST, "attachment": "?"}, "attachment: Base64 is expected"),
        ({**LEAST, "subject": "a\0b"}, "subject: it holds a character that XML cannot hold"),
        ({**LEAST, "subject": "\ud800"}, "subject: it holds a character"),
        ({**LEAST, "subject": {"a": 1}}, "subject: one value is expected"),
        ({**LEAST, "complainant": "Sara"}, "complainant: a context is expected"),
        ({**LEAST, "complainant": {"name": "x", "id": 2**63}}, "complainant.id: the number is out"),
        ({**LEAST, "complainant": {"name": "x", "id": 1.5}}, "complainant.id: a whole number"),
        ({**LEAST, "tag": ["a", None]}, "tag[2]: null is not allowed here"),
        ([1], "values: a context is expected"),
    ],
)
def test_what_the_schema_does_not_allow_is_refused_before_anything_is_sent(
    partner: SoapPartner, values: Any, told: str
) -> None:
    with pytest.raises(BadInput) as caught:
        call(partner, "RegisterComplaint", values)
    assert told in caught.value.detail
    assert caught.value.code == "bad_input"
    assert not partner.heard


LETTERS = "ابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهیآأؤئءًٌٍَُِّْ۰۱۲۳٤٥٦"
OTHERS = "\u200c\u200d\u200f 🙂👩‍👩‍👧‍👦🇮🇷&<>\"'\t\n\r]]>%ß漢\u0085\u2028\ufffd\U0001f9ff٬٫«»"


def test_a_thousand_persian_values_come_back_equal(partner: SoapPartner) -> None:
    draw = random.Random(1405)
    texts = [
        "".join(draw.choices(LETTERS * 3 + OTHERS, k=draw.randint(0, 60))) for _ in range(1000)
    ]
    texts[:6] = ["", " ", "\u200c", "\r\n", " آغاز و پایان ", "علی\u200cرضا رضایی، زهرا «نژاد» 🙂"]
    for start in range(0, 1000, 250):
        part = texts[start : start + 250]
        port = ("Complaints11", "Complaints12")[start % 500 // 250]
        assert call(partner, "Echo", {"text": part}, port=port) == {"text": part}
    names = [text for text in texts[6:] if text][:40]
    for name in names:
        person = {"name": name, "birthDate": "1360-01-01", "phone": names[:3], "id": 1}
        values = {**LEAST, "subject": name, "complainant": person}
        partner.complaints.clear()
        found = call(partner, "RegisterComplaint", values)["complaint"]
        assert (found["subject"], found["complainant"]) == (name, person)


def test_a_single_value_makes_a_list_where_one_is_wanted(partner: SoapPartner) -> None:
    assert call(partner, "Echo", {"text": "تنها"}) == {"text": ["تنها"]}
    assert call(partner, "Echo", None) == {"text": []}


def test_sixteen_threads_share_one_service(partner: SoapPartner) -> None:
    given = options(partner)

    def one(number: int) -> bool:
        answer = SOAP.send(order("Echo", {"text": [str(number)]}), given)
        return bool(answer.result["answer"] == {"text": [str(number)]})

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(one, range(160)))


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
    partner: SoapPartner,
    act: Act,
    once: type[DeliveryFailed],
    repeatable: type[DeliveryFailed],
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
        assert time.monotonic() - begun < 3
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


def test_answers_are_read_tolerantly_but_never_wrongly(partner: SoapPartner) -> None:
    def says_complaint(inner: str) -> Act:
        text = (
            f"<s:Envelope xmlns:s='{soap_wire.NAMESPACES['1.1']}'><s:Body>"
            "<RegisterComplaintResponse xmlns='urn:peygir:example:complaints'>"
            f"<complaint>{inner}</complaint></RegisterComplaintResponse></s:Body></s:Envelope>"
        )
        return says(text, content_type="text/xml")

    partner.script.append(
        says_complaint("<tag>b</tag><brandNew><x/></brandNew><number> 7 </number><tag/><fee/>")
    )
    found = call(partner, "RegisterComplaint", LEAST)["complaint"]
    assert (found["number"], found["tag"], found["fee"]) == (" 7 ", ["b", ""], None)
    assert found["dueOn"] is None
    assert "brandNew" not in found
    partner.script.append(says_complaint("<fee>12345678901234567890.123</fee>"))
    found = call(partner, "RegisterComplaint", LEAST)["complaint"]
    assert found["fee"] == "12345678901234567890.123"
    caught = failure(partner, says_complaint("<fee>twelve</fee>"))
    assert isinstance(caught, Unreadable)
    assert "fee: 'twelve' is not of its type" in caught.detail
    at = soap_wire.NAMESPACES["1.1"]
    other = f"<s:Envelope xmlns:s='{at}'><s:Body><Other/></s:Body></s:Envelope>"
    assert "Other in place of" in failure(partner, says(other, content_type="text/xml")).detail


def test_the_probe_reaches_the_partner_without_effect(partner: SoapPartner) -> None:
    assert SOAP.probe(options(partner)) == "HTTP 200; 3 operations"
    assert [one.method for one in partner.heard] == ["GET"]
    with pytest.raises(NotConnected):
        SOAP.probe(options(partner, address="http://127.0.0.1:1/"))
    partner.script.append(says_html(401))


def test_addressing_names_the_message_the_same_each_time(partner: SoapPartner) -> None:
    for _ in range(2):
        call(partner, "Echo", {}, addressing="1.0", port="Complaints12")
    ids = {one.findtext(".//{http://www.w3.org/2005/08/addressing}MessageID")
           for one in partner.envelopes}  # fmt: skip
    assert len(ids) == 1
    header = soap_wire.header(partner.envelopes[0])
    names = [etree.QName(one).localname for one in header]
    assert names == ["Action", "MessageID", "To", "ReplyTo"]


def test_each_question_after_a_call_is_a_message_of_its_own(partner: SoapPartner) -> None:
    given = options(partner, addressing="1.0", status_operation="FindComplaint")
    partner.afterwards.append(leaves)
    with pytest.raises(LostReply):
        SOAP.send(order("RegisterComplaint", LEAST), given)
    for _ in range(2):
        SOAP.ask("d-1", given)
    ids = [one.findtext(f".//{{{soap_wire.WSA}}}MessageID") for one in partner.envelopes]
    assert len(set(ids)) == len(ids) == 3
    assert ids[0] == soap_wire.message_id("d-1")
