"""Cases do what their steps say, and fail with where, what was expected and what was."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest

from bpmn import cases
from tests.bpmn.build import (
    boundary,
    catch,
    declare,
    declare_error,
    declare_signal,
    end,
    error,
    flows,
    gateway,
    io,
    message,
    multi,
    process,
    properties,
    script,
    service,
    signal,
    start,
    sub,
    timer,
    user,
)
from tests.bpmn.cases.play import ONE_TASK, play, play_one, why

OVER = {"status": "completed"}
JOB = process(
    start(), service("work", kind="sum"), boundary("failed", "work", error("bad")), user("mend"),
    end(), flows("start > work > end", "failed > mend > end"), before=declare_error("bad"),
)  # fmt: skip


def test_steps_lead_to_the_end() -> None:
    result = play_one(
        ONE_TASK, start={"data": {"n": 1}},
        steps=[
            {"expect": {"tokens": ["a"], "status": "active", "variables": {"n": 1}}},
            {"complete": "a", "data": {"m": {"x": [1]}}, "by": "sara"},
        ],
        expect={
            **OVER, "ends": ["end"], "tokens": [], "path": ["start", "end"],
            "variables": {"m": {"x": [1.0]}},
            "trace": ["started start", "entered start", "left start", "entered a", "left a",
                      "entered end", "left end", "completed"],
        },
    )  # fmt: skip
    assert result.problem is None
    assert result.milliseconds > 0


@pytest.mark.parametrize(
    ("expect", "told"),
    [
        ({"status": "completed"}, "status: expected completed, was active."),
        ({"tokens": []}, 'tokens: expected [], was ["a"].'),
        ({"ends": ["end"]}, 'ends: expected ["end"], was [].'),
        ({"path": ["a", "start"]}, "start (number 2) was not entered after those before"),
        ({"path": ["start", "end"]}, "end (number 2) was never entered; the path was"),
        ({"avoids": ["a"]}, "avoids: a was entered."),
        ({"variables": {"n": 2}}, "variables: expected n = 2, was 1."),
        ({"variables": {"n": True}}, "variables: expected n = true, was 1."),
        ({"variables": {"m": None}}, "expected m = null, but there is no m."),
        ({"faults": ["a"]}, 'faults: expected ["a"], was [].'),
        ({"trace": ["started start", "left start"]}, "entry 2: expected left start, was entered"),
        ({"trace": ["started start"]}, "entry 2: expected its end, was entered start."),
    ],
)
def test_what_is_not_as_expected_is_told(expect: dict[str, Any], told: str) -> None:
    result = play_one(ONE_TASK, start={"data": {"n": 1}}, expect=expect)
    assert told in why(result)
    assert result.problem is not None
    assert (result.problem.at, result.problem.tokens) == ("the end", ("a",))
    assert result.problem.waits == ("user task a",)


def test_a_failing_step_ends_the_case_where_it_stands() -> None:
    steps = [{"expect": {"tokens": []}}, {"complete": "a"}]
    result = play_one(ONE_TASK, steps=steps, expect=OVER)
    assert result.problem is not None
    assert result.problem.at == 'step 1 "expect"'
    assert result.problem.tokens == ("a",)


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ({"complete": "end"}, "No user task waits at “end”."),
        ({"job": "a"}, "No job waits at “a”, nor of that type."),
        ({"timer": "a"}, "No timer waits at “a”."),
        ({"message": "m"}, "Nothing waits for the message “m”."),
        ({"message": "m", "correlation": "1"}, "“m” with the correlation key 1."),
        ({"retry": "a"}, "No fault stands at “a”."),
        ({"skip": "a"}, "No fault stands at “a”."),
        ({"move": "end", "to": "a"}, "No token stands at “end”."),
        ({"move": "a", "to": "start"}, "No flow leads to “start”"),
        ({"set": {"x": 1}, "scope": "a"}, "“a” has no variables of its own"),
        ({"set": {"x": "\0"}}, "NUL character"),
        ({"complete": "a", "data": {"x": "\0"}}, "NUL character"),
    ],
)
def test_what_is_not_possible_now_is_told(step: dict[str, Any], told: str) -> None:
    assert told in why(play_one(ONE_TASK, steps=[step], expect=OVER))


def test_a_misspelt_element_fails_its_case_alone_even_where_it_could_not_fail() -> None:
    wrong = {"name": "n", "answers": {"b": {}}, "expect": {"avoids": ["aa"]}}
    result = play(ONE_TASK, wrong, {"name": "right", "answers": {"a": {}}, "expect": OVER})
    assert result.errors == ()
    assert [(case.name, case.is_ok) for case in result.cases] == [("n", False), ("right", True)]
    assert why(result.cases[0]).splitlines() == [
        "reading", "the diagram has no element “b”.", "the diagram has no element “aa”.",
    ]  # fmt: skip
    assert not result.is_ok()


def test_a_case_that_cannot_be_read_fails_alone() -> None:
    result = play(ONE_TASK, {"name": "n"}, {"name": "m", "answers": {"a": {}}, "expect": OVER})
    assert [(case.name, case.is_ok) for case in result.cases] == [("m", True), ("n", False)]
    assert "expect: Missing data" in why(result.cases[1])
    assert result.coverage[0].least == 100.0


def test_answers_are_given_unless_a_step_is_left_for_the_task() -> None:
    source = process(start(), user("a"), user("b"), end(), flows("start > a > b > end"))
    result = play_one(
        source, answers={"a": {"x": 1}, "b": {"y": 1}},
        steps=[{"expect": {"tokens": ["b"]}}, {"complete": "b", "data": {"y": 2}}],
        expect={**OVER, "variables": {"x": 1, "y": 2}},
    )  # fmt: skip
    assert result.problem is None


def test_a_list_of_answers_is_taken_in_turn_and_then_nobody_answers() -> None:
    source = process(
        start(), gateway("exclusive", "again"), user("a"), gateway("exclusive", "enough"), end(),
        flows("start > again > a > enough", "enough >[=n < 3] again", "enough >! end"),
    )  # fmt: skip
    given = {"a": [{"n": 1}, {"n": 2}]}
    assert play_one(source, answers=given, expect={"tokens": ["a"]}).is_ok
    given["a"].append({"n": 3})
    assert play_one(source, answers=given, expect=OVER).is_ok
    endless = play_one(source, answers={"a": {"n": 1}}, expect=OVER)
    assert "seems to go round for ever" in why(endless)


def test_jobs_give_results_by_element_before_type() -> None:
    said = {"sum": {"r": 1}, "work": {"r": 2}}
    assert play_one(JOB, jobs=said, expect={"variables": {"r": 2}}).is_ok
    assert play_one(JOB, jobs={"sum": {"r": 1}}, expect={"variables": {"r": 1}}).is_ok
    steps = [{"job": "sum", "result": {"r": 3}}]
    assert play_one(JOB, jobs=said, steps=steps, expect={"variables": {"r": 3}}).is_ok


def test_jobs_throw_errors_fail_and_are_tried_again() -> None:
    caught = {"job": "work", "error": "bad", "result": {"why": "x"}}
    assert play_one(JOB, steps=[caught], expect={"tokens": ["mend"]}).is_ok
    uncaught = [{"job": "work", "error": "worse"}]
    assert play_one(JOB, steps=uncaught, expect={"faults": ["work worse"]}).is_ok
    failed: list[dict[str, Any]] = [{"job": "work", "fail": "no line"}]
    assert play_one(JOB, steps=failed, expect={"faults": ["work"]}).is_ok
    steps = [*failed, {"retry": "work", "data": {"n": 1}}, {"job": "work"}]
    assert play_one(JOB, steps=steps, expect={**OVER, "variables": {"n": 1}}).is_ok


def test_an_operator_skips_a_fault_with_what_it_should_have_given() -> None:
    source = process(
        start(), script("s", "=a.b + 1", "n"), gateway("exclusive", "g"), end(),
        end("other"), flows("start > s > g", "g >[=n] end", "g >[=not(n)] other"),
    )  # fmt: skip
    skipped: list[dict[str, Any]] = [
        {"skip": "s", "data": {"n": "odd"}}, {"expect": {"faults": ["g condition"]}},
        {"skip": "g", "flow": "g_other"},
    ]  # fmt: skip
    done = {**OVER, "ends": ["other"], "variables": {"n": "odd"}}
    assert play_one(source, steps=skipped, expect=done).is_ok


def test_an_operator_changes_variables() -> None:
    steps = [{"set": {"x": {"y": 1}}}, {"complete": "a"}]
    assert play_one(ONE_TASK, steps=steps, expect={**OVER, "variables": {"x": {"y": 1}}}).is_ok
    held = process(
        start(), sub("s", start("s1"), user("a"), end("e"), flows("s1 > a > e"),
                     extension=io(inputs={"x": "=1"}, outputs={"y": "=x"})),
        end(), flows("start > s > end"),
    )  # fmt: skip
    steps = [{"set": {"x": 2}, "scope": "s"}, {"complete": "a"}]
    assert play_one(held, steps=steps, expect={**OVER, "variables": {"y": 2}}).is_ok


def test_an_operator_moves_a_token_that_would_else_be_answered() -> None:
    source = process(start(), user("a"), user("b"), end(), flows("start > a > b > end"))
    answers: dict[str, dict[str, int]] = {"a": {"x": 1}, "b": {}}
    steps = [{"move": "a", "to": "b"}]
    over = {**OVER, "variables": {}, "path": ["a", "b"]}
    result = play_one(source, answers=answers, steps=steps, expect=over)
    assert result.is_ok
    back = [{"complete": "a"}, {"move": "b", "to": "a"}, {"complete": "a"}, {"complete": "b"}]
    assert play_one(source, steps=back, expect={**OVER, "path": ["a", "b", "a", "b"]}).is_ok


def test_misspelt_elements_of_operators_are_errors() -> None:
    steps = [{"move": "aa", "to": "bb"}, {"skip": "cc"}, {"set": {"x": 1}, "scope": "dd"}]
    told = why(play_one(ONE_TASK, steps=steps, expect=OVER))
    assert all(f"“{name}”" in told for name in ("aa", "bb", "cc", "dd"))


def test_a_fault_that_nobody_expects_fails_the_case() -> None:
    source = process(start(), script("s", "=a.b + 1", "n"), end(), flows("start > s > end"))
    result = play_one(source, expect={"status": "completed", "ends": ["end"]})
    assert why(result).splitlines()[1:] == [
        "status: expected completed, was active.", 'ends: expected ["end"], was [].',
        'faults: expected [], was ["s"].',
    ]  # fmt: skip
    assert result.problem is not None
    assert result.problem.waits[0].startswith("fault expression at s:")


TIMED = process(
    start(), user("a"), boundary("first", "a", timer("duration", "PT1H"), interrupting=False),
    boundary("last", "a", timer("duration", "P1D")), end(), end("reminded"), end("late"),
    flows("start > a > end", "first > reminded", "last > late"),
)  # fmt: skip


def test_time_goes_on_and_fires_what_comes_due_in_order() -> None:
    ways: list[list[dict[str, str]]] = [
        [{"wait": "P2D"}], [{"timer": "last"}], [{"timer": "first"}, {"timer": "last"}],
    ]  # fmt: skip
    for way in ways:
        expected = {**OVER, "ends": ["reminded", "late"]}
        assert play_one(TIMED, steps=way, expect=expected).is_ok
    steps: list[dict[str, Any]] = [{"wait": "PT59M"}, {"expect": {"ends": []}}, {"wait": "PT1M"}]
    assert play_one(TIMED, steps=steps, expect={"ends": ["reminded"], "tokens": ["a"]}).is_ok


def test_a_timer_that_an_earlier_one_takes_away_cannot_fire() -> None:
    source = process(
        start(), user("a"), boundary("soon", "a", timer("duration", "PT1H")),
        boundary("late", "a", timer("duration", "PT2H")), end(),
        flows("start > a > end", "soon > end", "late > end"),
    )  # fmt: skip
    assert "No timer waits at “late”." in why(
        play_one(source, steps=[{"timer": "late"}], expect=OVER)
    )


def test_a_message_goes_to_the_token_that_waits_before_the_listener() -> None:
    inner = (start("s2", message("note"), isInterrupting="false"), end("e2"), flows("s2 > e2"))
    source = process(
        start(), catch("c", message("note")), user("a"), end(),
        sub("beside", *inner, triggeredByEvent="true"),
        flows("start > c > a > end"), before=declare("note", "=number"),
    )  # fmt: skip
    told = {"message": "note", "data": {"x": 1}, "correlation": "7"}
    begin = {"data": {"number": "7"}}
    assert play_one(source, start=begin, steps=[told], expect={"tokens": ["a"], "ends": []}).is_ok
    assert play_one(source, start=begin, steps=[told, told], expect={"ends": ["e2"]}).is_ok


def test_turns_of_a_multi_instance_are_done_one_after_the_other() -> None:
    source = process(start(), user("a", inner=multi("=[1, 2]")), end(), flows("start > a > end"))
    steps = [{"complete": "a"}, {"expect": {"tokens": ["a"]}}, {"complete": "a"}]
    assert play_one(source, steps=steps, expect=OVER).is_ok


def test_a_start_that_is_not_there_is_told() -> None:
    result = play_one(ONE_TASK, start={"message": "go"}, expect=OVER)
    assert why(result) == "the start\nThere is no start event for go."


def test_nobody_answers_what_they_are_excluded_from() -> None:
    asked = user("a", properties(excludes='=["sara"]'))
    source = process(start(), asked, end(), flows("start > a > end"))
    assert play_one(source, by="reza", answers={"a": {}}, expect=OVER).is_ok
    assert "sara may not do “a”" in why(play_one(source, by="sara", answers={"a": {}}, expect=OVER))


def test_a_task_that_names_people_is_theirs_alone() -> None:
    named = '<zeebe:assignmentDefinition candidateUsers="sara, reza"/>'
    source = process(start(), user("a", named, groups=""), end(), flows("start > a > end"))
    assert play_one(source, by="reza", answers={"a": {}}, expect=OVER).is_ok
    assert play_one(source, answers={"a": {}}, expect=OVER).is_ok
    told = why(play_one(source, by="leila", answers={"a": {}}, expect=OVER))
    assert "leila may not do “a”: it is for reza, sara." in told


def test_who_answered_is_seen_by_output_mappings() -> None:
    asked = user("a", io(outputs={"who": "=completed_by"}))
    source = process(start(), asked, end(), flows("start > a > end"))
    told = play_one(source, by="sara", answers={"a": {}}, expect={"variables": {"who": "sara"}})
    assert told.is_ok


def test_answers_go_through_the_form() -> None:
    def check(
        form: str, data: Mapping[str, Any], known: Mapping[str, Any], now: datetime
    ) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        assert (form, dict(known)) == ("desk", {"n": 1})
        return {"x": data.get("x")}, {} if "x" in data else {"x": ["Answer this."]}

    asked = user("a", '<zeebe:formDefinition formId="desk"/>')
    source = process(start(), asked, end(), flows("start > a > end"))
    world, begin = cases.World(check_answers=check), {"data": {"n": 1}}
    right = {"answers": {"a": {"x": 1}}, "expect": {"variables": {"x": 1}}}
    assert play_one(source, world, start=begin, **right).is_ok
    wrong = play_one(source, world, start=begin, answers={"a": {}}, expect=OVER)
    assert "“a” cannot be answered like this, by its form desk: x: Answer this." in why(wrong)


def test_functions_count_from_the_clock_of_the_case() -> None:
    source = process(
        start(), catch("c", timer("date", "=working_days_from_now(2)")),
        end(), flows("start > c > end"),
    )  # fmt: skip

    def functions(now: datetime) -> Mapping[str, Any]:
        return {"working_days_from_now": lambda days: now.replace(day=now.day + int(days))}

    world = cases.World(functions=functions)
    steps = [{"wait": "P1D"}, {"expect": {"tokens": ["c"]}}, {"wait": "P1D"}]
    assert play_one(source, world, steps=steps, expect=OVER).is_ok


def test_a_refused_diagram_is_refused_by_the_rules_that_are_named() -> None:
    source = process(
        start(), user("a"), user("b"), end(), flows("start > end", "start > b")
    )  # fmt: skip
    file = cases.CaseFile("p.test.json", refused=("flow.none-in", "flow.none-out"))
    assert cases.run_refusal(source, "p.bpmn", file).is_ok()
    other = cases.run_refusal(source, "p.bpmn", cases.CaseFile("x", refused=("id.odd",)))
    told = why(other.cases[0])
    assert "it is not refused by id.odd." in told
    assert "it is refused by flow.none-in too: Nothing leads to this element" in told
    accepted = cases.run_refusal(ONE_TASK, "p.bpmn", cases.CaseFile("x", refused=("id.odd",)))
    assert not accepted.is_ok()


def test_a_signal_is_heard_by_all_that_wait_for_it() -> None:
    source = process(
        start(), catch("c", signal("alarm")), catch("d", signal("alarm")), end(),
        flows("start > c > end", "start > d > end"), before=declare_signal("alarm"),
    )  # fmt: skip
    told = {"signal": "alarm", "data": {"x": 1}}
    assert play_one(source, steps=[told], expect={**OVER, "variables": {"x": 1}}).is_ok
    unheard = play_one(source, steps=[{"signal": "other"}], expect=OVER)
    assert "Nothing waits for the signal “other”." in why(unheard)
    assert unheard.problem is not None
    assert unheard.problem.waits == ("signal alarm at c", "signal alarm at d")
