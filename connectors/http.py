"""Calls to a partner's HTTP interface: one request, its answer as the task's result."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar
from urllib.parse import urlencode

from connectors import http_answers, http_parts, oauth
from connectors.contract import Answer, Connector, End, Input, Order, Repeats, Texts
from connectors.errors import BadInput, DeliveryFailed, NotAdmitted
from connectors.http_options import REPEATS, HttpOptions, read_lines
from connectors.http_way import way
from connectors.identity_options import CERTIFICATE, ends_of, shown
from connectors.masking import masked_failure, masked_values, texts_in
from connectors.transport import METHODS, Reply, Request, Url, basic, fetch, read_url

_INPUTS = (
    Input(
        "method", {"en": "Method", "fa": "روش"}, kind="choice", default="POST",
        choices={one: {"en": one, "fa": one} for one in METHODS},
    ),
    Input(
        "path",
        {"en": "Path", "fa": "مسیر"},
        {
            "en": "Under the channel’s address; a list gives one segment for each member.",
            "fa": "زیرِ نشانی کانال؛ فهرست برای هر عضو یک بخش می‌دهد.",
        },
    ),
    Input("query", {"en": "Query", "fa": "پرس‌وجو"}, {"en": "A context.", "fa": "نام‌ومقدار."},
          kind="feel"),
    Input("headers", {"en": "Headers", "fa": "سرایندها"}, {"en": "A context.", "fa": "نام‌ومقدار."},
          kind="feel"),
    Input("body", {"en": "Body", "fa": "بدنه"}, kind="feel"),
    Input(
        "content", {"en": "Body sent as", "fa": "شکل بدنه"}, kind="choice", default="json",
        choices={
            "json": {"en": "JSON", "fa": "JSON"},
            "form": {"en": "Form", "fa": "فرم"},
            "xml": {"en": "XML", "fa": "XML"},
            "text": {"en": "Text", "fa": "متن"},
        },
    ),
    Input(
        "expects", {"en": "Answer expected", "fa": "شکل پاسخ"}, kind="choice", default="json",
        choices={
            "json": {"en": "JSON", "fa": "JSON"},
            "xml": {"en": "XML, as text", "fa": "XML به‌صورت متن"},
            "text": {"en": "Text", "fa": "متن"},
            "any": {"en": "JSON or text, whatever comes", "fa": "JSON یا متن، هرچه بیاید"},
        },
    ),
    Input(
        "accepts",
        {"en": "Other statuses that are answers", "fa": "وضعیت‌های دیگری که پاسخ‌اند"},
        {
            "en": "Such as 404: then the process sees the status in place of an error.",
            "fa": "مانند 404: آن‌گاه فرایند به‌جای خطا، وضعیت را می‌بیند.",
        },
    ),
)  # fmt: skip


@dataclass(frozen=True)
class _Call:
    """What the inputs of a task ask for, checked."""

    request: Request
    expected: http_answers.Expected
    accepted: frozenset[int]


class Http(Connector):
    """Any partner that is called by HTTP."""

    kind = "http"
    task_type = "http"
    names: ClassVar = {"en": "HTTP call", "fa": "فراخوانی HTTP"}
    about: ClassVar = {
        "en": "Calls a partner’s HTTP interface and hands its answer to the process.",
        "fa": "رابط HTTP طرف مقابل را فرامی‌خواند و پاسخش را به فرایند می‌دهد.",
    }
    abilities: ClassVar = frozenset({"call"})
    Options = HttpOptions
    inputs = _INPUTS
    results: ClassVar[Mapping[str, Texts]] = {
        "status": {"en": "The status, such as 200", "fa": "وضعیت، مانند ۲۰۰"},
        "body": {"en": "The answer: of JSON its value, else its text",
                 "fa": "پاسخ: از JSON مقدارش، وگرنه متنش"},
        "headers": {"en": "The headers that the channel keeps",
                    "fa": "سرایندهایی که کانال نگه می‌دارد"},
    }  # fmt: skip
    errors: ClassVar[Mapping[str, Texts]] = {
        **http_answers.ERRORS,
        "bad_url": {"en": "The path is not let in", "fa": "مسیر پذیرفتنی نیست"},
        "bad_input": {"en": "The body or a value cannot be sent",
                      "fa": "بدنه یا مقداری فرستادنی نیست"},
        "address_refused": {"en": "The address may not be called",
                            "fa": "فراخوانی این نشانی مجاز نیست"},
        "reply_too_large": {"en": "The answer is too large",
                            "fa": "بیش از اندازه بودن پاسخ"},
    }  # fmt: skip
    repeats = "hold"

    def send(self, order: Order, options: Mapping[str, Any]) -> Answer:
        """Make the call; the answer's ``status``, ``body`` and ``headers`` are the result."""
        secrets = _secrets(self, options)
        try:
            call = _read(order, options)
            reply, request = _authorised(call.request, options)
            secrets += _proof(request)
            kept = frozenset(options["kept_headers"].lower().split()) - {"set-cookie"}
            answer = http_answers.read(reply, call.expected, call.accepted, kept, request.repeat)
        except DeliveryFailed as failure:
            raise masked_failure(failure, secrets) from None
        id_ = masked_values(answer.id, secrets)
        return replace(answer, id=id_, result=masked_values(answer.result, secrets))

    def repeats_of(self, order: Order, options: Mapping[str, Any]) -> Repeats:
        """What the channel says of the order's method."""
        method = str(order.inputs.get("method") or "POST").upper()
        return "repeat" if method in REPEATS[options["repeats"]] else "hold"

    def probe(self, options: Mapping[str, Any]) -> str:
        """Get a token where one is needed, and ask for the head of the address."""
        secrets = _secrets(self, options)
        request = replace(way(options), method="HEAD", url=read_url(options["base_url"]))
        try:
            reply, asked = _authorised(replace(request, headers=_fixed(options)), options)
            secrets += _proof(asked)
            if reply.status in (401, 403, 407):
                raise NotAdmitted(f"{reply.status}", code=f"http_{reply.status}")
            if reply.status >= 500:
                raise http_answers.refusal(reply, repeat=True)
        except DeliveryFailed as failure:
            raise masked_failure(failure, secrets) from None
        return f"HTTP {reply.status}{shown(self.ends(options))}"

    def ends(self, options: Mapping[str, Any]) -> Sequence[End]:
        """When our certificate for TLS ends."""
        return ends_of(options, CERTIFICATE)


