"""By which way the product's own letters go: the default channel of mail, else the built-in way;
and a text message to who has no address."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from typing import Any, ClassVar

import pytest
from flask import Flask
from sqlalchemy import select

import connectors
from app.access import SYSTEM
from app.doctor.sent import check_way_of_letters
from app.models import Delivery, ServiceRequest, User
from app.services.casework import messages
from app.services.casework.customers import Contact
from app.services.sending import (
    channel_gate,
    channel_settings,
    channels,
    deliveries,
    letters,
    no_contact,
    outbox,
)
from app.services.sending.channel_settings import Draft
from connectors.fake_sms import SmsGateway
from connectors.lying_smtp import LyingServer
from tests.app.services import story
from tests.app.services.service_levels.climbing import climb_all, use_ladder
from tests.support.application import transaction_of
from tests.support.clock import MovingClock
from tests.support.statements import statements

RunJobs = Callable[[], int]
BY_PHONE = Contact(story.MARYAM.name, "+989120000042", None)
NUMBER = "+989120000042"


@pytest.fixture
def post() -> Iterator[LyingServer]:
    with LyingServer() as server:
        yield server


@pytest.fixture
def gateway() -> Iterator[SmsGateway]:
    with SmsGateway("kavenegar") as running:
        yield running


def open_mail(app: Flask, clock: MovingClock, port: int, **policy: Any) -> None:
    options = {"host": "127.0.0.1", "port": port, "security": "none", "sender": "us@peygir.example"}
    draft = Draft("post", "email", {"en": "Post"}, options, policy=policy, is_default=True)
    with transaction_of(app):
        channel_settings.save(draft, SYSTEM, clock())


def open_texts(app: Flask, clock: MovingClock, gateway: SmsGateway, **policy: Any) -> None:
    options = gateway.options()
    secret = {"key": str(options.pop("key"))}
    draft = Draft("line", "sms-http", {"en": "Line"}, options, secret, policy, is_default=True)
    with transaction_of(app):
        channel_settings.save(draft, SYSTEM, clock())


def ask(app: Flask, clock: MovingClock, **changes: Any) -> ServiceRequest:
    with transaction_of(app):
        return story.submit(clock(), **changes)


def rows(app: Flask) -> list[Delivery]:
    with transaction_of(app) as session:
        return list(session.scalars(select(Delivery).order_by(Delivery.id)))


def words(content: bytes, header: str) -> str:
    return str(make_header(decode_header(str(message_from_bytes(content)[header]))))


def plain(content: bytes) -> str:
    part = next(p for p in message_from_bytes(content).walk() if p.get_content_subtype() == "plain")
    found = part.get_payload(decode=True)
    assert isinstance(found, bytes)
    return found.decode()


@pytest.mark.parametrize(
    ("language", "house", "subject"),
    [("fa", "سازمان نمونه", "شکایت شما رسید"), ("en", "Sample organisation", "We received your")],
)
def test_an_acknowledgement_goes_by_the_default_channel_in_the_customers_language(
    app: Flask, clock: MovingClock, run_jobs: RunJobs, post: LyingServer,
    language: str, house: str, subject: str,
) -> None:  # fmt: skip
    open_mail(app, clock, post.port)
    box = {
        "host": "imap.example", "user": "u", "address": "box@peygir.example", "done_folder": "",
    }  # fmt: skip
    with transaction_of(app):
        draft = Draft("box", "imap", {"en": "Box"}, box, {"password": "p"})
        channel_settings.save(draft, SYSTEM, clock())
    request = ask(app, clock, language=language)
    run_jobs()
    [row], [letter] = rows(app), post.received
    assert (row.state, row.channel_id is not None, row.urgent) == ("accepted", True, False)
    assert words(letter.content, "From") == f"{house} <us@peygir.example>"
    assert subject in words(letter.content, "Subject")
    assert words(letter.content, "Message-ID") == f"<{row.reference}@peygir.example>"
    assert words(letter.content, "Reply-To").startswith(f"box+{request.number.lower()}")
    assert letter.sender == f"box+{row.reference}@peygir.example"
    assert str(request.tracking_code) in plain(letter.content)


def test_a_letter_by_the_channel_costs_no_statement_more(
    app: Flask, clock: MovingClock, run_jobs: RunJobs, post: LyingServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    for module in (channels, no_contact, channel_gate, letters):
        monkeypatch.setattr(module, "FRESH_FOR", 3600.0)
    ask(app, clock)
    run_jobs()
    ask(app, clock)
    with statements() as without:
        run_jobs()
    open_mail(app, clock, post.port)
    ask(app, clock)
    run_jobs()
    ask(app, clock)
    with statements() as by_channel:
        run_jobs()
    assert len(post.received) == 2
    assert len(by_channel) <= len(without), [one for one in by_channel if one not in without]


def test_without_a_default_channel_letters_go_by_the_built_in_way(
    app: Flask, clock: MovingClock, run_jobs: RunJobs, post: LyingServer
) -> None:
    open_mail(app, clock, post.port)
    with transaction_of(app):
        assert not outbox.is_in_use()
        channel_settings.switch("post", SYSTEM, clock(), enabled=False)
        assert outbox.is_in_use()
    ask(app, clock)
    run_jobs()
    [row] = rows(app)
    assert (row.channel_id, row.state, post.received) == (None, "accepted", [])


def test_a_new_default_is_known_to_other_processes_within_a_second(
    app: Flask, clock: MovingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Only what the test takes off it lets the second go by, not a slow machine.
    monkeypatch.setattr(channels, "FRESH_FOR", 3600.0)
    with transaction_of(app):
        assert channels.default_of("email") is None
    kept = app.extensions["peygir.channels"]
    open_mail(app, clock, 25)
    # What another process had in mind before, whose second is over.
    app.extensions["peygir.channels"] = kept
    with transaction_of(app):
        assert channels.default_of("email") is None
        kept.asked_at -= channels.FRESH_FOR
        way = channels.default_of("email")
    assert way is not None
    assert way.key == "post"


class TestQuietHours:
    """Nearly the whole day, on a channel of mail."""

    QUIET: ClassVar = {"quiet_from": "00:00", "quiet_to": "23:59"}

    def test_a_letter_to_a_customer_waits_until_they_end(
        self, app: Flask, clock: MovingClock, run_jobs: RunJobs, tick: Callable[..., None],
        post: LyingServer,
    ) -> None:  # fmt: skip
        open_mail(app, clock, post.port, **self.QUIET)
        ask(app, clock)
        run_jobs()
        [row] = rows(app)
        assert (row.state, row.attempts, post.received) == ("waiting", 0, [])
        assert row.next_attempt_at is not None
        clock.now = row.next_attempt_at
        tick()
        assert len(post.received) == 1

    def test_one_about_an_urgent_request_does_not(
        self, app: Flask, clock: MovingClock, run_jobs: RunJobs, post: LyingServer
    ) -> None:
        open_mail(app, clock, post.port, **self.QUIET)
        with transaction_of(app) as session:
            request = story.submit(clock())
            request.priority = "urgent"
            session.flush()
        run_jobs()
        assert len(post.received) == 1

    def test_people_of_the_house_are_told_at_once(
        self, app: Flask, clock: MovingClock, run_jobs: RunJobs, post: LyingServer
    ) -> None:
        open_mail(app, clock, post.port, **self.QUIET)
        late_for(app, clock, "group:complaints", email="sara@example.com")
        run_jobs()
        assert [one.recipients for one in post.received] == [("sara@example.com",)]


def late_for(app: Flask, clock: MovingClock, to: str, **ways: str | None) -> str:
    """A promise half of whose time is over, which is told to somebody; the request's number."""
    with transaction_of(app) as session:
        for login, user in {one.login: one for one in session.scalars(select(User))}.items():
            user.email = user.phone = None
            if to != "customer" and login == "sara":
                user.email, user.phone = ways.get("email"), ways.get("phone")
                user.language = "fa"
        template = "promise-customer-late" if to == "customer" else "promise-half"
        use_ladder(f'{{notify = ["{to}"], template = "{template}"}}', clock())
        request = story.submit(clock(), customer=BY_PHONE, language="en")
        session.flush()
        clock.move(days=20)
        climb_all(session, clock())
        return request.number


