"""Decisions evaluated: what each requires first, each once (DMN 1.5, 10.4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bpmn.decision.errors import UnknownDecision
from bpmn.decision.model import (
    Decided,
    Decision,
    DecisionModel,
    InputData,
    Knowledge,
    Node,
    Service,
)
from bpmn.decision.run import DecisionRun
from bpmn.feel.calls import invoke
from bpmn.feel.compiler import Frame
from bpmn.feel.conform import coerce
from bpmn.feel.errors import FeelLimitError, Undefined
from bpmn.feel.limits import Run
from bpmn.feel.types import ANY
from bpmn.feel.values import Function, Value, receive

_NO_FUNCTIONS: Mapping[str, Callable[..., Any]] = {}


def decide(
    model: DecisionModel,
    decision_id: str,
    context: Mapping[str, Any],
    *,
    now: datetime | None = None,
    functions: Mapping[str, Callable[..., Any]] | None = None,
) -> Decided:
    """The value of a decision (or a decision service), by id or by name.

    ``context`` holds plain Python values: input data by name, and whatever else expressions
    read. Raises ``DecisionError`` when a table contradicts itself, ``FeelLimitError`` when it
    asks for too much.
    """
    node = model.find(decision_id)
    if not isinstance(node, Decision | Service):
        raise UnknownDecision(f"The model has no decision '{decision_id}'.", decision=decision_id)
    run = DecisionRun(context, now, functions or _NO_FUNCTIONS)
    try:
        value = _Evaluation(model, run, context).answer(node)
    except RecursionError as error:
        raise FeelLimitError("The decision calls itself too deep.") from error
    return Decided(value, tuple(run.matches), tuple(run.warnings), run.causes())


class _Evaluation:
    """The values that are known so far in one model, for one set of inputs."""

    def __init__(
        self,
        model: DecisionModel,
        run: Run,
        context: Mapping[str, Any],
        given: Mapping[str, Value] | None = None,
    ) -> None:
        self.model = model
        self.run = run
        self.context = context
        self.known: dict[str, Value] = dict(given or {})

    def answer(self, node: Decision | Service) -> Value:
        """What the caller asked for."""
        if isinstance(node, Decision):
            return self.value(node)
        return self._serve_from_context(node)

    def value(self, node: Node) -> Value:
        """The value of a node, evaluated once, after all that it needs."""
        if node.id not in self.known:
            # One after another, since a chain may be longer than calls may lie in each other.
            for one in self._before(node):
                if one.id not in self.known:
                    self.known[one.id] = self._evaluate(one)
            self.known[node.id] = self._evaluate(node)
        return self.known[node.id]

    def _before(self, node: Node) -> list[Node]:
        """What a node needs in this model and is not known yet, each after what it needs."""
        seen, found = {node.id}, list[Node]()
        pending = [(node, iter(self._needs(node)))]
        while pending:
            one, rest = pending[-1]
            needed = next(rest, None)
            if needed is None:
                pending.pop()
                found.append(one)
            elif needed.id not in seen and needed.id not in self.known:
                seen.add(needed.id)
                pending.append((needed, iter(self._needs(needed))))
        return found[:-1]

    def _needs(self, node: Node) -> list[Node]:
        requires = node.requires if isinstance(node, Decision | Knowledge) else ()
        return self._nodes(requires)

    def _evaluate(self, node: Node) -> Value:
        if isinstance(node, InputData):
            return self._input(node)
        if isinstance(node, Knowledge):
            return self._function(node)
        if isinstance(node, Service):
            return self._function_of(node)
        if node.logic is None:
            return receive(self.context.get(node.variable))
        return node.logic(self._frame(node.requires))

    def _function(self, node: Knowledge) -> Value:
        # The function is known before its needs are met, since it may need itself.
        names: dict[str, Value] = {}
        function = self.known[node.id] = node.logic(Frame(names, None, self.run))
        for needed in node.requires:
            self._put(names, needed)
        return function

    def _input(self, node: InputData) -> Value:
        fits, value = coerce(receive(self.context.get(node.name)), node.type)
        if not fits:
            self.run.warn("INPUT_TYPE", -1, "'{0}' is no {1}", node.name, node.type.name)
        return value

    def _frame(self, requires: tuple[str, ...]) -> Frame:
        names: dict[str, Value] = {}
        for needed in requires:
            self._put(names, needed)
        return Frame(names, None, self.run)

    def _put(self, names: dict[str, Value], needed: str) -> None:
        namespace, _, key = needed.rpartition("#")
        if namespace and namespace != self.model.namespace:
            self._put_imported(names, namespace, key)
            return
        node = self.model.nodes.get(key)
        if node is None:
            return
        value = self.value(node)
        names[_name(node)] = value
        if isinstance(node, Decision):
            names.setdefault(node.id, value)

    def _put_imported(self, names: dict[str, Value], namespace: str, key: str) -> None:
        for prefix, model in self.model.imports.items():
            node = model.nodes.get(key)
            if model.namespace != namespace or node is None:
                continue
            inner = names.setdefault(prefix, {})
            inner[_name(node)] = self._imported(prefix, model, node)

    def _imported(self, prefix: str, model: DecisionModel, node: Node) -> Value:
        """The value of a node of another model, whose inputs may come as ``prefix: {…}``."""
        own = self.context.get(prefix)
        context = own if isinstance(own, Mapping) else self.context
        return _Evaluation(model, self.run, context).value(node)

    # -- services -----------------------------------------------------------------------------

    def _nodes(self, references: tuple[str, ...]) -> list[Node]:
        own = f"{self.model.namespace}#"
        found = (self.model.nodes.get(key.removeprefix(own)) for key in references)
        return [node for node in found if node is not None]

    def _function_of(self, service: Service) -> Function:
        inputs = self._nodes(service.inputs)

        def call(run: Run, arguments: list[Value]) -> Value:
            given = {node.id: value for node, value in zip(inputs, arguments, strict=True)}
            return self._serve(service, given)

        names = tuple(_name(node) for node in inputs)
        kinds = tuple(node.type for node in inputs if isinstance(node, InputData | Decision))
        result = None if service.type is ANY else service.type
        return Function(service.name, names, call, kinds, result)

    def _serve(self, service: Service, given: Mapping[str, Value]) -> Value:
        inner = _Evaluation(self.model, self.run, {}, given)
        outputs = self._nodes(service.outputs)
        values = {_name(node): inner.value(node) for node in outputs}
        value = next(iter(values.values())) if len(outputs) == 1 else values
        fits, value = coerce(value, service.type)
        return value if fits else None

    def _serve_from_context(self, service: Service) -> Value:
        inputs = self._nodes(service.inputs)
        missing = [node.name for node in inputs if _name(node) not in self.context]
        if missing:
            self.run.warn("ARGUMENTS", -1, "The service needs {0}", ", ".join(missing))
            return None
        values = [receive(self.context[_name(node)]) for node in inputs]
        try:
            return invoke(self.run, self._function_of(service), values)
        except Undefined as error:
            self.run.explain(error)
            return None


def _name(node: Node) -> str:
    return node.variable if isinstance(node, Decision) else node.name
