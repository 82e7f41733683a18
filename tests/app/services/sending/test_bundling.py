"""A customer who writes in quick succession does not fill the mailboxes of the house."""

from __future__ import annotations

from collections.abc import Callable
from unittest.mock import patch

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import work_sending
from app.access import SYSTEM
from app.models import Delivery, Event, Group, ServiceJob, ServiceRequest, User
from app.services.casework import messages
from app.services.sending import bundling, no_contact, staff_ways
from connectors import Transient
from tests.app.services.story import bring_to, submit
from tests.support.application import transaction_of
from tests.support.clock import MovingClock
from tests.support.statements import statements

Tick = Callable[..., None]
Login = Callable[[str], FlaskClient]
STAFF = "@house.example"


@pytest.fixture
def request_id(app: Flask, clock: MovingClock) -> int:
    """A complaint under way, of a house in which everybody has a mailbox."""
    with transaction_of(app) as session:
        for person in session.scalars(select(User)):
            person.email = person.login + STAFF
        request = submit(clock())
        bring_to(request, "check_facts", clock())
        return request.id


def write(app: Flask, clock: MovingClock, request_id: int, words: str) -> None:
    with transaction_of(app) as session:
        request = session.get_one(ServiceRequest, request_id)
        customer = messages.customer_actor(request)
        messages.say_as_customer(request, words, customer, clock(), channel="portal")


def letters(app: Flask) -> dict[str, list[Delivery]]:
    """What people of the house were or will be told of the customer's words, by mailbox."""
    with transaction_of(app) as session:
        rows = session.scalars(select(Delivery).order_by(Delivery.id)).all()
        session.expunge_all()
        told: dict[str, list[Delivery]] = {}
        for row in rows:
            if row.recipient.endswith(STAFF) and "wrote" in row.body:
                told.setdefault(row.recipient, []).append(row)
        return told


def test_messages_in_a_row_make_one_letter_at_once_and_one_with_all_others(
    app: Flask, clock: MovingClock, tick: Tick, run_jobs: Callable[[], int], request_id: int
) -> None:
    write(app, clock, request_id, "It is broken.")
    run_jobs()
    first = letters(app)
    assert len(first) >= 2
    assert {row.state for rows in first.values() for row in rows} == {"accepted"}
    for words in ("Since Monday.", "In the kitchen.", "Please call me."):
        tick(minutes=1)
        write(app, clock, request_id, words)
        run_jobs()
    assert [len(rows) for rows in letters(app).values()] == [2] * len(first)
    for _, later in letters(app).values():
        assert (later.state, later.next_attempt_at) == ("waiting", clock.now.replace(minute=10))
    # The process does not wait for what is kept back.
    with transaction_of(app) as session:
        assert set(session.scalars(select(ServiceJob.state))) == {"done"}
    tick(minutes=7)
    for _, later in letters(app).values():
        assert later.state == "accepted"
        said = [one in later.body for one in ("Since Monday.", "In the kitchen.", "call me.")]
        assert said == [True] * 3
    # What comes after that is told as it comes.
    tick(minutes=10)
    write(app, clock, request_id, "Thank you.")
    run_jobs()
    assert {rows[-1].state for rows in letters(app).values()} == {"accepted"}
    assert [len(rows) for rows in letters(app).values()] == [3] * len(first)


def test_letters_of_other_requests_do_not_wait(
    app: Flask, clock: MovingClock, run_jobs: Callable[[], int], request_id: int
) -> None:
    with transaction_of(app):
        other = submit(clock())
        bring_to(other, "check_facts", clock())
        other_id = other.id
    for number in (request_id, other_id):
        write(app, clock, number, "It is broken.")
    run_jobs()
    found = letters(app)
    assert {row.state for rows in found.values() for row in rows} == {"accepted"}
    assert {len(rows) for rows in found.values()} == {2}


def test_the_history_says_of_what_is_kept_back_that_it_was_told(
    app: Flask, clock: MovingClock, run_jobs: Callable[[], int], request_id: int
) -> None:
    for words in ("It is broken.", "Since Monday.", "In the kitchen."):
        write(app, clock, request_id, words)
        run_jobs()
    with transaction_of(app) as session:
        kinds = list(session.scalars(select(Event.kind).order_by(Event.id)))
    assert "nobody_told" not in kinds


@pytest.mark.parametrize("minutes", [1, 30])
def test_what_one_attempt_has_kept_back_the_next_one_does_not_say_again(
    app: Flask,
    clock: MovingClock,
    tick: Tick,
    run_jobs: Callable[[], int],
    request_id: int,
    minutes: int,
) -> None:
    write(app, clock, request_id, "It is broken.")
    run_jobs()
    mover, *others = sorted(letters(app))
    with transaction_of(app) as session:
        person = session.scalars(select(User).where(User.email == mover)).one()
        person.email = f"new{STAFF}"
    write(app, clock, request_id, "Since Monday.")
    with patch("app.work_sending.send", lambda _: Transient("busy")):
        run_jobs()
    assert [row.state for row in letters(app)[f"new{STAFF}"]] == ["waiting"]
    tick(minutes=minutes)
    tick(minutes=30)
    found = letters(app)
    assert [row.state for row in found[f"new{STAFF}"]] == ["accepted"]
    for other in others:
        said = [row.body.count("Since Monday.") for row in found[other]]
        assert (said, found[other][-1].state) == ([0, 1], "accepted")


