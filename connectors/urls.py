"""Web addresses, read strictly: whoever looks at one sees the host that will be asked.

Programs disagree over odd addresses, and what one takes for a path another takes for a host.
So everything odd is refused, and what is let in is written anew from its parts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import quote, unquote

import idna

from connectors.errors import Permanent

_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9A-Fa-f:.]{2,45}\]|[^/?#\[\]@:\\%\s]{1,253})"
    r"(?::(?P<port>[0-9]{1,5}))?(?P<path>/[^?#]*)?(?:\?(?P<query>[^#]*))?",
    re.IGNORECASE,
)
_NAME = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_ODD = re.compile('[\x00-\x20\x7f-\xa0\u2028\u2029\\\\"<>^`{|}]')
_BROKEN_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2})")
_HIDDEN = re.compile("%(2f|5c|2e|25|3f|23|0[0-9a-f]|1[0-9a-f]|7f)", re.IGNORECASE)
_PLAIN = "/:@!$&'()*+,;=~-._%?"
LONGEST = 4096
"""Characters of a whole address."""
_PORTS = {"http": 80, "https": 443}


class BadUrl(Permanent):
    """This is not a web address that a call can go to."""

    persian = "این، نشانی وبی نیست که بتوان به آن درخواست فرستاد."
    default_code = "bad_url"
    health = "unknown"


@dataclass(frozen=True)
class Url:
    """The parts of an address; ``host`` is ASCII, an IPv6 address without its brackets."""

    scheme: str
    host: str
    port: int
    target: str
    """Path and query as they are sent; begins with ``/``."""

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target}"


def read_url(text: str) -> Url:
    """Read ``http://`` or ``https://`` with a host; raises :class:`BadUrl` for anything odd.

    Odd are a user name or password, a fragment, blanks and control characters, a backslash, a
    port of 0 or beyond 65535, and a number in place of a host name that is not the four plain
    decimal parts of an IPv4 address. The error repeats nothing but the scheme's and host's
    place, for keys travel in addresses.
    """
    found = _URL.fullmatch(text) if len(text) <= LONGEST else None
    if found is None or _ODD.search(text) or _BROKEN_ESCAPE.search(text):
        raise BadUrl("expected: https://host:port/path")
    scheme = found["scheme"].lower()
    port = int(found["port"] or _PORTS[scheme])
    if not 1 <= port <= 65535:
        raise BadUrl(f"port {port}")
    target = (found["path"] or "/") + ("?" + found["query"] if found["query"] else "")
    return Url(scheme, _host(found["host"]), port, quote(target, safe=_PLAIN))


def add_path(base: Url, path: str) -> Url:
    """The address of ``path`` under ``base``; never above it and never at another host.

    Raises :class:`BadUrl` for ``..``, ``//``, a query, a fragment, and for escapes that another
    program would read as one of these.
    """
    parts = path.removeprefix("/").split("/")
    if any(part in (".", "..") for part in parts) or "" in parts[:-1]:
        raise BadUrl("the path leaves its place")
    bad = _ODD.search(path) or _BROKEN_ESCAPE.search(path) or _HIDDEN.search(path)
    if bad or "?" in path or "#" in path or ";" in path or len(path) > LONGEST // 2:
        raise BadUrl("the path holds a sign that is not let in")
    if any(one in unquote(path) for one in "\u2025\uff0e\uff0f\uff3c\u2215\u2044\ufffd"):
        raise BadUrl("the path holds a sign that is not let in")
    if "?" in base.target:
        raise BadUrl("the base address has a query")
    target = base.target.rstrip("/") + "/" + path.removeprefix("/") if path else base.target
    return Url(base.scheme, base.host, base.port, quote(target, safe=_PLAIN))


def _host(text: str) -> str:
    if text.startswith("["):
        try:
            return str(IPv6Address(text[1:-1]))
        except AddressValueError:
            raise BadUrl("not an IPv6 address") from None
    name = _ascii(text).removesuffix(".")
    if not _NAME.fullmatch(name):
        raise BadUrl("not a host name")
    return _plain_number(name) if _NUMBER.fullmatch(name.rpartition(".")[2]) else name


def _ascii(text: str) -> str:
    if text.isascii():
        return text.lower()
    try:
        return idna.encode(text, uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        raise BadUrl("not a host name") from None


def _plain_number(name: str) -> str:
    """An IPv4 address as everybody reads it; ``0x7f.1``, ``017700000001`` and ``2130706433``
    mean 127.0.0.1 to some programs and are refused."""
    try:
        return str(IPv4Address(name))
    except AddressValueError:
        raise BadUrl("not an IPv4 address of four decimal parts") from None
