"""Whatever an operator does to whatever process, the instance stays whole and can go on."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

import bpmn
from bpmn.instance import Context
from bpmn.state import load
from tests.bpmn.blocks import Maker
from tests.bpmn.story import NOON
from tests.bpmn.test_properties import VARIABLES, WAITING, Drawn, few, makers, next_command

STEPS = 30


def an_operation(drawn: Drawn, outcome: bpmn.Outcome, chance: Random) -> bpmn.Command:
    """Anything that an operator might ask for, sensible or not."""
    elements = sorted({element for one in drawn.all.values() for element in one.elements})
    places = [place.key for place in outcome.places] + list(outcome.tokens)
    choices: list[bpmn.Command] = [
        bpmn.SetVariables({"n": chance.choice([0, 7, "many", None])}),
        bpmn.SetVariables({"own": 1}, chance.choice(places)),
        *(bpmn.MoveToken(chance.choice(places), chance.choice(elements)) for _ in range(3)),
        *(bpmn.FailJob(job.key, "crashed", "It crashed.") for job in outcome.jobs[:1]),
        *(bpmn.ThrowError(job.key, "E", "An error.") for job in outcome.jobs[:1]),
        *(bpmn.SkipFault(fault.key, {"n": 1}) for fault in outcome.faults),
        *(bpmn.RetryFault(fault.key, {"n": 1}) for fault in outcome.faults),
    ]
    return chance.choice(choices)


def check(drawn: Drawn, outcome: bpmn.Outcome) -> None:
    """What must hold of every instance at rest."""
    seen = bpmn.inspect(drawn.definition, outcome.state, deployed=drawn.deployed)
    for part in (*WAITING, "status", "variables"):
        assert getattr(seen, part) == getattr(outcome, part), part
    instance = load(drawn.definition.process, outcome.state, Context(NOON, deployed=drawn.deployed))
    for key, scope in instance.scopes.all.items():
        assert scope.owner is None or scope.owner in instance.live, key
        assert scope.parent is None or scope.parent in instance.scopes.all, key
    for token in instance.live.values():
        assert token.scope in instance.scopes.all
        assert token.memo.get("host", token.key) in instance.live
        assert token.memo.get("inside", token.scope) in instance.scopes.all
        if "inside" in token.memo and "fault" not in token.memo:
            assert any(instance.standing(token.memo["inside"])), token.task_spec.name
    if outcome.status == "active":
        assert outcome.places
    else:
        assert [part for part in WAITING if getattr(outcome, part)] == []


@few
@given(maker=makers, seed=st.integers(0, 10_000))
def test_an_instance_stays_whole_and_can_always_be_ended(maker: Maker, seed: int) -> None:
    drawn, chance, now = Drawn(maker), Random(seed), NOON
    outcome = bpmn.start(drawn.definition, VARIABLES, now, deployed=drawn.deployed)
    for _ in range(STEPS):
        if outcome.status != "active":
            break
        now += timedelta(minutes=10)
        moves = outcome.user_tasks or outcome.jobs or outcome.timers or outcome.messages
        by_hand = chance.random() < 0.5 or not (moves or outcome.signals)
        command = an_operation(drawn, outcome, chance) if by_hand else next_command(outcome, chance)
        with suppress(bpmn.CannotOperate, bpmn.BadVariables):
            outcome = bpmn.step(
                drawn.definition, outcome.state, command, now, deployed=drawn.deployed
            )  # fmt: skip
        check(drawn, outcome)
    if outcome.status == "active":
        outcome = bpmn.step(
            drawn.definition, outcome.state, bpmn.Terminate("over"), now, deployed=drawn.deployed
        )  # fmt: skip
        check(drawn, outcome)
    assert outcome.status != "active"
