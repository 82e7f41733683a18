"""What texts want, whatever we asked: a keyword's deed, or no more messages."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Delivery, Mailing, NoContact, ProcessInstance, ServiceRequest
from app.services.execution import processes
from app.services.intake import sms_intake
from app.services.sending import channels
from tests.app.services.intake.sms.texts import (
    MARYAM,
    STRANGER,
    Take,
    answers,
    ask,
    said,
    state_of,
    waiting,
)
from tests.support.clock import MovingClock


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
