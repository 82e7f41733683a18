"""The names of types, with what stands between their angle brackets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from bpmn.feel import types
from bpmn.feel.names import Names
from bpmn.feel.tokens import TokenReader
from bpmn.feel.types import Type


class TypeParser(TokenReader):
    """Reads types; what it does not know stays a type of that name, which nothing is of."""

    def __init__(self, text: str, names: Iterable[str], known_types: Mapping[str, Type]) -> None:
        super().__init__(text)
        self.names = Names(names)
        self.known_types = known_types

    @cached_property
    def types(self) -> Mapping[str, Type]:
        """The named types, gathered when the first of them is read; most texts hold none."""
        return {**types.NAMED, **self.known_types}

    @cached_property
    def type_names(self) -> Names:
        """Those of several tokens among them."""
        return Names(self.types)

    def type(self) -> Type:
        """A type's name, with what stands between its angle brackets."""
        with self.nested():
            name = self.type_name()
            if name in ("list", "range") and self.take_op("<"):
                item = self.type()
                self.expect_op(">")
                return Type(name, item=item)
            if name == "context" and self.take_op("<"):
                return self.context_type()
            if name == "function" and self.take_op("<"):
                return self.function_type()
            return self.types.get(name) or Type(name)

    def type_name(self) -> str:
        """The longest known type's name, or one word, perhaps with dots."""
        known = self.type_names.match(self.tokens, self.index)
        if known is not None:
            self.index += known[1]
            return known[0]
        if self.token.kind != "name":
            raise self.fail("Expected a type")
        name = self.take().text
        while self.is_op(".") and self.tokens[self.index + 1].kind == "name":
            self.index += 1
            name += "." + self.take().text
        return name

    def context_type(self) -> Type:
        """``a: number, b: string>``."""
        fields: dict[str, Type] = {}
        while True:
            name = self.declared_name(":", ">")
            self.expect_op(":")
            fields[name] = self.type()
            if not self.take_op(","):
                break
        self.expect_op(">")
        return Type("context", fields=fields)

    def function_type(self) -> Type:
        """``number, string> -> boolean``."""
        parameters: list[Type] = []
        while not self.take_op(">"):
            parameters.append(self.type())
            if not self.is_op(">"):
                self.expect_op(",")
        self.expect_op("->")
        return Type("function", parameters=tuple(parameters), result=self.type())
