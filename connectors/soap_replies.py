"""What an answer over HTTP to a SOAP call means: a result, a fault, or no answer at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lxml import etree

from connectors import hardened, http_answers, soap_faults, soap_reading, soap_wire
from connectors.errors import BadReply, LostReply, NotAnswered, Permanent
from connectors.hardened import BadXml
from connectors.soap_client import RAW, Call, Service
from connectors.transport import Reply

Check = Callable[[etree._Element], None]
"""Judges whether an envelope is genuine; raises ReplyNotGenuine of ``soap_signatures``."""


class Unreadable(Permanent):
    """The partner did it, but its answer does not fit its own WSDL."""

    persian = "طرف مقابل کار را انجام داد، ولی پاسخش با WSDL خودش نمی‌خواند."
    default_code = "unreadable_reply"
    may_have_acted = True


@dataclass(frozen=True)
class Reading:
    """How the answer to one call is read."""

    call: Call
    service: Service
    repeat: bool = False
    """Whether the call may be sent again when nobody knows what became of it."""
    again: bool = True
    """Whether faults of the partner's own (Server, Receiver) are tried again."""
    check: Check | None = None


def read(reply: Reply, how: Reading) -> dict[str, Any]:
    """The operation's outputs as JSON values; raises what the answer means otherwise."""
    if not reply.body.strip():
        return _read_nothing(reply, how)
    root = _root(reply, how)
    body = soap_wire.body(root)
    if body is None:
        raise _no_answer(reply, how, "no SOAP envelope")
    if how.check is not None:
        how.check(root)
    for found in body:
        if soap_reading.local(found) == "Fault":
            raise soap_faults.error(soap_faults.read(found), again=how.again)
    if not 200 <= reply.status < 300:
        raise http_answers.refusal(reply, how.repeat)
    return _read_answer(body, how)


def _read_answer(body: etree._Element, how: Reading) -> dict[str, Any]:
    try:
        return soap_reading.answer(how.call, how.service, body)
    except soap_reading.Unreadable as error:
        raise Unreadable(str(error)[:200]) from None
    except RAW as error:
        raise Unreadable(type(error).__name__) from None


def _read_nothing(reply: Reply, how: Reading) -> dict[str, Any]:
    """An empty answer is right for a call that expects none, and for one taken over (202)."""
    if not 200 <= reply.status < 300:
        raise http_answers.refusal(reply, how.repeat)
    if how.call.operation.output is None or reply.status == 202:
        return {}
    raise _unclear("an empty answer", how)


def _root(reply: Reply, how: Reading) -> etree._Element:
    if reply.content_type.startswith("multipart/"):
        raise Unreadable("it comes with attachments (MTOM); ask the partner to send none")
    if "html" in reply.content_type:
        raise _no_answer(reply, how, "a page for people")
    try:
        return hardened.read(reply.body)
    except BadXml as error:
        why = "an XML with a DTD" if error.rule == "dtd" else "no decent XML"
        raise _no_answer(reply, how, why) from None


def _no_answer(reply: Reply, how: Reading, why: str) -> Exception:
    """Something else than SOAP came: a page of a gateway, or the rubble of an answer."""
    if not 200 <= reply.status < 300:
        return http_answers.refusal(reply, how.repeat)
    page = "html" in reply.content_type or http_answers.shown(reply) == "a page for people"
    if page or not reply.content_type.endswith("xml"):
        # Somebody in between has answered, not the service.
        return BadReply("a page for people" if page else f"{why}: {reply.content_type[:60]}")
    return _unclear(why, how)


def _unclear(why: str, how: Reading) -> NotAnswered | LostReply:
    failure = NotAnswered(why) if how.repeat else LostReply(why)
    failure.health = "well"
    return failure
