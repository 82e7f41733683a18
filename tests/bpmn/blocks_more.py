"""More blocks: events at the edge and beside, throwing and undoing, turns of a whole, calls.

Each still has one way in and one way out, whatever comes of it inside.
"""

from __future__ import annotations

from itertools import count

from tests.bpmn import build
from tests.bpmn.blocks import Block, Maker, process, scope


def watched(trigger: str, interrupting: bool) -> Maker:
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


def clocks() -> Maker:
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


def signalled() -> Maker:
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


def undone() -> Maker:
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


def turns_of(body: Maker, sequential: bool) -> Maker:
    """A subprocess for each of two items."""

    def make(numbers: count[int]) -> Block:
        number = next(numbers)
        name, block = f"each{number}", body(numbers)
        marks = build.multi("=[1, 2]", sequential=sequential)
        return Block((build.sub(name, *scope(number, block), marks),), name, name, block.called)

    return make


def repeated(body: Maker) -> Maker:
    """A subprocess that repeats itself once."""

    def make(numbers: count[int]) -> Block:
        number = next(numbers)
        name, block = f"twice{number}", body(numbers)
        marks = build.loop("=true", most=2)
        return Block((build.sub(name, *scope(number, block), marks),), name, name, block.called)

    return make


def throwing(body: Maker, kind: str) -> Maker:
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


def stopped(body: Maker) -> Maker:
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


def listening(body: Maker, interrupting: bool) -> Maker:
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


def called(body: Maker) -> Maker:
    """The body as a process of its own, which is called."""

    def make(numbers: count[int]) -> Block:
        number = next(numbers)
        name, block, key = f"calls{number}", body(numbers), f"p{number}"
        called = process(block, key, str(number))
        return Block((build.call(name, key),), name, name, (*block.called, called))

    return make


def marked(marks: str) -> Maker:
    """A user task that is done several times."""

    def make(numbers: count[int]) -> Block:
        name = f"marked{next(numbers)}"
        return Block((build.user(name, inner=marks),), name, name)

    return make


def any_order() -> Maker:
    """An ad-hoc subprocess of two tasks."""

    def make(numbers: count[int]) -> Block:
        number = next(numbers)
        name, one, two = f"adhoc{number}", f"either{number}", f"or{number}"
        chosen = f'=["{one}", "{two}"]'
        held = build.ad_hoc(name, build.user(one), build.user(two), elements=chosen)
        return Block((held,), name, name)

    return make


def handled(body: Maker, kind: str) -> Maker:
    """A subprocess that catches inside itself what it throws for even numbers."""

    def make(numbers: count[int]) -> Block:
        number = next(numbers)
        name, block, beside = f"handling{number}", body(numbers), f"catches{number}"
        choice, thrown, work = f"which{number}", f"thrown{number}", f"mends{number}"
        trigger = {"error": build.error("oops"), "escalation": build.escalation("up")}[kind]
        handler = build.handler(
            beside, trigger, build.user(work), build.end(f"mended{number}"),
            build.flows(f"{beside}_start > {work} > mended{number}"), interrupting=kind == "error",
        )  # fmt: skip
        inner = (
            build.start(f"start{number}"), *block.parts, build.gateway("exclusive", choice),
            build.end(thrown, trigger), build.end(f"end{number}"), handler,
            build.flows(
                f"start{number} > {block.first}", f"{block.last} > {choice}",
                f"{choice} >[=modulo(n, 2) = 0] {thrown}", f"{choice} >! end{number}",
            ),
        )  # fmt: skip
        return Block((build.sub(name, *inner),), name, name, block.called)

    return make


def taken_back(body: Maker) -> Maker:
    """A subprocess in which something was done is undone as a whole behind it."""

    def make(numbers: count[int]) -> Block:
        number = next(numbers)
        name, block, back = f"whole{number}", body(numbers), f"takes_back{number}"
        done, undoing = f"did{number}", f"undid{number}"
        inner = (
            build.start(f"start{number}"), build.user(done), *block.parts,
            build.user(undoing, isForCompensation="true"), build.undo(done, undoing),
            build.end(f"end{number}"),
            build.flows(f"start{number} > {done} > {block.first}", f"{block.last} > end{number}"),
        )  # fmt: skip
        parts = (
            build.sub(name, *inner), build.throw(back, build.compensate(name)),
            build.flows(f"{name} > {back}"),
        )  # fmt: skip
        return Block(parts, name, back, block.called)

    return make
