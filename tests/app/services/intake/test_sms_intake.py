"""Text messages find their place once: the request that asked, a keyword, a person."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.orm import Session

from app.access import SYSTEM, Actor
from app.models import (
    Delivery,
    InboundMessage,
    InboundPart,
    Interaction,
    Mailing,
    NoContact,
    ProcessInstance,
    ServiceRequest,
)
from app.services.casework import requests
from app.services.casework.customers import Contact
from app.services.deployment import definitions
from app.services.execution import processes
from app.services.intake import sms_intake, sms_parts
from app.services.intake.incoming import Outcome
from app.services.sending import channel_settings, channels
from app.services.sending.channel_settings import Draft
from connectors.contract import Inbound
from tests.app.services.story import actor
from tests.bpmn import build
from tests.support.clock import MovingClock

MARYAM, STRANGER = "+989120000042", "+989127654321"
CUSTOMER = Actor("customer", names={"fa": "مریم", "en": "Maryam"}, language="fa")
KEYWORDS = (
    "خدمت = service:complaint about=product\nکالا = service:complaint\nکد = message:code_sent"
)
OPTIONS = {
    "preset": "kavenegar", "line": "10004346", "keywords": KEYWORDS,
    "service": "complaint about=product",
}  # fmt: skip
SECRETS = {"key": "secret-key-1", "hook_secret": "a-long-secret-in-the-address"}
Take = Callable[..., Outcome | None]


@pytest.fixture
def line(session: Session, clock: MovingClock) -> channels.Opened:
    return open_line(clock)


def open_line(clock: MovingClock, **changes: Any) -> channels.Opened:
    draft = Draft("sms", "sms-http", {"en": "Text"}, {**OPTIONS, **changes}, SECRETS)
    channel_settings.save(draft, SYSTEM, clock())
    return channels.open_(channels.find("sms"))


@pytest.fixture
def take(session: Session, clock: MovingClock, line: channels.Opened) -> Take:
    """``take("text")`` receives a text of Maryam's, each under the next id of the gateway."""
    ids = iter(range(1, 1000))

    def receive(body: str, sender: str = MARYAM, **more: Any) -> Outcome | None:
        id_ = more.pop("id", str(next(ids)))
        within = more.pop("within", line)
        outcome = sms_intake.take(within, Inbound(id_, sender, "10004346", body, **more), clock())
        session.flush()
        return outcome

    return receive


@pytest.fixture
def request_(session: Session, clock: MovingClock) -> ServiceRequest:
    return submit(session, clock)


def submit(session: Session, clock: MovingClock, phone: str = MARYAM) -> ServiceRequest:
    submission = requests.Submission(
        "complaint", "یخچال", "گرم است.", Contact("مریم", phone=phone), {"about": "product"}
    )
    made = requests.submit(submission, CUSTOMER, clock(), channel="portal", language="fa")
    session.flush()
    return made


def ask(
    session: Session,
    request: ServiceRequest | None,
    clock: MovingClock,
    to: str = MARYAM,
    **more: Any,
) -> None:
    """We wrote to the customer about this request."""
    session.add(
        Delivery(
            reference=secrets.token_hex(8), request_id=request.id if request else None,
            channel="sms", recipient=to, recipient_name="", language="fa", subject="", body="?",
            state="accepted", attempts=1, created_at=clock(), **more,
        )
    )  # fmt: skip
    session.flush()


def said(session: Session, request: ServiceRequest) -> list[tuple[str, str]]:
    query = select(Interaction.channel, Interaction.body).where(
        Interaction.request_id == request.id, Interaction.direction == "inbound"
    )
    return [(row.channel, row.body) for row in session.execute(query.order_by(Interaction.id))]


def answers(session: Session) -> list[str]:
    query = select(Delivery.body).where(Delivery.request_id.is_(None)).order_by(Delivery.id)
    return list(session.scalars(query))


def state_of(outcome: Outcome | None) -> tuple[str, str]:
    assert outcome is not None and outcome.message is not None
    return outcome.state, outcome.message.why


def test_a_reply_joins_the_request_that_asked_last(
    session: Session, request_: ServiceRequest, take: Take, clock: MovingClock
) -> None:
    second = submit(session, clock)
    ask(session, second, clock)
    ask(session, request_, clock)
    outcome = take("سه روز است")
    assert outcome is not None and outcome.request is request_
    assert said(session, request_) == [("sms", "سه روز است")]
    assert said(session, second) == []


def test_the_same_message_twice_is_one(
    session: Session, request_: ServiceRequest, take: Take
) -> None:
    first, again = take("سلام", id="7"), take("سلام", id="7")
    assert first is not None and again is not None
    assert (first.state, again.state) == ("joined", "known")
    assert len(said(session, request_)) == 1


