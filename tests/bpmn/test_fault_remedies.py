"""Every fault that a person can do something about says what, and that then helps."""

from __future__ import annotations

import re

import pytest

import bpmn
from bpmn.fault_texts import _TEXTS
from tests.bpmn.build import end, flows, gateway, process, start, user
from tests.bpmn.story import Story

STUCK = process(
    start(), gateway("exclusive", "g"), gateway("parallel", "j"), user("a"), user("z"), end(),
    flows("start > g >[=one] j", "g >! a > j", "j > z > end"),
)  # fmt: skip


@pytest.mark.parametrize("code", sorted(_TEXTS))
def test_every_kind_of_fault_has_a_remedy_of_its_own_in_both_languages(code: str) -> None:
    remedy = bpmn.remedy_of(code)
    assert remedy != bpmn.remedy_of("SMTP-554")
    assert re.search(r"[Tt]ry again|[Mm]ove the token|as done", remedy["en"])
    assert re.search(r"[؀-ۿ]", remedy["fa"])
    assert not re.search(r"[A-Za-zيك]", remedy["fa"])


def test_a_code_from_outside_has_the_remedy_that_always_helps() -> None:
    remedy = bpmn.remedy_of("SMTP-554")
    assert "take the step as done" in remedy["en"]
    assert "انجام‌شده بدانید" in remedy["fa"]


def test_what_a_deadlock_advises_helps() -> None:
    taken, moved = Story(STUCK, {"one": True}), Story(STUCK, {"one": True})
    (fault,) = taken.outcome.faults
    assert fault.code == "deadlock"
    assert "take the gateway as done" in bpmn.remedy_of(fault.code)["en"].casefold()
    taken.tell(bpmn.SkipFault(fault.key))
    moved.tell(bpmn.MoveToken("j", "z"))
    assert taken.tasks == moved.tasks == ["z"]
    assert taken.outcome.faults == moved.outcome.faults == ()
