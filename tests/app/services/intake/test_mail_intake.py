"""Mails find their place once: a request that they prove to belong to, a new one, or a person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access import SYSTEM, Actor
from app.errors import Invalid
from app.models import (
    Attachment,
    Delivery,
    Event,
    InboundMessage,
    Interaction,
    NoContact,
    ServiceJob,
    ServiceRequest,
)
from app.services.accounts import people
from app.services.casework import messages, requests
from app.services.casework.customers import Contact
from app.services.deployment import definitions
from app.services.execution import processes
from app.services.intake import doubts as sender_doubts
from app.services.intake import mail_intake, receiving, triage
from app.services.intake.incoming import Opening, Outcome
from app.services.intake.mail_intake import Fetched
from app.services.sending import (
    answering,
    calls,
    channel_settings,
    channels,
    customer_ways,
    deliveries,
)
from app.services.sending.channel_settings import Draft
from connectors.mail_reading import read
from connectors.mail_threads import answer_address, failure_address
from tests.bpmn import build
from tests.connectors.mails import mail, multipart
from tests.support.clock import MovingClock

BOX = "requests@ours.example"
MARYAM = "maryam@example.com"
CUSTOMER = Actor("customer", names={"fa": "مریم", "en": "Maryam"}, language="en")


@pytest.fixture
def box(session: Session, clock: MovingClock) -> channels.Opened:
    return open_box(clock)


def open_box(clock: MovingClock, **changes: Any) -> channels.Opened:
    options = {"host": "localhost", "user": "requests", "address": BOX} | changes
    draft = Draft("box", "imap", {"en": "Box"}, options, {"password": "secret-of-box"})
    channel_settings.save(draft, SYSTEM, clock())
    return channels.open_(channels.find("box"))


@pytest.fixture
def request_(session: Session, clock: MovingClock, box: channels.Opened) -> ServiceRequest:
    """A complaint of Maryam's."""
    submission = requests.Submission(
        "complaint", "Fridge", "It is warm.", Contact("Maryam", email=MARYAM), {"about": "product"}
    )
    made = requests.submit(submission, CUSTOMER, clock(), channel="portal", language="en")
    session.flush()
    return made


@pytest.fixture
def take(session: Session, clock: MovingClock, box: channels.Opened) -> Callable[..., Outcome]:
    """``take(raw)`` receives a mail, each under the next number of the mailbox."""
    uids = iter(range(1, 1000))

    def receive(raw: bytes, uid: int | None = None, within: channels.Opened = box) -> Outcome:
        fetched = Fetched(7, uid or next(uids), raw)
        outcome = mail_intake.take(fetched, read(raw), within, clock())
        session.flush()
        return outcome

    return receive


def written(headers: str, body: str = "It is still warm.") -> bytes:
    sent = f"From: Maryam <{MARYAM}>\r\nMessage-ID: <{hash((headers, body))}@x>\r\n{headers}"
    return mail(sent.rstrip(), body.encode())


def said(session: Session, request: ServiceRequest) -> list[str]:
    query = select(Interaction.body).where(Interaction.request_id == request.id)
    inbound = query.where(Interaction.direction == "inbound").order_by(Interaction.id)
    return list(session.scalars(inbound))


def letter(session: Session, request: ServiceRequest, clock: MovingClock) -> Delivery:
    row = customer_ways.prepare_reply(request, "What happened?", clock())
    assert row is not None
    return session.get_one(Delivery, row.id)


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


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ("Auto-Submitted: auto-replied", "auto_submitted"),
        ("Precedence: bulk", "precedence"),
        ("List-Id: <x>", "list"),
        ("Return-Path: <>", "null_return_path"),
        ("X-Autoreply: yes", "auto_reply"),
    ],
)
def test_machines_are_stopped_and_counted_though_they_carry_a_token(
    session: Session,
    request_: ServiceRequest,
    take: Callable[..., Outcome],
    headers: str,
    why: str,
) -> None:
    to = answer_address(BOX, request_.number, answering.key()).mailbox
    outcome = take(written(f"To: {to}\r\n{headers}"))
    assert outcome.message is not None
    assert (outcome.state, outcome.message.why) == ("automatic", why)
    assert said(session, request_) == []
    assert triage.counts() == {"automatic": 1}


def test_our_own_letter_that_comes_back_starts_no_loop(take: Callable[..., Outcome]) -> None:
    outcome = take(mail(f"From: {BOX}\r\nSubject: شکایت"))
    assert outcome.message is not None
    assert (outcome.state, outcome.message.why) == ("automatic", "own")


