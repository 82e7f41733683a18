"""What is found in a diagram, for tests of the rules."""

from __future__ import annotations

import pytest

import bpmn
from tests.bpmn.build import (
    end,
    flows,
    process,
    start,
    user,
)

OK = (start(), user("a"), end())
LINE = flows("start > a > end")


def rules(source: bytes) -> set[tuple[str, str]]:
    """Rule and element of each finding that refuses."""
    with pytest.raises(bpmn.Refused) as caught:
        bpmn.parse(source, "x.bpmn")
    found = caught.value.findings
    for one in found:
        assert one.line > 0
        assert one.file == "x.bpmn"
        assert one.message["fa"]
        assert one.message["en"]
        assert one.remedy["fa"]
        assert one.remedy["en"]
        assert "{" not in one.message["fa"].replace("={", "")
    return {(one.rule, one.element) for one in found if one.severity == "error"}


def held(*parts: str) -> bytes:
    """A process with one node ``x`` between start and end."""
    return process(start(), *parts, end(), flows("start > x > end"))


def found(source: bytes) -> dict[tuple[str, str], bpmn.Finding]:
    """Every finding of a diagram that is refused, by rule and element."""
    with pytest.raises(bpmn.Refused) as caught:
        bpmn.parse(source, "x.bpmn")
    return {(one.rule, one.element): one for one in caught.value.findings}
