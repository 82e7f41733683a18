"""Calls to a partner's SOAP service, described by a WSDL that an administrator has approved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from connectors import http_answers
from connectors.contract import Answer, Connector, Document, End, Input, Order, Repeats, Texts
from connectors.errors import BadInput, DeliveryFailed, NotAdmitted, Permanent
from connectors.http_way import way
from connectors.identity_options import CERTIFICATE, ends_of, shown
from connectors.masking import masked_failure, masked_values, texts_in
from connectors.pem import read_pem
from connectors.soap_options import EVERY, SoapOptions, read_headers, read_names
from connectors.transport import Reply, Request, basic, fetch, read_url
from connectors.wsdl_words import BadWsdl

# zeep takes long to import, so only processes that call by SOAP do.
if TYPE_CHECKING:
    from lxml import etree

    from connectors.soap_client import Call, Service


class NoWsdl(Permanent):
    """The channel has no WSDL that can be used."""

    persian = "این کانال WSDL قابل استفاده‌ای ندارد."
    default_code = "no_wsdl"
    health = "unknown"


class NoOperation(Permanent):
    """The WSDL knows no such operation."""

    persian = "در WSDL چنین عملیاتی نیست."
    default_code = "no_operation"
    health = "unknown"


class Soap(Connector):
    """Any partner that describes itself by a WSDL 1.1."""

    kind = "soap"
    task_type = "soap"
    names: ClassVar = {"en": "SOAP call", "fa": "فراخوانی SOAP"}
    about: ClassVar = {
        "en": "Calls an operation of a partner’s SOAP service and hands its answer to the process.",
        "fa": "عملیاتی از سرویس SOAP طرف مقابل را فرامی‌خواند و پاسخش را به فرایند می‌دهد.",
    }
    abilities: ClassVar = frozenset({"call", "ask"})
    Options = SoapOptions
    inputs = (
        Input("operation", {"en": "Operation", "fa": "عملیات"}, required=True),
        Input(
            "values",
            {"en": "Values", "fa": "مقدارها"},
            {
                "en": "A context of the operation’s fields.",
                "fa": "نام‌ومقدارِ فیلدهای عملیات.",
            },
            kind="feel",
        ),
    )
    results: ClassVar[Mapping[str, Texts]] = {
        "answer": {
            "en": "The operation’s outputs; those of the status operation where only that told "
            "that it was done",
            "fa": "خروجی‌های عملیات؛ اگر انجامش تنها از عملیات وضعیت دانسته شود، خروجی‌های همان",
        },
        "operation": {"en": "The operation that answered", "fa": "عملیاتی که پاسخ داد"},
    }
    errors: ClassVar[Mapping[str, Texts]] = {
        "soap_fault": {"en": "The partner answered with a fault", "fa": "پاسخ با خطای SOAP"},
        "bad_input": {"en": "A value does not fit the WSDL", "fa": "نخواندن مقداری با WSDL"},
        "no_operation": {"en": "There is no such operation", "fa": "نبودن چنین عملیاتی"},
        "unreadable_reply": {
            "en": "The answer does not fit the WSDL",
            "fa": "نخواندن پاسخ با WSDL",
        },
        "reply_too_large": {"en": "The answer is too large", "fa": "بیش از اندازه بودن پاسخ"},
        "not_genuine": {
            "en": "The answer is not signed as it must be",
            "fa": "نداشتن امضای درست",
        },
        "address_refused": {
            "en": "The address may not be called",
            "fa": "مجاز نبودن فراخوانی این نشانی",
        },
        **http_answers.ERRORS,
    }
    repeats = "hold"

    def send(self, order: Order, options: Mapping[str, Any]) -> Answer:
        """Call the operation; its outputs are ``answer``."""
        secrets = _secrets(self, options)
        operation = str(order.inputs.get("operation") or "")
        try:
            return _call(operation, order.inputs.get("values"), order.reference, options, secrets)
        except DeliveryFailed as failure:
            raise masked_failure(failure, secrets) from None

    def ask(self, reference: str, options: Mapping[str, Any]) -> Answer | None:
        """Ask the status operation after our reference; None when it knows nothing of it."""
        from connectors.soap_faults import SoapFault

        secrets, operation = _secrets(self, options), options["status_operation"]
        if not operation:
            return super().ask(reference, options)
        try:
            given = {options["reference_field"]: reference}
            answer = _call(operation, given, reference, options, secrets, asks=True)
        except SoapFault as fault:
            unknown = read_names(options["status_unknown"])
            if unknown & {fault.result["code"], fault.result["subcode"]}:
                return None
            raise masked_failure(fault, secrets) from None
        except DeliveryFailed as failure:
            raise masked_failure(failure, secrets) from None
        return answer if _tells_found(answer.result["answer"], options["status_answer"]) else None

    def repeats_of(self, order: Order, options: Mapping[str, Any]) -> Repeats:
        """By the operation: safe to repeat, else to be asked after, else for a person."""
        if _may_repeat(str(order.inputs.get("operation") or ""), options):
            return "repeat"
        return "ask" if options["status_operation"] else "hold"

    def probe(self, options: Mapping[str, Any]) -> str:
        """Work out the WSDL, prepare the signature, and reach the address by GET."""
        secrets = _secrets(self, options)
        try:
            service = _service(options)
            found = next(iter(service.calls.values()))[0]
            _sign_nothing(options)
            address = options["address"] or found.address
            request = replace(way(options), url=read_url(address), headers=_basic(options))
            reply = fetch(request)
            _check_probe(reply)
        except DeliveryFailed as failure:
            raise masked_failure(failure, secrets) from None
        told = f"HTTP {reply.status}; {len(service.calls)} operations"
        return f"{told}{shown(self.ends(options))}"

    def ends(self, options: Mapping[str, Any]) -> Sequence[End]:
        """When our certificates end, and the one that the partner signs with."""
        return ends_of(options, CERTIFICATE, "signing_certificate", "partner_certificate")


def _secrets(connector: Connector, options: Mapping[str, Any]) -> tuple[str, ...]:
    """The secret options, and the forms in which they travel that masking does not know."""
    plain = tuple(texts_in([options.get(name) for name in connector.secret_names()]))
    inside = tuple(texts_in(read_headers(options["headers"])))
    return (*plain, *inside, *(one.partition(" ")[2] for one in _basic(options).values()))


def _call(
    operation: str,
    values: Any,
    reference: str,
    options: Mapping[str, Any],
    secrets: tuple[str, ...],
    *,
    asks: bool = False,
) -> Answer:
    from connectors.soap_replies import Reading, read
    from connectors.soap_wire import message_id, new_message_id

    service = _service(options)
    call = _operation(service, operation, options["port"])
    may = asks or _may_repeat(operation, options)
    given = _filled(call, {} if values is None else values, reference, options)
    id_ = new_message_id() if asks else message_id(reference)
    reply = fetch(replace(_request(call, service, given, id_, options), repeat=may))
    again = options["server_faults"] == "again"
    found = read(reply, Reading(call, service, may, again, _check(options, id_)))
    result = {"answer": masked_values(found, secrets), "operation": operation}
    return Answer(words=f"{operation}: HTTP {reply.status}", result=result)


def _service(options: Mapping[str, Any]) -> Service:
    from connectors import soap_client

    document = options["wsdl"]
    if not isinstance(document, Document):
        raise NoWsdl
    try:
        return soap_client.ready(document.digest, document.content)
    except BadWsdl as error:
        raise NoWsdl(error.text("en")) from None


def _operation(service: Service, name: str, port: str) -> Call:
    calls = service.calls.get(name, ())
    for call in calls:
        if port in ("", call.port):
            return call
    known = ", ".join(list(service.calls)[:10])
    told = f"not at {port[:60]}" if calls else f"there are: {known}"
    raise NoOperation(f"{name[:60]}; {told}")


def _request(
    call: Call, service: Service, given: Mapping[str, Any], id_: str, options: Mapping[str, Any]
) -> Request:
    from connectors import soap_wire

    root = soap_wire.envelope(call, service, given, read_headers(options["headers"]))
    address = read_url(options["address"] or call.address)
    if options["addressing"] != "none":
        soap_wire.add_addressing(root, str(address), call.operation.soapaction or "", id_)
    _secure(root, options)
    headers = {**soap_wire.http_headers(call), **_basic(options)}
    body = soap_wire.written(root)
    return replace(way(options), method="POST", url=address, headers=headers, body=body)


def _filled(call: Call, values: Any, reference: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The values with our reference, where the operation takes it and the process gives none."""
    from connectors.soap_values import takes

    if not isinstance(values, Mapping):
        raise BadInput("values: a context is expected")
    name = options["reference_field"]
    ours = {name: reference} if name and values.get(name) is None and takes(call, name) else {}
    return {**values, **ours}


