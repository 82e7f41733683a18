"""Random processes made of blocks that fit into one another, so that each of them must end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from hypothesis import strategies as st

from tests.bpmn import build


@dataclass(frozen=True)
class Block:
    """Nodes and flows with one way in and one way out."""

    parts: tuple[str, ...]
    first: str
    last: str
    called: tuple[bytes, ...] = ()
    """The processes that its call activities call."""


Maker = Callable[["count[int]"], Block]


def task(kind: str) -> Maker:
    def make(numbers: count[int]) -> Block:
        name = f"{kind}{next(numbers)}"
        made = {
            "user": lambda: build.user(name),
            "job": lambda: build.service(name),
            "script": lambda: build.script(name, "=n + 1", "n"),
            "timer": lambda: build.catch(name, build.timer("duration", "PT1H")),
            "message": lambda: build.catch(name, build.message("note")),
        }[kind]()
        return Block((made,), name, name)

    return make


def in_line(first: Maker, second: Maker) -> Maker:
    def make(numbers: count[int]) -> Block:
        one, two = first(numbers), second(numbers)
        link = build.flows(f"{one.last} > {two.first}")
        called = (*one.called, *two.called)
        return Block((*one.parts, *two.parts, link), one.first, two.last, called)

    return make


def split(kind: str, inner: list[Maker]) -> Maker:
    def make(numbers: count[int]) -> Block:
        split, join = f"split{next(numbers)}", f"join{next(numbers)}"
        blocks = [maker(numbers) for maker in inner]
        marks = {
            "parallel": ["" for _ in blocks],
            "inclusive": ["!", *(f"[=modulo(n, {at}) = 0]" for at in range(2, len(blocks) + 1))],
            "exclusive": ["!", *(f"[=modulo(n, {at}) = 0]" for at in range(2, len(blocks) + 1))],
        }[kind]
        ties = [
            build.flows(f"{split} >{mark} {block.first}", f"{block.last} > {join}")
            for mark, block in zip(marks, blocks, strict=True)
        ]
        parts = [build.gateway(kind, split), build.gateway(kind, join)]
        held = (part for block in blocks for part in block.parts)
        called = tuple(one for block in blocks for one in block.called)
        return Block((*parts, *held, *ties), split, join, called)

    return make


def looped(body: Maker) -> Maker:
    """Twice at least: a counter of its own decides."""

    def make(numbers: count[int]) -> Block:
        number = next(numbers)
        merge, again, step = f"merge{number}", f"again{number}", f"count{number}"
        block = body(numbers)
        name = f"rounds{number}"
        script = build.script(step, f"=if {name} = null then 1 else {name} + 1", name)
        ties = build.flows(
            f"{merge} > {block.first}", f"{block.last} > {step} > {again}",
            f"{again} >[=modulo({name}, 2) = 1] {merge}", f"{again} >! out{number}",
        )  # fmt: skip
        out = build.gateway("exclusive", f"out{number}")
        parts = [
            build.gateway("exclusive", merge),
            build.gateway("exclusive", again),
            script,
            out,
        ]
        return Block((*parts, *block.parts, ties), merge, f"out{number}", block.called)

    return make


def scope(number: int, block: Block) -> tuple[str, ...]:
    """The block between a start and an end of its own, for inside a subprocess."""
    return (
        build.start(f"start{number}"), *block.parts, build.end(f"end{number}"),
        build.flows(f"start{number} > {block.first}", f"{block.last} > end{number}"),
    )  # fmt: skip


def held(body: Maker, boundary: bool, interrupting: bool) -> Maker:
    def make(numbers: count[int]) -> Block:
        number = next(numbers)
        name, block = f"sub{number}", body(numbers)
        held = build.sub(name, *scope(number, block))
        if not boundary:
            return Block((held,), name, name, block.called)
        event, merge = f"event{number}", f"after{number}"
        aside = "" if interrupting else build.end(f"aside{number}")
        target = merge if interrupting else f"aside{number}"
        extra = (
            build.boundary(event, name, build.timer("duration", "PT2H"),
                           interrupting=interrupting),
            build.gateway("exclusive", merge), aside,
            build.flows(f"{name} > {merge}", f"{event} > {target}"),
        )  # fmt: skip
        return Block((held, *extra), name, merge, block.called)

    return make


def turns(sequential: bool) -> Maker:
    def make(numbers: count[int]) -> Block:
        name = f"multi{next(numbers)}"
        loop = build.multi("=[1, 2, 3]", sequential=sequential, output=(f"out_{name}", "=item"))
        return Block((build.user(name, inner=loop),), name, name)

    return make


def race() -> Maker:
    def make(numbers: count[int]) -> Block:
        number = next(numbers)
        gate, one, two, merge = (f"{word}{number}" for word in ("race", "rm", "rt", "won"))
        parts = (
            build.gateway("eventBased", gate),
            build.catch(one, build.message("note")),
            build.catch(two, build.timer("duration", "PT3H")),
            build.gateway("exclusive", merge),
            build.flows(f"{gate} > {one} > {merge}", f"{gate} > {two} > {merge}"),
        )
        return Block(parts, gate, merge)

    return make


leaves = st.one_of(
    st.sampled_from(["user", "job", "script", "timer", "message"]).map(task),
    st.booleans().map(turns),
    st.builds(race),
)


def compose(inner: st.SearchStrategy[Maker]) -> st.SearchStrategy[Maker]:
    """Blocks that are made of blocks."""
    return st.one_of(
        st.tuples(inner, inner).map(lambda pair: in_line(*pair)),
        st.tuples(
            st.sampled_from(["parallel", "inclusive", "exclusive"]),
            st.lists(inner, min_size=2, max_size=3),
        ).map(lambda pair: split(*pair)),
        inner.map(looped),
        st.tuples(inner, st.booleans(), st.booleans()).map(lambda three: held(*three)),
    )


makers = st.recursive(leaves, compose, max_leaves=8)

DECLARED = "".join(
    (
        build.declare("note", "=case"), build.declare_error("oops"),
        build.declare_escalation("up"), build.declare_signal("go"),
    )
)  # fmt: skip


def process(block: Block, key: str = "p", number: str = "") -> bytes:
    """The process of one block between a start and an end."""
    first, last = f"start{number}", f"end{number}"
    return build.process(
        build.start(first),
        *block.parts,
        build.end(last),
        build.flows(f"{first} > {block.first}", f"{block.last} > {last}"),
        before=DECLARED,
        key=key,
    )


def whole(maker: Maker) -> bytes:
    """The process of what is made, which calls no other."""
    return process(maker(count(1)))


def with_called(maker: Maker) -> tuple[bytes, tuple[bytes, ...]]:
    """The process of what is made, and those that it calls."""
    block = maker(count(1))
    return process(block), block.called
