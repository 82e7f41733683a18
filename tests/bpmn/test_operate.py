"""What an operator does by hand: skip a fault, change variables, move a token."""

from __future__ import annotations

import pytest

import bpmn
from tests.bpmn import build
from tests.bpmn.story import Story


def skip(story: Story, element: str, flow: str | None = None, **variables: object) -> bpmn.Outcome:
    key = next(f.key for f in story.outcome.faults if f.element == element)
    return story.tell(bpmn.SkipFault(key, variables, flow))


def keys(story: Story, element: str) -> list[str]:
    return [place.key for place in story.outcome.places if place.element == element]


BROKEN = build.process(
    build.start(), build.script("sum", "=amount + 1", "total"), build.user("after"), build.end(),
    build.flows("start > sum > after > end"),
)  # fmt: skip


def test_a_skipped_element_is_done_with_the_values_given() -> None:
    story = Story(BROKEN, {"amount": "many"})
    assert [fault.element for fault in story.outcome.faults] == ["sum"]
    skip(story, "sum", total=7)
    assert story.happened == ["entered sum", "skipped sum", "left sum", "entered after"]
    assert story.outcome.variables["total"] == 7
    story.complete("after")
    assert story.is_over


def test_a_key_under_which_no_fault_stands_is_unknown() -> None:
    story = Story(BROKEN, {"amount": 1})
    with pytest.raises(bpmn.UnknownKey):
        story.tell(bpmn.SkipFault(story.task("after").key))


GATE = build.process(
    build.start(), build.gateway("exclusive", "gate"), build.user("a"), build.user("b"),
    build.end(), build.flows("start > gate", "gate >[=x > 1] a > end", "gate >[=x < 1] b > end"),
)  # fmt: skip


def test_a_skipped_gateway_asks_by_which_flow() -> None:
    story = Story(GATE, {"x": 1})
    with pytest.raises(bpmn.CannotOperate) as error:
        skip(story, "gate")
    assert "gate_a, gate_b" in error.value.texts["en"]
    assert "gate_a" in error.value.texts["fa"]
    skip(story, "gate", "gate_b")
    assert story.tasks == ["b"]
    assert "gate_b" in story.path


def test_a_skipped_gateway_lists_its_flows_with_what_is_written_at_them() -> None:
    named = GATE.replace(b'id="gate_a" ', b'id="gate_a" name="Yes" ')
    story = Story(named, {"x": 1})
    with pytest.raises(bpmn.CannotOperate) as error:
        skip(story, "gate")
    assert "left: gate_a (“Yes”), gate_b." in error.value.texts["en"]
    assert "gate_a («Yes»)، gate_b" in error.value.texts["fa"]
    assert bpmn.parse(named).flow_names["gate_a"] == {"fa": "Yes", "en": "Yes"}


def test_a_skipped_gateway_leaves_by_its_default() -> None:
    broken = build.process(
        build.start(), build.gateway("exclusive", "gate"), build.user("a"), build.user("b"),
        build.end(), build.flows("start > gate", "gate >[=x] a > end", "gate >! b > end"),
    )  # fmt: skip
    story = Story(broken, {"x": "neither"})
    skip(story, "gate")
    assert story.tasks == ["b"]


def test_a_job_that_failed_is_skipped_with_its_boundary_timer() -> None:
    story = Story(
        build.process(
            build.start(), build.service("send"), build.user("after"), build.end(),
            build.boundary("late", "send", build.timer("duration", "PT1H")),
            build.flows("start > send > after > end", "late > after"),
        )
    )  # fmt: skip
    story.tell(bpmn.FailJob(story.job("send").key, "crashed", "It crashed."))
    skip(story, "send", answer=1)
    assert (story.tasks, story.waiting) == (["after"], ([], []))
    assert story.outcome.variables == {"answer": 1}
    assert not story.outcome.jobs


