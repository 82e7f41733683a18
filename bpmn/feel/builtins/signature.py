"""Built-in functions declared by a signature text, from which all checks of arguments follow.

``"substring(string: string, start position: number, length?: number)"`` says the names, the
order, the types and what may be missing. A type is one or several kinds joined by ``|``;
``any`` takes everything, null too; every other type makes the call null when null is given.
``...`` before a name gathers all arguments that follow; ``n/number`` are two
names for the same. A function may have several signatures.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass

from bpmn.feel.arithmetic import midnight
from bpmn.feel.errors import Undefined
from bpmn.feel.limits import Run
from bpmn.feel.temporal import Date
from bpmn.feel.values import TYPES, Function, Value, kind_of

BUILTINS: dict[str, Function] = {}
"""Every built-in function by its name."""

OVERLOADS: dict[str, list[Overload]] = {}
"""The signatures of each, in the order in which they are tried."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One declared parameter."""

    name: str
    aliases: tuple[str, ...]
    """Other names by which it may be given."""
    kinds: frozenset[str]
    optional: bool
    gathers: bool


@dataclass(frozen=True, slots=True)
class Overload:
    """One signature and the Python function behind it."""

    parameters: tuple[Parameter, ...]
    call: Callable[..., Value]
    wants_run: bool
    least: int
    """How many arguments there must be."""
    exact: tuple[frozenset[type] | None, ...] | None
    """Python's types that fit each parameter as they are, None for any; None when it gathers."""

    def fits(self, values: list[Value]) -> bool:
        """Whether the arguments by place need no conversion, which is nearly always so."""
        exact = self.exact
        if exact is None or not self.least <= len(values) <= len(exact):
            return False
        for kinds, value in zip(exact, values):  # noqa: B905 - what is optional may be missing.
            if kinds is not None and type(value) not in kinds:
                return False
        return True

    def arrange(self, values: list[Value], names: tuple[str, ...] | None) -> list[Value]:
        """The arguments checked and in order; raises ``Undefined`` when they do not fit."""
        if names is not None:
            values = self._by_name(values, names)
        elif self.parameters and self.parameters[-1].gathers:
            return self._gathered(values)
        if not self.least <= len(values) <= len(self.parameters):
            raise Undefined("ARGUMENTS", "{0} arguments do not fit", len(values))
        pairs = zip(self.parameters, values, strict=False)
        return [accept(parameter, value) for parameter, value in pairs]

    def apply(self, run: Run, arguments: list[Value]) -> Value:
        """Call it with arguments that have been arranged."""
        return self.call(run, *arguments) if self.wants_run else self.call(*arguments)

    def _gathered(self, values: list[Value]) -> list[Value]:
        *first, last = self.parameters
        if len(values) <= len(first):
            raise Undefined("ARGUMENTS", "{0} arguments do not fit", len(values))
        pairs = zip(first, values, strict=False)
        rest = [accept(last, value) for value in values[len(first) :]]
        return [*(accept(parameter, value) for parameter, value in pairs), rest]

    def _by_name(self, values: list[Value], names: tuple[str, ...]) -> list[Value]:
        known = [parameter.name for parameter in self.parameters if not parameter.gathers]
        given = dict(zip(map(self._named, names), values, strict=True))
        if len(given) != len(names) or not set(given) <= set(known):
            raise Undefined("ARGUMENTS", "The arguments are {0}", ", ".join(known))
        ordered: list[Value] = []
        for parameter in self.parameters:
            if parameter.name not in given and not parameter.optional:
                raise Undefined("ARGUMENTS", "The argument '{0}' is missing", parameter.name)
            ordered.append(given.get(parameter.name, _LEFT_OUT))
        while ordered and ordered[-1] is _LEFT_OUT:
            ordered.pop()
        return ordered

    def _named(self, name: str) -> str:
        """The name that is declared for one of its aliases."""
        found = (one.name for one in self.parameters if name == one.name or name in one.aliases)
        return next(found, name)


_LEFT_OUT = object()
"""Stands for an optional argument before one that is given by name."""


def builtin(*signatures: str) -> Callable[[Callable[..., Value]], Callable[..., Value]]:
    """Register a function under its signatures; ``run`` as first parameter is handed over."""

    def register(function: Callable[..., Value]) -> Callable[..., Value]:
        wants_run = next(iter(inspect.signature(function).parameters), "") == "run"
        for signature in signatures:
            name, parameters = _read(signature)
            made = Overload(parameters, function, wants_run, *_exactly(parameters))
            OVERLOADS.setdefault(name, []).append(made)
            BUILTINS[name] = _function(name, OVERLOADS[name])
        return function

    return register


def _function(name: str, overloads: list[Overload]) -> Function:
    def bind(run: Run, values: list[Value], names: tuple[str, ...] | None) -> Value:
        failure: Undefined | None = None
        for overload in overloads:
            if names is None and overload.fits(values):
                return overload.apply(run, values)
            try:
                arguments = overload.arrange(values, names)
            except Undefined as error:
                failure = failure or error
                continue
            return overload.apply(run, arguments)
        reason = failure or Undefined("ARGUMENTS", "{0} arguments do not fit", len(values))
        raise Undefined(reason.code, "{0}(): {1}", name, reason.phrase)

    first = tuple(parameter.name for parameter in overloads[0].parameters)
    return Function(name, first, lambda run, values: bind(run, values, None), bind=bind)


def accept(parameter: Parameter, value: Value) -> Value:
    """The argument as the parameter wants it; raises ``Undefined`` when it cannot be."""
    if value is _LEFT_OUT:
        return None
    kinds = parameter.kinds
    if "any" in kinds:
        return value
    kind = kind_of(value)
    if kind in kinds or (value is None and parameter.optional and "null" in kinds):
        return value
    if kind == "list" and len(value) == 1 and "list" not in kinds:
        return accept(parameter, value[0])
    if "list" in kinds and value is not None:
        return [value]
    if isinstance(value, Date) and "date and time" in kinds:
        return midnight(value)
    wanted = " or ".join(sorted(kinds))
    raise Undefined("ARGUMENT_TYPE", "'{0}' must be {1}, not {2}", parameter.name, wanted, kind)


def _exactly(
    parameters: tuple[Parameter, ...],
) -> tuple[int, tuple[frozenset[type] | None, ...] | None]:
    """How many arguments there must be, and the types that fit as they are."""
    least = sum(not parameter.optional for parameter in parameters)
    if any(parameter.gathers for parameter in parameters):
        return least, None
    return least, tuple(
        None if "any" in one.kinds else frozenset(TYPES[kind] for kind in one.kinds - {"null"})
        for one in parameters
    )


def _read(signature: str) -> tuple[str, tuple[Parameter, ...]]:
    name, _, rest = signature.partition("(")
    parts = [part.strip() for part in rest.rstrip(")").split(",") if part.strip()]
    return name, tuple(_parameter(part) for part in parts)


def _parameter(text: str) -> Parameter:
    name, _, kinds = text.partition(":")
    gathers = name.startswith("...")
    name = name.removeprefix("...")
    first, *aliases = name.removesuffix("?").split("/")
    return Parameter(
        first,
        tuple(aliases),
        frozenset(kind.strip() for kind in kinds.split("|")),
        name.endswith("?") or gathers,
        gathers,
    )
