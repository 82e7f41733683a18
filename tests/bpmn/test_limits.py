"""What is too long, too large or too far is a fault or a refusal, never an accident."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import bpmn
from bpmn import limits
from tests.bpmn.build import (
    boundary,
    catch,
    declare,
    declare_error,
    end,
    error,
    flows,
    gateway,
    io,
    message,
    multi,
    node,
    process,
    properties,
    script,
    service,
    start,
    sub,
    timer,
    user,
)
from tests.bpmn.story import NOON, Story

LINE = flows("start > x > end")


def held(*parts: str, before: str = "") -> bytes:
    """A process with one node ``x`` between start and end."""
    return process(start(), *parts, end(), LINE, before=before)


def fault_of(source: bytes, **variables: object) -> str:
    """The code of the one fault that stands right after the start."""
    (found,) = Story(source, variables).outcome.faults
    assert "{detail}" not in found.texts["fa"] + found.message
    return found.code


def rules(source: bytes) -> set[str]:
    with pytest.raises(bpmn.Refused) as caught:
        bpmn.parse(source)
    return {found.rule for found in caught.value.findings}


def growing(*steps: str, until: str) -> bytes:
    """A loop of automatic steps before a user task."""
    names = [f"s{number}" for number in range(len(steps))]
    made = [
        script(name, *step.split(" := ")[::-1]) for name, step in zip(names, steps, strict=True)
    ]
    return process(
        start(), gateway("exclusive", "m"), *made, gateway("exclusive", "g"), user("u"), end(),
        flows(" > ".join(["start", "m", *names, "g"]), "g >! m", f"g >[={until}] u > end"),
    )  # fmt: skip


def test_an_instance_that_grows_without_end_stands_and_can_still_be_loaded() -> None:
    source = growing("l := =append(l, t)", "k := =k + 1", until="k > 90")
    story = Story(source, {"t": "y" * 900_000, "l": [], "k": 0})
    (found,) = story.outcome.faults
    assert (found.element, found.code) == ("s0", "size")
    assert len(story.outcome.variables["l"]) == 7
    story.retry("s0", t="", k=90)
    assert story.tasks == ["u"]


def test_what_is_overwritten_makes_room() -> None:
    source = growing('t := =substring(t, 2) + "z"', "k := =k + 1", until="k > 30")
    assert Story(source, {"t": "y" * 900_000, "k": 0}).tasks == ["u"]


def test_inputs_of_many_turns_count_too() -> None:
    loop = multi("=for i in 1..20 return i")
    story = Story(held(user("x", io(inputs={"copy": "=big"}), inner=loop)), {"big": "y" * 900_000})
    assert {found.code for found in story.outcome.faults} == {"size"}
    assert len(story.tasks) == 7


def test_more_than_an_instance_may_hold_is_refused_at_the_door() -> None:
    large = {"x": "y" * limits.VARIABLES}
    with pytest.raises(bpmn.BadVariables):
        Story(held(user("x")), large)
    story = Story(held(user("x")), {"kept": "y" * 5_000_000})
    with pytest.raises(bpmn.BadVariables):
        story.complete("x", **large)
    source = held(user("x", groups="=[g]"))
    faulty = Story(source, {"kept": "y" * 5_000_000})
    with pytest.raises(bpmn.BadVariables):
        faulty.retry("x", more="y" * 5_000_000)


def test_a_state_that_could_not_be_loaded_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bpmn.state.MAX_BYTES", 1_000)
    with pytest.raises(bpmn.BadVariables):
        Story(held(user("x")), {"a": "b" * 1_000})


@pytest.mark.parametrize("value", [10**34, -(10**5000)], ids=["34", "5000"])
def test_numbers_of_very_many_digits_are_refused(value: int) -> None:
    with pytest.raises(bpmn.BadVariables):
        Story(held(user("x")), {"n": value})


@pytest.mark.parametrize(
    "expression",
    [
        "=for i in 1..600 return for j in 1..600 return j", '="a\\u0000b"', '={"a\\u0000": 1}',
        "=function(x) x",
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_kept_is_a_fault(expression: str) -> None:
    assert fault_of(held(script("x", expression, "r"))) == "expression"


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("duration", "P" + "9" * 5_000 + "D"), ("duration", "PT0." + "9" * 5_000 + "S"),
        ("duration", "P999999999Y"), ("date", "0001-01-01T00:00:00+14:00"),
        ("date", "9999-12-31T23:00:00-14:00"),
    ],
)  # fmt: skip
def test_a_timer_beyond_the_calendar_is_a_fault(kind: str, value: str) -> None:
    assert fault_of(held(catch("x", timer(kind, "=d"))), d=value) == "timer"
    assert rules(held(catch("x", timer(kind, value)))) == {"event.timer-wrong"}


def test_a_far_moment_of_feel_is_a_fault() -> None:
    source = held(catch("x", timer("date", '=date and time("999999-01-01T00:00:00Z")')))
    assert fault_of(source) == "timer"


def test_a_cycle_ends_with_the_calendar() -> None:
    source = process(
        start(), user("u"), end(), end("e"),
        boundary("b", "u", timer("cycle", "R/9999-12-31T00:00:00Z/P1D"), interrupting=False),
        flows("start > u > end", "b > e"),
    )  # fmt: skip
    story = Story(source)
    story.ring("b")
    assert story.waiting == ([], [])
    assert story.tasks == ["u"]


def test_a_cycle_of_too_many_digits() -> None:
    cycle = timer("cycle", "=c")
    source = process(
        start(), user("u"), end(), end("e"), boundary("b", "u", cycle, interrupting=False),
        flows("start > u > end", "b > e"),
    )  # fmt: skip
    assert fault_of(source, c="R" + "9" * 5_000 + "/PT1H") == "timer"
    written = source.replace(b"=c", b"R" + b"9" * 5_000 + b"/PT1H")
    assert rules(written) == {"event.timer-wrong"}


@pytest.mark.parametrize(
    ("extension", "rule"),
    [
        (f'<zeebe:priorityDefinition priority="{"9" * 5_000}"/>', "task.priority"),
        (properties(sla="PT" + "9" * 5_000 + "H"), "task.sla"),
        (f'<zeebe:taskSchedule dueDate="{"9" * 5_000}"/>', "task.due"),
    ],
)
def test_long_digits_in_a_file_are_a_finding(extension: str, rule: str) -> None:
    assert rules(held(user("x", extension))) == {rule}


LONG = '=string join(for i in 1..201 return "x")'


@pytest.mark.parametrize(
    ("source", "code"),
    [
        (held(user("x", groups=f"=[{LONG[1:]}]")), "long"),
        (held(user("x", groups=LONG)), "long"),
        (held(user("x", properties(excludes=LONG))), "long"),
        (held(user("x", groups="=for i in 1..1001 return string(i)")), "names"),
        (held(service("x", kind=LONG)), "long"),
        (held(catch("x", message("n")), before=declare("n", LONG)), "long"),
        (held(user("x", '<zeebe:priorityDefinition priority="=101"/>')), "number"),
        (held(user("x", '<zeebe:priorityDefinition priority="=-1"/>')), "number"),
        (held(node("serviceTask", "x", "", '<zeebe:taskDefinition type="t" retries="=1e9"/>')),
         "number"),
        (held(user("x", inner=multi("=for i in 1..10001 return i"))), "collection"),
    ],
)  # fmt: skip
def test_what_no_table_can_keep_is_a_fault(source: bytes, code: str) -> None:
    assert fault_of(source) == code


WIDE = "x" * 201


@pytest.mark.parametrize(
    "source",
    [
        process(start(), user(WIDE), end(), flows(f"start > {WIDE} > end")),
        held(user("x", groups="x" * 81)),
        held(user("x", f'<zeebe:formDefinition formId="{WIDE}"/>')),
        held(user("x", properties(excludes="x" * 81))),
        held(user("x", io(inputs={WIDE: "=1"}))),
        held(service("x", kind="x" * 81)),
        held(catch("x", message(WIDE)), before=declare(WIDE)),
        held(service("x"), boundary("b", "x", error("x" * 81)), user("y"), flows("b > y > end"),
             before=declare_error("x" * 81)),
        held(node("businessRuleTask", "x", "",
                  f'<zeebe:calledDecision decisionId="{WIDE}" resultVariable="r"/>')),
    ],
)  # fmt: skip
def test_what_is_written_too_long_is_refused(source: bytes) -> None:
    assert rules(source) == {"text.too-long"}


def test_the_code_and_the_words_of_a_failed_job_are_cut() -> None:
    story = Story(held(service("x")))
    story.tell(bpmn.FailJob(story.job("x").key, "c" * 100, "why\x00" * 2_000))
    (found,) = story.outcome.faults
    assert found.code == "c" * limits.SHORT
    assert limits.DETAIL / 2 < len(found.message) < limits.DETAIL
    assert "\x00" not in found.message


def test_what_a_worker_or_an_operator_says_can_be_stored() -> None:
    source = process(
        start(), service("x"), boundary("b", "x", error()), user("y"), end(),
        flows("start > x > end", "b > y > end"),
    )  # fmt: skip
    story = Story(source)
    story.tell(bpmn.ThrowError(story.job("x").key, "c" * 100, "\ud800 no\x00"))
    (caught,) = [one for one in story.last if one.kind == "error"]
    assert caught.data == {"code": "c" * 80, "message": "? no"}
    story.tell(bpmn.Terminate("mis\x00take"))
    assert story.last[-1].data == {"reason": "mistake"}


@pytest.mark.parametrize("kind", ["condition", "cycle"])
def test_a_value_of_shared_parts_is_not_printed(kind: str) -> None:
    large = "=for i in 1..500 return many"
    gate = (
        user("u"), gateway("exclusive", "x"), flows(f"start > x >[{large}] u > end", "x >! end"),
    )  # fmt: skip
    repeated = (
        user("x"), boundary("b", "x", timer("cycle", large), interrupting=False), end("e"),
        flows("start > x > end", "b > e"),
    )  # fmt: skip
    parts = gate if kind == "condition" else repeated
    story = Story(process(start(), *parts, end()), {"many": list(range(2_000))})
    (found,) = story.outcome.faults
    assert len(found.message) < 300


values = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.integers().map(lambda n: n**9), st.floats(),
        st.text(max_size=20), st.sampled_from(["P9D", "R/PT1H", "9999-12-31T00:00:00Z", "PT0S"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)  # fmt: skip
expressions = st.sampled_from(
    ["=v", "=[v, v]", "=v + v", "=string(v)", "=v.a", "=v[1]", "=v * 10 ** 6000", "=duration(v)",
     '=date and time(v)', "=\"\\u0000\"", "=v = null", "=number(v)", "=1", '="P1D"'],
)  # fmt: skip


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(value=values, said=expressions, place=st.integers(0, 7))
def test_whatever_comes_a_step_raises_only_what_it_promises(
    value: object, said: str, place: int
) -> None:
    part = [
        user("x", groups=said), catch("x", timer("date", said)), script("x", said, "r"),
        user("x", inner=multi(said, output=("out", said))), service("x", kind=said),
        user("x", io(inputs={"a.b": said}, outputs={"v.a": said})),
        user("x", f"<zeebe:priorityDefinition priority='{said}'/>"),
        user("x", f"<zeebe:taskSchedule dueDate='{said}'/>"),
    ][place]  # fmt: skip
    definition = bpmn.parse(held(part))
    try:
        outcome = bpmn.start(definition, {"v": value}, NOON)
        for _ in range(3):
            for task in outcome.user_tasks[:1]:
                command = bpmn.CompleteTask(task.key, {"v": value})
                outcome = bpmn.step(definition, outcome.state, command, NOON)
    except bpmn.BpmnError:
        return
    bpmn.inspect(definition, outcome.state)


def test_turns_within_turns_that_multiply_are_stopped_before_they_fill_the_memory() -> None:
    thousand = "=for i in 1..1000 return i"
    inner = (start("s1"), user("a", inner=multi(thousand)), end("e1"))
    source = process(
        start(), user("k"), end(), flows("start > k > s > end"),
        sub("s", *inner, flows("s1 > a > e1"), multi(thousand)),
    )  # fmt: skip
    definition = bpmn.parse(source)
    before = bpmn.start(definition, {}, NOON)
    command = bpmn.CompleteTask(before.user_tasks[0].key, {}, None)
    after = bpmn.step(definition, before.state, command, NOON)
    assert {fault.code for fault in after.faults} == {"budget"}
    assert len(after.places) < 40_000
