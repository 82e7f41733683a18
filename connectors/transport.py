"""The one way out by HTTP: guarded, bounded, and exact about what is known when it fails.

Before the whole request was sent nothing can have happened at the partner
(:class:`~connectors.errors.NotConnected`, tried again). After that, without a whole answer,
nobody knows (:class:`~connectors.errors.LostReply`), unless the caller says that the request may
be repeated. An answer with an error status counts even when the rest of it does not arrive.
"""

from __future__ import annotations

import logging
import re
import ssl
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.utils import parsedate_to_datetime
from errno import ECONNRESET, EPIPE, EPROTOTYPE
from functools import lru_cache
from http.client import HTTPException, IncompleteRead
from typing import Any

import certifi
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import DecodeError, HTTPError, SSLError

from connectors.answers import Answer
from connectors.errors import (
    BadHeader,
    DeliveryFailed,
    LostReply,
    NotAdmitted,
    NotAnswered,
    NotConnected,
    Permanent,
    ReplyTooLarge,
)
from connectors.guarded import GuardedHttp, GuardedHttps, Limits, Watch
from connectors.identity import Identity, take_on
from connectors.networks import AddressRefused, Network, read_networks
from connectors.retry import read_retry_after
from connectors.urls import BadUrl, Url, add_path, read_url

# It writes whole addresses into its log when it is asked for everything, and keys travel in them.
logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing, if the partner keeps to RFC 9110, 9.2.1."""
IDEMPOTENT = SAFE | {"PUT", "DELETE"}
"""Methods that may be repeated, if the partner keeps to RFC 9110, 9.2.2."""
OURS = frozenset(
    "host content-length transfer-encoding connection keep-alive te trailer upgrade expect "
    "accept-encoding proxy-authorization proxy-connection".split()
)
"""Headers that belong to the connection; nobody else may set them."""
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_VALUE = re.compile(r"[\t\x20-\x7e]{0,8192}")
STANDARD = Limits()
_PIECE = 64 * 1024
_BROKEN = (HTTPError, HTTPException, OSError)


@dataclass(frozen=True)
class Request:
    """One call to a partner. Its ``repr`` shows no headers and no body, which hold secrets."""

    method: str
    url: str | Url = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    allowed: tuple[Network, ...] = ()
    """Private networks that this call may reach."""
    limits: Limits = STANDARD
    repeat: bool = False
    """Whether it may be sent again when its end is unknown."""
    trust: str = field(default="", repr=False)
    """Certificates, in PEM, of authorities that this partner is trusted by, besides the usual."""
    identity: Identity | None = None
    """What proves who we are, where the partner asks for it in the TLS greeting."""


@dataclass(frozen=True)
class Reply:
    """What the partner answered."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case; those that come several times joined by commas."""
    body: bytes = field(repr=False)
    cut: bool = False
    """An answer with an error status, of which more was sent or lost than is here."""

    @property
    def content_type(self) -> str:
        """The media type in lower case and without parameters; empty when none is given."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def text(self) -> str:
        """The body by the charset that the partner names, else UTF-8; never fails."""
        message = Message()
        message["content-type"] = self.headers.get("content-type", "")
        charset = message.get_content_charset() or "utf-8"
        try:
            return self.body.decode(charset, "replace")
        except (LookupError, UnicodeError, ValueError):
            return self.body.decode("utf-8", "replace")

    @property
    def retry_after(self) -> timedelta | None:
        """How long the partner asks us to wait; a date counts by the partner's own clock."""
        text, date = self.headers.get("retry-after", ""), self.headers.get("date", "")
        try:
            now = parsedate_to_datetime(date) if date else None
            if now is None and not text.strip().isdigit():
                return None
            return read_retry_after(text, now or _ANY_TIME)
        except (ValueError, TypeError, OverflowError):
            return None


_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)
"""A number of seconds is the same wait at any time."""


def fetch(request: Request) -> Reply:
    """Send one request and read the whole answer, whatever its status; nothing is followed.

    Raises ``BadUrl``, ``BadHeader`` and ``AddressRefused`` (permanent) before anything is sent;
    ``NotConnected`` and ``NotAdmitted`` (transient) when it was not sent whole; ``LostReply``
    (unknown), or with ``repeat`` ``NotAnswered`` (transient), when it was and no whole answer
    came; ``ReplyTooLarge`` (permanent) for a good answer of too many bytes.
    """
    url = read_url(request.url) if isinstance(request.url, str) else request.url
    headers = checked_headers(request)
    watch = Watch(request.allowed, request.limits)
    try:
        with closing(_connection(url, request, watch)) as connection:
            return _talk(connection, url, request, headers)
    except DeliveryFailed:
        raise
    except _BROKEN as error:
        raise _failure(error, url, request, watch) from None
    finally:
        watch.end()


def checked_headers(request: Request) -> dict[str, str]:
    """The headers to send; raises BadHeader for one that could break out of its line or that
    belongs to the connection."""
    if request.method not in METHODS:
        raise Permanent(f"not a method: {request.method[:20]!r}", code="bad_method")
    for name, value in request.headers.items():
        if not _TOKEN.fullmatch(name) or not _VALUE.fullmatch(value) or name.lower() in OURS:
            raise BadHeader(ascii(name)[:60])
    own = {"Accept-Encoding": "gzip, deflate", "Connection": "close", "User-Agent": "Peygir"}
    given = {name.lower() for name in request.headers}
    return {k: v for k, v in own.items() if k.lower() not in given} | dict(request.headers)


def basic(user: str, password: str) -> str:
    """The value of ``Authorization`` by RFC 7617."""
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