def test_without_an_id_a_repeated_call_is_one_and_a_later_text_another(
    session: Session, request_: ServiceRequest, take: Take, clock: MovingClock
) -> None:
    for wait in (0, 30, 3600):
        clock.move(seconds=wait)
        take("۱", id="")
    assert len(said(session, request_)) == 2


def test_without_a_question_the_only_open_request_of_the_number_gets_it(
    session: Session, request_: ServiceRequest, take: Take, clock: MovingClock
) -> None:
    outcome = take("هنوز گرم است")
    assert outcome is not None and outcome.request is request_
    submit(session, clock)
    outcome = take("کدام؟")
    assert outcome is not None and outcome.request not in (None, request_)
    assert state_of(outcome) == ("opened", "service")
    assert outcome.request is not None and outcome.request.customer_id == request_.customer_id


def waiting(
    session: Session, clock: MovingClock, request: ServiceRequest, name: str, key: str
) -> ProcessInstance:
    """A process of the request that waits for this message."""
    source = build.process(
        build.start(),
        build.catch("wait", build.message(name), name="Waits"),
        build.user("look", groups="intake"),
        build.end(),
        build.flows("start > wait > look > end"),
        key="waits",
        before=build.declare(name, key),
    )
    row = definitions.deploy("waits.bpmn", source, actor("admin"), clock())
    variables = {"number": request.number, "phone": MARYAM}
    return processes.start(row, variables, actor("admin"), clock())


def test_a_reply_reaches_the_process_that_waits_for_it_first(
    session: Session, request_: ServiceRequest, take: Take, clock: MovingClock
) -> None:
    run = waiting(session, clock, request_, "sms_reply", "=number")
    ask(session, request_, clock)
    outcome = take("بله")
    assert state_of(outcome) == ("joined", "event")
    found = processes.inspect(session.get_one(ProcessInstance, run.id)).variables
    assert (found["text"], found["from"]) == ("بله", MARYAM)


def test_a_reply_may_be_waited_for_by_number_alone(
    session: Session, request_: ServiceRequest, take: Take, clock: MovingClock
) -> None:
    run = waiting(session, clock, request_, "sms_reply", "=phone")
    assert state_of(take("۱۲"))[1] == "event"
    found = processes.inspect(session.get_one(ProcessInstance, run.id)).variables
    assert found["text"] == "۱۲"


def test_a_reply_answers_one_question_and_not_each_that_was_asked(
    session: Session, request_: ServiceRequest, take: Take, clock: MovingClock
) -> None:
    second = submit(session, clock)
    runs = [waiting(session, clock, one, "sms_reply", "=number") for one in (request_, second)]
    ask(session, request_, clock)
    ask(session, second, clock)

    def heard() -> list[Any]:
        found = [session.get_one(ProcessInstance, run.id) for run in runs]
        return [processes.inspect(one).variables.get("text") for one in found]

    take("بله")
    assert heard() == [None, "بله"]
    take("نه")
    assert heard() == ["نه", "بله"]


def test_a_keyword_tells_the_processes_that_wait_for_its_message(
    session: Session, take: Take, clock: MovingClock, request_: ServiceRequest
) -> None:
    run = waiting(session, clock, request_, "code_sent", "=phone")
    assert state_of(take("کد ۵۵۱۲"))[1] == "event"
    found = processes.inspect(session.get_one(ProcessInstance, run.id)).variables
    assert found["text"] == "کد ۵۵۱۲"
    assert state_of(take("کد ۵۵۱۳", STRANGER)) == ("triage", "nothing_waits")


def test_a_keyword_opens_a_request_of_its_service(
    session: Session, take: Take, clock: MovingClock
) -> None:
    outcome = take("خدمت: یک صندلی می‌خواهم", STRANGER)
    assert outcome is not None and outcome.request is not None, state_of(outcome)
    assert (outcome.state, outcome.request.service) == ("opened", "complaint")
    assert outcome.request.contact_phone == STRANGER
    assert outcome.request.channel == "sms"


def test_what_a_service_does_not_take_as_it_is_waits_for_a_person(
    session: Session, take: Take
) -> None:
    state, why = state_of(take("کالا خراب است", STRANGER))
    assert state == "triage" and why.startswith("invalid:")


def test_a_keyword_does_not_take_a_reply_away_from_who_waits(
    session: Session, request_: ServiceRequest, take: Take, clock: MovingClock
) -> None:
    waiting(session, clock, request_, "sms_reply", "=phone")
    assert state_of(take("خدمت خوب بود"))[1] == "event"


