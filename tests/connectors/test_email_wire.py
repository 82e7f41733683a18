"""Mail over a real socket, to a server that behaves and to servers that do not."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors import (
    Address,
    DeliveryFailed,
    Letter,
    LostReply,
    NotAdmitted,
    NotConnected,
    Permanent,
    Transient,
    Unknown,
    smtp_sessions,
)
from connectors.errors import NoEncryption, NotTls, NotTrusted
from connectors.lying_smtp import Lie, LyingServer, Stage
from connectors.smtp import SmtpServer, send, smtp_server
from tests.support.patience import patient

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
LETTER = Letter(
    "d-1", Address("us@peygir.example"), (Address("a@x.org"),), "سلام", ".نقطه\n.\nپایان", NOW
)


@pytest.fixture(params=[True, False], ids=["at once", "one by one"])
def server(request: pytest.FixtureRequest) -> Iterator[LyingServer]:
    with LyingServer(pipelining=request.param) as running:
        yield running


def url(server: LyingServer) -> SmtpServer:
    return smtp_server(f"smtp://{server.host}:{server.port}")


def until(lie: Lie) -> float:
    """How long to wait for each word of a server: not for long only for one that never speaks."""
    return 1 if lie == "silence" else 30


def test_a_letter_arrives_whole(server: LyingServer) -> None:
    accepted = send(LETTER, url(server))
    (one,) = server.received
    assert accepted.reference == "<d-1@peygir.example>"
    assert one.sender == "us@peygir.example"
    assert one.recipients == ("a@x.org",)
    assert b"Message-ID: <d-1@peygir.example>" in one.content


def test_a_dot_alone_on_a_line_does_not_end_the_letter(server: LyingServer) -> None:
    plain = Letter("d", LETTER.sender, LETTER.to, "x", "one\n.\n..two\nend", NOW, language="en")
    send(plain, url(server))
    assert b"one\r\n.\r\n..two\r\nend" in server.received[0].content


def test_bounces_go_to_the_envelope_sender(server: LyingServer) -> None:
    back = Address("bounce+d-1@peygir.example")
    send(Letter("d", LETTER.sender, LETTER.to, "x", "y", NOW, bounces_to=back), url(server))
    assert server.received[0].sender == back.mailbox


@pytest.mark.parametrize(
    ("stage", "lie", "family", "code"),
    [
        ("MAIL", "451 later", Transient, "smtp_451"),
        ("MAIL", "550 no", Permanent, "smtp_550"),
        ("MAIL", "530 who are you", NotAdmitted, "smtp_530"),
        ("RCPT", "450 grey", Transient, "smtp_450"),
        ("RCPT", "550 no such user", Permanent, "smtp_550"),
        ("RCPT", "vanish", NotConnected, "not_connected"),
        ("DATA", "452 full", Transient, "smtp_452"),
        ("DATA", "554 spam", Permanent, "smtp_554"),
        ("DATA", "vanish", LostReply, "lost_reply"),
        ("DATA", "take_and_vanish", LostReply, "lost_reply"),
        ("DATA", "silence", LostReply, "lost_reply"),
        ("MAIL", "silence", NotConnected, "not_connected"),
    ],
)
def test_each_failure_has_its_family(
    server: LyingServer, stage: Stage, lie: Lie, family: type[DeliveryFailed], code: str
) -> None:
    server.lies[stage] = [lie]
    with pytest.raises(family) as caught:
        send(LETTER, url(server), timeout=until(lie))
    assert type(caught.value) is family
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("stage", "lie", "health"),
    [
        ("MAIL", "451 later", "ill"),
        ("RCPT", "450 4.2.0 grey", "well"),
        ("RCPT", "451 4.7.1 grey", "well"),
        ("RCPT", "421 bye", "ill"),
        ("RCPT", "452 4.3.1 full disk", "ill"),
        ("RCPT", "550 no such user", "well"),
        ("DATA", "451 later", "well"),
        ("DATA", "451 4.3.5 broken", "ill"),
        ("DATA", "silence", "ill"),
    ],
)
def test_only_what_a_server_says_of_itself_shows_that_it_is_ill(
    server: LyingServer, stage: Stage, lie: Lie, health: str
) -> None:
    server.lies[stage] = [lie]
    with pytest.raises(DeliveryFailed) as caught:
        send(LETTER, url(server), timeout=until(lie))
    assert caught.value.health == health


def test_one_refused_recipient_stops_the_letter_for_all(server: LyingServer) -> None:
    server.lies["RCPT"] = ["450 grey", "550 gone", ""]
    three = tuple(Address(f"u{i}@x.org") for i in range(3))
    with pytest.raises(Permanent):
        send(Letter("d", LETTER.sender, three, "x", "y", NOW), url(server))
    assert server.received == []


def test_a_talk_that_drags_on_is_cut(server: LyingServer) -> None:
    server.lies["DATA"] = ["silence"]
    before = time.monotonic()
    with pytest.raises(Unknown):
        send(LETTER, url(server), timeout=600, deadline=0.3)
    assert time.monotonic() - before < patient(5)


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
def test_a_greeting_of_tls_that_drags_on_is_cut(scheme: str) -> None:
    with dripping(UP_TO_TLS[scheme]) as port:
        before = time.monotonic()
        with pytest.raises(Transient):
            send(LETTER, smtp_server(f"{scheme}://127.0.0.1:{port}"), timeout=600, deadline=0.3)
        assert time.monotonic() - before < patient(10)


UP_TO_TLS = {"smtps": [], "smtp+starttls": ["220 here", "250-here\r\n250 STARTTLS", "220 go on"]}


@contextmanager
def dripping(replies: list[str]) -> Iterator[int]:
    """A server that says these, and then a greeting of TLS byte by byte; its port."""
    over = threading.Event()

    def talk() -> None:
        connection, _ = listening.accept()
        with connection, suppress(OSError):
            for reply in replies:
                connection.sendall(reply.encode() + b"\r\n")
                connection.recv(1000)
            connection.sendall(b"\x16\x03\x03\x40\x00")
            while not over.wait(0.02):
                connection.sendall(b"\x02")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=talk)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            over.set()
            thread.join()


def test_nobody_listening_is_transient() -> None:
    with LyingServer() as gone:
        address = url(gone)
    with pytest.raises(NotConnected):
        send(LETTER, address, timeout=30)


def test_login_works_and_a_wrong_password_is_never_told() -> None:
    with LyingServer(passwords={"u@x": "p:@ ss"}) as server:
        good = smtp_server(f"smtp://u%40x:p%3A%40%20ss@127.0.0.1:{server.port}")
        send(LETTER, good)
        assert server.received[0].login == "u@x"
        bad = smtp_server(f"smtp://u%40x:S3cretWord@127.0.0.1:{server.port}")
        with pytest.raises(NotAdmitted) as caught:
            send(LETTER, bad)
        assert "S3cretWord" not in f"{caught.value!r}{caught.value}{bad!r}"
        assert caught.value.__cause__ is None


def test_a_server_that_repeats_the_password_does_not_get_it_into_the_error() -> None:
    with LyingServer(passwords={"u": "S3cretWord"}, lies={"RCPT": ["550 S3cretWord"]}) as server:
        with pytest.raises(Permanent) as caught:
            send(LETTER, smtp_server(f"smtp://u:S3cretWord@127.0.0.1:{server.port}"))
        assert "S3cretWord" not in str(caught.value)
        assert "550" in str(caught.value)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    made = folder / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-keyout", folder / "key.pem", "-out", made, "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
        check=True, capture_output=True,
    )  # fmt: skip
    return made


@pytest.mark.parametrize(("scheme", "wrapped"), [("smtps", True), ("smtp+starttls", False)])
def test_encrypted_mail_checks_the_certificate(
    certificate: Path, scheme: str, wrapped: bool
) -> None:
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(certificate, certificate.with_name("key.pem"))
    with LyingServer(tls=own, wrapped=wrapped) as server:
        there = smtp_server(f"{scheme}://localhost:{server.port}")
        send(LETTER, there, tls=ssl.create_default_context(cafile=str(certificate)))
        send(LETTER, replace(there, trust=certificate.read_text()))
        with pytest.raises(NotTrusted, match="self-signed"):
            send(LETTER, there)
        elsewhere = smtp_server(f"{scheme}://127.0.0.1:{server.port}")
        with pytest.raises(NotTrusted, match=r"127\.0\.0\.1"):
            send(LETTER, elsewhere, tls=ssl.create_default_context(cafile=str(certificate)))
    assert len(server.received) == 2


def test_starttls_is_not_skipped_when_the_server_has_none(server: LyingServer) -> None:
    with pytest.raises(NotTls):
        send(LETTER, smtp_server(f"smtps://127.0.0.1:{server.port}"))
    with pytest.raises(NoEncryption):
        send(LETTER, smtp_server(f"smtp+starttls://127.0.0.1:{server.port}"))
    assert server.received == []


def test_urls_are_read_with_their_usual_ports() -> None:
    assert smtp_server("smtp://mail.x.org") == SmtpServer("mail.x.org", 25)
    assert smtp_server("smtps://mail.x.org") == SmtpServer("mail.x.org", 465, "tls")
    starttls = smtp_server("smtp+starttls://u:p@mail.x.org")
    assert starttls == SmtpServer("mail.x.org", 587, "starttls", "u", "p")


@pytest.mark.parametrize(
    "bad",
    ["http://u:S3cret@x", "smtp://u:S3cret@", "smtp://u:S3cret#1@x", "smtp://u:p@x:S3cret",
     "smtp://u:S3cret@[x", "S3cret", "smtp://u:S3cret@x/path"],
)  # fmt: skip
def test_a_wrong_url_is_refused_without_being_repeated(bad: str) -> None:
    with pytest.raises(ValueError, match="SMTP URL") as caught:
        smtp_server(bad)
    assert "S3cret" not in repr(caught.value)
    assert caught.value.__cause__ is None


def test_letters_to_one_server_share_a_talk(server: LyingServer) -> None:
    way = url(server)
    for _ in range(3):
        send(LETTER, way)
    assert len(server.received) == 3
    assert server.greeted == 1


@pytest.mark.parametrize(
    ("stage", "lie"), [("MAIL", "421 later"), ("MAIL", "vanish"), ("RCPT", "vanish")]
)
def test_a_talk_that_the_server_ended_meanwhile_is_begun_anew(
    server: LyingServer, stage: Stage, lie: Lie
) -> None:
    way = url(server)
    send(LETTER, way)
    server.lies = {stage: [lie]}
    send(LETTER, way)
    assert len(server.received) == 2
    assert server.greeted == 2


def test_a_letter_that_was_taken_is_not_repeated_on_another_talk(server: LyingServer) -> None:
    way = url(server)
    send(LETTER, way)
    server.lies = {"DATA": ["take_and_vanish"]}
    with pytest.raises(LostReply):
        send(LETTER, way)
    assert len(server.received) == 2
    send(LETTER, way)
    assert server.greeted == 2


def test_a_refused_letter_ends_a_kept_talk(server: LyingServer) -> None:
    way = url(server)
    send(LETTER, way)
    server.lies = {"RCPT": ["550 nobody"]}
    with pytest.raises(Permanent):
        send(LETTER, way)
    send(LETTER, way)
    assert len(server.received) == 2


def test_another_password_gets_a_talk_of_its_own() -> None:
    with LyingServer(passwords={"ours": "new"}) as server:
        way = SmtpServer(server.host, server.port, "none", "ours", "new")
        send(LETTER, way)
        with pytest.raises(NotAdmitted):
            send(LETTER, replace(way, password="old"))


def test_a_talk_is_kept_for_so_many_letters_only(server: LyingServer) -> None:
    way = url(server)
    for _ in range(smtp_sessions.LETTERS + 1):
        send(LETTER, way)
    assert server.greeted == 2
