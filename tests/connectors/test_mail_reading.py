"""Mails as they come: odd, broken and hostile ones are read or refused, soon and in one way."""

from __future__ import annotations

import random
import time
from base64 import b64encode
from dataclasses import fields
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import Address, Letter, address, mail_parts, wire_bytes
from connectors.mail_parts import DEEPEST, MOST_PARTS, Unreadable
from connectors.mail_reading import LARGEST, LONGEST_TEXT, Mail, read
from connectors.mail_words import beginning, decode
from tests.connectors.mails import WORDS, mail, multipart, random_words

PERSIAN = "سلام، یخچال من خراب است و کسی پاسخ نمی‌دهد."


@pytest.mark.slow
def test_a_thousand_persian_subjects_and_name_lists_come_back_equal() -> None:
    draw = random.Random(1405)
    seen = set()
    for number in range(1000):
        subject = random_words(draw, 20)
        mine, *names = (" ".join(random_words(draw, 6).split()) for _ in range(draw.randint(2, 6)))
        us = Address("requests@peygir.example", mine)
        to = tuple(address(f"u{i}@example.org", name) for i, name in enumerate(names))
        at = datetime(2026, 11, 21, tzinfo=UTC)
        raw = wire_bytes(Letter(f"d-{number}", us, to, subject, PERSIAN, at))
        # Of those it goes to only the addresses are kept, of those to answer the names as well.
        found = read(raw.replace(b"\r\nTo: ", b"\r\nCc: a@example.org\r\nReply-To: ", 1))
        assert found.subject == subject[:300]
        assert found.sender.name == mine[:200]
        assert [one.name for one in found.reply_to] == [one[:200] for one in names]
        assert [one.mailbox for one in found.reply_to] == [one.mailbox for one in to]
        assert read(raw).recipients == tuple(one.mailbox for one in to)
        assert found.text == PERSIAN
        seen |= {subject, *names}
    assert len(seen) > 2500 and max(map(len, seen)) > 78, "long enough to be folded, and not alike"


def test_names_of_senders_are_read_though_they_hold_commas() -> None:
    name = "=?utf-8?b?" + b64encode("رضایی، سارا, دفتر".encode()).decode() + "?="
    found = read(mail(headers=f"From: {name} <Sara@Example.ORG>"))
    assert found.sender.name == "رضایی، سارا, دفتر"
    assert found.sender.mailbox == "sara@example.org"


def test_a_character_split_over_two_encoded_words_is_whole() -> None:
    raw = "سلام".encode()
    words = " ".join(f"=?UTF-8?B?{b64encode(part).decode()}?=" for part in (raw[:3], raw[3:]))
    assert read(mail(headers=f"Subject: {words}")).subject == "سلام"


@pytest.mark.parametrize(
    "declared", ["utf-8", "us-ascii", "iso-8859-1", "windows-1252", "", "x-no"]
)
@pytest.mark.parametrize("real", ["utf-8", "cp1256"])
def test_persian_is_read_though_its_charset_is_told_wrongly(declared: str, real: str) -> None:
    text = "سلام، پاسخ شما را ديدم و خوب است."
    raw = mail(headers=f"Content-Type: text/plain; charset={declared}", body=text.encode(real))
    assert read(raw).text == text


def test_a_declared_charset_is_believed_when_it_fits() -> None:
    body = "سلام".encode("cp1256")
    raw = mail(headers="Content-Type: text/plain; charset=windows-1256", body=body)
    assert read(raw).text == "سلام"


def test_european_accents_do_not_become_persian() -> None:
    text = "Schöne Grüße, à bientôt, señor Müller"
    for declared in ("iso-8859-1", ""):
        headers = f"Content-Type: text/plain; charset={declared}"
        assert read(mail(headers=headers, body=text.encode("cp1252"))).text == text


def test_a_cut_utf8_text_stays_utf8() -> None:
    body = PERSIAN.encode()[:-2] + b"\xd9"
    assert PERSIAN[:20] in read(mail(headers="Content-Type: text/plain", body=body)).text


def test_a_raw_subject_without_any_encoding_is_read() -> None:
    subject = "شكايت از خدمات"
    for charset in ("utf-8", "cp1256"):
        assert read(b"Subject: " + subject.encode(charset) + b"\r\n\r\nx").subject == subject


def test_text_is_preferred_and_html_is_kept_safe() -> None:
    html = '<p onclick="x()">سلام<script>alert(1)</script><img src="https://t.example/p.gif"></p>'
    found = read(multipart(("text/plain", "سلام"), ("text/html", html), kind="alternative"))
    assert found.text == "سلام"
    assert found.html is not None
    assert "onclick" not in found.html
    assert "alert" not in found.html


