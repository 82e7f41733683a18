"""Tasks: people, jobs, scripts, mappings, and what their results do to the variables."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

import bpmn
from tests.bpmn.build import (
    end,
    flows,
    io,
    node,
    process,
    properties,
    script,
    service,
    start,
    user,
)
from tests.bpmn.story import Story

LINE = flows("start > a > end")


def test_a_user_task_waits_and_its_data_reaches_the_process() -> None:
    story = Story(process(start(), user("a"), end(), LINE), {"subject": "late"})
    assert story.tasks == ["a"]
    assert story.outcome.tokens == ("a",)
    story.complete("a", by="sara", answer=["x", {"y": 1}])
    assert story.is_over
    assert story.outcome.end_elements == ("end",)
    assert story.outcome.variables == {"subject": "late", "answer": ["x", {"y": 1}]}
    assert story.happened == ["left a", "entered end", "left end", "completed"]
    assert story.last[0].data == {"completed_by": "sara"}
    assert story.path == ["start_a", "a_end"]


def test_a_task_says_who_may_and_who_may_not() -> None:
    extension = (
        '<zeebe:assignmentDefinition assignee="=boss" candidateGroups="=[team, &quot;x&quot;]"'
        ' candidateUsers="sara, reza"/>'
        '<zeebe:formDefinition formId="approve"/><zeebe:priorityDefinition priority="=40 + 30"/>'
        '<zeebe:taskSchedule dueDate="=now() + duration(&quot;PT2H&quot;)"/>'
        + properties(excludes="=[first, null]", name_fa="تأیید")
    )
    source = process(start(), user("a", extension, groups="", name="Approve"), end(), LINE)
    task = Story(source, {"boss": "maryam", "team": "quality", "first": "leila"}).task("a")
    assert (task.assignee, task.form, task.priority) == ("maryam", "approve", 70)
    assert task.candidate_groups == ("quality", "x")
    assert task.candidate_users == ("sara", "reza")
    assert task.excluded_users == ("leila",)
    assert task.due_at == datetime(2026, 3, 21, 14, tzinfo=UTC)
    assert task.names == {"fa": "تأیید", "en": "Approve"}


def test_a_lane_gives_its_group() -> None:
    lane = (
        '<bpmn:laneSet id="set"><bpmn:lane id="lane_1"><bpmn:extensionElements>'
        + properties(group="intake")
        + "</bpmn:extensionElements><bpmn:flowNodeRef>a</bpmn:flowNodeRef></bpmn:lane>"
        "</bpmn:laneSet>"
    )
    story = Story(process(lane, start(), user("a", groups=""), end(), LINE))
    assert story.task("a").candidate_groups == ("intake",)
    assert story.definition.groups == ("intake",)
    assert story.definition.elements["a"].lane == "intake"


def test_inputs_are_seen_by_the_task_alone_and_outputs_choose_what_leaves() -> None:
    mapping = io(
        inputs={"who.name": "=customer.name", "count": "=n + 1"},
        outputs={"result.text": "=answer", "by": "=completed_by", "counted": "=count"},
    )
    source = process(start(), user("a", mapping), end(), LINE)
    story = Story(source, {"customer": {"name": "Ali"}, "n": 1, "result": {"kept": True}})
    assert story.task("a").variables["who"] == {"name": "Ali"}
    assert story.task("a").variables["count"] == 2
    assert "who" not in story.outcome.variables
    story.complete("a", by="sara", answer="yes", ignored=1)
    assert story.outcome.variables == {
        "customer": {"name": "Ali"}, "n": 1, "result": {"kept": True, "text": "yes"},
        "by": "sara", "counted": 2,
    }  # fmt: skip


def test_lists_are_replaced_and_never_merged() -> None:
    story = Story(process(start(), user("a"), end(), LINE), {"items": [1, 2, 3], "c": {"x": 1}})
    story.complete("a", items=[9], c={"y": 2})
    assert story.outcome.variables == {"items": [9], "c": {"y": 2}}


@pytest.mark.parametrize("name", ["typename", "__class__", "data_objects", "result", "_children"])
def test_names_that_the_library_uses_are_plain_variables(name: str) -> None:
    story = Story(process(start(), user("a"), end(), LINE), {name: {"typename": "x"}})
    story.complete("a", typename="SpiffWorkflow.task.Task")
    assert story.outcome.variables[name if name != "typename" else "typename"] is not None


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), b"x", object(), {1: 2}, "a\x00b", "\ud800", [{1}]]
)
def test_values_that_cannot_be_stored_are_refused_and_nothing_changes(value: object) -> None:
    story = Story(process(start(), user("a"), end(), LINE))
    before = story.outcome.state
    with pytest.raises(bpmn.BadVariables):
        story.complete("a", x=value)
    assert story.outcome.state == before


def test_completing_twice_is_an_unknown_key() -> None:
    story = Story(process(start(), user("a"), user("b"), end(), flows("start > a > b > end")))
    key = story.task("a").key
    story.complete("a")
    with pytest.raises(bpmn.UnknownKey):
        story.tell(bpmn.CompleteTask(key, {}))


def test_a_job_is_parked_with_its_inputs_and_headers() -> None:
    extension = (
        '<zeebe:taskHeaders><zeebe:header key="template" value="ack"/></zeebe:taskHeaders>'
        + io(inputs={"to": "=email"})
    )
    source = process(start(), service("a", extension, kind='="no" + "tify"'), end(), LINE)
    story = Story(source, {"email": "a@b.c"})
    job = story.job("a")
    assert (job.type, job.retries, dict(job.headers)) == ("notify", 3, {"template": "ack"})
    assert job.inputs == {"email": "a@b.c", "to": "a@b.c"}
    story.done("a", sent=True)
    assert story.is_over
    assert story.outcome.variables == {"email": "a@b.c", "sent": True}


def test_scripts_and_manual_tasks_pass_at_once() -> None:
    manual = node("manualTask", "m")
    source = process(
        start(), script("a", "=n * 2.5", "n"), manual, end(), flows("start > a > m > end")
    )
    story = Story(source, {"n": 3})
    assert story.is_over
    assert story.outcome.variables == {"n": 7.5}


def test_a_receive_task_waits_for_its_message() -> None:
    from tests.bpmn.build import declare

    receive = node("receiveTask", "a", messageRef="m_reply")
    source = process(start(), receive, end(), LINE, before=declare("reply"))
    story = Story(source, {"number": "R-1"})
    waiting = story.outcome.messages[0]
    assert (waiting.message, waiting.correlation) == ("reply", "R-1")
    story.deliver("a", text="hello")
    assert story.is_over
    assert story.outcome.variables["text"] == "hello"


def test_terminating_takes_everything_away() -> None:
    story = Story(process(start(), user("a"), end(), LINE))
    story.tell(bpmn.Terminate("mistake"))
    assert story.outcome.status == "terminated"
    assert not story.outcome.tokens
    assert story.happened == ["cancelled a", "terminated"]
    assert story.last[-1].data == {"reason": "mistake"}
    with pytest.raises(bpmn.UnknownKey):
        story.tell(bpmn.CompleteTask("1", {}))
