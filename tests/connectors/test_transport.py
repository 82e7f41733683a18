"""The way out by HTTP, against a partner that lies."""

import socket
import ssl
import subprocess
import threading
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import lying_http as does
from connectors.errors import (
    BadHeader,
    LostReply,
    NotAdmitted,
    NotAnswered,
    NotConnected,
    Permanent,
    ReplyTooLarge,
)
from connectors.lying_http import LyingPartner
from connectors.transport import (
    AddressRefused,
    Limits,
    Reply,
    Request,
    checked_headers,
    fetch,
    read_networks,
)
from tests.support.patience import patient

HERE = read_networks("127.0.0.1")
CALM = Limits(connect=20, wait=20, total=40, most=1_000_000)
"""No partner is ever so slow, however busy the machine."""
QUICK = Limits(connect=0.5, wait=0.5, total=1, most=1_000_000)
SHORT = replace(CALM, total=1)


@pytest.fixture
def partner() -> Iterator[LyingPartner]:
    with LyingPartner() as running:
        yield running


def call(partner: LyingPartner, method: str = "POST", **facts: Any) -> Reply:
    given = {"allowed": HERE, "limits": CALM, "body": b"{}" if method == "POST" else None}
    return fetch(Request(method, partner.url + "/x?a=1", **{**given, **facts}))


def test_a_call_arrives_as_it_was_meant(partner: LyingPartner) -> None:
    reply = call(partner, headers={"X-Own": "1", "Content-Type": "application/json"})
    assert (reply.status, reply.content_type) == (200, "application/json")
    assert reply.text == '{"ok": true}' and not reply.cut
    [heard] = partner.heard
    assert (heard.method, heard.target, heard.body) == ("POST", "/x?a=1", b"{}")
    assert heard.headers["x-own"] == "1" and heard.headers["connection"] == "close"
    assert heard.headers["host"] == f"127.0.0.1:{partner.port}"


def test_private_addresses_are_refused_before_anything_is_sent(partner: LyingPartner) -> None:
    for host in ("127.0.0.1", "localhost", "[::ffff:127.0.0.1]"):
        with pytest.raises(AddressRefused):
            fetch(Request("GET", f"http://{host}:{partner.port}/"))
    with pytest.raises(AddressRefused):
        call(partner, allowed=read_networks(f"127.0.0.1:{partner.port + 1}"))
    assert partner.connections == 0


