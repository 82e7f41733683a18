"""A process that calls another, and the shelf from which it takes it."""

from __future__ import annotations

from typing import Any

import bpmn
from tests.bpmn.build import (
    call,
    end,
    flows,
    process,
    start,
    user,
)
from tests.bpmn.story import Story


def caller(*parts: str, **said: str) -> bytes:
    """A process that calls ``called`` once, and ends."""
    return process(start(), call("c", "called", **said), end(), *parts, flows("start > c > end"))


def simple(*parts: str, before: str = "", properties: str = "") -> bytes:
    """A called process with one user task."""
    return process(
        start("s"), user("a"), end("e"), *parts, flows("s > a > e"), key="called",
        before=before, properties=properties,
    )  # fmt: skip


def shelf(*sources: bytes) -> bpmn.DeployedTogether:
    return bpmn.DeployedTogether([bpmn.parse(source) for source in sources])


def story(source: bytes, *called: bytes, **variables: Any) -> Story:
    return Story(source, variables, deployed=shelf(*called))
