"""Reports of letters that did not arrive, in the standard's form and in others."""

from __future__ import annotations

from email.message import Message
from typing import Any

import pytest
from flufl.bounce import all_failures

from connectors import mail_bounces
from connectors.mail_bounces import seems_bounce
from connectors.mail_loops import why_automatic
from connectors.mail_reading import read
from tests.connectors.mails import mail, multipart


def report(status: str = "5.1.1", action: str = "failed", more: str = "") -> bytes:
    fields = (
        "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; Ali@Example.org\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; 550 5.1.1 no such user{more}\r\n"
    )
    headers = "From: MAILER-DAEMON@mx.example\r\nReturn-Path: <>\r\nSubject: Undelivered Mail"
    returned = "Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: <ours@x>\r\n"
    body = ("text/plain", "It failed.")
    kind = "report; report-type=delivery-status"
    return multipart(body, fields, returned, kind=kind, headers=headers)


def test_a_report_names_the_address_and_what_the_server_said() -> None:
    found = read(report())
    assert [(one.recipient, one.is_dead) for one in found.bounces] == [("ali@example.org", True)]
    assert found.bounces[0].words == "5.1.1 550 5.1.1 no such user"
    assert found.files == ()
    assert found.returned == ("<ours@x>",)


@pytest.mark.parametrize("status", ["5.2.2", "4.2.2", "5.7.1", "5.3.4"])
def test_what_may_pass_does_not_make_an_address_dead(status: str) -> None:
    assert [one.is_dead for one in read(report(status)).bounces] == [False]


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", ""])
def test_a_delay_is_no_failure(action: str) -> None:
    assert read(report(action=action)).bounces == ()


PLAIN = (
    b"Hi. This is the qmail-send program at mx.example.\r\n"
    b"I'm afraid I wasn't able to deliver your message to the following addresses.\r\n"
    b"This is a permanent error; I've given up. Sorry it didn't work out.\r\n\r\n"
    b"<ali@example.org>:\r\nSorry, no mailbox here by that name. (#5.1.1)\r\n"
)


def test_a_plain_text_of_a_known_server_is_recognised() -> None:
    found = read(mail("From: MAILER-DAEMON@mx.example\r\nSubject: failure notice", PLAIN))
    assert [one.recipient for one in found.bounces] == ["ali@example.org"]


@pytest.mark.parametrize("more", [b"<b@x.org>:\r\n", b"Reason: x\r\n", b" ", b"\r\n"])
def test_the_beginning_of_a_text_without_end_tells(
    monkeypatch: pytest.MonkeyPatch, more: bytes
) -> None:
    looked_at = list[int]()

    def watched(message: Message) -> Any:
        looked_at.append(len(message.as_bytes()))
        return all_failures(message)

    monkeypatch.setattr(mail_bounces, "all_failures", watched)
    body = PLAIN + b"\r\n--- Below this line is a copy of the message.\r\n\r\n" + more * 500_000
    found = read(mail("From: MAILER-DAEMON@mx.example\r\nSubject: failure notice", body))
    assert "ali@example.org" in [one.recipient for one in found.bounces]
    # The library takes seconds for each megabyte of some texts.
    assert looked_at[0] <= 70_000


EXIM = (
    "This message was created automatically by mail delivery software.\r\n\r\n"
    "A message that you sent could not be delivered to one or more of its\r\n"
    "recipients. This is a permanent error. The following address(es) failed:\r\n\r\n"
    "  ali@example.org\r\n    {}\r\n\r\n"
    "------ This is a copy of the message, including all the headers. ------\r\n\r\n"
    "Return-path: <bounce@ours.example>\r\nMessage-ID: <ours@x>\r\n"
)
QMAIL = (
    "Hi. This is the qmail-send program at mx.example.\r\n"
    "I'm afraid I wasn't able to deliver your message to the following addresses.\r\n"
    "This is a permanent error; I've given up. Sorry it didn't work out.\r\n\r\n"
    "<ali@example.org>:\r\n{}\r\n\r\n--- Below this line is a copy of the message.\r\n\r\n"
    "Message-ID: <ours@x>\r\nSubject: 5.1.1\r\n"
)
REASONS = {
    "exim, unknown": (EXIM, "550 5.1.1 No such user here", True),
    "exim, unrouteable": (EXIM, "Unrouteable address", True),
    "exim, full": (EXIM, "mailbox is full (quota exceeded while writing file)", False),
    "exim, spam": (EXIM, "550 This message was blocked as spam by our policy", False),
    "exim, by code": (EXIM, "552 5.2.2 sorry", False),
    "qmail, unknown": (QMAIL, "Sorry, no mailbox here by that name. (#5.1.1)", True),
    "qmail, full": (QMAIL, "user is over quota (#5.2.2)", False),
    "qmail, no connection": (QMAIL, "Sorry, I wasn't able to establish a connection. (#4.4.1)",
                             False),
}  # fmt: skip