def _secure(root: etree._Element, options: Mapping[str, Any]) -> None:
    from connectors.soap_security import User, add_user
    from connectors.soap_signing import Signer, sign

    now, auth = datetime.now(UTC), options["auth"]
    if auth in ("text", "digest"):
        add_user(root, User(options["user"], options["password"], auth), now)
    if options["signing_key"]:
        pair = read_pem(options["signing_key"]), read_pem(options["signing_certificate"])
        sign(root, Signer(*pair), now)


def _check(options: Mapping[str, Any], id_: str) -> Any:
    """The judge of answers to that message, when the channel has the partner's certificate."""
    certificate = read_pem(options["partner_certificate"])
    if not certificate:
        return None
    from connectors.soap_signatures import verify

    answers = id_ if options["addressing"] != "none" else ""
    may_be_old = options["old_answers"] == "believed"
    return lambda root: verify(
        root, certificate, datetime.now(UTC), answers=answers, may_be_old=may_be_old
    )


def _basic(options: Mapping[str, Any]) -> dict[str, str]:
    if options["auth"] != "basic":
        return {}
    return {"Authorization": basic(options["user"], options["password"])}


def _may_repeat(operation: str, options: Mapping[str, Any]) -> bool:
    names = read_names(options["repeatable"])
    return operation in names or EVERY in names


def _tells_found(answer: Mapping[str, Any], name: str) -> bool:
    value = answer.get(name) if name else next(iter(answer.values()), None)
    return value not in (None, False, "", [], {})


def _sign_nothing(options: Mapping[str, Any]) -> None:
    """Find out whether the key and the certificates can be used."""
    from lxml import etree

    from connectors.soap_wire import NAMESPACES

    root = etree.Element(f"{{{NAMESPACES['1.1']}}}Envelope")
    etree.SubElement(root, f"{{{NAMESPACES['1.1']}}}Body")
    _secure(root, options)


def _check_probe(reply: Reply) -> None:
    """A SOAP service may answer a GET with nearly anything, also with 405 or 500."""
    if reply.status in (401, 403, 407):
        raise NotAdmitted(str(reply.status), code=f"http_{reply.status}")
    if reply.status in (404, 410, 502, 503, 504) or 300 <= reply.status < 400:
        raise http_answers.refusal(reply, repeat=True)
