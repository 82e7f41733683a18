"""Calls go to the public internet and to what an administrator has allowed, nowhere else."""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import NotConnected
from connectors.networks import (
    AddressRefused,
    find_addresses,
    is_public,
    judge,
    read_networks,
)


@pytest.mark.parametrize(
    "text",
    "127.0.0.1 127.255.0.1 0.0.0.0 10.0.0.1 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 "
    "192.0.2.1 198.18.0.1 224.0.1.1 240.0.0.1 255.255.255.255 192.88.99.1 :: ::1 ::ffff:127.0.0.1 "
    "::ffff:10.0.0.1 ::127.0.0.1 ::ffff:0:127.0.0.1 64:ff9b::7f00:1 64:ff9b::a00:1 64:ff9b:1::1 "
    "2001::1 2002:7f00:1:: 2002:808:808:: 2606:4700:0:0:0:5efe:7f00:1 fe80::1 fe80::1%eth0 fc00::1 "
    "fd00:ec2::254 fec0::1 ff02::1 ff0e::1 2001:db8::1 3fff::1 5f00::1 100::1".split(),
)
def test_addresses_inside_are_refused(text: str) -> None:
    with pytest.raises(AddressRefused):
        judge(text, 443)


@pytest.mark.parametrize("text", "8.8.8.8 2606:4700::1111 64:ff9b::808:808 5.160.0.1".split())
def test_public_addresses_are_let_in(text: str) -> None:
    assert judge(text, 443) == ip_address(text)


def test_an_address_in_the_clothes_of_another_is_judged_and_reached_as_itself() -> None:
    assert judge("::ffff:8.8.8.8", 443) == IPv4Address("8.8.8.8")


def test_an_administrator_allows_a_private_network_at_a_port() -> None:
    allowed = read_networks("10.1.0.0/16:8443, 192.168.7.5 [fd00:1::/32]:443 ::1")
    assert judge("10.1.2.3", 8443, allowed) == IPv4Address("10.1.2.3")
    assert judge("::ffff:10.1.2.3", 8443, allowed) == IPv4Address("10.1.2.3")
    assert judge("192.168.7.5", 1, allowed) == IPv4Address("192.168.7.5")
    assert judge("fd00:1::9", 443, allowed) == IPv6Address("fd00:1::9")
    assert judge("::1", 80, allowed) == IPv6Address("::1")
    for text, port in [("10.1.2.3", 443), ("10.2.0.1", 8443), ("fd00:1::9", 80)]:
        with pytest.raises(AddressRefused):
            judge(text, port, allowed)


@pytest.mark.parametrize("text", ["0.0.0.0/0", "224.0.0.0/4", "::/0"])
def test_nobody_allows_what_is_no_host(text: str) -> None:
    for address in ("0.0.0.0", "224.0.1.1", "::", "ff0e::1"):  # noqa: S104  # Only judged.
        with pytest.raises(AddressRefused):
            judge(address, 80, read_networks(text))


@pytest.mark.parametrize(
    "text", ["10.0.0.0/33", "10.1.2.3/8:80", "partner.test:80", "10.0.0.1:0", "10.0.0.1:x", "[::1"]
)
def test_a_network_that_cannot_be_read_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="not a network with a port"):
        read_networks(f"10.0.0.1:80 {text}")


@given(st.integers(0, 2**32 - 1))
def test_no_form_of_a_private_address_is_public(number: int) -> None:
    plain = IPv4Address(number)
    mapped = IPv6Address((0xFFFF << 32) | number)
    nat64 = IPv6Address(int(IPv6Address("64:ff9b::")) | number)
    compatible, six = IPv6Address(number), IPv6Address((0x2002 << 112) | (number << 80))
    assert is_public(nat64) == is_public(plain)
    assert not is_public(mapped) and not is_public(compatible) and not is_public(six)
    if plain.is_private or plain.is_multicast:
        assert not is_public(plain)
        with pytest.raises(AddressRefused):
            judge(str(mapped), 443)


def _resolving(*addresses: str) -> Any:
    def answer(host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]

    return answer


def test_one_inside_address_among_others_refuses_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", _resolving("8.8.8.8", "127.0.0.1"))
    with pytest.raises(AddressRefused):
        find_addresses("partner.test", 443, (), 5)


def test_a_name_gives_each_of_its_addresses_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", _resolving("8.8.8.8", "8.8.4.4", "8.8.8.8"))
    found = find_addresses("partner.test", 443, (), 5)
    assert found == [IPv4Address("8.8.8.8"), IPv4Address("8.8.4.4")]


def test_an_unknown_name_is_not_reached_now(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(NotConnected, match="is not known"):
        find_addresses("partner.test", 443, (), 5)
