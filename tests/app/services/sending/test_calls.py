"""Call activities on the database: which version is called, and what the tables say of it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import bpmn
from app.errors import DeploymentRefused
from app.models import DueMoment, Event, Fault, ProcessDefinition, ProcessInstance, Subscription
from app.models import UserTask as Task
from app.services import history
from app.services.deployment import definitions
from app.services.desk import tasks
from app.services.execution import (
    agreement,
    diagrams,
    faults,
    instances,
    listening,
    processes,
    timers,
)
from tests.app.services.story import actor, submit
from tests.bpmn.build import (
    boundary,
    call,
    catch,
    declare,
    end,
    flows,
    gateway,
    message,
    node,
    process,
    properties,
    start,
    timer,
    user,
)
from tests.support.clock import MovingClock

TAG = '<zeebe:versionTag value="{}"/>'


def called(name: str = "look", *, key: str = "called", tag: str = "") -> bytes:
    """A process with one user task."""
    said = TAG.format(tag) if tag else ""
    return process(
        start("s"), user(name, groups="intake"), end("e"), flows(f"s > {name} > e"), key=key,
        properties=said,
    )  # fmt: skip


def caller(*, key: str = "caller", track: str = "", **said: str) -> bytes:
    """A process that calls ``called``."""
    return process(
        start(), call("c", "called", **said), end(), flows("start > c > end"), key=key,
        properties=track,
    )  # fmt: skip


def deploy(clock: MovingClock, *sources: bytes, tag: str | None = None) -> list[ProcessDefinition]:
    files = [(f"{at}.bpmn", source) for at, source in enumerate(sources)]
    return definitions.deploy_together(files, actor("admin"), clock(), tag=tag)


def begin(row: ProcessDefinition, clock: MovingClock, **variables: Any) -> ProcessInstance:
    instance = processes.start(row, variables, actor("admin"), clock())
    assert agreement.compare(instance) == []
    return instance


def waiting(instance: ProcessInstance) -> list[str]:
    return [task.element for task in processes.inspect(instance).user_tasks]


def refusals(clock: MovingClock, *sources: bytes) -> list[tuple[str, int, str]]:
    with pytest.raises(DeploymentRefused) as refused:
        deploy(clock, *sources)
    found = [one for one in refused.value.findings if one.severity == "error"]
    assert all(set(one.message) == {"fa", "en"} == set(one.remedy) for one in found)
    return [(one.element, one.line, one.rule) for one in found]


def test_a_process_that_is_not_there_is_not_called(session: Session, clock: MovingClock) -> None:
    assert [(e, r) for e, _, r in refusals(clock, caller())] == [("c", "reference.process")]
    assert all(line > 1 for _, line, _ in refusals(clock, caller()))


def test_files_deployed_together_know_each_other(session: Session, clock: MovingClock) -> None:
    rows = deploy(clock, caller(), called())
    assert [(row.key, row.version) for row in rows] == [("caller", 1), ("called", 1)]
    assert [row.id for row in deploy(clock, caller(), called())] == [row.id for row in rows]


def test_two_files_of_one_process_are_refused(session: Session, clock: MovingClock) -> None:
    found = refusals(clock, called(), called("other"))
    assert [(element, rule) for element, _, rule in found] == [("called", "reference.repeated")]


def test_a_process_may_call_itself(session: Session, clock: MovingClock) -> None:
    (row,) = deploy(clock, caller(key="called"))
    instance = begin(row, clock)
    assert [fault.code for fault in faults.of_instance(instance.id)] == ["depth"]


def test_what_only_a_message_begins_is_not_called(session: Session, clock: MovingClock) -> None:
    told = process(
        start("s", message("go")), end("e"), flows("s > e"), key="called", before=declare("go", "")
    )
    found = [(element, rule) for element, _, rule in refusals(clock, caller(), told)]
    assert found == [("c", "reference.called-start")]
    deploy(clock, told)
    assert [rule for _, _, rule in refusals(clock, caller())] == ["reference.called-start"]


def test_every_call_takes_the_newest_of_its_moment(session: Session, clock: MovingClock) -> None:
    row, _ = deploy(clock, caller(), called())
    first = begin(row, clock)
    deploy(clock, called("second"))
    assert waiting(first) == ["look"]
    assert waiting(begin(row, clock)) == ["second"]


def test_a_bound_call_takes_what_was_deployed_with_it(session: Session, clock: MovingClock) -> None:
    bound = caller(bindingType="deployment")
    row, _ = deploy(clock, bound, called())
    clock.move(minutes=1)
    deploy(clock, called("second"))
    assert waiting(begin(row, clock)) == ["look"]
    again, _ = deploy(clock, bound, called("second"))
    assert again.id == row.id
    assert waiting(begin(row, clock)) == ["second"]


def test_a_running_instance_keeps_the_companion_of_its_beginning(
    session: Session, clock: MovingClock
) -> None:
    bound = process(
        start(), user("before", groups="intake"), call("c", "called", bindingType="deployment"),
        end(), flows("start > before > c > end"), key="caller",
    )  # fmt: skip
    row, _ = deploy(clock, bound, called())
    instance = begin(row, clock)
    clock.move(minutes=1)
    deploy(clock, bound, called("second"))
    finish(session, "before", clock)
    assert waiting(instance) == ["look"]


def test_deployed_alone_a_bound_call_takes_the_newest_of_that_time(
    session: Session, clock: MovingClock
) -> None:
    deploy(clock, called())
    (row,) = deploy(clock, caller(bindingType="deployment"))
    clock.move(minutes=1)
    deploy(clock, called("second"))
    assert waiting(begin(row, clock)) == ["look"]


def test_a_version_tag_names_the_newest_that_carries_it(
    session: Session, clock: MovingClock
) -> None:
    tagged = caller(bindingType="versionTag", versionTag="1.0")
    deploy(clock, called())
    assert [rule for _, _, rule in refusals(clock, tagged)] == ["reference.version-tag"]
    deploy(clock, called("first", tag="1.0"))
    deploy(clock, called("second", tag="2.0"))
    (row,) = deploy(clock, tagged)
    assert waiting(begin(row, clock)) == ["first"]


def test_a_tag_given_at_deployment_comes_before_that_of_the_file(
    session: Session, clock: MovingClock
) -> None:
    (row,) = deploy(clock, called(tag="1.0"), tag="blue")
    assert (row.version, row.version_tags) == (1, ["blue"])


def test_a_new_tag_on_the_same_bytes_is_recorded(session: Session, clock: MovingClock) -> None:
    deploy(clock, called(tag="1.0"))
    (row,) = deploy(clock, called(tag="1.0"), tag="stable")
    assert (row.version, row.version_tags) == (1, ["1.0", "stable"])
    (event,) = session.scalars(select(Event).where(Event.kind == "tagged"))
    assert event.data["tags"] == ["stable"]
    (again,) = deploy(clock, called(tag="1.0"), tag="stable")
    assert again.version_tags == ["1.0", "stable"]


def finish(session: Session, element: str, clock: MovingClock, **data: Any) -> Task:
    query = select(Task).where(Task.element == element, Task.state == "open")
    task = session.scalars(query).one()
    return tasks.complete(task.id, data, actor("narges"), clock(), language="en")


def full() -> bytes:
    """A called process in which all kinds of rows stand, and whose ids are those of its caller."""
    return process(
        start(), gateway("parallel", "c"),
        user("t", properties(sla="PT4H", waits="customer", stage="looking"), groups="intake"),
        catch("m", message("news")), catch("w", timer("duration", "PT1H")),
        node("scriptTask", "x", "", '<zeebe:script expression="=1 + a" resultVariable="b"/>'),
        end(),
        flows("start > c > t > end", "c > m > end", "c > w > end", "c > x > end"),
        key="called", before=declare("news"),
        properties=properties(stages="looking", stage__looking__fa="بررسی",
                              stage__looking__en="Looking"),
    )  # fmt: skip


def test_the_tables_know_to_which_process_an_element_belongs(
    session: Session, clock: MovingClock
) -> None:
    row, other = deploy(clock, caller(), full())
    instance = begin(row, clock, number="7", a="no number")
    tables: tuple[Any, ...] = (Task, DueMoment, Subscription, Fault)
    for table in tables:
        (found,) = session.scalars(select(table).where(table.instance_id == instance.id))
        assert found.called_id == other.id
    (task,) = session.scalars(select(Task).where(Task.instance_id == instance.id))
    assert task.due_at is not None
    assert instance.tokens == ["c"]
    (there,) = diagrams.called_by(instance)
    assert (there.key, there.tokens) == ("called", ("t", "m", "w", "x"))


def test_a_called_process_goes_on_by_all_that_moves_others(
    session: Session, clock: MovingClock
) -> None:
    row, other = deploy(clock, caller(), full())
    instance = begin(row, clock, number="7", a="no number")
    assert listening.deliver_to(instance.id, "news", "7", {}, actor("admin"), clock())
    clock.move(hours=1)
    (due,) = session.scalars(select(DueMoment).where(DueMoment.instance_id == instance.id))
    assert timers.fire(due.id, clock())
    (fault,) = session.scalars(select(Fault).where(Fault.instance_id == instance.id))
    faults.retry(fault.id, {"a": 1}, actor("maryam"), clock())
    assert agreement.compare(instance) == []
    finish(session, "t", clock)
    assert instance.status == "completed"
    assert agreement.compare(instance) == []
    assert history.path_of(instance.id)[0] == ["start", "c", "end"]
    assert set(history.path_of(instance.id, other.id)[0]) == {"start", "c", "t", "m", "w", "x",
                                                              "end"}  # fmt: skip
    assert processes.inspect(instance).variables["b"] == 2


def test_a_called_process_moves_the_request_along(session: Session, clock: MovingClock) -> None:
    track = properties(stages="looking", stage__looking__fa="بررسی", stage__looking__en="Looking")
    row, _ = deploy(clock, caller(track=track), full())
    request = submit(clock())
    variables = {"number": "7", "a": 1}
    processes.start(row, variables, actor("admin"), clock(), request=request)
    assert (request.stage, request.waits_for, request.status) == ("looking", "customer", "waiting")
    assert instance_of_key(session, "caller").request_id == request.id


def test_a_stage_that_the_caller_does_not_list_is_none_of_the_customers(
    session: Session, clock: MovingClock
) -> None:
    row, _ = deploy(clock, caller(), full())
    request = submit(clock())
    before = request.stage
    variables = {"number": "7", "a": 1}
    processes.start(row, variables, actor("admin"), clock(), request=request)
    assert request.stage == before


def test_an_instance_is_found_by_where_a_called_process_stands(
    session: Session, clock: MovingClock
) -> None:
    row, _ = deploy(clock, caller(), called())
    instance = begin(row, clock)
    for element, expected in (("look", [instance.id]), ("c", [instance.id]), ("e", [])):
        filters = instances.InstanceFilters(element=element)
        found, _ = instances.list_page(actor("admin"), filters)
        assert [one.id for one in found] == expected


def instance_of_key(session: Session, key: str) -> ProcessInstance:
    query = select(ProcessInstance).join(ProcessInstance.definition)
    return session.scalars(query.where(ProcessDefinition.key == key)).one()


def test_a_boundary_of_the_caller_ends_what_stands_in_the_called(
    session: Session, clock: MovingClock
) -> None:
    source = process(
        start(), call("c", "called"), boundary("b", "c", message("stop")), end(), end("out"),
        flows("start > c > end", "b > out"), key="caller", before=declare("stop"),
    )  # fmt: skip
    row, _ = deploy(clock, source, full())
    instance = begin(row, clock, number="7", a=1)
    assert listening.deliver_to(instance.id, "stop", "7", {}, actor("admin"), clock())
    assert instance.status == "completed"
    assert agreement.compare(instance) == []


TABLE = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="m" name="m"
 namespace="n"><decision id="answer" name="answer"><variable name="answer"/>
<literalExpression><text>"{}"</text></literalExpression></decision></definitions>"""


