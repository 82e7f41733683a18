"""Letters that come back: the address is marked, the request told; false reports mark nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import (
    Event,
    Interaction,
    NoContact,
    ServiceRequest,
)
from app.services.intake.incoming import Outcome
from connectors.mail_threads import failure_address
from tests.app.services.intake.mail_story import (
    BOX,
    MARYAM,
    letter,
)
from tests.connectors.mails import mail, multipart
from tests.support.clock import MovingClock


@pytest.mark.parametrize("action", ["delayed", "relayed"])
def test_a_letter_that_is_only_late_has_not_failed(
    session: Session,
    request_: ServiceRequest,
    take: Callable[..., Outcome],
    clock: MovingClock,
    action: str,
) -> None:
    row = letter(session, request_, clock)
    to = failure_address(BOX, row.reference).mailbox
    late = bounce(to, MARYAM, "4.4.7").replace(b"Action: failed", f"Action: {action}".encode())
    assert take(late).state == "automatic"
    session.refresh(row)
    assert row.state == "queued"
    assert take(bounce(to, MARYAM, "5.2.2")).state == "bounce"


def bounce(to: str, address: str, status: str = "5.1.1", returned: str = "<x@y>") -> bytes:
    fields = (
        "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n"
        f"Final-Recipient: rfc822; {address}\r\nAction: failed\r\nStatus: {status}\r\n"
        "Diagnostic-Code: smtp; 550 no such user\r\n"
    )
    headers = f"From: MAILER-DAEMON@mx\r\nReturn-Path: <>\r\nTo: {to}\r\nSubject: Undelivered"
    back = f"Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: {returned}\r\n"
    kind = "report; report-type=delivery-status"
    return multipart(("text/plain", "failed"), fields, back, kind=kind, headers=headers)


@pytest.mark.parametrize("by_address", [True, False])
def test_a_bounce_marks_the_address_and_tells_the_request(
    session: Session,
    request_: ServiceRequest,
    take: Callable[..., Outcome],
    clock: MovingClock,
    by_address: bool,
) -> None:
    row = letter(session, request_, clock)
    to = failure_address(BOX, row.reference).mailbox if by_address else BOX
    returned = "<x@y>" if by_address else f"<{row.reference}@ours.example>"
    outcome = take(bounce(to, MARYAM, returned=returned))
    assert (outcome.state, outcome.request) == ("bounce", request_)
    marked = session.scalars(select(NoContact)).one()
    assert (marked.kind, marked.address, marked.reason) == ("email", MARYAM, "bounced")
    assert (row.state, row.error) == ("failed", "5.1.1 550 no such user")
    note = session.scalars(select(Interaction).where(Interaction.direction == "internal")).one()
    assert MARYAM in note.body
    assert session.scalar(select(Event.id).where(Event.kind == "letter_returned"))


def test_a_full_box_is_told_but_not_marked(
    session: Session, request_: ServiceRequest, take: Callable[..., Outcome], clock: MovingClock
) -> None:
    row = letter(session, request_, clock)
    to = failure_address(BOX, row.reference).mailbox
    assert take(bounce(to, MARYAM, "5.2.2")).request is request_
    assert session.scalars(select(NoContact)).all() == []


def test_a_plain_bounce_is_known_by_the_address_it_comes_to(
    session: Session, request_: ServiceRequest, take: Callable[..., Outcome], clock: MovingClock
) -> None:
    row = letter(session, request_, clock)
    to = failure_address(BOX, row.reference).mailbox
    plain = mail(f"From: postmaster@mx\r\nTo: {to}\r\nSubject: Returned mail", b"nobody here")
    outcome = take(plain)
    assert (outcome.state, outcome.request, row.state) == ("bounce", request_, "failed")
    assert session.scalars(select(NoContact)).all() == []


@pytest.mark.parametrize(
    ("words", "is_marked"),
    [
        (f"{MARYAM}\r\n  the server answered: 550 5.1.1 User unknown", True),
        (f"We tried <{MARYAM}> and failed: there is no such mailbox.", True),
        ("The letter came back. 550 5.1.1", True),
        (f"{MARYAM}: 552 5.2.2 mailbox full", False),
        (f"{MARYAM}: no such luck, try later", False),
        ("It went on to eva@elsewhere.example: 550 5.1.1 User unknown", False),
        (f"Sorry.\r\n--- Below this line is a copy of the message.\r\n{MARYAM} 5.1.1", False),
    ],
)
def test_plain_words_mark_the_address_they_say_is_wrong(
    session: Session,
    request_: ServiceRequest,
    take: Callable[..., Outcome],
    clock: MovingClock,
    words: str,
    is_marked: bool,
) -> None:
    """Whoever writes to the failure address of a letter has its random id from the letter."""
    row = letter(session, request_, clock)
    to = failure_address(BOX, row.reference).mailbox
    head = (
        f"From: Post <daemon@mx.example>\r\nReturn-Path: <>\r\nTo: {to}\r\nSubject: Returned mail"
    )
    assert take(mail(head, words.encode())).state == "bounce"
    assert (row.state, bool(session.scalars(select(NoContact)).all())) == ("failed", is_marked)


def test_a_sure_report_marks_also_after_a_vague_one(
    session: Session, request_: ServiceRequest, take: Callable[..., Outcome], clock: MovingClock
) -> None:
    row = letter(session, request_, clock)
    to = failure_address(BOX, row.reference).mailbox
    take(bounce(to, "eva@elsewhere.example"))
    assert (row.state, session.scalars(select(NoContact)).all()) == ("failed", [])
    assert take(bounce(to, MARYAM)).state == "bounce"
    assert [one.address for one in session.scalars(select(NoContact))] == [MARYAM]
    notes = session.scalars(select(Interaction).where(Interaction.direction == "internal")).all()
    assert len(notes) == 1


def test_a_false_report_marks_nothing(
    session: Session, request_: ServiceRequest, take: Callable[..., Outcome], clock: MovingClock
) -> None:
    row = letter(session, request_, clock)
    forged = f"{BOX.partition('@')[0]}+{'0' * 24}@ours.example"
    assert take(bounce(forged, MARYAM)).request is None
    # Whoever knows the token of one letter still cannot mark the address of another.
    other = failure_address(BOX, row.reference).mailbox
    take(bounce(other, "victim@example.net"))
    assert session.scalars(select(NoContact)).all() == []
