"""Signed letters, checked by a library that shares nothing with what signs them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import dkim as checker
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from connectors import Address, Letter, dkim
from connectors.contract import Order
from connectors.email import Email
from connectors.letters import wire_bytes
from connectors.lying_smtp import LyingServer

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
LETTER = Letter(
    "d-1", Address("us@peygir.example", "سازمان نمونه"), (Address("a@x.org", "مریم"),),
    "درخواست شما با شمارهٔ ۱۲۳۴۵ ثبت شد و همکاران ما به‌زودی آن را بررسی می‌کنند " * 3,
    ".نقطه\n.\n\n  فاصله  \tو جدول \nپایان\n\n\n", NOW, reply_to=Address("re+1@peygir.example"),
)  # fmt: skip


@cache
def key(kind: str) -> Any:
    """Made once: an RSA key takes its time."""
    if kind == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    return rsa.generate_private_key(65537, int(kind))


def pem(made: Any) -> str:
    text: bytes = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return text.decode()


def signer(kind: str = "1024") -> dkim.Signer:
    return dkim.Signer("peygir.example", "s1", key(kind))


def is_good(message: bytes, by: dkim.Signer) -> bool:
    """What the library says, which finds the record that we tell to publish."""
    name, _, text = dkim.record(by).partition(" IN TXT ")
    published = "".join(re.findall(r'"([^"]*)"', text)).encode()
    asked = f"{by.selector}._domainkey.{by.domain}."

    def find(asked_for: bytes, timeout: int = 5) -> bytes | None:
        assert (name, asked_for.decode()) == (asked, asked)
        return published

    return bool(checker.verify(message, dnsfunc=find))


@pytest.mark.parametrize("kind", ["1024", "2048", "ed25519"])
def test_a_persian_letter_is_signed_so_that_others_can_check_it(kind: str) -> None:
    signed = dkim.sign(wire_bytes(LETTER), signer(kind), NOW)
    assert is_good(signed, signer(kind))
    assert max(map(len, signed.split(b"\r\n\r\n")[0].split(b"\r\n"))) <= 78
    assert signed == dkim.sign(wire_bytes(LETTER), signer(kind), NOW)


@settings(deadline=None, max_examples=60)
@given(subject=st.text(max_size=200), body=st.text(max_size=300))
def test_whatever_a_letter_says_its_signature_holds(subject: str, body: str) -> None:
    plain = " ".join("".join(c for c in subject if c.isprintable()).split())
    letter = replace(LETTER, subject=plain, body=body.encode(errors="ignore").decode())
    assert is_good(dkim.sign(wire_bytes(letter), signer(), NOW), signer())


def test_folding_anew_on_the_way_breaks_nothing() -> None:
    signed = dkim.sign(wire_bytes(LETTER), signer(), NOW)
    head, _, body = signed.partition(b"\r\n\r\n")
    unfolded = re.sub(rb"\r\n[ \t]+", b" \t ", head)
    assert unfolded != head
    assert is_good(unfolded + b"\r\n\r\n" + body + b"\r\n\r\n", signer())


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(b"Date: Sat", b"Date: Sun"),
        lambda text: text.replace(b"Subject: ", b"Subject: more ", 1),
        lambda text: text.replace(b"\r\nFrom:", b"\r\nFrom: other@x.org\r\nFrom:", 1),
        lambda text: text.replace(b"\r\nMIME", b"\r\nSubject: other\r\nMIME", 1),
        lambda text: text[:-40] + b"A" + text[-39:],
    ],
)
def test_a_changed_letter_is_not_good_any_more(change: Any) -> None:
    signed = dkim.sign(wire_bytes(LETTER), signer(), NOW)
    assert change(signed) != signed
    assert not is_good(change(signed), signer())


def test_headers_and_bodies_are_made_plain_as_the_standard_shows() -> None:
    # The example of RFC 6376, 3.4.5.
    headers = list(dkim._headers(b"A: X\r\nB : Y\t\r\n\tZ  "))
    assert dkim.plain_headers(headers, ["a", "b"]) == b"a:X\r\nb:Y Z\r\n"
    assert dkim.plain_body(b" C \r\nD \t E\r\n\r\n\r\n") == b" C\r\nD E\r\n"
    assert dkim.plain_body(b"") == dkim.plain_body(b"\r\n\r\n") == b""


def test_keys_are_read_as_people_paste_them_and_others_refused() -> None:
    for made in (key("1024"), key("ed25519")):
        for lost in ("\n", " ", "\r\n", ""):
            assert isinstance(dkim.read_key(pem(made).replace("\n", lost)), dkim.PrivateKey)
    whole, curve = pem(key("1024")), ec.generate_private_key(ec.SECP256R1())
    for bad in ("", "nothing", whole.replace("PRIVATE", "PUBLIC"), pem(curve), whole[:90]):
        with pytest.raises(dkim.BadKey):
            dkim.read_key(bad)


def options(**more: Any) -> dict[str, Any]:
    said = {"host": "127.0.0.1", "security": "none", "sender": "us@mail.peygir.example"}
    loaded: dict[str, Any] = Email.Options().load({**said, **more})
    return loaded


def test_a_channel_signs_and_its_test_tells_the_record() -> None:
    with LyingServer() as server:
        given = options(
            host=server.host, port=server.port, dkim_selector="s1", dkim_key=pem(key("2048")),
            dkim_domain="peygir.example",
        )  # fmt: skip
        Email().send(Order("d-1", NOW, to="a@x.org", subject="سلام", body=".\n..\nدو"), given)
        words = Email().probe(given)
    assert is_good(server.received[0].content, signer("2048"))
    record = dkim.record(signer("2048"))
    assert words.endswith(record)
    assert record.startswith('s1._domainkey.peygir.example. IN TXT ( "v=DKIM1; k=rsa; p=')
    assert all(len(part) <= 255 for part in re.findall(r'"([^"]*)"', record))


def test_without_a_key_nothing_is_signed() -> None:
    with LyingServer() as server:
        given = options(host=server.host, port=server.port)
        Email().send(Order("d-1", NOW, to="a@x.org", subject="x", body="y"), given)
        assert "DKIM" not in Email().probe(given)
    assert b"DKIM-Signature" not in server.received[0].content


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"dkim_selector": "s1"}, "dkim_key"),
        ({"dkim_key": "KEY"}, "dkim_selector"),
        ({"dkim_key": "KEY", "dkim_selector": "a b"}, "dkim_selector"),
        ({"dkim_key": "no key", "dkim_selector": "s1"}, "dkim_key"),
        ({"dkim_key": "KEY", "dkim_selector": "s1", "dkim_domain": "other.example"}, "dkim_domain"),
        ({"dkim_key": "KEY", "dkim_selector": "s1", "dkim_domain": "r.example"}, "dkim_domain"),
        ({"dkim_domain": "a..b"}, "dkim_domain"),
    ],
)
def test_half_a_signer_is_refused_at_its_field(more: dict[str, str], field: str) -> None:
    given = {name: pem(key("1024")) if text == "KEY" else text for name, text in more.items()}
    with pytest.raises(ValidationError) as refused:
        options(**given)
    assert list(refused.value.messages_dict) == [field]


def test_a_signer_shows_no_key() -> None:
    assert "Private" not in repr(signer())
