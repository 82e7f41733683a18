"""Calls by SOAP: values go and come exactly, and whatever the partner does is understood."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from lxml import etree

from connectors import soap_wire
from connectors.errors import BadInput, LostReply, NotConnected
from connectors.lying_http import (
    Act,
    leaves,
    says,
    says_html,
)  # fmt: skip
from connectors.soap_partner import SoapPartner
from connectors.soap_replies import Unreadable
from tests.connectors.soap_calls import FULL, LEAST, SOAP, call, failure, options, order


@pytest.fixture
def partner() -> Iterator[SoapPartner]:
    with SoapPartner() as found:
        yield found


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
