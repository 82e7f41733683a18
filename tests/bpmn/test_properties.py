"""What must hold for every process: it ends, alike whether saved or kept, rebased or not."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import bpmn
from bpmn.engine import begin, settle
from bpmn.instance import Context, Instance
from bpmn.state import load
from bpmn.stepper import take
from tests.bpmn.blocks import Maker, makers, whole
from tests.bpmn.story import NOON

VARIABLES = {"n": 0, "case": "R-1"}
STEPS = 400


def next_command(outcome: bpmn.Outcome, chance: Random) -> bpmn.Command:
    """Any of the commands that are possible now."""
    choices: list[bpmn.Command] = [
        *(bpmn.CompleteTask(t.key, {"n": chance.randrange(9)}, "sara") for t in outcome.user_tasks),
        *(bpmn.CompleteJob(j.key, {}) for j in outcome.jobs),
        *(bpmn.FireTimer(t.key) for t in outcome.timers),
        *(bpmn.DeliverMessage(m.key, {"m": chance.randrange(9)}) for m in outcome.messages),
    ]
    return chance.choice(choices)


def run_saved(definition: bpmn.Definition, seed: int) -> list[bpmn.Outcome]:
    """Restored from its state before every step."""
    chance, now = Random(seed), NOON
    outcomes = [bpmn.start(definition, VARIABLES, now)]
    while outcomes[-1].status == "active" and len(outcomes) < STEPS:
        now += timedelta(minutes=10)
        command = next_command(outcomes[-1], chance)
        outcomes.append(bpmn.step(definition, outcomes[-1].state, command, now))
    return outcomes


def run_kept(definition: bpmn.Definition, seed: int) -> list[bpmn.Outcome]:
    """Kept in memory, with every finished task in the tree."""
    chance, now = Random(seed), NOON
    instance = begin(definition, VARIABLES, Context(now), None)
    outcomes = [settle(instance, rebase=False)]
    while outcomes[-1].status == "active" and len(outcomes) < STEPS:
        now += timedelta(minutes=10)
        command = next_command(outcomes[-1], chance)
        renew(instance, Context(now))
        take(instance, command)
        outcomes.append(settle(instance, rebase=False))
    return outcomes


def renew(instance: Instance, context: Context) -> None:
    """Begin another step with the instance that is there."""
    instance.context, instance.trace, instance.ended = context, [], []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(maker=makers, seed=st.integers(0, 10_000))
def test_saved_and_kept_rebased_and_not_all_tell_the_same(maker: Maker, seed: int) -> None:
    definition = bpmn.parse(whole(maker))
    saved, kept = run_saved(definition, seed), run_kept(definition, seed)
    assert saved == kept
    last = saved[-1]
    assert last.status == "completed"
    assert last.end_elements[-1] == "end"
    assert not (last.user_tasks or last.jobs or last.timers or last.messages or last.faults)
    assert not last.tokens


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(maker=makers, seed=st.integers(0, 10_000))
def test_what_is_entered_is_left_or_cancelled_and_flows_join_up(maker: Maker, seed: int) -> None:
    definition = bpmn.parse(whole(maker))
    trace = [event for outcome in run_saved(definition, seed) for event in outcome.trace]
    for element in definition.elements:
        entered = sum(1 for t in trace if t.kind == "entered" and t.element == element)
        gone = sum(1 for t in trace if t.kind in ("left", "cancelled") and t.element == element)
        assert entered >= gone
        if definition.elements[element].type not in ("parallelGateway", "inclusiveGateway"):
            assert entered == gone, element
    for event in trace:
        if event.flow is not None:
            assert definition.flows[event.flow][1] == event.element


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(maker=makers, seed=st.integers(0, 10_000))
def test_a_state_read_and_written_again_is_the_same(maker: Maker, seed: int) -> None:
    definition = bpmn.parse(whole(maker))
    for outcome in run_saved(definition, seed):
        again = settle(load(definition.process, outcome.state, Context(NOON)))
        assert again.state == outcome.state
