"""Tokens to a syntax tree: a Pratt parser of expressions and unary tests (DMN 1.5, 10.3.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, DecimalException

from bpmn.feel import nodes as n
from bpmn.feel import types
from bpmn.feel.builtins import BUILTINS
from bpmn.feel.errors import FeelSyntaxError
from bpmn.feel.lexer import Token
from bpmn.feel.limits import MAX_CHAIN
from bpmn.feel.names import Names
from bpmn.feel.numbers import ARITHMETIC
from bpmn.feel.type_parser import TypeParser
from bpmn.feel.types import Type

_KEYWORDS = frozenset(
    "if then else for in return some every satisfies between and or instance function external"
    " true false null".split()
)
_CONSTANTS = {"true": True, "false": False, "null": None}
_COMPARISONS = frozenset(("=", "!=", "<", "<=", ">", ">="))
_POWERS = {
    "or": 1, "and": 2, "=": 4, "!=": 4, "<": 4, "<=": 4, ">": 4, ">=": 4, "in": 4, "between": 4,
    "+": 5, "-": 5, "*": 6, "/": 6, "**": 7, "instance": 9, ".": 10, "[": 10, "(": 10,
}  # fmt: skip
_NEGATION = 8
_COMPARISON = 4


def parse(text: str, names: Iterable[str], known_types: Mapping[str, Type]) -> n.Node:
    """The tree of one expression; raises ``FeelSyntaxError``."""
    parser = Parser(text, names, known_types)
    node = parser.expression()
    parser.expect_end()
    return node


def parse_tests(text: str, names: Iterable[str], known_types: Mapping[str, Type]) -> n.Node:
    """The tree of unary tests, as a cell of a decision table holds them."""
    parser = Parser(text, names, known_types)
    node = parser.unary_tests()
    parser.expect_end()
    return node


class Parser(TypeParser):
    """One reading of one text."""

    # -- operators ------------------------------------------------------------------------

    def expression(self, power: int = 0, *, filters: bool = True) -> n.Node:
        """Read an expression whose operators bind tighter than ``power``."""
        with self.nested():
            self.filters = filters
            left = self.operand()
            for _ in range(MAX_CHAIN):
                following = self.infix(left, power)
                if following is None:
                    return left
                left = following
        raise FeelSyntaxError(
            "TOO_LONG_CHAIN", self.token.start, "More than {0} operators in a row", MAX_CHAIN
        )

    def infix(self, left: n.Node, power: int) -> n.Node | None:
        """Read one operator and its right side; None when the next token binds less."""
        token = self.token
        if token.kind not in ("op", "name") or _POWERS.get(token.text, 0) <= power:
            return None
        if token.text == "[" and not self.filters:
            return None
        if token.kind == "name" and token.text not in _KEYWORDS:
            return None
        special = _SPECIAL.get(token.text)
        self.index += 1
        if special is not None:
            return special(self, left, token)
        right = self.expression(_POWERS[token.text], filters=self.filters)
        if token.text in ("and", "or"):
            return n.Logic(token.start, token.text, left, right)
        return n.Binary(token.start, token.text, left, right)

    def between(self, left: n.Node, token: Token) -> n.Node:
        """``x between low and high``."""
        low = self.expression(_COMPARISON)
        self.expect_word("and")
        high = self.expression(_COMPARISON, filters=self.filters)
        return n.Between(token.start, left, low, high)

    def instance_of(self, left: n.Node, token: Token) -> n.Node:
        """``x instance of type``."""
        self.expect_word("of")
        return n.InstanceOf(token.start, left, self.type())

    def contained(self, left: n.Node, token: Token) -> n.Node:
        """``x in test`` or ``x in (test, test)``."""
        if self.is_op("("):
            tests = self.attempt(self.tests_in_parentheses)
            if isinstance(tests, n.Tests):
                return n.In(token.start, left, tests.tests)
        return n.In(token.start, left, (self.test(),))

    def tests_in_parentheses(self) -> n.Node:
        """``(test, test)`` after ``in``."""
        at = self.expect_op("(").start
        tests = [self.test()]
        while self.take_op(","):
            tests.append(self.test())
        self.expect_op(")")
        return n.Tests(at, tuple(tests), False)

    def test(self) -> n.Node:
        """One test after ``in``: ``< 5``, or an expression."""
        return self.compared() or self.expression(_COMPARISON, filters=self.filters)

    def compared(self) -> n.Node | None:
        """``< 5`` without a left side, where it may stand."""
        if self.token.kind == "op" and self.token.text in _COMPARISONS:
            token = self.take()
            return n.Compared(token.start, token.text, self.expression(_COMPARISON))
        return None

    def path(self, left: n.Node, token: Token) -> n.Node:
        """``x.name``."""
        known = self.names.match(self.tokens, self.index)
        if known is not None:
            self.index += known[1]
            return n.Path(token.start, left, known[0])
        if self.token.kind != "name":
            raise self.fail("Expected a name after '.'")
        return n.Path(token.start, left, self.joined(self.take().text))

    def filter(self, left: n.Node, token: Token) -> n.Node:
        """``x[test]``."""
        test = self.compared() or self.expression()
        self.expect_op("]")
        return n.Filter(token.start, left, test)

    def call(self, left: n.Node, token: Token) -> n.Node:
        """``f(a, b)`` or ``f(x: a, y: b)``."""
        if self.take_op(")"):
            return n.Call(token.start, left, (), None)
        names: list[str] = []
        values: list[n.Node] = []
        while True:
            name = self.argument_name()
            if name is not None:
                names.append(name)
            if bool(names) != (len(names) == len(values) + 1):
                raise self.fail("Arguments are given either all by name or all by place")
            values.append(self.compared() or self.expression())
            if not self.take_op(","):
                break
        self.expect_op(")")
        return n.Call(token.start, left, tuple(values), tuple(names) if names else None)

    def argument_name(self) -> str | None:
        """The name before ``:``, when an argument is given by name."""
        end = self.index
        while self.tokens[end].kind in ("name", "number"):
            end += 1
        if end == self.index or self.tokens[end].text != ":" or self.tokens[end].kind != "op":
            return None
        name = " ".join(token.text for token in self.tokens[self.index : end])
        self.index = end + 1
        return name

    # -- operands -------------------------------------------------------------------------

    def operand(self) -> n.Node:
        """Read what may stand where a value is expected."""
        token = self.token
        if token.kind == "name":
            return self.word(token)
        if token.kind == "number":
            return n.Literal(self.take().start, _number(token))
        if token.kind == "string":
            return n.Literal(self.take().start, token.text)
        known = self.known_name()
        if known is not None:
            return known
        read = _OPENERS.get(token.text) if token.kind == "op" else None
        if read is None:
            raise self.fail("Expected a value")
        self.index += 1
        return read(self, token)

    def word(self, token: Token) -> n.Node:
        """A known name of several tokens, a keyword's expression, or a name of one word."""
        known = self.known_name()
        if known is not None:
            return known
        self.index += 1
        if token.text in _CONSTANTS:
            return n.Literal(token.start, _CONSTANTS[token.text])
        read = _WORDS.get(token.text)
        if read is not None:
            return read(self, token)
        if token.text in _KEYWORDS and not (token.text in BUILTINS and self.is_op("(")):
            self.index -= 1
            raise self.fail("Expected a value")
        if token.text in _KEYWORDS:
            return n.Name(token.start, token.text)
        return n.Name(token.start, self.joined(token.text))

    def joined(self, first: str) -> str:
        """A word with the words that follow: side by side they can only be one name.

        So a name with spaces is read even where nobody could say beforehand that it exists. A
        keyword in capitals is rather a slip of the pen, and ends the name.
        """
        words = [first]
        while self.token.kind == "name" and self.token.text.lower() not in _KEYWORDS:
            if self.names.match(self.tokens, self.index) is not None:
                break
            words.append(self.take().text)
        return " ".join(words)

    def known_name(self) -> n.Node | None:
        """The longest known name of several tokens that starts here."""
        token = self.token
        known = self.names.match(self.tokens, self.index)
        builtin = _BUILTIN_NAMES.match(self.tokens, self.index)
        is_longer = builtin is not None and (known is None or builtin[1] > known[1])
        # "date and time" is the function only where it is called.
        if builtin is not None and is_longer and self.is_op("(", builtin[1]):
            known = builtin
        if known is None:
            return None
        self.index += known[1]
        return n.Name(token.start, known[0])

    def negation(self, token: Token) -> n.Node:
        """``-x``."""
        return n.Negate(token.start, self.expression(_NEGATION, filters=self.filters))

    def at_literal(self, token: Token) -> n.Node:
        """``@"..."``."""
        if self.token.kind != "string":
            raise self.fail("Expected a string after '@'")
        return n.AtLiteral(token.start, self.take().text)

    def parenthesis(self, token: Token) -> n.Node:
        """``(x)``, ``(low..high)`` or ``(< 5)``."""
        node = self.compared() or self.expression()
        if self.take_op(".."):
            return self.range_end(token, False, node)
        self.expect_op(")")
        return node

    def bracket(self, token: Token) -> n.Node:
        """``[a, b]`` or ``[low..high]``."""
        if self.take_op("]"):
            return n.ListOf(token.start, ())
        items = [self.compared() or self.expression()]
        if self.take_op(".."):
            return self.range_end(token, True, items[0])
        while self.take_op(","):
            items.append(self.compared() or self.expression())
        self.expect_op("]")
        return n.ListOf(token.start, tuple(items))

    def open_range(self, token: Token) -> n.Node:
        """``]low..high[``."""
        low = self.expression()
        self.expect_op("..")
        return self.range_end(token, False, low)

    def range_end(self, token: Token, closed: bool, low: n.Node) -> n.Node:
        """The end of a range; a ``[`` that follows may close it or open a filter."""

        def read(filters: bool) -> n.Node:
            high = self.expression(filters=filters)
            end = self.expect_op("]", ")", "[")
            return n.RangeOf(token.start, closed, low, high, end.text == "]")

        return self.attempt(lambda: read(True)) or read(False)

    def context(self, token: Token) -> n.Node:
        """``{key: value}``; each entry's name is known from there on."""
        entries: list[tuple[str, n.Node]] = []
        if self.take_op("}"):
            return n.ContextOf(token.start, ())
        while True:
            key = self.key()
            self.expect_op(":")
            entries.append((key, self.compared() or self.expression()))
            self.names.add(key)
            if not self.take_op(","):
                break
        self.expect_op("}")
        return n.ContextOf(token.start, tuple(entries))

    def key(self) -> str:
        """The key of a context's entry: a string or a name of any tokens before ``:``."""
        if self.token.kind == "string":
            return self.take().text
        return self.declared_name(":", "}")

    # -- expressions that begin with a word -----------------------------------------------

    def condition(self, token: Token) -> n.Node:
        """``if a then b else c``."""
        test = self.expression()
        self.expect_word("then")
        then = self.expression()
        self.expect_word("else")
        return n.If(token.start, test, then, self.expression(filters=self.filters))

    def iteration(self, token: Token) -> n.Node:
        """``for x in a, y in b return c``."""
        iterators = self.iterators()
        self.expect_word("return")
        return n.For(token.start, iterators, self.expression(filters=self.filters))

    def quantified(self, token: Token) -> n.Node:
        """``some x in a satisfies b``."""
        iterators = self.iterators()
        self.expect_word("satisfies")
        body = self.expression(filters=self.filters)
        return n.Quantified(token.start, token.text == "every", iterators, body)

    def iterators(self) -> tuple[n.Iterator, ...]:
        """``x in a, y in b..c``."""
        found: list[n.Iterator] = []
        while True:
            name = self.declared_name("in")
            self.names.add(name)
            self.expect_word("in")
            domain = self.expression()
            end = self.expression() if self.take_op("..") else None
            found.append(n.Iterator(name, domain, end))
            if not self.take_op(","):
                return tuple(found)

    def function(self, token: Token) -> n.Node:
        """``function(a: number, b) body``."""
        self.expect_op("(")
        parameters: list[tuple[str, Type]] = []
        while not self.take_op(")"):
            name = self.declared_name(",", ":", ")")
            self.names.add(name)
            parameters.append((name, self.type() if self.take_op(":") else types.ANY))
            if not self.is_op(")"):
                self.expect_op(",")
        if self.is_word("external"):
            self.index += 1
            self.expression()
            return n.FunctionOf(token.start, tuple(parameters), None)
        return n.FunctionOf(token.start, tuple(parameters), self.expression(filters=self.filters))

    # -- unary tests ----------------------------------------------------------------------

    def unary_tests(self) -> n.Node:
        """``-``, ``not(test, test)`` or ``test, test``."""
        start = self.token.start
        if self.is_op("-") and self.tokens[self.index + 1].kind == "end":
            self.index += 1
            return n.Tests(start, (n.Anything(start),), False)
        if self.is_word("not") and self.is_op("(", 1):
            negated = self.attempt(self.negated_tests)
            if negated is not None:
                return negated
        return n.Tests(start, self.test_list(), False)

    def negated_tests(self) -> n.Node:
        """``not(test, test)`` as the whole cell."""
        start = self.take().start
        self.expect_op("(")
        tests = self.test_list()
        self.expect_op(")")
        self.expect_end()
        return n.Tests(start, tests, True)

    def test_list(self) -> tuple[n.Node, ...]:
        """Tests between commas."""
        tests = [self.compared() or self.expression()]
        while self.take_op(","):
            tests.append(self.compared() or self.expression())
        return tuple(tests)


def _number(token: Token) -> Decimal:
    try:
        return ARITHMETIC.create_decimal(token.text)
    except DecimalException as error:
        raise FeelSyntaxError("NUMBER", token.start, "The number is out of range") from error


_SPECIAL: dict[str, Callable[[Parser, n.Node, Token], n.Node]] = {
    "between": Parser.between,
    "instance": Parser.instance_of,
    "in": Parser.contained,
    ".": Parser.path,
    "[": Parser.filter,
    "(": Parser.call,
}
_OPENERS: dict[str, Callable[[Parser, Token], n.Node]] = {
    "-": Parser.negation,
    "@": Parser.at_literal,
    "(": Parser.parenthesis,
    "[": Parser.bracket,
    "]": Parser.open_range,
    "{": Parser.context,
}
_WORDS: dict[str, Callable[[Parser, Token], n.Node]] = {
    "if": Parser.condition,
    "for": Parser.iteration,
    "some": Parser.quantified,
    "every": Parser.quantified,
    "function": Parser.function,
}
_BUILTIN_NAMES = Names(BUILTINS)