@pytest.mark.parametrize("case", REASONS)
def test_a_plain_text_shuts_an_address_only_when_that_is_wrong(case: str) -> None:
    form, reason, is_dead = REASONS[case]
    headers = "From: Mail Delivery System <Mailer-Daemon@mx.example>\r\nSubject: failure notice"
    found = read(mail(headers, form.format(reason).encode()))
    assert [(one.recipient, one.is_dead) for one in found.bounces] == [("ali@example.org", is_dead)]
    assert found.bounces[0].words in reason and len(found.bounces[0].words) > 5
    assert found.returned == ("<ours@x>",), "what it copies names the letter"


@pytest.mark.parametrize("reason", ['X-Postfix; unknown user: "ali"', "smtp; 550 no such user"])
def test_a_report_without_a_code_shuts_an_address_that_is_said_to_be_unknown(reason: str) -> None:
    raw = report("5.0.0").replace(b"smtp; 550 5.1.1 no such user", reason.encode())
    assert [one.is_dead for one in read(raw).bounces] == [True]
    vague = report("5.0.0").replace(b"smtp; 550 5.1.1 no such user", b"smtp; 554 refused")
    assert [one.is_dead for one in read(vague).bounces] == [False]


def test_a_report_of_a_server_for_addresses_in_any_script_is_read() -> None:
    raw = report().replace(b"message/delivery-status", b"message/global-delivery-status")
    raw = raw.replace(b"rfc822; Ali@", "utf-8; علی@".encode())
    raw = raw.replace(b"text/rfc822-headers", b"message/global-headers")
    found = read(raw)
    assert [(one.recipient, one.is_dead) for one in found.bounces] == [("علی@example.org", True)]
    assert found.returned == ("<ours@x>",)
    assert found.files == ()


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
def test_a_report_that_nothing_failed_is_no_failure_though_it_looks_like_one(action: str) -> None:
    assert read(report(action=action)).is_failure is False
    assert read(report()).is_failure


@pytest.mark.parametrize(
    "subject", ["Warning: message 1abc delayed 24 hours", "Delivery Status Notification (Delay)"]
)
def test_a_warning_of_a_delay_is_no_failure(subject: str) -> None:
    found = read(mail(f"From: MAILER-DAEMON@mx.example\r\nSubject: {subject}"))
    assert (found.bounces, found.is_failure) == ((), False)
    for persian in ("نامهٔ شما تحویل داده نشد", "Undelivered Mail Returned to Sender"):
        assert read(mail(f"From: postmaster@mx.example\r\nSubject: {persian}")).is_failure


def test_a_person_who_quotes_a_report_reports_nothing() -> None:
    body = b"Hi. This is the qmail-send program at mx.\r\n<a@b.org>:\r\nno mailbox (#5.1.1)"
    assert read(mail("Subject: what is this", body)).bounces == ()


def test_what_seems_a_failure_is_told_by_its_sender_or_subject() -> None:
    assert seems_bounce("postmaster@mx.example", "x")
    assert seems_bounce("a@mx.example", "Undeliverable: your letter")
    assert not seems_bounce("ali@example.org", "پاسخ")


MACHINES = {
    "auto_submitted": "Auto-Submitted: auto-replied",
    "null_return_path": "Return-Path: <>",
    "precedence": "Precedence: bulk",
    "list": "List-Id: <a.example.org>",
    "auto_reply": "X-Autoreply: yes",
    "report": "Content-Type: multipart/report; boundary=b",
    "machine": "From: no-reply@example.org",
    "machine ": "From: MDaemon@example.org",
    "precedence ": "Precedence: auto-reply",
    "auto_reply  ": "Subject: Automatic reply: your complaint",
    "auto_reply   ": "Subject: پاسخ خودکار: شکایت شما",
}


@pytest.mark.parametrize("why", MACHINES)
def test_every_mark_of_a_machine_counts(why: str) -> None:
    assert read(mail(MACHINES[why])).automatic == why.strip()


def test_a_person_carries_no_mark() -> None:
    headers = "Auto-Submitted: no\r\nReturn-Path: <ali@example.org>\r\nPrecedence: normal"
    assert read(mail(headers)).automatic is None
    assert why_automatic({}, None, "noreplyable@x.org") is None
    # Some companies set it on what people write: it asks for silence, and tells of no machine.
    assert why_automatic({"x-auto-response-suppress": "All"}, None, "ali@x.org") is None
    for subject in ("Re: Automatic reply: x", "out of office chairs", "پاسخ خودکار شما رسید"):
        assert why_automatic({}, None, "ali@x.org", subject) is None