def test_a_flood_of_one_sender_is_quarantined_and_the_next_day_is_free(
    session: Session, clock: MovingClock, take: Callable[..., Outcome], box: channels.Opened
) -> None:
    few = replace(box, options={**box.options, "most_per_day": 2})
    states = [take(written(f"Subject: hello {n}"), within=few).state for n in range(3)]
    assert states == ["triage", "triage", "quarantined"]
    clock.move(hours=25)
    assert take(written("Subject: hello 4"), within=few).state == "triage"


def test_a_flood_of_made_up_senders_opens_no_more_than_its_mailbox_may(
    session: Session, clock: MovingClock, take: Callable[..., Outcome], box: channels.Opened
) -> None:
    few = replace(box, options={**box.options, "most_new_per_day": 3})
    found = [take(forged(f"a{n}@d{n}.example"), within=few) for n in range(6)]
    assert [one.state for one in found] == ["opened"] * 3 + ["quarantined"] * 3
    assert {one.message.why for one in found[3:] if one.message} == {"many_new"}
    letters = session.scalars(select(ServiceJob.id)).all()
    assert len(letters) == 3, "who is quarantined gets no confirmation"
    clock.move(hours=25)
    assert take(forged("b@d.example"), within=few).state == "opened"


def forged(sender: str, more: str = "") -> bytes:
    return mail(f"From: {sender}\r\nSubject: a complaint {sender}\r\n{more}".rstrip(), b"Pay.")


def test_a_flood_of_one_domain_leaves_room_for_others(
    take: Callable[..., Outcome], box: channels.Opened
) -> None:
    few = replace(box, options={**box.options, "most_new_per_domain": 2})
    found = [take(forged(f"a{n}@evil.example"), within=few) for n in range(3)]
    assert [one.state for one in found] == ["opened", "opened", "quarantined"]
    assert found[2].message is not None
    assert found[2].message.why == "many_of_domain"
    for other in ("a@good.example", "a@notevil.example"):
        assert take(forged(other), within=few).state == "opened"


def test_an_answer_joins_however_full_its_mailbox_is(
    request_: ServiceRequest, take: Callable[..., Outcome], box: channels.Opened
) -> None:
    few = replace(box, options={**box.options, "most_new_per_day": 1})
    for n in range(3):
        take(forged(f"a{n}@d{n}.example"), within=few)
    assert take(written(f"Subject: {request_.number}"), within=few).state == "joined"


def test_a_mail_that_the_crowd_held_opens_when_it_is_released(
    session: Session, clock: MovingClock, take: Callable[..., Outcome], box: channels.Opened
) -> None:
    few = replace(box, options={**box.options, "most_new_per_day": 1})
    take(forged("a@d.example"), within=few)
    held = take(forged("b@d.example"), within=few).message
    assert held is not None
    triage.release(held.id, people.actor_of(people.by_login("maryam")), clock())
    triage.go_on(held, read(forged("b@d.example")), clock())
    assert held.state == "opened"


MX = "mx.ours.example"
PROVED = f"Authentication-Results: {MX}; dmarc=pass header.from=example.com"
FORGED = f"Authentication-Results: {MX}; dmarc=fail header.from=example.com"


@pytest.fixture
def judging(clock: MovingClock, box: channels.Opened) -> channels.Opened:
    """The mailbox, told under which name its server proves senders."""
    return open_box(clock, authserv_id=MX)


def test_a_forged_sender_who_knows_a_number_says_nothing_on_its_request(
    session: Session,
    request_: ServiceRequest,
    take: Callable[..., Outcome],
    judging: channels.Opened,
) -> None:
    about = f"Subject: {request_.number}"
    outcome = take(written(f"{FORGED}\r\n{about}"), within=judging)
    assert outcome.message is not None
    assert (outcome.state, outcome.message.proof) == ("quarantined", "fail")
    assert said(session, request_) == []
    # What the sender has put below the lines of our server proves nothing.
    below = f"{FORGED}\r\nReceived: from evil by {MX}\r\n{PROVED}\r\n{about}"
    assert take(written(below), within=judging).state == "quarantined"
    assert take(written(f"{PROVED}\r\n{about}"), within=judging).request is request_
    assert take(written(f"X: 1\r\n{about}"), within=judging).request is request_


