"""Machines, loops and floods: stopped and counted, and room is left for others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import (
    ServiceJob,
    ServiceRequest,
)
from app.services.accounts import people
from app.services.intake import triage
from app.services.intake.incoming import Outcome
from app.services.sending import (
    answering,
    channels,
)
from connectors.mail_reading import read
from connectors.mail_threads import answer_address
from tests.app.services.intake.mail_story import (
    BOX,
    said,
    written,
)
from tests.connectors.mails import mail
from tests.support.clock import MovingClock


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
    assert triage.counts() == {"automatic": (1, False)}


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
