"""Any JSON is kept through saving, restoring, steps and mappings as it was, or is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bpmn
from tests.bpmn.build import end, flows, io, process, start, sub, user
from tests.bpmn.story import NOON

KEYS = st.sampled_from(
    ("typename", "__proto__", "__class__", "constructor", "py/object", "", " ", "a.b", "item", "?",
     "null", "tokens", "scopes", "نام مشتری", "\ud800", "a\x00b")
) | st.text(max_size=8)  # fmt: skip
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
    | st.sampled_from((10**40, -(10**33), 2**53 + 1, -0.0, 5e-324, 1.7e308))
    | st.sampled_from(("\ud800", "\x00", "\ufffe"))
)  # fmt: skip
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=15,
)
SOURCE = process(
    start(),
    sub("s", start("s0"), user("a", io(inputs={"copy": "=v"})), user("b"), end("s9"),
        flows("s0 > a > b > s9")),
    end(),
    flows("start > s > end"),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(KEYS, ANYTHING, max_size=3), ANYTHING)
def test_what_an_instance_takes_it_keeps(variables: dict[str, Any], value: Any) -> None:
    definition = bpmn.parse(SOURCE)
    given_values = {**variables, "v": value}
    try:
        begun = bpmn.start(definition, given_values, NOON)
    except bpmn.BadVariables:
        assert not _is_plain(given_values)
        return
    assert dict(begun.variables) == given_values
    seen = bpmn.inspect(definition, begun.state)
    assert _written(seen.variables) == _written(given_values)
    if seen.user_tasks:
        command = bpmn.CompleteTask(seen.user_tasks[0].key, {"again": value})
        stepped = bpmn.step(definition, seen.state or begun.state, command, NOON)
        assert _written(stepped.variables) == _written({**given_values, "again": value})


def _written(value: Any) -> str:
    return json.dumps(dict(value), sort_keys=True, allow_nan=False)


def _is_plain(value: Any) -> bool:
    """Whether PostgreSQL's JSONB and every reader could keep it."""
    try:
        written = json.dumps(value, allow_nan=False)
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, UnicodeEncodeError):
        return False
    return "\\u0000" not in written and all(abs(n) < 10**34 for n in _whole_numbers(value))


def _whole_numbers(value: Any) -> list[int]:
    if isinstance(value, dict):
        return [n for item in value.values() for n in _whole_numbers(item)]
    if isinstance(value, list):
        return [n for item in value for n in _whole_numbers(item)]
    return [value] if isinstance(value, int) else []


def test_nesting_has_an_end() -> None:
    definition = bpmn.parse(SOURCE)
    deep: Any = 1
    for _ in range(40):
        deep = [{"a": deep}]
    with pytest.raises(bpmn.BadVariables, match="nested"):
        bpmn.start(definition, {"v": deep}, NOON)
    for _ in range(11):
        deep = deep[0]["a"]
    begun = bpmn.start(definition, {"v": deep}, NOON)
    assert bpmn.inspect(definition, begun.state).variables["v"] == deep