def _secrets(connector: Connector, options: Mapping[str, Any]) -> tuple[str, ...]:
    """The secret options, and the forms in which they travel that masking does not know."""
    plain = tuple(texts_in([options.get(name) for name in connector.secret_names()]))
    if not options["password"]:
        return plain
    return (*plain, basic(options["user"], options["password"]).partition(" ")[2])


def _proof(request: Request) -> tuple[str, ...]:
    """What a partner may repeat that no option holds, such as a token that was given to us."""
    found = request.headers.get("Authorization", "").partition(" ")[2]
    return (found,) if found else ()


def _fixed(options: Mapping[str, Any]) -> dict[str, str]:
    return read_lines(options["headers"])


def _read(order: Order, options: Mapping[str, Any]) -> _Call:
    chosen = {one.name: _choice(one, order.inputs) for one in _INPUTS if one.kind == "choice"}
    value = order.inputs.get
    own = options["idempotency_header"]
    reserved = frozenset({own.lower(), options["api_key_name"].lower()} - {""})
    data, media_type = http_parts.body(chosen["content"], value("body"))
    ours = {own: order.reference} if own else {}
    ours |= {"Content-Type": media_type} if data is not None else {}
    accept = {"Accept": _ACCEPT.get(chosen["expects"], "*/*")}
    asked = http_parts.headers(value("headers"), reserved)
    headers = _merged(accept, _fixed(options), asked, ours)
    url = http_parts.address(read_url(options["base_url"]), value("path"), value("query"))
    repeat = chosen["method"] in REPEATS[options["repeats"]]
    request = replace(
        way(options), method=chosen["method"], url=url, headers=headers, body=data, repeat=repeat
    )
    return _Call(request, chosen["expects"], _statuses(value("accepts")))  # type: ignore[arg-type]  # One of its choices.


def _choice(one: Input, inputs: Mapping[str, Any]) -> str:
    given = inputs.get(one.name)
    text = one.default if given in (None, "") else str(given)
    found = {choice.lower(): choice for choice in one.choices}.get(str(text).lower())
    if found is None:
        raise BadInput(f"{one.name}: one of {', '.join(one.choices)} is expected")
    return found


_ACCEPT = {"json": "application/json", "xml": "application/xml, text/xml", "text": "text/plain"}


def _merged(*several: Mapping[str, str]) -> dict[str, str]:
    """All headers, a later one in place of an earlier one of the same name."""
    found = {name.lower(): (name, value) for one in several for name, value in one.items()}
    return dict(found.values())


def _statuses(given: object) -> frozenset[int]:
    members = given if isinstance(given, list | tuple) else [given]
    words = " ".join("" if one is None else http_parts.scalar("accepts", one) for one in members)
    found = words.replace(",", " ").split()
    if not all(re.fullmatch("[45][0-9]{2}", one) for one in found):
        raise BadInput("accepts: statuses from 400 to 599 are expected")
    return frozenset(map(int, found))


def _authorised(request: Request, options: Mapping[str, Any]) -> tuple[Reply, Request]:
    """The answer to the request made in our name."""
    if options["auth"] != "oauth2":
        ready = _PROOFS[options["auth"]](request, options)
        return fetch(ready), ready
    client = oauth.Client(
        options["token_url"], options["client_id"], options["client_secret"], options["scope"],
        options["audience"], options["client_in"],
    )  # fmt: skip
    return _with_token(request, client)


def _with_token(request: Request, client: oauth.Client) -> tuple[Reply, Request]:
    """A token that is refused is replaced once; a second refusal is the answer."""
    for again in (True, False):
        token = oauth.TOKENS.get(client, request)
        ready = _with_header(request, "Authorization", f"Bearer {token}")
        reply = fetch(ready)
        if reply.status != 401 or not again:
            break
        oauth.TOKENS.forget(token)
    return reply, ready


def _with_header(request: Request, name: str, value: str) -> Request:
    return replace(request, headers={**request.headers, name: value})


def _with_basic(request: Request, options: Mapping[str, Any]) -> Request:
    return _with_header(request, "Authorization", basic(options["user"], options["password"]))


def _with_bearer(request: Request, options: Mapping[str, Any]) -> Request:
    return _with_header(request, "Authorization", f"Bearer {options['token']}")


def _with_key(request: Request, options: Mapping[str, Any]) -> Request:
    name, key = options["api_key_name"], options["api_key"]
    if options["api_key_in"] == "header":
        return _with_header(request, name, key)
    url = request.url if isinstance(request.url, Url) else read_url(request.url)
    mark = "&" if "?" in url.target else "?"
    return replace(request, url=replace(url, target=url.target + mark + urlencode({name: key})))


_PROOFS = {
    "none": lambda request, _: request,
    "basic": _with_basic,
    "bearer": _with_bearer,
    "api_key": _with_key,
}
