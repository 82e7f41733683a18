"""Ad-hoc subprocesses: what is asked for runs, until it is enough (BPMN 2.0.2, 13.3.5)."""

from __future__ import annotations

import pytest

import bpmn
from tests.bpmn.build import (
    ad_hoc,
    boundary,
    compensate,
    end,
    flows,
    gateway,
    io,
    multi,
    node,
    process,
    script,
    start,
    throw,
    timer,
    undo,
    user,
)
from tests.bpmn.story import Story


def around(part: str, *more: str) -> bytes:
    """The ad-hoc subprocess ``s`` before a user task."""
    return process(start(), part, user("z"), end(), *more, flows("start > s > z > end"))


def test_the_list_says_what_begins_and_it_ends_with_the_last() -> None:
    part = ad_hoc("s", user("a"), user("b"), user("c"), flows("b > c"), elements="=wanted")
    story = Story(around(part), {"wanted": ["a", "b"]})
    assert story.tasks == ["a", "b"]
    assert story.outcome.tokens == ("s", "a", "b")
    story.complete("a", x=1)
    story.complete("b")
    assert story.tasks == ["c"]
    story.complete("c")
    assert story.tasks == ["z"]
    assert story.outcome.variables["x"] == 1


def test_staff_activate_elements_as_often_as_they_like() -> None:
    story = Story(around(ad_hoc("s", user("a"), user("b"), user("c"), flows("b > c"))))
    (running,) = story.outcome.activatable
    assert (running.element, running.elements) == ("s", ("a", "b"))
    story.activate("a")
    assert story.happened == ["activated a", "entered a"]
    story.activate("a")
    assert story.tasks == ["a", "a"]
    story.complete("a")
    story.complete("a")
    assert story.tasks == ["z"]
    assert not story.outcome.activatable


@pytest.mark.parametrize("element", ["c", "z", "start", "nothing", "s"])
def test_only_what_no_flow_leads_to_is_activated(element: str) -> None:
    story = Story(around(ad_hoc("s", user("a"), user("b"), user("c"), flows("b > c"))))
    with pytest.raises(bpmn.CannotOperate) as caught:
        story.activate(element)
    assert caught.value.texts["fa"]


def test_nothing_is_activated_where_nothing_runs() -> None:
    story = Story(around(ad_hoc("s", user("a"))))
    with pytest.raises(bpmn.UnknownKey):
        story.tell(bpmn.ActivateElement("99", "a"))


def test_a_condition_is_asked_after_each_activity_and_cancels_the_rest() -> None:
    part = ad_hoc("s", user("a"), user("b"), user("c"), flows("a > c"), elements='=["a", "b"]',
                  condition="=enough")  # fmt: skip
    story = Story(around(part), {"enough": False})
    story.complete("a")
    assert story.tasks == ["b", "c"]
    story.complete("c", enough=True)
    assert story.tasks == ["z"]
    assert "cancelled b" in story.happened


def test_a_condition_may_hold_before_the_next_step_begins() -> None:
    part = ad_hoc("s", user("a"), user("c"), flows("a > c"), elements='=["a"]', condition="=done")
    story = Story(around(part))
    story.complete("a", done=True)
    assert story.tasks == ["z"]
    assert "entered c" not in story.happened


def test_a_condition_that_does_not_hold_keeps_it_open() -> None:
    part = ad_hoc("s", user("a"), elements='=["a"]', condition="=enough")
    story = Story(around(part), {"enough": False})
    story.complete("a")
    assert story.outcome.tokens == ("s",)
    story.activate("a")
    story.complete("a", enough=True)
    assert story.tasks == ["z"]


def test_the_rest_may_be_let_run_to_its_end() -> None:
    part = ad_hoc("s", user("a"), user("b"), elements='=["a", "b"]', condition="=true",
                  cancelRemainingInstances="false")  # fmt: skip
    story = Story(around(part))
    story.complete("a")
    assert story.tasks == ["b"]
    assert story.outcome.activatable[0].elements == ()
    with pytest.raises(bpmn.CannotOperate):
        story.activate("a")
    story.complete("b")
    assert story.tasks == ["z"]


@pytest.mark.parametrize("wanted", ["a", 1, None, ["nothing"], [1], ["a", "c"]])
def test_a_list_that_names_something_else_is_a_fault(wanted: object) -> None:
    part = ad_hoc("s", user("a"), user("b"), user("c"), flows("b > c"), elements="=wanted")
    story = Story(around(part), {"wanted": wanted})
    assert [f.code for f in story.outcome.faults] == ["collection"]
    story.retry("s", wanted=["a"])
    assert story.tasks == ["a"]