def test_a_name_that_changes_its_mind_gains_nothing(
    partner: LyingPartner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the second answer would lead inside; there is no second question."""
    asked = []

    def lie(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        address = "192.0.2.1" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", lie)
    allowed = read_networks("192.0.2.0/24")
    with pytest.raises(NotConnected):
        url = f"http://rebinding.test:{partner.port}/"
        fetch(Request("GET", url, allowed=allowed, limits=QUICK))
    assert asked == ["rebinding.test"] and partner.connections == 0


def test_the_next_address_is_tried_when_the_first_is_dead(
    partner: LyingPartner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def two(host: str, port: int, **_: Any) -> list[Any]:
        both = ("127.0.0.2", "127.0.0.1")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in both]

    monkeypatch.setattr(socket, "getaddrinfo", two)
    url = f"http://two.test:{partner.port}/"
    assert fetch(Request("GET", url, allowed=read_networks("127.0.0.0/8"))).status == 200
    assert partner.heard[0].headers["host"] == f"two.test:{partner.port}"


def test_proxies_of_the_environment_are_not_used(
    partner: LyingPartner, monkeypatch: pytest.MonkeyPatch
) -> None:
    with LyingPartner() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert call(partner).status == 200
        assert proxy.connections == 0


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_told_and_not_followed(partner: LyingPartner, status: int) -> None:
    with LyingPartner() as inside:
        partner.then(does.redirects(inside.url, status))
        reply = call(partner)
        assert reply.status == status and reply.headers["location"] == inside.url
        assert inside.connections == 0


@pytest.mark.parametrize("after", [0, 5, 40, 200])
def test_a_slow_drip_ends_on_time(partner: LyingPartner, after: int) -> None:
    """In the status line, in the headers and in the body."""
    partner.then(does.drips(0.02, after))
    began = time.monotonic()
    with pytest.raises(LostReply, match="out of time"):
        call(partner, limits=SHORT)
    assert time.monotonic() - began < patient(2)


def test_an_answer_without_a_stated_length_ends_on_time_or_with_the_connection(
    partner: LyingPartner,
) -> None:
    open_ended = b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n"

    def slow(talk: does.Talk) -> None:
        talk.send(open_ended)
        talk.drip(b"x" * 10_000, 0.02)

    partner.then(does.speaks(open_ended + b"whole"), slow)
    assert call(partner).text == "whole"
    with pytest.raises(LostReply, match="out of time"):
        call(partner, limits=SHORT)


def test_silence_ends_with_the_single_wait(partner: LyingPartner) -> None:
    partner.then(does.is_silent)
    began = time.monotonic()
    with pytest.raises(LostReply):
        call(partner, limits=replace(CALM, wait=0.2, total=600))
    assert time.monotonic() - began < patient(2)


def test_a_partner_that_never_takes_the_body_ends_on_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        began = time.monotonic()
        with pytest.raises(NotConnected):
            fetch(Request("POST", url, body=b"x" * 50_000_000, allowed=HERE, limits=QUICK))
    assert time.monotonic() - began < patient(2.5)


def test_a_port_that_takes_no_more_callers_ends_on_time() -> None:
    """A full queue of callers is silence while connecting."""
    with socket.socket() as listener, socket.socket() as first, socket.socket() as second:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for filler in (first, second):
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        began = time.monotonic()
        with pytest.raises(NotConnected):
            url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
            fetch(Request("GET", url, allowed=HERE, limits=QUICK))
        assert time.monotonic() - began < patient(2)


def test_a_silent_name_server_ends_on_time(monkeypatch: pytest.MonkeyPatch) -> None:
    told = threading.Event()

    def hang(*_: Any, **__: Any) -> list[Any]:
        told.wait(120)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    began = time.monotonic()
    with pytest.raises(NotConnected, match="in time"):
        fetch(Request("GET", "http://slow.test/", limits=QUICK))
    assert time.monotonic() - began < patient(2)
    told.set()


def test_a_name_with_very_many_addresses_is_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as closed:
        closed.bind(("", 0))
        port = closed.getsockname()[1]
        many = [f"127.{n >> 16}.{n >> 8 & 255}.{n & 255}" for n in range(1, 20_001)]
        told = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in many]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: told)
        began = time.monotonic()
        with pytest.raises(NotConnected) as caught:
            url = f"http://many.test:{port}/"
            fetch(Request("GET", url, allowed=HERE_ALL, limits=QUICK))
    assert time.monotonic() - began < patient(3)
    assert "20000 addresses" in str(caught.value)


HERE_ALL = read_networks("127.0.0.0/8")


def test_a_tls_greeting_that_never_comes_ends_on_time() -> None:
    with LyingPartner(usual=does.is_silent) as plain:
        began = time.monotonic()
        with pytest.raises((NotConnected, NotAdmitted)):
            url = plain.url.replace("http:", "https:")
            fetch(Request("GET", url, allowed=HERE, limits=QUICK))
        assert time.monotonic() - began < patient(2)


@pytest.mark.parametrize(
    "act", [does.large(50_000_000), does.bomb(50_000_000), does.bomb(50_000_000, "deflate")]
)
def test_a_large_answer_is_not_read_to_its_end(partner: LyingPartner, act: does.Act) -> None:
    partner.then(act)
    tracemalloc.start()
    try:
        with pytest.raises(ReplyTooLarge):
            call(partner, limits=replace(CALM, wait=60, total=120))
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()


def test_packing_that_nobody_asked_for_is_no_answer(partner: LyingPartner) -> None:
    for encoding in ("br", "gzip, gzip", "x"):
        partner.then(does.says(b"x", headers={"Content-Encoding": encoding}))
        with pytest.raises(LostReply):
            call(partner)


def test_the_head_of_a_packed_answer_has_no_body(partner: LyingPartner) -> None:
    partner.then(does.speaks(does.head(200, 99, "text/plain", {"Content-Encoding": "gzip"})))
    reply = call(partner, "HEAD")
    assert (reply.status, reply.body) == (200, b"")


def test_a_packed_answer_is_unpacked(partner: LyingPartner) -> None:
    partner.then(does.bomb(1000), does.bomb(1000, "deflate"))
    assert call(partner).body == call(partner).body == b"\0" * 1000


@pytest.mark.parametrize(
    "act",
    [
        does.leaves,
        does.resets(),
        does.resets(100),
        does.speaks(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"),
        does.speaks(b"HTTP/1.1 20"),
        does.speaks(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"),
        does.speaks(b"HTTP/1.1 200 OK\r\nContent-Type: app"),
        does.speaks(b"220 mail.partner.test ESMTP\r\n"),
        does.speaks(b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 200 + b"\r\n"),
        does.speaks(b"HTTP/1.1 200 OK\r\nX: " + b"1" * 100_000 + b"\r\n\r\n"),
        does.speaks(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        does.speaks(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-3\r\nabc\r\n"),
        does.speaks(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"),
    ],
)
def test_what_became_of_it_is_unknown_without_a_whole_answer(
    partner: LyingPartner, act: does.Act
) -> None:
    partner.then(act, act)
    with pytest.raises(LostReply):
        call(partner)
    with pytest.raises(NotAnswered):
        call(partner, repeat=True)
    assert len(partner.heard) == 2


def test_what_is_told_before_the_answer_is_not_the_answer(partner: LyingPartner) -> None:
    def first_hints(talk: does.Talk) -> None:
        talk.send(b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
        does.says_json({"id": 7})(talk)

    partner.then(first_hints)
    reply = call(partner)
    assert (reply.status, reply.text) == (200, '{"id": 7}')
    assert "link" not in reply.headers


def test_an_answer_that_never_begins_ends_on_time(partner: LyingPartner) -> None:
    partner.then(lambda talk: talk.drip(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1000, 0.002))
    began = time.monotonic()
    with pytest.raises(LostReply):
        call(partner, limits=SHORT)
    assert time.monotonic() - began < patient(5)


def test_an_error_status_counts_without_the_rest_of_its_answer(partner: LyingPartner) -> None:
    lost = does.speaks(b"HTTP/1.1 503 No\r\nRetry-After: 7\r\nContent-Length: 99\r\n\r\nsorry")
    huge = does.says(b"x" * 2_000_000, 500)
    partner.then(lost, huge)
    first, second = call(partner), call(partner)
    assert (first.status, first.cut, first.retry_after) == (503, True, timedelta(seconds=7))
    assert (second.status, second.cut, len(second.body)) == (500, True, 1_000_000)


def test_nobody_there_is_not_connected(partner: LyingPartner) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(NotConnected):
        fetch(Request("POST", f"http://127.0.0.1:{port}/", allowed=HERE))


@pytest.mark.parametrize(
    ("told", "date", "seconds"),
    [
        ("120", "", 120),
        ("Sun, 22 Nov 2026 08:01:00 GMT", "Sun, 22 Nov 2026 08:00:00 GMT", 60),
        ("Sun, 22 Nov 2026 08:01:00 GMT", "", None),
        ("Sun, 22 Nov 2026 07:00:00 GMT", "Sun, 22 Nov 2026 08:00:00 GMT", 0),
        ("soon", "Sun, 22 Nov 2026 08:00:00 GMT", None),
        ("-5", "", None),
        ("۱۲", "", None),
        ("12", "yesterday", None),
    ],
)
def test_the_wait_that_a_partner_asks_for(told: str, date: str, seconds: int | None) -> None:
    reply = Reply(429, {"retry-after": told, "date": date}, b"")
    assert reply.retry_after == (None if seconds is None else timedelta(seconds=seconds))


@given(st.text(max_size=40), st.text(max_size=40))
def test_headers_cannot_break_out(name: str, value: str) -> None:
    try:
        headers = checked_headers(Request("GET", "http://x/", {name: value}))
    except BadHeader:
        return
    assert name.isascii() and ":" not in name and " " not in name and name
    assert not {"\r", "\n", "\0"} & set("".join([*headers, *headers.values()]))


@pytest.mark.parametrize(
    "headers",
    [
        {"X": "a\r\nEvil: 1"}, {"X\r\nEvil": "1"}, {"X": "a\nb"}, {"": "x"}, {"X Y": "1"},
        {"Host": "evil.test"}, {"content-length": "0"}, {"Transfer-Encoding": "chunked"},
        {"X": "سلام"}, {"X": "a\0"}, {"X": "x" * 9000},
    ],
)  # fmt: skip
def test_bad_headers_are_refused_before_anything_is_sent(
    partner: LyingPartner, headers: dict[str, str]
) -> None:
    with pytest.raises(BadHeader):
        call(partner, headers=headers)
    with pytest.raises(Permanent):
        call(partner, method="GET\r\nEvil")
    assert partner.connections == 0


def test_secrets_in_addresses_and_headers_are_in_no_error_and_no_repr() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    url = f"http://127.0.0.1:{port}/key-s3cr3t?key=s3cr3t"
    request = Request("GET", url, {"Authorization": "s3cr3t"}, b"s3cr3t", HERE)
    with pytest.raises(NotConnected) as failure:
        fetch(request)
    assert "s3cr3t" not in repr(request) + str(failure.value) + repr(failure.value)
    assert failure.value.__cause__ is None


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for partner.test and for 127.0.0.1, with its key beside it."""
    made = tmp_path_factory.mktemp("tls") / "cert.pem"
    names = "subjectAltName=DNS:partner.test,IP:127.0.0.1"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "2", "-subj", "/CN=partner.test", "-addext", names,
         "-keyout", str(made.with_name("key.pem")), "-out", str(made)],
        check=True, capture_output=True,
    )  # fmt: skip
    return made


