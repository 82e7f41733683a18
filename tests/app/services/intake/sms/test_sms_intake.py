"""Text messages find their place once: the request that asked, a keyword, a person."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.orm import Session

from app.models import InboundMessage, ProcessInstance, ServiceRequest
from app.services.execution import processes
from app.services.sending import channels
from tests.app.services.intake.sms.texts import (
    MARYAM,
    STRANGER,
    Take,
    ask,
    said,
    state_of,
    submit,
    waiting,
)
from tests.support.clock import MovingClock


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


def test_a_reply_reaches_the_process_that_waits_for_it_first(
    session: Session, request_: ServiceRequest, take: Take, clock: MovingClock
) -> None:
    run = waiting(session, clock, request_, "sms_reply", "=number")
    ask(session, request_, clock)
    outcome = take("بله")
    assert state_of(outcome) == ("joined", "event")
    found = processes.inspect(session.get_one(ProcessInstance, run.id)).variables
    assert (found["text"], found["from"]) == ("بله", MARYAM)
    # Variables of these names are the process's own: the next text message goes to "to".
    assert not {"to", "name", "subject"} & set(found)


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


def test_an_unknown_sender_waits_for_a_person(session: Session, take: Take) -> None:
    assert state_of(take("سلام", STRANGER)) == ("triage", "unknown_sender")
    assert state_of(take("تبلیغ", "1000")) == ("triage", "unknown_sender")


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
