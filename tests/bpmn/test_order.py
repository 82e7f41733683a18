"""What comes first within one step, and what one step may make of another's verdict."""

from __future__ import annotations

import pytest

import bpmn
from tests.bpmn.build import (
    boundary,
    catch,
    declare,
    end,
    flows,
    gateway,
    io,
    message,
    multi,
    process,
    script,
    service,
    start,
    sub,
    timer,
    user,
)
from tests.bpmn.story import Story

PAST = {"late": "2026-03-21T11:00:00Z", "early": "2026-03-21T10:00:00Z"}


def test_of_two_events_behind_a_gateway_the_earlier_wins() -> None:
    source = process(
        start(), gateway("eventBased", "g"), catch("b", timer("date", "=late")),
        catch("a", timer("date", "=early")), end("e1"), end("e2"),
        flows("start > g > b > e1", "g > a > e2"),
    )  # fmt: skip
    assert Story(source, PAST).outcome.end_elements == ("e2",)


def test_of_two_boundary_timers_the_earlier_interrupts() -> None:
    source = process(
        start(), user("u"), boundary("b", "u", timer("date", "=late")),
        boundary("a", "u", timer("date", "=early")), end(), end("e1"), end("e2"),
        flows("start > u > end", "b > e1", "a > e2"),
    )  # fmt: skip
    assert Story(source, PAST).outcome.end_elements == ("e2",)


def test_a_reminder_that_was_due_before_the_deadline_still_comes() -> None:
    source = process(
        start(), user("u"), boundary("cut", "u", timer("date", "=late")),
        boundary("remind", "u", timer("date", "=early"), interrupting=False), end(), end("e1"),
        end("e2"), flows("start > u > end", "cut > e1", "remind > e2"),
    )  # fmt: skip
    story = Story(source, PAST)
    assert [said for said in story.happened if said.startswith("timer")] == [
        "timer remind", "timer cut",
    ]  # fmt: skip


def faults(story: Story) -> list[tuple[str, str]]:
    return sorted((found.element, found.code) for found in story.outcome.faults)


def test_a_join_is_not_stuck_while_a_fault_can_be_mended() -> None:
    inner = sub(
        "sp", start("s2"), user("u"), end("e3"), flows("s2 > u > e3"),
        extension=io(outputs={"r": "=count"}),
    )  # fmt: skip
    source = process(
        start(), gateway("parallel", "g"), inner, script("k", "=1", "k"),
        gateway("parallel", "j"), user("v"), end(),
        flows("start > g > sp > j", "g > k > j > v > end"),
    )  # fmt: skip
    story = Story(source)
    story.complete("u")
    assert faults(story) == [("sp", "expression")]
    story.retry("sp", count=1)
    assert story.tasks == ["v"]


def test_a_join_behind_a_body_that_faults_waits_for_it() -> None:
    loop = multi("=[1, 2]", sequential=True, condition="=flag")
    source = process(
        start(), gateway("parallel", "g"), user("a", inner=loop), script("k", "=1", "k"),
        gateway("inclusive", "j"), gateway("exclusive", "x"), user("v"), end(), end("e2"),
        flows("start > g > a > x >[=true] e2", "x >! j", "g > k > j > v > end"),
    )  # fmt: skip
    story = Story(source)
    story.complete("a")
    assert faults(story) == [("a", "condition")]
    story.retry("a", flag=False)
    story.complete("a")
    assert (faults(story), story.tasks) == ([], ["v"])


def test_a_deadlock_is_judged_anew_in_every_step_and_traced_once() -> None:
    inner = sub(
        "s", start("s1"), gateway("parallel", "g"), user("a"), gateway("exclusive", "x"),
        gateway("parallel", "j"), end("e1"), end("e2"),
        flows("s1 > g > a > x >! e2", "x >[=go] j > e1", "g > j"),
    )  # fmt: skip
    source = process(
        start(), gateway("parallel", "f"), inner, user("z"), end(), end("e3"),
        flows("start > f > s > end", "f > z > e3"),
    )  # fmt: skip
    story = Story(source, {"go": False})
    story.complete("a")
    assert faults(story) == [("j", "deadlock")]
    assert "fault j" in story.happened
    key = story.outcome.faults[0].key
    story.complete("z")
    assert faults(story) == [("j", "deadlock")]
    assert story.outcome.faults[0].key == key
    assert "fault j" not in story.happened


