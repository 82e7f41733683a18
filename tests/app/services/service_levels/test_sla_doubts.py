"""Settings that name what nobody has, contradict themselves, or would go on without end."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import DeploymentRefused, Invalid
from app.models import DueMoment, Event, ProcessInstance
from app.services.deployment import definitions
from app.services.execution import processes
from app.services.service_levels import (
    escalations,
    ladders,
    sla_findings,
    sla_settings,
    sla_writing,
)
from app.services.service_levels.sla_findings import Judged
from tests.app.services.story import actor, submit
from tests.bpmn import build
from tests.support.clock import MovingClock

LADDER = """
key = "again"
names = {fa = "باز", en = "Again"}
[[steps]]
key = "due"
at = "100%"
names = {fa = "سررسید", en = "Due"}
actions = [{start_process = "again"}]
"""


def judged(source: str, clock: MovingClock, kind: sla_settings.Kind = "policy") -> Judged:
    key = "complaint" if kind == "policy" else "again"
    return sla_findings.judge_here(kind, key, source, clock())


def complaint(*pairs: tuple[str, str]) -> str:
    source = sla_settings.versions("policy", "complaint")[0].source
    for old, new in pairs:
        assert old in source
        source = source.replace(old, new, 1)
    return source


@pytest.mark.parametrize(
    ("pair", "key"),
    [
        (('start = "submitted"', 'start = "left:nowhere"'), "metrics.acknowledgement.start"),
        (('"stage:answer"', '"stage:answered"'), "metrics.first_response.stop"),
        (('pause = "waits:customer"', 'pause = "message:nudge"\nresume = "left:assess"'),
         "metrics.first_response.pause"),
        (('target = "PT4H"', 'target = "PT4H"\nrules = [{service = "nosuch", target = "PT1H"}]'),
         "metrics.acknowledgement.rules.1.service"),
        (('target = "PT4H"', 'target = "PT4H"\nrules = [{branch = "nosuch", target = "PT1H"}]'),
         "metrics.acknowledgement.rules.1.branch"),
    ],
)  # fmt: skip
def test_what_a_policy_names_and_nobody_has_is_warned_of(
    session: Session, clock: MovingClock, pair: tuple[str, str], key: str
) -> None:
    found = judged(complaint(pair), clock)
    assert found.errors == []
    [warning] = found.warnings
    assert warning.key == key
    assert warning.line > 1
    assert set(warning.messages) == {"fa", "en"}


def test_the_shipped_settings_are_beyond_doubt(session: Session, clock: MovingClock) -> None:
    for kind in ("calendar", "policy", "ladder"):
        for key in sla_settings.keys(kind):
            source = sla_settings.versions(kind, key)[0].source
            assert sla_findings.judge_here(kind, key, source, clock()).findings == ()
            assert sla_findings.judge(source.encode()).findings == ()


def test_a_promise_that_open_requests_lose_is_counted(session: Session, clock: MovingClock) -> None:
    for _ in range(3):
        submit(clock())
    session.flush()
    source = complaint().replace("metrics.resolution", "metrics.settled")
    found = judged(source, clock)
    [warning] = found.warnings
    assert "Resolution" in warning.messages["en"]
    assert "3 open requests" in warning.messages["en"]


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        (('stop = ["left:acknowledge"', 'stop = ["submitted"'), "starts the clock as well"),
        (('en = "Acknowledgement"', 'en = ""'), "must not be empty"),
        (('en = "Complaints"', 'en = "  "'), "must not be empty"),
        (('en = "Complaints"', f'en = "{"x" * 501}"'), "longer than 500"),
    ],
)
def test_what_contradicts_itself_or_has_no_name_is_refused(
    session: Session, clock: MovingClock, pair: tuple[str, str], said: str
) -> None:
    [error] = judged(complaint(pair), clock).errors
    assert said in error.messages["en"]
    with pytest.raises(Invalid):
        sla_writing.save("policy", "complaint", complaint(pair), actor("admin"), clock())


def deploy(ladder: str, clock: MovingClock) -> None:
    climbing = (
        "<zeebe:properties>"
        '<zeebe:property name="sla" value="PT10S"/>'
        f'<zeebe:property name="ladder" value="{ladder}"/>'
        "</zeebe:properties>"
    )
    source = build.process(
        build.start(), build.user("work", climbing, groups="intake"), build.end(),
        build.flows("start > work > end"), key="again",
    )  # fmt: skip
    definitions.deploy("again.bpmn", source, actor("admin"), clock())


def test_a_ladder_that_would_begin_a_process_without_end_is_refused(
    session: Session, clock: MovingClock
) -> None:
    first = LADDER.replace('start_process = "again"', 'signal = "nobody"')
    sla_writing.save("ladder", "again", first, actor("admin"), clock())
    deploy("again", clock)
    [error] = judged(LADDER, clock, "ladder").errors
    assert error.key == "steps.1.actions"
    assert "without end" in error.messages["en"]


def test_a_task_that_climbs_an_unknown_ladder_is_not_deployed(
    session: Session, clock: MovingClock
) -> None:
    with pytest.raises(DeploymentRefused) as refused:
        deploy("nosuchladder", clock)
    assert "reference.ladder" in {one.rule for one in refused.value.findings}


def test_escalations_of_escalations_come_to_an_end(session: Session, clock: MovingClock) -> None:
    first = LADDER.replace('start_process = "again"', 'signal = "nobody"')
    sla_writing.save("ladder", "again", first, actor("admin"), clock())
    deploy("again", clock)
    # As it could be kept before such a ladder was refused.
    sla_writing.save("ladder", "again", LADDER, actor("admin"), clock())
    processes.start(definitions.latest("again"), {}, actor("admin"), clock())
    for _ in range(10):
        clock.move(days=1)
        for moment_id in list(session.scalars(select(DueMoment.id))):
            ladders.climb(moment_id, clock())
        session.flush()
    count = select(func.count(ProcessInstance.id))
    assert session.scalar(count) == 1 + escalations.MOST_IN_A_ROW
    told = session.scalars(select(Event).where(Event.kind == "promise_escalated")).all()
    assert "failed" in told[-1].data["did"][0]