def test_an_unknown_sender_waits_for_a_person(session: Session, take: Take) -> None:
    assert state_of(take("سلام", STRANGER)) == ("triage", "unknown_sender")
    assert state_of(take("تبلیغ", "1000")) == ("triage", "unknown_sender")


@pytest.mark.parametrize(
    ("stop", "start", "language"), [("لغو۱۱", "شروع", "fa"), ("STOP", "Start", "en")]
)
def test_a_wish_for_no_more_is_kept_answered_once_and_taken_back(
    session: Session, request_: ServiceRequest, take: Take, stop: str, start: str, language: str
) -> None:
    assert state_of(take(stop)) == ("automatic", "opted_out")
    take(stop)
    barred = session.scalars(select(NoContact)).one()
    assert (barred.kind, barred.address, barred.reason) == ("phone", MARYAM, "opted_out")
    assert len(answers(session)) == 1
    assert state_of(take(start)) == ("automatic", "opted_in")
    assert session.scalars(select(NoContact)).all() == []
    languages = session.scalars(select(Delivery.language)).all()
    assert languages == [language, language]
    assert said(session, request_) == [], "a wish is no word on the request"


def test_the_number_that_mailings_name_is_a_wish_right_after_one(
    session: Session, request_: ServiceRequest, take: Take, clock: MovingClock
) -> None:
    ask(session, request_, clock)
    assert state_of(take("۱۱"))[0] == "joined"
    mailing = Mailing(
        title="News", medium="sms", texts={}, fallback="fa", audience={}, state="done",
        created_at=clock(), updated_at=clock(),
    )  # fmt: skip
    session.add(mailing)
    session.flush()
    ask(session, None, clock, mailing_id=mailing.id)
    assert state_of(take(" ۱۱. ")) == ("automatic", "opted_out")
    assert session.scalars(select(NoContact.address)).all() == [MARYAM]
    assert answers(session)[-1].startswith("دیگر")
    take("START")
    ask(session, request_, clock)
    assert state_of(take("11", id="later"))[0] == "joined"


def test_one_who_changes_his_mind_all_day_costs_little(session: Session, take: Take) -> None:
    for number in range(20):
        take("STOP" if number % 2 == 0 else "START")
    assert len(answers(session)) == 4


def test_a_wish_that_is_taken_back_and_wished_again_at_once_holds(
    session: Session, take: Take
) -> None:
    for body in ("STOP", "START", "STOP", "STOP"):
        take(body, id="")
    assert session.scalars(select(NoContact.address)).all() == [MARYAM]
    assert len(answers(session)) == 3


def test_one_number_opens_some_requests_a_day_and_a_person_sees_the_rest(
    session: Session, take: Take, clock: MovingClock
) -> None:
    found = [state_of(take(f"خدمت {n}", STRANGER)) for n in range(sms_intake.MOST_OPENING + 1)]
    assert set(found[:-1]) == {("opened", "keyword")}
    assert found[-1] == ("triage", "too_many")
    clock.move(hours=25)
    assert state_of(take("خدمت دیگر", STRANGER)) == ("opened", "keyword")


def test_a_flood_of_made_up_numbers_opens_no_more_than_its_line_may(
    session: Session, take: Take, line: channels.Opened, request_: ServiceRequest
) -> None:
    few = replace(line, options={**line.options, "most_new_per_day": 3})
    found = [state_of(take(f"خدمت {n}", f"+98912765400{n}", within=few)) for n in range(5)]
    assert found == [("opened", "keyword")] * 3 + [("triage", "many_new")] * 2
    assert state_of(take("هنوز گرم است", within=few))[0] == "joined"


def test_wishes_of_lines_are_kept_and_not_answered(session: Session, take: Take) -> None:
    assert state_of(take("STOP", "PEYGIR")) == ("automatic", "opted_out")
    assert answers(session) == []


def part(number: int, content: bytes, of: int = 2, reference: int = 7) -> dict[str, Any]:
    facts = {"part": number, "of": of, "reference": reference, "coding": 8}
    return {"id": "", "raw": content, "facts": facts}


def test_parts_are_joined_in_their_order_whenever_they_come(
    session: Session, request_: ServiceRequest, take: Take
) -> None:
    content = "نام من مریم است 🙂".encode("utf-16-be")
    assert take("?", **part(2, content[-2:])) is None
    assert take("?", **part(2, content[-2:])) is None
    outcome = take("?", **part(1, content[:-2]))
    assert outcome is not None and outcome.state == "joined"
    assert said(session, request_) == [("sms", "نام من مریم است 🙂")]
    assert waiting_parts(session) == 0


