"""Staff activate elements of an ad-hoc subprocess, and the history tells of it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Forbidden, NoSuch, OperationRefused
from app.models import Event, ProcessInstance, UserTask
from app.services.deployment import definitions
from app.services.desk import tasks
from app.services.execution import discretion, instances, processes
from app.web import timeline
from tests.app.services.story import actor, instance_of, submit
from tests.bpmn import build
from tests.support.clock import MovingClock

DESK = build.process(
    build.start(),
    build.ad_hoc("care", build.user("call", groups="intake"),
                 build.user("visit", groups="intake", name="Visit")),
    build.end(), build.flows("start > care > end"), key="desk",
)  # fmt: skip
UNDONE = build.process(
    build.start(), build.user("book", groups="intake", name="Book"),
    build.throw("back", build.compensate()), build.end(), build.undo("book", "unbook"),
    build.user("unbook", groups="intake", isForCompensation="true"),
    build.flows("start > book > back > end"), key="undone",
)  # fmt: skip


def begin(source: bytes, session: Session, clock: MovingClock) -> ProcessInstance:
    """A process of its own."""
    row = definitions.deploy("x.bpmn", source, actor("admin"), clock())
    instance = processes.start(row, {}, actor("admin"), clock())
    session.flush()
    return instance


def open_tasks(session: Session, instance: ProcessInstance) -> list[str]:
    query = select(UserTask.element).where(UserTask.instance_id == instance.id)
    return sorted(session.scalars(query.where(UserTask.state == "open")))


def told(session: Session, instance: ProcessInstance, **names: Any) -> list[str]:
    query = select(Event).where(Event.instance_id == instance.id)
    return [entry.words for entry in timeline.build(session.scalars(query), [], names, {})]


def test_an_element_begins_and_the_history_says_who(session: Session, clock: MovingClock) -> None:
    instance = begin(DESK, session, clock)
    view = instances.view(instance.id, actor("sara"))
    assert [one.elements for one in view.activatable] == [("call", "visit")]
    discretion.activate(instance.id, "visit", None, actor("sara"), clock())
    session.flush()
    assert open_tasks(session, instance) == ["visit"]
    last = session.scalars(select(Event).where(Event.instance_id == instance.id)).all()[-1]
    assert (last.data["cause"]["kind"], last.data["cause"]["element"]) == (
        "element_activated", "visit",
    )  # fmt: skip
    assert any("Visit" in words for words in told(session, instance, visit={"en": "Visit"}))


def test_what_cannot_be_activated_is_refused(session: Session, clock: MovingClock) -> None:
    instance = begin(DESK, session, clock)
    for element, subprocess in (("nothing", None), ("visit", "99")):
        with pytest.raises(OperationRefused):
            discretion.activate(instance.id, element, subprocess, actor("sara"), clock())
    with pytest.raises(NoSuch):
        discretion.activate(10**9, "visit", None, actor("sara"), clock())


def test_only_staff_activate(session: Session, clock: MovingClock) -> None:
    instance = begin(DESK, session, clock)
    with pytest.raises(Forbidden):
        discretion.activate(instance.id, "visit", None, actor("partner"), clock())


def test_a_confidential_request_hides_its_process(session: Session, clock: MovingClock) -> None:
    request = submit(clock())
    request.confidential = True
    session.flush()
    with pytest.raises(NoSuch):
        discretion.activate(instance_of(request).id, "x", None, actor("sara"), clock())


def test_what_was_undone_is_told(session: Session, clock: MovingClock) -> None:
    instance = begin(UNDONE, session, clock)
    for element in ("book", "unbook"):
        task = session.scalars(
            select(UserTask).where(UserTask.instance_id == instance.id, UserTask.element == element)
        ).one()
        tasks.claim(task.id, actor("narges"), clock())
        tasks.complete(task.id, {}, actor("narges"), clock(), language="en")
        session.flush()
    assert instance.status == "completed"
    assert any("Book" in words for words in told(session, instance, book={"en": "Book"}))
