"""What fails at run time stands still, is seen, and can be tried again; the rest goes on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

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


def fault(story: Story) -> tuple[str, str]:
    (found,) = story.outcome.faults
    return found.element, found.code


def test_a_condition_that_gives_no_boolean_leaves_the_token_before_the_gateway() -> None:
    source = process(
        start(), user("a"), gateway("exclusive", "g"), user("b"), end(),
        flows("start > a > g >[=amount > 5] b > end", "g >! end"),
    )  # fmt: skip
    story = Story(source)
    story.complete("a", said="kept")
    assert fault(story) == ("g", "condition")
    assert story.outcome.faults[0].expression == "=amount > 5"
    assert "amount" in story.outcome.faults[0].message
    assert "«\u2066=amount > 5\u2069»" in story.outcome.faults[0].texts["fa"]
    assert story.outcome.tokens == ("g",)
    assert story.happened == ["left a", "fault g"]
    assert story.outcome.variables == {"said": "kept"}
    story.retry("g", amount=9)
    assert story.tasks == ["b"]
    assert story.path == ["start_a", "a_g", "g_b"]


def test_no_condition_and_no_default() -> None:
    source = process(
        start(), gateway("exclusive", "g"), user("b"), end(),
        flows("start > g >[=x = 1] b > end", "g >[=x = 2] end"),
    )  # fmt: skip
    story = Story(source, {"x": 3})
    assert fault(story) == ("g", "no-flow")
    story.retry("g", x=1)
    assert story.tasks == ["b"]


def test_the_rest_of_the_step_is_taken() -> None:
    source = process(
        start(), gateway("parallel", "g"), user("a", groups="=1 + 1"), script("s", "=1", "one"),
        user("b"), end(), flows("start > g > a > end", "g > s > b > end"),
    )  # fmt: skip
    story = Story(source)
    assert fault(story) == ("a", "names")
    assert story.tasks == ["b"]
    assert story.outcome.variables == {"one": 1}


def test_a_task_that_nobody_would_see() -> None:
    source = process(start(), user("a", groups="=[group]"), end(), flows("start > a > end"))
    story = Story(source)
    assert fault(story) == ("a", "nobody")
    story.retry("a", group="quality")
    assert story.task("a").candidate_groups == ("quality",)


def test_what_a_function_raises_is_a_fault() -> None:
    def working_days_from_now(_: int) -> datetime:
        raise LookupError("no calendar")

    source = process(
        start(), catch("c", timer("date", "=working_days_from_now(1)")), end(),
        flows("start > c > end"),
    )  # fmt: skip
    story = Story(source, functions={"working_days_from_now": working_days_from_now})
    assert fault(story) == ("c", "expression")
    assert "no calendar" in story.outcome.faults[0].message


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("date", "=null"), ("date", "=5"), ("date", '="soon"'), ("date", '="2026-01-01"'),
        ("date", '=date and time("2026-01-01T10:00:00")'), ("duration", '="P"'),
        ("duration", "=missing"), ("duration", '=duration("P999999999D")'),
        ("duration", '="P1000Y"'), ("duration", '="P9000Y"'),
    ],
)  # fmt: skip
def test_a_timer_that_gives_no_instant(kind: str, value: str) -> None:
    source = process(start(), catch("c", timer(kind, value)), end(), flows("start > c > end"))
    story = Story(source)
    if value == '="P1000Y"':
        assert story.outcome.timers[0].due_at.year == 3026
    else:
        assert fault(story)[0] == "c"


def test_a_task_whose_boundary_cannot_be_armed_is_not_begun() -> None:
    source = process(
        start(), service("a"), boundary("t", "a", timer("duration", "=late")), user("b"), end(),
        flows("start > a > end", "t > b > end"),
    )  # fmt: skip
    story = Story(source)
    assert fault(story) == ("a", "timer")
    assert not story.outcome.jobs
    story.retry("a", late="PT1H")
    assert story.job("a")
    assert story.waiting == (["t"], [])


def test_a_result_whose_outputs_fail_is_kept_until_it_is_tried_again() -> None:
    def zero() -> int:
        raise ArithmeticError("broken")

    source = process(
        start(), user("a", io(outputs={"n": "=given + working_days_from_now()"})), end(),
        flows("start > a > end"),
    )  # fmt: skip
    story = Story(source, functions={"working_days_from_now": zero})
    story.complete("a", by="sara", given=4)
    assert fault(story) == ("a", "expression")
    assert story.tasks == []
    story.functions = {"working_days_from_now": lambda: 1}
    story.retry("a")
    assert story.is_over
    assert story.outcome.variables == {"n": 5}
    assert story.last[0].data == {"completed_by": "sara"}


def test_a_failed_job_stands_and_its_boundary_timer_goes_on() -> None:
    source = process(
        start(), service("a"), boundary("t", "a", timer("duration", "PT1H")), user("b"), end(),
        flows("start > a > end", "t > b > end"),
    )  # fmt: skip
    story = Story(source)
    timer_key, job_key = story.outcome.timers[0].key, story.job("a").key
    story.tell(bpmn.FailJob(job_key, "smtp", "refused"))
    assert fault(story) == ("a", "smtp")
    with pytest.raises(bpmn.UnknownKey):
        story.tell(bpmn.CompleteJob(job_key, {}))
    story.retry("a")
    assert story.outcome.timers[0].key == timer_key
    story.ring("t")
    assert story.tasks == ["b"]
    assert not story.outcome.jobs


def _failed(inputs: dict[str, str], **variables: Any) -> Story:
    """A job with these inputs, which the partner refused."""
    source = process(
        start(), service("a", io(inputs=inputs, outputs={"said": "=said"})), end(),
        flows("start > a > end"),
    )  # fmt: skip
    story = Story(source, variables)
    story.tell(bpmn.FailJob(story.job("a").key, "bad_number", "no number"))
    return story


def test_a_variable_is_corrected_where_an_input_of_the_same_name_reads_it() -> None:
    story = _failed({"to": "=to"}, to="12")
    story.retry("a", to="0912")
    assert story.job("a").inputs["to"] == "0912"
    assert story.outcome.variables == {"to": "0912"}
    assert not story.outcome.faults


def test_an_input_that_no_variable_is_named_like_is_corrected_itself() -> None:
    story = _failed({"to": "=phone", "text": '="to " + to'}, phone="12")
    story.retry("a", to="0912")
    assert story.job("a").inputs == {"phone": "12", "to": "0912", "text": "to 0912"}
    story.tell(bpmn.FailJob(story.job("a").key, "busy", "later"))
    story.retry("a")
    assert story.job("a").inputs["to"] == "0912"
    story.done("a", said="yes")
    assert story.outcome.variables == {"phone": "12", "said": "yes"}


def test_an_input_that_cannot_be_worked_out_is_given_by_hand() -> None:
    def broken() -> int:
        raise ArithmeticError("broken")

    source = process(
        start(), service("a", io(inputs={"to": "=working_days_from_now()"})), end(),
        flows("start > a > end"),
    )  # fmt: skip
    story = Story(source, functions={"working_days_from_now": broken})
    assert fault(story) == ("a", "expression")
    story.retry("a", to="0912")
    assert story.job("a").inputs["to"] == "0912"


def test_a_turn_whose_job_failed_is_corrected_alike() -> None:
    source = process(
        start(), service("a", io(inputs={"to": "=one.to"}), inner=multi("=all", "one")), end(),
        flows("start > a > end"),
    )  # fmt: skip
    story = Story(source, {"all": [{"to": "1"}, {"to": "2"}]})
    story.tell(bpmn.FailJob(story.job("a").key, "bad_number", "no number"))
    story.retry("a", to="0912")
    assert sorted(job.inputs["to"] for job in story.outcome.jobs) == ["0912", "2"]


def test_a_missing_correlation_key() -> None:
    source = process(
        start(), user("a"), boundary("m", "a", message("note"), interrupting=False), end(),
        flows("start > a > end", "m > end"), before=declare("note", "=request.number"),
    )  # fmt: skip
    story = Story(source)
    assert fault(story) == ("a", "correlation")
    story.retry("a", request={"number": "R"})
    assert story.tasks == ["a"]


def test_an_event_subprocess_that_cannot_be_armed_stands_at_the_start() -> None:
    handler = sub(
        "h", start("hs", message("stop")), end("he"), flows("hs > he"), triggeredByEvent="true"
    )
    source = process(
        start(), user("a"), end(), handler, flows("start > a > end"), before=declare("stop")
    )
    story = Story(source)
    assert fault(story) == ("start", "expression")
    story.retry("start", number="1")
    assert story.tasks == ["a"]
    assert story.waiting == ([], ["hs"])


def test_a_completion_condition_that_fails_stands_at_the_body() -> None:
    loop = multi("=[1, 2]", condition="=enough")
    source = process(start(), user("a", inner=loop), end(), flows("start > a > end"))
    story = Story(source)
    story.complete("a")
    assert fault(story) == ("a", "condition")
    story.retry("a", enough=True)
    assert story.is_over


def test_an_endless_automatic_loop_is_a_fault_and_not_a_hung_worker() -> None:
    source = process(
        start(), gateway("exclusive", "m"), script("s", "=n + 1", "n"), gateway("exclusive", "g"),
        end(), flows("start > m > s > g >[=n > 12000] end", "g >! m"),
    )  # fmt: skip
    story = Story(source, {"n": 0})
    assert story.outcome.faults[0].code == "budget"
    assert len(story.outcome.state) < 2_000
    for _ in range(3):
        story.retry(story.outcome.faults[0].element)
    assert story.is_over
    assert story.outcome.variables == {"n": 12_001}


def test_a_missing_decision_is_a_fault() -> None:
    from tests.bpmn.build import node

    said = '<zeebe:calledDecision decisionId="d" resultVariable="r"/>'
    source = process(
        start(), node("businessRuleTask", "a", "", said), end(), flows("start > a > end")
    )
    assert fault(Story(source)) == ("a", "decision")