class TestTexts:
    """Text messages in place of mail."""

    def test_a_ladder_reaches_a_customer_without_an_address(
        self, app: Flask, clock: MovingClock, run_jobs: RunJobs, gateway: SmsGateway
    ) -> None:
        open_texts(app, clock, gateway)
        number = late_for(app, clock, "customer")
        run_jobs()
        said = [one.text for one in gateway.messages if "takes longer" in one.text]
        assert said
        assert all(number in one and "/portal/track/" in one for one in said)
        assert all(len(one) < 250 for one in said)

    def test_a_ladder_reaches_a_member_of_staff_by_phone_in_their_language(
        self, app: Flask, clock: MovingClock, run_jobs: RunJobs, gateway: SmsGateway
    ) -> None:
        open_texts(app, clock, gateway)
        number = late_for(app, clock, "group:complaints", phone="+989121112233")
        run_jobs()
        [row] = {row.body: row for row in rows(app) if row.recipient == "+989121112233"}.values()
        assert (row.language, row.state) == ("fa", "accepted")
        assert row.body.endswith(f"/requests/{number}")
        assert "\n" in row.body

    @pytest.mark.parametrize("to", ["customer", "group:complaints"])
    def test_who_must_not_be_written_to_is_not(
        self, app: Flask, clock: MovingClock, run_jobs: RunJobs, gateway: SmsGateway, to: str
    ) -> None:
        open_texts(app, clock, gateway)
        with transaction_of(app):
            no_contact.bar("phone", NUMBER, "opted_out", SYSTEM, clock())
        late_for(app, clock, to, phone=NUMBER)
        run_jobs()
        assert (gateway.messages, rows(app)) == ([], [])

    @pytest.mark.parametrize(
        ("language", "subject"),
        [("fa", "شکایت شما رسید: "), ("en", "We received your complaint: ")],
    )
    def test_an_acknowledgement_is_short_and_in_the_customers_language(
        self, app: Flask, clock: MovingClock, run_jobs: RunJobs, gateway: SmsGateway,
        language: str, subject: str,
    ) -> None:  # fmt: skip
        open_texts(app, clock, gateway)
        request = ask(app, clock, customer=BY_PHONE, language=language)
        run_jobs()
        [message] = gateway.messages
        link = f"http://127.0.0.1:8000/portal/track/{request.tracking_code}"
        assert message.text == f"{subject}{request.number}\n{link}"

    def test_the_words_of_staff_reach_a_customer_by_phone(
        self, app: Flask, clock: MovingClock, run_jobs: RunJobs, gateway: SmsGateway
    ) -> None:
        open_texts(app, clock, gateway)
        request = ask(app, clock, customer=BY_PHONE, language="en")
        run_jobs()
        with transaction_of(app) as session:
            found = session.get_one(ServiceRequest, request.id)
            messages.reply_to_customer(found, "Long words.", story.actor("sara"), clock())
        run_jobs()
        assert gateway.messages[-1].text.startswith(f"{request.number}: ")
        assert "Long words" not in gateway.messages[-1].text

    def test_a_long_subject_is_cut(self, app: Flask, clock: MovingClock) -> None:
        message = connectors.Message("x" * 300, "body")
        said = deliveries.in_short(message, "https://a.example/b")
        assert said == "x" * 159 + "…\nhttps://a.example/b"


