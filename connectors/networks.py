"""Which addresses a call may go to: the public internet, and what an administrator has allowed.

Whoever may write an address in a form must not reach the services of our own network through
us. So every name is resolved here, every address it has is judged, and the connection goes to
the very address that was judged: a name that answers otherwise the next time gains nothing.
"""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Any

from connectors.contract import PRIVATE
from connectors.errors import NotConnected, Permanent

Address = IPv4Address | IPv6Address

_UNICAST = IPv6Network("2000::/3")
"""All that has been given out of IPv6 (RFC 4291, 2.4, and IANA's registry)."""
_NAT64 = IPv6Network("64:ff9b::/96")
_CLOSED = (
    IPv6Network("2001::/32"),  # Teredo
    IPv6Network("2002::/16"),  # 6to4
    IPv6Network("3fff::/20"),  # documentation
    IPv4Network("192.88.99.0/24"),  # 6to4 relays
)
_ISATAP = (0x00005EFE, 0x02005EFE)
_ENTRY = re.compile(r"(\[)?(?P<network>[0-9A-Fa-f.:]+(/[0-9]{1,3})?)(?(1)\])")


class AddressRefused(Permanent):
    """The address lies in a network that calls may not go to."""

    persian = "این نشانی در شبکه‌ای است که درخواست به آن مجاز نیست."
    default_code = "address_refused"
    health = "unknown"


@dataclass(frozen=True)
class Network:
    """A private network that may be reached, at one port or, with None, at all of them."""

    network: IPv4Network | IPv6Network
    port: int | None = None

    def holds(self, address: Address, port: int) -> bool:
        return self.port in (None, port) and address in self.network


def read_networks(text: str) -> tuple[Network, ...]:
    """Read ``10.1.0.0/16:8443, 192.168.7.5:80, [fd00::/8]:443, 172.16.3.0/24`` (parted by
    commas or white space); raises ``ValueError`` naming the entry that cannot be read."""
    return tuple(map(_network, text.replace(",", " ").split()))


def allowed_by(options: Mapping[str, Any]) -> tuple[Network, ...]:
    """The private networks that the options of a channel list."""
    return read_networks(" ".join(options[PRIVATE]))


def _network(entry: str) -> Network:
    place, colon, port = entry.rpartition(":")
    with_port = bool(colon) and (":" not in place or place.endswith("]"))
    found = _ENTRY.fullmatch(place if with_port else entry)
    try:
        written = found["network"] if found else ""
        return Network(ip_network(written), _port(port) if with_port else None)
    except ValueError:
        raise ValueError(f"not a network with a port, as 10.1.0.0/16:8443: {entry[:60]}") from None


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise ValueError(text)
    return int(text)


def comes_from(text: str, networks: Sequence[Network]) -> bool:
    """Whether a caller at this address comes from one of the networks, whose ports do not count;
    without networks from anywhere."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return not networks
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return not networks or any(address in one.network for one in networks)


def judge(text: str, port: int, allowed: Iterable[Network] = ()) -> Address:
    """The address to connect to; raises :class:`AddressRefused` for one that may not be.

    An IPv4 address that is written as one of IPv6 is judged as what it is.
    """
    address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    never = address.is_unspecified or address.is_multicast
    if not never and (is_public(address) or any(one.holds(address, port) for one in allowed)):
        return address
    raise AddressRefused(f"{address}, port {port}")


def is_public(address: Address) -> bool:
    """Tell whether an address belongs to one host of the public internet.

    Forms that carry an IPv4 address inside (NAT64, 6to4, Teredo, ISATAP, mapped, compatible)
    count as public only where that one does, and only NAT64, which networks really use, at all.
    """
    if isinstance(address, IPv6Address):
        return _is_public_v6(address)
    return address.is_global and not address.is_multicast and not _is_closed(address)


def _is_public_v6(address: IPv6Address) -> bool:
    if address in _NAT64:
        return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
    if (int(address) >> 32) & 0xFFFFFFFF in _ISATAP:
        return False
    return address in _UNICAST and address.is_global and not _is_closed(address)


def _is_closed(address: Address) -> bool:
    return any(address in network for network in _CLOSED)


MOST_ADDRESSES = 100
"""Of one name; judging and trying more would take long."""


def find_addresses(
    host: str, port: int, allowed: Sequence[Network], seconds: float
) -> list[Address]:
    """Resolve a host within so many seconds; every address that it has must be allowed.

    Raises :class:`AddressRefused` when one of them is not, :class:`NotConnected` when the name
    has none or more than a hundred, or the name server is silent.
    """
    texts = dict.fromkeys(_resolve(host, port, seconds))
    if len(texts) > MOST_ADDRESSES:
        raise NotConnected(f"the name {host} has {len(texts)} addresses")
    return list(dict.fromkeys(judge(text, port, allowed) for text in texts))


def _resolve(host: str, port: int, seconds: float) -> list[str]:
    """Ask the system's resolver, which knows no time limit, in a thread that may be left."""
    try:
        return [str(ip_address(host))]
    except ValueError:
        pass
    found: list[str] = []
    failures: list[OSError | UnicodeError] = []

    def ask() -> None:
        try:
            answer = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.extend(str(entry[4][0]) for entry in answer)
        except (OSError, UnicodeError) as error:
            failures.append(error)

    thread = threading.Thread(target=ask, daemon=True, name="resolve")
    thread.start()
    thread.join(max(seconds, 0))
    if not found:
        why = "is not known" if failures else "could not be looked up in time"
        raise NotConnected(f"the name {host} {why}")
    return list(found)