def _connection(url: Url, request: Request, watch: Watch) -> GuardedHttp | GuardedHttps:
    """A connection for one call: one that was kept may be dead, and then nobody knows what became
    of the request."""
    seconds = request.limits.connect
    if url.scheme == "http":
        return GuardedHttp(url.host, url.port, timeout=seconds, watch=watch)
    context = trusted(request.trust, request.identity)
    return GuardedHttps(
        url.host, url.port, timeout=seconds, watch=watch,
        ssl_context=context, cert_reqs="CERT_REQUIRED",
    )  # fmt: skip


@lru_cache(maxsize=64)
def trusted(trust: str, identity: Identity | None = None) -> ssl.SSLContext:
    """Whom to trust: the machine's authorities, the usual ones, and the partner's own, in PEM;
    and who we are.

    Raises ``Permanent`` (``tls``) for what is no certificate, or no key.
    """
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(certifi.where())
    if trust:
        try:
            context.load_verify_locations(cadata=trust)
        except (ssl.SSLError, ValueError):
            raise Permanent("the partner's certificates cannot be read", code="tls") from None
    if identity is not None:
        take_on(context, identity)
    return context


def _talk(
    connection: GuardedHttp | GuardedHttps, url: Url, request: Request, headers: dict[str, str]
) -> Reply:
    connection.connect()
    try:
        connection.ask(request.method, url.target, headers, request.body)
    except OSError as error:
        # Who answers before it has read all may close its ear; the answer is there all the same.
        if error.errno not in _NO_LONGER_READ:
            raise
    connection.timeout = request.limits.wait
    answer = connection.answer(request.method)
    try:
        if answer.told is None:
            return _read(answer.unpacking(), connection.watch)
        return _read_plain(answer, answer.told, connection.watch)
    finally:
        answer.close()


_NO_LONGER_READ = (EPIPE, ECONNRESET, EPROTOTYPE)


def _read_plain(answer: Answer, told: Mapping[str, str], watch: Watch) -> Reply:
    refused, most = answer.status >= 300, watch.limits.most
    if (answer.length or 0) > most and not refused:
        raise ReplyTooLarge(f"more than {most} bytes")
    try:
        body, cut = answer.read(most), (answer.length or 0) > 0
    except _BROKEN:
        body, cut = b"", True
        if not refused:
            raise
    if cut and not refused:
        raise IncompleteRead(body)
    return Reply(answer.status, told, body, cut)


def _read(raw: BaseHTTPResponse, watch: Watch) -> Reply:
    told = {name.lower(): ", ".join(raw.headers.getlist(name)) for name in raw.headers}
    refused, most = raw.status >= 300, watch.limits.most
    body, cut = bytearray(), False
    try:
        for piece in _pieces(raw, told.get("content-encoding", ""), watch):
            body += piece
            _check_size(max(len(body), raw.tell()), most)
    except (*_BROKEN, ReplyTooLarge):
        if not refused:
            raise
        cut = True
    return Reply(raw.status, told, bytes(body[:most]), cut)


def _pieces(raw: BaseHTTPResponse, encoding: str, watch: Watch) -> Iterator[bytes]:
    if encoding.strip().lower() not in _ENCODINGS:
        raise DecodeError("packed in a way that was not asked for")
    try:
        yield from raw.stream(_PIECE, decode_content=True)
    except ValueError:
        raise DecodeError("chunks that nobody can read") from None
    if watch.was_cut:
        # An answer of no stated length ends when the connection does.
        raise TimeoutError


def _check_size(size: int, most: int) -> None:
    if size > most:
        raise ReplyTooLarge(f"more than {most} bytes")


_ENCODINGS = ("", "identity", "gzip", "x-gzip", "deflate")


def _failure(error: Exception, url: Url, request: Request, watch: Watch) -> DeliveryFailed:
    """What a broken talk means; tells the host, never the path, for keys travel in it."""
    detail = f"{_name(error, watch)} at {url.authority}"
    if isinstance(error, (SSLError, ssl.SSLError)) and (not watch.sent or _is_not_let_in(error)):
        return NotAdmitted(f"TLS: {_reason(error)} at {url.authority}", code="tls")
    if not watch.sent:
        return NotConnected(detail)
    return NotAnswered(detail) if request.repeat else LostReply(detail)


def _is_not_let_in(error: Any) -> bool:
    """Whether the partner refused our certificate, or the lack of one: with TLS 1.3 its alert
    comes after the request was sent, which nobody behind the greeting has seen."""
    reason = _reason(error).upper().replace(" ", "_")
    return "ALERT" in reason and any(word in reason for word in _OF_CERTIFICATES)


_OF_CERTIFICATES = ("CERTIFICATE", "UNKNOWN_CA", "ACCESS_DENIED")


def _name(error: Exception, watch: Watch) -> str:
    if watch.is_late():
        return "out of time"
    inner = error.args[-1] if error.args else None
    return type(inner if isinstance(inner, Exception) else error).__name__


def _reason(error: Any) -> str:
    """OpenSSL's short word for it, such as CERTIFICATE_VERIFY_FAILED."""
    inner = error.args[0] if error.args and isinstance(error.args[0], ssl.SSLError) else error
    told = getattr(inner, "verify_message", None) or getattr(inner, "reason", None)
    return str(told or type(inner).__name__)[:120]


__all__ = [
    "IDEMPOTENT", "METHODS", "SAFE", "AddressRefused", "BadUrl", "Limits", "Network", "Reply",
    "Request", "Url", "add_path", "basic", "checked_headers", "fetch", "read_networks", "read_url",
    "trusted",
]  # fmt: skip
