"""States of every version that was ever shipped can be read and run to their end."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

import bpmn
from tests.bpmn.story import NOON

GOLDEN = Path(__file__).parent / "golden"
STATES = sorted(GOLDEN.glob("*.state"))


@pytest.fixture
def definition() -> bpmn.Definition:
    return bpmn.parse((GOLDEN / "everything.bpmn").read_bytes())


@pytest.mark.parametrize("path", STATES, ids=lambda path: path.stem)
def test_an_old_state_says_what_it_said(definition: bpmn.Definition, path: Path) -> None:
    seen = bpmn.inspect(definition, path.read_bytes())
    assert seen.status == "active"
    assert sorted(seen.tokens) == [
        "ask", "asked", "hurry", "join", "letter", "race", "s",
    ]  # fmt: skip
    assert sorted(t.element for t in seen.user_tasks) == ["ask", "hurry"]
    assert sorted(t.element for t in seen.timers) == ["silence", "tick"]
    assert sorted(m.element for m in seen.messages) == ["note", "reply"]
    assert [(f.element, f.code) for f in seen.faults] == [("asked", "condition")]
    assert seen.jobs[0].inputs["to"] == "a@b.c"
    assert seen.variables["notes"] == ["سلام"]


@pytest.mark.parametrize("path", STATES, ids=lambda path: path.stem)
def test_an_old_state_runs_to_its_end(definition: bpmn.Definition, path: Path) -> None:
    outcome, now = bpmn.inspect(definition, path.read_bytes()), NOON + timedelta(days=1)
    for _ in range(6):
        outcome = bpmn.step(definition, outcome.state, next_of(outcome), now)
    assert (outcome.status, outcome.end_elements) == ("completed", ("end",))
    assert outcome.variables["answers"] == [
        {"unit": "فروش", "said": "دیر رسید"}, {"unit": "انبار", "said": "هست"},
    ]  # fmt: skip


CALLS = GOLDEN / "calls"


@pytest.mark.parametrize("path", sorted(CALLS.glob("*.state")), ids=lambda path: path.stem)
def test_an_old_state_with_called_processes_runs_to_its_end(path: Path) -> None:
    caller, called = (bpmn.parse((CALLS / f"{name}.bpmn").read_bytes())
                      for name in ("caller", "called"))  # fmt: skip
    deployed = bpmn.DeployedTogether([called])
    outcome = bpmn.inspect(caller, path.read_bytes(), deployed=deployed)
    assert sorted(outcome.tokens) == ["ask", "ask", "each", "each", "wait", "wait"]
    assert {one.definition for one in outcome.user_tasks} == {called.sha256}
    assert [one.message for one in outcome.messages] == ["news", "news"]
    while outcome.status == "active":
        command: bpmn.Command = bpmn.FireTimer(outcome.timers[0].key if outcome.timers else "")
        if outcome.user_tasks:
            command = bpmn.CompleteTask(outcome.user_tasks[0].key, {"said": "هست"})
        now = NOON + timedelta(days=1)
        outcome = bpmn.step(caller, outcome.state, command, now, deployed=deployed)
    assert outcome.end_elements == ("end",)
    assert outcome.variables["answers"] == [
        {"u": "فروش", "a": "هست"}, {"u": "انبار", "a": "هست"},
    ]  # fmt: skip


EVENTS = GOLDEN / "events"


@pytest.mark.parametrize("path", sorted(EVENTS.glob("*.state")), ids=lambda path: path.stem)
def test_an_old_state_still_hears_what_it_listened_for(path: Path) -> None:
    definition = bpmn.parse((EVENTS / "events.bpmn").read_bytes())
    outcome = bpmn.inspect(definition, path.read_bytes())
    assert [(s.element, s.signal) for s in outcome.signals] == [
        ("listen", "go"),
        ("alarm", "alarm"),
    ]

    def tell(command: bpmn.Command) -> list[str]:
        nonlocal outcome
        outcome = bpmn.step(definition, outcome.state, command, NOON)
        return sorted(task.element for task in outcome.user_tasks)

    assert tell(bpmn.SetVariables({"n": 8})) == ["look", "work"]
    assert tell(bpmn.SetVariables({"n": -1})) == ["look", "refill", "work"]
    assert tell(bpmn.SetVariables({"n": 7})) == ["look", "look", "refill", "work"]
    assert "rush" in tell(bpmn.DeliverSignal(outcome.signals[1].key, {}))
    assert tell(bpmn.ThrowError(outcome.jobs[0].key, "no", "")) == ["mend"]
    tell(bpmn.CompleteTask(outcome.user_tasks[0].key, {}))
    assert (outcome.status, outcome.end_elements) == ("completed", ("mended",))


def next_of(outcome: bpmn.Outcome) -> bpmn.Command:
    """People first, then jobs, the fault and the reply."""
    if outcome.user_tasks:
        return bpmn.CompleteTask(outcome.user_tasks[0].key, {"said": "هست"}, "sara")
    if outcome.jobs:
        return bpmn.CompleteJob(outcome.jobs[0].key, {})
    if outcome.faults:
        return bpmn.RetryFault(outcome.faults[0].key, {"missing": 2})
    reply = next(m for m in outcome.messages if m.element == "reply")
    return bpmn.DeliverMessage(reply.key, {})