def test_a_join_that_is_stuck_is_skipped_without_the_missing_token() -> None:
    story = Story(
        build.process(
            build.start(), build.gateway("exclusive", "which"), build.user("a"), build.user("b"),
            build.gateway("parallel", "join"), build.end(),
            build.flows("start > which", "which >[=x] a > join", "which >! b > join",
                        "join > end"),
        ),
        {"x": True},
    )  # fmt: skip
    story.complete("a")
    assert [fault.code for fault in story.outcome.faults] == ["deadlock"]
    skip(story, "join")
    assert story.is_over


def test_an_error_that_nothing_catches_is_skipped_as_a_plain_end() -> None:
    story = Story(
        build.process(
            build.start(), build.end("bad", build.error("E1")), build.flows("start > bad"),
            before=build.declare_error("E1"),
        )
    )  # fmt: skip
    skip(story, "bad")
    assert story.is_over
    assert story.outcome.end_elements == ("bad",)


TURNS = build.process(
    build.start(), build.user("each", inner=build.multi("=items", output=("done", "=sum"))),
    build.user("after"), build.end(), build.flows("start > each > after > end"),
)  # fmt: skip


def test_a_collection_that_is_no_list_is_skipped_as_a_whole() -> None:
    story = Story(TURNS, {"items": 4})
    skip(story, "each", done=[1])
    assert story.tasks == ["after"]
    assert story.outcome.variables["done"] == [1]


def test_a_turn_that_failed_gives_the_output_of_the_values() -> None:
    source = build.process(
        build.start(),
        build.service("each", inner=build.multi("=items", output=("done", "=sum + item"))),
        build.end(), build.flows("start > each > end"),
    )  # fmt: skip
    story = Story(source, {"items": [1, 2]})
    first, second = story.outcome.jobs
    story.tell(bpmn.FailJob(first.key, "crashed", "It crashed."))
    story.tell(bpmn.CompleteJob(second.key, {"sum": 5}))
    skip(story, "each", sum=10)
    assert story.is_over
    assert story.outcome.variables["done"] == [11, 7]


INSIDE = build.process(
    build.start(),
    build.sub(
        "sub", build.start("s"), build.user("in1"), build.user("in2"), build.end("e"),
        build.flows("s > in1 > in2 > e"), extension=build.io(inputs={"own": "=1"}),
    ),
    build.user("out"), build.end(), build.boundary("late", "sub", build.timer("duration", "PT1H")),
    build.flows("start > sub > out > end", "late > out"),
)  # fmt: skip


def test_variables_change_in_the_process_or_in_one_scope() -> None:
    story = Story(INSIDE, {"own": 0})
    story.tell(bpmn.SetVariables({"own": 5, "new": None}))
    assert story.outcome.variables == {"own": 5, "new": None}
    assert story.task("in1").variables["own"] == 1
    story.tell(bpmn.SetVariables({"own": 6}, "sub"))
    assert story.outcome.variables["own"] == 5
    assert story.task("in1").variables["own"] == 6
    assert story.happened == ["changed sub"]


@pytest.mark.parametrize("scope", ["in1", "out"])
def test_variables_of_what_has_none_are_refused(scope: str) -> None:
    story = Story(INSIDE)
    with pytest.raises((bpmn.CannotOperate, bpmn.UnknownKey)):
        story.tell(bpmn.SetVariables({"x": 1}, scope))


def test_variables_that_cannot_be_kept_are_refused() -> None:
    story = Story(INSIDE)
    with pytest.raises(bpmn.BadVariables):
        story.tell(bpmn.SetVariables({"x": float("nan")}))


def test_a_token_moves_within_its_scope() -> None:
    story = Story(INSIDE)
    story.tell(bpmn.MoveToken("in1", "in2"))
    assert story.tasks == ["in2"]
    assert story.happened == ["cancelled in1", "moved in2", "entered in2"]
    assert story.waiting == (["late"], [])


def test_a_subprocess_that_is_left_empty_goes_with_its_timer() -> None:
    story = Story(INSIDE)
    story.tell(bpmn.MoveToken(story.task("in1").key, "out"))
    assert (story.tasks, story.waiting) == (["out"], ([], []))
    assert story.outcome.tokens == ("out",)
    story.complete("out")
    assert story.is_over


