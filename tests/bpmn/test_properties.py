"""What must hold for every process: it ends, alike whether saved or kept, rebased or not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import bpmn
from bpmn.deployed import DeployedTogether
from bpmn.engine import settle
from bpmn.instance import Context
from bpmn.state import load
from tests.bpmn.blocks import Maker, with_called
from tests.bpmn.kept import Kept
from tests.bpmn.random_blocks import all_makers, large_makers
from tests.bpmn.story import NOON

VARIABLES = {"n": 0, "case": "R-1"}
STEPS = 1200
LIVELY = 200
"""Steps after which nothing new is said: what was begun must come to its end.

An event that may come again and again, such as a condition that people's answers make true, begins
more work than it ends, so a path on which it never rests need not end.
"""
WAITING = ("user_tasks", "timers", "messages", "signals", "jobs", "faults", "tokens", "places")
Taker = Callable[..., bpmn.Outcome]
makers = st.one_of(all_makers, large_makers)
some = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
few = settings(some, max_examples=40)


def next_command(outcome: bpmn.Outcome, chance: Random, lively: bool = True) -> bpmn.Command:
    """Any of the commands that are possible now; people and jobs are busier than events."""
    work: list[bpmn.Command] = [
        *(
            bpmn.CompleteTask(t.key, {"n": chance.randrange(9)} if lively else {}, "sara")
            for t in outcome.user_tasks
        ),
        *(bpmn.CompleteJob(j.key, {}) for j in outcome.jobs),
    ]
    events: list[bpmn.Command] = [
        *(bpmn.FireTimer(t.key) for t in outcome.timers),
        *(bpmn.DeliverMessage(m.key, {"m": chance.randrange(9)}) for m in outcome.messages),
        *(bpmn.DeliverSignal(s.key, {}) for s in outcome.signals),
    ]
    if work and events:
        return chance.choice(work if chance.random() < 0.7 or not lively else events)
    return chance.choice(work or events)


class Drawn:
    """A process with all that it calls, and how it is run."""

    def __init__(self, maker: Maker) -> None:
        source, called = with_called(maker)
        self.definition = bpmn.parse(source)
        self.all: dict[str | None, bpmn.Definition] = {None: self.definition}
        self.all |= {one.sha256: one for one in map(bpmn.parse, called)}
        self.deployed = DeployedTogether(self.all.values())

    def run(
        self, seed: int, start: Taker = bpmn.start, step: Taker = bpmn.step
    ) -> list[bpmn.Outcome]:
        """All outcomes on one random path, until it ends or is taken for endless."""
        chance, now = Random(seed), NOON
        outcomes = [start(self.definition, VARIABLES, now, deployed=self.deployed)]
        while outcomes[-1].status == "active" and len(outcomes) < STEPS:
            now += timedelta(minutes=10)
            command = next_command(outcomes[-1], chance, len(outcomes) < LIVELY)
            state = outcomes[-1].state
            outcomes.append(step(self.definition, state, command, now, deployed=self.deployed))
        return outcomes


@some
@given(maker=makers, seed=st.integers(0, 10_000))
def test_it_ends_alike_whether_saved_or_kept_rebased_or_not(maker: Maker, seed: int) -> None:
    drawn, memory = Drawn(maker), Kept()
    saved, kept = drawn.run(seed), drawn.run(seed, memory.start, memory.step)
    assert saved == kept
    last = saved[-1]
    assert last.status == "completed"
    assert last.end_elements[-1] == "end"
    assert [part for part in WAITING if getattr(last, part)] == []


@few
@given(maker=makers, seed=st.integers(0, 10_000))
def test_what_waits_is_what_the_state_alone_says(maker: Maker, seed: int) -> None:
    drawn = Drawn(maker)
    for outcome in drawn.run(seed):
        seen = bpmn.inspect(drawn.definition, outcome.state, deployed=drawn.deployed)
        for part in (*WAITING, "status", "variables"):
            assert getattr(seen, part) == getattr(outcome, part), part
        context = Context(NOON, deployed=drawn.deployed)
        again = settle(load(drawn.definition.process, outcome.state, context))
        assert again.state == outcome.state


@few
@given(maker=makers, seed=st.integers(0, 10_000))
def test_what_is_entered_is_left_or_cancelled_and_flows_join_up(maker: Maker, seed: int) -> None:
    drawn = Drawn(maker)
    trace = [event for outcome in drawn.run(seed) for event in outcome.trace]
    for sha256, definition in drawn.all.items():
        own = [event for event in trace if event.definition == sha256]
        for element, shape in definition.elements.items():
            happened = [event.kind for event in own if event.element == element]
            entered = happened.count("entered")
            gone = happened.count("left") + happened.count("cancelled")
            assert entered >= gone, element
            if shape.type not in ("parallelGateway", "inclusiveGateway"):
                assert entered == gone, element
        for event in own:
            if event.flow is not None:
                assert definition.flows[event.flow][1] == event.element


@few
@given(maker=makers, seed=st.integers(0, 10_000))
def test_tokens_stand_where_something_waits(maker: Maker, seed: int) -> None:
    """Nobody waits for what is not drawn as waiting, and every token has its place."""
    for outcome in Drawn(maker).run(seed):
        assert sorted(place.element for place in outcome.places) == sorted(outcome.tokens)
        for task in outcome.user_tasks:
            assert task.element in outcome.tokens
        for job in outcome.jobs:
            assert job.element in outcome.tokens
        keys = [w.key for part in WAITING[:6] for w in getattr(outcome, part)]
        assert len(keys) == len(set(keys))
