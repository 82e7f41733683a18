"""What the process knows names a task: in its row, its clock, and for who checks the tables."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import ProcessInstance, SlaClock, UserTask
from app.services.deployment import definitions
from app.services.execution import agreement, processes
from tests.app.services.story import actor
from tests.bpmn.build import end, flows, process, properties, start, user
from tests.support.clock import MovingClock

TITLE = '={fa: "«" + thing + "»", en: "Fetch the " + thing}'
NAMES = {"fa": "«laptop»", "en": "Fetch the laptop"}


def begin(clock: MovingClock) -> ProcessInstance:
    drawn = process(
        start(),
        user("fetch", properties(title=TITLE, sla="PT4H"), groups="intake"),
        end(),
        flows("start > fetch > end"),
    )
    definition = definitions.deploy("p.bpmn", drawn, actor("admin"), clock())
    return processes.start(definition, {"thing": "laptop"}, actor("admin"), clock())


def test_a_title_names_the_task_and_its_clock(session: Session, clock: MovingClock) -> None:
    instance = begin(clock)
    task = select(UserTask.names).where(UserTask.instance_id == instance.id)
    of_clock = select(SlaClock.names).where(SlaClock.instance_id == instance.id)
    assert session.scalars(task).one() == NAMES
    assert session.scalars(of_clock).one() == NAMES


def test_the_tables_agree_on_a_title_and_mending_gives_it_back(
    session: Session, clock: MovingClock
) -> None:
    instance = begin(clock)
    assert agreement.compare(instance) == []
    task = session.scalars(select(UserTask).where(UserTask.instance_id == instance.id)).one()
    task.names = {"fa": "کار", "en": "Work"}
    session.flush()
    [difference] = agreement.compare(instance)
    assert "Fetch the laptop" in str(difference)
    agreement.rebuild(instance.id, actor("admin"), clock())
    assert task.names == NAMES
