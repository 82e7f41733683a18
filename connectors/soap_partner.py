"""A SOAP partner that does what it is told to, on a free port of this machine.

It ships with the product, so that those who write processes can test what is called. It takes
complaints as ``schemas/complaints.wsdl`` describes, by SOAP 1.1 and 1.2, judges every call by that
WSDL's own schema, and remembers them by our ``clientRequestId``: the same id twice is one
complaint. Whatever it is told to do wrong stands in its script (``connectors.lying_http``).
"""

from __future__ import annotations

import ssl
import threading
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any

from lxml import etree

from connectors import hardened, soap_wire
from connectors.lying_http import Act, Heard, LyingPartner, says
from connectors.soap_security import WSSE, WSU, digest

NAMESPACE = "urn:peygir:example:complaints"
_FILE = Path(__file__).with_name("schemas") / "complaints.wsdl"
_XSD = "http://www.w3.org/2001/XMLSchema"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_C = f"{{{NAMESPACE}}}"
_NAMES: Any = {None: NAMESPACE, "xsi": _XSI}


@dataclass(frozen=True)
class Complaint:
    """One complaint that the partner has registered."""

    number: str
    request_id: str
    subject: str
    content: etree._Element = field(repr=False)
    """The call's body, as it came."""


class Refusal(Exception):
    """What the partner answers with a fault. ``code`` is that of SOAP 1.1."""

    def __init__(self, code: str, reason: str, field: str = "", *, declared: bool = True) -> None:
        super().__init__(reason)
        self.code, self.reason, self.field, self.declared = code, reason, field, declared


@dataclass
class SoapPartner:
    """Use it in a ``with`` block; ``url`` says where it listens, ``wsdl`` what it can.

    ``script`` holds acts in place of an answer, each for one call, which then does nothing;
    ``afterwards`` acts in place of an answer to a call that was carried out. ``refuses`` may raise
    :class:`Refusal` for a complaint. With ``passwords`` a call must bring a UsernameToken, text or
    digest, each nonce once. ``finish`` may change every envelope before it goes out: sign it, or
    spoil it.
    """

    script: list[Act | None] = field(default_factory=list)
    afterwards: list[Act | None] = field(default_factory=list)
    refuses: Callable[[Complaint], None] | None = None
    passwords: Mapping[str, str] = field(default_factory=dict)
    finish: Callable[[etree._Element], None] | None = None
    tls: ssl.SSLContext | None = None
    remembers: bool = True
    """Without it the same id twice is two complaints."""
    complaints: list[Complaint] = field(default_factory=list)
    envelopes: list[etree._Element] = field(default_factory=list)
    """Every envelope that came, oldest first."""

    def __enter__(self) -> SoapPartner:
        self._lock, self._nonces = threading.Lock(), set[bytes]()
        self._server = LyingPartner(answer=self._answer, tls=self.tls)
        self._server.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.__exit__(kind, error, trace)

    def forget(self) -> None:
        """Be as if nothing had come yet."""
        with self._lock:
            for kept in (self.script, self.afterwards, self.complaints, self.envelopes, self.heard):
                kept.clear()
            self._nonces.clear()

    @property
    def url(self) -> str:
        return f"{self._server.url}/complaints"

    @property
    def wsdl(self) -> bytes:
        """Its WSDL, with the address where it listens."""
        return _FILE.read_bytes().replace(b"http://127.0.0.1/complaints", self.url.encode())

    @property
    def heard(self) -> list[Heard]:
        """Every request by HTTP, oldest first."""
        return self._server.heard

    @property
    def effects(self) -> Counter[str]:
        """How many complaints each of our ids has made."""
        return Counter(one.request_id for one in self.complaints)

    def _answer(self, heard: Heard) -> Act:
        if heard.method == "GET":
            return says(self.wsdl, content_type="text/xml; charset=utf-8")
        with self._lock:
            act = self.script.pop(0) if self.script else None
            if act is not None:
                return act
            done = self._carry_out(heard)
            after = self.afterwards.pop(0) if self.afterwards else None
            return after or done

    def _carry_out(self, heard: Heard) -> Act:
        root = hardened.read(heard.body)
        self.envelopes.append(root)
        version = soap_wire.version(root) or "1.1"
        try:
            call = _call(root)
            self._admit(root)
            _judge(call)
            answer, status = self._operate(call), 200
        except Refusal as refusal:
            answer, status = _fault(refusal, version), _status(refusal, version)
        return self._says(answer, version, status)

    def _says(self, content: etree._Element, version: str, status: int) -> Act:
        namespace = soap_wire.NAMESPACES[version]
        root = etree.Element(f"{{{namespace}}}Envelope", nsmap={"s": namespace})
        etree.SubElement(root, f"{{{namespace}}}Body").append(content)
        if self.finish is not None:
            self.finish(root)
        kind = "text/xml" if version == "1.1" else "application/soap+xml"
        return says(etree.tostring(root, encoding="utf-8"), status, f"{kind}; charset=utf-8")

    def _admit(self, root: etree._Element) -> None:
        if not self.passwords:
            return
        token = root.find(f".//{{{WSSE}}}UsernameToken")
        parts = {} if token is None else {one.tag: one.text or "" for one in token}
        known = self.passwords.get(parts.get(f"{{{WSSE}}}Username", ""))
        nonce = b64decode(parts.get(f"{{{WSSE}}}Nonce", ""))
        given = parts.get(f"{{{WSSE}}}Password", "")
        right = (known, digest(nonce, parts.get(f"{{{WSU}}}Created", ""), known or ""))
        if known is None or given not in right or nonce in self._nonces:
            raise Refusal("FailedAuthentication", "who are you?", declared=False)
        self._nonces.add(nonce)

    def _operate(self, call: etree._Element) -> etree._Element:
        name = etree.QName(call).localname
        answer = etree.Element(f"{_C}{name}Response", nsmap=_NAMES)
        if name == "Echo":
            for one in call:
                etree.SubElement(answer, f"{_C}text").text = one.text
            return answer
        found = self._find(_value(call, "clientRequestId"))
        if name == "RegisterComplaint" and (found is None or not self.remembers):
            found = self._register(call)
        if found is not None:
            _describe(etree.SubElement(answer, f"{_C}complaint"), found)
        return answer

    def _find(self, request_id: str) -> Complaint | None:
        return next((one for one in self.complaints if one.request_id == request_id), None)

    def _register(self, call: etree._Element) -> Complaint:
        number = f"P-{len(self.complaints) + 1:04}"
        request_id, subject = _value(call, "clientRequestId"), _value(call, "subject")
        made = Complaint(number, request_id, subject, deepcopy(call))
        if self.refuses is not None:
            self.refuses(made)
        self.complaints.append(made)
        return made


