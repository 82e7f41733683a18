"""What is said of a start timer that gives no moment."""

from __future__ import annotations

import pytest

import bpmn
from tests.bpmn.build import end, flows, process, start, timer
from tests.bpmn.story import NOON


def test_a_start_timer_without_a_moment_is_refused_in_both_languages() -> None:
    source = process(start("s", timer("duration", "=no_such_variable")), end(), flows("s > end"))
    definition = bpmn.parse(source)
    with pytest.raises(bpmn.Refused) as caught:
        bpmn.first_moment(definition, "s", NOON)
    (one,) = caught.value.findings
    assert one.rule == "start.timer"
    assert one.message["en"].startswith("The timer of the start event gives no moment: ")
    told = one.message["fa"].partition(":")[2]
    assert told and not any("a" <= sign <= "z" for sign in told.replace("no_such_variable", ""))
