"""Mails whose sender may be forged say nothing on a request, and what they open tells of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import SYSTEM, Actor
from app.models import (
    Event,
    ServiceRequest,
)
from app.services.deployment import definitions
from app.services.execution import processes
from app.services.intake import doubts as sender_doubts
from app.services.intake.incoming import Opening, Outcome
from app.services.sending import (
    answering,
    channels,
)
from connectors.mail_threads import answer_address
from tests.app.services.intake.mail_story import (
    BOX,
    MARYAM,
    open_box,
    said,
    written,
)
from tests.bpmn import build
from tests.support.clock import MovingClock

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
