"""Iterations and quantified expressions to closures."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.feel import nodes as n
from bpmn.feel.errors import FeelLimitError, Undefined
from bpmn.feel.frames import Code, Frame, compile_node, compiles
from bpmn.feel.limits import check_list
from bpmn.feel.ranges import each, steps
from bpmn.feel.values import Range, Value


class _Domain:
    """One ``x in domain``, compiled."""

    __slots__ = ("at", "domain", "end", "name")

    def __init__(self, iterator: n.Iterator) -> None:
        self.name = iterator.name
        self.at = iterator.domain.at
        self.domain = compile_node(iterator.domain)
        self.end = compile_node(iterator.end) if iterator.end is not None else None

    def values(self, frame: Frame) -> Iterator[Value]:
        """The values, one by one; raises ``Undefined`` when there are none to be had."""
        start = self.domain(frame)
        if self.end is not None:
            return steps(Range(start, self.end(frame), True, True))
        return each(start)


def _combinations(domains: tuple[_Domain, ...], frame: Frame) -> Iterator[Frame]:
    if not domains:
        yield frame
        return
    for value in domains[0].values(frame):
        frame.run.spend(1)
        yield from _combinations(domains[1:], Frame({domains[0].name: value}, frame, frame.run))


@compiles(n.For)
def _for(node: n.For) -> Code:
    domains = tuple(_Domain(iterator) for iterator in node.iterators)
    body, at = compile_node(node.body), node.at

    def code(frame: Frame) -> Value:
        results: list[Value] = []
        outer = Frame({"partial": results}, frame, frame.run)
        try:
            for inner in _combinations(domains, outer):
                results.append(body(inner))
                check_list(len(results))
        except Undefined as error:
            frame.run.explain(error, at)
            return None
        except FeelLimitError as error:
            error.at(at)
            raise
        return results

    return code


@compiles(n.Quantified)
def _quantified(node: n.Quantified) -> Code:
    domains = tuple(_Domain(iterator) for iterator in node.iterators)
    body, at = compile_node(node.body), node.at
    decisive = not node.every

    def code(frame: Frame) -> Value:
        unknown = False
        try:
            for inner in _combinations(domains, frame):
                answer = body(inner)
                if answer is decisive:
                    return decisive
                unknown = unknown or not isinstance(answer, bool)
        except Undefined as error:
            frame.run.explain(error, at)
            return None
        except FeelLimitError as error:
            error.at(at)
            raise
        if unknown:
            frame.run.warn("NOT_BOOLEAN", at, "The test gives no boolean")
            return None
        return not decisive

    return code
