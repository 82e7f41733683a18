"""What an SMS gateway's wire format must say: how to send, and how to read what comes back.

A preset is pure: it makes requests and reads answers. The one who sends them is
:class:`connectors.sms_http.SmsHttp`. Secrets are taken out of answers before a preset sees them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar, Literal
from urllib.parse import parse_qsl, urlencode

from connectors import json_values
from connectors.contract import Answer, Hook, Inbound, NotAble, Report, Texts
from connectors.errors import DeliveryFailed, NotAdmitted, Permanent, Transient
from connectors.phones import read_line, read_sender
from connectors.pointers import pick
from connectors.sms_errors import BadPattern, NotNow, NotUnderstood, Throttled
from connectors.transport import Request

State = Literal["delivered", "failed", "unknown"]
Failures = Mapping[int, type[DeliveryFailed]]
"""What a gateway's own error codes mean; a code that is not there is permanent."""


@dataclass(frozen=True)
class Sms:
    """One message to one person: a text, or a template of the gateway with its parameters."""

    reference: str
    to: str
    """E.164."""
    text: str = ""
    template: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    ordered: tuple[str, ...] = ()
    """The parameters of templates that name none, in their order."""


@dataclass(frozen=True)
class Said:
    """What the gateway answered, without any secret."""

    status: int
    """Of HTTP."""
    data: Any
    """The JSON value; None when it is none."""
    text: str = ""
    retry_after: timedelta | None = None
    """How long it asks us to wait."""


class Preset(ABC):
    """One gateway's wire format."""

    key: ClassVar[str]
    names: ClassVar[Texts]
    url: ClassVar[str]
    """Where the gateway is, unless the channel says otherwise; without a slash at the end."""
    asks: ClassVar[bool] = False
    """Whether it can tell what became of a text by our own id."""

    @abstractmethod
    def sending(self, sms: Sms, options: Mapping[str, Any]) -> Request:
        """The request that sends one message."""

    @abstractmethod
    def taken(self, said: Said, options: Mapping[str, Any]) -> Answer:
        """What the gateway answered to it; raises an error of a family for a refusal."""

    @abstractmethod
    def probing(self, options: Mapping[str, Any]) -> Request:
        """A request that changes nothing, such as for the credit."""

    @abstractmethod
    def probed(self, said: Said, options: Mapping[str, Any]) -> str:
        """One line for people; raises as ``taken`` does."""

    def asking(self, reference: str, options: Mapping[str, Any]) -> Request:
        """The question after a message with our reference."""
        raise NotAble(f"{self.key}: ask")

    def known(self, said: Said, options: Mapping[str, Any]) -> Answer | None:
        """What the gateway knows of it; None when it never took it."""
        raise NotAble(f"{self.key}: ask")

    def checking(self, id_: str, options: Mapping[str, Any]) -> Request | None:
        """The question after a message by the gateway's id; None when it answers none."""
        return None

    def checked(self, said: Said, options: Mapping[str, Any]) -> Report | None:
        """What became of it; None while it is on its way."""
        return None

    def fetching(self, options: Mapping[str, Any]) -> list[Request]:
        """The requests for the newest messages that came in; nothing when it keeps none."""
        return []

    def fetched(self, said: Said, options: Mapping[str, Any]) -> list[Inbound]:
        """The messages that came in."""
        return []

    def check_hook(self, hook: Hook, options: Mapping[str, Any]) -> None:  # noqa: B027
        """Raise NotGenuine for a wrong signature; a gateway that signs nothing lets all pass."""

    def hook_reports(self, fields: Mapping[str, str], options: Mapping[str, Any]) -> list[Report]:
        """The delivery reports in what the gateway sent."""
        return []

    def hook_messages(self, fields: Mapping[str, str], options: Mapping[str, Any]) -> list[Inbound]:
        """The messages in what the gateway sent."""
        return [one] if (one := inbound(fields)) else []


def place(preset: Preset, options: Mapping[str, Any]) -> str:
    """The address that the preset's paths begin with."""
    return str(options.get("url") or preset.url).rstrip("/")


def get(url: str, query: Mapping[str, str] | None = None, headers: Texts | None = None) -> Request:
    """A request that may be repeated."""
    whole = f"{url}?{urlencode(query)}" if query else url
    return Request("GET", whole, {"Accept": "application/json", **(headers or {})}, repeat=True)


def post_form(url: str, fields: Mapping[str, str], headers: Texts | None = None) -> Request:
    """A form, in UTF-8."""
    given = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    return Request("POST", url, {**given, **(headers or {})}, urlencode(fields).encode())