def test_a_condition_that_is_no_boolean_is_a_fault() -> None:
    part = ad_hoc("s", user("a"), elements='=["a"]', condition="=enough")
    story = Story(around(part))
    story.complete("a")
    assert [(f.element, f.code) for f in story.outcome.faults] == [("s", "condition")]
    story.retry("s", enough=True)
    assert story.tasks == ["z"]


def test_its_data_its_boundary_and_its_turns() -> None:
    part = ad_hoc("s", user("a"), elements='=["a"]').replace(
        "<bpmn:extensionElements>",
        "<bpmn:extensionElements>" + io(inputs={"x": "=1"}, outputs={"y": "=x + 1"}), 1,
    )  # fmt: skip
    source = around(part, boundary("t", "s", timer("duration", "P1D")), end("e2"), flows("t > e2"))
    story = Story(source)
    assert story.task("a").variables == {"x": 1}
    story.complete("a")
    assert story.outcome.variables == {"y": 2}
    late = Story(source)
    late.ring("t")
    assert late.is_over
    turns = ad_hoc("s", user("a"), multi("=[1, 2]"), elements='=["a"]')
    both = Story(around(turns))
    assert [t.variables["item"] for t in both.outcome.user_tasks] == [1, 2]
    both.complete("a")
    both.complete("a")
    assert both.tasks == ["z"]


def test_automatic_elements_run_through() -> None:
    part = ad_hoc(
        "s", script("a", "=1", "x"), gateway("exclusive", "g"), script("b", "=2", "y"),
        script("c", "=3", "y"), flows("g >[=x = 1] b", "g >! c"), elements='=["a", "g"]',
    )  # fmt: skip
    story = Story(around(part))
    assert story.outcome.variables == {"x": 1, "y": 2}
    assert story.tasks == ["z"]


def test_a_join_outside_does_not_take_it_for_stuck() -> None:
    source = process(
        start(), gateway("parallel", "g"), ad_hoc("s", user("a")), user("b"),
        gateway("parallel", "j"), end(), flows("start > g > s > j > end", "g > b > j"),
    )  # fmt: skip
    story = Story(source)
    story.complete("b")
    assert not story.outcome.faults
    story.activate("a")
    story.complete("a")
    assert story.is_over


def test_a_join_inside_waits_for_what_may_still_be_activated() -> None:
    part = ad_hoc(
        "s", user("a"), user("b"), gateway("parallel", "j"), user("c"),
        flows("a > j > c", "b > j"), elements='=["a"]',
    )  # fmt: skip
    story = Story(around(part))
    story.complete("a")
    assert not story.outcome.faults
    story.activate("b")
    story.complete("b")
    assert story.tasks == ["c"]


def test_what_is_complete_inside_can_be_undone() -> None:
    part = ad_hoc(
        "s", user("a"), undo("a", "ua"), user("ua", isForCompensation="true"), elements='=["a"]'
    )
    source = process(
        start(), part, throw("t", compensate()), user("z"), end(), flows("start > s > t > z > end")
    )
    story = Story(source)
    story.complete("a")
    assert story.tasks == ["ua"]
    story.complete("ua")
    assert story.tasks == ["z"]


def rules(part: str) -> set[tuple[str, str]]:
    """The rules that refuse a diagram, with their elements."""
    with pytest.raises(bpmn.Refused) as caught:
        bpmn.parse(around(part))
    return {(one.rule, one.element) for one in caught.value.findings}


def test_what_cannot_be_followed_is_refused() -> None:
    assert ("ad-hoc.ordering", "s") in rules(ad_hoc("s", user("a"), ordering="Sequential"))
    assert ("ad-hoc.empty", "s") in rules(ad_hoc("s"))
    assert ("ad-hoc.empty", "s") in rules(ad_hoc("s", user("a"), user("b"), flows("a > b > a")))
    assert ("ad-hoc.ends", "e") in rules(ad_hoc("s", user("a"), end("e"), flows("a > e")))
    assert ("ad-hoc.ends", "b") in rules(ad_hoc("s", user("a"), start("b"), flows("b > a")))
    assert ("ad-hoc.elements", "s") in rules(ad_hoc("s", user("a"), elements="a, b"))
    assert ("feel.needed", "s") in rules(ad_hoc("s", user("a"), condition="done"))
    out = '<zeebe:adHoc outputCollection="o" outputElement="=x"/>'
    assert ("ad-hoc.attribute", "s") in rules(node("adHocSubProcess", "s", user("a"), out))
    led = '<zeebe:taskDefinition type="agent"/>'
    assert ("ad-hoc.worker", "s") in rules(node("adHocSubProcess", "s", user("a"), led))
    assert ("ad-hoc.here", "s") in rules(user("s", "<zeebe:adHoc/>"))
