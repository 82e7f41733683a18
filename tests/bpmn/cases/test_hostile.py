"""Whatever a file of cases holds, it is refused with a reason or its cases fail with one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import bpmn
from bpmn import cases
from bpmn.cases.step_shapes import STEPS
from tests.bpmn.build import boundary, end, flows, process, service, start, timer, user
from tests.bpmn.cases.play import ONE_TASK, play_one, why

SOURCE = process(
    start(), user("a"), boundary("late", "a", timer("duration", "=wait")), service("b"), end(),
    flows("start > a > b > end", "late > end"),
)  # fmt: skip
WORDS = st.one_of(
    st.sampled_from(["a", "b", "late", "end", "x", "P1D", "PT0S", "P999999999D", "completed"]),
    st.text(max_size=5),
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), WORDS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=3)),
    max_leaves=6,
)
DATA = st.one_of(st.dictionaries(st.sampled_from(["wait", "x"]), VALUES, max_size=2), VALUES)
EXPECT = st.dictionaries(
    st.sampled_from(["status", "ends", "tokens", "faults", "variables", "path", "trace", "avoids"]),
    st.one_of(st.lists(WORDS, max_size=3), DATA), max_size=3,
)  # fmt: skip
STEP = st.tuples(st.sampled_from(sorted(STEPS)), WORDS, st.booleans(), DATA).map(
    lambda said: {said[0]: said[1], **({"data": said[3]} if said[2] else {})}
)
CASE = st.fixed_dictionaries(
    {"name": WORDS, "expect": EXPECT},
    optional={
        "steps": st.lists(st.one_of(STEP, EXPECT.map(lambda e: {"expect": e})), max_size=4),
        "start": st.fixed_dictionaries({"data": DATA}),
        "answers": st.dictionaries(WORDS, DATA, max_size=2),
        "jobs": st.dictionaries(WORDS, DATA, max_size=2),
        "now": WORDS,
    },
)


def read_or_refuse(source: bytes) -> cases.CaseFile | None:
    """The file, or None when it is refused with reasons that can be printed."""
    try:
        return cases.read_cases(source, "p.test.json")
    except cases.BadCases as bad:
        "\n".join(bad.problems).encode()
        return None


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(said=st.one_of(VALUES, st.fixed_dictionaries({"cases": st.lists(CASE, max_size=2)})))
def test_no_file_of_cases_raises_anything_else(said: Any) -> None:
    definition = bpmn.parse(SOURCE)
    file = read_or_refuse(json.dumps(said).encode())
    if file is None:
        return
    result = cases.run_cases(definition, file, cases.World())
    for told in (cases.as_text([result]), cases.as_json([result]), cases.as_junit([result])):
        told.encode()


@pytest.mark.parametrize(
    ("case", "told"),
    [
        ({"expect": {"variables": {"x": "\0"}}}, "NUL character"),
        ({"expect": {"variables": {"x": 10**40}}}, "more than 34 digits"),
        ({"start": {"data": {"x": "\0"}}, "expect": {"ends": []}}, "NUL character"),
        ({"steps": [{"wait": "P999999999D"}], "expect": {"ends": []}}, "too far away"),
        ({"answers": {"a": {"x": "\0"}}, "expect": {"ends": []}}, "NUL character"),
    ],
)
def test_what_cannot_be_is_told(case: dict[str, Any], told: str) -> None:
    assert told in why(play_one(ONE_TASK, **case))


def test_half_a_character_is_refused() -> None:
    source = b'{"cases": [{"name": "\\ud800", "expect": {"ends": []}}]}'
    with pytest.raises(cases.BadCases, match="half a character"):
        cases.read_cases(source, "p.test.json")
