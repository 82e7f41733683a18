"""Tokens to a syntax tree: a Pratt parser of expressions and unary tests (DMN 1.5, 10.3.1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, DecimalException

from bpmn.feel import nodes as n
from bpmn.feel.builtins import BUILTINS
from bpmn.feel.errors import FeelSyntaxError
from bpmn.feel.lexer import Token
from bpmn.feel.limits import MAX_CHAIN
from bpmn.feel.names import Names
from bpmn.feel.numbers import ARITHMETIC
from bpmn.feel.parse_openers import OPENERS
from bpmn.feel.parse_operators import OPERATORS
from bpmn.feel.parse_words import WORDS
from bpmn.feel.powers import COMPARISON, POWERS
from bpmn.feel.type_parser import TypeParser
from bpmn.feel.types import Type

_KEYWORDS = frozenset(
    "if then else for in return some every satisfies between and or instance function external"
    " true false null".split()
)
_CONSTANTS = {"true": True, "false": False, "null": None}
_COMPARISONS = frozenset(("=", "!=", "<", "<=", ">", ">="))


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
        if token.kind not in ("op", "name") or POWERS.get(token.text, 0) <= power:
            return None
        if token.text == "[" and not self.filters:
            return None
        if token.kind == "name" and token.text not in _KEYWORDS:
            return None
        special = OPERATORS.get(token.text)
        self.index += 1
        if special is not None:
            return special(self, left, token)
        right = self.expression(POWERS[token.text], filters=self.filters)
        if token.text in ("and", "or"):
            return n.Logic(token.start, token.text, left, right)
        return n.Binary(token.start, token.text, left, right)

    def compared(self) -> n.Node | None:
        """``< 5`` without a left side, where it may stand."""
        if self.token.kind == "op" and self.token.text in _COMPARISONS:
            token = self.take()
            return n.Compared(token.start, token.text, self.expression(COMPARISON))
        return None

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
        read = OPENERS.get(token.text) if token.kind == "op" else None
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
        read = WORDS.get(token.text)
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


_BUILTIN_NAMES = Names(BUILTINS)