def test_a_mail_with_html_alone_gets_its_text_from_it() -> None:
    html = "<style>p{}</style><p>سطر یک<br>سطر دو</p><blockquote>گفته بودید</blockquote>"
    found = read(mail(headers="Content-Type: text/html; charset=utf-8", body=html.encode()))
    assert found.text == "سطر یک\nسطر دو\n\n> گفته بودید"


def test_files_keep_their_names_and_bytes() -> None:
    name = "نامه‌ی شکایت.pdf"
    encoded = "=?utf-8?b?" + b64encode(name.encode()).decode() + "?="
    part = (
        f'Content-Type: application/pdf; name="{encoded}"\r\n'
        f'Content-Disposition: attachment; filename="{encoded}"\r\n'
        "Content-Transfer-Encoding: base64\r\n\r\n" + b64encode(b"%PDF-1.7 x").decode()
    )
    found = read(multipart(("text/plain", "پیوست"), part))
    assert [(one.name, one.content) for one in found.files] == [(name, b"%PDF-1.7 x")]
    assert found.text == "پیوست"


def test_a_forwarded_mail_is_a_file_and_its_words_are_not_the_senders() -> None:
    inner = "Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nnot mine"
    found = read(multipart(("text/plain", "mine"), inner))
    assert found.text == "mine"
    assert b"not mine" in found.files[0].content


def test_the_way_of_a_mail_is_read() -> None:
    found = read(
        mail(
            headers=(
                "Return-Path: <Ali@Example.org>\r\nTo: a@x.org, b@x.org\r\n"
                "Delivered-To: c@x.org\r\nDelivered-To: d@x.org\r\nMessage-ID: <m1@x>\r\n"
                "In-Reply-To: <r2@x>\r\n"
                "References: <r1@x>\r\n <r2@x>\r\nDate: Sat, 21 Nov 2026 23:30:00 +0330"
            )
        )
    )
    assert found.return_path == "ali@example.org"
    assert found.recipients == ("a@x.org", "b@x.org", "c@x.org", "d@x.org")
    assert (found.message_id, found.references) == ("<m1@x>", ("<r2@x>", "<r1@x>"))
    assert found.sent_at == datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
    assert read(mail(headers="Return-Path: <>")).return_path == ""


def nested(depth: int) -> bytes:
    layers = (
        f'Content-Type: multipart/mixed; boundary="b{i}"\r\n\r\n--b{i}\r\n' for i in range(depth)
    )
    return ("".join(layers) + "Content-Type: text/plain\r\n\r\nx\r\n").encode()


def many_parts(count: int) -> bytes:
    head = b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
    return head + b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n" * count + b"--b--\r\n"


REFUSED = {
    "too_large": b"Subject: x\r\n\r\n" + b"x" * LARGEST,
    "too_many_parts": many_parts(50_000),
    "too_many_lines": b"Subject: x\r\n\r\n" + b"\r\n" * 2_000_000,
    "too_deep": nested(DEEPEST + 2),
}


@pytest.mark.parametrize("code", REFUSED)
def test_what_is_too_large_is_refused_soon(code: str) -> None:
    began = time.process_time()
    with pytest.raises(Unreadable) as caught:
        read(REFUSED[code])
    assert caught.value.code == code
    assert time.process_time() - began < 6


@pytest.mark.parametrize("kind", ["text/plain", "text/html"])
def test_of_texts_without_end_the_beginning_is_decoded(
    monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    decoded = list[int]()

    def watched(content: bytes, declared: str = "") -> str:
        decoded.append(len(content))
        return decode(content, declared)

    monkeypatch.setattr(mail_parts, "decode", watched)
    endless = f"{PERSIAN}\r\n" * 40_000
    found = read(multipart(*[(kind, endless)] * 5, headers="From: a@example.org"))
    # Bytes of no charset take half a second for each megabyte.
    assert sum(decoded) <= 2_500_000
    assert len(found.text) == LONGEST_TEXT
    assert "\ufffd" not in found.text and found.text.startswith(PERSIAN)


@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "utf-16-le", "utf-32", "gb18030"])
@pytest.mark.parametrize("most", range(40, 48))
def test_no_character_is_cut_where_the_beginning_ends(charset: str, most: int) -> None:
    text = "<html>\n" + "سلام 😀 دنیا\n" * 9
    kept = beginning(text.encode(charset), most, charset)
    assert most - 8 < len(kept) <= most
    assert decode(kept, charset) and text.startswith(decode(kept, charset))


def test_a_beginning_in_another_charset_than_declared_is_as_long() -> None:
    assert beginning("سلام".encode() * 9, 15, "us-ascii") == ("سلام".encode() * 9)[:14]
    assert beginning(b"\xc7\xe5" * 9, 15, "utf-8") == (b"\xc7\xe5" * 9)[:15]
    assert beginning(b"x", 0) == b""