def test_without_a_rule_about_it_a_forged_sender_of_a_request_waits_for_a_person(
    request_: ServiceRequest,
    take: Callable[..., Outcome],
    judging: channels.Opened,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opens = Opening("complaint", {"about": "other"}, why="rule")
    monkeypatch.setattr("app.services.intake.mail_rules.judge", lambda *_: opens)
    outcome = take(written(f"{FORGED}\r\nSubject: {request_.number}"), within=judging)
    assert outcome.message is not None
    assert (outcome.state, outcome.message.why) == ("triage", "unproved")


@pytest.fixture
def opening(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mailbox's table opens a request with every new mail."""
    opens = Opening("complaint", {"about": "other"}, why="rule")
    monkeypatch.setattr("app.services.intake.mail_rules.judge", lambda *_: opens)


def doubts(session: Session, outcome: Outcome) -> list[Any]:
    """What the history of the opened request tells of its sender."""
    assert outcome.state == "opened" and outcome.request is not None
    query = select(Event.data).where(Event.kind == "sender_doubted")
    return list(session.scalars(query.where(Event.request_id == outcome.request.id)))


@pytest.mark.usefixtures("opening")
def test_a_request_that_a_forged_mail_opens_tells_of_it(
    session: Session, take: Callable[..., Outcome], judging: channels.Opened
) -> None:
    forged = take(written(f"{FORGED}\r\nSubject: hello"), within=judging)
    assert doubts(session, forged) == [{"from": MARYAM, "why": ["forged"]}]
    assert forged.request and sender_doubts.doubts_of(forged.request) == ["forged"]
    proved = take(written(f"{PROVED}\r\nSubject: hello again"), within=judging)
    assert doubts(session, proved) == []
    assert proved.request and sender_doubts.doubts_of(proved.request) == []


@pytest.mark.usefixtures("opening")
def test_a_request_that_a_made_up_sign_opens_tells_of_it(
    session: Session, take: Callable[..., Outcome], judging: channels.Opened
) -> None:
    to = "requests+r-000001.aaaaaaaaaaaaaaaa@ours.example"
    made_up = take(written(f"To: {to}\r\nSubject: hello"))
    assert doubts(session, made_up) == [{"from": MARYAM, "why": ["wrong_sign"]}]
    both = take(written(f"{FORGED}\r\nTo: {to}\r\nSubject: both"), within=judging)
    assert doubts(session, both) == [{"from": MARYAM, "why": ["forged", "wrong_sign"]}]
    assert both.request and sender_doubts.doubts_of(both.request) == ["forged", "wrong_sign"]


def test_a_token_proves_more_than_the_sender(
    request_: ServiceRequest, take: Callable[..., Outcome], judging: channels.Opened
) -> None:
    to = answer_address(BOX, request_.number, answering.key()).mailbox
    assert take(written(f"{FORGED}\r\nTo: {to}"), within=judging).request is request_


def test_a_process_that_waits_for_a_sender_does_not_hear_a_forged_one(
    clock: MovingClock, take: Callable[..., Outcome], judging: channels.Opened
) -> None:
    hearing = open_box(clock, authserv_id=MX, message="papers_came")
    definition = definitions.deploy("waits.bpmn", WAITS, SYSTEM_DESIGNER, clock())
    run = processes.start(definition, {}, SYSTEM, clock())
    assert take(written(FORGED), within=hearing).state == "quarantined"
    assert list(run.tokens) == ["wait"]
    assert take(written(PROVED), within=hearing).state == "joined"
    assert list(run.tokens) == ["look"]


SYSTEM_DESIGNER = Actor("system", roles=frozenset({"designer"}))
WAITS = build.process(
    build.start(),
    build.catch("wait", build.message("papers_came"), name="Waits"),
    build.user("look", groups="intake"),
    build.end(),
    build.flows("start > wait > look > end"),
    key="waits",
    before=build.declare("papers_came", f'="{MARYAM}"'),
)


def test_a_mailbox_that_does_not_ask_for_proofs_joins_as_before(
    request_: ServiceRequest, take: Callable[..., Outcome]
) -> None:
    outcome = take(written(f"{FORGED}\r\nSubject: {request_.number}"))
    assert outcome.message is not None
    assert (outcome.request, outcome.message.proof) == (request_, "")


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


def test_a_process_that_waits_hears_a_mail_before_all_else(
    session: Session, clock: MovingClock, request_: ServiceRequest, take: Callable[..., Outcome]
) -> None:
    hearing = open_box(clock, message=messages.CUSTOMER_WITHDRAWS)
    assert messages.CUSTOMER_WITHDRAWS in messages.awaited(request_)
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