def test_a_failing_server_opens_the_breaker_and_letters_wait(
    app: Flask, clock: MovingClock, run_jobs: RunJobs
) -> None:
    open_mail(app, clock, 1)
    for _ in range(6):
        ask(app, clock)
        run_jobs()
    sent = rows(app)
    assert [row.attempts for row in sent] == [1, 1, 1, 1, 1, 0]
    assert {row.state for row in sent} == {"waiting"}
    assert sent[-1].next_attempt_at == clock() + timedelta(seconds=30)


def test_the_doctor_says_which_way_letters_take_and_whether_it_is_open(
    app: Flask, clock: MovingClock, post: LyingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = app.extensions["peygir.settings"]

    def told() -> tuple[str, str]:
        with app.app_context():
            found = check_way_of_letters(app.extensions["peygir.settings"])
        return found.state, found.text

    assert told() == ("note", f"no SMTP server is set; letters go to {settings.outbox}")
    for port, state in ((post.port, "ok"), (1, "problem")):
        url = f"smtp://127.0.0.1:{port}"
        monkeypatch.setitem(app.extensions, "peygir.settings", replace(settings, smtp_url=url))
        assert told()[0] == state
        assert told()[1].startswith("letters go out by PEYGIR_SMTP_URL: ")
    open_mail(app, clock, post.port)
    assert told() == ("ok", "letters go out by the channel post: 250 OK")
    with transaction_of(app):
        channel_settings.switch("post", SYSTEM, clock(), enabled=False)
    assert told()[0] == "problem"
