"""Mailboxes on a real server: read without a trace, marked once kept, heard of at once."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import pytest
from imapclient.exceptions import IMAPClientError

from connectors import NotAdmitted, NotConnected, mailboxes
from connectors.mailboxes import KEYWORD, Security, Server, opened
from tests.connectors.mails import mail
from tests.support.dovecot import PASSWORD, Dovecot
from tests.support.patience import patient

pytestmark = pytest.mark.slow


def server(dovecot: Dovecot, user: str) -> Server:
    return Server("localhost", dovecot.imap, "none", user, PASSWORD)


def test_a_mail_is_read_without_a_trace_and_moved_when_marked(dovecot: Dovecot) -> None:
    for number in range(3):
        dovecot.deliver(mail(f"Subject: m{number}"), "plain@x.org")
    with opened(server(dovecot, "plain"), "INBOX", "کارشده") as box:
        waiting = box.waiting(2)
        assert [one.uid for one in waiting] == [1, 2]
        assert waiting[0].size > 40
        content = box.read(1)
        assert content is not None
        assert b"Subject: m0" in content
        assert b"Return-Path: <ali@example.org>" in content
        assert len(content) == waiting[0].size
        head = box.read(1, head=True)
        assert head is not None
        assert head.endswith(b"\r\n\r\n")
        look = dovecot.look("plain")
        look.select_folder("INBOX", readonly=True)
        assert b"\\Seen" not in look.get_flags([1])[1]
        look.logout()
        box.mark([1, 2])
        box.mark([1, 2])
        assert [one.uid for one in box.waiting(9)] == [3]
        assert box.read(1) is None
    assert dovecot.count("plain", "کارشده") == 2
    assert dovecot.count("plain") == 1


def test_of_endless_headers_the_beginning_is_read(dovecot: Dovecot) -> None:
    more = "".join(f"\r\nX-{number}: {'x' * 900}" for number in range(300))
    dovecot.deliver(mail(f"Subject: long{more}"), "head@x.org")
    with opened(server(dovecot, "head"), "INBOX", "") as box:
        head = box.read(1, head=True)
    assert head is not None
    assert len(head) == mailboxes.LONGEST_HEAD
    assert b"Subject: long" in head


def test_a_server_that_repeats_our_secret_later_does_not_get_it_into_the_error(
    dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(server(dovecot, "repeats"), "INBOX", "") as box:

        def refuse(*_: object) -> None:
            raise IMAPClientError(f"search failed: {'x' * 116} {PASSWORD} is over quota")

        monkeypatch.setattr(box._client, "search", refuse)
        with pytest.raises(NotConnected) as caught:
            box.waiting(1)
    assert PASSWORD[:4] not in str(caught.value)
    assert "search failed" in str(caught.value)


def test_without_a_folder_for_them_marked_mails_stay_where_they_are(dovecot: Dovecot) -> None:
    dovecot.deliver(mail(), "stay@x.org")
    with opened(server(dovecot, "stay"), "INBOX", "") as box:
        box.mark([1])
        assert box.waiting(9) == []
    look = dovecot.look("stay")
    look.select_folder("INBOX", readonly=True)
    assert KEYWORD.encode() in look.get_flags([1])[1]
    look.logout()


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_an_encrypted_mailbox_is_trusted_by_its_certificate(
    dovecot: Dovecot, security: Security
) -> None:
    port = dovecot.imaps if security == "tls" else dovecot.imap
    given = replace(server(dovecot, "tls"), port=port, security=security, trust=dovecot.certificate)
    with opened(given, "INBOX", "") as box:
        assert box.waiting(1) == []
    with pytest.raises((NotAdmitted, NotConnected)), opened(replace(given, trust=""), "INBOX", ""):
        pass


def test_a_token_opens_a_mailbox_as_a_password_does(dovecot: Dovecot) -> None:
    given = replace(server(dovecot, "token"), password="", token=dovecot.token("token"))
    with opened(given, "INBOX", "") as box:
        assert box.waiting(1) == []


@pytest.mark.parametrize("with_token", [False, True])
def test_who_is_not_let_in_is_told_so_without_the_secret(
    dovecot: Dovecot, with_token: bool
) -> None:
    token = "wrong-secret" if with_token else None
    given = replace(server(dovecot, "no"), password="wrong-secret", token=token)
    with pytest.raises(NotAdmitted) as caught, opened(given, "INBOX", ""):
        pass
    assert "wrong-secret" not in str(caught.value)


def test_a_server_that_is_not_there_or_a_folder_is_transient(dovecot: Dovecot) -> None:
    for given, folder in (
        (replace(server(dovecot, "a"), port=1), "INBOX"),
        (server(dovecot, "a"), "no such folder"),
    ):
        with pytest.raises(NotConnected), opened(given, folder, ""):
            pass


def test_waiting_ends_soon_after_a_mail_came_in(dovecot: Dovecot) -> None:
    with opened(server(dovecot, "idle"), "INBOX", "") as box:
        later = threading.Timer(0.3, dovecot.deliver, (mail(), "idle@x.org"))
        later.start()
        began = time.monotonic()
        box.wait(600, lambda: False)
        assert time.monotonic() - began < patient(5)
        assert len(box.waiting(9)) == 1
        later.join()


def test_waiting_ends_when_it_is_over(dovecot: Dovecot) -> None:
    answers = iter([False, True])
    with opened(server(dovecot, "over"), "INBOX", "") as box:
        began = time.monotonic()
        box.wait(600, lambda: next(answers))
        assert time.monotonic() - began < patient(10)


def test_a_server_that_refuses_to_tell_by_itself_is_asked(
    dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def refuse() -> None:
        asked.append(1)
        raise IMAPClientError("Unexpected IDLE response: NO")

    with opened(server(dovecot, "asked"), "INBOX", "") as box:
        monkeypatch.setattr(box._client, "idle", refuse)
        box.wait(0.1, lambda: True)
        dovecot.deliver(mail(), "asked@x.org")
        box.wait(0.1, lambda: True)
        assert len(box.waiting(9)) == 1
    assert asked == [1]


def test_a_broken_connection_is_told_at_once(dovecot: Dovecot) -> None:
    with opened(server(dovecot, "cut"), "INBOX", "") as box:
        box._client.socket().shutdown(2)
        with pytest.raises(NotConnected):
            box.waiting(1)
