"""Blocks that bring several kinds of events together: throwing, listening and undoing at once."""

from __future__ import annotations

from itertools import count

from tests.bpmn import build
from tests.bpmn.blocks import Block, Maker, scope


def thrown(trigger: str) -> Maker:
    """An event that throws on the way, to whoever listens around."""

    def make(numbers: count[int]) -> Block:
        name = f"tells{next(numbers)}"
        return Block((build.throw(name, trigger),), name, name)

    return make


def beside(body: Maker, trigger: str, interrupting: bool) -> Maker:
    """A subprocess with an event subprocess in which somebody works."""

    def make(numbers: count[int]) -> Block:
        number = next(numbers)
        name, block, handler = f"with{number}", body(numbers), f"aside{number}"
        held = build.handler(
            handler, trigger, build.user(f"turns_to{number}"), build.end(f"turned{number}"),
            build.flows(f"{handler}_start > turns_to{number} > turned{number}"),
            interrupting=interrupting,
        )  # fmt: skip
        parts = (build.sub(name, *scope(number, block), held),)
        return Block(parts, name, name, block.called)

    return make


def edged(body: Maker, trigger: str, interrupting: bool) -> Maker:
    """A subprocess with an event at its edge."""

    def make(numbers: count[int]) -> Block:
        number = next(numbers)
        name, block, after = f"edged{number}", body(numbers), f"past{number}"
        target = after if interrupting else f"off{number}"
        parts = (
            build.sub(name, *scope(number, block)), build.gateway("exclusive", after),
            build.boundary(f"rim{number}", name, trigger, interrupting=interrupting),
            "" if interrupting else build.end(target),
            build.flows(f"{name} > {after}", f"rim{number} > {target}"),
        )  # fmt: skip
        return Block(parts, name, after, block.called)

    return make


def _undoable(number: int) -> tuple[str, ...]:
    name, undoing = f"acts{number}", f"reverts{number}"
    return (
        build.user(name), build.user(undoing, isForCompensation="true"),
        build.undo(name, undoing),
    )  # fmt: skip


def undone_inside(body: Maker) -> Maker:
    """A subprocess that undoes all that was done in it."""

    def make(numbers: count[int]) -> Block:
        number = next(numbers)
        name, block = f"regrets{number}", body(numbers)
        inner = (
            build.start(f"start{number}"), *_undoable(number), *block.parts,
            build.throw(f"reverts_all{number}", build.compensate()), build.end(f"end{number}"),
            build.flows(
                f"start{number} > acts{number} > {block.first}",
                f"{block.last} > reverts_all{number} > end{number}",
            ),
        )  # fmt: skip
        return Block((build.sub(name, *inner),), name, name, block.called)

    return make


def undone_by_itself(body: Maker) -> Maker:
    """A subprocess whose compensation event subprocess undoes it, when asked to behind it."""

    def make(numbers: count[int]) -> Block:
        number = next(numbers)
        name, block, undoes, back = f"own{number}", body(numbers), f"undoer{number}", f"ask{number}"
        held = build.handler(
            undoes, build.compensate(), build.user(f"sees{number}"),
            build.throw(f"inner{number}", build.compensate(f"acts{number}")),
            build.end(f"undone{number}"),
            build.flows(f"{undoes}_start > sees{number} > inner{number} > undone{number}"),
        )  # fmt: skip
        inner = (
            build.start(f"start{number}"), *_undoable(number), *block.parts,
            build.end(f"end{number}"), held,
            build.flows(
                f"start{number} > acts{number} > {block.first}", f"{block.last} > end{number}"
            ),
        )  # fmt: skip
        parts = (
            build.sub(name, *inner), build.throw(back, build.compensate(name)),
            build.flows(f"{name} > {back}"),
        )  # fmt: skip
        return Block(parts, name, back, block.called)

    return make


def cancelled_turns(body: Maker, sequential: bool) -> Maker:
    """A transaction for each of two items, of which one may cancel all."""

    def make(numbers: count[int]) -> Block:
        number = next(numbers)
        name, block, choice, after = f"deal{number}", body(numbers), f"fits{number}", f"so{number}"
        inner = (
            build.start(f"start{number}"), *_undoable(number), *block.parts,
            build.gateway("exclusive", choice), build.end(f"off{number}", build.CANCEL),
            build.end(f"end{number}"), build.multi("=[1, 2]", sequential=sequential),
            build.flows(
                f"start{number} > acts{number} > {block.first}", f"{block.last} > {choice}",
                f"{choice} >[=modulo(n, 2) = 0] off{number}", f"{choice} >! end{number}",
            ),
        )  # fmt: skip
        parts = (
            build.transaction(name, *inner), build.gateway("exclusive", after),
            build.boundary(f"void{number}", name, build.CANCEL),
            build.flows(f"{name} > {after}", f"void{number} > {after}"),
        )  # fmt: skip
        return Block(parts, name, after, block.called)

    return make


def chosen(body: Maker) -> Maker:
    """An ad-hoc subprocess of a subprocess and a task."""

    def make(numbers: count[int]) -> Block:
        number = next(numbers)
        name, block, one, two = f"free{number}", body(numbers), f"whole{number}", f"single{number}"
        inside = (build.sub(one, *scope(number, block)), build.user(two))
        held = build.ad_hoc(name, *inside, elements=f'=["{one}", "{two}"]')
        return Block((held,), name, name, block.called)

    return make