def test_a_whole_subprocess_moves_with_all_that_runs_inside() -> None:
    story = Story(INSIDE)
    story.tell(bpmn.MoveToken("sub", "out"))
    assert story.outcome.tokens == ("out",)


def test_a_token_moves_before_a_join_as_the_one_that_is_missing() -> None:
    story = Story(
        build.process(
            build.start(), build.gateway("parallel", "split"), build.user("a"), build.user("b"),
            build.gateway("parallel", "join"), build.user("after"), build.end(),
            build.flows("start > split > a > join > after > end", "split > b > join"),
        )
    )  # fmt: skip
    story.complete("a")
    story.tell(bpmn.MoveToken("b", "join"))
    assert story.tasks == ["after"]


@pytest.mark.parametrize(
    ("token", "to"),
    [("in1", "late"), ("in1", "start"), ("in1", "nowhere"), ("sub", "in2"), ("in1", "s")],
)
def test_a_token_does_not_go_where_none_can_stand(token: str, to: str) -> None:
    story = Story(INSIDE)
    before = story.outcome
    with pytest.raises(bpmn.CannotOperate) as error:
        story.tell(bpmn.MoveToken(token, to))
    assert all(error.value.texts[language] for language in ("en", "fa"))
    assert story.outcome is before


def test_a_closed_subprocess_takes_no_token_and_an_open_one_does() -> None:
    beside = build.process(
        build.start(), build.gateway("parallel", "split"), build.user("a"),
        build.sub("sub", build.start("s"), build.user("in1"), build.user("in2"), build.end("e"),
                  build.flows("s > in1 > in2 > e")),
        build.end("e1"), build.end("e2"),
        build.flows("start > split > a > e1", "split > sub > e2"),
    )  # fmt: skip
    story = Story(beside)
    story.tell(bpmn.MoveToken("a", "in2"))
    assert story.tasks == ["in1", "in2"]
    closed = Story(beside)
    closed.complete("in1")
    closed.complete("in2")
    with pytest.raises(bpmn.CannotOperate, match="does not run"):
        closed.tell(bpmn.MoveToken("a", "in2"))


def test_a_turn_does_not_leave_its_activity_but_the_activity_moves() -> None:
    story = Story(TURNS, {"items": [1, 2]})
    with pytest.raises(bpmn.CannotOperate, match="turns"):
        story.tell(bpmn.MoveToken(story.task("each").key, "after"))
    story.tell(bpmn.MoveToken("each", "after"))
    assert story.outcome.tokens == ("after",)


def test_one_of_several_tokens_is_named_by_its_key() -> None:
    twice = build.process(
        build.start(), build.gateway("parallel", "split"), build.user("a"), build.user("b"),
        build.end(),
        build.flows("start > split", "split > a > end"),
        '<bpmn:sequenceFlow id="again" sourceRef="split" targetRef="a"/>',
        build.flows("a > b > end").replace('id="a_b"', 'id="other"'),
    )  # fmt: skip
    story = Story(twice)
    with pytest.raises(bpmn.CannotOperate, match="by its key"):
        story.tell(bpmn.MoveToken("a", "b"))
    story.tell(bpmn.MoveToken(keys(story, "a")[0], "b"))
    assert story.tasks == ["a", "b"]


def test_what_is_moved_runs_on_in_the_same_step() -> None:
    story = Story(BROKEN, {"amount": 1})
    story.tell(bpmn.MoveToken("after", "sum"))
    assert story.happened[-2:] == ["left sum", "entered after"]
    assert story.outcome.variables["total"] == 2


def test_what_undoes_is_not_moved_for_the_rest_would_never_be_undone() -> None:
    source = build.process(
        build.start(), build.user("a"), build.user("ua", isForCompensation="true"),
        build.undo("a", "ua"), build.throw("t", build.compensate()), build.user("x"), build.end(),
        build.flows("start > a > t > x > end"),
    )  # fmt: skip
    story = Story(source)
    story.complete("a")
    with pytest.raises(bpmn.CannotOperate):
        story.tell(bpmn.MoveToken("t", "x"))
    assert story.tasks == ["ua"]
