"""Mailings: everybody once, nobody who wishes none, stopped at any instant and gone on with."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from dataclasses import replace
from datetime import timedelta
from time import monotonic
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

import connectors
from app import doctor, jobs, work, work_sending
from app.access import SYSTEM
from app.db import session as current
from app.errors import Conflict, Forbidden, Invalid, OperationRefused
from app.models import Delivery, Mailing, MailingRecipient, User
from app.models.history import MAILING
from app.services.bulk_sending import (
    mailing_acts,
    mailing_audience,
    mailing_pace,
    mailing_reports,
    mailing_sending,
    mailings,
    unsubscribing,
)
from app.services.bulk_sending.mailings import BUILT_IN, Draft
from app.services.execution import retries
from app.services.sending import answering, deliveries, no_contact
from tests.app.services import mailing_story as told
from tests.app.services.story import actor
from tests.support.application import transaction_of
from tests.support.clock import MovingClock
from tests.support.statements import statements

Tick = Callable[..., None]


def wrong_in(clock: MovingClock, **changes: Any) -> dict[str, list[str]]:
    draft = Draft(**{"title": "News", "way": BUILT_IN, "texts": told.TEXTS, **changes})
    with pytest.raises(Invalid) as refused:
        mailings.save(None, draft, 0, replace(actor("maryam"), language="en"), clock())
    return {name: list(texts) for name, texts in refused.value.errors.items()}


def test_everybody_gets_it_once_in_their_own_language(
    app: Flask, clock: MovingClock, tick: Tick
) -> None:
    with transaction_of(app):
        told.customer("نرگس", "narges@example.com")
        told.customer("John", "john@example.com", language="en")
        told.customer("برادر نرگس", "narges@example.com")
        told.customer("Nobody", phone="+989120000001")
    number = told.released(app, clock())
    tick(seconds=0)
    tick(seconds=6)
    assert told.recipients(app, number) == {
        "نرگس": ("handed", None), "John": ("handed", None),
        "برادر نرگس": ("skipped", "same_address"), "Nobody": ("skipped", "no_address"),
    }  # fmt: skip
    rows = told.sent(app, number)
    assert {one: row.state for one, row in rows.items()} == {
        "narges@example.com": "accepted", "john@example.com": "accepted",
    }  # fmt: skip
    assert rows["john@example.com"].body.startswith("Dear John, hello.\n\nIf you want no more")
    assert rows["narges@example.com"].subject == "خبر تازه"
    assert told.state(app, number) == "done"
    # Nothing happens twice, however often the clock beats.
    tick(minutes=1)
    assert len(told.sent(app, number)) == 2
    with transaction_of(app):
        acts = [one.data["act"] for one in mailings.past_of(number)]
    assert acts == ["done", "started", "scheduled", "created"]


def test_nobody_who_wishes_none_gets_it(app: Flask, clock: MovingClock, tick: Tick) -> None:
    with transaction_of(app):
        for name in ("barred", "refused", "later", "soon", "fine"):
            told.customer(name, f"{name}@example.com")
        no_contact.bar("email", "Barred@example.com", "asked", SYSTEM, clock())
        asked = unsubscribing.Asked("email", "refused@example.com", 1)
        unsubscribing.end(asked, clock())
    number = told.released(app, clock())
    with transaction_of(app):
        mailing_sending.advance(number, clock())
        # Between the freezing and the sending somebody opts out by each way.
        no_contact.bar("email", "later@example.com", "opted_out", SYSTEM, clock())
        unsubscribing.end(unsubscribing.Asked("email", "soon@example.com", number), clock())
    tick(seconds=2)
    tick(seconds=10)
    rows = told.sent(app, number)
    assert {one for one, row in rows.items() if row.state == "accepted"} == {"fine@example.com"}
    with transaction_of(app) as work:
        found = mailing_reports.progress(work.get_one(Mailing, number))
    assert found.counts == {"sent": 1, "skipped": 4}
    assert found.reasons == {
        ("skipped", "do_not_contact"): 2, ("skipped", "unsubscribed"): 2,
    }  # fmt: skip


def test_ten_thousand_are_frozen_at_once(app: Flask, clock: MovingClock) -> None:
    with transaction_of(app):
        told.crowd(10_000)
    number = told.released(app, clock())
    with transaction_of(app) as work:
        mailing = mailing_sending.locked(number)
        began = monotonic()
        with statements() as texts:
            mailing_sending.freeze(mailing, actor("maryam"), clock())
        assert monotonic() - began < 4
        assert len(texts) <= 6
        waiting = select(func.count()).where(MailingRecipient.state == "waiting")
        assert work.scalar(waiting) == 10_000
        mailing.state = "running"
        with statements() as texts:
            mailing_sending.advance(number, clock())
        # A batch costs the same few statements however large it is.
        assert len(texts) <= 14
        handed = select(func.count()).where(Delivery.mailing_id == number)
        assert work.scalar(handed) == mailing_pace.UNDER_WAY


def test_its_own_rate_holds(app: Flask, clock: MovingClock, tick: Tick) -> None:
    with transaction_of(app):
        told.crowd(30)
    number = told.released(app, clock(), per_minute=60)
    tick(seconds=0)
    assert len(told.sent(app, number)) == 10
    tick(seconds=1)
    tick(seconds=1)
    tick(seconds=1)
    assert len(told.sent(app, number)) == 13


def test_a_stop_holds_back_what_is_queued_and_a_resume_goes_on(
    app: Flask, clock: MovingClock, tick: Tick, run_jobs: Callable[[], int]
) -> None:
    with transaction_of(app):
        told.crowd(8)
    number = told.released(app, clock())
    with transaction_of(app) as work:
        mailing_sending.advance(number, clock())
        first = work.scalars(select(Delivery).where(Delivery.mailing_id == number)).first()
        assert first is not None
        first.state, first.attempts = deliveries.SENDING, 1
        going = first.id
    with transaction_of(app):
        mailing_acts.stop(number, actor("maryam"), clock())
        assert mailing_acts.gone(number) == 1
        assert mailing_acts.held_back(number) == 7
        totals = mailing_reports.totals([mailings.find(number)])
        assert totals == {number: (8, 8)}
    run_jobs()
    states = sorted(row.state for row in told.sent(app, number).values())
    assert states == ["cancelled"] * 7 + ["sending"]
    # What was being sent fails for a while: it is not tried again until the mailing goes on.
    with transaction_of(app):
        row = deliveries.find(going)
        assert row is not None
        deliveries.settle_failure(row, connectors.NotConnected("gone"), clock())
    tick(hours=1)
    references = {row.reference for row in told.sent(app, number).values()}
    assert all(row.state == "cancelled" for row in told.sent(app, number).values())
    with transaction_of(app):
        mailing_acts.resume(number, actor("maryam"), clock())
    for _ in range(3):
        tick(seconds=6)
    rows = told.sent(app, number).values()
    assert [row.state for row in rows] == ["accepted"] * 8
    assert {row.reference for row in rows} == references
    assert told.state(app, number) == "done"


def test_only_a_job_that_was_begun_before_takes_up_what_is_being_sent(
    app: Flask, clock: MovingClock
) -> None:
    with transaction_of(app):
        told.crowd(1)
    number = told.released(app, clock())
    with transaction_of(app) as work:
        mailing_sending.advance(number, clock())
        row = work.scalars(select(Delivery).where(Delivery.mailing_id == number)).one()
        row.state, row.attempts = deliveries.SENDING, 1
        delivery_id = row.id
    with app.app_context():
        work_sending.send_delivery(delivery_id)
    assert [one.attempts for one in told.sent(app, number).values()] == [1]
    with app.app_context(), jobs.carrying_out(jobs.Running(0, None, attempts=1)):
        work_sending.send_delivery(delivery_id)
    assert [one.state for one in told.sent(app, number).values()] == ["accepted"]


@pytest.mark.parametrize("act", [mailing_acts.stop, mailing_acts.cancel])
def test_what_a_dead_worker_was_sending_at_a_stop_does_not_stay_so_for_ever(
    app: Flask, clock: MovingClock, tick: Tick, run_jobs: Callable[[], int], act: Any
) -> None:
    with transaction_of(app):
        told.crowd(1)
    number = told.released(app, clock())
    with transaction_of(app) as work:
        mailing_sending.advance(number, clock())
        row = work.scalars(select(Delivery).where(Delivery.mailing_id == number)).one()
        row.state, row.attempts = deliveries.SENDING, 1
        delivery_id = row.id
    with transaction_of(app):
        act(number, actor("maryam"), clock())
    with app.app_context(), jobs.carrying_out(jobs.Running(0, None, attempts=1)):
        work_sending.send_delivery(delivery_id)
    run_jobs()
    assert [one.state for one in told.sent(app, number).values()] == ["unknown"]
    if act is mailing_acts.cancel:
        return
    with transaction_of(app):
        mailing_acts.resume(number, actor("maryam"), clock())
    for _ in range(2):
        tick(minutes=6)
    assert [one.state for one in told.sent(app, number).values()] == ["accepted"]
    assert told.state(app, number) == "done"


def test_what_was_to_be_asked_at_the_moment_at_which_a_mailing_is_done_is_asked(
    app: Flask, clock: MovingClock
) -> None:
    with transaction_of(app):
        told.crowd(1)
    number = told.released(app, clock())
    with transaction_of(app) as work:
        mailing_sending.advance(number, clock())
        row = work.scalars(select(Delivery).where(Delivery.mailing_id == number)).one()
        row.state, row.attempts = deliveries.UNKNOWN, 1
        delivery_id = row.id
    # The clock has queued the question, and a worker looks at the mailing before another asks.
    with transaction_of(app):
        mailing_sending.advance(number, clock())
    assert told.state(app, number) == "done"
    with app.app_context():
        work_sending.send_delivery(delivery_id)
    assert [one.state for one in told.sent(app, number).values()] == ["accepted"]


@pytest.mark.parametrize("state", [deliveries.SENDING, deliveries.UNKNOWN])
def test_nobody_gets_again_what_they_have_ended_meanwhile_nor_is_it_called_left_out(
    app: Flask, clock: MovingClock, state: str
) -> None:
    with transaction_of(app):
        told.crowd(1)
    number = told.released(app, clock())
    with transaction_of(app) as work:
        mailing_sending.advance(number, clock())
        row = work.scalars(select(Delivery).where(Delivery.mailing_id == number)).one()
        row.state, row.attempts = state, 1
        unsubscribing.end(unsubscribing.Asked("email", row.recipient, number), clock())
        delivery_id = row.id
    with app.app_context(), jobs.carrying_out(jobs.Running(0, None, attempts=1)):
        work_sending.send_delivery(delivery_id)
    [row] = told.sent(app, number).values()
    assert (row.state, row.attempts, row.error) == ("unknown", 1, "unsubscribed")


def test_a_cancelled_one_is_over(app: Flask, clock: MovingClock, tick: Tick) -> None:
    with transaction_of(app):
        told.crowd(3)
    number = told.released(app, clock(), per_minute=6)
    tick(seconds=0)
    with transaction_of(app):
        mailing_acts.cancel(number, actor("maryam"), clock())
    tick(minutes=5)
    with transaction_of(app) as work:
        found = mailing_reports.progress(work.get_one(Mailing, number))
        assert found.counts == {"sent": 1, "cancelled": 2}
        with pytest.raises(OperationRefused):
            mailing_acts.resume(number, actor("maryam"), clock())


def test_it_begins_at_its_instant(app: Flask, clock: MovingClock, tick: Tick) -> None:
    at = clock() + timedelta(hours=2)
    with transaction_of(app):
        told.crowd(2)
        mailing = told.drafted(clock())
        number = mailing.id
        with pytest.raises(Invalid):
            mailing_acts.release(number, clock() - timedelta(minutes=1), actor("maryam"), clock())
        mailing_acts.release(number, at, actor("maryam"), clock())
    tick(hours=1)
    assert told.state(app, number) == "scheduled"
    with transaction_of(app):
        mailing_acts.recall(number, actor("maryam"), clock())
    tick(hours=2)
    assert told.state(app, number) == "draft"
    with transaction_of(app):
        mailing_acts.release(number, clock() + timedelta(hours=1), actor("maryam"), clock())
    tick(hours=1)
    assert told.state(app, number) == "running"


def test_who_may_no_longer_lets_nothing_go_out(app: Flask, clock: MovingClock, tick: Tick) -> None:
    with transaction_of(app):
        told.crowd(2)
    number = told.released(app, clock())
    with transaction_of(app) as work:
        work.scalars(select(User).where(User.login == "maryam")).one().roles = ["staff"]
    tick(seconds=1)
    assert told.state(app, number) == "stopped"
    assert not told.sent(app, number)


@pytest.mark.usefixtures("session")
def test_what_is_wrong_is_told_by_its_field(clock: MovingClock) -> None:
    body = {"subject": "{{ custmer.name }}", "body": "{% if row.debt %}x{% endif %}"}
    texts = {"en": body, "fa": {"subject": "خبر", "body": "{{ 1 + 1 }}"}}
    wrong = wrong_in(clock, texts=texts, title=" ", way="nothing", per_minute=0)
    assert set(wrong) == {
        "title", "way", "per_minute", "subject_en", "body_en", "body_fa",
    }  # fmt: skip
    assert "custmer" in wrong["subject_en"][0]
    assert "row.debt" in wrong["body_en"][0]
    assert set(wrong_in(clock, texts={"fa": told.TEXTS["fa"]})) == {"fallback"}
    assert set(wrong_in(clock, texts={})) == {"body_fa"}
    assert set(wrong_in(clock, source="list")) == {"list"}
    asked = {"service": "x", "since": "2026-05-02", "until": "2026-05-01"}
    assert set(wrong_in(clock, conditions={"asked": asked})) == {"until"}
    assert set(wrong_in(clock, conditions={"asked": {"since": "x"}})) == {"since"}


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize(
    ("said", "named"),
    [
        ("{{ customer.name.first }}", "customer.name.first"),
        ("{{ organisation.name }}", "organisation.name"),
        ("{% if customer.name == 'x' %}{{ row.amount.x }}{% endif %}", "row.amount.x"),
        ("{% if customer.name == 'x' %}{{ row['paid'] }}{% endif %}", "row.paid"),
        ("{{ request.number.x }}", "request"),
    ],
)
def test_a_member_that_a_value_does_not_have_is_named_beside_its_field(
    clock: MovingClock, said: str, named: str
) -> None:
    texts = {"fa": told.TEXTS["fa"], "en": {"subject": "News", "body": f"Hello\n{said}"}}
    rows = b"email,amount,day\na@example.com,5,2026-03-21\n"
    wrong = wrong_in(clock, texts=texts, source="list", upload=rows, file="a.csv")
    assert wrong == {"body_en": [f"Nothing is called \u2068{named}\u2069."]}
    texts["en"]["body"] = "{{ row.day|date }} {{ row.amount|amount }}"
    assert told.drafted(clock(), texts=texts, source="list", upload=rows, file="a.csv").id


@pytest.mark.usefixtures("session")
def test_one_language_serves_when_somebody_says_so(clock: MovingClock) -> None:
    told.customer("John", "john@example.com", language="en")
    mailing = told.drafted(clock(), texts={"fa": told.TEXTS["fa"]}, fallback="fa")
    question = mailing_sending.question_of(mailing, actor("maryam"), clock())
    assert [row.language for row in mailing_audience.reach(question).first] == ["fa"]


@pytest.mark.usefixtures("session")
def test_only_managers_write_and_nobody_overwrites(clock: MovingClock) -> None:
    with pytest.raises(Forbidden):
        told.drafted(clock(), by="sara")
    mailing = told.drafted(clock())
    draft = Draft("Other", BUILT_IN, told.TEXTS)
    mailings.save(mailing.id, draft, 1, actor("admin"), clock())
    with pytest.raises(Conflict):
        mailings.save(mailing.id, draft, 1, actor("maryam"), clock())
    with pytest.raises(Forbidden):
        mailing_acts.release(mailing.id, None, actor("sara"), clock())
    with pytest.raises(Invalid):
        mailing_acts.release(mailing.id, None, actor("maryam"), clock())


def test_a_long_list_is_read_only_where_it_is_needed(app: Flask, clock: MovingClock) -> None:
    number = told.draft_to_list(app, clock())
    with transaction_of(app), statements() as texts:
        mailing_reports.told(mailings.find(number))
        assert not [one for one in texts if "listed" in one]
        question = mailing_sending.question_of(mailings.find(number), actor("maryam"), clock())
        assert len(question.listed) == 2


def test_a_trial_goes_to_oneself_and_counts_nowhere(
    app: Flask, clock: MovingClock, run_jobs: Callable[[], int]
) -> None:
    with transaction_of(app):
        number = told.drafted(clock()).id
        mailing_acts.send_trial(number, "me@example.com", "en", actor("maryam"), clock())
        no_contact.bar("email", "not@example.com", "asked", SYSTEM, clock())
        with pytest.raises(Invalid):
            mailing_acts.send_trial(number, "not@example.com", "en", actor("maryam"), clock())
    run_jobs()
    assert not told.sent(app, number)
    with transaction_of(app) as work:
        row = work.scalars(select(Delivery).where(Delivery.recipient == "me@example.com")).one()
        assert (row.state, row.subject) == ("accepted", "[Trial] News")


def test_a_letter_can_be_ended_with_one_click(session: Session, clock: MovingClock) -> None:
    told.crowd(1)
    mailing = told.drafted(clock())
    mailing_acts.release(mailing.id, None, actor("maryam"), clock())
    mailing_sending.advance(mailing.id, clock())
    row = session.scalars(select(Delivery).where(Delivery.mailing_id == mailing.id)).one()
    letter = deliveries.begin(row, clock())
    assert letter is not None
    link = answering.link_of(row.reference)
    wire = connectors.wire_bytes(letter).decode()
    assert f"List-Unsubscribe: <{link}>" in wire
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in wire
    asked = unsubscribing.find(link.rpartition("/")[2])
    assert (asked.kind, asked.address, asked.is_off) == ("email", row.recipient, False)
    assert not no_contact.is_barred("email", row.recipient)


def test_the_report_is_a_file_that_works_nothing_out(session: Session, clock: MovingClock) -> None:
    told.customer("=1+1", "a@example.com")
    told.customer("Ali", "b@example.com")
    mailing = told.drafted(clock())
    mailing_acts.release(mailing.id, None, actor("maryam"), clock())
    mailing_sending.advance(mailing.id, clock())
    lines = mailing_reports.as_csv(mailing, actor("maryam")).splitlines()
    assert lines[0] == "\ufeff" + ",".join(mailing_reports.HEAD)
    assert ",'=1+1,a@example.com,fa,queued," in lines[1]
    assert ",Ali,b@example.com,fa,queued," in lines[2]


@pytest.mark.usefixtures("session")
def test_the_history_holds_each_act(clock: MovingClock) -> None:
    mailing = told.drafted(clock())
    mailings.save(mailing.id, Draft("Other", BUILT_IN, told.TEXTS), 1, actor("admin"), clock())
    mailing_acts.cancel(mailing.id, actor("hossein"), clock())
    past = [
        (one.kind, one.data["act"], one.actor_names["en"]) for one in mailings.past_of(mailing.id)
    ]
    assert past == [
        (MAILING, "cancelled", "Hossein"), (MAILING, "changed", "Administrator"),
        (MAILING, "created", "Maryam"),
    ]  # fmt: skip
    assert current().get_one(Mailing, mailing.id).state == "cancelled"


def test_a_batch_that_crashes_leaves_everybody_as_they_were(
    app: Flask, clock: MovingClock, tick: Tick, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction_of(app):
        told.crowd(5)
    number = told.released(app, clock())
    with monkeypatch.context() as patched:
        patched.setattr(jobs, "defer_all", _die)
        with app.app_context(), pytest.raises(MemoryError):
            work.advance_mailing(number)
    assert told.state(app, number) == "scheduled"
    assert not told.sent(app, number)
    tick(seconds=1)
    assert [row.state for row in told.sent(app, number).values()] == ["accepted"] * 5


def _die(*_: Any) -> None:
    raise MemoryError("the worker is gone")


def test_two_workers_hand_everybody_over_once(app: Flask, clock: MovingClock) -> None:
    with transaction_of(app):
        told.crowd(40)
    number = told.released(app, clock())

    def advance(_: int) -> None:
        with app.app_context():
            work.advance_mailing(number)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda n: Context().run(advance, n), range(3)))
    with transaction_of(app) as session:
        mine = select(func.count()).where(Delivery.mailing_id == number)
        assert session.scalar(mine) == 40
        frozen = select(func.count()).where(MailingRecipient.mailing_id == number)
        assert session.scalar(frozen) == 40


def test_the_doctor_names_a_mailing_that_does_not_go_on(app: Flask, clock: MovingClock) -> None:
    with transaction_of(app):
        told.crowd(1)
    told.released(app, clock())
    with app.app_context():
        assert not list(doctor.check_mailings())
        clock.move(minutes=3)
        [finding] = doctor.check_mailings()
    assert "do not go on" in finding.text


@pytest.mark.usefixtures("session")
def test_receivers_do_not_push_what_staff_did_out_of_the_history(clock: MovingClock) -> None:
    mailing = told.drafted(clock())
    for number in range(3):
        asked = unsubscribing.Asked("email", f"c{number}@example.com", mailing.id)
        unsubscribing.end(asked, clock())
    unsubscribing.begin_again(unsubscribing.Asked("email", "c1@example.com", mailing.id), clock())
    acts = [one.data["act"] for one in mailings.past_of(mailing.id, limit=2)]
    assert acts == ["subscribed", "unsubscribed", "created"]
    past = mailings.past_of(mailing.id)
    assert past[0].data["address"] == "c1@example.com"
    assert [one.id for one in past] == sorted((one.id for one in past), reverse=True)


def test_what_is_tried_again_of_a_mailing_still_lets_letters_of_people_go_first(
    app: Flask, clock: MovingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "BATCH", 3)
    with transaction_of(app):
        told.crowd(4)
    number = told.released(app, clock())
    with transaction_of(app) as work:
        mailing_sending.advance(number, clock())
        message = connectors.Message("Your request", "x")
        letter = deliveries.compose("ali@example.com", "Ali", "en", message, clock())
        deliveries.keep([letter])
        later = {"state": deliveries.WAITING, "next_attempt_at": clock() + timedelta(seconds=1)}
        work.execute(update(Delivery).values(later))
        work.execute(text("DELETE FROM procrastinate_jobs"))
        letters = [letter.id]
    # The letter came due last.
    clock.move(seconds=2)
    with transaction_of(app) as work:
        work.execute(
            update(Delivery).where(Delivery.id.in_(letters)).values(next_attempt_at=clock())
        )
        retries.enqueue(clock())
    with transaction_of(app) as work:
        queued = "SELECT (args ->> 'delivery_id')::int, priority FROM procrastinate_jobs"
        found = [tuple(row) for row in work.execute(text(queued))]
    assert len(found) == 3
    assert [priority for one, priority in found if one in letters] == [0]
    assert {priority for one, priority in found if one not in letters} == {jobs.AFTER_OTHERS}
