"""Envelopes: how a call is written, and how an answer is taken apart (SOAP 1.1 and 1.2)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid4, uuid5

from lxml import etree
from zeep.xsd.types import ComplexType

from connectors import soap_plans, soap_values
from connectors.errors import BadInput
from connectors.soap_client import RAW, Call, Service

ENVELOPES: Mapping[str, str] = {
    "http://schemas.xmlsoap.org/soap/envelope/": "1.1",
    "http://www.w3.org/2003/05/soap-envelope": "1.2",
}
"""The version of SOAP by the namespace of its envelope."""
NAMESPACES = {version: namespace for namespace, version in ENVELOPES.items()}


def envelope(
    call: Call, service: Service, values: Mapping[str, Any], header_values: Mapping[str, Any]
) -> etree._Element:
    """The envelope of a call; raises BadInput for values that the schema does not allow."""
    given: Any = soap_values.arguments(call, service, values)
    headers = soap_values.headers(call, service, header_values)
    planned = None if headers else soap_plans.envelope(call, service, given)
    return _by_zeep(call, given, headers) if planned is None else planned


def _by_zeep(call: Call, given: Any, headers: Mapping[str, Any]) -> etree._Element:
    asked: Any = call.operation.input
    single = asked.body is not None and not isinstance(asked.body.type, ComplexType)
    positional = tuple(given.values()) if single else ()
    named = {} if single else given
    operation: Any = call.operation
    try:
        made = operation.create(*positional, _soapheaders=headers or None, **named)
    except RAW as error:
        raise BadInput(_reason(error)) from None
    root: etree._Element = made.content
    return root


def _reason(error: BaseException) -> str:
    said = getattr(error, "message", "") or str(error)
    where = ".".join(map(str, getattr(error, "path", None) or ()))
    return " ".join(f"{said} ({where})".split())[:300] if where else " ".join(said.split())[:300]


def http_headers(call: Call) -> dict[str, str]:
    """The headers that tell an HTTP server what comes."""
    action = _quotable(call.operation.soapaction or "")
    if call.version == "1.1":
        return {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{action}"'}
    told = f'; action="{action}"' if action else ""
    return {"Content-Type": f"application/soap+xml; charset=utf-8{told}"}


def _quotable(action: str) -> str:
    return _NOT_QUOTABLE.sub("", action)


_NOT_QUOTABLE = re.compile(r"[^ !#-~]")


def add_addressing(root: etree._Element, to: str, action: str, id_: str) -> None:
    """The headers of WS-Addressing 1.0, with the message's id."""
    above = header(root)
    for name, text in (
        ("Action", action),
        ("MessageID", id_),
        ("To", to),
    ):
        etree.SubElement(above, f"{{{WSA}}}{name}", nsmap={"wsa": WSA}).text = text
    reply = etree.SubElement(above, f"{{{WSA}}}ReplyTo", nsmap={"wsa": WSA})
    etree.SubElement(reply, f"{{{WSA}}}Address").text = f"{WSA}/anonymous"


WSA = "http://www.w3.org/2005/08/addressing"


def message_id(reference: str) -> str:
    """The id that a call with this reference has at all attempts, and that its answer relates
    to."""
    return f"urn:uuid:{uuid5(NAMESPACE_URL, f'urn:peygir:{reference}')}"


def new_message_id() -> str:
    """The id of a question, which is another message each time it is asked: an answer that was
    given earlier is none to it."""
    return f"urn:uuid:{uuid4()}"


def written(root: etree._Element) -> bytes:
    """The bytes that go out. Nothing is indented: signatures and texts would suffer."""
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def header(root: etree._Element) -> etree._Element:
    """The envelope's header; made when there is none."""
    name = _beside(root, "Header")
    found = root.find(name)
    if found is None:
        found = etree.Element(name)
        root.insert(0, found)
    return found


def body(root: etree._Element) -> etree._Element | None:
    """The envelope's one body; None when this is no envelope or has several."""
    if etree.QName(root).localname != "Envelope" or version(root) is None:
        return None
    found = root.findall(_beside(root, "Body"))
    return found[0] if len(found) == 1 else None


def version(root: etree._Element) -> str | None:
    """``1.1`` or ``1.2``; None for anything else."""
    return ENVELOPES.get(etree.QName(root).namespace or "")


def _beside(root: etree._Element, name: str) -> str:
    return f"{{{etree.QName(root).namespace}}}{name}"
