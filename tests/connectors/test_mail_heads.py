"""The headers of a mail that is too large are read alone, within bounds."""

from __future__ import annotations

import pytest

from connectors.mail_heads import LONGEST_HEAD, head_of, read_head
from connectors.mail_parts import Unreadable
from connectors.mail_reading import Person


def test_the_head_alone_tells_who_wrote_and_is_read_up_to_the_first_empty_line() -> None:
    head = b'From: "Big" <big@example.net>\r\nSubject: big\r\nTo: a@b.example\r\n'
    kind = b"Content-Type: multipart/mixed; boundary=x\r\n"
    found = read_head(head + kind + b"\r\nFrom: other@example.net\r\n" + b"--x\r\n\r\n" * 300)
    assert (found.sender, found.subject) == (Person("big@example.net", "Big"), "big")
    assert (found.recipients, found.text, found.files) == (("a@b.example",), "", ())


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r"])
def test_a_head_ends_at_its_first_empty_line_whatever_ends_lines(end: bytes) -> None:
    assert head_of(b"A: 1" + end + end + b"B: 2") == b"A: 1" + end + end
    assert head_of(b"A: 1" + end + b"B: 2" + end) == b"A: 1" + end + b"B: 2" + end
    assert head_of(end + b"From: x@y.example") == end


def test_a_head_without_end_is_cut_after_a_whole_line() -> None:
    lines = b"Subject: big\r\n" + b"X: 12345678901\r\n" * 5000 + b"From: late@example.net\r\n"
    assert head_of(lines).endswith(b"1\r\n")
    assert len(head_of(lines)) <= LONGEST_HEAD
    assert (read_head(lines).subject, read_head(lines).sender) == ("big", Person(""))
    assert head_of(b"From: a@b.example" * 9000) == b""


@pytest.mark.parametrize(
    "sign", [b"(", b"<", b'"a" ', b"a@b,", b"a:;", b"=?utf-8?q?", b"\xff", b"\0"]
)
def test_a_hostile_head_is_read_or_refused(sign: bytes) -> None:
    assert read_head(b"From: " + sign * 70_000).subject == ""
    try:
        found = read_head(b"From: " + sign * (60_000 // len(sign)) + b"\nSubject: x")
    except Unreadable:
        return
    assert found.subject == "x"
    assert len(found.sender.mailbox) <= 254
