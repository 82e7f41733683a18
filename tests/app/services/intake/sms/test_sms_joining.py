"""Texts that come in parts are joined, whenever these come."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models import InboundMessage, InboundPart, ServiceRequest
from app.services.intake import sms_intake, sms_parts
from tests.app.services.intake.sms.texts import STRANGER, Take, part, said
from tests.support.clock import MovingClock


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