@pytest.fixture
def secure(certificate: Path) -> Iterator[LyingPartner]:
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(certificate, certificate.with_name("key.pem"))
    with LyingPartner(tls=own) as running:
        yield running


def _here(host: str, port: int, **_: Any) -> list[Any]:
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]


def test_tls_checks_the_name_that_was_asked_for(
    secure: LyingPartner, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", _here)
    trust, port = certificate.read_text(), secure.port

    def ask(host: str, trust: str) -> Reply:
        return fetch(Request("GET", f"https://{host}:{port}/", allowed=HERE, trust=trust))

    assert ask("partner.test", trust).status == 200
    assert ask("127.0.0.1", trust).status == 200
    for host, trusted in [("other.test", trust), ("partner.test", "")]:
        with pytest.raises(NotAdmitted, match="TLS") as failure:
            ask(host, trusted)
        assert failure.value.code == "tls"
    assert len(secure.heard) == 2


def test_a_slow_drip_over_tls_ends_on_time(secure: LyingPartner, certificate: Path) -> None:
    secure.then(does.drips(0.02))
    began = time.monotonic()
    with pytest.raises(LostReply):
        call(secure, trust=certificate.read_text(), limits=SHORT)
    assert time.monotonic() - began < patient(2)


def test_certificates_that_cannot_be_read_are_a_settings_fault(secure: LyingPartner) -> None:
    with pytest.raises(Permanent, match="certificates"):
        call(secure, trust="nonsense")
