"""A file of cases is read whole, or refused with every reason and its place."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bpmn import cases
from bpmn.cases import model
from bpmn.timing import Span
from tests.bpmn.cases.play import read

END = {"status": "completed"}


def problems(source: str) -> str:
    with pytest.raises(cases.BadCases) as caught:
        cases.read_cases(source.encode(), "p.test.json")
    assert all(problem.startswith("p.test.json: ") for problem in caught.value.problems)
    return "\n".join(caught.value.problems)


def test_every_kind_of_step_is_read() -> None:
    steps = [
        {"complete": "a", "data": {"x": 1}, "by": "sara"},
        {"job": "b", "result": {"y": 2}}, {"job": "b", "error": "E"}, {"job": "b", "fail": "no"},
        {"message": "m", "correlation": "R-1"}, {"signal": "s"}, {"timer": "t"},
        {"wait": "P1DT2H"}, {"retry": "b", "data": {"z": 3}},
        {"skip": "g", "data": {"z": 4}, "flow": "f"}, {"set": {"x": 1}, "scope": "s"},
        {"set": {"x": 1}}, {"move": "a", "to": "b"},
        {"expect": {"tokens": ["a", "b"]}},
    ]  # fmt: skip
    (case,) = read({"name": "all", "steps": steps, "expect": END}).cases
    assert case.steps == (
        model.Complete("a", {"x": 1}, "sara"),
        model.FinishJob("b", {"y": 2}), model.FinishJob("b", error="E"),
        model.FinishJob("b", fail="no"), model.Tell("m", correlation="R-1"),
        model.Broadcast("s"), model.Ring("t"),
        model.Pass(Span(0, timedelta(days=1, hours=2))), model.Retry("b", {"z": 3}),
        model.Skip("g", {"z": 4}, "f"), model.Change({"x": 1}, "s"), model.Change({"x": 1}),
        model.Move("a", "b"),
        model.Expect(tokens=("a", "b")),
    )  # fmt: skip
    assert case.expect == model.Expect(status="completed")


def test_what_a_file_says_for_all_cases_is_filled_up_by_each() -> None:
    file = read(
        {"name": "one", "expect": END},
        {
            "name": "two", "expect": END, "by": "reza",
            "answers": {"a": [{"x": 1}, {"x": 2}], "c": None},
            "start": {"data": {"m": 9}, "message": "go"}, "now": "2026-05-02T09:30:00+03:30",
        },
        start={"data": {"n": 1, "m": 2}}, answers={"a": {"x": 0}, "b": {}, "c": {}}, by="sara",
        now="2026-01-01T00:00:00Z",
    )  # fmt: skip
    one, two = file.cases
    assert (one.start, one.by) == (model.Start({"n": 1, "m": 2}), "sara")
    assert one.now == datetime(2026, 1, 1, tzinfo=UTC)
    assert two.start == model.Start({"n": 1, "m": 9}, "go")
    assert two.answers == {"a": ({"x": 1}, {"x": 2}), "b": {}}
    assert (two.by, two.now) == ("reza", datetime(2026, 5, 2, 6, tzinfo=UTC))


@pytest.mark.parametrize(
    ("case", "told"),
    [
        ({}, "expect: Missing data"),
        ({"expect": {}}, "expect: Expect at least one thing."),
        ({"expect": {"status": "done"}}, "expect.status: Must be one of"),
        ({"expect": END, "step": []}, "step: Unknown field."),
        ({"expect": END, "steps": [{"timer": "a"}, {"go": 1}]}, "steps[2]: A step"),
        ({"expect": END, "steps": [{"timer": "a", "wait": "P1D"}]}, "steps[1]: A step has exactly"),
        ({"expect": END, "steps": [{"wait": "soon"}]}, "steps[1].wait: Not a duration"),
        ({"expect": END, "steps": [{"complete": "a", "dat": {}}]}, "steps[1].dat: Unknown field."),
        ({"expect": END, "steps": [{"job": "a", "fail": "x", "error": "y"}]}, "neither a result"),
        ({"expect": END, "answers": {"a": [1]}}, "answers.a: Not an object, nor"),
        ({"expect": END, "now": "2026-01-01"}, "now: Not a valid"),
        ({"expect": END, "start": {"message": "a", "signal": "b"}}, "start: by one of message"),
    ],
)
def test_what_is_wrong_in_a_case_is_told_with_its_field_and_spoils_no_other(
    case: dict[str, Any], told: str
) -> None:
    file = read({"name": "zero", "expect": END}, {"name": "one", **case}, {"expect": END})
    assert [one.name for one in file.cases] == ["zero"]
    bad = {one.name: one.why for one in file.bad}
    assert told in "\n".join(bad["one"])
    assert bad["case 3"] == ("name: Missing data for required field.",)


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(cases.BadCases) as caught:
        read({"name": "one", "expect": {}}, {"expect": END}, process=[])
    assert len(caught.value.problems) == 3
    assert "case 2: name: Missing data" in str(caught.value)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("{", "it is not JSON"),
        ("[]", "Invalid input type"),
        ('{"cases": []}', "there is no case in it."),
        ('{"a": 1, "a": 2}', "the key “a” stands twice"),
        ('{"cases": [{"name": "n", "start": {"data": {"x": NaN}}}]}', "NaN is no JSON number."),
        ("[" * 200_000, "nested too deeply"),
        (" " * 2_000_001, "larger than 2 MB"),
        ('{"refused": "a.rule", "decisions": ["../x.dmn"]}', "Name a file beside this one."),
    ],
)
def test_what_is_no_file_of_cases_is_refused(source: str, told: str) -> None:
    assert told in problems(source)


def test_two_cases_of_one_name_are_refused() -> None:
    with pytest.raises(cases.BadCases, match="two cases are named “one”"):
        read({"name": "one", "expect": END}, {"name": "one", "expect": END})
