"""What an answer by HTTP means: a result, a refusal for good, or a reason to try again.

By RFC 9110, 15. A status says more than its page, so the page of an error is only repeated for
people. A good status with something else than what was agreed (a page of a gateway, of a login)
is no result and is tried again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Any, Literal

from connectors import json_values
from connectors.contract import Answer, Texts
from connectors.errors import BadReply, LostReply, Permanent, Transient
from connectors.transport import Reply

Expected = Literal["json", "xml", "text", "any"]

LATER = frozenset({408, 409, 425, 429})
"""Refusals that may end by themselves."""
NEVER = frozenset({501, 505})
"""Faults of a server that no waiting cures."""
PASSED_ON = 504
"""A gateway handed the request on and got no answer: nobody knows what became of it."""
SHOWN = 400
"""Characters of a partner's answer that are repeated to people."""
_HTML = re.compile(r"\s*<(!doctype html|html|head|body)\b", re.IGNORECASE)


class Refused(Permanent):
    """The partner answered that it will not do this."""

    persian = "طرف مقابل پاسخ داد که این کار را انجام نمی‌دهد."
    default_code = "http_400"


class Moved(Permanent):
    """The partner sends us to another address, and calls follow nobody."""

    persian = "طرف مقابل به نشانی دیگری حواله می‌دهد و فراخوانی‌ها به دنبال کسی نمی‌روند."
    default_code = "http_302"


ERRORS: Mapping[str, Texts] = {
    "http_400": {"en": "The partner does not understand (400)", "fa": "نفهمیدن درخواست (۴۰۰)"},
    "http_401": {"en": "Not let in (401)", "fa": "نپذیرفتن هویت ما (۴۰۱)"},
    "http_403": {"en": "Not allowed (403)", "fa": "نداشتن اجازه (۴۰۳)"},
    "http_404": {"en": "Not found (404)", "fa": "پیدا نشدن (۴۰۴)"},
    "http_409": {"en": "Conflict, to the last attempt (409)", "fa": "تعارض تا آخرین تلاش (۴۰۹)"},
    "http_410": {"en": "Gone (410)", "fa": "از میان رفتن (۴۱۰)"},
    "http_422": {"en": "Values refused (422)", "fa": "نپذیرفتن مقدارها (۴۲۲)"},
}


def read(
    reply: Reply, expected: Expected, accepted: frozenset[int], kept: frozenset[str], repeat: bool
) -> Answer:
    """The answer as a task's result: ``status``, ``body`` and the ``headers`` that are kept.

    ``accepted`` are statuses besides 2xx that the process wants to see. Raises what the status
    or an unexpected content means; ``repeat`` tells whether the request may be sent again when
    nobody knows what became of it.
    """
    if reply.status not in accepted and not 200 <= reply.status < 300:
        raise refusal(reply, repeat)
    is_error = reply.status >= 300
    body = _text(reply) if is_error and not _fits(reply, expected) else _body(reply, expected)
    found = {name: json_values.storable(reply.headers[name]) for name in kept & set(reply.headers)}
    result = {"status": reply.status, "body": body, "headers": found}
    id_ = json_values.storable(reply.headers.get("x-request-id", "")) or None
    return Answer(id_, _line(reply.status), result)


def refusal(reply: Reply, repeat: bool) -> Permanent | Transient | LostReply:
    """What an error status means, with what the partner says of it."""
    status = reply.status
    code, detail = f"http_{status}", f"{_line(status)}: {shown(reply)}".removesuffix(": ")
    if status < 400:
        return Moved(_line(status), code=code)
    if status == PASSED_ON and not repeat:
        return LostReply(detail, code=code)
    if status in LATER or (status >= 500 and status not in NEVER):
        later = Transient(detail, code=code, retry_after=reply.retry_after)
        later.may_have_acted = status >= 500
        later.health = "well" if _puts_off(reply) else "ill"
        return later
    return Refused(detail, code=code)


def _puts_off(reply: Reply) -> bool:
    """Whether the partner is there and only puts this call off; it may name how long."""
    if reply.status >= 500:
        return reply.retry_after is not None
    return reply.status != HTTPStatus.REQUEST_TIMEOUT


def shown(reply: Reply) -> str:
    """The beginning of what the partner says, on one line; of a page, that it is one."""
    text = reply.text[: 4 * SHOWN]
    if "html" in reply.content_type or _HTML.match(text):
        return "a page for people"
    return " ".join(json_values.storable(text).split())[:SHOWN]


def _line(status: int) -> str:
    return f"{status} {_PHRASES.get(status, '')}".strip()


_PHRASES = {one.value: one.phrase for one in HTTPStatus}


def _body(reply: Reply, expected: Expected) -> Any:
    if not reply.body.strip():
        return None
    if not _fits(reply, expected):
        raise BadReply(f"{reply.content_type[:60] or 'no type'} in place of {expected}")
    if expected == "json" or (expected == "any" and _is_json(reply)):
        return _json(reply)
    return _json_or_text(reply) if expected == "any" else _text(reply)


def _json_or_text(reply: Reply) -> Any:
    """Of a partner that does not say that it speaks JSON, though it does."""
    if reply.body.strip()[:1] in (b"{", b"["):
        with suppress(json_values.BadJson):
            return json_values.read(reply.text)
    return _text(reply)


def _fits(reply: Reply, expected: Expected) -> bool:
    if expected == "json":
        return _is_json(reply)
    if expected == "xml":
        return reply.content_type.endswith(("/xml", "+xml")) and "html" not in reply.content_type
    if expected == "text":
        return reply.content_type.startswith("text/") and "html" not in reply.content_type
    return True


def _is_json(reply: Reply) -> bool:
    return reply.content_type.endswith(("/json", "+json"))


def _json(reply: Reply) -> Any:
    try:
        return json_values.read(reply.text)
    except json_values.BadJson:
        raise BadReply("what calls itself JSON is none") from None


def _text(reply: Reply) -> str:
    return json_values.storable(reply.text)
