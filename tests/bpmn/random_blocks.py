"""Makers of random blocks, small ones that shrink well and large ones that go deep."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, reduce
from random import Random

from hypothesis import strategies as st

from tests.bpmn import build
from tests.bpmn.blocks import Maker, compose, held, in_line, looped, race, split, task, turns
from tests.bpmn.blocks_more import (
    any_order,
    called,
    clocks,
    handled,
    listening,
    marked,
    repeated,
    signalled,
    stopped,
    taken_back,
    throwing,
    turns_of,
    undone,
    watched,
)
from tests.bpmn.blocks_together import (
    beside,
    cancelled_turns,
    chosen,
    edged,
    thrown,
    undone_by_itself,
    undone_inside,
)

LEAVES: tuple[Maker, ...] = (
    *(task(kind) for kind in ("user", "user", "job", "script", "timer", "message")),
    turns(sequential=True), turns(sequential=False), race(), clocks(), signalled(), undone(),
    watched(build.timer("duration", "PT1H"), interrupting=True),
    watched(build.timer("cycle", "R2/PT1H"), interrupting=False),
    watched(build.message("note"), interrupting=True),
    watched(build.conditional("=modulo(n, 2) = 1"), interrupting=False),
    watched(build.conditional("=n > 6"), interrupting=True),
    marked(build.loop("=n < 5", most=3)), marked(build.loop("=n < 5", before=True, most=3)),
    marked(build.cardinality("3", sequential=True)),
    marked(build.multi("=[1, 2, 3]", condition="=n > 4")), any_order(),
    thrown(build.signal("go")), thrown(build.escalation("up")),
)  # fmt: skip
WRAPPERS: tuple[Callable[[Maker], Maker], ...] = (
    looped, repeated, stopped, called, taken_back,
    *(partial(turns_of, sequential=said) for said in (True, False)),
    *(partial(throwing, kind=kind) for kind in ("error", "escalation", "cancel")),
    *(partial(handled, kind=kind) for kind in ("error", "escalation")),
    *(partial(listening, interrupting=said) for said in (True, False)),
    *(partial(held, boundary=True, interrupting=said) for said in (True, False)),
    chosen, undone_inside, undone_by_itself,
    *(partial(cancelled_turns, sequential=said) for said in (True, False)),
    *(partial(edged, trigger=build.escalation("up"), interrupting=said) for said in (True, False)),
    *(
        partial(beside, trigger=trigger, interrupting=said)
        for trigger in (build.signal("go"), build.conditional("=n > 4"))
        for said in (True, False)
    ),
)  # fmt: skip


def _compose(inner: st.SearchStrategy[Maker]) -> st.SearchStrategy[Maker]:
    wrapped = st.builds(lambda wrap, body: wrap(body), st.sampled_from(WRAPPERS), inner)
    return st.one_of(compose(inner), wrapped)


all_makers = st.recursive(st.sampled_from(LEAVES), _compose, max_leaves=7)
"""Makers of every kind of block; those that call bring the called processes along."""


def large(seed: int, size: int) -> Maker:
    """A maker of about so many blocks, the same for the same seed."""
    chance = Random(seed)
    return _grown(chance, size)


def _grown(chance: Random, size: int) -> Maker:
    if size <= 1:
        return chance.choice(LEAVES)
    if chance.random() < 0.45:
        return chance.choice(WRAPPERS)(_grown(chance, size - 1))
    parts = chance.choice((2, 2, 3)) if size > 2 else 2
    inner = [_grown(chance, size // parts) for _ in range(parts)]
    if chance.random() < 0.5:
        return reduce(in_line, inner)
    return split(chance.choice(("parallel", "inclusive", "exclusive")), inner)


large_makers = st.builds(large, st.integers(0, 1_000_000), st.integers(8, 30))
"""Makers of processes that are larger than those which Hypothesis likes to begin with."""