def test_as_many_parts_and_levels_as_promised_are_read() -> None:
    assert read(many_parts(MOST_PARTS - 1)).text.startswith("x")
    assert read(nested(DEEPEST)).text == "x"


HOSTILE = {
    "empty": b"",
    "no_header": b"\r\n\r\n\r\n",
    "nul": b"Subject: a\x00b\r\n\r\nc\x00d",
    "nest_2000": nested(2000),
    "comments": b"From: " + b"(" * 100_000 + b"\r\n\r\nx",
    "addresses": b"To: " + b"a@b.c," * 200_000 + b"\r\n\r\nx",
    "encoded_words": b"Subject: " + b"=?utf-8?b?" * 50_000 + b"\r\n\r\nx",
    "encoded_quoted": b"Subject: =?utf-8?q?" + b"=" * 50_000 + b"?=\r\n\r\nx",
    "no_such_charset": b"Content-Type: text/plain; charset=nosuch\r\n\r\nx",
    "idna_charset": b"Content-Type: text/plain; charset=punycode\r\n\r\n" + b"a-" * 100_000,
    "empty_2231": b"Content-Type: text/plain; name*=\r\n\r\nx",
    "spread_2231": b"Content-Type: a/b; "
    + b"".join(b"name*%d*=a;" % i for i in range(20_000))
    + b"\r\n\r\nx",
    "bad_2231": b"Content-Disposition: attachment; filename*=x'y'%zz%\r\n\r\nx",
    "bad_base64": b"Content-Transfer-Encoding: base64\r\n\r\nA===A=\xff==",
    "uuencode": b"Content-Transfer-Encoding: uuencode\r\n\r\nbegin 644 x\r\n\xff\xff\r\n",
    "no_boundary": b"Content-Type: multipart/mixed\r\n\r\n--x\r\n\r\ny",
    "blank_boundary": b'Content-Type: multipart/mixed; boundary=""\r\n\r\n--\r\n\r\ny',
    "unended": b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/',
    "bad_date": b"Date: 99 Foo 99999 99:99:99 +99999999\r\n\r\nx",
    "headers_alone": b"A: x\r\n" * 100_000,
    "long_header": b"Subject: x" + b"\r\n y" * 200_000 + b"\r\n\r\nx",
    "from_lines": b"From \xff\r\nFrom: <\r\nFrom: @@\r\n\r\nx",
    "surrogates": "From: \ud800 <a@b.c>\r\n\r\n\ud800".encode("utf-8", "surrogatepass"),
    "deep_html": b"Content-Type: text/html\r\n\r\n" + b"<div>" * 100_000,
    "broken_html": b"Content-Type: text/html\r\n\r\n" + b"<" * 200_000,
    "report": b'Content-Type: multipart/report; boundary="b"\r\n\r\n--b\r\n'
    b"Content-Type: message/delivery-status\r\n\r\n\r\n\r\nAction\r\n--b--",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_mails_are_read_or_refused_soon(name: str) -> None:
    began = time.process_time()
    _read_or_refuse(HOSTILE[name])
    assert time.process_time() - began < 6


@pytest.mark.parametrize(
    "date", ["31 Dec 9999 23:59:59 -1200", "1 Jan 0100 00:00:00 +0000", "1 Jan 3026 00:00:00 +0000"]
)
def test_a_date_that_no_table_or_calendar_holds_is_none(date: str) -> None:
    assert read(mail(f"From: a@b.example\r\nDate: {date}")).sent_at is None


HOSTILE_PIECES = (
    b"\r\n", b"\n", b"\r\n\r\n", b"--b\r\n", b"--b--\r\n", b"From: ", b"Subject: ", b"\xff\xfe",
    b"Content-Type: multipart/mixed; boundary=b\r\n", b"Content-Type: text/html; charset=",
    b"Content-Type: message/rfc822\r\n", b"Content-Type: multipart/report; boundary=\"b\"\r\n",
    b"Content-Transfer-Encoding: base64\r\n", b"Content-Disposition: attachment; filename*0*=",
    b"=?utf-8?b?2LM=?=", b"=?x?q?=ZZ?=", b"<a@b>", b"\"", b"(", b";", b"\0", b"<div><p>",
    b"Date: 1 ",
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from([*map(str.encode, WORDS), *HOSTILE_PIECES]), max_size=40))
def test_no_mail_makes_the_reader_fail(pieces: list[bytes]) -> None:
    _read_or_refuse(b"".join(pieces))


def _read_or_refuse(raw: bytes) -> None:
    """What is read can be kept by the database and shown by a page: no NUL, no half characters."""
    try:
        found = read(raw)
    except Unreadable:
        return
    for one in fields(Mail):
        value = getattr(found, one.name)
        if isinstance(value, str):
            assert "\0" not in value
            value.encode("utf-8")
    found.sender.name.encode("utf-8")
    found.sender.mailbox.encode("utf-8")