def kept_back(app: Flask, clock: MovingClock, run_jobs: Callable[[], int], request_id: int) -> str:
    """Somebody's mailbox for whom a letter is kept back."""
    for words in ("It is broken.", "Nobody else may know."):
        write(app, clock, request_id, words)
        run_jobs()
    mailbox, rows = next(iter(sorted(letters(app).items())))
    assert [row.state for row in rows] == ["accepted", "waiting"]
    return mailbox


def leave_group(session: Session, person: User, request: ServiceRequest) -> None:
    person.groups = []


def leave_house(session: Session, person: User, request: ServiceRequest) -> None:
    person.is_active = False


def restrict(session: Session, person: User, request: ServiceRequest) -> None:
    request.confidential = True


def move(session: Session, person: User, request: ServiceRequest) -> None:
    person.email = f"elsewhere{STAFF}"


@pytest.mark.parametrize("change", [leave_group, leave_house, restrict, move])
def test_what_was_kept_back_goes_to_nobody_who_may_not_read_it_any_more(
    app: Flask,
    clock: MovingClock,
    tick: Tick,
    run_jobs: Callable[[], int],
    request_id: int,
    change: Callable[[Session, User, ServiceRequest], None],
) -> None:
    mailbox = kept_back(app, clock, run_jobs, request_id)
    with transaction_of(app) as session:
        person = session.scalars(select(User).where(User.email == mailbox)).one()
        change(session, person, session.get_one(ServiceRequest, request_id))
    tick(minutes=11)
    assert [row.state for row in letters(app)[mailbox]] == ["accepted", "cancelled"]
    with transaction_of(app) as session:
        told = select(Event.data).where(Event.kind == "letter_withheld")
        assert mailbox in [one["to"] for one in session.scalars(told)]


def test_of_one_that_may_have_gone_out_a_person_decides(
    app: Flask, clock: MovingClock, run_jobs: Callable[[], int], request_id: int, login: Login
) -> None:
    """Its worker died on the way, so that nobody may say that it was not sent."""
    mailbox = kept_back(app, clock, run_jobs, request_id)
    with transaction_of(app) as session:
        row = session.get_one(Delivery, letters(app)[mailbox][-1].id)
        row.state, row.attempts, row.next_attempt_at = "sending", 1, None
        session.scalars(select(User).where(User.email == mailbox)).one().groups = []
        number = session.get_one(ServiceRequest, request_id).number
    with app.app_context():
        work_sending.send_delivery(row.id)
    kept = letters(app)[mailbox][-1]
    assert (kept.state, kept.next_attempt_at) == ("unknown", None)
    client = login("maryam")
    assert f"/deliveries/{row.id}/decide" in client.get("/deliveries/doubtful").text
    client.post("/language", data={"language": "en"})
    assert "may have arrived" in client.get(f"/requests/{number}").text


@pytest.mark.parametrize("role", ["staff", "manager"])
def test_it_goes_to_who_stands_in_the_group_or_over_it(
    app: Flask,
    clock: MovingClock,
    tick: Tick,
    run_jobs: Callable[[], int],
    request_id: int,
    role: str,
) -> None:
    mailbox = kept_back(app, clock, run_jobs, request_id)
    with transaction_of(app) as session:
        person = session.scalars(select(User).where(User.email == mailbox)).one()
        # A colleague shares the mailbox; who is a manager may be in no group at all.
        other = session.scalars(select(User).where(User.login == "narges")).one()
        other.email, other.roles = mailbox, [role]
        other.groups = person.groups if role == "staff" else []
        person.groups = []
    tick(minutes=11)
    assert [row.state for row in letters(app)[mailbox]] == ["accepted", "accepted"]


def test_a_large_group_costs_no_more_questions_than_a_small_one(
    app: Flask, clock: MovingClock, request_id: int
) -> None:
    asked: list[int] = []
    for group in ("quality", "complaints"):
        with transaction_of(app) as session:
            query = select(User).where(User.groups.any(Group.key == group)).order_by(User.login)
            members = session.scalars(query).all()
            no_contact.bar("email", str(members[0].email), "asked", SYSTEM, clock())
            members[0].phone, members[1].phone = "+989120000001", "+989120000002"
            session.flush()
            session.expunge_all()
            request = session.get_one(ServiceRequest, request_id)
            assert no_contact._any_kept()
            with statements() as sent:
                readers = staff_ways.readers_of(request, group)
            assert [one.user.login for one in readers] == [one.login for one in members[1:]]
            asked.append(len(sent))
    assert asked == [2, 2]


def test_words_for_a_whole_group_lock_its_letters_with_one_statement(
    app: Flask, clock: MovingClock, run_jobs: Callable[[], int], request_id: int
) -> None:
    kept_back(app, clock, run_jobs, request_id)
    with transaction_of(app) as session:
        waiting = session.scalars(select(Delivery).where(Delivery.state == "waiting")).all()
        assert len(waiting) >= 2
        facts = ("recipient", "subject", "channel", "readers", "request_id")
        further = [
            Delivery(**{name: getattr(row, name) for name in facts}, body="Please call me.")
            for row in waiting
        ]
        with statements() as sent:
            assert bundling.bundle(further, 0, clock()) == []
        assert len([one for one in sent if "FOR UPDATE" in one]) == 1
        assert all("Please call me." in row.body for row in waiting)
