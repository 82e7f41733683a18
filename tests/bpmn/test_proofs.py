"""What is proved of joins is what the engine meets, on every path that is tried."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bpmn
from tests.bpmn.build import boundary, end, flows, gateway, process, script, start, timer, user
from tests.bpmn.story import Story

KINDS = ("exclusive", "parallel", "inclusive", "step", "step")
SIGNS = 3
"""Booleans that the conditions of a random drawing ask for."""
WIDE = 45


def proved(source: bytes) -> dict[str, str]:
    """The joins that are proved to wait for ever, each with the rule."""
    found = bpmn.parse(source).warnings
    return {one.element: one.rule for one in found if one.rule.startswith("proof.deadlock")}


def pair(*more: str) -> bytes:
    """Two inclusive joins that lead to each other, fed by one parallel gateway."""
    return process(
        start(), gateway("parallel", "f"), user("a"), gateway("inclusive", "j"),
        gateway("inclusive", "k"), gateway("exclusive", "x"), gateway("exclusive", "y"), end(),
        flows("start > f > a > j > x >[=z] k", "f > k > y >[=z] j", "x >! end", "y >! end"), *more,
    )  # fmt: skip


def test_two_inclusive_joins_that_wait_for_each_other() -> None:
    assert proved(pair()) == {"j": "proof.deadlock-pair"}
    story = Story(pair(), {"z": True})
    assert not story.outcome.faults
    story.complete("a")
    assert [fault.code for fault in story.outcome.faults] == ["deadlock", "deadlock"]


@pytest.mark.parametrize(
    "more",
    [
        (user("b"), flows("f > b > j")),
        (boundary("t", "a", timer("duration", "PT1H")), flows("t > end")),
    ],
)
def test_what_may_free_them_is_not_suspected(more: tuple[str, ...]) -> None:
    assert proved(pair(*more)) == {}


def test_an_inclusive_block_in_a_loop_is_not_suspected() -> None:
    source = process(
        start(), gateway("inclusive", "m"), gateway("parallel", "f"), user("a"), user("b"),
        gateway("inclusive", "j"), gateway("exclusive", "x"), end(),
        flows("start > m > f > a > j > x >[=again] m", "f > b > j", "x >! end"),
    )  # fmt: skip
    assert proved(source) == {}


def wide(kind: str) -> bytes:
    """A choice between many steps that come together in a join, then a pair into another."""
    names = [f"s{n}" for n in range(WIDE)]
    ways = [f"g >[=x = {n}] {name} > m" for n, name in enumerate(names[1:])]
    return process(
        start(), gateway("exclusive", "g"), gateway(kind, "m"), gateway("exclusive", "h"),
        gateway("parallel", "j"), user("a"), user("b"), end(),
        *(script(name, "=1", "r") for name in names),
        flows("start > g >! s0 > m > h >[=y] a > j > end", "h >! b > j", *ways),
    )  # fmt: skip


def test_many_ways_hide_no_deadlock() -> None:
    assert proved(wide("exclusive")) == {"j": "proof.deadlock"}
    assert proved(wide("parallel"))["m"] == "proof.deadlock"


def drawing(seed: int) -> bytes:
    """Gateways and steps with flows between them, for the most part forward."""
    chance = Random(seed)
    count = chance.randrange(4, 9)
    names = [f"n{number}" for number in range(count)]
    kinds = [chance.choice(KINDS) for _ in names]
    drawn = [script(n, "=1", "r") if k == "step" else gateway(k, n)
             for n, k in zip(names, kinds, strict=True)]  # fmt: skip
    pairs = {(at, at + 1) for at in range(count - 1)}
    for _ in range(chance.randrange(1, count)):
        first, second = chance.randrange(count), chance.randrange(count)
        if first != second and (first < second or chance.random() < 0.3):
            pairs.add((first, second))
    chains = [f"start > {names[0]}", f"{names[-1]} > end"]
    for at, (name, kind) in enumerate(zip(names, kinds, strict=True)):
        out = sorted(second for first, second in pairs if first == at)
        chains += _leaving(chance, name, kind, [names[other] for other in out], at == count - 1)
    return process(start(), *drawn, end(), flows(*chains))


def _leaving(chance: Random, name: str, kind: str, out: list[str], last: bool) -> list[str]:
    if kind not in ("exclusive", "inclusive") or len(out) + last < 2:
        return [f"{name} > {other}" for other in out]
    asked = out if last else out[1:]
    chains = [f"{name} >[=c{chance.randrange(SIGNS)}] {other}" for other in asked]
    return chains + ([] if last else [f"{name} >! {out[0]}"])


def stuck_or_never(source: bytes, join: str) -> bool:
    """Whether no run, whatever the conditions say, ever leaves a join."""
    for signs in range(2**SIGNS):
        values = {f"c{at}": bool(signs >> at & 1) for at in range(SIGNS)}
        trace = Story(source, values).trace
        if any(one.kind == "left" and one.element == join for one in trace):
            return False
    return True


@settings(max_examples=120, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_no_join_that_is_proved_to_wait_is_ever_left(seed: int) -> None:
    source = drawing(seed)
    try:
        joins = proved(source)
    except bpmn.Refused:
        return
    for join in joins:
        assert stuck_or_never(source, join), (seed, join)
