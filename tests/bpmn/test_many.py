"""Hundreds of turns that wait: who looks at a few pays for these alone, and sees the same."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import pytest

import bpmn
from bpmn import outcome as outcomes
from bpmn.many import Many
from tests.bpmn.build import end, flows, multi, process, start, user

NOW = datetime(2026, 5, 2, 6, 0, tzinfo=UTC)
COUNT = 200


@pytest.fixture(scope="module")
def waiting() -> Any:
    """The user tasks of a collection with many, most of which rest."""
    made = bpmn.parse(process(start(), user("work", inner=multi("=items")), end(),
                              flows("start > work > end")), "many.bpmn")  # fmt: skip
    found = bpmn.start(made, {"items": list(range(COUNT)), "around": "x"}, NOW)
    again = bpmn.inspect(made, found.state)
    assert isinstance(again.user_tasks, Many)
    return again.user_tasks


def test_each_is_found_by_its_key_as_in_the_whole(waiting: Any) -> None:
    found = bpmn.by_key(waiting)
    assert len(found) == len(waiting) == COUNT
    assert list(found) == [task.key for task in waiting]
    assert [found[key] for key in found] == list(waiting)
    assert found.get("nobody") is None
    assert "nobody" not in found
    assert bpmn.by_key(tuple(waiting)) == dict(found)


def test_each_sees_what_is_around_all_and_its_own(waiting: Any) -> None:
    seen = [task.variables for task in waiting]
    assert sorted(one["item"] for one in seen) == list(range(COUNT))
    assert {one["around"] for one in seen} == {"x"}


def test_who_looks_for_one_has_no_other_worked_out(waiting: Any) -> None:
    made = Many((), waiting._instance, waiting._groups, outcomes._user_task)
    with patch.object(made, "_make", wraps=outcomes._user_task) as make:
        found = bpmn.by_key(made)
        key = list(found)[len(made) // 2]
        assert found[key] == made[len(made) // 2]
        assert make.call_count == 2
        assert list(made) == list(made)
        assert make.call_count == 2 + len(made)
        assert made[-1] is made[len(made) - 1]
        assert make.call_count == 2 + len(made)