def test_a_join_that_is_stuck_has_one_fault_however_many_wait_there() -> None:
    source = process(
        start(), gateway("parallel", "g"), user("a"), user("b"), gateway("exclusive", "x"),
        gateway("parallel", "j"), user("v"), user("z"), end(), end("e2"), end("e3"),
        flows("start > g > a > j > v > end", "g > b > j", "g > x >[=go] j", "x >! e2",
              "g > z > e3"),
    )  # fmt: skip
    story = Story(source, {"go": False})
    story.complete("a")
    key = story.outcome.faults[0].key
    story.complete("b")
    assert faults(story) == [("j", "deadlock")]
    assert story.outcome.faults[0].key == key
    story.complete("z")
    assert [one.key for one in story.outcome.faults] == [key]
    story.tell(bpmn.SkipFault(key))
    assert (faults(story), story.tasks) == ([], ["v"])


def test_a_job_that_fails_with_the_word_deadlock_stands_as_any_other() -> None:
    source = process(
        start(), gateway("parallel", "g"), service("j"), user("u"), end(), end("e2"),
        flows("start > g > j > end", "g > u > e2"),
    )  # fmt: skip
    story = Story(source)
    story.tell(bpmn.FailJob(story.job("j").key, "deadlock", "of the database"))
    story.complete("u")
    assert faults(story) == [("j", "deadlock")]
    story.retry("j")
    assert story.job("j")


@pytest.mark.parametrize("sequential", [False, True])
def test_the_output_element_sees_what_the_output_mappings_give(sequential: bool) -> None:
    loop = multi("=[1, 2]", sequential=sequential, output=("o", "=r"))
    task = user("a", io(outputs={"r": "=answer"}), inner=loop)
    story = Story(process(start(), task, user("z"), end(), flows("start > a > z > end")))
    for answer in ("A", "B"):
        story.tell(bpmn.CompleteTask(story.outcome.user_tasks[0].key, {"answer": answer}))
    assert story.outcome.variables["o"] == ["A", "B"]


def test_the_output_element_of_a_subprocess_sees_its_mappings() -> None:
    inner = sub(
        "s", multi("=[1, 2]", output=("o", "=r")), start("s1"), user("a"), end("e"),
        flows("s1 > a > e"), extension=io(outputs={"r": "=answer"}),
    )  # fmt: skip
    story = Story(process(start(), inner, user("z"), end(), flows("start > s > z > end")))
    story.complete("a", answer="A")
    story.complete("a", answer="B")
    assert story.outcome.variables["o"] == ["A", "B"]


@pytest.mark.parametrize("said", ["0", " false ", "false"])
def test_what_xml_calls_false_does_not_interrupt(said: str) -> None:
    source = process(
        start(), user("a"), boundary("b", "a", message("n")), end(), end("e2"),
        flows("start > a > end", "b > e2"), before=declare("n", "=1"),
    )  # fmt: skip
    written = f'cancelActivity="{said}"'.encode()
    story = Story(source.replace(b'cancelActivity="true"', written))
    story.deliver("b")
    assert story.tasks == ["a"]


def test_what_xml_calls_true_is_followed_everywhere() -> None:
    loop = multi("=[1, 2, 3]").replace('"false"', '"1"')
    handler = sub(
        "h", start("hs", message("n"), isInterrupting="0"), end("he"), flows("hs > he"),
        triggeredByEvent=" 1 ",
    )  # fmt: skip
    source = process(
        start(), user("a", inner=loop), end(), handler, flows("start > a > end"),
        before=declare("n", "=1"),
    )  # fmt: skip
    story = Story(source.replace(b'isExecutable="true"', b'isExecutable="1"'))
    assert story.tasks == ["a"]
    story.deliver("hs")
    assert story.tasks == ["a"]


@pytest.mark.parametrize(
    "part",
    [
        user("x", inner=multi("=[1]").replace('"false"', '"no"')),
        user("x", isForCompensation="often"),
        sub("x", start("s"), end("e"), flows("s > e"), triggeredByEvent="yes"),
    ],
)
def test_what_is_no_boolean_or_not_followed_is_refused(part: str) -> None:
    source = process(start(), part, end(), flows("start > x > end"), before=declare("n", "=1"))
    with pytest.raises(bpmn.Refused) as caught:
        bpmn.parse(source)
    rules = {found.rule for found in caught.value.findings}
    assert rules <= {"element.attribute", "loop.form"}
