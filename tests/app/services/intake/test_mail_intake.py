"""Mails find their place once: a request that they prove to belong to, a new one, or a person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access import SYSTEM
from app.errors import Invalid
from app.models import (
    Attachment,
    Event,
    InboundMessage,
    Interaction,
    ServiceRequest,
)
from app.services.accounts import people
from app.services.casework import messages
from app.services.execution import listening
from app.services.intake import mail_intake, receiving, triage
from app.services.intake.incoming import Opening, Outcome
from app.services.intake.mail_intake import Fetched
from app.services.sending import (
    answering,
    calls,
    channel_settings,
    channels,
    deliveries,
)
from app.services.sending.channel_settings import Draft
from connectors.mail_reading import read
from connectors.mail_threads import answer_address, failure_address
from tests.app.services.intake.mail_story import (
    BOX,
    MARYAM,
    letter,
    open_box,
    said,
    written,
)
from tests.connectors.mails import mail, multipart
from tests.support.clock import MovingClock


def test_an_answer_to_the_signed_address_joins_whoever_sends_it(
    session: Session, request_: ServiceRequest, take: Callable[..., Outcome]
) -> None:
    to = answer_address(BOX, request_.number, answering.key()).mailbox
    raw = mail(f"From: Son <son@example.net>\r\nTo: {to}\r\nSubject: Re: x", b"She is ill.")
    outcome = take(raw)
    assert (outcome.state, outcome.request) == ("joined", request_)
    assert said(session, request_) == ["She is ill."]
    row = session.scalars(select(Interaction).order_by(Interaction.id.desc())).first()
    assert row is not None
    assert row.author_names["en"] == "Son (son@example.net)"
    assert row.subject == "Re: x"
    assert row.channel == "email"


def test_a_colleague_who_answers_a_letter_to_the_house_says_nothing_for_the_customer(
    session: Session, request_: ServiceRequest, take: Callable[..., Outcome]
) -> None:
    people.by_login("sara").email = "Sara@ours.example"
    session.flush()
    to = answer_address(BOX, request_.number, answering.key()).mailbox
    outcome = take(mail(f"From: Sara <sara@ours.example>\r\nTo: {to}", b"We cannot pay this."))
    assert outcome.message is not None
    assert (outcome.state, outcome.message.why) == ("triage", "colleague")
    assert said(session, request_) == []
    request_.contact_email = "sara@ours.example"
    session.flush()
    outcome = take(mail(f"From: sara@ours.example\r\nTo: {to}", b"It is my own."))
    assert (outcome.state, outcome.request) == ("joined", request_)


def test_an_answer_that_names_our_letter_joins_without_a_tag(
    session: Session, request_: ServiceRequest, take: Callable[..., Outcome], clock: MovingClock
) -> None:
    row = letter(session, request_, clock)
    reply = f"From: x@example.net\r\nIn-Reply-To: <{row.reference}@ours.example>"
    outcome = take(mail(reply))
    assert (outcome.state, outcome.request) == ("joined", request_)
    assert outcome.message is not None
    assert outcome.message.delivery_id == row.id


def test_a_number_in_the_subject_joins_only_a_known_sender(
    session: Session, request_: ServiceRequest, take: Callable[..., Outcome]
) -> None:
    subject = f"Subject: about {request_.number}"
    assert take(written(subject)).request is request_
    stranger = take(mail(f"From: eve@example.net\r\n{subject}", b"tell me more"))
    assert (stranger.state, stranger.request) == ("triage", None)
    assert len(said(session, request_)) == 1


def test_persian_digits_of_a_number_are_read(
    request_: ServiceRequest, take: Callable[..., Outcome]
) -> None:
    persian = request_.number.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    assert take(written(f"Subject: دربارهٔ {persian}")).request is request_


def test_a_forged_sign_joins_nothing(
    request_: ServiceRequest, take: Callable[..., Outcome]
) -> None:
    to = answer_address(BOX, request_.number, b"guessed").mailbox
    assert take(mail(f"From: eve@example.net\r\nTo: {to}")).state == "triage"


def test_the_same_mail_fetched_twice_is_one(
    session: Session, request_: ServiceRequest, take: Callable[..., Outcome]
) -> None:
    raw = written(f"Subject: {request_.number}")
    assert take(raw, 5).state == "joined"
    assert take(raw, 5).state == "known"
    # After the server has numbered its mails anew, and by another way with other traces on it.
    assert take(raw, 6).state == "known"
    assert take(b"Received: from elsewhere\r\n" + raw, 7).state == "known"
    assert len(said(session, request_)) == 1


def test_two_mails_of_one_message_id_are_two_when_they_differ(
    take: Callable[..., Outcome],
) -> None:
    for number, body in enumerate((b"one", b"two")):
        raw = mail("Message-ID: <same@x>\r\nSubject: hello", body)
        assert take(raw, number + 1).state == "triage"


def test_only_what_is_new_is_said_and_the_whole_stays(
    session: Session, request_: ServiceRequest, take: Callable[..., Outcome]
) -> None:
    quoted = "در تاریخ ۳ آذر ۱۴۰۵ سازمان <us@x.org> نوشت:\n> پیام پیشین ما"
    outcome = take(written(f"Subject: {request_.number}", f"هنوز گرم است.\n\n{quoted}"))
    assert said(session, request_) == ["هنوز گرم است."]
    assert outcome.message is not None
    assert "پیام پیشین ما" in str(outcome.message.whole)


def test_a_mail_that_rules_know_opens_a_request_with_its_files(
    session: Session, take: Callable[..., Outcome]
) -> None:
    parts = (("text/plain", "یخچال سرد نمی‌کند."), pdf("فاکتور.pdf"), exe())
    headers = "From: Sara <sara@example.net>\r\nSubject: شکایت از تعمیر"
    outcome = take(multipart(*parts, headers=headers))
    assert outcome.state == "opened"
    made = outcome.request
    assert made is not None
    assert (made.service, made.channel, made.language) == ("complaint", "email", "fa")
    assert (made.contact_email, made.contact_name) == ("sara@example.net", "Sara")
    assert (made.subject, made.description) == ("شکایت از تعمیر", "یخچال سرد نمی‌کند.")
    assert session.scalars(select(Attachment.name)).all() == ["فاکتور.pdf"]
    refused = session.scalars(select(Event.data).where(Event.kind == "file_refused")).one()
    assert refused == {"name": "setup.exe", "why": "unsupported"}


def pdf(name: str) -> str:
    head = f'Content-Type: application/pdf\r\nContent-Disposition: attachment; filename="{name}"'
    return f"{head}\r\n\r\n%PDF-1.7 x"


def exe() -> str:
    head = 'Content-Type: application/x-dosexec; name="setup.exe"'
    return f"{head}\r\nContent-Transfer-Encoding: base64\r\n\r\nTVqQAAMAAAAEAAAA//8="


def test_a_mail_that_no_rule_knows_waits_for_a_person(take: Callable[..., Outcome]) -> None:
    assert take(written("Subject: hello")).state == "triage"


def test_what_a_service_does_not_take_waits_with_the_reason(
    session: Session, take: Callable[..., Outcome], clock: MovingClock
) -> None:
    row = take(written("Subject: hello")).message
    assert row is not None
    outcome = receiving.open_request(row, Opening("complaint"), (), clock())
    assert outcome.state == "triage"
    assert row.why == "invalid:data.about"
    assert session.scalar(select(func.count()).select_from(ServiceRequest)) == 0


def test_a_process_that_waits_hears_a_mail_before_all_else(
    session: Session, clock: MovingClock, request_: ServiceRequest, take: Callable[..., Outcome]
) -> None:
    hearing = open_box(clock, message=messages.CUSTOMER_WITHDRAWS)
    assert messages.CUSTOMER_WITHDRAWS in listening.awaited(request_)
    to = answer_address(BOX, request_.number, answering.key()).mailbox
    outcome = take(written(f"To: {to}", "I take it back."), within=hearing)
    assert (outcome.state, outcome.request) == ("joined", request_)
    assert outcome.message is not None
    assert outcome.message.why == "event"
    assert said(session, request_) == ["I take it back."]
    assert not request_.is_open


def test_a_letter_asks_for_answers_and_failures_where_they_are_known(
    session: Session, request_: ServiceRequest, clock: MovingClock
) -> None:
    row = letter(session, request_, clock)
    made = deliveries.begin(row, clock())
    assert made is not None
    assert made.reply_to == answer_address(BOX, request_.number, answering.key())
    assert made.envelope_from == failure_address(BOX, row.reference).mailbox
    assert made.body.startswith("--- Please write your answer above this line ---\n\n")
    first, row.state = made.message_id, "waiting"
    again = deliveries.begin(row, clock())
    assert again is not None
    assert again.message_id == first


def test_what_could_not_be_read_is_quarantined_once(
    session: Session, clock: MovingClock, box: channels.Opened
) -> None:
    fetched = Fetched(7, 1, b"Message-ID: <a@b>\r\nSubject: x\r\n\r\n")
    assert mail_intake.put_aside(fetched, "too_large", box, clock()).state == "quarantined"
    assert mail_intake.put_aside(fetched, "too_large", box, clock()).state == "known"


@pytest.mark.parametrize("ending", [b"", b"\r\n" + b"From: other@example.net\r\n" * 9000])
def test_what_could_not_be_read_still_tells_who_wrote_it(
    clock: MovingClock, box: channels.Opened, ending: bytes
) -> None:
    head = (
        "From: =?utf-8?b?2YXYsduM2YU=?= <Maryam@Example.com>\r\nSubject: =?utf-8?q?big?=\r\n"
        f"To: Requests <{BOX}>\r\nMessage-ID: <a@b>\r\nDate: Sun, 1 Nov 2026 10:00:00 +0330\r\n"
    )
    fetched = Fetched(7, 1, head.encode() + ending)
    row = mail_intake.put_aside(fetched, "too_large", box, clock()).message
    assert row is not None
    assert (row.sender, row.sender_name, row.subject) == (MARYAM, "مریم", "big")
    assert (row.recipient, row.message_id) == (BOX, "<a@b>")
    assert row.sent_at == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    assert (row.state, row.why, row.body, row.files) == ("quarantined", "too_large", "", 0)
    row.why = triage.RELEASED
    triage.go_on(row, read(head.encode()), clock())
    assert (row.state, row.why, row.sender) == ("triage", "no_text", MARYAM)


def test_staff_place_and_drop_what_waits_once(
    session: Session, request_: ServiceRequest, take: Callable[..., Outcome], clock: MovingClock
) -> None:
    narges = people.actor_of(people.by_login("narges"))
    first, second, third = (take(written(f"Subject: hello {n}")).message for n in range(3))
    assert first and second and third
    with pytest.raises(Invalid):
        triage.join(first.id, "R-999999", (), narges, clock())
    assert triage.join(first.id, request_.number, (), narges, clock()) is request_
    assert said(session, request_) == ["It is still warm."]
    with pytest.raises(triage.AlreadyDecided):
        triage.join(first.id, request_.number, (), narges, clock())
    opening = Opening("complaint", {"about": "other"})
    made = triage.open_request(second.id, opening, (), narges, clock())
    assert (made.subject, made.contact_email, made.channel) == ("hello 1", MARYAM, "email")
    with pytest.raises(Invalid):
        triage.drop(third.id, " ", narges, clock())
    triage.drop(third.id, "an advertisement", narges, clock())
    session.flush()
    assert [one.state for one in (first, second, third)] == ["joined", "opened", "dropped"]
    assert {one.decided_by for one in (first, second, third)} == {narges.id}


def test_a_released_mail_goes_its_way(
    session: Session, clock: MovingClock, take: Callable[..., Outcome], box: channels.Opened
) -> None:
    few = replace(box, options={**box.options, "most_per_day": 1})
    take(written("Subject: hello"), within=few)
    held = take(written("Subject: a complaint"), within=few).message
    assert held is not None
    assert held.state == "quarantined"
    manager = people.actor_of(people.by_login("maryam"))
    triage.release(held.id, manager, clock())
    session.flush()
    raw = triage.raw_of(held.id)
    assert raw is not None
    triage.go_on(held, read(raw), clock())
    assert held.state == "opened"
    assert session.scalar(select(func.count()).select_from(InboundMessage)) == 2


def test_a_letter_by_a_channel_asks_for_answers_there_too(
    session: Session, request_: ServiceRequest, clock: MovingClock
) -> None:
    draft = Draft("post", "email", {}, {"host": "localhost", "sender": "us@ours.example"})
    channel_settings.save(draft, SYSTEM, clock())
    way, row = channels.find("post"), letter(session, request_, clock)
    order = calls.order_of(row, way)
    assert order.answers_to == answer_address(BOX, request_.number, answering.key()).mailbox
    assert order.failures_to == failure_address(BOX, row.reference).mailbox
    assert order.body.startswith("--- Please write your answer above this line ---\n\n")
    row.request_id = None
    alone = calls.order_of(row, way)
    assert (alone.answers_to, "above this line" in alone.body) == (BOX, False)


def test_a_sign_that_is_not_ours_is_named_to_the_person_who_decides(
    request_: ServiceRequest, take: Callable[..., Outcome]
) -> None:
    to = f"requests+{request_.number.casefold()}.aaaaaaaaaaaaaaaa@ours.example"
    row = take(mail(f"From: evil@example.net\r\nTo: {to}\r\nSubject: hello")).message
    assert row is not None
    assert (row.state, row.why) == ("triage", "wrong_sign")