REGISTERED_AT = datetime(2026, 3, 21, 8, 30, tzinfo=UTC)
"""When the partner says that it registered a complaint: always the same, for tests."""


def _describe(out: etree._Element, complaint: Complaint) -> None:
    for name, text in (
        ("number", complaint.number),
        ("subject", complaint.subject),
        ("registeredAt", REGISTERED_AT.isoformat()),
        ("dueOn", "2026-04-20"),
    ):
        etree.SubElement(out, f"{_C}{name}").text = text
    amount = _value(complaint.content, "amount")
    _nillable(out, "fee", amount)
    _nillable(out, "remark", _value(complaint.content, "description"))
    for name in ("complainant", "tag"):
        out.extend(deepcopy(one) for one in complaint.content.findall(f"{_C}{name}"))


def _nillable(out: etree._Element, name: str, text: str) -> None:
    made = etree.SubElement(out, f"{_C}{name}")
    made.text = text or None
    if not text:
        made.set(f"{{{_XSI}}}nil", "true")


def _call(root: etree._Element) -> etree._Element:
    body = soap_wire.body(root)
    if body is None or len(body) != 1:
        raise Refusal("Client", "not one element in the body", declared=False)
    return body[0]


def _value(call: etree._Element, name: str) -> str:
    return call.findtext(f"{_C}{name}") or ""


@cache
def _schema() -> etree.XMLSchema:
    found: Any = etree.parse(_FILE).find(f".//{{{_XSD}}}schema")
    return etree.XMLSchema(etree.ElementTree(deepcopy(found)))


def _judge(call: etree._Element) -> None:
    """Validate a re-parsed copy: the call's own tree knows names of the envelope."""
    schema: Any = _schema()
    if not schema.validate(etree.fromstring(etree.tostring(call))):
        why = "; ".join(one.message for one in schema.error_log)
        raise Refusal("Client", why[:500], declared=False)


def _status(refusal: Refusal, version: str) -> int:
    """SOAP 1.1 sends every fault with 500; 1.2 those of the sender with 400."""
    return 400 if version == "1.2" and refusal.code != "Server" else 500


def _fault(refusal: Refusal, version: str) -> etree._Element:
    return _fault_12(refusal) if version == "1.2" else _fault_11(refusal)


def _fault_11(refusal: Refusal) -> etree._Element:
    namespace = soap_wire.NAMESPACES["1.1"]
    fault = etree.Element(f"{{{namespace}}}Fault", nsmap={"s": namespace, "wsse": WSSE})
    prefix = "wsse" if refusal.code == "FailedAuthentication" else "s"
    etree.SubElement(fault, "faultcode").text = f"{prefix}:{refusal.code}"
    etree.SubElement(fault, "faultstring").text = refusal.reason
    if refusal.declared:
        _declare(etree.SubElement(fault, "detail"), refusal)
    return fault


def _fault_12(refusal: Refusal) -> etree._Element:
    namespace = soap_wire.NAMESPACES["1.2"]
    s = f"{{{namespace}}}"
    fault = etree.Element(f"{s}Fault", nsmap={"s": namespace, "c": NAMESPACE, "wsse": WSSE})
    code = etree.SubElement(fault, f"{s}Code")
    mine = refusal.code == "Server"
    etree.SubElement(code, f"{s}Value").text = "s:Receiver" if mine else "s:Sender"
    if refusal.code == "FailedAuthentication" or refusal.declared:
        sub = "c:Refused" if refusal.declared else f"wsse:{refusal.code}"
        etree.SubElement(etree.SubElement(code, f"{s}Subcode"), f"{s}Value").text = sub
    reason = etree.SubElement(fault, f"{s}Reason")
    text = etree.SubElement(reason, f"{s}Text")
    text.text = refusal.reason
    text.set("{http://www.w3.org/XML/1998/namespace}lang", "en")
    if refusal.declared:
        _declare(etree.SubElement(fault, f"{s}Detail"), refusal)
    return fault


def _declare(detail: etree._Element, refusal: Refusal) -> None:
    told = etree.SubElement(detail, f"{_C}ComplaintRefused", nsmap=_NAMES)
    etree.SubElement(told, f"{_C}reason").text = refusal.reason
    if refusal.field:
        etree.SubElement(told, f"{_C}field").text = refusal.field
