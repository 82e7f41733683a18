"""Runs a diagram of ``tests.bpmn.build`` with cases written as Python values."""

from __future__ import annotations

import json
from typing import Any

import bpmn
from bpmn import cases
from tests.bpmn.build import end, flows, process, start, user

ONE_TASK = process(start(), user("a"), end(), flows("start > a > end"))


def read(*given: Any, **file: Any) -> cases.CaseFile:
    """The file that holds these cases."""
    said = {**file, "cases": list(given)} if given else file
    return cases.read_cases(json.dumps(said).encode(), "p.test.json")


def play(
    source: bytes, *given: Any, world: cases.World | None = None, **file: Any
) -> cases.FileResult:
    """What comes of these cases."""
    definition = bpmn.parse(source, "p.bpmn")
    return cases.run_cases(definition, read(*given, **file), world or cases.World())


def play_one(source: bytes, world: cases.World | None = None, **case: Any) -> cases.CaseResult:
    """What comes of one case."""
    result = play(source, {"name": "one", **case}, world=world)
    assert not result.errors
    return result.cases[0]


def why(result: cases.CaseResult) -> str:
    """Why it failed; it must have."""
    assert result.problem is not None
    return "\n".join((result.problem.at, *result.problem.why))