def post_json(url: str, value: Any, headers: Texts | None = None) -> Request:
    """A JSON value."""
    given = {"Content-Type": "application/json", "Accept": "application/json"}
    return Request("POST", url, {**given, **(headers or {})}, json_values.write(value))


def refusal(
    number: int, words: object, failures: Failures, prefix: str, usual: type[DeliveryFailed]
) -> DeliveryFailed:
    """The error that a gateway's own code stands for, with its words."""
    family = failures.get(number, usual)
    detail = f"{number} {short(words)}".strip()
    own = family in (Permanent, Transient, NotAdmitted, NotNow)
    return family(detail, code=f"{prefix}_{number}" if own else None)


def judge_status(said: Said) -> DeliveryFailed:
    """What an answer without a readable body means, by its HTTP status alone.

    A page of HTML with status 200, or a 500 or 502, may come from something between us and the
    gateway after it has taken the message, so nobody knows.
    """
    detail, code = f"HTTP {said.status}", f"http_{said.status}"
    if said.status == 429:
        return Throttled(detail)
    if said.status in (401, 403):
        return NotAdmitted(detail, code=code)
    if said.status in (408, 409, 425, 503):
        return _showing(Transient(detail, code=code), said)
    if 300 <= said.status < 500:
        return Permanent(detail, code=code)
    return _showing(NotUnderstood(detail), said)


def _showing(failure: DeliveryFailed, said: Said) -> DeliveryFailed:
    """With what the status tells of the gateway itself; one that names how long is there."""
    is_down = said.status >= 500 and said.retry_after is None
    failure.health = "ill" if is_down or said.status == 408 else "well"
    return failure


def named(sms: Sms) -> Mapping[str, str]:
    """The parameters by name; raises BadPattern when they were given as a list."""
    if sms.ordered:
        raise BadPattern("this gateway takes its parameters by name")
    return sms.parameters


def money(value: object) -> Decimal | None:
    """An amount as a gateway writes it; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def identity(value: object) -> str | None:
    """A gateway's id as text; None for what is no id (nothing, 0, a list)."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    text = str(value).strip()
    return text[:100] if text not in ("", "0") else None


def short(words: object) -> str:
    """What a gateway said, in one short line."""
    text = words if isinstance(words, str) else ""
    plain = "".join(one if one.isprintable() else " " for one in text[:1000])
    return " ".join(plain.split())[:200]


_SENDERS = ("from", "From", "sender", "Sender", "mobile", "msisdn")
_LINES = ("to", "To", "receptor", "Receiver", "number", "line")
_BODIES = ("text", "message", "Body", "body", "messageText")
_IDS = ("messageid", "MessageSid", "MsgID", "id", "messages_inbox_id", "receiveReturnId")


def rows(data: Any, pointer: str) -> list[dict[str, Any]]:
    """The objects of the list that the pointer leads to; none where there is no list."""
    found = pick(data, pointer)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def inbound(fields: Mapping[str, str]) -> Inbound | None:
    """A message under the names that gateways usually use; None when there is no sender."""
    sender = first(fields, _SENDERS)
    if not sender:
        return None
    line = read_line(first(fields, _LINES))
    return Inbound(first(fields, _IDS), read_sender(sender), line, first(fields, _BODIES))


def first(fields: Mapping[str, str], names: Sequence[str]) -> str:
    """The first of these fields that is there and not empty."""
    return next((str(fields[name]) for name in names if fields.get(name)), "")


def records(hook: Hook) -> Iterator[Mapping[str, str]]:
    """The fields of what a gateway sent: from its address, a form, or JSON (one or a list),
    without characters that no table stores.

    Raises ``ValueError`` for a body that cannot be read.
    """
    kind = hook.headers.get("content-type", "").partition(";")[0].strip().lower()
    found: Iterable[Mapping[str, str]]
    if kind == "application/json" or hook.body[:1] in (b"{", b"["):
        found = _objects(json_values.read(hook.body.decode()))
    else:
        found = [dict(parse_qsl(hook.body.decode(), max_num_fields=100, keep_blank_values=True))]
    for fields in found:
        yield {name: json_values.storable(one) for name, one in {**hook.query, **fields}.items()}


MOST_RECORDS = 1000


def _objects(value: Any) -> Iterator[Mapping[str, str]]:
    found = value if isinstance(value, list) else [value]
    if len(found) > MOST_RECORDS or not all(isinstance(one, dict) for one in found):
        raise ValueError("neither an object nor a list of objects")
    for one in found:
        yield {str(k): str(v) for k, v in one.items() if isinstance(v, str | int | float)}
