"""Processes that begin by the clock or by a message, each time once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.db import session as current
from app.errors import DeploymentRefused, Invalid
from app.models import DueMoment, ProcessInstance, StartSubscription
from app.services.deployment import definitions, shipped
from app.services.execution import correlation, listening, moments, processes, starts
from tests.app.services.story import actor
from tests.bpmn.build import catch, declare, end, flows, message, process, start, timer, user
from tests.support.clock import MovingClock

DAY = timedelta(days=1)
MAIL = declare("mail", "=number")


def deploy(source: bytes, clock: MovingClock) -> None:
    definitions.deploy("p.bpmn", source, actor("admin"), clock())


def begun_by(*events: str, key: str = "p") -> bytes:
    led = flows(*(f"s{number} > a" for number, _ in enumerate(events)), "a > end")
    shown = [start(f"s{number}", event) for number, event in enumerate(events)]
    return process(*shown, user("a", groups="intake"), end(), led, before=MAIL, key=key)


def instances(session: Session) -> Sequence[ProcessInstance]:
    query = select(ProcessInstance).where(ProcessInstance.request_id.is_(None))
    return session.scalars(query.order_by(ProcessInstance.id)).all()


def waiting(session: Session) -> list[StartSubscription]:
    return list(session.scalars(select(StartSubscription).order_by(StartSubscription.id)))


def moment_of(row: StartSubscription) -> DueMoment:
    query = select(DueMoment).where(DueMoment.start_id == row.id)
    return current().scalars(query).one()


def test_a_cycle_begins_an_instance_at_each_turn(session: Session, clock: MovingClock) -> None:
    deploy(begun_by(timer("cycle", "R3/P1D")), clock)
    [row] = waiting(session)
    moment = moment_of(row)
    for count in (1, 2, 3):
        clock.now += DAY
        assert moments.set_first_apart(clock(), 50) == 1
        made = starts.by_timer(moment.id, clock())
        assert made is not None
        assert made.tokens == ["a"]
        session.flush()
        assert len(instances(session)) == count
        assert starts.by_timer(moment.id, clock()) is None
    assert waiting(session) == []


def test_turns_missed_in_an_outage_begin_one_instance(session: Session, clock: MovingClock) -> None:
    deploy(begun_by(timer("cycle", "R/P1D")), clock)
    [row] = waiting(session)
    moment = moment_of(row)
    first = moment.due_at
    clock.now += 5.5 * DAY
    assert starts.by_timer(moment.id, clock()) is not None
    assert moment.due_at == first + 5 * DAY


def test_a_moment_is_queued_once(session: Session, clock: MovingClock) -> None:
    deploy(begun_by(timer("cycle", "R/PT1H")), clock)
    clock.now += DAY
    assert (moments.set_first_apart(clock(), 50), moments.set_first_apart(clock(), 50)) == (1, 0)


def test_a_new_version_takes_over_the_beginnings(session: Session, clock: MovingClock) -> None:
    deploy(begun_by(timer("cycle", "R/P1D"), message("mail")), clock)
    deploy(begun_by(message("mail")), clock)
    [row] = waiting(session)
    assert (row.kind, row.name, row.definition.version) == ("message", "mail", 2)


def test_a_date_that_is_over_begins_nothing(session: Session, clock: MovingClock) -> None:
    deploy(begun_by(timer("date", "2020-01-01T00:00:00Z"), message("mail")), clock)
    assert [row.kind for row in waiting(session)] == ["message"]


def test_a_timer_without_a_moment_is_refused(session: Session, clock: MovingClock) -> None:
    with pytest.raises(DeploymentRefused) as refused:
        deploy(begun_by(timer("date", "=nowhere")), clock)
    assert [(one.element, one.rule) for one in refused.value.findings] == [("s0", "start.timer")]


def test_a_message_begins_every_process_that_it_starts(
    session: Session, clock: MovingClock
) -> None:
    deploy(begun_by(message("mail")), clock)
    deploy(begun_by(message("mail"), key="q"), clock)
    heard = correlation.publish("mail", "", {"subject": "Hello"}, actor("admin"), clock())
    assert [one.definition.key for one in heard.started] == ["p", "q"]
    assert not heard.delivered
    assert processes.inspect(heard.started[0]).variables == {"subject": "Hello"}


def test_who_waits_for_it_hears_it_and_is_not_begun_anew(
    session: Session, clock: MovingClock
) -> None:
    source = process(
        start("s", message("mail")), catch("again", message("mail")), end(),
        flows("s > again > end"), before=MAIL,
    )  # fmt: skip
    deploy(source, clock)
    first = correlation.publish("mail", "7", {"number": "7"}, actor("admin"), clock())
    assert [one.tokens for one in first.started] == [["again"]]
    heard = correlation.publish("mail", "7", {}, actor("admin"), clock())
    assert [one.id for one in heard.delivered] == [first.started[0].id]
    assert not heard.started
    assert heard.delivered[0].status == "completed"
    other = correlation.publish("mail", "8", {"number": "8"}, actor("admin"), clock())
    assert len(other.started) == 1


def test_a_message_that_nobody_hears_is_told(session: Session, clock: MovingClock) -> None:
    with pytest.raises(listening.NothingAsked):
        correlation.publish("nothing", "1", {}, actor("admin"), clock())


CONDITIONS = "<bpmn:conditionalEventDefinition><bpmn:condition>{}</bpmn:condition>"


def conditional(text: str) -> str:
    return CONDITIONS.format(text) + "</bpmn:conditionalEventDefinition>"


def test_conditions_begin_the_processes_of_which_they_are_true(
    session: Session, clock: MovingClock
) -> None:
    deploy(begun_by(conditional("=level &gt; 8"), conditional("=level &gt; 9")), clock)
    deploy(begun_by(conditional("=level + 1"), key="q"), clock)
    judged = starts.by_condition({"level": 9}, actor("admin"), clock())
    assert [one.definition.key for one in judged.started] == ["p"]
    assert [(one.definition.key, one.element) for one in judged.failed] == [("q", "s0")]
    assert not starts.by_condition({}, actor("admin"), clock()).started


def test_what_an_older_release_deployed_is_heard_after_the_upgrade(
    session: Session, clock: MovingClock
) -> None:
    deploy(begun_by(message("mail"), timer("cycle", "R3/P1D")), clock)
    session.execute(delete(StartSubscription))
    for _ in range(2):
        shipped.install(clock())
    assert [row.kind for row in waiting(session)] == ["message"]
    heard = correlation.publish("mail", "", {"number": "1"}, actor("admin"), clock())
    assert [made.tokens for made in heard.started] == [["a"]]


def test_a_process_without_a_plain_start_says_how_it_begins(
    session: Session, clock: MovingClock
) -> None:
    deploy(begun_by(message("mail"), timer("cycle", "R/P1D")), clock)
    row = definitions.latest("p")
    with pytest.raises(Invalid) as wrong:
        processes.start(row, {}, actor("admin"), clock())
    assert wrong.value.errors["at"][0].endswith("s0 (message “mail”), s1 (timer).")
    assert processes.start(row, {}, actor("admin"), clock(), at="s1").tokens == ["a"]