def waiting_parts(session: Session) -> int:
    query = select(func.count()).select_from(InboundPart).where(InboundPart.taken_at.is_(None))
    return session.scalars(query).one()


def test_a_part_that_comes_again_after_its_message_is_known(
    session: Session, request_: ServiceRequest, take: Take, clock: MovingClock
) -> None:
    first, second = "نام من ".encode("utf-16-be"), "مریم است".encode("utf-16-be")
    take("?", **part(1, first))
    take("?", **part(2, second))
    for content, number in ((first, 1), (second, 2)):
        assert take("?", **part(number, content)) is None
    clock.move(hours=2)
    assert late(clock) == []
    assert (said(session, request_), waiting_parts(session)) == ([("sms", "نام من مریم است")], 0)
    clock.move(hours=23)
    sms_parts.prune(clock())
    assert session.scalar(select(func.count()).select_from(InboundPart)) == 0


def test_a_number_of_parts_that_comes_again_with_other_words_is_another_message(
    session: Session, request_: ServiceRequest, take: Take
) -> None:
    for words in (("یک ", "دو"), ("سه ", "دو")):
        take("?", **part(1, words[0].encode("utf-16-be")))
        take("?", **part(2, words[1].encode("utf-16-be")))
    assert said(session, request_) == [("sms", "یک دو"), ("sms", "سه دو")]


def late(clock: MovingClock) -> list[int]:
    """Take what has waited too long, as the worker does; the channels that had any."""
    found = list(sms_parts.late_channels(clock()))
    for place in (one for number in found for one in sms_parts.late(number, clock())):
        sms_intake.take_late(place, clock())
    return found


def test_parts_of_two_messages_do_not_mix(session: Session, take: Take) -> None:
    assert take("?", **part(1, "الف".encode("utf-16-be"), reference=1)) is None
    assert take("?", **part(2, "ب".encode("utf-16-be"), reference=2)) is None
    assert take("?", STRANGER, **part(2, "ج".encode("utf-16-be"), reference=1)) is None
    assert session.scalar(select(func.count()).select_from(InboundPart)) == 3


def test_a_message_whose_part_never_comes_is_taken_as_it_is(
    session: Session, request_: ServiceRequest, take: Take, clock: MovingClock
) -> None:
    take("?", STRANGER, **part(1, "آغاز".encode("utf-16-be")))
    assert late(clock) == []
    assert session.scalar(select(func.count()).select_from(InboundMessage)) == 0
    clock.move(hours=2)
    assert len(late(clock)) == 1
    row = session.scalars(select(InboundMessage)).one()
    assert (row.body, row.state, row.why) == ("آغاز", "triage", "incomplete")
    assert waiting_parts(session) == 0


def test_a_channel_without_a_service_leaves_it_to_a_person(
    session: Session, clock: MovingClock, take: Take
) -> None:
    line = channels.open_(channels.find("sms"))
    plain = replace(line, options={**line.options, "service": "", "keywords": ""})
    assert state_of(take("سلام", within=plain)) == ("triage", "unknown_sender")
    submit(session, clock)
    submit(session, clock)
    assert state_of(take("سلام", within=plain)) == ("triage", "no_rule")


def test_every_reason_is_told_in_words(session: Session) -> None:
    from app.web import inbound_words

    reasons = ("opted_out", "opted_in", "keyword", "nothing_waits", "service", "unknown_sender")
    of_mails = ("many_new", "many_of_domain", "unproved")
    for why in (*reasons, *of_mails, "incomplete"):
        words = inbound_words.why(InboundMessage(why=why))
        assert words.endswith(".") and words != why


def test_whom_a_text_answers_is_found_by_indexes(
    session: Session, clock: MovingClock, take: Take
) -> None:
    submit(session, clock)
    asked: list[tuple[str, Any]] = []
    engine = session.connection().engine

    @event.listens_for(engine, "before_cursor_execute")
    def note(_c: Any, _k: Any, statement: str, values: Any, *_: Any) -> None:
        asked.append((statement, values))

    take("آری", STRANGER)
    take("لغو", STRANGER)
    event.remove(engine, "before_cursor_execute", note)
    session.execute(text("SET LOCAL enable_seqscan = off"))
    for words, index in (
        ("max(delivery.id)", "ix_delivery_sms"),
        ("delivery.mailing_id IS NULL", "ix_delivery_sms"),
        ("service_request.contact_phone =", "ix_service_request_phone"),
    ):
        statement, values = next(one for one in asked if words in one[0])
        plan = session.connection().exec_driver_sql(f"EXPLAIN {statement}", values).scalars()
        assert index in "\n".join(plan)
