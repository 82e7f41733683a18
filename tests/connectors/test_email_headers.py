"""Persian headers come back as they were written, whoever reads them."""

from __future__ import annotations

import email
import email.policy
import random
from dataclasses import replace
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import MIMEPart
from email.utils import getaddresses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import Address, BadAddress, BadHeader, Letter, address, wire_bytes

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
US = Address("requests@peygir.example", "پیگیر")
WORDS = (
    "شکایت شما رسید پیگیری شمارهٔ درخواست می‌شود قول‌ها به دست و در از که، «آب» (فوری) "
    "نتیجه‌گیری ۱۴۰۵/۰۹/۰۱ R-1405-00012 =?utf-8?q? 50% e-mail: پاسخ؛ مسئولیت‌پذیری 🙂 کارشناسی"
).split()


def letter(subject: str = "سلام", to: tuple[Address, ...] = (Address("a@x.org"),)) -> Letter:
    return Letter("d-1", US, to, subject, "متن", NOW)


def read_subject(raw: bytes) -> str:
    value = email.message_from_bytes(raw)["Subject"].replace("\r\n", "")
    return str(make_header(decode_header(value)))


def read_names(raw: bytes) -> list[tuple[str, str]]:
    value = email.message_from_bytes(raw)["To"].replace("\r\n", "")
    return [(str(make_header(decode_header(n))), box) for n, box in getaddresses([value])]


def random_text(draw: random.Random, most: int) -> str:
    blanks = [" ", " ", " ", "  "]
    words = [draw.choice(WORDS) + draw.choice(blanks) for _ in range(draw.randint(1, most))]
    return "".join(words).strip()


@pytest.mark.slow
def test_two_thousand_persian_subjects_and_name_lists_come_back_equal() -> None:
    draw = random.Random(1405)
    for _ in range(2000):
        subject = random_text(draw, 20)
        names = [" ".join(random_text(draw, 6).split()) for _ in range(draw.randint(1, 5))]
        to = tuple(address(f"u{i}@example.org", name) for i, name in enumerate(names))
        raw = wire_bytes(letter(subject, to))
        assert read_subject(raw) == subject
        assert read_names(raw) == [(one.name, one.mailbox) for one in to]


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]), min_size=1))
@settings(max_examples=200, deadline=None)
def test_any_subject_comes_back_and_keeps_to_the_line_length(subject: str) -> None:
    raw = wire_bytes(letter(subject))
    assert read_subject(raw) == subject
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 78


@pytest.mark.parametrize("bad", ["a\nBcc: x@y.org", "a\r\nX: y", "a\rb", "a\x00b", "a\u2028b"])
def test_a_line_break_in_a_subject_is_refused(bad: str) -> None:
    with pytest.raises(BadHeader):
        wire_bytes(letter(bad))


def test_a_line_break_in_a_name_becomes_a_blank_at_entry_and_is_refused_later() -> None:
    assert address("a@x.org", "علی\r\nBcc: b@x.org").name == "علی Bcc: b@x.org"
    with pytest.raises(BadHeader):
        wire_bytes(letter(to=(Address("a@x.org", "علی\nBcc: b@x.org"),)))


def test_a_mailbox_or_a_thread_id_with_a_line_break_is_refused() -> None:
    with pytest.raises(BadAddress):
        wire_bytes(letter(to=(Address("a@x.org\r\nBcc: b@x.org"),)))
    with pytest.raises(BadHeader):
        wire_bytes(Letter("d", US, (US,), "x", "y", NOW, in_reply_to="<a@b>\r\nBcc: c"))
    with pytest.raises(ValueError, match="delivery id"):
        wire_bytes(Letter("../x", US, (US,), "x", "y", NOW))


def test_a_persian_domain_travels_in_its_idna_form_with_its_half_space() -> None:
    assert address("ali@مثال.ایران").mailbox == "ali@xn--mgbh0fb.xn--mgba3a4f16a"
    with_joiner = address("a@نامه\u200cای.com").domain
    assert with_joiner != address("a@نامهای.com").domain


@pytest.mark.parametrize(
    "bad",
    ["علی@example.org", "a b@x.org", '"a b"@x.org', "a@", "@x.org", "a", "a@x..org", "a@b@x.org",
     "a@-x.org", "a\n@x.org", "a@x.org\nBcc: b@x.org", "x" * 65 + "@x.org", "a@[127.0.0.1]",
     "a@x.org, b@x.org", "a@" + "x" * 70 + ".org", "<a@x.org>", "a@x_y.org"],
)  # fmt: skip
def test_what_is_not_one_plain_mailbox_is_refused(bad: str) -> None:
    with pytest.raises(BadAddress):
        address(bad)


def test_the_letter_says_that_a_machine_wrote_it_and_is_the_same_each_time() -> None:
    given_letter = Letter(
        "d-7", US, (Address("a@x.org"),), "سلام", "سلام\n\nخط دوم", NOW,
        reply_to=Address("requests+R-1.abc@peygir.example"),
        in_reply_to="<q@x.org>", references=("<p@x.org>", "<q@x.org>"),
    )  # fmt: skip
    message = email.message_from_bytes(wire_bytes(given_letter))
    assert message["Message-ID"] == "<d-7@peygir.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["Precedence"] == "bulk"
    assert message["Reply-To"] == "requests+R-1.abc@peygir.example"
    assert message["In-Reply-To"] == "<q@x.org>"
    assert message["References"] == "<p@x.org> <q@x.org>"
    assert wire_bytes(given_letter) == wire_bytes(given_letter)


def read_part(given_letter: Letter, subtype: str) -> str:
    """A part of the letter as the standard library reads it, which finds no defect in it."""
    message = email.message_from_bytes(wire_bytes(given_letter), policy=email.policy.default)
    assert [part.defects for part in message.walk()] == [[], [], []]
    part = message.get_body((subtype,))
    assert isinstance(part, MIMEPart)
    return str(part.get_content())


def unbroken(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")


BODIES = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=1200)


@given(BODIES, st.sampled_from(["fa", "en"]))
@settings(max_examples=200, deadline=None)
def test_any_body_comes_back_on_lines_that_every_server_takes(body: str, language: str) -> None:
    given_letter = Letter("d", US, (US,), "x", body, NOW, language=language)
    raw = wire_bytes(given_letter)
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 78
    assert unbroken(read_part(given_letter, "plain")) == unbroken(body)


def test_long_threads_and_long_lines_are_folded() -> None:
    ids = tuple(f"<{'a' * 40}{number}@x.org>" for number in range(5))
    raw = wire_bytes(Letter("d", US, (US,), "x", "y" * 2000, NOW, references=ids))
    assert max(map(len, raw.split(b"\r\n"))) <= 78
    assert email.message_from_bytes(raw)["References"].split() == list(ids)


def test_the_html_part_reads_from_the_right_and_escapes_what_people_wrote() -> None:
    body = "سلام <b>علی</b>\n\nhttps://peygir.example/t?a=1&b=2."
    farsi = Letter("d", US, (US,), "<i>", body, NOW)
    html = read_part(farsi, "html")
    assert '<html lang="fa" dir="rtl">' in html
    assert "&lt;b&gt;علی&lt;/b&gt;" in html
    assert 'href="https://peygir.example/t?a=1&amp;b=2"' in html
    assert 'dir="ltr"' in read_part(replace(farsi, language="en"), "html")
    assert read_part(farsi, "plain").split() == body.split()