def test_decisions_of_a_called_process_are_pinned_when_it_is_called(
    session: Session, clock: MovingClock
) -> None:
    said = '<zeebe:calledDecision decisionId="answer" resultVariable="r"/>'
    asks = process(
        start("s"), user("t", groups="intake"), node("businessRuleTask", "rule", "", said),
        end("e"), flows("s > t > rule > e"), key="called",
    )  # fmt: skip
    files = [("a.dmn", TABLE.format("old").encode()), ("c.bpmn", caller()), ("d.bpmn", asks)]
    _, row, _ = definitions.deploy_together(files, actor("admin"), clock())
    instance = begin(row, clock)
    definitions.deploy("a.dmn", TABLE.format("new").encode(), actor("admin"), clock())
    finish(session, "t", clock)
    assert processes.inspect(instance).variables == {"r": "old"}
    other = begin(row, clock)
    finish(session, "t", clock)
    assert processes.inspect(other).variables == {"r": "new"}


def test_a_process_that_is_found_by_an_expression_may_be_missing_and_come(
    session: Session, clock: MovingClock
) -> None:
    source = process(start(), call("c", "=key"), end(), flows("start > c > end"), key="caller")
    (row,) = deploy(clock, source)
    instance = begin(row, clock, key="called")
    (fault,) = faults.of_instance(instance.id)
    assert (fault.element, fault.code, fault.called_id) == ("c", "call", None)
    deploy(clock, called())
    faults.retry(fault.id, {}, actor("maryam"), clock())
    assert waiting(instance) == ["look"]


def test_the_view_of_an_instance_shows_what_it_calls(session: Session, clock: MovingClock) -> None:
    row, other = deploy(clock, caller(), called())
    shown = instances.view(begin(row, clock).id, actor("admin"))
    assert [(one.key, one.tokens) for one in shown.called] == [("called", ("look",))]
    assert [place.definition for place in shown.places] == [None, other.sha256]
    assert bpmn.parse(called()).sha256 == other.sha256
