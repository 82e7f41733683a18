"""A service of the catalogue is asked for, approved, fulfilled, confirmed or cancelled."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.access import Actor
from app.db import session as db_session
from app.errors import Excluded, Invalid, RequestClosed
from app.models import Contract, Delivery, Interaction, Party, ServiceRequest, SlaClock, UserTask
from app.services.casework import catalogue, customers, messages, ordering, requests
from app.services.desk import tasks
from app.services.execution import agreement
from app.services.service_levels import promises, working_time
from tests.app.services.story import (
    MARYAM,
    actor,
    do,
    fire,
    instance_of,
    kinds_of,
    open_tasks,
    run_service_jobs,
    submit,
)
from tests.support.clock import MovingClock

LAPTOP = {"model": "light", "quantity": 1, "purpose": "همکار تازه"}
LETTER = {"letter": "warranty", "addressee": "بانک", "letter_language": "fa"}
ACCESS = {"system": "crm", "level": "read", "account": "maryam", "purpose": "گزارش"}
VISIT = {"device": "یخچال", "address": "تهران", "time_of_day": "any"}
MOVE = {"wanted": "دفتر", "quantity": 1, "purpose": "جابه‌جایی"}
YES, NO = {"approval": "approved"}, {"approval": "refused", "approval_reason": "بودجه نداریم."}
WORKED = {"done_note": "انجام شد."}


def ask(now: Any, service: str, data: Any, **more: Any) -> ServiceRequest:
    request = submit(now, service=service, subject=f"برای {service}", data=data, **more)
    run_service_jobs(request, now)
    return request


def waiting(request: ServiceRequest) -> list[UserTask]:
    query = select(UserTask).where(UserTask.request_id == request.id, UserTask.state == "open")
    return list(db_session().scalars(query.order_by(UserTask.id)))


def finish(task: UserTask, login: str, now: Any, request: ServiceRequest, **data: Any) -> None:
    tasks.complete(task.id, data or WORKED, actor(login), now, language="en")
    run_service_jobs(request, now)


def letters(session: Session) -> list[str]:
    return [row.subject for row in session.scalars(select(Delivery).order_by(Delivery.id))]


def states_of(request: ServiceRequest, clock: MovingClock) -> dict[str, str]:
    return {one.metric: one.state for one in promises.of_request(request, clock())}


def test_a_laptop_from_the_catalogue_to_its_confirmation(
    session: Session, clock: MovingClock
) -> None:
    request = ask(clock(), "laptop", LAPTOP)
    assert (request.stage, request.kind) == ("approval", "request")
    (asked,) = waiting(request)
    assert asked.candidate_groups == ["purchasing"]
    do(request, "approve_request", "peyman", clock.move(hours=1), **YES)
    do(request, "approve_request", "maryam", clock.move(hours=1), **YES)
    assert request.stage == "fulfilment"

    planned = waiting(request)
    assert [task.names["fa"] for task in planned] == [
        task.names["fa"] for task in catalogue.find("laptop").plan
    ], "each is called as the catalogue says"
    assert [task.candidate_groups for task in planned] == [
        ["purchasing"], ["applications"], ["infrastructure"],
    ]  # fmt: skip
    assert all(task.due_at is not None for task in planned)
    promised = select(SlaClock).where(SlaClock.task_key.in_(task.key for task in planned))
    clocks = sorted(session.scalars(promised), key=lambda one: one.id)
    days = [task.promise for task in catalogue.find("laptop").plan]
    assert [timedelta(seconds=one.target_seconds) for one in clocks] == days
    assert {one.calendar.partition("@")[0] for one in clocks} == {working_time.own_key()}
    for task, login in zip(planned, ("peyman", "kaveh", "kaveh"), strict=True):
        finish(task, login, clock.move(hours=1), request)
    assert (request.stage, request.waits_for) == ("delivery", "customer")

    customer = messages.customer_actor(request)
    messages.answer_as_customer(request, "accept", "", customer, clock.move(hours=1))
    run_service_jobs(request, clock())
    assert (request.status, request.outcome) == ("closed", "accepted")
    assert instance_of(request).status == "completed"
    met = states_of(request, clock)
    assert met == {"acknowledgement": "kept", "approval": "kept", "fulfilment": "kept"}
    assert "process_completed" in kinds_of(request)


def test_what_needs_no_approval_begins_at_once(session: Session, clock: MovingClock) -> None:
    request = ask(clock(), "certificate", LETTER)
    assert request.stage == "fulfilment"
    assert list(open_tasks(request)) == ["do_work"]


def test_a_refusal_is_told_with_its_reason(session: Session, clock: MovingClock) -> None:
    request = ask(clock(), "laptop", LAPTOP)
    do(request, "approve_request", "peyman", clock(), **NO)
    assert (request.status, request.outcome) == ("closed", "refused")
    told = session.scalars(select(Interaction).order_by(Interaction.id.desc())).first()
    assert told is not None
    assert "بودجه نداریم." in told.body
    stood = states_of(request, clock)
    assert stood == {"acknowledgement": "kept", "approval": "kept", "fulfilment": "dropped"}


def test_an_objection_to_the_delivery_lets_its_promise_go_on(
    session: Session, clock: MovingClock
) -> None:
    request = ask(clock(), "certificate", LETTER)
    for task in waiting(request):
        finish(task, "nasim", clock.move(hours=1), request)
    assert request.stage == "delivery"
    delivered = promises.of_request(request, clock())[-1]
    assert (delivered.metric, delivered.state) == ("fulfilment", "paused")
    customer = messages.customer_actor(request)
    messages.answer_as_customer(request, "object", "نام نادرست است.", customer, clock.move(days=2))
    run_service_jobs(request, clock())
    assert list(open_tasks(request)) == ["put_right"]
    going = promises.of_request(request, clock())[-1]
    assert (going.state, going.remaining) == ("on_track", delivered.remaining)
    assert request.next_metric == "fulfilment"
    do(request, "put_right", "nasim", clock(), **WORKED)
    run_service_jobs(request, clock())
    messages.answer_as_customer(request, "accept", "", customer, clock())
    run_service_jobs(request, clock())
    assert states_of(request, clock)["fulfilment"] == "kept"


def test_the_entitlement_is_checked_first(session: Session, clock: MovingClock) -> None:
    request = ask(clock(), "laptop", {**LAPTOP, "quantity": 3})
    assert (request.status, request.outcome) == ("closed", "refused")
    told = session.scalars(select(Interaction).order_by(Interaction.id.desc())).first()
    assert told is not None
    assert "بدون قرارداد" in told.body


def test_nobody_approves_what_they_asked_for_themselves(
    session: Session, clock: MovingClock
) -> None:
    peyman = actor("peyman")
    request = requests.submit(
        requests.Submission("laptop", "لپ‌تاپ", "برای من", MARYAM, LAPTOP),
        peyman, clock(), channel="phone", language="fa",
    )  # fmt: skip
    run_service_jobs(request, clock())
    (asked,) = waiting(request)
    assert asked.excluded_users == ["peyman"]
    with pytest.raises(Excluded):
        tasks.complete(asked.id, YES, peyman, clock(), language="en")


def test_a_question_pauses_the_clocks_until_the_answer(
    session: Session, clock: MovingClock
) -> None:
    request = ask(clock(), "certificate", LETTER)
    question = {"needs_information": True, "question": "خطاب به کدام شعبه؟"}
    do(request, "do_work", "nasim", clock(), **question)
    assert (request.status, request.waits_for) == ("waiting", "customer")
    delivery = {p.metric: p for p in promises.of_request(request, clock())}["fulfilment"]
    assert delivery.state == "paused"
    customer = messages.customer_actor(request)
    messages.say_as_customer(request, "شعبهٔ مرکزی", customer, clock.move(days=3), channel="portal")
    assert request.status == "open"
    assert tasks.shown_data(open_tasks(request)["do_work"])["answer_text"] == "شعبهٔ مرکزی"


def test_a_cancellation_in_the_midst_undoes_what_is_finished(
    session: Session, clock: MovingClock
) -> None:
    request = ask(clock(), "laptop", LAPTOP)
    for login in ("peyman", "maryam"):
        do(request, "approve_request", login, clock(), **YES)
    bought = waiting(request)[0]
    finish(bought, "peyman", clock(), request)
    customer = messages.customer_actor(request)
    messages.withdraw_as_customer(request, "دیگر لازم نیست.", customer, clock())
    assert (request.status, request.outcome) == ("closed", "withdrawn"), "at once"
    assert states_of(request, clock)["fulfilment"] == "dropped"
    (undo,) = waiting(request)
    assert undo.names["fa"] == "بازگرداندن لپ‌تاپ به فروشنده"
    assert undo.candidate_groups == ["purchasing"]
    run_service_jobs(request, clock())
    assert any("انصراف دادید" in subject for subject in letters(session))
    with pytest.raises(RequestClosed):
        messages.withdraw_as_customer(request, "", customer, clock())
    finish(undo, "peyman", clock(), request, undo_note="پس داده شد.")
    assert instance_of(request).status == "completed"


@pytest.mark.parametrize("approved", [False, True])
def test_a_cancellation_before_any_work_leaves_nothing(
    session: Session, clock: MovingClock, approved: bool
) -> None:
    request = ask(clock(), "laptop", LAPTOP)
    if approved:
        do(request, "approve_request", "peyman", clock(), **YES)
    customer = messages.customer_actor(request)
    messages.withdraw_as_customer(request, "", customer, clock())
    run_service_jobs(request, clock())
    assert request.outcome == "withdrawn"
    assert waiting(request) == []
    assert instance_of(request).status == "completed"


def gold(session: Session, clock: MovingClock) -> Party:
    party, _ = customers.identify(customers.normalise(MARYAM, "fa"), "fa", actor("sara"), clock())
    party.tier = "gold"
    session.flush()
    return party


def under_contract(session: Session, party: Party, ends_on: date | None = None) -> None:
    session.add(
        Contract(
            party_id=party.id, number="C-1", names={"fa": "قرارداد", "en": "Contract"},
            level="full", services=[], starts_on=date(2020, 1, 1), ends_on=ends_on,
        )
    )  # fmt: skip
    session.flush()


def refused(clock: MovingClock, service: str, data: Any) -> str:
    with pytest.raises(Invalid) as wrong:
        ask(clock(), service, data)
    assert set(wrong.value.errors) == {"service"}
    return wrong.value.errors["service"][0]


def test_a_service_of_a_tier_is_refused_to_others(session: Session, clock: MovingClock) -> None:
    assert "این خدمت برای شما ارائه نمی‌شود" in refused(clock, "office-move", MOVE)
    gold(session, clock)
    request = ask(clock(), "office-move", MOVE)
    assert [task.candidate_groups for task in waiting(request)] == [
        ["managers"], ["purchasing"], ["quality"],
    ], "a committee of three"  # fmt: skip


def test_nobody_of_a_committee_votes_twice(session: Session, clock: MovingClock) -> None:
    gold(session, clock)
    request = ask(clock(), "office-move", MOVE)
    managers, purchasing, _ = waiting(request)
    tasks.claim(purchasing.id, actor("maryam"), clock())
    finish(managers, "maryam", clock(), request, **YES)
    session.refresh(purchasing)
    assert (purchasing.assignee_id, purchasing.excluded_users) == (None, ["maryam"])
    with pytest.raises(Excluded):
        finish(purchasing, "maryam", clock(), request, **YES)
    assert agreement.compare(instance_of(request)) == []
    assert len(waiting(request)) == 2


def test_who_voted_does_not_decide_in_place_of_another(
    session: Session, clock: MovingClock
) -> None:
    gold(session, clock)
    request = ask(clock(), "office-move", MOVE)
    finish(waiting(request)[0], "maryam", clock(), request, **YES)
    fire(request, "no_decision", clock)
    higher = [task for task in waiting(request) if task.element == "decide_higher"]
    assert higher
    assert all("maryam" in task.excluded_users for task in higher)


def test_a_contract_in_force_opens_a_service_and_one_that_is_over_does_not(
    session: Session, clock: MovingClock
) -> None:
    party = gold(session, clock)
    under_contract(session, party, ends_on=date(2020, 12, 31))
    refused(clock, "system-access", ACCESS)
    session.execute(delete(Contract))
    under_contract(session, party)
    request = ask(clock(), "system-access", ACCESS)
    assert [task.candidate_groups for task in waiting(request)] == [["quality"], ["managers"]]


def test_staff_ask_for_what_is_for_staff_and_nobody_is_shown_more_than_they_may_have(
    session: Session, clock: MovingClock
) -> None:
    party = gold(session, clock)
    every = catalogue.services().values()
    nobody = {one.key for one in ordering.offered(every, Actor("customer"), None, clock())}
    staff = {one.key for one in ordering.offered(every, actor("sara"), None, clock())}
    member = {one.key for one in ordering.offered(every, Actor("customer"), party, clock())}
    assert staff - nobody >= {"system-access", "office-move"}
    assert member - nobody == {"office-move"}
    made = requests.submit(
        requests.Submission("system-access", "دسترسی", "برای همکار", MARYAM, ACCESS),
        actor("sara"), clock(), channel="phone", language="fa",
    )  # fmt: skip
    assert made.service == "system-access"


def test_a_contract_covers_the_visit(session: Session, clock: MovingClock) -> None:
    under_contract(session, gold(session, clock))
    request = ask(clock(), "repair-visit", VISIT)
    task = waiting(request)[0]
    assert tasks.shown_data(task)["amount_due"] == 0
