"""Reports of letters that did not arrive, in the standard's form and in others."""

from __future__ import annotations

import pytest

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


def test_a_plain_text_of_a_known_server_is_recognised() -> None:
    body = (
        b"Hi. This is the qmail-send program at mx.example.\r\n"
        b"I'm afraid I wasn't able to deliver your message to the following addresses.\r\n"
        b"This is a permanent error; I've given up. Sorry it didn't work out.\r\n\r\n"
        b"<ali@example.org>:\r\nSorry, no mailbox here by that name. (#5.1.1)\r\n"
    )
    found = read(mail("From: MAILER-DAEMON@mx.example\r\nSubject: failure notice", body))
    assert [one.recipient for one in found.bounces] == ["ali@example.org"]


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
}


@pytest.mark.parametrize("why", MACHINES)
def test_every_mark_of_a_machine_counts(why: str) -> None:
    assert read(mail(MACHINES[why])).automatic == why


def test_a_person_carries_no_mark() -> None:
    headers = "Auto-Submitted: no\r\nReturn-Path: <ali@example.org>\r\nPrecedence: normal"
    assert read(mail(headers)).automatic is None
    assert why_automatic({}, None, "noreplyable@x.org") is None
