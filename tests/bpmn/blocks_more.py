"""More blocks: events at the edge and beside, throwing and undoing, turns of a whole, calls.

Each still has one way in and one way out, whatever comes of it inside.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, reduce
from itertools import count
from random import Random

from hypothesis import strategies as st

from tests.bpmn import build
from tests.bpmn.blocks import (
    Block,
    Maker,
    compose,
    held,
    in_line,
    looped,
    process,
    race,
    scope,
    split,
    task,
    turns,
)


def _watched(trigger: str, interrupting: bool) -> Maker:
    """A user task with an event at its edge, which leads aside or on."""

    def make(numbers: count[int]) -> Block:
        number = next(numbers)
        name, event, after = f"watched{number}", f"edge{number}", f"after{number}"
        target = after if interrupting else f"aside{number}"
        parts = (
            build.user(name), build.boundary(event, name, trigger, interrupting=interrupting),
            build.gateway("exclusive", after), "" if interrupting else build.end(target),
            build.flows(f"{name} > {after}", f"{event} > {target}"),
        )  # fmt: skip
        return Block(parts, name, after)

    return make


def _clocks() -> Maker:
    """A race of two timers."""

    def make(numbers: count[int]) -> Block:
        number = next(numbers)
        gate, one, two, won = (f"{word}{number}" for word in ("clocks", "soon", "late", "rung"))
        parts = (
            build.gateway("eventBased", gate), build.gateway("exclusive", won),
            build.catch(one, build.timer("duration", "PT1H")),
            build.catch(two, build.timer("duration", "PT2H")),
            build.flows(f"{gate} > {one} > {won}", f"{gate} > {two} > {won}"),
        )  # fmt: skip
        return Block(parts, gate, won)

    return make


def _signalled() -> Maker:
    """One branch waits for the signal that the other throws."""

    def make(numbers: count[int]) -> Block:
        number = next(numbers)
        fork, wait, work, call, join = (
            f"{word}{number}" for word in ("fork", "hears", "works", "throws", "meet")
        )
        parts = (
            build.gateway("parallel", fork), build.gateway("parallel", join),
            build.catch(wait, build.signal("go")), build.user(work),
            build.throw(call, build.signal("go")),
            build.flows(f"{fork} > {wait} > {join}", f"{fork} > {work} > {call} > {join}"),
        )  # fmt: skip
        return Block(parts, fork, join)

    return make


def _undone() -> Maker:
    """What was done is undone behind it."""

    def make(numbers: count[int]) -> Block:
        number = next(numbers)
        name, undoing, back = f"done{number}", f"undoes{number}", f"back{number}"
        parts = (
            build.user(name), build.user(undoing, isForCompensation="true"),
            build.undo(name, undoing), build.throw(back, build.compensate(name)),
            build.flows(f"{name} > {back}"),
        )  # fmt: skip
        return Block(parts, name, back)

    return make


def _turns_of(body: Maker, sequential: bool) -> Maker:
    """A subprocess for each of two items."""

    def make(numbers: count[int]) -> Block:
        number = next(numbers)
        name, block = f"each{number}", body(numbers)
        marks = build.multi("=[1, 2]", sequential=sequential)
        return Block((build.sub(name, *scope(number, block), marks),), name, name, block.called)

    return make


def _repeated(body: Maker) -> Maker:
    """A subprocess that repeats itself once."""

    def make(numbers: count[int]) -> Block:
        number = next(numbers)
        name, block = f"twice{number}", body(numbers)
        marks = build.loop("=true", most=2)
        return Block((build.sub(name, *scope(number, block), marks),), name, name, block.called)

    return make


def _throwing(body: Maker, kind: str) -> Maker:
    """A subprocess that ends with an error or escalation, or cancels, for even numbers."""

    def make(numbers: count[int]) -> Block:
        number = next(numbers)
        name, block = f"risk{number}", body(numbers)
        choice, thrown, edge, after = (
            f"{word}{number}" for word in ("choice", "thrown", "caught", "beyond")
        )
        trigger = {
            "error": build.error("oops"), "escalation": build.escalation("up"),
            "cancel": build.CANCEL,
        }[kind]  # fmt: skip
        inner = (
            build.start(f"start{number}"), *block.parts, build.gateway("exclusive", choice),
            build.end(thrown, trigger), build.end(f"end{number}"),
            build.flows(
                f"start{number} > {block.first}", f"{block.last} > {choice}",
                f"{choice} >[=modulo(n, 2) = 0] {thrown}", f"{choice} >! end{number}",
            ),
        )  # fmt: skip
        aside = kind == "escalation"
        target = f"aside{number}" if aside else after
        holder = build.transaction if kind == "cancel" else build.sub
        parts = (
            holder(name, *inner), build.gateway("exclusive", after),
            build.boundary(edge, name, trigger, interrupting=not aside),
            build.end(target) if aside else "",
            build.flows(f"{name} > {after}", f"{edge} > {target}"),
        )  # fmt: skip
        return Block(parts, name, after, block.called)

    return make


def _stopped(body: Maker) -> Maker:
    """A subprocess that somebody may end before its work is done."""

    def make(numbers: count[int]) -> Block:
        number = next(numbers)
        name, block, stop = f"stopped{number}", body(numbers), f"stop{number}"
        inner = (
            *scope(number, block), build.user(f"brake{number}"),
            build.end(stop, "<bpmn:terminateEventDefinition/>"),
            build.flows(f"start{number} > brake{number} > {stop}"),
        )  # fmt: skip
        return Block((build.sub(name, *inner),), name, name, block.called)

    return make


def _listening(body: Maker, interrupting: bool) -> Maker:
    """A subprocess beside which an event subprocess listens."""

    def make(numbers: count[int]) -> Block:
        number = next(numbers)
        name, block, beside = f"hearing{number}", body(numbers), f"beside{number}"
        work = f"handles{number}"
        task = build.user(work) if interrupting else build.script(work, "=n + 1", "n")
        trigger = build.timer("duration", "PT5H") if interrupting else build.message("note")
        handler = build.handler(
            beside, trigger, task, build.end(f"handled{number}"),
            build.flows(f"{beside}_start > {work} > handled{number}"), interrupting=interrupting,
        )  # fmt: skip
        held = build.sub(name, *scope(number, block), handler)
        return Block((held,), name, name, block.called)

    return make


def _called(body: Maker) -> Maker:
    """The body as a process of its own, which is called."""

    def make(numbers: count[int]) -> Block:
        number = next(numbers)
        name, block, key = f"calls{number}", body(numbers), f"p{number}"
        called = process(block, key, str(number))
        return Block((build.call(name, key),), name, name, (*block.called, called))

    return make


LEAVES: tuple[Maker, ...] = (
    *(task(kind) for kind in ("user", "user", "job", "script", "timer", "message")),
    turns(sequential=True), turns(sequential=False), race(), _clocks(), _signalled(), _undone(),
    _watched(build.timer("duration", "PT1H"), interrupting=True),
    _watched(build.timer("cycle", "R2/PT1H"), interrupting=False),
    _watched(build.message("note"), interrupting=True),
    _watched(build.conditional("=modulo(n, 2) = 1"), interrupting=False),
    _watched(build.conditional("=n > 6"), interrupting=True),
)  # fmt: skip
WRAPPERS: tuple[Callable[[Maker], Maker], ...] = (
    looped, _repeated, _stopped, _called,
    *(partial(_turns_of, sequential=said) for said in (True, False)),
    *(partial(_throwing, kind=kind) for kind in ("error", "escalation", "cancel")),
    *(partial(_listening, interrupting=said) for said in (True, False)),
    *(partial(held, boundary=True, interrupting=said) for said in (True, False)),
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
